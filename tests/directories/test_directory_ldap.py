"""Accounts of an LDAP server, read from a real slapd."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rostersync.directories.base import Directory
from rostersync.directories.ldap import LdapDirectory, LdapSettings
from rostersync.directories.ldap_entries import Mapper
from rostersync.errors import DirectoryError
from rostersync.model.directory import Account
from tests.directories.contract import SECRET, DirectoryContract, Serve, assert_fails
from tests.directories.slapd import PASSWORD, PEOPLE, READER, SUFFIX, Attributes, Options, Slapd, ou, person

MAPPED = {
    "id": "accountKey",
    "username": "uid",
    "identifier": "employeeNumber",
    "userMasterIdentifier": "employeeID",
    "sourcedId": "sisId",
    "disabled": "accountLocked",
}
STAFF = f"ou=staff,{SUFFIX}"
CROWD = 5_000
ROOT = Path(__file__).parents[2]

Start = Callable[..., Slapd]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Give a way to start servers that end with the test."""
    with ExitStack() as stack:

        def started(entries: Sequence[tuple[str, Attributes]] = (), options: Options | None = None) -> Slapd:
            server = Slapd(tmp_path / f"slapd-{len(list(tmp_path.iterdir()))}", options)
            server.load(entries)
            return stack.enter_context(server)

        yield started


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    """Give a server with 5,000 people."""
    server = Slapd(tmp_path_factory.mktemp("school"))
    server.load(
        person(f"c{n:05}", uid=f"u{n:05}", mail=f"u{n:05}@example.org", employeeNumber=f"{n:07}") for n in range(CROWD)
    )
    with server:
        yield server


def settings(server: Slapd, **others: Any) -> LdapSettings:  # noqa: ANN401 - as the settings have it
    """Say how to read a server's people, signed in."""
    return replace(LdapSettings(server.url, bind_dn=READER, password=PASSWORD, bases=[PEOPLE]), **others)


def read(server: Slapd, **others: Any) -> list[Account]:  # noqa: ANN401 - as the settings have it
    """Read a server's accounts, in the order of ids."""
    with closing(LdapDirectory(settings(server, **others))) as directory:
        return sorted(directory.accounts())


def fault(server: Slapd, code: str, **others: Any) -> DirectoryError:  # noqa: ANN401 - as the settings have it
    """Give the error of reading a server."""
    error = assert_fails(LdapDirectory(settings(server, **others)), code)
    assert PASSWORD not in f"{error} {error.hint} {error.__cause__!r}"
    return error


def entry(account: Account) -> tuple[str, Attributes]:
    """Write an account as an entry with the attributes of MAPPED."""
    values: dict[str, str | Sequence[str] | None] = {
        "accountKey": account.id,
        "mail": account.emails[:1],
        "proxyAddresses": [f"smtp:{address}" for address in account.emails[1:]],
        "uid": account.username,
        "employeeNumber": account.identifier,
        "employeeID": account.master_identifier,
        "sisId": account.sourced_id,
        "accountLocked": "TRUE" if account.disabled else "FALSE",
    }
    return person(account.id, {name: value for name, value in values.items() if value})


class TestLdapContract(DirectoryContract):
    """What every directory must do."""

    @pytest.fixture
    def serve(self, start: Start) -> Serve:
        def served(accounts: Sequence[Account]) -> Directory:
            return LdapDirectory(settings(start([*map(entry, accounts)]), attributes=MAPPED))

        return served

    @pytest.fixture
    def unreachable(self, tmp_path: Path) -> Directory:
        return LdapDirectory(settings(Slapd(tmp_path / "never-started")))

    @pytest.fixture
    def refused(self, school: Slapd) -> Directory:
        return LdapDirectory(settings(school, password=SECRET))

    @pytest.fixture
    def cut_short(self, start: Start) -> Directory:
        people = [person(f"p{n}") for n in range(20)]
        return LdapDirectory(settings(start(people, Options(database=["sizelimit size.soft=10 size.hard=10"]))))


