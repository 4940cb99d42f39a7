"""Whole runs with a real LDAP server: what `check` says, who is matched, and what a result that is cut short does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rostersync.demo import District
from tests.directories.slapd import PASSWORD, PEOPLE, READER, Attributes, Options, Slapd, person
from tests.runs.demo_site import Site, site
from tests.runs.directory_site import account_of, lean, numbers

GONE, OTHER_NAME, LOCKED = "stu-0004", "stu-0005", "stu-0006"
CUT_SHORT = Options(database=(f'limits dn.exact="{READER}" size.prtotal=20',))


def people(district: District) -> Iterator[tuple[str, Attributes]]:
    """An entry for every user but one; one is found by the user name alone, and one is disabled."""
    for who, user in district.users.items():
        given: dict[str, str] = {"uid": str(user["username"])}
        if who != OTHER_NAME:
            given["mail"] = str(user["email"])
        if who == LOCKED:
            given["userAccountControl"] = "514"
        if who != GONE:
            yield person(who, given)


def configure(main: Site, server: Slapd) -> None:
    (main.folder / "password").write_text(PASSWORD)
    (main.folder / "password").chmod(0o600)
    directory = {"type": "ldap", "url": server.url, "bind_dn": READER, "password": "file:password", "bases": [PEOPLE]}
    main.configure(directory=directory | {"page_size": 7}, match={"by": ["email", "username"]})


def test_a_district_is_matched_with_its_server(tmp_path: Path) -> None:
    district = lean()
    server = Slapd(tmp_path / "slapd")
    server.load(people(district))
    with server, site(tmp_path / "site", district=district) as main:
        configure(main, server)
        accounts = len(district.users) - 1
        said = main.cli("check").out
        assert f"{accounts} accounts, {accounts - 1} with an email, 1 disabled" in said
        assert PASSWORD not in said
        run = main.run()
        students = sum(who.startswith("stu-") for who in district.users)
        assert (run["status"], numbers(run)[:2]) == ("success", (2, students - 2))
        assert len({account_of(main, who) for who in ("stu-0001", OTHER_NAME, "tch-0001")} - {None}) == 3
        code, document = main.json("unmatched", "main", "--suggest")
        assert code == 0
        found = {user["sourced_id"]: user["suggestions"] for user in document["unmatched"]}
        assert set(found) == {GONE, LOCKED}
        assert "it is disabled" in found[LOCKED][0]["why"]


def test_a_result_that_is_cut_short_stops_the_run(tmp_path: Path) -> None:
    district = lean()
    server = Slapd(tmp_path / "slapd", CUT_SHORT)
    server.load(people(district))
    with server, site(tmp_path / "site", district=district) as main:
        configure(main, server)
        run = main.run(code=1)
        assert (run["status"], run["error"]["code"]) == ("failed", "RS-DIR-003")
        assert main.ids("users") == set()
