"""Packages made by code: any table as CSV, and a sample district as OneRoster 1.1 or 1.2."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from rostersync.demo.district import District, Record
from rostersync.demo.wire import Wire1p1
from rostersync.sources.csv.layout import LAYOUTS, Version, file_names

Mode = Literal["bulk", "delta", "absent"]
Tables = dict[str, list[dict[str, str]]]

LISTS = frozenset({"grades", "subjects", "subjectCodes", "periods", "roles"})
REFERENCES = {
    "orgs": {"parent": "parentSourcedId"},
    "academicSessions": {"parent": "parentSourcedId"},
    "courses": {"schoolYear": "schoolYearSourcedId", "org": "orgSourcedId"},
    "classes": {"course": "courseSourcedId", "school": "schoolSourcedId", "terms": "termSourcedIds"},
    "enrollments": {"class": "classSourcedId", "school": "schoolSourcedId", "user": "userSourcedId"},
    "users": {"orgs": "orgSourcedIds", "agents": "agentSourcedIds", "primaryOrg": "primaryOrgSourcedId"},
}
PREFERRED = {"preferredFirstName": "preferredGivenName", "preferredLastName": "preferredFamilyName"}


def tables_of(district: District, version: Version, *, stamped: bool = False) -> Tables:
    """A district's records as the rows of a package; a bulk one has neither status nor dateLastModified."""
    tables: Tables = {}
    for name in ("orgs", "academicSessions", "courses", "classes", "users", "enrollments"):
        records = [
            part for record in district.collection(name).values() for part in _parts(district, name, record, version)
        ]
        tables[name] = [_row(name, record, stamped=stamped) for record in records]
    if version == "1.2":
        tables["roles"] = [row for user in district.users.values() for row in _roles(user, stamped=stamped)]
    return tables


def _parts(district: District, name: str, record: Record, version: Version) -> Iterable[dict[str, Any]]:
    if name != "users" or version == "1.2":
        return [dict(record)]
    old = Wire1p1(district.users, "")
    parts = []
    for part in old.people(record):
        wire = dict(part)
        old.render_user(wire)
        parts.append(wire)
    return parts


def _row(name: str, record: Mapping[str, Any], *, stamped: bool) -> dict[str, str]:
    row: dict[str, str] = {}
    for field, value in record.items():
        column = REFERENCES.get(name, {}).get(field) or PREFERRED.get(field, field)
        if field == "userIds" or (name == "users" and field == "roles"):
            continue
        row[column] = ",".join(value) if isinstance(value, list) else str(value)
    if not stamped:
        row["status"] = row["dateLastModified"] = ""
    return row


def _roles(user: Record, *, stamped: bool) -> Iterable[dict[str, str]]:
    for number, role in enumerate(user.get("roles") or []):
        yield {
            "sourcedId": f"{user['sourcedId']}-r{number}",
            "status": "active" if stamped else "",
            "dateLastModified": user["dateLastModified"] if stamped else "",
            "userSourcedId": user["sourcedId"],
            "roleType": role.get("roleType", "primary"),
            "role": role["role"],
            "orgSourcedId": role.get("org", ""),
        }


def text_of(columns: Iterable[str], rows: Iterable[Mapping[str, str]]) -> str:
    """Rows as CSV under a header."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(columns), restval="", extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def manifest_of(version: Version, modes: Mapping[str, Mode]) -> str:
    """A manifest that says `absent` of every file that is not named."""
    lines = ["propertyName,value", "manifest.version,1.0", f"oneroster.version,{version}"]
    lines += [f"file.{name},{modes.get(name, 'absent')}" for name in file_names(version)]
    return "\r\n".join(lines) + "\r\n"


def files_of(tables: Tables, version: Version, modes: Mapping[str, Mode] | None = None) -> dict[str, str]:
    """The texts of a package's files by name; all are bulk unless told otherwise, and 1.0 has no manifest."""
    files = {f"{name}.csv": text_of(LAYOUTS[version][name].columns, rows) for name, rows in tables.items()}
    if version != "1.0":
        said: dict[str, Mode] = dict.fromkeys(tables, "bulk")
        files["manifest.csv"] = manifest_of(version, said | dict(modes or {}))
    return files


def to_folder(path: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files into a folder."""
    path.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def to_zip(path: Path, files: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    """Write files into a zip."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path
