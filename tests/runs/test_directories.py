"""Rule 8 in whole runs: who is matched with which account, the three numbers, and what `explain` says."""

from __future__ import annotations

from pathlib import Path

import pytest

from rostersync.demo import District
from tests.runs.demo_site import Site, codes, is_empty
from tests.runs.directory_site import (
    about,
    account_of,
    accounts_of,
    configure,
    directory_site,
    lean,
    numbers,
    rule_8,
    users_in_force,
    write,
    write_accounts,
)

ONE, TWO, THREE, FOUR, FIVE, SIX, SEVEN, EIGHT = (f"stu-000{number}" for number in range(1, 9))
TEACHER = "tch-0001"


def role_count(district: District, prefix: str) -> int:
    return sum(who.startswith(prefix) for who in district.users)


def email_of(main: Site, who: str) -> str:
    return str(main.server.district.users[who]["email"])


def test_everybody_is_matched_by_email(tmp_path: Path) -> None:
    with directory_site(tmp_path) as main:
        run = main.run()
        students, teachers = role_count(main.server.district, "stu-"), role_count(main.server.district, "tch-")
        assert run["status"] == "success"
        assert numbers(run) == (0, students, teachers)
        assert account_of(main, ONE) == f"acc-{ONE}"
        assert rule_8(main, ONE) == ("kept", f"the roster ties account acc-{ONE} to this user")
        assert is_empty(main.run()["changes"])
        assert is_empty(main.run("--full")["changes"])


def test_every_kind_of_case_in_one_run(tmp_path: Path) -> None:
    district = lean()
    file, people = accounts_of(district), district.users
    file[TWO] = {"id": "by-username", "username": str(people[TWO]["username"]).upper() + " "}
    file["twin"] = {"id": "twin", "email": file[THREE]["email"].upper()}
    file[FOUR] = {"id": "stranger", "email": "nobody@example.org"}
    file[FIVE] |= {"username": str(people[SIX]["username"])}
    del file[SIX]
    file[SEVEN] |= {"disabled": "yes"}
    file[EIGHT] |= {"email": "somebody@else.example", "aliases": f"x@example.org, SMTP:{file[EIGHT]['email']}"}
    with directory_site(tmp_path, file, district=district, match={"by": ["email", "username"]}) as main:
        shown = main.preview()
        run = main.run()
        students = role_count(district, "stu-")
        assert numbers(run) == (3, students - 3, role_count(district, "tch-"))
        assert shown["counts"] == run["counts"]
        assert run["counts"]["excluded_users"] == 3
        assert (run["status"], codes(run)) == ("success", ["RS-USER-001", "RS-USER-004"])
        assert (about(run, "RS-USER-001"), about(run, "RS-USER-004")) == ([FOUR, SEVEN], [THREE])
        assert [account_of(main, who) for who in (ONE, TWO, FIVE, SIX, EIGHT)] == [
            f"acc-{ONE}",
            "by-username",
            f"acc-{FIVE}",
            f"acc-{FIVE}",
            f"acc-{EIGHT}",
        ]
        assert users_in_force(main, "student").isdisjoint({THREE, FOUR, SEVEN})
        assert {row[1] for row in main.roster()["enrollments"]}.isdisjoint(
            enrollment["sourcedId"] for who in (THREE, FOUR, SEVEN) for enrollment in district.enrollments_of(who)
        )
        assert rule_8(main, THREE) == ("unmatched", f"several accounts have the email {email_of(main, THREE)}")
        assert rule_8(main, FOUR) == ("unmatched", "no account has the same email or username")
        assert len(users_in_force(main, "student")) == run["counts"]["matched_students"]
        assert is_empty(main.run()["changes"])


def test_who_was_deleted_and_comes_back_is_matched_anew(tmp_path: Path) -> None:
    with directory_site(tmp_path, sync={"removed_users": "delete"}) as main:
        main.run()
        main.server.district.mark_deleted("users", TWO, main.clock.advance(hours=1))
        main.run()
        main.server.district.touch("users", TWO, main.clock.advance(hours=1), status="active")
        assert main.preview()["changes"]["users"]["create"] == 1
        main.run()
        assert account_of(main, TWO) == f"acc-{TWO}"


