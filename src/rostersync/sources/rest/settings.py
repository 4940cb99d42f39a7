"""What the REST source needs to know: plain values, secrets already resolved and hidden from `repr`."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Version = Literal["1.1", "1.2"]

SCOPE = "https://purl.imsglobal.org/spec/or/{}/scope/{}.readonly"
"""The scope URLs of OneRoster; the version is written `v1p1` or `v1p2`."""


@dataclass(frozen=True, slots=True)
class OAuth2:
    """OAuth 2 client credentials; `scopes` None asks for core and roster.readonly of the version, `("",)` for none."""

    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    client_auth: Literal["basic", "body"] = "basic"
    scopes: tuple[str, ...] | None = None

    def scope(self, version: Version) -> str:
        """The scope parameter, empty where none is to be sent."""
        if self.scopes:
            return " ".join(scope for scope in self.scopes if scope.strip())
        short = "v" + version.replace(".", "p")
        return " ".join(SCOPE.format(short, name) for name in ("roster-core", "roster"))


@dataclass(frozen=True, slots=True)
class OAuth1:
    """OAuth 1.0a, two-legged: every request is signed."""

    client_id: str
    client_secret: str = field(repr=False)
    signature_method: Literal["HMAC-SHA256", "HMAC-SHA1"] = "HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Bearer:
    """A token that somebody handed out."""

    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NoAuth:
    """A server that asks for nothing."""


Auth = OAuth2 | OAuth1 | Bearer | NoAuth


@dataclass(frozen=True, slots=True)
class RestSettings:
    """`source.*` of contract §1 for a REST source; `url` is the effective root, times are seconds."""

    version: Version
    url: str
    auth: Auth = field(default_factory=NoAuth)
    page_size: int = 1000
    concurrency: int = 4
    timeout: float = 120.0
    deadline: float = 4 * 3600.0
    retries: int = 5
    rate_limit: float = 0.0
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    ca_file: Path | None = None
    allow_http: bool = False
    fields: Literal["mapped", "all"] = "mapped"
