"""Every fault of the sample server: the same roster as without it, or a failed run that changes nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from rostersync.demo import faults as f
from rostersync.demo.faults import Fault
from tests.runs.days import told_day
from tests.runs.demo_site import Site, Values, codes, site

SYNC = {"parents": True, "respect_enrollment_dates": True}
REQUIRED = ("orgs", "classes", "users", "enrollments")
OPTIONAL = ("academicSessions", "courses")
PATHS = (*REQUIRED, *OPTIONAL)


@dataclass
class Morning:
    """A site on its second day, before today's run, and what that run does on a sound server."""

    site: Site
    before: Path
    run: Values
    roster: Values

    @contextmanager
    def again(self, *faults: Fault) -> Iterator[Site]:
        """The same morning once more, with these faults."""
        shutil.copy(self.before, self.site.store)
        self.site.server.faults.set(*faults)
        try:
            yield self.site
        finally:
            self.site.server.faults.clear()


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Morning]:
    with morning_of("1.2", tmp_path_factory.mktemp("faults")) as made:
        yield made


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Morning]:
    """The same on a 1.1 server."""
    with morning_of("1.1", tmp_path_factory.mktemp("faults")) as made:
        yield made


@contextmanager
def morning_of(version: str, folder: Path) -> Iterator[Morning]:
    """Let a day pass after a first run."""
    with site(folder, version=version, students=60, sync=SYNC) as main:
        main.run()
        before = Path(shutil.copy(main.store, folder / "before.db"))
        told_day(main.server.district, 1, main.clock.advance(days=1))
        yield Morning(main, before, main.run(), main.roster())


def same(morning: Morning, main: Site, run: Values, found: tuple[str, ...]) -> None:
    """The run did what it does on a sound server, and reports these codes besides."""
    assert run["status"] in {"success", "partial"}, run["error"]
    assert main.roster() == morning.roster
    for key in ("counts", "changes", "plan_hash"):
        assert run[key] == morning.run[key]
    assert set(codes(run)) - set(codes(morning.run)) == set(found)


def converges(morning: Morning, main: Site) -> None:
    """The next run on the sound server does what was left undone."""
    main.server.faults.clear()
    assert main.run()["status"] == "success"
    assert main.roster() == morning.roster


HARMLESS: tuple[tuple[Fault, ...], ...] = (
    (f.NoTotal(),),
    (f.Total(0),),
    (f.Total(-1),),
    (f.NoLink(),),
    (f.ClampLimit(7),),
    (f.ShiftPages(-1),),
    (f.NextOnLastPage(),),
    (f.RelativeNext(),),
    (f.NextDropsFilter(),),
    (f.DescendingByDefault(),),
    (f.SortNeedsOrderBy(),),
    (f.RefuseParameters(),),
    (f.RefuseParameters(names=("sort", "orderBy", "limit")),),
    (f.SortIgnored(),),
    (f.OrderByIgnored(),),
    (f.FilterAsText(),),
    (f.CapitalRoles(),),
    (f.DatesWithOffset(),),
    (f.DateTimesForDates(),),
    (f.EmptyStrings(),),
    (f.ExplicitNulls(),),
    (f.FlatObjects(),),
    (f.GradesAsText(),),
    (f.JsonBooleans(),),
    (f.RelativeHrefs(),),
    (f.SchoolYearAsNumber(),),
    (f.EmptyObject(),),
    (f.EnvelopeNamed(),),
    (f.ErrorShape(), f.Fail(503, times=1)),
    (f.ErrorShape("html"), f.Fail(429, times=1)),
    (f.ExtraKeys(),),
    (f.NoContent(),),
    (f.ExpiresInAsText(),),
    (f.NarrowerScope(),),
    (f.NoExpiresIn(),),
    (f.ScopeMandatory(),),
    (f.ScopeRefused(),),
    (f.TokenExpiresAfter(),),
    (f.TokenExpiresAfter(1),),
    (f.TokenType(),),
    (f.Cut(requests={2}),),
    (f.Drip(0.0005, on=["orgs"]),),
    (f.Fail(503, times=1, retry_after=0),),
    (f.Fail(429, times=1),),
    (f.Fail(500, times=1, on=["token"]),),
    (f.Fail(401, requests={2}),),
    (f.Gzip(),),
    (f.Inflated(2, on=["orgs", "classes"]),),
    (f.PermRev(),),
    (f.PermRev(after=0),),
    (f.Redirect(),),
    (f.Slow(0.005),),
    (f.StickyCookie(),),
    (f.NoTotal(), f.NoLink(), f.ClampLimit(7)),
    (f.Total(0), f.NoLink(), f.EmptyObject()),
    (f.NoTotal(), f.NoLink(), f.NoContent(), f.SortIgnored()),
)


