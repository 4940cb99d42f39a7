"""What is told of a service's own words: never what it was sent."""

from __future__ import annotations

import pytest

from rostersync.directories.microsoft_refusals import no_token
from rostersync.directories.web import named, said

SECRET = "a_secret_of_small_letters"
SIGNATURE = "Zm9vYmFyYmF6-_" * 20


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (f"bad assertion {SIGNATURE}!", "bad assertion …!"),
        (f"eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.{SIGNATURE}", "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.…"),
        (f"the secret {SECRET} is wrong", "the secret … is wrong"),
        ("Enable it at https://console.developers.google.com/apis/api/admin.googleapis.com/overview?project=1", None),
        ("two\nlines\x1b[1m", "two lines[1m"),
    ],
)
def test_proofs_and_secrets_are_taken_out_of_what_a_service_said(words: str, told: str | None) -> None:
    assert said(words, SECRET) == (words if told is None else told)


def test_an_error_that_nobody_knows_is_not_repeated() -> None:
    assert named("invalid_grant") == "invalid_grant"
    assert [named(odd) for odd in (SECRET, None, 7, ["invalid_grant"], {"x": SECRET})] == [""] * 5
    assert SECRET not in no_token(SECRET, f"{SECRET} AADSTS7000215 {SECRET}").message
