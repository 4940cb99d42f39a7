"""`schools list` and `schools sync`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from inline_snapshot import snapshot
from rich.console import RenderableType
from rich.table import Table

from rostersync.cli.render.schools import show_listed
from rostersync.demo import faults
from rostersync.store.lock import Holder, integration_lock
from tests.cli.world import NAME, World
from tests.cli.worlds import offline, server, synced, world

__all__ = ["offline", "server", "synced", "world"]

OPTIONS = """
[integrations.springdale.schools]
exclude = ["sch-annex", "sch-77"]
map = { "sch-01" = "cedar-lower" }
"""
MANUAL = """
[integrations.springdale.schools]
mode = "manual"
exclude = ["sch-annex"]
"""


def test_the_orgs_are_a_tree_with_what_the_options_make_of_them(synced: World) -> None:
    synced.configure(OPTIONS)
    assert synced("schools", "list", NAME).golden == snapshot("""\
exit 0
School                  sourcedId        Standing                Users   Classes
────────────────────────────────────────────────────────────────────────────────
Springdale Unified      org-district     selected                    2
School District
(district)
├ Cedar Elementary      sch-01           selected →                 70        36
                                         cedar-lower
├ Cedar High School     sch-03           selected                   47        24
├ Cedar Middle School   sch-02           selected                   34        19
├ Curriculum            org-curriculum   selected
Department
(department)
└ Hillside Annex        sch-annex        excluded                    1

4 schools: 3 selected, 1 excluded
--- stderr
warning: RS-SCHOOL-003: schools.exclude lists sch-77, which the source does not have. See `rostersync schools list` for the sourcedIds, and correct or remove the entry.
""")  # noqa: E501 - a line of the golden


def test_the_document_has_every_org_with_the_keys_of_the_contract(synced: World) -> None:
    synced.configure(OPTIONS)
    document = synced("schools", "list", NAME, "--json").document
    assert list(document) == ["schema", "orgs"]
    assert document["schema"] == "rostersync/schools-list/1"
    assert [org["sourced_id"] for org in document["orgs"]] == sorted(org["sourced_id"] for org in document["orgs"])
    assert document["orgs"][2] == snapshot(
        {
            "sourced_id": "sch-01",
            "name": "Cedar Elementary",
            "type": "school",
            "parent": "org-district",
            "selected": True,
            "known": True,
            "mapped_to": "cedar-lower",
            "held": False,
            "users": 70,
            "classes": 36,
        }
    )


def test_listing_makes_no_store(world: World) -> None:
    answer = world("schools", "list", NAME)
    assert answer.code == 0
    assert "Cedar Elementary" in answer.out
    assert sorted(path.name for path in world.folder.iterdir()) == ["rostersync.toml"]


def test_rule_1_a_school_is_known_by_a_sync_in_manual_mode(world: World) -> None:
    world.configure(MANUAL)
    assert world("schools", "list", NAME).golden == snapshot("""\
exit 0
School                               sourcedId        Standing   Users   Classes
────────────────────────────────────────────────────────────────────────────────
Springdale Unified School District   org-district     selected
(district)
├ Cedar Elementary                   sch-01           unknown
├ Cedar High School                  sch-03           unknown
├ Cedar Middle School                sch-02           unknown
├ Curriculum Department              org-curriculum   selected
(department)
└ Hillside Annex                     sch-annex        excluded

4 schools: 3 unknown, 1 excluded
--- stderr
warning: RS-SCHOOL-001: Cedar Elementary (sch-01) is selected but not known: schools.mode is "manual" and no `rostersync schools sync` has put it into the roster (and 2 more). Run `rostersync schools sync`, add it to schools.map, or list it in schools.exclude.
""")  # noqa: E501 - a line of the golden
    assert world("schools", "sync", NAME).golden == snapshot("""\
exit 0
+ Curriculum Department (org-curriculum)
+ Springdale Unified School District (org-district)
+ Cedar Elementary (sch-01)
+ Cedar Middle School (sch-02)
+ Cedar High School (sch-03)

The roster of springdale has the selected schools: 5 added.
""")
    assert "4 schools: 3 selected, 1 excluded" in world("schools", "list", NAME).out
    assert world("schools", "sync", NAME).golden == snapshot("""\
