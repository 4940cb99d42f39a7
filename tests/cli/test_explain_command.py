"""`explain`: why somebody is, or is not, in the roster."""

from __future__ import annotations

import re
import sys

import pytest
from inline_snapshot import snapshot

from rostersync.cli.output import write_text
from rostersync.cli.render.explain import View, explained
from rostersync.model.decision import Reason, Step, Subject
from rostersync.model.kind import Kind
from tests.cli.world import NAME, World
from tests.cli.worlds import offline, server, synced, world

__all__ = ["offline", "server", "synced", "world"]

DATES = """
[integrations.springdale.sync]
respect_enrollment_dates = true
parents = true
"""


def test_rule_3_one_screen_says_why_a_student_is_not_in_the_roster(synced: World) -> None:
    synced.configure(DATES)
    answer = synced("explain", NAME, "stu-0001")
    assert answer.golden == snapshot("""\
exit 0
  ✗ Rhea Ellery  stu-0001  excluded: left-school (rule 3)
      rule 0  kept: the source has the record, and it is not marked as deleted
      rule 1  kept: belongs to Cedar Elementary (sch-01), which is selected
      rule 2  kept: roles held: student, which make the groups student;
              sync.roles is student, teacher, staff
      rule 3  left-school: every student enrollment in a selected school has
              ended

Classes: 6 kept (rules 0, 1, 5): Homeroom KGA, Mathematics KGA, English KGA,
Science KGA, Social Studies KGA, Art KGA

Enrollments: 6 excluded: enrollment-not-current (rule 3): it does not cover
2026-11-20: from 2026-08-15 to 2026-10-01, the end not included
      Rhea Ellery in Homeroom KGA as student  enr-000001
      Rhea Ellery in Mathematics KGA as student  enr-000011
      Rhea Ellery in English KGA as student  enr-000021
      Rhea Ellery in Science KGA as student  enr-000031
      Rhea Ellery in Social Studies KGA as student  enr-000041
      Rhea Ellery in Art KGA as student  enr-000051

Relationships: 1 excluded: user-excluded (rule 9): Rhea Ellery (stu-0001) is
excluded: left-school; Otis Ellery (par-0001) is excluded: parent-without-email
      Otis Ellery of Rhea Ellery  stu-0001|par-0001
""")
    assert len(answer.out.splitlines()) <= 23  # and the prompt below it


def test_what_was_asked_for_is_shown_first_with_every_step(synced: World) -> None:
    assert synced("explain", NAME, "cls-0001").golden == snapshot("""\
exit 0
  ✓ Homeroom KGA  cls-0001  kept (rules 0, 1, 5)
      rule 0  kept: the source has the record, and it is not marked as deleted
      rule 1  kept: it is a class of Cedar Elementary (sch-01), which is
              selected
      rule 5  kept: classes are synced

Enrollments: 12 kept, 1 excluded
  ✗ 1 excluded: dangling-reference (rule 0): the source does not have its user
    stu-gone
      stu-gone in Homeroom KGA as student  enr-dangling
  ✓ 12 kept (rules 0, 3, 9)
      Rhea Ellery in Homeroom KGA as student  enr-000001
      Uma Quill in Homeroom KGA as student  enr-000002
      Åsa Rand in Homeroom KGA as student  enr-000003
      Kai Pike in Homeroom KGA as student  enr-000004
      Milo Stone in Homeroom KGA as student  enr-000005
      Finn Jarrow in Homeroom KGA as student  enr-000006
      Gail Sloane in Homeroom KGA as student  enr-000007
      Faye Hollis in Homeroom KGA as student  enr-000008
      Quinn Sørby in Homeroom KGA as student  enr-000009
      Hugh Yates in Homeroom KGA as student  enr-000010
      Dean Fenn in Homeroom KGA as teacher  enr-000343
      Levi Ingram in Homeroom KGA as teacher  enr-000344
""")


