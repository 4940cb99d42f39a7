"""Domains that stand for each other: `directory.domain_aliases`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rostersync.directories.base import Directory, addresses
from rostersync.model.directory import Account
from rostersync.model.probe import Probe


class DomainAliases:
    """A directory whose accounts can be found by their addresses in every domain that stands for the same one.

    With `{"stu.example.org": "example.org"}`, `ada@stu.example.org` in the SIS finds the account `ada@example.org`, and
    the other way round. Two accounts that differ by such a domain alone become ambiguous (rule 8), as they should.
    """

    def __init__(self, directory: Directory, aliases: Mapping[str, str]) -> None:
        """Wrap the directory; `aliases` leads from a domain to the one that it stands for."""
        self._directory = directory
        self._alike = alike(aliases)

    def accounts(self) -> Iterator[Account]:
        """Stream the accounts with their addresses in the other domains behind their own."""
        for account in self._directory.accounts():
            yield account._replace(emails=addresses([*account.emails, *self._others(account)]))

    def probe(self) -> Iterator[Probe]:
        """Try the directory itself."""
        return self._directory.probe()

    def close(self) -> None:
        """Close the directory itself."""
        self._directory.close()

    def _others(self, account: Account) -> Iterator[str]:
        for email in account.emails:
            local, at, domain = email.rpartition("@")
            for other in self._alike.get(domain.casefold(), ()) if at else ():
                yield f"{local}@{other}"


def alike(aliases: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Say for each domain which ones stand for the same, itself among them; what stands for an alias follows it."""
    meant = {alias.casefold(): domain.casefold() for alias, domain in aliases.items()}
    groups: dict[str, set[str]] = {}
    for domain in {*meant, *meant.values()}:
        groups.setdefault(_end(domain, meant), set()).add(domain)
    return {domain: tuple(sorted(group)) for group in groups.values() for domain in group}


def _end(domain: str, meant: Mapping[str, str]) -> str:
    """Follow the aliases to their end; of a circle, the smallest member."""
    seen = [domain]
    while (following := meant.get(seen[-1])) is not None:
        if following in seen:
            return min(seen[seen.index(following) :])
        seen.append(following)
    return seen[-1]
