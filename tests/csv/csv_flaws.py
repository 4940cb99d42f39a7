"""A small good package of each version, and one that has a flaw for every rule that the validator knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from rostersync.sources.csv.layout import LAYOUTS, Version
from tests.csv.csv_packages import Mode, manifest_of

Files = dict[str, str | bytes]
Change = Callable[[Files], None]

_V1P1 = {
    "orgs": ["d,,,District,district,1,", "s,,,North High,school,2,d", "s2,,,South High,school,3,d"],
    "academicSessions": [
        "y,,,Year,schoolYear,2026-08-01,2027-07-01,,2027",
        "t,,,Fall,term,2026-08-01,2027-01-01,y,2027",
    ],
    "courses": ["k,,,y,Writing,W1,09,d,Writing,01104"],
    "classes": [
        'c,,,Writing A,"09,10",k,A,scheduled,1,s,"t,y",Writing,01104,1',
        "c2,,,Homeroom,09,k,B,homeroom,,s,y,,,",
    ],
    "users": [
        'u1,,,true,s,student,ann,"{LDAP:ann},{LTI:1}",Ann,Lee,,007,ann@x.example,,,p1,09,',
        "u2,,,true,s,teacher,bob,,Bob,Day,,,bob@x.example,,,,,",
        "p1,,,true,s,parent,pat,,Pat,Lee,,,pat@x.example,,,u1,,",
        "u3,,,true,s,teacher,eve,,Eve,Kay,,,eve@x.example,,,,,",
    ],
    "enrollments": [
        "e1,,,c,s,u1,student,,2026-08-15,2026-12-20",
        "e2,,,c,s,u2,teacher,true,,",
        "e3,,,c,s,u3,teacher,false,,",
    ],
    "demographics": ["u1,,,2010-04-01,female,false,true,,,,,,,,,"],
    "resources": ['r,,,book-1,Book,"student,teacher",primary,v,'],
    "classResources": ["cr,,,Book,c,r"],
}
_V1P2 = {
    **_V1P1,
    "users": [
        "u1,,,true,ann,{LDAP:ann},Ann,Lee,,007,ann@x.example,,,p1,09,,m1,,Annie,,,s,she",
        "u2,,,true,bob,,Bob,Day,,,bob@x.example,,,,,,,,,,,s,",
        "p1,,,true,pat,,Pat,Lee,,,pat@x.example,,,u1,,,,,,,,s,",
        "u3,,,true,eve,,Eve,Kay,,,eve@x.example,,,,,,,,,,,s,",
    ],
    "roles": [
        "r1,,,u1,primary,student,2026-08-01,2027-07-01,s,f1",
        "r2,,,u2,primary,teacher,,,s,",
        "r3,,,u2,secondary,aide,,,s,",
        "r4,,,p1,primary,parent,,,s,",
        "r5,,,u3,primary,ext:coach,,,s,",
    ],
    "userProfiles": ["f1,,,u1,LMS,v,,,sso,ann,"],
    "userResources": ["ur,,,u1,s,c,r"],
}


def good(version: Version) -> Files:
    """A package without a flaw; its users begin on line 2."""
    rows = _V1P2 if version == "1.2" else _V1P1
    files: Files = {}
    for name, lines in rows.items():
        header = ",".join(LAYOUTS[version][name].columns)
        files[f"{name}.csv"] = "\r\n".join([header, *lines]) + "\r\n"
    if version != "1.0":
        files["manifest.csv"] = manifest_of(version, dict.fromkeys(rows, "bulk"))
    return files


def delta(version: Version) -> Files:
    """The same as a delta: every row has a status and a date."""
    files = {name: _stamped(_text(text)) for name, text in good(version).items()}
    if "manifest.csv" in files:
        files["manifest.csv"] = _text(good(version)["manifest.csv"]).replace(",bulk", ",delta")
    return dict(files)


def _stamped(text: str) -> str:
    first, *rest = text.split("\r\n")
    return "\r\n".join([first, *(row.replace(",,,", f",active,{STAMP},", 1) for row in rest)])


STAMP = "2026-08-01T06:00:00.000Z"


def swap(file: str, old: str, new: str) -> Change:
    """Replace a piece of text that stands in a file."""

    def change(files: Files) -> None:
        text = _text(files[f"{file}.csv"])
        assert old in text, (file, old)
        files[f"{file}.csv"] = text.replace(old, new, 1)

    return change


def row(file: str, line: str) -> Change:
    """Add a row at the end of a file."""
    return lambda files: files.update({f"{file}.csv": _text(files[f"{file}.csv"]) + line + "\r\n"})


def raw(file: str, old: bytes, new: bytes) -> Change:
    """Replace bytes."""
    return lambda files: files.update({f"{file}.csv": _text(files[f"{file}.csv"]).encode().replace(old, new, 1)})


def drop(file: str) -> Change:
    """Take a file out, and leave the manifest as it is."""

    def change(files: Files) -> None:
        del files[f"{file}.csv"]

    return change


def both(*changes: Change) -> Change:
    """Several changes in one package."""

    def change(files: Files) -> None:
        for each in changes:
            each(files)

    return change


def mode(file: str, now: Mode, then: Mode) -> Change:
    """Change what the manifest says of a file."""
    return swap("manifest", f"file.{file},{now}", f"file.{file},{then}")


def _text(text: str | bytes) -> str:
    return text if isinstance(text, str) else text.decode()


class Planted(NamedTuple):
    """A flaw: the rule that names it, where it is to be found, and how to make it."""

    rule: str
    file: str
    line: int | None
    change: Change
    version: Version = "1.2"
    base: Callable[[Version], Files] = good


def _rename(old: str, new: str) -> Change:
    return lambda files: files.update({new: files.pop(old)})


PLANTED = [
    # the package and its manifest
    Planted("unknown-file", "notes.txt", None, lambda files: files.update({"notes.txt": "hello"})),
    Planted("file-name-case", "users.csv", None, _rename("users.csv", "Users.csv")),
    Planted("file-of-other-version", "roles.csv", None, lambda files: files.update({"roles.csv": "x"}), "1.1"),
    Planted("manifest-missing", "manifest.csv", None, drop("manifest"), "1.1"),
    Planted("manifest-header", "manifest.csv", 1, swap("manifest", "propertyName,value", "propertyname,Value")),
    Planted("manifest-unreadable", "manifest.csv", 1, swap("manifest", "propertyName,value", "name,value")),
    Planted("manifest-version", "manifest.csv", 2, swap("manifest", "manifest.version,1.0", "manifest.version,1.1")),
    Planted("oneroster-version", "manifest.csv", 3, swap("manifest", "oneroster.version,1.2", "oneroster.version,2.0")),
    Planted("manifest-property-unknown", "manifest.csv", 25, row("manifest", "file.parents,bulk")),
    Planted("manifest-property-twice", "manifest.csv", 25, row("manifest", "manifest.version,1.0")),
    Planted("manifest-property-missing", "manifest.csv", 1, swap("manifest", "file.results,absent\r\n", "")),
    Planted(
        "manifest-mode", "manifest.csv", 23, swap("manifest", "file.userResources,bulk", "file.userResources,full")
    ),
    Planted("file-missing", "manifest.csv", 6, drop("classResources")),
    Planted("file-not-listed", "manifest.csv", 16, mode("resources", "bulk", "absent")),
    Planted("mode-disagrees", "orgs.csv", 2, mode("orgs", "bulk", "delta")),
    Planted("mode-mixed", "orgs.csv", 5, row("orgs", "s3,,,East,school,,d"), "1.0", delta),
    # files and lines
    Planted("empty-file", "orgs.csv", 1, lambda files: files.update({"orgs.csv": ""})),
    Planted("no-rows", "userResources.csv", 1, swap("userResources", "ur,,,u1,s,c,r\r\n", "")),
    Planted("not-utf8", "orgs.csv", 3, raw("orgs", b"North", b"N\xf6rth")),
    Planted("not-utf8", "orgs.csv", 1, lambda files: files.update({"orgs.csv": "sourcedId".encode("utf-16")})),
    Planted("nul", "orgs.csv", 3, swap("orgs", "North", "No\0rth")),
    Planted("line-break", "orgs.csv", 3, swap("orgs", "North High", '"North\r\nHigh"')),
    Planted("line-break", "orgs.csv", 3, swap("orgs", "North", "No\rrth")),
    Planted("stray-quote", "orgs.csv", 3, swap("orgs", "North High", 'North "High"')),
    Planted("stray-quote", "orgs.csv", 3, swap("orgs", "North High", '"North" High')),
    Planted("unclosed-quote", "orgs.csv", 3, swap("orgs", "North High", '"North High')),
    Planted("too-few-cells", "orgs.csv", 3, swap("orgs", "school,2,d", "school,2")),
    Planted("too-many-cells", "orgs.csv", 3, swap("orgs", "North High", "North, High")),
    Planted("blank-line", "orgs.csv", 3, swap("orgs", "\r\ns,", "\r\n\r\ns,")),
    Planted("blank-line", "orgs.csv", 3, swap("orgs", "\r\ns,", "\r\n,,,,,,\r\ns,")),
    Planted("cut-off", "enrollments.csv", 4, swap("enrollments", "u3,teacher,false,,\r\n", "u3,tea")),
    Planted("line-too-long", "orgs.csv", 3, swap("orgs", "North", "N" * (2 << 20))),
    # headers
    Planted("header-missing", "orgs.csv", 1, swap("orgs", "name", "title")),
    Planted("header-twice", "orgs.csv", 1, swap("orgs", "identifier", "Name")),
    Planted("header-too-wide", "orgs.csv", 1, swap("orgs", "sourcedId", "," * 2000 + "sourcedId")),
    Planted("header-incomplete", "orgs.csv", 1, swap("orgs", ",identifier", ",number")),
    Planted("header-case", "orgs.csv", 1, swap("orgs", "identifier", "Identifier")),
    Planted("header-order", "orgs.csv", 1, swap("orgs", "identifier,parentSourcedId", "parentSourcedId,identifier")),
    Planted("header-unknown", "orgs.csv", 1, swap("orgs", ",identifier", ",number")),
    Planted("header-blank", "orgs.csv", 1, swap("orgs", ",identifier", ",")),
    Planted("header-metadata", "orgs.csv", 1, swap("orgs", "name,", "metadata.x,name,")),
    # values
    Planted("required-value", "orgs.csv", 3, swap("orgs", "North High", "")),
    Planted("required-value", "orgs.csv", 3, swap("orgs", "\r\ns,", "\r\n,")),
    Planted("whitespace", "orgs.csv", 3, swap("orgs", "North High", "North High ")),
    Planted("space-only", "orgs.csv", 3, swap("orgs", "school,2,d", "school, ,d")),
    Planted("control-character", "orgs.csv", 3, swap("orgs", "North High", "North\tHigh")),
    Planted("mojibake", "users.csv", 2, swap("users", "Annie", "Ann\u00c3\u00a9")),
    Planted("spreadsheet-number", "users.csv", 2, swap("users", ",007,", ",1.23457E+11,")),
    Planted("null-text", "users.csv", 2, swap("users", ",007,", ",NULL,")),
    Planted("unknown-value", "orgs.csv", 3, swap("orgs", ",school,2", ",academy,2")),
    Planted("unknown-value", "roles.csv", 6, swap("roles", "ext:coach", "ext coach")),
    Planted("unknown-value", "users.csv", 2, swap("users", ",student,", ",counselor,"), "1.1"),
    Planted("value-case", "orgs.csv", 3, swap("orgs", ",school,2", ",School,2")),
    Planted("bad-date", "academicSessions.csv", 3, swap("academicSessions", "2027-01-01", "01/01/2027")),
    Planted("bad-date", "academicSessions.csv", 3, swap("academicSessions", "2027-01-01", "2027-02-30")),
    Planted(
        "date-with-time", "academicSessions.csv", 3, swap("academicSessions", "2027-01-01", "2027-01-01T00:00:00Z")
    ),
    Planted("bad-datetime", "orgs.csv", 3, swap("orgs", f"s,active,{STAMP}", "s,active,yesterday"), base=delta),
    Planted("datetime-zone", "orgs.csv", 3, swap("orgs", f"s,active,{STAMP}", "s,active,2026-08-01"), base=delta),
    Planted("bad-boolean", "users.csv", 2, swap("users", ",true,", ",enabled,")),
    Planted("boolean-spelling", "users.csv", 2, swap("users", ",true,", ",TRUE,")),
    Planted("bad-year", "academicSessions.csv", 3, swap("academicSessions", "y,2027", "y,2026-27")),
    Planted("user-ids-form", "users.csv", 2, swap("users", "{LDAP:ann}", "ann")),
    Planted("bad-email", "users.csv", 2, swap("users", "ann@x.example", "ann at x.example")),
    Planted("password-sent", "users.csv", 2, swap("users", "p1,09,,", "p1,09,secret,")),
    Planted("grade-unknown", "users.csv", 2, swap("users", "p1,09,", "p1,9th,"), "1.1"),
    Planted("list-empty-item", "classes.csv", 2, swap("classes", '"09,10"', '"09,,10"')),
    Planted("list-item-twice", "classes.csv", 2, swap("classes", '"09,10"', '"09,09"')),
    Planted("list-space", "classes.csv", 2, swap("classes", '"09,10"', '"09, 10"')),
    Planted("subjects-uneven", "classes.csv", 2, swap("classes", "Writing,01104", 'Writing,"01104,2"')),
    Planted("id-characters", "orgs.csv", 5, row("orgs", "s 3,,,East,school,,d")),
    Planted("id-too-long", "orgs.csv", 5, row("orgs", "s" * 256 + ",,,East,school,,d")),
    Planted("duplicate-id", "orgs.csv", 5, row("orgs", "s,,,East,school,,d")),
    # bulk and delta
    Planted("unknown-status", "orgs.csv", 3, swap("orgs", "s,active", "s,deleted"), base=delta),
    Planted("inactive-status", "orgs.csv", 3, swap("orgs", "s,active", "s,inactive"), base=delta),
    Planted("status-in-bulk", "orgs.csv", 3, swap("orgs", "\r\ns,,,", "\r\ns,active,,")),
    Planted("date-in-bulk", "orgs.csv", 3, swap("orgs", "\r\ns,,,", f"\r\ns,,{STAMP},")),
    Planted("status-missing", "orgs.csv", 3, swap("orgs", "\r\ns,active,", "\r\ns,,"), base=delta),
    Planted("date-missing", "orgs.csv", 3, swap("orgs", f"\r\ns,active,{STAMP}", "\r\ns,active,"), base=delta),
    # references
    Planted("dangling-org", "classes.csv", 3, swap("classes", "homeroom,,s,", "homeroom,,s9,")),
    Planted("dangling-session", "classes.csv", 2, swap("classes", '"t,y"', '"t,t9"')),
    Planted("dangling-course", "classes.csv", 3, swap("classes", "09,k,B", "09,k9,B")),
    Planted("dangling-class", "enrollments.csv", 2, swap("enrollments", "e1,,,c,", "e1,,,c9,")),
    Planted("dangling-user", "enrollments.csv", 2, swap("enrollments", "u1,student", "u9,student")),
    Planted("dangling-user", "demographics.csv", 2, swap("demographics", "u1,", "u9,")),
    Planted("dangling-resource", "classResources.csv", 2, swap("classResources", "c,r", "c,r9")),
    Planted("dangling-profile", "roles.csv", 2, swap("roles", "s,f1", "s,f9")),
    Planted("file-referred-to", "classes.csv", 2, both(drop("courses"), mode("courses", "bulk", "absent"))),
    # sense
    Planted("dates-reversed", "enrollments.csv", 2, swap("enrollments", "2026-12-20", "2026-08-15")),
    Planted("dates-reversed", "academicSessions.csv", 3, swap("academicSessions", "2027-01-01", "2026-07-01")),
    Planted("year-mismatch", "academicSessions.csv", 3, swap("academicSessions", "y,2027", "y,2021")),
    Planted("parent-loop", "orgs.csv", 2, swap("orgs", "district,1,", "district,1,s")),
    Planted("session-outside-parent", "academicSessions.csv", 3, swap("academicSessions", "2027-01-01", "2027-08-01")),
    Planted("not-a-school", "classes.csv", 3, swap("classes", "homeroom,,s,", "homeroom,,d,")),
    Planted("enrollment-school", "enrollments.csv", 3, swap("enrollments", "e2,,,c,s,", "e2,,,c,s2,")),
    Planted("enrollment-twice", "enrollments.csv", 5, row("enrollments", "e4,,,c,s,u3,teacher,false,,")),
    Planted("two-primary-teachers", "enrollments.csv", 4, swap("enrollments", "false", "true")),
    Planted("primary-not-teacher", "enrollments.csv", 2, swap("enrollments", "student,,", "student,true,")),
    Planted("agent-self", "users.csv", 2, swap("users", "p1,09", "u1,09")),
    Planted("agent-not-family", "users.csv", 2, swap("users", "p1,09", "u2,09")),
    Planted("agent-not-family", "users.csv", 2, swap("users", "p1,09", "u2,09"), "1.1"),
    Planted("user-without-role", "users.csv", 5, swap("roles", "r5,,,u3,", "r5,,,u2,")),
    Planted("two-primary-roles", "roles.csv", 4, swap("roles", "secondary,aide", "primary,aide")),
    Planted("no-primary-role", "roles.csv", 6, swap("roles", "u3,primary", "u3,secondary")),
    Planted("username-taken", "users.csv", 5, swap("users", "eve,", "Bob,")),
    Planted("email-taken", "users.csv", 5, swap("users", "eve@x", "Bob@x"), "1.1"),
]
"""Every planted flaw; `line` is where the header is line 1."""