def test_everything_is_shown_in_full_on_demand(synced: World) -> None:
    plain, full = synced("explain", NAME, "stu-0009"), synced("explain", NAME, "stu-0009", "-v")
    cause = "are kept"
    assert cause not in plain.out.replace("\n", " ")
    assert full.out.replace("\n", " ").count("rule 9  kept") == full.out.count("enr-")


@pytest.mark.parametrize("who", ["theo.ash.s0007@example.org", "THEO.ASH.S0007@example.org ", "stu-0007"])
def test_who_is_an_id_or_an_email_in_any_case(synced: World, who: str) -> None:
    subjects = synced("explain", NAME, who, "--json").document["subjects"]
    assert "stu-0007" in [subject["sourced_id"] for subject in subjects if subject["kind"] == "users"]


def test_the_document_has_the_keys_of_the_contract(synced: World) -> None:
    document = synced("explain", NAME, "stu-0007", "--json").document
    assert list(document) == ["schema", "subjects"]
    assert document["schema"] == "rostersync/explain/1"
    assert document["subjects"][0] == snapshot(
        {
            "kind": "users",
            "sourced_id": "stu-0007",
            "label": "Theo Ash",
            "kept": False,
            "reason": "duplicate-email",
            "decisions": [
                {
                    "rule": "0",
                    "outcome": "kept",
                    "because": "the source has the record, and it is not marked as deleted",
                },
                {
                    "rule": "1",
                    "outcome": "kept",
                    "because": "belongs to Cedar Middle School (sch-02), which is selected",
                },
                {
                    "rule": "2",
                    "outcome": "kept",
                    "because": "roles held: student, which make the groups student; sync.roles is student, teacher, staff",  # noqa: E501 - a line of the golden
                },
                {
                    "rule": "7",
                    "outcome": "duplicate-email",
                    "because": "stu-0006 is the student who has the email theo.ash.s0007@example.org",
                },
            ],
        }
    )
    kinds = [subject["kind"] for subject in document["subjects"]]
    assert list(dict.fromkeys(kinds)) == ["users", "classes", "enrollments", "relationships"]
    assert kinds.count("enrollments") >= 6


def test_the_day_decides(synced: World) -> None:
    synced.configure(DATES)
    before, after = (
        synced("explain", NAME, "stu-0001", "--date", day, "--json").document["subjects"][0]
        for day in ("2026-09-30", "2026-10-01")
    )
    assert (before["kept"], before["reason"]) == (True, None)
    assert (after["kept"], after["reason"]) == (False, "left-school")


def test_today_is_the_day_in_the_time_zone_of_the_integration(synced: World) -> None:
    zone = '\n[integrations.springdale.schedule]\ntimezone = "Pacific/Auckland"\n'
    synced.now = synced.now.replace(month=9, day=30)
    for settings, kept in ((DATES, True), (DATES + zone, False)):
        synced.configure(settings)
        assert synced("explain", NAME, "stu-0001", "--json").document["subjects"][0]["kept"] is kept


@pytest.mark.parametrize("day", ["2026-13-01", "tomorrow", "20261121", ""])
def test_a_day_that_is_none_is_refused(synced: World, day: str) -> None:
    answer = synced("explain", NAME, "stu-0001", "--date", day, "--json")
    assert answer.code == 2
    assert answer.document["code"] == "RS-CFG-007"
    assert "--date" in answer.document["message"]


def test_whom_nobody_knows_is_a_usage_error(synced: World) -> None:
    answer = synced("explain", NAME, "ann@example.org")
    assert answer.golden == snapshot("""\
exit 2
--- stderr
rostersync: RS-CFG-007: springdale knows nobody and nothing called ann@example.org

WHO is a sourcedId of a user, class or enrollment, an email, or a username; new ones are known after a run.
""")


def test_before_the_first_run_nobody_is_known(offline: World) -> None:
    answer = offline("explain", NAME, "stu-0001")
    assert answer.golden == snapshot("""\
exit 2
--- stderr
rostersync: RS-CFG-007: springdale has never been synced, so that nothing is known of stu-0001

Its records are known after the first run: rostersync run springdale
""")
    assert not offline.store.exists()