@pytest.mark.parametrize("mode", ["full", "delta"])
@pytest.mark.parametrize("faults", HARMLESS, ids=lambda faults: "+".join(map(repr, faults)))
def test_harmless_faults_change_nothing_in_the_outcome(morning: Morning, faults: tuple[Fault, ...], mode: str) -> None:
    with morning.again(*faults) as main:
        run = main.run(*(["--full"] if mode == "full" else []))
        # Servers that refuse to sort, or whose pages overlap, cannot be trusted with a filter either.
        extra = {"RS-SRC-004"} & set(codes(run)) if mode == "delta" else set()
        same(morning, main, run, tuple(extra))


@pytest.mark.parametrize("faults", HARMLESS, ids=lambda faults: "+".join(map(repr, faults)))
def test_harmless_faults_change_nothing_in_1_1_either(older: Morning, faults: tuple[Fault, ...]) -> None:
    with older.again(*faults) as main:
        same(older, main, main.run("--full"), ())


UNTRUSTED_FILTERS = (
    f.FilterIgnored(),
    f.FilterRefused(),
    f.FilterRefused(403),
    f.FilterRefused(500),
    f.FilterFindsNothing(),
    f.RefuseParameters(names=("filter",)),
)


@pytest.mark.parametrize("fault", UNTRUSTED_FILTERS, ids=repr)
def test_a_filter_that_is_not_honored_costs_a_full_fetch(morning: Morning, fault: Fault) -> None:
    with morning.again(fault) as main:
        run = main.run()
        assert run["mode"] == "delta"
        same(morning, main, run, ("RS-SRC-004",))


def test_links_to_another_origin_are_told_and_not_followed(morning: Morning) -> None:
    with morning.again(f.NextElsewhere()) as main:
        same(morning, main, main.run("--full"), ("RS-NET-004",))


def test_a_year_told_as_a_span_is_taken_as_it_is(morning: Morning) -> None:
    with morning.again(f.SchoolYearAsSpan()) as main:
        run = main.run("--full")
        assert run["changes"]["users"] == morning.run["changes"]["users"]
        assert main.roster() | {"sessions": []} == morning.roster | {"sessions": []}