class TestPages:
    """Paging, and what cuts a result short."""

    @pytest.mark.parametrize("size", [500, 1_000, 4_999, 5_000, 5_001, 100_000])
    def test_every_page_is_read(self, school: Slapd, size: int) -> None:
        accounts = read(school, page_size=size)
        assert len({account.id for account in accounts}) == CROWD
        assert {account.emails for account in accounts} == {(f"u{n:05}@example.org",) for n in range(CROWD)}

    def test_the_last_row_of_a_page_is_the_next_ones_neighbor(self, start: Start) -> None:
        server = start([person(f"p{n}") for n in range(7)])
        assert [len(read(server, page_size=size)) for size in range(1, 9)] == [7] * 8

    @pytest.mark.parametrize(
        ("limit", "code"),
        [
            ("size.soft=100 size.hard=100", "RS-DIR-003"),
            ("size.prtotal=1000", "RS-DIR-003"),
            ("size.pr=100", "RS-DIR-003"),
            ("size.prtotal=disabled", "RS-DIR-003"),
            ("size.unchecked=100", "RS-DIR-003"),
            ("size=100 size.prtotal=unlimited", None),
        ],
    )
    def test_a_limit_of_the_server_stops_the_run_or_does_no_harm(
        self, start: Start, limit: str, code: str | None
    ) -> None:
        people = [person(f"p{n}", uid=f"p{n}") for n in range(1_200)]
        server = start(people, Options(database=[f"limits users {limit}"]))
        if code is None:
            assert len(read(server)) == 1_200
        else:
            assert "cut short" in fault(server, code).message

    def test_a_server_that_falls_silent_between_pages_stops_the_run(self, start: Start) -> None:
        server = start([person(f"p{n}") for n in range(20)])
        with closing(LdapDirectory(settings(server, page_size=10))) as directory:
            accounts = directory.accounts()
            assert [next(accounts) for _ in range(10)]
            server.pause()
            assert directory._session is not None
            directory._session._access = directory._session._access._replace(timeout=0.3)
            with pytest.raises(DirectoryError, match=r"after 10 entries: no answer within 0\.3 seconds") as caught:
                list(accounts)
        assert caught.value.code == "RS-DIR-003"

    def test_a_server_that_goes_away_between_pages_stops_the_run(self, start: Start) -> None:
        server = start([person(f"p{n}") for n in range(20)])
        with closing(LdapDirectory(settings(server, page_size=10))) as directory:
            accounts = directory.accounts()
            got = [next(accounts) for _ in range(10)]
            server.stop()
            with pytest.raises(DirectoryError, match="cut short after 10 entries") as caught:
                list(accounts)
        assert len(got) == 10
        assert caught.value.code == "RS-DIR-003"


CODES = {
    "time-limit": ("0x03", "RS-DIR-003", "limits"),
    "size-limit": ("0x04", "RS-DIR-003", "limits"),
    "admin-limit": ("0x0b", "RS-DIR-003", "limits"),
    "no-paging": ("0x0c", "RS-DIR-003", "paged results"),
    "busy": ("0x33", "RS-DIR-003", "Try again"),
    "unavailable": ("0x34", "RS-DIR-003", "Try again"),
    "no-control": ("0x00", "RS-DIR-003", "paged results"),
    "hang-up": ("0x50 flags=pre-disconnect", "RS-DIR-003", "Try again"),
    "not-without-signing-in": ("0x01", "RS-DIR-002", "right to read"),
    "not-allowed": ("0x32", "RS-DIR-002", "right to read"),
    "only-encrypted": ("0x0d", "RS-DIR-002", "ldaps://"),
    "not-here": ("0x20", "RS-DIR-002", "directory.bases"),
    "elsewhere": ("0x0a ref=ldap://192.0.2.1/", "RS-DIR-002", "not followed"),
    "else": ("0x50", "RS-DIR-002", "log"),
}


@pytest.fixture(scope="module")
def moody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    """Give a server that answers a search below ou=codes with the code that it is asked for."""
    items = [f"retcode-item cn={name} {words.split()[0]} op=search {words[4:]}" for name, (words, *_) in CODES.items()]
    lines = ["overlay retcode", f"retcode-parent ou=codes,{SUFFIX}", *items]
    with Slapd(tmp_path_factory.mktemp("moody"), Options(database=lines, overlays=["retcode"])) as server:
        yield server


@pytest.mark.parametrize("name", CODES)
def test_what_a_server_answers_decides_the_code_and_the_remedy(moody: Slapd, name: str) -> None:
    _, code, remedy = CODES[name]
    error = fault(moody, code, bases=[f"cn={name},ou=codes,{SUFFIX}"])
    assert remedy in error.hint


