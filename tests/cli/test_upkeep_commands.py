"""`reset`, `remove` and `purge`: each asks before it does what it does, and does nothing else."""

from __future__ import annotations

import pytest
from inline_snapshot import snapshot

from rostersync.store.lock import Holder, integration_lock
from tests.cli.world import NAME, World
from tests.cli.worlds import offline, server, synced, world

__all__ = ["offline", "server", "synced", "world"]

OTHER = """
# the other one
[integrations.north]  # stays
source = { type = "rest", url = "https://sis.example.org", auth = { type = "none" } }
"""
HELD = Holder(4711, "elsewhere", "2026-11-20T18:00:00Z")


def sync_date(world: World) -> object:
    """The last sync date of the integration."""
    return world("status", "--json").document["integrations"][0]["last_sync_at"]


def test_a_reset_makes_the_next_run_full_and_removes_nothing(synced: World) -> None:
    users = synced.rows("SELECT * FROM roster_users")
    assert synced("reset", NAME, "--yes").golden == snapshot("""\
exit 0
The next run of springdale fetches everything; nothing that was synced is removed.
""")
    assert sync_date(synced) is None
    assert synced.rows("SELECT * FROM roster_users") == users
    run = synced("run", NAME, "--json").document["runs"][0]
    assert (run["mode"], run["changes"]["users"]) == ("full", {"create": 0, "update": 0, "remove": 0})


def test_a_reset_asks_on_a_terminal(synced: World) -> None:
    before = sync_date(synced)
    refused = synced("reset", NAME, typed="n\n")
    assert refused.golden == snapshot("""\
exit 2
--- stderr
Clear the last sync date of springdale (2026-11-20T18:30:00.000Z)? [y/N] rostersync: RS-CFG-007: not confirmed: nothing was changed

Answer yes, or give --yes.
""")  # noqa: E501 - a line of the golden
    assert sync_date(synced) == before
    assert synced("reset", NAME, typed="").code == 2
    assert sync_date(synced) == before
    assert synced("reset", NAME, typed="Y\n").code == 0
    assert sync_date(synced) is None


@pytest.mark.parametrize(("words", "typed"), [((), None), (("--no-input",), "y\n")])
def test_a_reset_that_cannot_ask_is_refused(synced: World, words: tuple[str, ...], typed: str | None) -> None:
    before = sync_date(synced)
    answer = synced("reset", NAME, *words, typed=typed)
    assert answer.golden == snapshot("""\
exit 2
--- stderr
rostersync: RS-CFG-007: this must be confirmed and nobody can be asked: nothing was changed

Give --yes.
""")
    assert sync_date(synced) == before


def test_a_reset_answers_one_document(synced: World) -> None:
    document = synced("reset", NAME, "--yes", "--json").document
    assert document == snapshot(
        {
            "schema": "rostersync/reset/1",
            "message": "the next run of springdale fetches everything; nothing that was synced is removed",
            "integration": "springdale",
            "last_sync_at_before": "2026-11-20T18:30:00.000Z",
        }
    )


def test_a_reset_of_what_never_ran_makes_no_store(offline: World) -> None:
    assert offline("reset", NAME, "--yes").code == 0
    assert not offline.store.exists()
    unknown = offline("reset", "springfield", "--yes", "--json")
    assert (unknown.code, unknown.document["code"]) == (2, "RS-CFG-005")


@pytest.mark.parametrize("words", [("reset", NAME, "--yes"), ("purge", NAME, "--confirm", NAME)])
def test_a_run_under_way_is_not_disturbed(synced: World, words: tuple[str, ...]) -> None:
    with integration_lock(synced.store, NAME, HELD):
        answer = synced(*words)
    assert (answer.code, answer.out) == (5, "")
    assert "RS-STORE-001" in answer.err
    assert synced.rows("SELECT count(*) FROM roster_users") != [(0,)]


def test_a_removal_leaves_comments_and_data(synced: World) -> None:
    with synced.config.open("a", encoding="utf-8") as file:
        file.write(OTHER)
    assert synced("remove", NAME, "--yes").golden == snapshot("""\
exit 0
springdale is no longer in DIR/rostersync.toml; what was synced stays in the store until `rostersync --config DIR/rostersync.toml purge springdale`.
""")  # noqa: E501 - a line of the golden
    assert synced.config.read_text(encoding="utf-8") == snapshot("""\
[store]
url = "sqlite:///roster.db"


# the other one
[integrations.north]  # stays
source = { type = "rest", url = "https://sis.example.org", auth = { type = "none" } }
""")
    assert synced.rows("SELECT count(*) FROM roster_users") != [(0,)]
    assert synced("status", "--json").document["integrations"][0]["name"] == "north"


