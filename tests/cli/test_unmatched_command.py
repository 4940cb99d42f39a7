"""`unmatched`: who has no account, on screen, as a document, and as a table that settles the rest."""

from __future__ import annotations

import csv
import io
import stat
from pathlib import Path
from typing import Any

import pytest
from inline_snapshot import snapshot

from rostersync.cli.render.unmatched import COLUMNS, sheet, unmatched_document
from rostersync.demo import District, Server
from rostersync.model.snapshot import Role, User
from rostersync.pipeline.suggesting import Suggestion
from rostersync.pipeline.unmatched import School, Unmatched
from tests.cli.world import NAME, Answer, World
from tests.cli.worlds import offline, server, world

__all__ = ["offline", "server", "world"]

SETTINGS = """
[integrations.springdale.directory]
type = "csv"
path = "accounts.csv"
"""
GONE, TYPO, TWINS, OFF, TEACHER, PRINCIPAL = "stu-0020", "stu-0021", "stu-0040", "stu-0041", "tch-0003", "stf-0002"


def district(server: Server | None) -> District:
    assert server is not None
    return server.district


def write_accounts(world: World, **settled: str) -> None:
    """An account for everybody with an email, but for those named above; `settled` are emails of further ones."""
    rows = [("id", "email", "username", "disabled")]
    for who, user in district(world.server).users.items():
        email = str(user.get("email") or "")
        if who in {TYPO, GONE, TEACHER, PRINCIPAL}:
            email = email.replace(".", "", 1) if who == TYPO else ""
        if who.startswith("="):
            continue
        rows.append((f"acc-{who}", email, "", "yes" if who == OFF else "no"))
        if who == TWINS:
            rows.append(("twin", email, "", ""))
    rows += [(account, email, "", "") for account, email in settled.items()]
    with (world.folder / "accounts.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


@pytest.fixture
def matched(world: World) -> World:
    """A world in which a run has matched with a directory that lacks some."""
    world.configure(SETTINGS)
    write_accounts(world)
    assert world("run", NAME, "-q").code == 0
    return world


def listed(answer: Answer) -> dict[str, Any]:
    assert answer.code == 0, answer
    document = answer.document
    assert document["schema"] == "rostersync/unmatched/1"
    assert set(document) == {"schema", "unmatched"}
    return {user["sourced_id"]: user for user in document["unmatched"]}


def test_the_list_by_school(matched: World) -> None:
    assert matched("unmatched", NAME, "--suggest").golden == snapshot("""\
exit 0
Cedar Elementary (sch-01)
  Åsa Ellery  stf-0002  staff, excluded  asa.ellery.s0002@example.org
      no account has the same email
  Cleo Ingram  stu-0041  student, excluded  cleo.ingram.s0041@example.org
      no account has the same email
      → acc-stu-0041 (100 %): has the same email cleo.ingram.s0041@example.org;
      it is disabled (directory.match_disabled)
  Cleo Tate  stu-0006  student, excluded  theo.ash.s0007@example.org
      several accounts have the email theo.ash.s0007@example.org
      → acc-stu-0006 (100 %): has the same email theo.ash.s0007@example.org
      → acc-stu-0007 (100 %): has the same email theo.ash.s0007@example.org
  Kai Pike  stu-0040  student, excluded  kai.pike.s0040@example.org
      several accounts have the email kai.pike.s0040@example.org
      → acc-stu-0040 (100 %): has the same email kai.pike.s0040@example.org
      → twin (100 %): has the same email kai.pike.s0040@example.org
  Rhea Glenn  tch-0003  teacher, excluded  rhea.glenn.t0003@example.org
      no account has the same email

Cedar Middle School (sch-02)
  Ann Palmer  stu-0021  student, excluded  ann.palmer.s0021@example.org
      no account has the same email
      → acc-stu-0021 (97 %): its email annpalmer.s0021@example.org is like the
      email ann.palmer.s0021@example.org
  Jonas Sørby  stu-0020  student, excluded  jonas.sorby.s0020@example.org
      no account has the same email

7 users have no account: 7 excluded, 0 kept without one.
""")


def test_the_document(matched: World) -> None:
    found = listed(matched("unmatched", NAME, "--suggest", "--json"))
    assert found[TYPO] == snapshot(
        {
            "sourced_id": "stu-0021",
            "label": "Ann Palmer",
            "role": "student",
            "schools": [{"sourced_id": "sch-02", "name": "Cedar Middle School"}],
            "email": "ann.palmer.s0021@example.org",
            "username": "ann.palmer.s0021",
            "kept": False,
            "why": "no account has the same email",
            "suggestions": [
                {
                    "account_id": "acc-stu-0021",
                    "email": "annpalmer.s0021@example.org",
                    "score": 97,
                    "why": "its email annpalmer.s0021@example.org is like the email ann.palmer.s0021@example.org",
                }
            ],
        }
    )
    assert found[TEACHER]["role"] == "teacher"
    assert found[PRINCIPAL]["role"] == "staff"
    assert [one["account_id"] for one in found[TWINS]["suggestions"]] == [f"acc-{TWINS}", "twin"]
    assert "it is disabled" in found[OFF]["suggestions"][0]["why"]
    plain = listed(matched("unmatched", NAME, "--json"))
    assert {who: user | {"suggestions": []} for who, user in found.items()} == plain


def test_it_agrees_with_the_run_and_with_explain(matched: World) -> None:
    found = listed(matched("unmatched", NAME, "--json"))
    run = matched("log", NAME, "--last", "--json").document["runs"][0]
    assert run["counts"]["unmatched_users"] == len(found)
    reported = [each for each in run["diagnostics"] if each["code"] in {"RS-USER-001", "RS-USER-004"}]
    assert sorted(each["sourced_id"] for each in reported) == sorted(found)
    for who, user in found.items():
        subject = matched("explain", NAME, who, "--json").document["subjects"][0]
        (why,) = [step["because"] for step in subject["decisions"] if step["rule"] == "8"]
        assert (user["why"], user["kept"]) == (why, subject["kept"])


def test_it_needs_neither_source_nor_directory_and_changes_nothing(matched: World) -> None:
    before = matched.store.read_bytes()
    (matched.folder / "accounts.csv").unlink()
    matched.server = None
    matched.configure(SETTINGS)
    assert GONE in listed(matched("unmatched", NAME, "--suggest", "--json"))
    assert matched.store.read_bytes() == before


def test_who_is_kept_without_an_account_is_listed_too(matched: World) -> None:
    matched.configure('\n[integrations.springdale.sync]\nmissing_users = "create"\nparents = true\n' + SETTINGS)
    assert matched("run", NAME, "-q").code == 0
    found = listed(matched("unmatched", NAME, "--json"))
    assert {GONE, TEACHER} <= set(found)
    assert all(user["kept"] for user in found.values())
    assert found[GONE]["role"] == "student"
    answer = matched("unmatched", NAME)
    assert ", kept without an account" in answer.out
    assert f"{len(found)} users have no account: 0 excluded, {len(found)} kept without one." in answer.out


def test_parents_have_no_school_of_their_own_and_are_listed_as_parents(matched: World) -> None:
    matched.configure("\n[integrations.springdale.sync]\nparents = true\n" + SETTINGS)
    rows = (matched.folder / "accounts.csv").read_text("utf-8").splitlines()
    (matched.folder / "accounts.csv").write_text("\n".join(row for row in rows if "acc-par-" not in row), "utf-8")
    assert matched("run", NAME, "-q", "--force").code == 0
    parents = [user for who, user in listed(matched("unmatched", NAME, "--json")).items() if who.startswith("par-")]
    assert parents
    assert {(user["role"], user["kept"]) for user in parents} == {("parent", False)}


def test_who_has_left_as_a_student_is_listed_in_the_group_that_is_left(matched: World) -> None:
    both = [{"roleType": "primary", "role": role, "org": "sch-01"} for role in ("student", "teacher")]
    everyone = district(matched.server)
    everyone.touch("users", GONE, matched.now, roles=both)
    for enrollment in list(everyone.enrollments_of(GONE)):
        everyone.touch("enrollments", str(enrollment["sourcedId"]), matched.now, endDate="2026-09-01")
    assert matched("run", NAME, "-q", "--full").code == 0
    assert listed(matched("unmatched", NAME, "--json"))[GONE]["role"] == "student"
    matched.configure("\n[integrations.springdale.sync]\nrespect_enrollment_dates = true\n" + SETTINGS)
    assert listed(matched("unmatched", NAME, "--json"))[GONE]["role"] == "teacher"


def test_as_of_another_day(matched: World) -> None:
    for enrollment in list(district(matched.server).enrollments_of(GONE)):
        district(matched.server).touch("enrollments", str(enrollment["sourcedId"]), matched.now, endDate="2027-06-30")
    matched.configure("\n[integrations.springdale.sync]\nrespect_enrollment_dates = true\n" + SETTINGS)
    assert matched("run", NAME, "-q").code == 0
    today = listed(matched("unmatched", NAME, "--json"))
    later = listed(matched("unmatched", NAME, "--json", "--date", "2028-01-01"))
    assert GONE in today
    assert GONE not in later


def test_everybody_has_an_account(matched: World) -> None:
    emails = {str(user["email"]): who for who, user in district(matched.server).users.items() if user.get("email")}
    rows = ["id,email", *(f"{who},{email}" for email, who in emails.items())]
    (matched.folder / "accounts.csv").write_text("\n".join(rows), "utf-8")
    matched.configure('\n[integrations.springdale.sync]\nroles = ["teacher"]\n' + SETTINGS)
    assert matched("run", NAME, "-q", "--force").code == 0
    assert matched("unmatched", NAME).golden == snapshot("""\
exit 0
Every user who is looked up has an account.
""")


def table(path: Path) -> list[dict[str, str]]:
    """The table as a spreadsheet reads it."""
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig")), strict=True))


def test_the_table_is_private_whole_and_has_what_the_list_has(matched: World) -> None:
    path = matched.folder / "missing.csv"
    path.write_text("what was there before")
    answer = matched("unmatched", NAME, "--suggest", "--csv", str(path))
    found = listed(matched("unmatched", NAME, "--suggest", "--json"))
    assert answer.golden == snapshot("""\
exit 0
7 users have no account: 7 excluded, 0 kept without one. The table is in DIR/missing.csv.
""")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in matched.folder.iterdir() if each.name.startswith(".missing")] == []
    rows = table(path)
    assert [row["sourcedId"] for row in rows] == list(found)
    typo = next(row for row in rows if row["sourcedId"] == TYPO)
    assert typo == snapshot(
        {
            "sourcedId": "stu-0021",
            "id": "",
            "name": "Ann Palmer",
            "role": "student",
            "school": "Cedar Middle School",
            "email": "ann.palmer.s0021@example.org",
            "username": "ann.palmer.s0021",
            "kept": "no",
            "why": "no account has the same email",
            "suggested_id_1": "acc-stu-0021",
            "suggested_email_1": "annpalmer.s0021@example.org",
            "suggested_score_1": "97",
            "suggested_why_1": "its email annpalmer.s0021@example.org is like the email ann.palmer.s0021@example.org",
            "suggested_id_2": "",
            "suggested_email_2": "",
            "suggested_score_2": "",
            "suggested_why_2": "",
            "suggested_id_3": "",
            "suggested_email_3": "",
            "suggested_score_3": "",
            "suggested_why_3": "",
        }
    )
    matched("unmatched", NAME, "--csv", str(path))
    assert tuple(table(path)[0]) == COLUMNS