GRAVE: tuple[tuple[tuple[Fault, ...], str], ...] = (
    ((f.TotalTooLarge(),), "RS-SRC-002"),
    ((f.TotalMoves(),), "RS-SRC-002"),
    ((f.SamePage(),), "RS-SRC-002"),
    ((f.ShiftPages(1),), "RS-SRC-002"),
    ((f.UnstableOrder(),), "RS-SRC-002"),
    ((f.NoTotal(), f.UnstableOrder(13)), "RS-SRC-002"),
    ((f.NoTotal(), f.NoLink(), f.UnstableOrder(13)), "RS-SRC-002"),
    ((f.BareArray(),), "RS-SRC-001"),
    ((f.EnvelopeMissing(),), "RS-SRC-001"),
    ((f.EnvelopeNamed("stuff"),), "RS-SRC-001"),
    ((f.Html(),), "RS-SRC-001"),
    ((f.NotJson(),), "RS-SRC-001"),
    ((f.NarrowerScope("nothing"),), "RS-AUTH-004"),
    ((f.TokenExpiresAfter(0),), "RS-AUTH-003"),
    ((f.TokenType("MAC"),), "RS-AUTH-002"),
    ((f.Html(on=["token"]),), "RS-AUTH-002"),
    ((f.Fail(401, on=["token"]),), "RS-AUTH-001"),
    ((f.Fail(400, on=["token"]),), "RS-AUTH-001"),
    ((f.Fail(500, on=["token"]),), "RS-NET-003"),
    ((f.Cut(),), "RS-NET-003"),
    ((f.Fail(404),), "RS-SRC-003"),
    ((f.Fail(501),), "RS-SRC-003"),
    ((f.Fail(403),), "RS-AUTH-004"),
    ((f.Fail(401),), "RS-AUTH-003"),
    ((f.Fail(400),), "RS-SRC-001"),
    ((f.Fail(500),), "RS-NET-003"),
    ((f.Fail(429),), "RS-NET-003"),
    ((f.Fail(503, retry_after=1000),), "RS-NET-003"),
    ((f.Inflated(80, on=["orgs"]),), "RS-SRC-001"),
    ((f.Redirect(loop=True),), "RS-SRC-001"),
    ((f.Redirect("http://127.0.0.2:9"),), "RS-NET-005"),
)


@pytest.mark.parametrize("mode", ["full", "delta"])
@pytest.mark.parametrize(("faults", "code"), GRAVE, ids=lambda value: value if isinstance(value, str) else repr(value))
def test_grave_faults_fail_the_run_and_change_nothing(
    morning: Morning, faults: tuple[Fault, ...], code: str, mode: str
) -> None:
    with morning.again(*faults) as main:
        before = main.mark()
        words = ["--full"] if mode == "full" else []
        answer = main.cli("preview", "main", *words, "--json")
        assert (answer.code, answer.document["code"]) == (1, code)
        main.server.faults.set(*faults)
        run = main.run(*words, code=1)
        assert (run["status"], run["error"]["code"]) == ("failed", code)
        assert run["error"]["hint"]
        assert main.mark() == before
        assert main.log("--last")[0]["error"] == run["error"]
        converges(morning, main)


BROKEN: tuple[tuple[type[Fault], dict[str, Any], str], ...] = (
    (f.Fail, {"status": 404}, "RS-SRC-003"),
    (f.Fail, {"status": 403}, "RS-AUTH-004"),
    (f.Fail, {"status": 500}, "RS-NET-003"),
    (f.Html, {}, "RS-SRC-001"),
    (f.TotalTooLarge, {}, "RS-SRC-002"),
    (f.NotJson, {}, "RS-SRC-001"),
)


@pytest.mark.parametrize("path", REQUIRED)
@pytest.mark.parametrize(("fault", "how", "code"), BROKEN)
def test_a_needed_collection_that_cannot_be_had_fails_the_run(
    morning: Morning, path: str, fault: type[Fault], how: dict[str, Any], code: str
) -> None:
    with morning.again(fault(on=[path], **how)) as main:
        before = main.mark()
        run = main.run("--full", code=1)
        assert run["error"]["code"] == code
        assert path in run["error"]["message"]
        assert main.mark() == before


@pytest.mark.parametrize("path", OPTIONAL)
@pytest.mark.parametrize(("fault", "how", "code"), BROKEN)
def test_sessions_and_courses_that_cannot_be_had_stay_as_they_were(
    morning: Morning, path: str, fault: type[Fault], how: dict[str, Any], code: str
) -> None:
    with morning.again(fault(on=[path], **how)) as main:
        run = main.run("--full", code=3)
        expected = "RS-SRC-003" if code == "RS-SRC-003" else "RS-SRC-002"
        same(morning, main, run, (expected,))
        kind = "sessions" if path == "academicSessions" else path
        assert [each["kind"] for each in run["diagnostics"] if each["code"] == expected] == [kind]
        main.server.faults.clear()
        asked = len(main.server.requests)
        assert main.run()["status"] == "success"
        filtered = {one.path.rpartition("/")[2] for one in main.server.requests[asked:] if "filter" in one.params}
        if expected == "RS-SRC-002":
            # It was not had, so nobody knows what has changed in it since.
            assert path not in filtered