exit 0
The roster of springdale has the selected schools: nothing to change.
""")
    assert world("run", NAME, "-q").code == 0
    assert world.rows("SELECT count(*) FROM roster_users WHERE orgs LIKE '%sch-01%'") != [(0,)]


def test_a_sync_gives_the_orgs_their_tenant_before_any_run(world: World) -> None:
    assert world("schools", "sync", NAME).code == 0
    assert world.rows("SELECT DISTINCT tenant FROM roster_orgs") == [("spr-01",)]
    assert world.rows("SELECT count(*) FROM roster_users") == [(0,)]


def test_a_sync_says_what_it_changes(world: World) -> None:
    assert world("schools", "sync", NAME).code == 0
    assert world.server is not None
    world.server.district.touch("orgs", "sch-01", world.now, name="Cedar\x1b[31m Lower")
    world.configure(MANUAL)
    assert world("schools", "sync", NAME, "--json").document == snapshot(
        {
            "schema": "rostersync/schools-sync/1",
            "message": "the roster of springdale has the selected schools: 1 changed, 1 removed",
            "mode": "manual",
            "changes": [
                {
                    "kind": "orgs",
                    "action": "update",
                    "sourced_id": "sch-01",
                    "label": "Cedar\x1b[31m Lower",
                    "reason": None,
                    "before": {"name": "Cedar Elementary"},
                    "after": {"name": "Cedar\x1b[31m Lower"},
                },
                {
                    "kind": "orgs",
                    "action": "remove",
                    "sourced_id": "sch-annex",
                    "label": "Hillside Annex",
                    "reason": "school-not-selected",
                    "before": {
                        "sourced_id": "sch-annex",
                        "name": "Hillside Annex",
                        "type": "school",
                        "identifier": "9999999",
                        "parent_sourced_id": "org-district",
                        "mapped_to": None,
                    },
                    "after": None,
                },
            ],
        }
    )
    world.configure(OPTIONS)
    assert world("schools", "sync", NAME).golden == snapshot("""\
exit 0
~ Cedar\\x1b[31m Lower (sch-01): mapped_to none → cedar-lower

The roster of springdale has the selected schools: 1 changed.
schools.mode is "auto": every run does this by itself.
--- stderr
warning: RS-SCHOOL-003: schools.exclude lists sch-77, which the source does not have. See `rostersync schools list` for the sourcedIds, and correct or remove the entry.
""")  # noqa: E501 - a line of the golden


def test_a_school_that_the_last_plan_held_is_held_whatever_failed_since(synced: World) -> None:
    assert synced.server is not None
    district = synced.server.district
    for sourced_id in [one for one, user in district.users.items() if user.get("primaryOrg") == "sch-02"]:
        district.drop("users", sourced_id)
    assert synced("run", NAME, "--full", "-q").code == 3
    synced.server.faults.set(faults.Fail(503, on=["users"]))
    assert synced("run", NAME, "-q").code == 1
    orgs = synced("schools", "list", NAME, "--json").document["orgs"]
    assert [org["sourced_id"] for org in orgs if org["held"]] == ["sch-02"]
    assert "1 held" in synced("schools", "list", NAME).out


@pytest.mark.parametrize("command", ["list", "sync"])
def test_a_source_that_is_not_there_fails_the_command(offline: World, command: str) -> None:
    answer = offline("schools", command, NAME, "--json")
    assert answer.code == 1
    assert answer.document["schema"] == "rostersync/error/1"
    assert answer.document["code"] == "RS-NET-001"


def test_a_sync_waits_for_no_run(world: World) -> None:
    assert world("schools", "sync", NAME).code == 0
    with integration_lock(world.store, NAME, Holder(4711, "elsewhere", "2026-11-20T18:00:00Z")):
        answer = world("schools", "sync", NAME)
    assert (answer.code, answer.out) == (5, "")
    assert "RS-STORE-001: another run holds springdale (process 4711 on elsewhere" in answer.err


def test_a_sync_from_another_source_is_refused_until_it_is_accepted(synced: World) -> None:
    text = synced.config.read_text(encoding="utf-8")
    synced.config.write_text(text.replace('version = "1.2"', 'version = "1.1"'), encoding="utf-8")
    refused = synced("schools", "sync", NAME, "--json")
    assert (refused.code, refused.document["code"]) == (2, "RS-CFG-006")
    assert synced("schools", "sync", NAME, "--accept-source-change").code == 0


def test_an_unknown_integration_is_a_usage_error(world: World) -> None:
    answer = world("schools", "list", "springfeld")
    assert (answer.code, answer.out) == (2, "")
    assert 'RS-CFG-005: no integration "springfeld"' in answer.err


def org(sourced_id: str, parent: str | None) -> dict[str, object]:
    """An org as `schools list` answers it."""
    facts: dict[str, object] = {"selected": True, "known": True, "mapped_to": None, "held": False}
    return {
        "sourced_id": sourced_id,
        "name": sourced_id,
        "type": "school",
        "parent": parent,
        **facts,
        "users": 0,
        "classes": 0,
    }


def names(shown: Iterator[RenderableType]) -> list[str]:
    """The first column of the table."""
    made = next(shown)
    assert isinstance(made, Table)
    return [str(cell) for cell in made.columns[0].cells]


def test_orgs_in_a_circle_and_of_a_parent_that_is_not_there_stand_in_the_tree_once() -> None:
    orgs = [org("a", "b"), org("b", "a"), org("c", "gone"), org("d", "d"), org("e", "a")]
    assert names(show_listed({"orgs": orgs})) == ["c", "a", "├ b", "└ e", "d"]


def test_a_source_without_orgs_says_so() -> None:
    assert list(show_listed({"orgs": []})) == ["The source has no orgs."]
