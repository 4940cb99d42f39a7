"""What every directory must do, whatever stands behind it.

A test module of a directory makes a subclass and gives it the fixtures `serve`, `unreachable`, `refused` and
`cut_short`: real files or servers on this machine, never a patched module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing

import pytest

from rostersync.directories.base import Directory
from rostersync.errors import DirectoryError
from rostersync.model.directory import Account
from rostersync.model.probe import Probe

Serve = Callable[[Sequence[Account]], Directory]
"""Puts accounts where the directory looks for them, and opens it."""

ADA = Account("a-1", ("ada@example.org", "a.lovelace@example.org"), "ada", "0071", "m-1", "s-1")
BERT = Account("b-2", ("bert@example.org",), "bert", "007", None, None, disabled=True)
ZOE = Account("z-3", ("zoë.ångström@example.org",), "zoe", "[/b]*)(&;\\", None, "s-3")
BARE = Account("n-4", (), "nobody")
SECRET = "open-sesame-4711"  # what `refused` signs in with


def crowd(size: int) -> list[Account]:
    """Make so many accounts that no directory gives them at once."""
    return [Account(f"c-{n:05}", (f"user{n:05}@example.org",), f"user{n:05}", f"{n:07}") for n in range(size)]


class DirectoryContract:
    """The tests; a subclass gives the fixtures, and overrides `expected` for what its directory cannot hold."""

    SIZE = 2_500

    @staticmethod
    def expected(account: Account) -> Account:
        """Say what becomes of an account in this directory."""
        return account

    def told(self, accounts: Sequence[Account]) -> list[Account]:
        """Say what a directory with these accounts gives, in the order of ids."""
        return sorted(map(self.expected, accounts))

    def test_gives_every_account_with_all_that_rule_8_looks_at(self, serve: Serve) -> None:
        with closing(serve([ADA, BERT, ZOE, BARE])) as directory:
            assert sorted(directory.accounts()) == self.told([ADA, BERT, ZOE, BARE])

    def test_gives_accounts_that_are_disabled_as_such(self, serve: Serve) -> None:
        with closing(serve([ADA, BERT])) as directory:
            assert [account.disabled for account in sorted(directory.accounts())] == [False, True]

    def test_keeps_leading_zeros(self, serve: Serve) -> None:
        with closing(serve([BERT])) as directory:
            assert [account.identifier for account in directory.accounts()] == [self.expected(BERT).identifier]

    def test_gives_each_of_many_accounts_once(self, serve: Serve) -> None:
        with closing(serve(crowd(self.SIZE))) as directory:
            assert sorted(directory.accounts()) == self.told(crowd(self.SIZE))

    def test_streams_and_may_be_left_early(self, serve: Serve) -> None:
        directory = serve(crowd(20))
        accounts = directory.accounts()
        assert isinstance(accounts, Iterator)
        assert next(accounts).id.startswith(self.expected(crowd(1)[0]).id[:2])
        directory.close()

    def test_asks_anew_when_asked_again(self, serve: Serve) -> None:
        with closing(serve([ADA, BERT])) as directory:
            assert sorted(directory.accounts()) == sorted(directory.accounts()) == self.told([ADA, BERT])

    def test_has_no_accounts_where_there_are_none(self, serve: Serve) -> None:
        with closing(serve([])) as directory:
            assert list(directory.accounts()) == []

    def test_closes_more_than_once(self, serve: Serve) -> None:
        directory = serve([ADA])
        assert next(directory.accounts())
        directory.close()
        directory.close()

    def test_check_counts_accounts_and_emails(self, serve: Serve) -> None:
        with closing(serve([ADA, BERT, ZOE, BARE])) as directory:
            *others, counted = directory.probe()
        emails = sum(bool(account.emails) for account in self.told([ADA, BERT, ZOE, BARE]))
        assert counted.ok
        assert counted.name == "directory"
        assert counted.message == f"4 accounts, {emails} with an email, 1 disabled"
        assert counted.detail == {"accounts": 4, "with_email": emails, "disabled": 1}
        assert all(probe.ok for probe in others)

    def test_check_does_not_take_an_empty_directory_for_a_good_one(self, serve: Serve) -> None:
        with closing(serve([])) as directory:
            *_, counted = directory.probe()
        assert not counted.ok
        assert counted.message == "no accounts"
        assert counted.hint

    def test_says_that_it_cannot_be_reached(self, unreachable: Directory) -> None:
        assert_fails(unreachable, "RS-DIR-001")

    def test_says_that_it_is_refused_without_telling_the_secret(self, refused: Directory) -> None:
        assert_fails(refused, "RS-DIR-002")

    def test_half_a_directory_is_no_directory(self, cut_short: Directory) -> None:
        assert_fails(cut_short, "RS-DIR-003")


def assert_fails(directory: Directory, code: str) -> DirectoryError:
    """See that a run would stop with the code and a remedy, and that `check` says the same; give the error."""
    with closing(directory):
        with pytest.raises(DirectoryError) as caught:
            list(directory.accounts())
        *_, last = directory.probe()
    error = caught.value
    assert last == Probe("directory", ok=False, message=error.message, code=code, hint=error.hint)
    assert error.code == code
    assert error.message
    assert error.hint
    assert SECRET not in f"{error} {error.hint} {error.__cause__!r}"
    return error
