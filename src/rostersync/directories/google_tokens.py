"""Access tokens of a service account that acts for an administrator: the only module that knows google-auth."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import msgspec
from google.auth import exceptions, transport
from google.oauth2 import service_account

from rostersync.config.secrets import SecretError, read_file
from rostersync.directories.google_refusals import DELEGATE, SCOPE
from rostersync.directories.web import Reply, Web, named, said
from rostersync.errors import DirectoryError

_NEW_KEY = (
    "In the Google Cloud console make a new JSON key for the service account, and put the file as it is, mode 0600, "
    "where directory.key_file points."
)
_SUBJECT = "Check directory.subject: it must be the address of an administrator of this Workspace who is not suspended."
_CLOCK = "Set this machine's clock (NTP): Google takes a request to sign in only at the time that it names."


class ServiceAccount:
    """Signs in with the key of a service account (the protocol `Tokens`)."""

    def __init__(self, key_file: Path, subject: str, token_url: str, web: Web) -> None:
        """Read the key; raises DirectoryError RS-DIR-002 where it is none, or others may read it."""
        info = _key(key_file)
        try:
            credentials = service_account.Credentials.from_service_account_info(  # type: ignore[no-untyped-call]
                info, scopes=[SCOPE], subject=subject
            )
        except (exceptions.GoogleAuthError, ValueError, TypeError):
            raise _no_key(key_file, "it holds no key of a service account that can be used") from None
        self._credentials = credentials.with_token_uri(token_url)
        self._subject = subject
        self._request = _Transport(web)

    @property
    def current(self) -> str:
        """The token that was given last."""
        return str(self._credentials.token or "")

    def token(self) -> str:
        """Give a token that is good for some minutes at least."""
        if not self._credentials.valid:
            try:
                self._credentials.refresh(self._request)
            except exceptions.GoogleAuthError as error:
                raise self._refused(error) from None
            except (ValueError, TypeError, AttributeError):
                raise DirectoryError("RS-DIR-002", "Google's answer to the sign-in holds no token", DELEGATE) from None
        return self.current

    def renew(self) -> None:
        """Forget the token."""
        self._credentials.token = None

    def _refused(self, error: exceptions.GoogleAuthError) -> DirectoryError:
        """Say what Google says to a request to sign in: an error and its description, no more of the answer."""
        told = error.args[1] if len(error.args) > 1 and isinstance(error.args[1], dict) else {}
        name, description = named(told.get("error")), said(told.get("error_description"))
        who = f"the service account may not act for {self._subject}"
        message = ": ".join(filter(None, [who, name or "Google gave no token", description]))
        return DirectoryError("RS-DIR-002", message, _way_out(name, description.casefold()))


def _way_out(name: str, description: str) -> str:
    if name != "invalid_grant":
        return DELEGATE
    if "signature" in description or "account not found" in description:
        return _NEW_KEY
    return _CLOCK if "token must be" in description else _SUBJECT


def _key(path: Path) -> dict[str, Any]:
    """Read the file with the key, which only its owner may read."""
    try:
        info = msgspec.json.decode(read_file(path, private=True), type=dict[str, Any])
    except SecretError as error:
        raise DirectoryError("RS-DIR-002", error.message, error.hint) from None
    except (msgspec.DecodeError, RecursionError):
        raise _no_key(path, "it is no JSON") from None
    if info.get("type") != "service_account":
        raise _no_key(path, "its type is not service_account")
    return info


def _no_key(path: Path, why: str) -> DirectoryError:
    return DirectoryError("RS-DIR-002", f"{path} cannot be used: {why}", _NEW_KEY)


class _Answer(transport.Response):
    """An answer as google-auth wants it."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply

    @property
    def status(self) -> int:
        return self._reply.status

    @property
    def headers(self) -> httpx.Headers:
        return self._reply.headers

    @property
    def data(self) -> bytes:
        return self._reply.body


class _Transport(transport.Request):
    """Lets google-auth ask over our own connections, with our retries."""

    def __init__(self, web: Web) -> None:
        self._web = web

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **_: object,
    ) -> _Answer:
        """POST, as all that is asked for here is a token; raises DirectoryError RS-DIR-001 without an answer."""
        del method, timeout
        return _Answer(self._web.post(url, body or b"", headers or {}))
