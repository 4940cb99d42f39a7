"""Places: every sourcedId is found where it stands, and no other is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostersync.engine.places import Places, Shared

SOURCED_IDS = st.text(st.characters(codec=None) | st.sampled_from("ab\x00\n\ud800\U0010ffff"), max_size=4)


@given(st.sets(SOURCED_IDS, max_size=60), st.lists(SOURCED_IDS))
def test_it_is_a_dictionary_and_a_list_of_sourced_ids(known: set[str], others: list[str]) -> None:
    ascending = sorted(known)
    places = Places(iter(ascending))
    expected = {sourced_id: place for place, sourced_id in enumerate(ascending)}
    assert list(places) == [places[place] for place in range(len(places))] == ascending
    for sourced_id in [*ascending, *others]:
        assert places.find(sourced_id) == expected.get(sourced_id, -1)
        assert (sourced_id in places) == (sourced_id in expected)


def test_a_part_of_a_sourced_id_is_none() -> None:
    places = Places(("abc", "abcd"))
    assert [places.find(each) for each in ("", "a", "bc", "abc", "abcd", "abcde")] == [-1, -1, -1, 0, 1, -1]


def test_what_has_no_place_is_an_error() -> None:
    with pytest.raises(KeyError, match="gone"):
        Places(("here",)).place("gone")
    with pytest.raises(IndexError):
        Places(("here",))[1]


def test_only_a_text_has_a_place() -> None:
    assert None not in Places(("None",))


@given(st.lists(st.sampled_from([("a",), ("b",), ("c",), ()])))
def test_shared_values_are_a_list(values: list[tuple[str, ...]]) -> None:
    shared: Shared[tuple[str, ...]] = Shared()
    for value in values:
        shared.append(value)
    assert list(shared) == [shared[place] for place in range(len(values))] == values


def test_equal_values_that_are_two_objects_stay_two() -> None:
    one, other = [1], [1]
    shared: Shared[list[int]] = Shared()
    shared.append(one)
    shared.append(other)
    assert shared[0] is one
    assert shared[1] is other
