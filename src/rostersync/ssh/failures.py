"""How a connection to an SFTP server can fail, and what an administrator can do about it."""

from __future__ import annotations

from rostersync.errors import RostersyncError
from rostersync.model.codes import Code


class SshError(RostersyncError):
    """What the server, or the way to it, did not allow; `passing` where another try may do better."""

    def __init__(self, code: Code, message: str, hint: str, *, passing: bool = False) -> None:
        """Keep the code of contract §5, what happened, what to do, and whether it may pass."""
        super().__init__(code, message, hint)
        self.passing = passing


class Missing(SshError):  # noqa: N818 - named by what is wrong, as the errors of errors.py
    """The server has no such file or folder."""


def unreachable(place: str, why: str) -> SshError:
    """RS-NET-001: no connection came about."""
    hint = "Check host and port, and whether a firewall lets this machine out to them; the vendor may have to allow it."
    return SshError(Code.NET_UNREACHABLE, f"{place} cannot be reached: {why}", hint, passing=True)


def no_agreement(place: str, why: str) -> SshError:
    """RS-NET-002: the two sides have no algorithm in common."""
    hint = "The server offers only algorithms that are no longer safe. Ask the vendor to bring it up to date."
    return SshError(Code.NET_TLS, f"{place} and rostersync agree on no encryption: {why}", hint)


def broken(place: str, why: str) -> SshError:
    """RS-NET-003: a connection that was there broke off, or a server that does not answer in time."""
    hint = "Try again later. If it stays, tell the vendor when it happened; `rostersync check` tries it alone."
    return SshError(Code.NET_STILL_FAILING, f"the connection to {place} broke off: {why}", hint, passing=True)


def login_refused(place: str, user: str, how: str) -> SshError:
    """RS-AUTH-003: the server does not take the password or key."""
    hint = (
        "Check the user's name, and that the vendor has this password or the public half of this key. Some servers "
        "refuse for a while after several wrong tries."
    )
    return SshError(Code.AUTH_UNAUTHORIZED, f"{place} does not let {user!a} in with {how}", hint)


def forbidden(place: str, path: str) -> SshError:
    """RS-AUTH-004: the user may not do this there."""
    hint = "Ask the vendor to give this user the right to it, and check `path`."
    return SshError(Code.AUTH_FORBIDDEN, f"{place} does not allow access to {path!a}", hint)


def missing(place: str, path: str) -> Missing:
    """RS-SRC-005: no such file or folder."""
    hint = f"Check `path`: `sftp` as the same user shows what {place} has. A path without / at its start is relative."
    return Missing(Code.SRC_ARCHIVE_UNREADABLE, f"{place} has no {path!a}", hint)


def refused(place: str, path: str, why: str) -> SshError:
    """RS-NET-003: the server says no without a reason of its own."""
    hint = "The server may be full or busy, or does not offer this. Ask the vendor what it says in its own log."
    return SshError(Code.NET_STILL_FAILING, f"{place} failed on {path!a}: {why}", hint)


def no_key(why: str, hint: str) -> SshError:
    """RS-CFG-004: the private key cannot be had."""
    return SshError(Code.CFG_SECRET, why, hint)


def not_installed() -> SshError:
    """RS-CFG-003: paramiko is an extra."""
    return SshError(Code.CFG_INVALID, "the sftp extra is not installed", "Install it: pip install 'rostersync[sftp]'")


def untrusted(place: str, why: str, hint: str) -> SshError:
    """RS-SRC-007: the server cannot be told from an impostor, so nothing was sent to it."""
    return SshError(Code.SRC_HOST_KEY, f"{place} is not trusted: {why}. Nothing was sent to it", hint)
