"""Both versions and every way of signing in: check, preview, run, and run again."""

from __future__ import annotations

from pathlib import Path

import pytest

from rostersync.demo import make_district, next_day
from tests.runs.demo_site import AUTH, Values, is_empty, site


@pytest.mark.parametrize("auth", AUTH)
@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_check_preview_run_and_run_again(tmp_path: Path, version: str, auth: str) -> None:
    with site(tmp_path, version=version, auth=auth, sync={"parents": True}) as main:
        code, document = main.json("check", "main")
        assert code == 0
        assert document["checks"][0]["ok"]
        first = main.preview()
        assert not main.store.exists()
        ran = main.run()
        assert ran["status"] == "success"
        assert ran["plan_hash"] == first["plan_hash"]
        assert ran["changes"] == first["changes"]
        assert ran["counts"] == first["counts"]
        assert ran["diagnostics"] == first["diagnostics"]
        before = main.bytes()
        assert is_empty(main.preview()["changes"])
        assert is_empty(main.preview("--full")["changes"])
        assert is_empty(main.preview("--offline")["changes"])
        assert main.bytes() == before
        for words in ((), ("--full",)):
            again = main.run(*words)
            assert again["mode"] == ("full" if words else "delta")
            assert is_empty(again["changes"])
            assert again["counts"] == ran["counts"]


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_the_plan_of_a_later_day_is_the_one_that_is_applied(tmp_path: Path, version: str) -> None:
    with site(tmp_path, version=version, students=60) as main:
        main.run()
        next_day(main.server.district, 1, main.clock.advance(days=1))
        before = main.bytes()
        shown = main.preview()
        assert main.bytes() == before
        assert not is_empty(shown["changes"])
        ran = main.run()
        assert (ran["plan_hash"], ran["changes"], ran["counts"]) == (
            shown["plan_hash"],
            shown["changes"],
            shown["counts"],
        )
        recorded = main.log("--run", str(ran["id"]), "--changes")[0]
        assert recorded["plan"] == shown["plan"]


def test_both_versions_give_one_roster(tmp_path: Path) -> None:
    district = make_district(students=60)
    rosters: list[Values] = []
    for version in ("1.1", "1.2"):
        with site(tmp_path / version, version=version, district=district) as main:
            main.run()
            # 1.1 has one role for each user and fewer of them.
            rosters.append(main.roster() | {"users": sorted(main.ids("users"))})
    assert rosters[0] == rosters[1]
