"""Access tokens of an app registration: the only module that knows msal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import msal
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from rostersync.config.secrets import SecretError, read_file
from rostersync.directories.microsoft_refusals import no_certificate, no_tenant, no_token
from rostersync.directories.web import Web
from rostersync.errors import DirectoryError

_BLOCK = re.compile(r"-----BEGIN ([A-Z ]+)-----.+?-----END \1-----", re.DOTALL)
_MISREAD = (ValueError, TypeError, KeyError, AttributeError, RuntimeError, msal.exceptions.MsalError)
"""What msal raises where an answer is not what it expects."""

Credential = str | dict[str, str]
"""A secret, or a certificate with its key."""


class Application:
    """Signs in with client credentials (the protocol `Tokens`); tokens are kept by msal as long as they are good."""

    def __init__(self, client_id: str, credential: Credential, authority: str, scope: str, web: Web) -> None:
        """Keep who signs in where, and for what; nothing is asked yet."""
        self._client_id = client_id
        self._credential = credential
        self._authority = authority
        self._scope = scope
        self._web = web
        self._app: Any = None
        self.current = ""

    def token(self) -> str:
        """Give a token that is good for some minutes at least."""
        answer = self._acquire()
        token = answer.get("access_token")
        if not isinstance(token, str):
            raise no_token(str(answer.get("error") or ""), str(answer.get("error_description") or ""))
        self.current = token
        return token

    def renew(self) -> None:
        """Forget the token."""
        if self._app is not None:
            self._app.remove_tokens_for_client()

    def _acquire(self) -> Mapping[str, object]:
        if self._app is None:
            self._app = self._open()
        try:
            answer = self._app.acquire_token_for_client(scopes=[self._scope])
        except _MISREAD:
            raise no_token("its answer was not understood", "") from None
        return answer if isinstance(answer, dict) else {}

    def _open(self) -> Any:  # noqa: ANN401 - msal has no types
        """Ask for the tenant's addresses; the cloud is given, so that no other host need be asked which it is."""
        try:
            return msal.ConfidentialClientApplication(
                self._client_id,
                client_credential=self._credential,
                authority=self._authority,
                http_client=_Http(self._web),
                instance_discovery=False,
            )
        except _MISREAD:
            raise no_tenant() from None


def certificate(file: Path) -> Credential:
    """Read a certificate and its key from one PEM file; raises DirectoryError RS-DIR-002 where they are none."""
    try:
        content = read_file(file, private=True)
    except SecretError as error:
        raise DirectoryError("RS-DIR-002", error.message, error.hint) from None
    blocks = {found[1].split()[-1]: found[0] for found in reversed(list(_BLOCK.finditer(content)))}
    if blocks.keys() < {"KEY", "CERTIFICATE"}:
        raise no_certificate(file, f"it lacks the {'private key' if 'CERTIFICATE' in blocks else 'certificate'}")
    try:
        key = serialization.load_pem_private_key(blocks["KEY"].encode(), None)
        public = x509.load_pem_x509_certificate(blocks["CERTIFICATE"].encode()).public_key()
    except (ValueError, TypeError):
        raise no_certificate(file, "its key or certificate cannot be read, or the key has a passphrase") from None
    if not isinstance(key, RSAPrivateKey) or key.public_key() != public:
        raise no_certificate(file, "its key is no RSA key, or not that of the certificate")
    return {"private_key": blocks["KEY"], "public_certificate": blocks["CERTIFICATE"]}


class _Answer(NamedTuple):
    """An answer as msal wants it."""

    status_code: int
    text: str
    headers: Mapping[str, str]

    def raise_for_status(self) -> None:
        """Have nothing to raise: msal looks at the status as well."""


class _Http:
    """Lets msal ask over our own connections, with our retries."""

    def __init__(self, web: Web) -> None:
        self._web = web

    def get(
        self, url: str, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None, **_: object
    ) -> _Answer:
        """GET; raises DirectoryError RS-DIR-001 where there is no answer."""
        reply = self._web.get(f"{url}?{urlencode(params)}" if params else url, headers or {})
        return _Answer(reply.status, reply.body.decode("utf-8", "replace"), dict(reply.headers))

    def post(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | str | None = None,
        headers: Mapping[str, str] | None = None,
        **_: object,
    ) -> _Answer:
        """POST a form; raises DirectoryError RS-DIR-001 where there is no answer."""
        body = data if isinstance(data, str) else urlencode(data or {})
        form = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        reply = self._web.post(f"{url}?{urlencode(params)}" if params else url, body.encode(), form)
        return _Answer(reply.status, reply.body.decode("utf-8", "replace"), dict(reply.headers))
