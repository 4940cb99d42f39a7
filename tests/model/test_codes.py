"""The catalogue of codes (contract §5)."""

from __future__ import annotations

import re

import pytest

from rostersync.model.codes import CATALOGUE, Code, Severity
from rostersync.model.diagnostic import Diagnostic

# Contract §5, letter for letter but for the words between.
NUMBERS = {
    "CFG": "EEEEEEE",
    "AUTH": "EEEE",
    "NET": "EEEWE",
    "SRC": "EEEIEEEWI",
    "DATA": "WWWW",
    "SCHOOL": "WEW",
    "USER": "WWWW",
    "CLASS": "WW",
    "LIMIT": "EEE",
    "STORE": "EEEE",
    "DIR": "EEE",
    "OUT": "E",
    "SCHED": "E",
}
LETTERS = {"E": Severity.ERROR, "W": Severity.WARNING, "I": Severity.INFO}
CONTRACT = [
    (f"RS-{area}-{number:03}", LETTERS[letter])
    for area, letters in NUMBERS.items()
    for number, letter in enumerate(letters, 1)
]


def test_the_codes_and_their_severities_are_those_of_the_contract() -> None:
    assert [(code.value, code.severity) for code in Code] == CONTRACT


def test_the_catalogue_has_every_code_in_the_order_of_the_contract() -> None:
    assert list(CATALOGUE) == list(Code)


@pytest.mark.parametrize("code", Code)
def test_an_entry_speaks_in_whole_sentences(code: Code) -> None:
    entry = CATALOGUE[code]
    assert entry.severity is code.severity
    assert re.fullmatch(r"[A-Z][^.]{5,60}", entry.title)
    for text in (entry.meaning, entry.cause, entry.remedy):
        assert re.fullmatch(r"[A-Za-z].{20,}\.|[A-Z].{20,}\)\.", text)
        assert "  " not in text


def test_no_two_codes_say_the_same() -> None:
    assert len({entry.title for entry in CATALOGUE.values()}) == len(Code)
    assert len({entry.meaning for entry in CATALOGUE.values()}) == len(Code)


def test_a_code_is_its_text_so_that_errors_and_documents_can_carry_it() -> None:
    assert Code("RS-SRC-002") is Code.SRC_INCOMPLETE
    assert f"{Code.SRC_INCOMPLETE}" == "RS-SRC-002"


@pytest.mark.parametrize(
    ("code", "severity"),
    [
        (Code.SCHOOL_HELD, Severity.ERROR),
        (Code.DATA_REJECTED, Severity.WARNING),
        (Code.SRC_FILTER_IGNORED, Severity.INFO),
    ],
)
def test_a_diagnostic_is_as_grave_as_its_code(code: Code, severity: Severity) -> None:
    assert Diagnostic(code, "What happened.").severity is severity
