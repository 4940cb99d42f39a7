"""What every directory of accounts can do.

Half a directory would make half the school unmatched (rule 8). So a directory either gives every account that it was
asked for or raises; there is no partial result, and what it has given before it raises must not be used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from rostersync.errors import DirectoryError
from rostersync.model.directory import Account
from rostersync.model.probe import Probe


class Directory(Protocol):
    """Where the accounts are. Raises DirectoryError for what cannot be had whole; closes with `close`.

    RS-DIR-001: it cannot be reached (also: it cannot be verified, its file is not there). RS-DIR-002: it refuses
    (credentials, rights, or a request or file that is not what it should be). RS-DIR-003: it gave only a part.
    """

    def accounts(self) -> Iterator[Account]:
        """Stream every account once, those that are disabled too; a second call asks anew.

        Values are as the directory gives them but for surrounding whitespace; what is empty is absent (rule 0.1), and
        no email comes twice in one account.
        """
        ...

    def probe(self) -> Iterator[Probe]:
        """Try what a run would need, and count the accounts; failures are lines, and do not raise."""
        ...

    def close(self) -> None:
        """Let go of connections; it may be called more than once."""
        ...


def text(value: str | None) -> str | None:
    """Trim a value; what is empty is absent (rule 0.1)."""
    return (value.strip() or None) if value is not None else None


def addresses(values: Iterable[str | None]) -> tuple[str, ...]:
    """Trim email addresses and drop empty ones and repetitions, in whatever case, keeping the order."""
    found: dict[str, str] = {}
    for address in filter(None, map(text, values)):
        found.setdefault(address.casefold(), address)
    return tuple(found.values())


def smtp_addresses(values: Iterable[str]) -> Iterator[str]:
    """Take the email addresses out of aliases such as `SMTP:ada@example.org`; one without a scheme is an address.

    Source: Active Directory's and Entra ID's `proxyAddresses`, where X400, X500, SIP and EUM stand beside SMTP.
    """
    for value in values:
        scheme, colon, address = value.strip().partition(":")
        if not colon:
            yield scheme
        elif scheme.casefold() == "smtp":
            yield address


def count(directory: Directory) -> Iterator[Probe]:
    """Read the whole directory and say how many accounts it has, as the last line of a probe.

    `detail` has `accounts`, `with_email` and `disabled`. An empty directory is no success: it would match nobody.
    """
    accounts = with_email = disabled = 0
    try:
        for account in directory.accounts():
            accounts += 1
            with_email += bool(account.emails)
            disabled += account.disabled
    except DirectoryError as error:
        yield Probe("directory", ok=False, message=error.message, code=error.code, hint=error.hint)
        return
    detail: dict[str, object] = {"accounts": accounts, "with_email": with_email, "disabled": disabled}
    yield _counted(accounts, _words(accounts, with_email, disabled), detail)


def _counted(accounts: int, message: str, detail: dict[str, object]) -> Probe:
    if accounts:
        return Probe("directory", ok=True, message=message, detail=detail)
    hint = "Check where directory looks and what its filter lets through, and the rights of its reader."
    return Probe("directory", ok=False, message=message, code="RS-DIR-003", hint=hint, detail=detail)


def _words(accounts: int, with_email: int, disabled: int) -> str:
    """Say it as people read it: `12,403 accounts, 12,011 with an email, 87 disabled`."""
    if not accounts:
        return "no accounts"
    words = f"{accounts:,} account{'' if accounts == 1 else 's'}, {with_email:,} with an email"
    return f"{words}, {disabled:,} disabled" if disabled else words