class TestAccounts:
    """What an entry says of an account."""

    def test_active_directory_needs_no_mapping(self, start: Start) -> None:
        guid = uuid.UUID("6f9619ff-8b86-d011-b42d-00cf4fc964ff")
        ada = person(
            "ada",
            {
                "proxyAddresses": [
                    "SMTP:ada@example.org",
                    "smtp:countess@example.org",
                    "x500:/o=x",
                    "sip:ada@example.org",
                ]
            },
            objectGUID=guid.bytes_le,
            mail="Ada@example.org",
            sAMAccountName="ada",
            uid="other",
            employeeID="007",
            userAccountControl="512",
        )
        account = Account(str(guid), ("Ada@example.org", "countess@example.org"), "ada", "007")
        assert read(start([ada])) == [account]

    @pytest.mark.parametrize(
        ("control", "disabled"), [("512", False), ("514", True), ("66050", True), ("-2147483646", True), ("0", False)]
    )
    def test_bit_2_of_user_account_control_is_disabled(self, start: Start, control: str, disabled: bool) -> None:  # noqa: FBT001 - a parameter
        server = start([person("ada", userAccountControl=control)])
        assert [account.disabled for account in read(server)] == [disabled]
        assert [account.disabled for account in read(server, attributes={"disabled": "UserAccountControl"})] == [
            disabled
        ]

    def test_openldap_needs_no_mapping(self, start: Start) -> None:
        (account,) = read(start([person("ada", uid="ada", mail="ada@example.org", employeeNumber="007")]))
        assert account == Account(account.id, ("ada@example.org",), "ada", "007")
        assert str(uuid.UUID(account.id)) == account.id

    def test_only_mapped_attributes_are_asked_for(self) -> None:
        wanted = Mapper({"email": "mailAddress", "sourcedId": "sisId"}).wanted
        assert "mail" not in wanted
        assert {"mailAddress", "sisId", "objectGUID", "entryUUID", "proxyAddresses"} <= {*wanted}

    def test_all_addresses_count_and_of_other_values_the_smallest(self, start: Start) -> None:
        (account,) = read(start([person("ada", {"mail": ["b@x", "a@x", "A@X"], "uid": ["lovelace", "ada"]})]))
        assert (max(account.emails), len(account.emails), account.username) == ("b@x", 2, "ada")

    @pytest.mark.parametrize(
        ("values", "attributes", "code", "told"),
        [
            ({}, {"id": "accountKey"}, "RS-DIR-002", "cn=ada,.* has no value for its id"),
            ({"accountKey": ["1", "2"]}, {"id": "accountKey"}, "RS-DIR-002", "has 2 values for its id"),
            ({"objectGUID": b"\xff\xfe"}, {}, "RS-DIR-002", "objectguid is no text"),
            ({"accountLocked": "perhaps"}, {"disabled": "accountLocked"}, "RS-DIR-002", "neither true nor false"),
            ({"accountLocked": ["TRUE", "FALSE"]}, {"disabled": "accountLocked"}, "RS-DIR-002", "neither true nor"),
        ],
    )
    def test_an_entry_that_is_no_account_stops_the_run(
        self, start: Start, values: Attributes, attributes: dict[str, str], code: str, told: str
    ) -> None:
        error = fault(start([person("ada", values)]), code, attributes=attributes)
        assert re.search(told, error.message)

    def test_a_part_of_the_values_is_not_all_of_them(self) -> None:
        with pytest.raises(DirectoryError, match="more values of proxyaddresses") as caught:
            Mapper({}).account("cn=ada", {"entryUUID": [b"1"], "proxyAddresses;range=0-1499": [b"smtp:a@x"]})
        assert caught.value.code == "RS-DIR-003"

    def test_two_entries_with_one_id_stop_the_run(self, start: Start) -> None:
        server = start([person("ada", accountKey="1"), person("bert", accountKey="1")])
        assert "same id" in fault(server, "RS-DIR-002", attributes={"id": "accountKey"}).message

    @pytest.mark.parametrize(
        ("needed", "attributes", "told"),
        [
            (["email"], {}, r"none of 2 accounts has email \(mail\)"),
            (["email", "sourcedId"], {}, r"none of 2 accounts has email \(mail\), sourcedId \(nowhere\)"),
            (["username", "sourcedId"], {"sourcedId": "sisID"}, r"none of 2 accounts has sourcedId \(sisID\)"),
        ],
    )
    def test_a_directory_that_nobody_can_be_found_in_stops_the_run(
        self, start: Start, needed: list[str], attributes: dict[str, str], told: str
    ) -> None:
        server = start([person("ada", uid="ada"), person("bert")])
        assert re.search(told, fault(server, "RS-DIR-002", needed=needed, attributes=attributes).message)
        assert len(read(server, needed=["email", "username"])) == 2