def test_an_email_that_changed_in_the_sis_leaves_the_account_tied(tmp_path: Path) -> None:
    with directory_site(tmp_path) as main:
        main.run()
        main.server.district.touch("users", ONE, main.clock.advance(days=1), email="new.name@example.org")
        run = main.run()
        assert (run["mode"], run["counts"]["unmatched_users"], codes(run)) == ("delta", 0, [])
        assert run["changes"]["users"] == {"create": 0, "update": 1, "remove": 0}
        row = main.row("users", ONE)
        assert row is not None
        assert (row["email"], row["account_id"]) == ("new.name@example.org", f"acc-{ONE}")
        assert rule_8(main, ONE) == ("kept", f"the roster ties account acc-{ONE} to this user")


def test_a_tied_account_wins_over_another_that_has_the_email_now(tmp_path: Path) -> None:
    with directory_site(tmp_path) as main:
        main.run()
        file = accounts_of(main.server.district)
        file["other"] = {"id": "other", "email": file[ONE]["email"]}
        file[ONE]["email"] = "renamed@example.org"
        write_accounts(main, file)
        assert is_empty(main.run()["changes"])
        assert account_of(main, ONE) == f"acc-{ONE}"


def test_a_tied_account_that_is_gone_disables_the_user_or_gives_way_to_the_next(tmp_path: Path) -> None:
    with directory_site(tmp_path) as main:
        main.run()
        file = accounts_of(main.server.district)
        del file[ONE]
        file[TWO]["id"] = "made-again"
        file[THREE]["disabled"] = "true"
        write_accounts(main, file)
        run = main.run()
        assert about(run, "RS-USER-001") == [ONE, THREE]
        plan = {each["sourced_id"]: each for each in main.log("--last", "--changes")[0]["plan"]}
        assert (plan[ONE]["action"], plan[ONE]["reason"]) == ("remove", "unmatched")
        assert plan[TWO]["after"] == {"account_id": "made-again"}
        row = main.row("users", ONE)
        assert row is not None
        assert (row["state"], row["enabled"], row["account_id"]) == ("disabled", 0, f"acc-{ONE}")
        assert account_of(main, TWO) == "made-again"
        write_accounts(main, accounts_of(main.server.district))
        assert main.run()["counts"]["unmatched_users"] == 0
        assert [account_of(main, who) for who in (ONE, TWO, THREE)] == [f"acc-{who}" for who in (ONE, TWO, THREE)]


def test_disabled_accounts_are_matched_where_asked_for(tmp_path: Path) -> None:
    district = lean()
    file = accounts_of(district)
    file[ONE]["disabled"] = file[TEACHER]["disabled"] = "1"
    with directory_site(tmp_path, file, district=district) as main:
        assert sorted(about(main.run(), "RS-USER-001")) == [ONE, TEACHER]
        configure(main, directory={"match_disabled": True})
        run = main.run()
        assert (codes(run), run["changes"]["users"]["create"]) == ([], 2)
        assert account_of(main, TEACHER) == f"acc-{TEACHER}"


def test_missing_users_create_keeps_the_unmatched_without_an_account(tmp_path: Path) -> None:
    district = lean()
    file = accounts_of(district)
    for who in (ONE, TEACHER):
        del file[who]
    with directory_site(tmp_path, file, district=district, sync={"missing_users": "create"}) as main:
        run = main.run()
        assert numbers(run) == (2, role_count(district, "stu-") - 1, role_count(district, "tch-") - 1)
        assert run["counts"]["excluded_users"] == 0
        assert sorted(about(run, "RS-USER-001")) == [ONE, TEACHER]
        assert [account_of(main, who) for who in (ONE, TEACHER)] == [None, None]
        assert rule_8(main, ONE) == ("kept", "no account has the same email")
        write_accounts(main, accounts_of(district))
        assert main.run()["changes"]["users"] == {"create": 0, "update": 2, "remove": 0}
        assert account_of(main, ONE) == f"acc-{ONE}"


