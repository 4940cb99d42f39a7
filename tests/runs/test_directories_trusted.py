"""When the accounts of a directory are trusted: read whole, not suddenly few, and no older than `directory.max_age`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs.demo_site import Site, codes, is_empty, site
from tests.runs.directory_site import (
    COLUMNS,
    accounts_of,
    configure,
    directory_site,
    lean,
    rule_8,
    write,
    write_accounts,
)


def spoil(main: Site, content: str | None) -> None:
    """Put something else into the place of the file, or nothing."""
    file = main.folder / "accounts.csv"
    if content is None:
        file.unlink()
    else:
        file.write_text(content, encoding="utf-8")


def cut_off(main: Site) -> str:
    """The file as it is while somebody still writes it."""
    whole = (main.folder / "accounts.csv").read_text("utf-8")
    return whole[: len(whole) * 3 // 4].rpartition(",")[0]


def shrink(main: Site, count: int) -> None:
    """Leave only so many accounts, of users who stay, and rename the rest of the file away."""
    file = accounts_of(main.server.district)
    write_accounts(main, dict(sorted(file.items(), reverse=True)[:count]))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "RS-DIR-001"),
        ("mail\na@example.org\n", "RS-DIR-002"),
        ("id\n1\n", "RS-DIR-002"),
        ("", "RS-DIR-003"),
        ("id,email\n1,a@example.org\n1,b@example.org\n", "RS-DIR-003"),
        ("id,email\n1,a@example.org\n2\n", "RS-DIR-003"),
    ],
)
def test_a_directory_that_cannot_be_had_whole_fails_the_run_and_changes_nothing(
    tmp_path: Path, content: str | None, code: str
) -> None:
    with directory_site(tmp_path) as main:
        main.run()
        main.server.district.touch("users", "stu-0003", main.clock.advance(days=1), familyName="Changed")
        before = main.mark()
        spoil(main, content)
        answer = main.cli("preview", "main")
        assert (answer.code, code in answer.err) == (1, True)
        for force in ((), ("--force",)):
            run = main.run(*force, code=1)
            assert (run["status"], run["error"]["code"]) == ("failed", code)
            assert run["error"]["hint"]
        assert main.mark() == before
        code_of_check, document = main.json("check")
        assert code_of_check == 1
        assert document["checks"][0]["items"][-1]["code"] == code
        write_accounts(main, accounts_of(main.server.district))
        assert main.run()["changes"]["users"] == {"create": 0, "update": 1, "remove": 0}


def test_a_file_that_is_still_being_written_is_no_directory(tmp_path: Path) -> None:
    with directory_site(tmp_path) as main:
        main.run()
        before = main.mark()
        spoil(main, cut_off(main))
        assert main.run(code=1)["error"]["code"] == "RS-DIR-003"
        assert main.mark() == before


def test_a_server_that_cannot_be_reached_fails_the_run(tmp_path: Path) -> None:
    pytest.importorskip("ldap")
    with directory_site(tmp_path) as main:
        main.run()
        before = main.mark()
        main.configure(directory={"type": "ldap", "url": "ldap://127.0.0.1:9"})
        run = main.run(code=1)
        assert (run["status"], run["error"]["code"]) == ("failed", "RS-DIR-001")
        assert main.mark() == before


def test_under_half_of_the_accounts_blocks_until_it_is_approved(tmp_path: Path) -> None:
    limits = {"removals_percent": 100, "removals": 10_000}
    with directory_site(tmp_path, limits=limits) as main:
        first = main.run()
        before = main.mark()
        had = len(main.server.district.users)
        shrink(main, had // 2 - 1)
        shown = main.preview(code=0)
        assert shown["verdict"] == {"allowed": False, "reasons": ["RS-LIMIT-002"]}
        run = main.run(code=4)
        assert (run["status"], codes(run)) == ("blocked", ["RS-LIMIT-002", "RS-USER-001"])
        told = next(each["message"] for each in run["diagnostics"] if each["code"] == "RS-LIMIT-002")
        assert told == f"the directory has {had // 2 - 1} accounts today, and had {had}"
        assert run["changes"]["users"]["remove"] > 0
        assert main.mark() == before
        assert rule_8(main, "stu-0001")[0] == "kept", "what was not applied is not explained by"
        approved = main.run("--approve", shown["plan_hash"])
        assert (approved["status"], approved["plan_hash"]) == ("success", shown["plan_hash"])
        assert approved["counts"]["matched_students"] < first["counts"]["matched_students"]
        assert is_empty(main.run()["changes"])


def test_half_of_the_accounts_is_left_to_the_guard_of_removals(tmp_path: Path) -> None:
    with directory_site(tmp_path) as main:
        main.run()
        had = len(main.server.district.users)
        shrink(main, had - had // 2)
        assert main.preview()["verdict"]["reasons"] == ["RS-LIMIT-001"]


def test_an_empty_directory_blocks_also_the_first_run(tmp_path: Path) -> None:
    with directory_site(tmp_path, {}) as main:
        run = main.run(code=4)
        assert codes(run) == ["RS-LIMIT-002", "RS-USER-001"]
        assert main.ids("users") == set()
        forced = main.run("--force")
        assert (forced["status"], forced["forced"], codes(forced)) == ("success", True, ["RS-USER-001"])
        assert main.run(code=4)["status"] == "blocked", "nothing is still no directory"


def test_forcing_takes_the_fewer_accounts_as_the_new_measure(tmp_path: Path) -> None:
    with directory_site(tmp_path) as main:
        main.run()
        shrink(main, 5)
        main.run(code=4)
        assert main.run("--force")["forced"] is True
        run = main.run()
        assert (run["status"], is_empty(run["changes"])) == ("success", True)


def test_young_accounts_are_used_again_and_the_directory_is_not_asked(tmp_path: Path) -> None:
    with directory_site(tmp_path, directory={"max_age": "12h"}) as main:
        main.run()
        spoil(main, None)
        main.clock.advance(hours=11, minutes=59)
        main.server.district.touch("users", "stu-0003", main.clock.now, email="moved@example.org")
        run = main.run()
        assert (run["status"], run["counts"]["unmatched_users"]) == ("success", 0)
        main.clock.advance(minutes=1)
        assert main.run(code=1)["error"]["code"] == "RS-DIR-001"


def test_young_accounts_are_read_anew_on_request_and_when_the_directory_is_another(tmp_path: Path) -> None:
    with directory_site(tmp_path, directory={"max_age": "12h"}) as main:
        main.run()
        write(tmp_path / "other.csv", accounts_of(main.server.district).values())
        spoil(main, None)
        assert main.run("--full", code=1)["error"]["code"] == "RS-DIR-001"
        configure(main, directory={"max_age": "6h", "match_disabled": True})
        assert main.run()["status"] == "success"
        aliases = {"max_age": "12h", "domain_aliases": {"stu.example.org": "example.org"}}
        configure(main, directory=aliases)
        assert main.run(code=1)["error"]["code"] == "RS-DIR-001"
        configure(main, directory={"max_age": "12h", "path": "other.csv"})
        assert main.run()["status"] == "success"
        (tmp_path / "other.csv").unlink()
        assert main.run()["status"] == "success"


def test_a_preview_keeps_no_accounts(tmp_path: Path) -> None:
    with directory_site(tmp_path, directory={"max_age": "12h"}) as main:
        main.run()
        main.clock.advance(hours=13)
        before = main.mark()
        file = accounts_of(main.server.district)
        del file["stu-0001"]
        write_accounts(main, file)
        assert main.preview()["counts"]["unmatched_users"] == 1
        assert main.preview("--offline")["counts"]["unmatched_users"] == 0
        assert main.mark() == before
        assert rule_8(main, "stu-0001")[0] == "kept"
        assert main.run()["counts"]["unmatched_users"] == 1
        assert rule_8(main, "stu-0001") == ("unmatched", "no account has the same email")
        assert main.preview("--offline")["counts"]["unmatched_users"] == 1


def test_a_directory_that_was_never_read_is_not_matched_with(tmp_path: Path) -> None:
    with site(tmp_path, district=lean()) as main:
        main.run()
        write_accounts(main, accounts_of(main.server.district))
        configure(main)
        code, document = main.json("preview", "main", "--offline")
        assert (code, document["code"]) == (2, "RS-CFG-007")
        assert "has never been read" in document["message"]
        code, document = main.json("unmatched", "main")
        assert (code, document["code"]) == (2, "RS-CFG-007")
        subject = main.explain("stu-0001")[0]
        assert (subject["kept"], [step for step in subject["decisions"] if step["rule"] == "8"]) == (True, [])
        assert main.run()["changes"]["users"]["update"] == len(main.ids("users"))


def test_taking_the_directory_away_keeps_everybody(tmp_path: Path) -> None:
    with directory_site(tmp_path) as main:
        main.run()
        before = main.ids("users")
        main.configure()
        run = main.run()
        assert (run["counts"]["unmatched_users"], main.ids("users")) == (0, before)
        row = main.row("users", "stu-0001")
        assert row is not None
        assert row["account_id"] is None


def test_check_counts_the_accounts(tmp_path: Path) -> None:
    rows = [{"id": str(number), "email": f"u{number}@example.org" if number % 9 else ""} for number in range(1, 2001)]
    rows += [{"id": "off", "disabled": "true"}]
    with directory_site(tmp_path) as main:
        write(tmp_path / "accounts.csv", rows, COLUMNS)
        answer = main.cli("check")
        assert answer.code == 0
        assert "directory      2,001 accounts, 1,778 with an email, 1 disabled" in answer.out
        item = main.json("check")[1]["checks"][0]["items"][-1]
        assert item["detail"] == {"accounts": 2001, "with_email": 1778, "disabled": 1}
        assert not main.store.exists()