LATE: tuple[Fault, ...] = (
    f.Fail(404, requests={2}),
    f.Fail(400, requests={2}),
    f.Html(requests={2}),
    f.NotJson(requests={2}),
    f.EnvelopeMissing(requests={2}),
    f.BareArray(requests={2}),
)


@pytest.mark.parametrize("path", ["classes", "users", "enrollments"])
@pytest.mark.parametrize("fault", LATE, ids=repr)
def test_what_breaks_on_a_later_page_never_gives_a_part(morning: Morning, path: str, fault: Fault) -> None:
    limited = type(fault)(**{**vars(fault), "on": [path]})
    with morning.again(limited) as main:
        before = main.mark()
        run = main.run("--full", code=None)
        if run["status"] == "failed":
            assert main.mark() == before
        else:
            same(morning, main, run, ())


def test_an_empty_object_is_no_empty_collection(morning: Morning) -> None:
    district = morning.site.server.district
    classes = dict(district.classes)
    with morning.again(f.EmptyObject()) as main:
        before = main.mark()
        try:
            for sourced_id in classes:
                del district.classes[sourced_id]
            run = main.run("--full", code=1)
        finally:
            district.classes.update(classes)
        assert run["error"]["code"] == "RS-SRC-001"
        assert main.mark() == before


def test_every_fault_of_the_server_is_tried() -> None:
    tried = {type(fault).__name__ for faults in HARMLESS for fault in faults}
    tried |= {type(fault).__name__ for faults, _ in GRAVE for fault in faults}
    tried |= {type(fault).__name__ for fault in UNTRUSTED_FILTERS}
    elsewhere = {"NextElsewhere", "SchoolYearAsSpan", "WrongClock"}
    assert tried | elsewhere == set(f.__all__) - {"Fault", "Faults"}


def test_a_server_that_is_gone_is_told_as_such(tmp_path: Path) -> None:
    with site(tmp_path / "gone") as main:
        main.run()
        before = main.mark()
    run = main.run(code=1)
    assert run["error"]["code"] == "RS-NET-001"
    assert main.mark() == before


def test_sessions_are_needed_where_they_are_respected(tmp_path: Path) -> None:
    broken = f.Fail(404, on=["academicSessions"])
    with site(tmp_path, [broken], sync={"respect_academic_sessions": True}) as main:
        run = main.run(code=1)
        assert run["error"]["code"] == "RS-SRC-003"
        assert not main.roster()["users"]
        main.server.faults.clear()
        main.run()
        # Known from then on: the next time that they cannot be had is no more than partial.
        main.server.faults.set(broken)
        assert main.run(code=3)["status"] == "partial"


def test_a_long_fetch_ends_at_its_deadline(tmp_path: Path) -> None:
    with site(tmp_path, [f.Slow(0.4)], source={"deadline": "1s"}) as main:
        run = main.run(code=1)
        assert run["error"]["code"] == "RS-NET-003"
        assert not main.roster()["users"]


def test_a_request_that_drips_ends_at_its_time(tmp_path: Path) -> None:
    with site(tmp_path, [f.Drip(0.05, on=["orgs"])], source={"timeout": 1, "retries": 0}) as main:
        assert main.run(code=1)["error"]["code"] == "RS-NET-003"


def test_the_store_of_a_failed_first_run_is_empty(tmp_path: Path) -> None:
    with site(tmp_path, [f.Html()]) as main:
        main.run(code=1)
        assert not any(main.roster().values())
        assert main.status()["last_sync_at"] is None
        assert main.log()[0]["status"] == "failed"
