"""The schema of `source`: where a roster comes from and how it is signed in to (contract §1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from rostersync.config.values import (
    AS_TUPLE,
    FilePath,
    HeaderName,
    HeaderValue,
    Port,
    PositiveDuration,
    RootUrl,
    Seconds,
    Secret,
    Text,
    Url,
)


class Section(BaseModel):
    """A table of the file: frozen, strict about types, and closed to keys that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def by_key(key: str, default: str) -> Discriminator:
    """Tell the members of a union apart by one key, which may be left out where it has a default."""

    def choose(value: Any) -> str | None:  # noqa: ANN401 - pydantic hands over whatever stands there
        if isinstance(value, dict):
            return str(value.get(key, default))
        return str(getattr(value, key)) if isinstance(value, BaseModel) else None

    return Discriminator(choose)


class OAuth2(Section):
    """OAuth 2 client credentials; without `scopes` core and roster.readonly of the version are asked for."""

    type: Literal["oauth2"] = "oauth2"
    token_url: Url
    client_id: Text
    client_secret: Secret
    client_auth: Literal["basic", "body"] = "basic"
    scopes: Annotated[tuple[str, ...], AS_TUPLE] = ()


class OAuth1(Section):
    """OAuth 1.0a signatures with a consumer key and secret."""

    type: Literal["oauth1"] = "oauth1"
    client_id: Text
    client_secret: Secret
    signature_method: Literal["HMAC-SHA256", "HMAC-SHA1"] = "HMAC-SHA256"


class Bearer(Section):
    """A token that does not change."""

    type: Literal["bearer"] = "bearer"
    token: Secret


class NoAuth(Section):
    """No authentication at all."""

    type: Literal["none"] = "none"


class RestSource(Section):
    """A OneRoster REST API; `timeout` is in seconds, `rate_limit` in requests a second with 0 for none."""

    type: Literal["rest"] = "rest"
    version: Literal["1.1", "1.2"] = "1.1"
    url: RootUrl
    page_size: Annotated[int, Field(ge=1, le=1_000_000)] = 1000
    concurrency: Annotated[int, Field(ge=1, le=64)] = 4
    timeout: Seconds = 120.0
    deadline: PositiveDuration = timedelta(hours=4)
    retries: Annotated[int, Field(ge=0, le=100)] = 5
    rate_limit: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    headers: dict[HeaderName, HeaderValue] = Field(default_factory=dict)
    ca_file: FilePath | None = None
    allow_http: bool = False
    fields: Literal["mapped", "all"] = "mapped"
    auth: Auth


class CsvSource(Section):
    """A OneRoster CSV package: a folder, a zip, or a glob of which the newest by name counts."""

    type: Literal["csv"] = "csv"
    path: FilePath


class SftpAccess(Section):
    """A place on an SFTP server, and how to get there; `timeout` is in seconds, for each answer of the server."""

    host: Text
    port: Port = 22
    user: Text
    password: Secret | None = None
    key_file: FilePath | None = None
    key_passphrase: Secret | None = None
    known_hosts: FilePath
    timeout: Seconds = 60.0
    path: Text


class SftpSource(SftpAccess):
    """A OneRoster CSV package on an SFTP server: a folder, a zip, or a glob of which the newest by name counts."""

    type: Literal["sftp"] = "sftp"
    deadline: PositiveDuration = timedelta(hours=4)
    retries: Annotated[int, Field(ge=0, le=100)] = 5


Auth = Annotated[
    Annotated[OAuth2, Tag("oauth2")]
    | Annotated[OAuth1, Tag("oauth1")]
    | Annotated[Bearer, Tag("bearer")]
    | Annotated[NoAuth, Tag("none")],
    by_key("type", "oauth2"),
]
Source = Annotated[
    Annotated[RestSource, Tag("rest")] | Annotated[CsvSource, Tag("csv")] | Annotated[SftpSource, Tag("sftp")],
    by_key("type", "rest"),
]
RestSource.model_rebuild()

AUTHS: dict[str, type[Section]] = {"oauth2": OAuth2, "oauth1": OAuth1, "bearer": Bearer, "none": NoAuth}
SOURCES: dict[str, type[Section]] = {"rest": RestSource, "csv": CsvSource, "sftp": SftpSource}
