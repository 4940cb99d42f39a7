"""Accounts of an LDAP server or Active Directory (`directory.type = "ldap"`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from rostersync.config.values import AccountField, is_loopback
from rostersync.directories.base import count
from rostersync.directories.ldap_entries import KEYS, Mapper
from rostersync.errors import DirectoryError
from rostersync.model.directory import Account
from rostersync.model.probe import Probe

if TYPE_CHECKING:
    from rostersync.directories.ldap_session import Entry, Session

PERSONS = "(objectClass=person)"


@dataclass(frozen=True, slots=True)
class LdapSettings:
    """Where the accounts are and how to read them (contract §1, `directory`).

    Without `bases` the server is asked for its own; `needed` are the keys that are matched by (`match.by`): a directory
    none of whose accounts has any of them is refused. Times are seconds, to connect and for one page.
    """

    url: str
    start_tls: bool = False
    bind_dn: str | None = None
    password: str | None = field(default=None, repr=False)
    bases: Sequence[str] = ()
    scope: Literal["base", "onelevel", "subtree"] = "subtree"
    filter: str | None = None
    attributes: Mapping[AccountField, str] = field(default_factory=dict)
    page_size: int = 500
    ca_file: Path | None = None
    needed: Sequence[AccountField] = ()
    connect_timeout: float = 15
    timeout: float = 120


class LdapDirectory:
    """The accounts below some bases of an LDAP server."""

    def __init__(self, settings: LdapSettings) -> None:
        """Keep the settings; raises DirectoryError (RS-DIR-002) for a connection that others could read."""
        if not (
            settings.url.startswith("ldaps:") or settings.start_tls or is_loopback(urlsplit(settings.url).hostname)
        ):
            hint = "Use ldaps://, or directory.start_tls = true."
            raise DirectoryError("RS-DIR-002", "plain ldap:// would send accounts and password in the clear", hint)
        self._settings = settings
        self._session: Session | None = None
        self._reading = _Reading(settings)

    def accounts(self) -> Iterator[Account]:
        """Stream the accounts of all bases, each once.

        RS-DIR-001: no connection. RS-DIR-002: not let in, or entries that are no accounts. RS-DIR-003: cut short.
        """
        self._reading = reading = _Reading(self._settings)
        self._session = session = _open(self._settings)
        with session:
            for base in self._settings.bases or [session.default_base()]:
                yield from reading.accounts(session, base)
            reading.finish()

    def probe(self) -> Iterator[Probe]:
        """Read everything once; say how the connection is, what each base has, and what other servers hold."""
        (counted,) = count(self)
        if counted.detail is not None:
            yield Probe("directory server", ok=True, message=_connection(self._settings))
            yield from self._reading.probe()
        yield counted

    def close(self) -> None:
        """Close the connection."""
        if self._session is not None:
            self._session.close()
            self._session = None


class _Reading:
    """What came of reading the bases."""

    def __init__(self, settings: LdapSettings) -> None:
        self._settings = settings
        self._mapper = Mapper(settings.attributes)
        self._found: Counter[str] = Counter()
        self._fields: Counter[AccountField] = Counter()
        self._seen: dict[str, int] = {}
        self._elsewhere: set[str] = set()

    def accounts(self, session: Session, base: str) -> Iterator[Account]:
        """Stream the accounts of a base that were not in an earlier one."""
        from rostersync.directories.ldap_session import Referral, Search  # noqa: PLC0415 - loaded with the session

        settings = self._settings
        self._found[base] = 0
        search = Search(base, settings.scope, settings.filter or PERSONS, self._mapper.wanted, settings.page_size)
        for found in session.search(search):
            if isinstance(found, Referral):
                self._elsewhere.update(found.urls)
                continue
            self._found[base] += 1
            account = self._new(found)
            if account is not None:
                yield account

    def _new(self, entry: Entry) -> Account | None:
        """Make an account of an entry, or nothing where bases overlap and it has come before."""
        account = self._mapper.account(entry.dn, entry.attributes)
        place = hash(entry.dn.casefold())
        known = self._seen.get(account.id)
        if known is not None and known != place:
            hint = (
                "Name an attribute in directory.attributes.id that no two accounts share; run again if one was moved."
            )
            raise DirectoryError("RS-DIR-002", f"{entry.dn} has the same id as another entry", hint)
        self._seen[account.id] = place
        values = (account.emails, account.username, account.identifier, account.master_identifier, account.sourced_id)
        self._fields.update(name for name, value in zip(KEYS, values, strict=True) if value)
        return account if known is None else None

    def finish(self) -> None:
        """See that what users are looked up by was there at all: rights and names of attributes are easily wrong."""
        settings = self._settings
        named = [name for name in settings.needed if name in settings.attributes]
        for name in named:
            self._missing([name])
        self._missing([name for name in settings.needed if name not in named])

    def _missing(self, names: Sequence[AccountField]) -> None:
        """Refuse a directory of accounts none of which has any of these fields."""
        if not self._seen or not names or any(self._fields[name] for name in names):
            return
        where = ", ".join(f"{name} ({self._mapper.names(name)})" for name in names)
        hint = "Check directory.attributes, and that directory.bind_dn has the right to read these attributes."
        raise DirectoryError("RS-DIR-002", f"none of {len(self._seen):,} accounts has {where}", hint)

    def probe(self) -> Iterator[Probe]:
        """Say what each base had, and which parts of the tree were left to other servers."""
        for base, found in self._found.items():
            yield Probe("directory base", ok=True, message=f"{base}: {found:,} found", detail={"found": found})
        if self._elsewhere:
            servers = sorted(self._elsewhere)
            message = f"{len(servers)} referrals to other servers were not followed: {', '.join(servers)[:200]}"
            yield Probe("directory referrals", ok=True, message=message, detail={"referrals": servers})


def _open(settings: LdapSettings) -> Session:
    """Connect and sign in; python-ldap is loaded only here."""
    try:
        from rostersync.directories.ldap_session import Access, Session  # noqa: PLC0415 - an extra, and C code
    except ModuleNotFoundError as error:
        hint = "Install rostersync[ldap]; on Debian it needs the packages gcc, libldap2-dev and libsasl2-dev."
        raise DirectoryError("RS-DIR-001", "python-ldap is not installed", hint) from error
    return Session(
        Access(
            settings.url,
            settings.start_tls,
            settings.bind_dn,
            settings.password,
            settings.ca_file,
            settings.connect_timeout,
            settings.timeout,
        )
    )


def _connection(settings: LdapSettings) -> str:
    """Say how safe the connection was, and as whom it was made."""
    verified = settings.start_tls or settings.url.startswith("ldaps:")
    how = "TLS, certificate verified" if verified else "not encrypted, this machine only"
    who = f"signed in as {settings.bind_dn}" if settings.bind_dn else "anonymous"
    return f"{settings.url} ({how}), {who}"
