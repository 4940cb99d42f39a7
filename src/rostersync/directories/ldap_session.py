"""One connection with an LDAP server: TLS, signing in, and searches page by page (RFC 4511, RFC 2696)."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, Self

import ldap
from ldap.controls import SimplePagedResultsControl
from ldap.ldapobject import SimpleLDAPObject

from rostersync.directories.ldap_failures import connecting, reading
from rostersync.errors import DirectoryError

SCOPES = {"base": ldap.SCOPE_BASE, "onelevel": ldap.SCOPE_ONELEVEL, "subtree": ldap.SCOPE_SUBTREE}
_EMPTY_PAGES = 100
_ROOT = "the root of the server"


class Access(NamedTuple):
    """How to reach a server and sign in; without `bind_dn`, anonymously. Times are seconds for one answer."""

    url: str
    start_tls: bool
    bind_dn: str | None
    password: str | None
    ca_file: Path | None
    connect_timeout: float
    timeout: float


class Search(NamedTuple):
    """What to look for in one base."""

    base: str
    scope: str
    filter: str
    attributes: Sequence[str]
    page_size: int


class Entry(NamedTuple):
    """An entry as the server gives it."""

    dn: str
    attributes: Mapping[str, Sequence[bytes]]


class Referral(NamedTuple):
    """A part of the tree that another server holds."""

    urls: Sequence[str]


class Session:
    """A connection that is signed in. Raises DirectoryError for what fails."""

    def __init__(self, access: Access) -> None:
        """Connect, verify the server where TLS is used, and sign in."""
        self._access = access
        self._closed = False
        with connecting(access.url):
            self._connection = SimpleLDAPObject(access.url)
            self._configure()
        if access.url.startswith("ldaps:") or access.start_tls:
            self._verify()
        try:
            self._sign_in()
        except DirectoryError:
            self.close()
            raise

    def __enter__(self) -> Self:
        """Give the session itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Sign out."""
        self.close()

    def close(self) -> None:
        """Sign out and close the connection; it may have been closed already."""
        if not self._closed:
            self._closed = True
            with suppress(ldap.LDAPError):
                self._connection.unbind_s()

    def default_base(self) -> str:
        """The base that the server names: Active Directory's default, else the only one."""
        with reading(_ROOT, 0):
            found = self._connection.search_s("", ldap.SCOPE_BASE, attrlist=["defaultNamingContext", "namingContexts"])
        named = {name.casefold(): values for name, values in found[0][1].items()} if found else {}
        bases = named.get("defaultnamingcontext") or named.get("namingcontexts") or []
        if len(bases) == 1:
            return str(bases[0].decode())
        hint = 'Write where the accounts are, such as bases = ["ou=people,dc=example,dc=org"].'
        raise DirectoryError("RS-DIR-002", "the server does not say which base to search", hint)

    def search(self, search: Search) -> Iterator[Entry | Referral]:
        """Stream the entries, page by page; only a search that the server brought to its end comes to an end here."""
        cookie, received, empty = b"", 0, 0
        while True:
            with reading(search.base, received):
                rows, cookie = self._page(search, cookie)
            entries = 0
            for dn, attributes in rows:
                entries += dn is not None
                yield Referral(attributes) if dn is None else Entry(dn, attributes)
            received += entries
            empty = 0 if entries else empty + 1
            if not cookie:
                return
            if empty >= _EMPTY_PAGES:
                raise _cut(search.base, received, "the server gives one empty page after the other")

    def _page(self, search: Search, cookie: bytes) -> tuple[list[tuple[str | None, Any]], bytes]:
        """Ask for one page and give its rows with the cookie of the next one."""
        control = SimplePagedResultsControl(criticality=True, size=search.page_size, cookie=cookie)
        asked = self._connection.search_ext(
            search.base, SCOPES[search.scope], search.filter, list(search.attributes), serverctrls=[control]
        )
        rows, controls = self._wait(asked)
        for answered in controls:
            if isinstance(answered, SimplePagedResultsControl):
                return rows, answered.cookie
        raise _cut(search.base, len(rows), "the server does not say whether there are more pages")

    def _wait(self, asked: int) -> tuple[list[tuple[str | None, Any]], list[object]]:
        """Wait for a whole answer, a second at a time so that a signal is heard."""
        end = time.monotonic() + self._access.timeout
        while (left := end - time.monotonic()) > 0:
            with suppress(ldap.TIMEOUT):
                # A timeout of nothing would not wait at all, and answer nothing.
                _, rows, _, controls = self._connection.result3(asked, timeout=max(0.01, min(1.0, left)))
                return rows, controls
        raise ldap.TIMEOUT({"desc": f"no answer within {self._access.timeout:g} seconds"})

    def _configure(self) -> None:
        """Set what the library would else take from ldap.conf, ~/.ldaprc or the environment."""
        connection = self._connection
        connection.set_option(ldap.OPT_PROTOCOL_VERSION, ldap.VERSION3)
        connection.set_option(ldap.OPT_REFERRALS, 0)
        connection.set_option(ldap.OPT_DEREF, ldap.DEREF_NEVER)
        connection.set_option(ldap.OPT_TIMELIMIT, ldap.NO_LIMIT)
        connection.set_option(ldap.OPT_NETWORK_TIMEOUT, self._access.connect_timeout)
        connection.set_option(ldap.OPT_TIMEOUT, self._access.timeout)

    def _verify(self) -> None:
        """Have the certificate and the name of the server verified; the last option puts the others in force."""
        trusted = self._access.ca_file or ssl.get_default_verify_paths().cafile
        connection = self._connection
        try:
            connection.set_option(ldap.OPT_X_TLS_REQUIRE_CERT, ldap.OPT_X_TLS_DEMAND)
            connection.set_option(ldap.OPT_X_TLS_REQUIRE_SAN, ldap.OPT_X_TLS_TRY)
            connection.set_option(ldap.OPT_X_TLS_PROTOCOL_MIN, ldap.OPT_X_TLS_PROTOCOL_TLS1_2)
            if trusted:
                connection.set_option(ldap.OPT_X_TLS_CACERTFILE, str(trusted))
            connection.set_option(ldap.OPT_X_TLS_NEWCTX, 0)
        except (ldap.LDAPError, ValueError) as error:
            hint = "directory.ca_file must hold certificates in PEM form, and this user must have the right to read it."
            raise DirectoryError("RS-DIR-001", f"the certificates in {trusted} cannot be used", hint) from error

    def _sign_in(self) -> None:
        access = self._access
        if access.bind_dn and not access.password:
            hint = "An empty password would be an anonymous search: give directory.password a value."
            raise DirectoryError("RS-DIR-002", "the password of directory.bind_dn is empty", hint)
        with connecting(access.url):
            if access.start_tls:
                self._connection.start_tls_s()
            self._connection.simple_bind_s(access.bind_dn or "", access.password or "")


def _cut(base: str, received: int, why: str) -> DirectoryError:
    hint = "The server must support paged results (RFC 2696), also for directory.bind_dn; ask who runs it."
    return DirectoryError("RS-DIR-003", f'the search in "{base}" was cut short after {received:,} entries: {why}', hint)