def test_parents_are_looked_up_after_their_children(tmp_path: Path) -> None:
    district = lean(parents=True)
    file = accounts_of(district)
    with directory_site(tmp_path, file, district=district, sync={"parents": True}) as main:
        first = main.preview()["counts"]
        assert first["unmatched_users"] == 0
        parent = min(users_related(main))
        del file[parent]
        write_accounts(main, file)
        run = main.run()
        assert about(run, "RS-USER-001") == [parent]
        assert run["counts"]["matched_parents"] == first["matched_parents"] - 1
        assert run["counts"]["matched_students"] == first["matched_students"]
        assert rule_8(main, parent) == ("unmatched", "no account has the same email")
        assert parent not in {row[2] for row in main.roster()["relationships"]}


def users_related(main: Site) -> set[str]:
    """The parents that a preview would create."""
    shown = main.preview()
    return {each["after"]["parent_sourced_id"] for each in shown["plan"] if each["kind"] == "relationships"}


def test_domains_that_stand_for_each_other(tmp_path: Path) -> None:
    district = lean()
    file = accounts_of(district)
    for who, row in file.items():
        if who.startswith("stu-"):
            row["email"] = row["email"].replace("@example.org", "@stu.example.org")
    aliases = {"domain_aliases": {"stu.example.org": "example.org"}}
    with directory_site(tmp_path, file, district=district) as main:
        assert main.preview()["counts"]["matched_students"] == 0
        configure(main, directory=aliases)
        run = main.run()
        assert (run["counts"]["unmatched_users"], account_of(main, ONE)) == (0, f"acc-{ONE}")


def test_overrides_settle_what_no_key_finds(tmp_path: Path) -> None:
    district = lean()
    file = accounts_of(district)
    file[ONE]["email"] = file[TWO]["email"] = ""
    settled = [{"sourcedId": ONE, "id": f"acc-{ONE}"}, {"sourcedId": TWO, "id": "nowhere"}]
    settled += [{"sourcedId": THREE, "id": f"acc-{ONE}"}, {"sourcedId": "nobody", "id": "x"}]
    with directory_site(tmp_path, file, district=district, match={"overrides": "by-hand.csv"}) as main:
        write(tmp_path / "by-hand.csv", settled, ["sourcedId", "id"])
        run = main.run()
        assert (run["status"], about(run, "RS-USER-001")) == ("success", [TWO])
        assert "match.overrides settles 4 users by hand" in main.cli("check").out
        assert [account_of(main, who) for who in (ONE, THREE)] == [f"acc-{ONE}", f"acc-{ONE}"]
        assert rule_8(main, ONE) == ("kept", f"match.overrides names account acc-{ONE}")
        because = "match.overrides names account nowhere, which the directory does not have"
        assert rule_8(main, TWO) == ("unmatched", because)
        write(tmp_path / "by-hand.csv", settled[:1], ["sourcedId", "id"])
        main.run()
        assert account_of(main, THREE) == f"acc-{ONE}", "what is tied stays tied until it is gone"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "RS-DIR-001"),
        ("sourcedId\nstu-0001\n", "RS-DIR-002"),
        ("sourcedId,id\nstu-0001,\n", "RS-DIR-003"),
        ("sourcedId,id\nstu-0001,1\nstu-0001,2\n", "RS-DIR-003"),
    ],
)
def test_overrides_that_cannot_be_read_fail_the_run(tmp_path: Path, content: str | None, code: str) -> None:
    with directory_site(tmp_path, match={"overrides": "by-hand.csv"}) as main:
        write(tmp_path / "by-hand.csv", [], ["sourcedId", "id"])
        main.run()
        before = main.mark()
        (tmp_path / "by-hand.csv").unlink()
        if content is not None:
            (tmp_path / "by-hand.csv").write_text(content, encoding="utf-8")
        run = main.run("--force", code=1)
        assert (run["status"], run["error"]["code"]) == ("failed", code)
        assert "by-hand.csv" in run["error"]["message"]
        exit_code, document = main.json("check")
        item = document["checks"][0]["items"][-1]
        assert (exit_code, item["name"], item["code"]) == (1, "overrides", code)
        assert main.mark() == before