def test_neither_the_source_nor_a_secret_is_needed(synced: World) -> None:
    text = synced.config.read_text(encoding="utf-8")
    secret = 'type = "bearer"\ntoken = "env:NOT_SET"'
    synced.config.write_text(
        re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:9", text.replace('type = "none"', secret)), encoding="utf-8"
    )
    answer = synced("explain", NAME, "stu-0003")
    assert answer.code == 0
    assert "✓" in answer.out


def test_whom_only_the_roster_knows_is_explained_by_rule_11(synced: World) -> None:
    assert synced.server is not None
    synced.server.district.drop("users", "stu-0020")
    assert synced("run", NAME, "--full", "-q").code == 0
    assert synced("explain", NAME, "stu-0020").golden == snapshot("""\
exit 0
  ✗ Jonas Sørby  stu-0020  excluded: not-in-source (rule 11)
      rule 11  not-in-source: the source no longer has it; the roster does

Classes: 6 kept (rules 0, 1, 5): Homeroom 06A, Mathematics 06A, English 06A,
Science 06A, Social Studies 06A, Art 06A

Enrollments: 6 excluded: dangling-reference (rule 0): the source does not have
its user stu-0020
      Jonas Sørby in Homeroom 06A as student  enr-000389
      Jonas Sørby in Mathematics 06A as student  enr-000398
      Jonas Sørby in English 06A as student  enr-000407
      Jonas Sørby in Science 06A as student  enr-000416
      Jonas Sørby in Social Studies 06A as student  enr-000425
      Jonas Sørby in Art 06A as student  enr-000434
""")


def subjects(count: int) -> list[Subject]:
    """A class and its enrollments, every tenth of them excluded."""
    kept, lost = Step("9", "kept", "all is well"), Step("9", Reason.USER_EXCLUDED, "its user is excluded")
    class_ = Subject(Kind.CLASSES, "c", "Choir", kept=True, reason=None, decisions=(Step("1", "kept", "a school"),))
    many = [
        Subject(
            Kind.ENROLLMENTS,
            f"e{n}",
            f"stu-{n} in Choir",
            bool(n % 10),
            None if n % 10 else Reason.USER_EXCLUDED,
            (kept if n % 10 else lost,),
        )
        for n in range(count)
    ]
    return [class_, *many]


def test_hundreds_of_enrollments_are_summed_up(offline: World, capsys: pytest.CaptureFixture[str]) -> None:
    del offline
    document = explained(subjects(300))
    write_text(sys.stdout, View()(document))
    assert capsys.readouterr().out == snapshot("""\
  ✓ Choir  c  kept (rule 1)
      rule 1  kept: a school

Enrollments: 270 kept, 30 excluded
  ✗ 30 excluded: user-excluded (rule 9)
      stu-0 in Choir  e0
      stu-10 in Choir  e10
      stu-20 in Choir  e20
      stu-30 in Choir  e30
      stu-40 in Choir  e40
      stu-50 in Choir  e50
      stu-60 in Choir  e60
      stu-70 in Choir  e70
      stu-80 in Choir  e80
      stu-90 in Choir  e90
  ✓ 270 kept (rule 9)
      stu-1 in Choir  e1
      stu-2 in Choir  e2
      stu-3 in Choir  e3
  These are examples: -v lists all of them, and so does --json.
""")
    write_text(sys.stdout, View(full=True)(document))
    assert capsys.readouterr().out.count("stu-") == 300
    assert len(document["subjects"]) == 301


def test_what_a_record_says_is_shown_as_it_is(offline: World, capsys: pytest.CaptureFixture[str]) -> None:
    del offline
    odd = Subject(
        Kind.USERS,
        "[b]",
        "[red]Ann\x1b[2J",
        kept=False,
        reason=Reason.UNMATCHED,
        decisions=(Step("8", "unmatched", "[/i]"),),
    )
    write_text(sys.stdout, View()(explained([odd])))
    assert capsys.readouterr().out == snapshot("""\
  ✗ [red]Ann\\x1b[2J  [b]  excluded: unmatched (rule 8)
      rule 8  unmatched: [/i]
""")