def test_a_removal_asks_and_takes_no_for_an_answer(offline: World) -> None:
    before = offline.config.read_text(encoding="utf-8")
    assert offline("remove", NAME, typed="\n").golden == snapshot("""\
exit 2
--- stderr
Take springdale out of DIR/rostersync.toml? [y/N] rostersync: RS-CFG-007: not confirmed: nothing was changed

Answer yes, or give --yes.
""")
    assert offline("remove", NAME).code == 2
    assert offline.config.read_text(encoding="utf-8") == before
    assert offline("remove", NAME, typed="yes\n").code == 0
    assert "springdale" not in offline.config.read_text(encoding="utf-8")


def test_what_is_wrong_with_an_integration_does_not_keep_it_from_being_removed(offline: World) -> None:
    offline.configure("\n[integrations.springdale.schools]\nmodus = 1\n")
    assert offline("status").code == 2
    assert offline("remove", NAME, "--yes").code == 0
    assert offline("status").code == 0


def test_a_removal_of_what_is_not_there_is_a_usage_error(offline: World) -> None:
    before = offline.config.read_text(encoding="utf-8")
    answer = offline("remove", "springfield", "--yes", "--json")
    assert (answer.code, answer.document["code"]) == (2, "RS-CFG-005")
    assert offline("remove", "springfield", typed="y\n").err == snapshot("""\
rostersync: RS-CFG-005: no integration "springfield"

integrations in DIR/rostersync.toml: springdale
""")
    assert offline.config.read_text(encoding="utf-8") == before


def test_a_purge_deletes_everything_of_one_integration(synced: World) -> None:
    assert synced("purge", NAME, "--confirm", NAME).golden == snapshot("""\
exit 0
Everything that the store had of springdale is deleted.
""")
    tables = [name for (name,) in synced.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    left = {name: synced.rows(f'SELECT count(*) FROM "{name}"')[0][0] for name in tables}  # noqa: S608 - our own names
    assert {name for name, count in left.items() if count} <= {"alembic_version", "sqlite_sequence"}
    assert synced("log", "--json").document["runs"] == []


def test_a_purge_wants_the_name_typed(synced: World) -> None:
    wrong = synced("purge", NAME, typed="yes\n")
    assert wrong.golden == snapshot("""\
exit 2
--- stderr
The store has 151 users, 79 classes and 815 enrollments of springdale.
This cannot be undone. Type springdale to delete all of it: rostersync: RS-CFG-007: "yes" is not springdale: nothing was deleted

Type springdale, or give --confirm springdale.
""")  # noqa: E501 - a line of the golden
    assert synced("purge", NAME, "--confirm", "springfield", "--json").document == snapshot(
        {
            "schema": "rostersync/error/1",
            "code": "RS-CFG-007",
            "message": '"springfield" is not springdale: nothing was deleted',
            "hint": "Type springdale, or give --confirm springdale.",
        }
    )
    assert synced("purge", NAME).code == 2
    assert synced("purge", NAME, "--no-input", typed=f"{NAME}\n").code == 2
    assert synced.rows("SELECT count(*) FROM roster_users") != [(0,)]
    assert synced("purge", NAME, typed=f"{NAME}\n").code == 0
    assert synced.rows("SELECT count(*) FROM roster_users") == [(0,)]


def test_a_purge_after_a_removal(synced: World) -> None:
    assert synced("remove", NAME, "--yes").code == 0
    document = synced("purge", NAME, "--confirm", NAME, "--json").document
    assert document == snapshot(
        {
            "schema": "rostersync/purge/1",
            "message": "everything that the store had of springdale is deleted",
            "integration": "springdale",
            "deleted": {
                "orgs": 6,
                "sessions": 13,
                "courses": 78,
                "classes": 79,
                "users": 151,
                "enrollments": 815,
                "relationships": 0,
            },
        }
    )
    again = synced("purge", NAME, "--confirm", NAME, "--json")
    assert (again.code, again.document["code"]) == (2, "RS-CFG-005")


def test_a_purge_of_what_only_the_configuration_knows_makes_no_store(offline: World) -> None:
    assert offline("purge", NAME, "--confirm", NAME).code == 0
    assert not offline.store.exists()


def test_a_purge_also_takes_schools_that_no_run_has_seen(world: World) -> None:
    assert world("schools", "sync", NAME).code == 0
    assert world("remove", NAME, "--yes").code == 0
    assert world("purge", NAME, "--confirm", NAME).code == 0
    assert world.rows("SELECT count(*) FROM roster_orgs") == [(0,)]