class TestBases:
    """Where the accounts are looked for."""

    @pytest.fixture
    def server(self, start: Start) -> Slapd:
        deep = f"ou=year-7,{PEOPLE}"
        people = [person("ada"), person("bert", base=deep), person("cleo", base=STAFF)]
        return start([ou(deep), ou(STAFF), *people])

    @pytest.mark.parametrize(
        ("bases", "scope", "count"),
        [
            ([PEOPLE], "subtree", 2),
            ([PEOPLE], "onelevel", 1),
            ([f"cn=cleo,{STAFF}"], "base", 1),
            ([PEOPLE, STAFF], "subtree", 3),
            ([SUFFIX, PEOPLE, STAFF, SUFFIX.upper()], "subtree", 3),
            ([], "subtree", 3),
        ],
    )
    def test_every_base_is_read_and_no_account_twice(
        self, server: Slapd, bases: list[str], scope: str, count: int
    ) -> None:
        assert len(read(server, bases=bases, scope=scope)) == count

    def test_check_says_what_each_base_has(self, server: Slapd) -> None:
        with closing(LdapDirectory(settings(server, bases=[PEOPLE, STAFF]))) as directory:
            probes = list(directory.probe())
        assert [probe.message for probe in probes] == [
            f"{server.url} (not encrypted, this machine only), signed in as {READER}",
            f"{PEOPLE}: 2 found",
            f"{STAFF}: 1 found",
            "3 accounts, 0 with an email",
        ]

    def test_a_base_that_is_not_there_stops_the_run(self, server: Slapd) -> None:
        assert "directory.bases" in fault(server, "RS-DIR-002", bases=[PEOPLE, f"ou=gone,{SUFFIX}"]).hint
        assert "directory.bases" in fault(server, "RS-DIR-002", bases=["people"]).hint

    @pytest.mark.parametrize("wrong", [{"bases": ["ou=\0"]}, {"filter": "(cn=\0)"}, {"bind_dn": "cn=\0"}])
    def test_text_that_ldap_cannot_carry_stops_the_run(self, server: Slapd, wrong: dict[str, Any]) -> None:
        assert "no text" in fault(server, "RS-DIR-002", **wrong).message

    def test_the_filter_decides_who_is_an_account(self, server: Slapd) -> None:
        assert len(read(server, bases=[SUFFIX], filter="(cn=c*)")) == 1
        assert "parenthesis" in fault(server, "RS-DIR-002", filter="(cn=c*").hint

    def test_referrals_are_told_and_not_followed(self, start: Start) -> None:
        other = start([person("bert")], Options(access=["to * by * read"]))
        url = f"{other.url}/{PEOPLE}??sub"
        elsewhere = {"objectClass": ["referral", "extensibleObject"], "cn": "x", "ref": url}
        server = start([person("ada"), (f"cn=x,{PEOPLE}", elsewhere)])
        with closing(LdapDirectory(settings(server))) as directory:
            *_, told, counted = directory.probe()
        assert told.message == f"1 referrals to other servers were not followed: {url}"
        assert counted.message == "1 account, 0 with an email"


class TestSigningIn:
    """Who may read."""

    def test_a_wrong_password_is_refused(self, school: Slapd) -> None:
        assert "directory.password" in fault(school, "RS-DIR-002", password="wrong").hint

    def test_an_empty_password_does_not_become_an_anonymous_search(self, school: Slapd) -> None:
        assert "empty" in fault(school, "RS-DIR-002", password="").message

    def test_an_anonymous_search_is_one_without_bind_dn(self, start: Start) -> None:
        options = Options(access=["to * by * read"])
        assert len(read(start([person("ada")], options), bind_dn=None, password=None)) == 1

    def test_a_server_may_want_everyone_to_sign_in(self, start: Start) -> None:
        server = start([person("ada")], Options(frontend=["disallow bind_anon", "require authc"]))
        fault(server, "RS-DIR-002", bind_dn=None, password=None)

    def test_an_attribute_that_may_not_be_read_is_missed(self, start: Start) -> None:
        options = Options(
            access=["to attrs=userPassword by anonymous auth", "to attrs=mail by * none", "to * by * read"]
        )
        server = start([person("ada", mail="ada@example.org")], options)
        assert "right to read" in fault(server, "RS-DIR-002", needed=["email"]).hint

    def test_the_rights_of_the_documentation_are_enough_and_give_no_more(self, start: Start) -> None:
        page = (ROOT / "docs" / "directories.md").read_text(encoding="utf-8")
        found = re.search(r"^olcAccess: (to (?:.*\n  )+.*)\nolcLimits: (.*)$", page, re.MULTILINE)
        assert found is not None
        access, limits = (text.replace(f"cn=rostersync,ou=services,{SUFFIX}", READER) for text in found.groups())
        options = Options(
            access=["to attrs=userPassword by anonymous auth", " ".join(access.split())], database=[f"limits {limits}"]
        )
        people = [person(f"p{n}", mail=f"p{n}@x", uid=f"p{n}", telephoneNumber="555") for n in range(1_100)]
        server = start(people, options)
        accounts = read(server, needed=["email", "username"], filter="(objectClass=inetOrgPerson)")
        assert len(accounts) == 1_100
        assert read(server, filter="(telephoneNumber=*)") == []

    def test_the_password_is_not_shown(self, school: Slapd) -> None:
        assert PASSWORD not in repr(settings(school))
