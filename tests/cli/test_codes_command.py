"""`codes`: the catalogue on the command line."""

from __future__ import annotations

import pytest
from inline_snapshot import snapshot

from rostersync.model.codes import CATALOGUE
from tests.cli.world import World
from tests.cli.worlds import offline

__all__ = ["offline"]


def test_a_code_is_explained(offline: World) -> None:
    assert offline("codes", "RS-LIMIT-001").golden == snapshot("""\
exit 0
RS-LIMIT-001  error  Too many removals
  The plan would remove more users, classes or enrollments than
  limits.removals_percent or limits.removals allow. Nothing was applied.
  Cause: A failed or partial export, a changed filter or school selection, or a
  real change such as the end of a year.
  What to do: Read the plan with `rostersync preview NAME`. If it is right,
  `rostersync run NAME --approve HASH` applies exactly that plan.
""")


@pytest.mark.parametrize("written", ["rs-limit-001", "LIMIT-001", " limit-001 "])
def test_a_code_is_found_however_it_is_written(offline: World, written: str) -> None:
    assert offline("codes", written).out == offline("codes", "RS-LIMIT-001").out


def test_all_codes_are_there_with_meaning_cause_and_remedy(offline: World) -> None:
    answer = offline("codes")
    words = " ".join(answer.out.split())
    assert answer.code == 0
    for code, entry in CATALOGUE.items():
        assert f"{code.value} {entry.severity.value} {entry.title} {entry.meaning}" in words
        assert f"Cause: {entry.cause} What to do: {entry.remedy}" in words


def test_the_document_is_the_catalogue(offline: World) -> None:
    document = offline("codes", "--json").document
    assert (document["schema"], document["message"]) == ("rostersync/codes/1", f"{len(CATALOGUE)} codes")
    assert [row["code"] for row in document["codes"]] == [code.value for code in CATALOGUE]
    assert offline("codes", "auth-002", "--json").document == snapshot(
        {
            "schema": "rostersync/codes/1",
            "message": "RS-AUTH-002: The token's reply is not understood",
            "codes": [
                {
                    "code": "RS-AUTH-002",
                    "severity": "error",
                    "title": "The token's reply is not understood",
                    "meaning": "The token endpoint answered, but not with a JSON object that has an access_token.",
                    "cause": "token_url points to a web page or a login form, or a proxy answered in the server's place.",  # noqa: E501 - a line of the golden
                    "remedy": "Correct source.auth.token_url; the vendor's OneRoster page names it. It is seldom the OneRoster URL itself.",  # noqa: E501 - a line of the golden
                }
            ],
        }
    )


@pytest.mark.parametrize(
    ("written", "meant"), [("RS-CFG-0001", "RS-CFG-001"), ("limits-001", "RS-LIMIT-001"), ("xyz", None)]
)
def test_an_unknown_code_is_a_usage_error_with_the_nearest_one(offline: World, written: str, meant: str | None) -> None:
    answer = offline("codes", written, "--json")
    assert (answer.code, answer.document["code"]) == (2, "RS-CFG-007")
    said = answer.document["message"]
    assert said == (f'no code "{written}", did you mean "{meant}"?' if meant else f'no code "{written}"')


def test_no_configuration_is_needed(offline: World) -> None:
    offline.config.unlink()
    assert offline("codes", "cfg-001").code == 0
