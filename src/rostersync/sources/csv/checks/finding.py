"""What the validator has to say, and the catalogue of the rules that it knows."""

from __future__ import annotations

from typing import NamedTuple

from rostersync.model.codes import Code, Severity

LONGEST_VALUE = 120


class Finding(NamedTuple):
    """One flaw: the code of contract §5 that it comes under, its own short name (`rule`), where it is, what to do."""

    code: str
    rule: str
    severity: Severity
    file: str | None
    line: int | None
    column: str | None
    value: str | None
    message: str
    remedy: str


class Rule(NamedTuple):
    """A kind of flaw in a row: its code, how grave it is, and what to do."""

    code: Code
    severity: Severity
    remedy: str


_E, _W = Severity.ERROR, Severity.WARNING
_BAD, _GONE, _TWICE = Code.DATA_REJECTED, Code.DATA_DANGLING, Code.DATA_DUPLICATE
_REF = "Export the record that is meant as well, or mend the reference."
_DATES = "Write dates as YYYY-MM-DD."
_TIMES = "Write dateTimes in UTC, as in 2026-08-15T06:00:00.000Z."
_LIST = 'Write lists with commas alone, in quotes where there is more than one item: "09,10".'

RULES: dict[str, Rule] = {
    # lines
    "not-utf8": Rule(_BAD, _E, "Have the file exported as UTF-8."),
    "nul": Rule(_BAD, _E, "Take the NUL character out at the source."),
    "line-break": Rule(_BAD, _E, "Take the line break out of the value at the source."),
    "stray-quote": Rule(_BAD, _E, 'Put the value in quotes and double the quotes in it: "a ""b"" c".'),
    "unclosed-quote": Rule(_BAD, _E, "Close the quotes, and double the quotes inside of values."),
    "too-few-cells": Rule(_BAD, _E, "Write every column in every row, also the empty ones."),
    "too-many-cells": Rule(_BAD, _E, "Put values that hold a comma in quotes."),
    "blank-line": Rule(_BAD, _W, "Take the empty line out."),
    "no-rows": Rule(Code.SRC_INCOMPLETE, _E, "Leave the file out, and say absent in the manifest."),
    # values
    "required-value": Rule(_BAD, _E, "Fill the value in at the source."),
    "whitespace": Rule(_BAD, _W, "Take the space around the value out: to the standard it is part of it."),
    "space-only": Rule(_BAD, _W, "Leave the cell empty: a space is a value."),
    "control-character": Rule(_BAD, _W, "Take the control character out at the source."),
    "mojibake": Rule(_BAD, _W, "The text was decoded wrongly before it came here: export it again, as UTF-8."),
    "spreadsheet-number": Rule(_BAD, _W, "A spreadsheet has changed the number: export it again without opening it."),
    "null-text": Rule(_BAD, _W, "Leave the cell empty where there is no value."),
    "unknown-value": Rule(_BAD, _E, "Use one of the standard's values."),
    "value-case": Rule(_BAD, _W, "Write the value as the standard does: case matters."),
    "bad-date": Rule(_BAD, _E, _DATES),
    "date-with-time": Rule(_BAD, _W, _DATES),
    "bad-datetime": Rule(_BAD, _E, _TIMES),
    "datetime-zone": Rule(_BAD, _W, _TIMES),
    "bad-boolean": Rule(_BAD, _E, "Write true or false."),
    "boolean-spelling": Rule(_BAD, _W, "Write true or false, in lower case."),
    "bad-year": Rule(_BAD, _E, "Write the year in which the school year ends, with four digits."),
    "user-ids-form": Rule(_BAD, _E, 'Write userIds as {type:identifier}, as in "{LDAP:ann},{LTI:7}".'),
    "bad-email": Rule(_BAD, _W, "Write one email address, or leave the cell empty."),
    "password-sent": Rule(_BAD, _W, "Leave passwords out of the export; rostersync never reads them."),
    "grade-unknown": Rule(_BAD, _W, "Use the CEDS codes: IT PR PK TK KG 01 … 13 PS UG Other."),
    "list-empty-item": Rule(_BAD, _E, _LIST),
    "list-item-twice": Rule(_BAD, _W, "Name each item once."),
    "list-space": Rule(_BAD, _W, _LIST),
    "subjects-uneven": Rule(_BAD, _E, "Write as many subjectCodes as subjects: they are paired by position."),
    "id-characters": Rule(_BAD, _E, "Use letters, digits and . - _ / @ in sourcedIds."),
    "id-too-long": Rule(_BAD, _E, "Keep sourcedIds shorter than 256 characters."),
    "duplicate-id": Rule(_TWICE, _E, "Give every record of a file a sourcedId of its own."),
    # bulk and delta
    "unknown-status": Rule(Code.DATA_UNKNOWN_STATUS, _E, "Write active or tobedeleted, or nothing in a bulk file."),
    "inactive-status": Rule(Code.DATA_UNKNOWN_STATUS, _W, "Write tobedeleted: inactive went out with OneRoster 1.0."),
    "status-in-bulk": Rule(Code.SRC_MANIFEST_MISMATCH, _E, "Leave status empty in a bulk file, or call it a delta."),
    "date-in-bulk": Rule(Code.SRC_MANIFEST_MISMATCH, _W, "Leave dateLastModified empty in a bulk file."),
    "status-missing": Rule(Code.SRC_MANIFEST_MISMATCH, _E, "Every row of a delta has a status."),
    "date-missing": Rule(Code.SRC_MANIFEST_MISMATCH, _E, "Every row of a delta has a dateLastModified."),
    # references
    "dangling-org": Rule(_GONE, _E, _REF),
    "dangling-session": Rule(_GONE, _E, _REF),
    "dangling-course": Rule(_GONE, _E, _REF),
    "dangling-class": Rule(_GONE, _E, _REF),
    "dangling-user": Rule(_GONE, _E, _REF),
    "dangling-resource": Rule(_GONE, _E, _REF),
    "dangling-profile": Rule(_GONE, _E, _REF),
    "file-referred-to": Rule(_GONE, _E, "Export that file as well: in a bulk package every reference leads somewhere."),
    # sense
    "dates-reversed": Rule(_BAD, _E, "Let the end come after the beginning; the end is the first day after."),
    "year-mismatch": Rule(_BAD, _W, "schoolYear is the year in which the school year ends."),
    "parent-loop": Rule(_GONE, _E, "Mend the parents: following them must come to an end."),
    "session-outside-parent": Rule(_BAD, _W, "Let the session lie within its parent, or mend the parent."),
    "not-a-school": Rule(_GONE, _W, "Classes and enrollments belong to an org of type school."),
    "enrollment-school": Rule(_GONE, _W, "Let the enrollment name the school of its class."),
    "enrollment-twice": Rule(_TWICE, _W, "Send one enrollment for a user's time in a class."),
    "two-primary-teachers": Rule(_TWICE, _E, "Let one teacher of a class at most be primary."),
    "primary-not-teacher": Rule(_BAD, _W, "primary is for teachers alone."),
    "agent-self": Rule(_GONE, _E, "Take the user out of their own agents."),
    "agent-not-family": Rule(_GONE, _W, "Agents of a student are parents, guardians or relatives."),
    "user-without-role": Rule(_BAD, _E, "Give the user a row in roles.csv."),
    "two-primary-roles": Rule(_TWICE, _E, "One role of a user in an org is primary, the others are secondary."),
    "no-primary-role": Rule(_BAD, _W, "One role of a user in an org is primary."),
    "username-taken": Rule(_TWICE, _W, "Give every user a username of their own."),
    "email-taken": Rule(Code.USER_EMAIL_TAKEN, _W, "Give every user of one role an email of their own."),
}


class Flaw(NamedTuple):
    """A rule that a row breaks: in which column, with which value, and how."""

    rule: str
    column: str | None
    value: str
    message: str


def finding(flaw: Flaw, file: str, line: int) -> Finding:
    """A flaw as a finding, its value cut to what can be shown."""
    rule = RULES[flaw.rule]
    value = flaw.value if len(flaw.value) <= LONGEST_VALUE else f"{flaw.value[:LONGEST_VALUE]}…"
    return Finding(str(rule.code), flaw.rule, rule.severity, file, line, flaw.column, value, flaw.message, rule.remedy)
