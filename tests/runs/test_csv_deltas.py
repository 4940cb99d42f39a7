"""Packages of what has changed, day by day, give the roster that a whole package gives (rule 11)."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rostersync.demo import District, make_district, next_day
from rostersync.demo.district import stamp
from rostersync.sources.csv.layout import Version
from tests.runs.csv_site import LOOSE, Drop, bulk, delta, drop, live_tables
from tests.runs.demo_site import codes, is_empty

ROLES = ("aide", "proctor", "counselor", "teacher")
FEW = settings(max_examples=max(settings().max_examples // 25, 2))


def change_roles(district: District, rng: random.Random, now: Any) -> None:  # noqa: ANN401 - a datetime
    """Give, change and take roles, with and without a change of the user's own record."""
    schools = [org["sourcedId"] for org in district.orgs.values() if org["type"] == "school"]
    users = sorted(district.users)
    for user in rng.sample(users, 6):
        record = district.users[user]
        roles = [dict(role) for role in record["roles"]]
        act = rng.choice(("add", "change", "take"))
        if act == "add" or len(roles) == 1:
            roles.append({"roleType": "secondary", "role": rng.choice(ROLES), "org": rng.choice(schools)})
        elif act == "change":
            rng.choice(roles)["org"] = rng.choice(schools)
        else:
            roles.pop(rng.randrange(len(roles)))
        if rng.random() < 0.5:
            district.touch("users", user, now, roles=roles, middleName=rng.choice("ABC"))
        else:
            record["roles"] = roles  # only roles.csv changes


