"""What Google refuses, why, and what to do about it in the Admin console.

Source: the Directory API's error responses: `error.errors[].reason`, and `error.details[].reason` of newer ones.
"""

from __future__ import annotations

import httpx

from rostersync.directories.web import Reply, broken, said
from rostersync.errors import DirectoryError

SCOPE = "https://www.googleapis.com/auth/admin.directory.user.readonly"
"""All that is asked for: reading users."""

_QUOTA = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "RATE_LIMIT_EXCEEDED"})
_ODD = frozenset({httpx.codes.BAD_REQUEST, httpx.codes.NOT_FOUND, httpx.codes.PRECONDITION_FAILED})

DELEGATE = (
    "In the Admin console under Security > Access and data control > API controls > Domain-wide delegation, "
    f"enter the service account's client ID with the scope {SCOPE}; it can take some minutes until this works."
)
_ENABLE = "In the Google Cloud console, in the service account's project, enable the Admin SDK API."
_ROLE = (
    "Give directory.subject, in the Admin console under Account > Admin roles, a role that may read users (Admin API "
    "privileges > Users > Read), for all of the organization."
)
_WHERE = "Check directory.customer, domain and query, and that directory.subject belongs to the same Workspace."


def may_pass(reply: Reply) -> bool:
    """Whether a refusal is about quota: Google says 403 where others say 429."""
    return reply.status == httpx.codes.FORBIDDEN and not _QUOTA.isdisjoint(_reasons(reply))


def refused(reply: Reply, subject: str, token: str) -> DirectoryError:
    """The error for an answer that is no page."""
    error = reply.error()
    words = ", ".join(filter(None, [*sorted(_reasons(reply)), said(error.get("message"), token)]))
    message = f"Google answered {reply.status}" + (f": {words}" if words else "")
    if reply.status == httpx.codes.UNAUTHORIZED:
        return DirectoryError("RS-DIR-002", message, DELEGATE)
    if reply.status == httpx.codes.FORBIDDEN:
        return DirectoryError("RS-DIR-002", f"{message} (acting for {subject})", _way_out(reply))
    if reply.status in _ODD:
        return DirectoryError("RS-DIR-002", message, _WHERE)
    return broken(message)


def _way_out(reply: Reply) -> str:
    reasons = _reasons(reply)
    if reasons & {"accessNotConfigured", "SERVICE_DISABLED"}:
        return _ENABLE
    if reasons & {"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}:
        return DELEGATE
    return _ROLE


def _reasons(reply: Reply) -> set[str]:
    """The short words that say why."""
    error = reply.error()
    entries = [entry for name in ("errors", "details") for entry in _list(error.get(name)) if isinstance(entry, dict)]
    reasons = {entry["reason"] for entry in entries if isinstance(entry.get("reason"), str)}
    return {reason for reason in reasons if reason.isidentifier() and reason.isascii()}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
