"""The paging state machine: it never loses a row and never accepts a truncated collection."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from hypothesis import given
from hypothesis import strategies as st

from rostersync.sources.rest.pages import Done, Facts, Flaw, Ids, Paging, settled


def ids(count: int, start: int = 0) -> list[str]:
    return [f"{number:04}" for number in range(start, start + count)]


def walk(pages: Iterable[Facts]) -> tuple[Paging, list[int | Done]]:
    paging = Paging()
    return paging, [paging.update(page) for page in pages]


def ask(serve: Callable[[int, int], Facts], most: int = 500) -> tuple[Paging, Done]:
    """Ask page by page until the end, as the source does."""
    paging, offset = Paging(), 0
    for number in range(most):
        step = paging.update(serve(offset, number))
        if isinstance(step, Done):
            return paging, step
        offset = step
    raise AssertionError("the paging never ended")


def test_an_empty_page_is_the_end() -> None:
    _, steps = walk([Facts(ids(3)), Facts([])])
    assert steps == [3, Done()]


def test_an_empty_collection_ends_at_once() -> None:
    _, steps = walk([Facts([], total=0)])
    assert steps == [Done()]


def test_a_short_page_is_no_end_without_a_total() -> None:
    _, steps = walk([Facts(ids(10)), Facts(ids(4, 10)), Facts(ids(10, 14)), Facts([])])
    assert steps == [10, 14, 24, Done()]


def test_a_short_page_is_the_end_when_the_total_is_reached() -> None:
    _, steps = walk([Facts(ids(10), 14), Facts(ids(4, 10), 14)])
    assert steps == [10, Done()]


def test_a_full_page_is_no_end_even_when_the_total_is_reached() -> None:
    _, steps = walk([Facts(ids(10), 10), Facts(ids(2, 10), 10), Facts([])])
    assert steps == [10, 12, Done()]


def test_a_link_without_next_is_the_end_where_earlier_pages_had_one() -> None:
    _, steps = walk([Facts(ids(5), None, link=True), Facts(ids(5, 5), None, link=False)])
    assert steps == [5, Done()]


def test_a_link_without_next_says_nothing_where_no_page_had_one() -> None:
    _, steps = walk([Facts(ids(5), None, link=False), Facts(ids(5, 5), None, link=False), Facts([], None, link=False)])
    assert steps == [5, 10, Done()]


def test_a_link_without_next_is_no_end_before_the_total() -> None:
    _, steps = walk([Facts(ids(5), 12, link=True), Facts(ids(5, 5), 12, link=False), Facts(ids(2, 10), 12, link=False)])
    assert steps == [5, 10, Done()]


def test_a_next_on_the_last_page_is_not_believed() -> None:
    _, steps = walk([Facts(ids(5), 7, link=True), Facts(ids(2, 5), 7, link=True)])
    assert steps == [5, Done()]


def test_a_total_below_what_came_is_ignored() -> None:
    for total in (0, -1, 3):
        _, steps = walk([Facts(ids(5), total), Facts(ids(4, 5), total), Facts(ids(2, 9), total), Facts([], total)])
        assert steps == [5, 9, 11, Done()]


def test_a_total_of_the_page_alone_ends_nothing() -> None:
    _, steps = walk([Facts(ids(5), 5), Facts(ids(5, 5), 5), Facts(ids(2, 10), 2), Facts(ids(1, 12), 1), Facts([], 0)])
    assert steps == [5, 10, 12, 13, Done()]


def test_fewer_rows_than_the_total_are_a_flaw() -> None:
    _, steps = walk([Facts(ids(5), 9), Facts([], 9)])
    assert steps[-1] == Done(frozenset({Flaw.SHORT}))


def test_a_total_that_moves_is_a_flaw() -> None:
    _, steps = walk([Facts(ids(5), 9), Facts(ids(5, 5), 10), Facts([], 10)])
    assert steps[-1] == Done(frozenset({Flaw.MOVED}))


def test_ids_that_repeat_across_pages_are_a_flaw() -> None:
    _, steps = walk([Facts(["a", "b"]), Facts(["b", "c"]), Facts([])])
    assert steps[-1] == Done(frozenset({Flaw.REPEATS}))


def test_duplicates_inside_one_page_are_none() -> None:
    _, steps = walk([Facts(["a", "a"], 4), Facts(["c", "b"], 4), Facts([], 4)])
    assert steps[-1] == Done()


def test_a_page_equal_to_an_earlier_one_is_a_loop() -> None:
    _, steps = walk([Facts(ids(3)), Facts(ids(3))])
    assert steps[-1] == Done(frozenset({Flaw.LOOP}))
    _, steps = walk([Facts(ids(3)), Facts(ids(3, 3)), Facts(ids(3))])
    assert steps[-1] == Done(frozenset({Flaw.LOOP}))


def collected(*pages: list[str]) -> Ids:
    known = Ids()
    for page in pages:
        known.add(page)
    return known


def test_a_second_fetch_settles_what_stood_still() -> None:
    both = (collected(["a"]), collected(["a", "b"]))
    assert settled(frozenset({Flaw.SHORT}), frozenset(), both)
    assert settled(frozenset({Flaw.MOVED}), frozenset(), both)
    assert not settled(frozenset({Flaw.SHORT}), frozenset({Flaw.SHORT}), both)
    assert not settled(frozenset({Flaw.MOVED}), frozenset({Flaw.MOVED}), both)
    assert not settled(frozenset({Flaw.SHORT}), frozenset({Flaw.LOOP}), both)


def test_after_repeats_both_fetches_must_have_the_same_ids() -> None:
    repeats = frozenset({Flaw.REPEATS})
    same = (collected(["a", "b"], ["b"]), collected(["b"], ["a", "b"]))
    assert settled(repeats, repeats, same)
    assert not settled(repeats, frozenset(), (collected(["a"]), collected(["a", "b"])))
    assert not settled(frozenset({Flaw.SHORT}), repeats, (collected(["a"]), collected(["a", "b"])))


@given(st.lists(st.lists(st.text(max_size=3), max_size=5), max_size=6))
def test_repeats_are_what_sets_would_find(pages: list[list[str]]) -> None:
    distinct = [one for page in pages for one in set(page)]
    assert collected(*pages).repeat == (len(set(distinct)) < len(distinct))


@given(st.lists(st.text(max_size=2), max_size=9), st.lists(st.text(max_size=2), max_size=9))
def test_sets_are_equal_when_their_ids_are(left: list[str], right: list[str]) -> None:
    assert collected(left).same_as(collected(right)) == (set(left) == set(right))


clamps = st.lists(st.integers(1, 9), min_size=1, max_size=8)
links = st.sampled_from(["none", "right", "always", "never"])


def link_of(habit: str, *, last: bool) -> bool | None:
    return {"none": None, "right": not last, "always": True, "never": False}[habit]


@given(st.integers(0, 60).map(ids).flatmap(st.permutations), clamps, links, st.sampled_from(["total", "no total"]))
def test_no_row_is_lost_whatever_the_pages_are(rows: list[str], sizes: list[int], link: str, habit: str) -> None:
    count = len(rows)

    def serve(offset: int, number: int) -> Facts:
        page = rows[offset : offset + sizes[number % len(sizes)]]
        return Facts(page, count if habit == "total" else None, link_of(link, last=offset + len(page) >= count))

    paging, end = ask(serve)
    assert end == Done()
    assert paging.received == count


@given(st.integers(1, 60), st.integers(1, 9), st.integers(-3, 60), links)
def test_no_row_is_lost_whatever_a_wrong_total_says(count: int, size: int, total: int, link: str) -> None:
    rows = ids(count)

    def serve(offset: int, _number: int) -> Facts:
        page = rows[offset : offset + size]
        return Facts(page, total, link_of(link, last=offset + len(page) >= count))

    paging, end = ask(serve)
    assert paging.received == count
    assert bool(end.flaws) == (total > count)


@given(st.integers(1, 60), st.integers(0, 59), clamps, links)
def test_a_truncated_collection_is_never_accepted(count: int, cut: int, sizes: list[int], link: str) -> None:
    rows = ids(count)[: min(cut, count - 1)]

    def serve(offset: int, number: int) -> Facts:
        page = rows[offset : offset + sizes[number % len(sizes)]]
        return Facts(page, count, link_of(link, last=offset + len(page) >= len(rows)))

    (first, one), (second, two) = ask(serve), ask(serve)
    assert Flaw.SHORT in one.flaws
    assert not settled(one.flaws, two.flaws, (first.ids, second.ids))


@given(st.integers(2, 60), st.integers(1, 9), st.integers(0, 9))
def test_rows_dropped_between_pages_are_never_accepted(count: int, size: int, gap: int) -> None:
    """A row that is deleted while pages are read shifts the rest: one is missed, the total moves or does not add up."""
    rows = ids(count)

    def serve(offset: int, number: int) -> Facts:
        now = rows if number <= gap else rows[1:]
        return Facts(now[offset : offset + size], len(now))

    paging, end = ask(serve)
    assert end.flaws or paging.received == count


def test_pages_that_overlap_lose_no_row_behind_the_total() -> None:
    rows = ids(80)

    def serve(offset: int, _number: int) -> Facts:
        start = max(0, offset - 1)
        return Facts(rows[start : start + 40], 80, link=start + 40 < 79)

    paging, end = ask(serve)
    assert paging.ids.same_as(walk([Facts(rows)])[0].ids)
    assert end == Done(frozenset({Flaw.REPEATS}))
