"""What failed in a talk with an LDAP server: the only place where python-ldap's errors become ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import ldap

from rostersync.errors import DirectoryError

_DOWN = (ldap.SERVER_DOWN, ldap.CONNECT_ERROR, ldap.TIMEOUT, ldap.BUSY, ldap.UNAVAILABLE)
_CUT = (
    *_DOWN,
    ldap.SIZELIMIT_EXCEEDED,
    ldap.TIMELIMIT_EXCEEDED,
    ldap.ADMINLIMIT_EXCEEDED,
    ldap.UNAVAILABLE_CRITICAL_EXTENSION,
    ldap.PARTIAL_RESULTS,
    ldap.DECODING_ERROR,
    ldap.PROTOCOL_ERROR,
)
_SAFER = "Use ldaps:// or directory.start_tls = true: the server wants an encrypted connection."
_BASES = "Check directory.bases: each must exist, and directory.bind_dn must have the right to read it."
_RIGHTS = "Give directory.bind_dn the right to read the accounts; an anonymous search is often not allowed."
_WAYS_OUT: dict[type[ldap.LDAPError], str] = {
    ldap.INVALID_CREDENTIALS: "Check directory.bind_dn and directory.password; the account may be locked or expired.",
    ldap.CONFIDENTIALITY_REQUIRED: _SAFER,
    ldap.STRONG_AUTH_REQUIRED: _SAFER,
    ldap.FILTER_ERROR: 'Write directory.filter as in "(objectClass=person)", every parenthesis closed.',
    ldap.NO_SUCH_OBJECT: _BASES,
    ldap.INVALID_DN_SYNTAX: _BASES,
    ldap.REFERRAL: "Ask the server that holds this part itself: referrals are not followed.",
    ldap.INSUFFICIENT_ACCESS: _RIGHTS,
    ldap.OPERATIONS_ERROR: _RIGHTS,
    ldap.UNWILLING_TO_PERFORM: _RIGHTS,
    ldap.INAPPROPRIATE_AUTH: _RIGHTS,
}
_ELSE = "Check url, start_tls, bind_dn and bases of the directory, and its server's log."
_LIMITS = (
    "Lower directory.page_size, or have the server's size and time limits raised for directory.bind_dn; a search with "
    "several bases or a narrower filter asks for less at once."
)
_ADDRESS = (
    "Check directory.url and the firewall. Where TLS failed: directory.ca_file must hold the authority that signed the "
    "server's certificate, and the certificate must name the host in directory.url."
)


@contextmanager
def connecting(url: str) -> Iterator[None]:
    """Map what fails before anything is read: RS-DIR-001 where nobody answers, else RS-DIR-002."""
    try:
        yield
    except _DOWN as error:
        message = f"{url} cannot be reached, or TLS with it failed: {_reason(error)}"
        raise DirectoryError("RS-DIR-001", message, _ADDRESS) from error
    except ldap.LDAPError as error:
        raise _refusal(error, f"{url} refused to sign in") from error
    except ValueError:  # without it: it may hold the password
        raise _no_text("directory.bind_dn, directory.password or an answer") from None


@contextmanager
def reading(base: str, received: int) -> Iterator[None]:
    """Map what fails in a search: what cuts it short, and anything after the first page, is RS-DIR-003."""
    try:
        yield
    except ldap.LDAPError as error:
        if isinstance(error, _CUT) or received:
            message = f'the search in "{base}" was cut short after {received:,} entries: {_reason(error)}'
            raise DirectoryError("RS-DIR-003", message, _remedy(error)) from error
        raise _refusal(error, f'the server refused to search "{base}"') from error
    except ValueError as error:
        raise _no_text("directory.bases, directory.filter or an answer") from error


def _remedy(error: ldap.LDAPError) -> str:
    if isinstance(error, ldap.UNAVAILABLE_CRITICAL_EXTENSION):
        return "The server must support paged results (RFC 2696), also for directory.bind_dn; ask who runs it."
    if isinstance(error, _DOWN):
        return "Try again; where it stays so, ask who runs the server, and lower directory.page_size."
    return _LIMITS


def _refusal(error: ldap.LDAPError, message: str) -> DirectoryError:
    """Say what was refused and what to do about it."""
    return DirectoryError("RS-DIR-002", f"{message}: {_reason(error)}", _WAYS_OUT.get(type(error), _ELSE))


def _no_text(where: str) -> DirectoryError:
    """Say that python-ldap met text that LDAP cannot carry: NUL characters, or bytes that are not UTF-8."""
    hint = "Take characters out that cannot be seen; where the settings have none, the server's answer is not UTF-8."
    return DirectoryError("RS-DIR-002", f"{where} holds characters that are no text", hint)


def _reason(error: ldap.LDAPError) -> str:
    """What the server or the library said, on one line."""
    told = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
    words = [str(told.get("desc") or type(error).__name__), str(told.get("info") or "")]
    return " ".join(", ".join(filter(None, words)).split())[:300]
