"""Nobody's data is kept, shown or left where it should not be; and each breach would be seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from unittest.mock import patch

import pytest

from rostersync.store.run_log import Runs
from rostersync.store.state import States
from torture.budget import SHORT, Budget
from torture.privacy import erased, links, modes, planted, tallies

Tries = Callable[[Budget], Iterable[Sequence[str]]]


def lost(tries: Tries) -> list[str]:
    return [one for each in tries(SHORT) for one in each]


def test_privacy_is_kept_in_a_sample() -> None:
    found = list(tallies(SHORT))
    assert len(found) == 5
    for each in found:
        assert each.tried > 0
        assert not each.lost, each.lost


def test_a_field_that_is_kept_is_found() -> None:
    with patch.dict(planted._FIELDS, {"middleName": planted._MARK}):
        found = lost(planted.tries)
    assert any("roster.db" in each for each in found)
    assert any("said" in each for each in found)


def test_a_page_that_is_asked_for_whole_is_found() -> None:
    with patch("rostersync.sources.rest.narrowing.Narrowing.narrow", lambda _self, query, *_: query):
        assert any("asked for all" in each for each in lost(planted.tries))


def test_a_file_that_is_open_to_others_is_found() -> None:
    with patch("rostersync.outputs.files._MINE", 0o644), patch("rostersync.store.files._MY_FOLDER", 0o755):
        found = lost(modes.tries)
    assert any("0644" in each for each in found)
    assert any("kept" in each and "0755" in each for each in found)


def test_a_link_that_is_followed_is_found() -> None:
    kept = Path.lstat
    with (
        patch("rostersync.store.connect.Path.lstat", lambda path: path.stat() if path.exists() else kept(path)),
        patch("torture.privacy.links.LINKS", links.LINKS[:1]),
    ):
        assert any("store" in each for each in lost(links.tries))


@pytest.mark.parametrize("name", ["_remove_copies", "purge"])
def test_people_who_survive_a_purge_are_found(name: str) -> None:
    with patch.object(States, name, lambda *_: None):
        assert len(lost(erased.purged)) > 100


def test_people_who_stay_in_the_log_are_found() -> None:
    with patch.object(Runs, "drop_older_than", lambda *_: 0):
        assert any("piece of a plan" in each for each in lost(erased.retained))