def test_the_table_becomes_the_file_of_overrides(matched: World) -> None:
    path = matched.folder / "missing.csv"
    assert matched("unmatched", NAME, "--suggest", "--csv", str(path), "--json").code == 0
    rows = table(path)
    chosen = [row | {"id": row["suggested_id_1"]} for row in rows if row["sourcedId"] in {TYPO, TWINS}]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(chosen)
    matched.configure('\n[integrations.springdale.match]\noverrides = "missing.csv"\n' + SETTINGS)
    before = set(listed(matched("unmatched", NAME, "--json")))
    assert matched("run", NAME, "-q").code == 0
    assert set(listed(matched("unmatched", NAME, "--json"))) == before
    assert before.isdisjoint({TYPO, TWINS})
    sql = "SELECT sourced_id, account_id FROM roster_users WHERE sourced_id IN (?, ?) ORDER BY 1"
    assert matched.rows(sql, TYPO, TWINS) == [(TYPO, f"acc-{TYPO}"), (TWINS, f"acc-{TWINS}")]


def test_cells_that_a_spreadsheet_would_run_are_defused_and_overrides_read_them_back(matched: World) -> None:
    district(matched.server).add(
        "users",
        "=cmd|x",
        "2026-11-20T00:00:00.000Z",
        roles=[{"role": "student", "org": "sch-01"}],
        primaryOrg="sch-01",
        givenName="@SUM(1)",
        familyName="Orr",
        email="-1@example.org",
    )
    write_accounts(matched, **{"+49": "=x@example.org"})
    assert matched("run", NAME, "-q", "--full").code == 0
    path = matched.folder / "missing.csv"
    assert matched("unmatched", NAME, "--csv", str(path)).code == 0
    row = next(row for row in table(path) if "cmd" in row["sourcedId"])
    assert (row["sourcedId"], row["name"], row["email"]) == ("'=cmd|x", "'@SUM(1) Orr", "'-1@example.org")
    path.write_text("sourcedId,id\n'=cmd|x,'+49\n", "utf-8")
    matched.configure('\n[integrations.springdale.match]\noverrides = "missing.csv"\n' + SETTINGS)
    assert matched("run", NAME, "-q").code == 0
    assert matched.rows("SELECT account_id FROM roster_users WHERE sourced_id = '=cmd|x'") == [("+49",)]


