"""The kept accounts of a directory: staged, replaced whole, and gone with their integration."""

from __future__ import annotations

from pathlib import Path

from rostersync.model.directory import Account
from rostersync.store.accounts import Accounts
from rostersync.store.connect import open_store
from rostersync.store.state import States

ADA = Account("a1", ("ada@example.org", "a.l@example.org"), "ada", "007", disabled=True)
BEN = Account("a2", ("ben@example.org",))


def test_what_is_staged_counts_only_once_it_is_kept(tmp_path: Path) -> None:
    """Staging leaves the kept accounts as they are, a rollback too."""
    with open_store(tmp_path / "store.db") as store:
        accounts = Accounts(store, "springfield")
        assert accounts.stage([ADA, BEN]) == 2
        assert list(accounts) == []
        with store.transaction() as transaction:
            accounts.keep_staged()
            assert list(accounts) == [ADA, BEN]
            transaction.discard()
        assert list(accounts) == []


def test_a_new_reading_replaces_the_whole_earlier_one(tmp_path: Path) -> None:
    """An account that the directory no longer has is gone, of this integration alone."""
    with open_store(tmp_path / "store.db") as store:
        for name in ("springfield", "shelbyville"):
            accounts = Accounts(store, name)
            accounts.stage([ADA, BEN])
            with store.transaction():
                accounts.keep_staged()
        springfield = Accounts(store, "springfield")
        springfield.stage([BEN])
        with store.transaction():
            springfield.keep_staged()
        assert list(springfield) == [BEN]
        assert list(Accounts(store, "shelbyville")) == [ADA, BEN]


def test_purging_takes_the_accounts_along(tmp_path: Path) -> None:
    """Nothing of an integration stays."""
    with open_store(tmp_path / "store.db") as store:
        accounts = Accounts(store, "springfield")
        accounts.stage([ADA])
        with store.transaction():
            accounts.keep_staged()
        States(store).purge("springfield")
        assert list(accounts) == []


def test_more_accounts_than_a_page_come_in_their_order(tmp_path: Path) -> None:
    """Reading streams page by page and can be done again."""
    many = [Account(f"a{number:05}") for number in range(12_000)]
    with open_store(tmp_path / "store.db") as store:
        accounts = Accounts(store, "springfield")
        assert accounts.stage(many) == len(many)
        with store.transaction():
            accounts.keep_staged()
        assert list(accounts) == many
        assert list(accounts) == many
