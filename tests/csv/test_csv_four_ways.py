"""One district over REST 1.1, REST 1.2, csv 1.1 and csv 1.2 gives the same roster."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec
import pytest

from rostersync.demo import District, make_district, serve
from rostersync.model.kind import Kind
from rostersync.model.snapshot import Entry, User
from rostersync.sources.rest import NoAuth, RestSettings, RestSource
from tests.csv.csv_packages import files_of, tables_of, to_folder, to_zip
from tests.csv.csv_reading import NOW, Reading, Snapshot, merged, read, read_package, roster_of

OldOrNew = Literal["1.1", "1.2"]


def over_rest(district: District, version: OldOrNew) -> Reading:
    with serve(district, auth=("none",)) as server:
        settings = RestSettings(version=version, url=server.base(version), auth=NoAuth(), allow_http=True)
        return read(RestSource(settings, clock=lambda: NOW))


def plain(students: int) -> District:
    """A district of which both versions say the same: one role for each person, and roles that both know."""
    district = make_district(students)
    for user in district.users.values():
        (role, *_) = user["roles"]
        if role["role"] not in {"student", "teacher", "parent", "guardian", "relative"}:
            role["role"] = "aide"
        user["roles"] = [each for each in user["roles"] if each["role"] == role["role"]]
    return district


def without_role_ids(snapshot: Snapshot) -> Snapshot:
    """The users as they come over REST, where roles have no sourcedId."""

    def plain(entry: Entry) -> Entry:
        if not isinstance(entry.record, User):
            return entry
        roles = tuple(msgspec.structs.replace(role, sourced_id=None) for role in entry.record.roles)
        return entry._replace(record=msgspec.structs.replace(entry.record, roles=roles))

    return {**snapshot, Kind.USERS: [plain(entry) for entry in snapshot[Kind.USERS]]}


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_a_district_with_all_its_flaws_is_the_same_as_csv_and_over_rest(version: OldOrNew, tmp_path: Path) -> None:
    district = make_district(60)
    rest = merged(over_rest(district, version))
    stamped = tables_of(district, version, stamped=True)
    as_delta = files_of(stamped, version, dict.fromkeys(stamped, "delta"))
    assert without_role_ids(merged(read_package(to_folder(tmp_path / "delta", as_delta)))) == rest
    bulk = read_package(to_zip(tmp_path / "bulk.zip", files_of(tables_of(district, version), version)))
    assert roster_of(merged(bulk)) == roster_of(rest)


def test_a_district_that_both_versions_can_tell_is_the_same_by_all_four_ways(tmp_path: Path) -> None:
    district = plain(60)
    rosters = [
        *(roster_of(merged(over_rest(district, version))) for version in ("1.1", "1.2")),
        *(
            roster_of(
                merged(
                    read_package(to_zip(tmp_path / f"{version}.zip", files_of(tables_of(district, version), version)))
                )
            )
            for version in ("1.1", "1.2")
        ),
    ]
    assert len(rosters[0]) > 500
    assert all(roster == rosters[0] for roster in rosters)
