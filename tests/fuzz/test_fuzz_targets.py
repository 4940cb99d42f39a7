"""The targets of `make fuzz`, tried for a moment: nothing but our own errors comes out, and a fault would be seen."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.__main__ import Fuzzed, main
from fuzz.targets import NAMES, Target, load

PIECES = st.binary(max_size=24) | st.sampled_from(
    [b"\x00", b'"', b"\n", b",", b"\xff\xfe", b"\xed\xa0\x80", b"9" * 30, b"-1", b"[" * 99, b"{}", b"null", b"1e999"]
)


def spoiled(seeds: list[bytes]) -> st.SearchStrategy[bytes]:
    """Samples in which one piece is replaced by another, and bytes of any kind."""

    def spoil(seed: bytes, start: int, length: int, piece: bytes) -> bytes:
        at = start % (len(seed) + 1)
        return seed[:at] + piece + seed[at + length :]

    changed = st.builds(spoil, st.sampled_from(seeds), st.integers(0, 4_000), st.integers(0, 40), PIECES)
    return changed | st.binary(max_size=200)


@pytest.fixture(params=NAMES, scope="module")
def target(request: pytest.FixtureRequest) -> Target:
    return load(request.param)


def test_the_atheris_run_fails_where_something_is_found() -> None:
    fine = Fuzzed("pages", 1, 9, 1, "")
    with patch("fuzz.__main__.fuzz", side_effect=[fine, fine._replace(told="Uncaught Python exception"), fine]):
        assert [main(["pages", "--seconds", "1"]) for _ in range(2)] == [0, 1]
    with patch("fuzz.__main__.fuzz", return_value=fine._replace(tried=0)):
        assert main(["pages"]) == 1


def test_the_samples_end_well(target: Target) -> None:
    seeds = list(target.seeds())
    assert len(set(seeds)) == len(seeds) >= 4
    for seed in seeds:
        target.one(seed)
    target.one(b"")


def test_spoiled_samples_end_in_nothing_but_our_own_errors(target: Target) -> None:
    @settings(max_examples=60)
    @given(spoiled(list(target.seeds())))
    def holds(data: bytes) -> None:
        target.one(data)

    holds()


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("pages", "fuzz.targets.pages.Codec.read"),
        ("bodies", "fuzz.targets.bodies.Body.add"),
        ("tables", "fuzz.targets.reading.CsvSource.fetch"),
        ("packages", "fuzz.targets.reading.validate"),
        ("settings", "fuzz.targets.settings.load"),
        ("headers", "fuzz.targets.headers.pace.http_date"),
        ("moments", "fuzz.targets.moments.cron_fault"),
    ],
)
def test_a_foreign_exception_is_a_finding(name: str, broken: str) -> None:
    chosen = load(name)

    def try_all() -> None:
        for seed in chosen.seeds():
            chosen.one(seed)

    with patch(broken, side_effect=UnicodeError), pytest.raises(UnicodeError):
        try_all()