def test_overrides_of_users_whom_the_source_does_not_have_are_told(matched: World) -> None:
    (matched.folder / "by-hand.csv").write_text("sourcedId,id\n7,acc-stu-0007\nstu-0007,acc-stu-0007\n", "utf-8")
    matched.configure('\n[integrations.springdale.match]\noverrides = "by-hand.csv"\n' + SETTINGS)
    answer = matched("unmatched", NAME)
    assert (answer.code, answer.err) == (0, "match.overrides names users that the source does not have: 7\n")
    assert matched("unmatched", NAME, "-q").err == ""


def test_a_table_that_cannot_be_written_is_told_and_leaves_nothing(matched: World) -> None:
    answer = matched("unmatched", NAME, "--csv", str(matched.folder / "nowhere" / "missing.csv"), "--json")
    assert (answer.code, answer.document["code"]) == (1, "RS-OUT-001")


@pytest.mark.parametrize(("settings", "said"), [("", "has no directory"), (SETTINGS, "has never been synced")])
def test_before_there_is_anything_to_miss(world: World, settings: str, said: str) -> None:
    world.configure(settings)
    answer = world("unmatched", NAME, "--json")
    assert (answer.code, answer.document["code"]) == (2, "RS-CFG-007")
    assert said in answer.document["message"]
    assert world("unmatched", "nobody").code == 2


