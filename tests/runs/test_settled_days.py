"""Days on which nothing changes are not planned again, and nobody can tell; every other day is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from rostersync.engine.reconcile import reconcile
from rostersync.pipeline import planning
from tests.runs.demo_site import Site, Values, is_empty, site
from tests.runs.directory_site import accounts_of, directory_site, write_accounts

SYNC = {"parents": True, "respect_academic_sessions": True, "respect_enrollment_dates": True}
SAME = ("counts", "changes", "plan_hash", "diagnostics", "status", "mode")


def planned(what: Callable[[], Values]) -> tuple[Values, bool]:
    """Do something, and say whether the engine had to work for it."""
    with patch.object(planning, "reconcile", side_effect=reconcile) as engine:
        told = what()
    return told, engine.called


def settled(main: Site) -> Values:
    """Run until a plan has left nothing to do."""
    main.run()
    main.clock.advance(hours=3)
    run = main.run()
    assert is_empty(run["changes"])
    main.clock.advance(hours=3)
    return run


def test_a_run_and_a_preview_on_an_unchanged_day_tell_the_same_without_planning(tmp_path: Path) -> None:
    with site(tmp_path, sync=SYNC) as main:
        before = settled(main)
        roster = main.roster()
        preview, engine = planned(main.preview)
        assert not engine
        run, engine = planned(main.run)
        assert not engine
        assert {key: run[key] for key in SAME} == {key: before[key] for key in SAME}
        assert (preview["counts"], preview["plan_hash"]) == (before["counts"], before["plan_hash"])
        assert main.roster() == roster
        assert main.log()[0]["counts"] == before["counts"]


def test_the_run_after_the_first_need_not_plan_where_no_rule_looks_back(tmp_path: Path) -> None:
    with site(tmp_path, sync=SYNC) as main:
        for user in main.server.district.users.values():
            user.pop("email", None)
        main.run()
        main.clock.advance(hours=3)
        assert not planned(main.run)[1]


def test_a_full_run_plans_and_so_does_the_one_after_a_reset(tmp_path: Path) -> None:
    with site(tmp_path, sync=SYNC) as main:
        settled(main)
        run, engine = planned(lambda: main.run("--full"))
        assert engine
        assert is_empty(run["changes"])
        assert not planned(main.run)[1]
        assert main.cli("reset", main.name, "--yes").code == 0
        assert planned(main.run)[1]


def test_every_full_fetch_plans(tmp_path: Path) -> None:
    with site(tmp_path, sync=SYNC | {"full_every": "2d"}) as main:
        settled(main)
        assert not planned(main.run)[1]
        main.clock.advance(days=2)
        run, engine = planned(main.run)
        assert run["mode"] == "full"
        assert engine


def _edit(main: Site) -> None:
    main.server.district.touch("users", "stu-0003", main.clock.advance(hours=3), familyName="Changed")


def _delete(main: Site) -> None:
    main.server.district.touch("classes", sorted(main.server.district.classes)[3], main.clock(), status="tobedeleted")


def _reject(main: Site) -> None:
    main.server.district.touch("users", "stu-0004", main.clock.advance(hours=3), roles=[])


def _options(main: Site) -> None:
    main.configure(sync=SYNC | {"roles": ["student"]})


def _limits(main: Site) -> None:
    main.configure(sync=SYNC, limits={"removals_percent": 1})


@pytest.mark.parametrize("change", [_edit, _delete, _reject, _options, _limits])
def test_whatever_a_plan_is_made_from_makes_it_be_made_again(tmp_path: Path, change: Callable[[Site], None]) -> None:
    with site(tmp_path, sync=SYNC) as main:
        settled(main)
        change(main)
        preview, engine = planned(main.preview)
        assert engine
        run, engine = planned(lambda: main.run(code=None))
        assert engine
        assert run["plan_hash"] == preview["plan_hash"]


def test_the_day_on_which_a_date_begins_to_matter_is_planned(tmp_path: Path) -> None:
    with site(tmp_path, sync=SYNC) as main:
        settled(main)
        ends = {session["endDate"] for session in main.server.district.academic_sessions.values()}
        today = main.clock().date().isoformat()
        turn = min(end for end in ends if end > today)
        before = turn[:-2] + f"{int(turn[-2:]) - 1:02}"
        assert not turn.endswith("-01")
        assert not planned(lambda: main.preview("--date", before))[1]
        preview, engine = planned(lambda: main.preview("--date", turn))
        assert engine
        assert preview["counts"]["imported_classes"] < main.log()[0]["counts"]["imported_classes"]


def test_a_day_before_the_last_plan_is_planned(tmp_path: Path) -> None:
    with site(tmp_path, sync=SYNC) as main:
        settled(main)
        assert planned(lambda: main.preview("--date", "2026-09-01"))[1]


def test_the_directory_is_part_of_what_a_plan_is_made_from(tmp_path: Path) -> None:
    with directory_site(tmp_path) as main:
        settled(main)
        assert not planned(main.run)[1]
        accounts: dict[str, Any] = accounts_of(main.server.district)
        write_accounts(main, dict(sorted(accounts.items(), reverse=True)))
        assert not planned(main.run)[1], "the order of the accounts means nothing"
        accounts.pop("stu-0003")
        write_accounts(main, accounts)
        run, engine = planned(main.run)
        assert engine
        assert not is_empty(run["changes"])


def test_schools_put_in_by_hand_make_the_next_run_plan(tmp_path: Path) -> None:
    with site(tmp_path, sync=SYNC, schools={"mode": "manual"}) as main:
        settled(main)
        assert not planned(main.run)[1]
        assert main.cli("schools", "sync", main.name).code == 0
        run, engine = planned(main.run)
        assert engine
        assert not is_empty(run["changes"])