@FEW
@given(seed=st.integers(0, 10_000), version=st.sampled_from(["1.1", "1.2"]))
def test_deltas_of_several_days_equal_a_bulk_package(
    seed: int, version: Version, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rng = random.Random(seed)  # noqa: S311 - a test's dice
    district = make_district(students=30, seed=seed)
    folder = tmp_path_factory.mktemp("days")
    sync = {"parents": True, "respect_enrollment_dates": rng.random() < 0.5}
    some = rng.choice((0, 0, 0.4))  # how many of the files are bulk all the same
    tables = live_tables(district, version)
    changed = drop(folder / "changed", bulk(tables, version), limits=LOOSE, sync=sync)
    whole = drop(folder / "whole", bulk(tables, version), limits=LOOSE, sync=sync)
    assert changed.run(code=None)["mode"] == whole.run(code=None)["mode"] == "full"
    for _ in range(4):
        now = changed.clock.now + timedelta(days=1)
        changed.clock.now = whole.clock.now = now
        next_day(district, rng.randrange(1000), now)
        change_roles(district, rng, now)
        earlier, tables = tables, live_tables(district, version)
        files = delta(earlier, tables, version, [name for name in tables if rng.random() < some])
        changed.put(files)
        whole.put(bulk(tables, version))
        ran, again = changed.run(code=None), whole.run(code=None)
        said = files["manifest.csv"].replace("file.roles,delta", "")  # roles.csv counts with users.csv
        assert (ran["mode"], again["mode"]) in {("delta" if ",delta" in said else "full", "full"), ("delta", "full")}
        assert changed.roster() == whole.roster()
        assert ran["counts"] == again["counts"]
        assert ran["changes"] == again["changes"]
        assert codes(ran) == codes(again)


def days(folder: Path, version: Version = "1.2") -> tuple[Drop, District]:
    """An integration that has run on a whole package."""
    district = make_district(students=30)
    main = drop(folder, bulk(live_tables(district, version), version), limits=LOOSE)
    assert main.run()["mode"] == "full"
    return main, district


def test_a_teacher_becomes_an_aide_by_roles_alone(tmp_path: Path) -> None:
    main, district = days(tmp_path)
    before = live_tables(district, "1.2")
    user = next(key for key, each in district.users.items() if each["roles"][0]["role"] == "teacher")
    district.users[user]["roles"][0]["role"] = "aide"
    files = delta(before, live_tables(district, "1.2"), "1.2")
    assert set(files) == {"manifest.csv", "roles.csv"}
    main.put(files)
    assert main.preview()["mode"] == "delta"
    run = main.run()
    assert (run["mode"], run["changes"]["users"]) == ("delta", {"create": 0, "update": 1, "remove": 0})
    row = main.row("users", user)
    assert row is not None
    assert row["role"] == "staff"


def test_a_new_user_comes_with_a_delta_of_users_and_roles(tmp_path: Path) -> None:
    main, district = days(tmp_path)
    before = live_tables(district, "1.2")
    model = next(each for each in district.users.values() if each["roles"][0]["role"] == "teacher")
    fields = {**model, "sourcedId": "new-1", "username": "new", "email": "new@x.example", "identifier": "n1"}
    district.add("users", "new-1", stamp(main.clock.now), **{k: v for k, v in fields.items() if k not in _OWN})
    files = delta(before, live_tables(district, "1.2"), "1.2")
    assert set(files) == {"manifest.csv", "roles.csv", "users.csv"}
    main.put(files)
    run = main.run()
    assert run["changes"]["users"] == {"create": 1, "update": 0, "remove": 0}
    assert main.row("users", "new-1")["role"] == "teacher"  # type: ignore[index]


_OWN = {"sourcedId", "status", "dateLastModified"}


def test_an_empty_package_changes_nothing_and_is_a_run(tmp_path: Path) -> None:
    main, district = days(tmp_path)
    tables = live_tables(district, "1.2")
    before = main.roster()
    main.put(delta(tables, tables, "1.2"))
    main.clock.advance(days=1)
    run = main.run()
    assert (run["status"], is_empty(run["changes"]), main.roster()) == ("success", True, before)
    assert main.status()["last_sync_at"] == "2026-10-21T18:00:00.000Z"


@pytest.mark.parametrize("kind", ["orgs", "users", "classes", "enrollments"])
def test_what_is_needed_and_has_never_come_fails_clearly(kind: str, tmp_path: Path) -> None:
    tables = live_tables(make_district(students=30), "1.1")
    del tables[kind]
    main = drop(tmp_path, bulk(tables, "1.1"))
    run = main.run(code=1)
    assert (run["status"], run["error"]["code"]) == ("failed", "RS-SRC-002")
    assert f"no {kind} are known" in run["error"]["message"]
    assert main.status()["last_sync_at"] is None


def test_what_is_known_may_be_absent(tmp_path: Path) -> None:
    main, district = days(tmp_path)
    before = main.roster()
    tables = live_tables(district, "1.2")
    main.put(bulk({"orgs": tables["orgs"]}, "1.2"))
    run = main.run()
    assert (run["mode"], run["status"], main.roster()) == ("full", "success", before)


def test_options_of_fetches_change_nothing_of_a_package(tmp_path: Path) -> None:
    main, district = days(tmp_path)
    before = live_tables(district, "1.2")
    next_day(district, 5, main.clock.advance(days=10))
    main.put(delta(before, live_tables(district, "1.2"), "1.2"))
    assert main.preview("--full")["mode"] == "delta"
    assert main.cli("reset", "main", "--yes").code == 0
    assert main.status()["last_sync_at"] is None
    main.configure(sync={"mode": "full", "full_every": "1d"}, limits=LOOSE)
    first = main.preview()
    assert first["mode"] == "delta"
    assert main.run("--full")["plan_hash"] == first["plan_hash"]


def orgs(main: Drop) -> dict[str, bool]:
    code, document = main.json("schools", "list", "main")
    assert code == 0, document
    return {org["sourced_id"]: org["selected"] for org in document["orgs"]}


def test_schools_are_those_that_are_known_where_a_package_does_not_tell_them_all(tmp_path: Path) -> None:
    main, district = days(tmp_path)
    listed, roster = orgs(main), main.roster()["orgs"]
    before = live_tables(district, "1.2")
    main.put(delta(before, before, "1.2"))
    assert orgs(main) == listed
    assert main.cli("schools", "sync", "main").code == 0
    assert main.roster()["orgs"] == roster
    district.add("orgs", "sch-new", stamp(main.clock.now), name="New", type="school")
    main.put(delta(before, live_tables(district, "1.2"), "1.2"))
    assert orgs(main) == listed | {"sch-new": True}


def test_schools_that_nobody_knows_are_an_error(tmp_path: Path) -> None:
    main = drop(tmp_path, bulk({}, "1.2"))
    code, document = main.json("schools", "list", "main")
    assert (code, document["code"]) == (1, "RS-SRC-002")