def user(**fields: Any) -> Unmatched:  # noqa: ANN401 - the fields of a user
    found = User((Role("student"),), **fields)
    schools = (School("A", "Ä [b]High[/b]"), School("B", "Low"))
    suggestion = Suggestion("1", None, 90, 'its username "x" is like, say, that')
    return Unmatched("s-1", found, "student", schools, kept=True, why="no account", suggestions=(suggestion,))


def test_what_records_say_stays_in_its_cell() -> None:
    text = sheet(unmatched_document([user(given_name="Ann\nLee", family_name='"Q", Jr')]), suggest=True)
    (row,) = csv.DictReader(io.StringIO(text), strict=True)
    assert row["name"] == 'Ann Lee "Q", Jr'
    assert row["school"] == "Ä [b]High[/b]; Low"
    assert (row["kept"], row["id"], row["email"]) == ("yes", "", "")
    assert row["suggested_why_1"] == 'its username "x" is like, say, that'
    assert row["suggested_id_3"] == ""


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"given_name": "Ann"}, "Ann"),
        ({"family_name": "Lee", "username": "al"}, "Lee"),
        ({"username": "al"}, "al"),
        ({}, "s-1"),
    ],
)
def test_everybody_is_called_something(fields: dict[str, str], name: str) -> None:
    assert unmatched_document([user(**fields)])["unmatched"][0]["label"] == name
