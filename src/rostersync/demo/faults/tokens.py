"""Faults of the token endpoint and of the tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rostersync.demo.faults.base import Fault
from rostersync.demo.replies import Reply, json_reply


@dataclass(frozen=True)
class NoExpiresIn(Fault):
    """The reply does not say how long the token is good."""

    def token_given(self, document: dict[str, Any]) -> None:
        """Leave expires_in out."""
        document.pop("expires_in", None)


@dataclass(frozen=True)
class ExpiresInAsText(Fault):
    """`expires_in` is text."""

    def token_given(self, document: dict[str, Any]) -> None:
        """Write the number as text."""
        document["expires_in"] = str(document["expires_in"])


@dataclass(frozen=True)
class TokenType(Fault):
    """`token_type` is spelled otherwise."""

    value: str = "bearer"

    def token_given(self, document: dict[str, Any]) -> None:
        """Write it so."""
        document["token_type"] = self.value


@dataclass(frozen=True)
class NarrowerScope(Fault):
    """The token is good only for scopes whose URL contains this."""

    keep: str = "roster-core.readonly"

    def token_given(self, document: dict[str, Any]) -> None:
        """Take the other scopes away."""
        document["scope"] = " ".join(scope for scope in document["scope"].split() if self.keep in scope)


@dataclass(frozen=True)
class ScopeMandatory(Fault):
    """A request without scope is refused."""

    def token_asked(self, form: dict[str, str]) -> Reply | None:
        """Refuse it."""
        return None if form.get("scope", "").strip() else json_reply({"error": "invalid_scope"}, 400)


@dataclass(frozen=True)
class ScopeRefused(Fault):
    """A request with any scope is refused."""

    def token_asked(self, form: dict[str, str]) -> Reply | None:
        """Refuse it."""
        return json_reply({"error": "invalid_scope"}, 400) if form.get("scope", "").strip() else None


@dataclass(frozen=True)
class TokenExpiresAfter(Fault):
    """A token is good for that many requests, whatever its lifetime says."""

    uses: int = 3

    def token_lives(self, uses: int) -> bool:
        """Let it live that long."""
        return uses < self.uses
