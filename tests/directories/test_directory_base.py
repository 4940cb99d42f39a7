"""What directories share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rostersync.directories.base import addresses, count, text
from rostersync.errors import DirectoryError
from rostersync.model.directory import Account
from rostersync.model.probe import Probe


class Fixed:
    """A directory of what it is given; raises where it is given an error."""

    def __init__(self, *given: Account | DirectoryError) -> None:
        """Keep what is given."""
        self.given = given

    def accounts(self) -> Iterator[Account]:
        """Stream what was given."""
        for item in self.given:
            if isinstance(item, DirectoryError):
                raise item
            yield item

    def probe(self) -> Iterator[Probe]:
        """Count."""
        return count(self)

    def close(self) -> None:
        """Have nothing to close."""


@pytest.mark.parametrize(("given", "kept"), [(None, None), ("", None), (" \t", None), (" 007 ", "007")])
def test_rule_0_1_what_is_empty_is_absent(given: str | None, kept: str | None) -> None:
    assert text(given) == kept


def test_an_address_counts_once_in_the_order_given() -> None:
    assert addresses(["b@x", " A@x", None, "", "a@x", "B@X"]) == ("b@x", "A@x")


@pytest.mark.parametrize(
    ("accounts", "message"),
    [
        ([Account("1")], "1 account, 0 with an email"),
        ([Account("1", ("a@x",)), Account("2", ("b@x", "c@x"))], "2 accounts, 2 with an email"),
        ([Account("1", ("a@x",)), Account("2", disabled=True)], "2 accounts, 1 with an email, 1 disabled"),
        ([Account(str(n)) for n in range(1_234)], "1,234 accounts, 0 with an email"),
    ],
)
def test_accounts_are_counted_as_people_read_numbers(accounts: list[Account], message: str) -> None:
    (probe,) = Fixed(*accounts).probe()
    assert (probe.ok, probe.message) == (True, message)


def test_a_directory_that_breaks_off_is_not_counted() -> None:
    broken = DirectoryError("RS-DIR-003", "the answer broke off", "raise the limit")
    assert list(Fixed(Account("1"), broken).probe()) == [
        Probe("directory", ok=False, message="the answer broke off", code="RS-DIR-003", hint="raise the limit")
    ]
