"""Microsoft on this machine: a tenant's sign-in with its check of secret and certificate, and /users of Graph."""

from __future__ import annotations

import base64
import re
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.responses import Response

from rostersync.directories.microsoft import Endpoints, MicrosoftDirectory, MicrosoftSettings
from rostersync.model.directory import Account
from tests.directories.authority import Authority
from tests.directories.cloud import Asked, Cloud, User, document, trusting

TENANT = "5e9f3a10-0000-4000-8000-000000000001"
CLIENT = "5e9f3a10-0000-4000-8000-000000000002"
CLIENT_SECRET = "value-of-the-client-secret"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
_INSIDE = re.compile(r"(\w+) eq (?:'([^']*)'|(true|false))")
_JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def self_signed(key: rsa.RSAPrivateKey) -> x509.Certificate:
    """Make the certificate of an app."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "rostersync")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    begin, end = datetime(2020, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)
    return builder.not_valid_before(begin).not_valid_after(end).sign(key, hashes.SHA256())


CERTIFICATE = self_signed(KEY)
OTHER_CERTIFICATE = self_signed(OTHER_KEY)


def private_pem(key: Any = KEY, passphrase: bytes | None = None) -> bytes:  # noqa: ANN401 - any kind of key
    """Write a private key."""
    locked = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    return bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked))


def public_pem(certificate: x509.Certificate = CERTIFICATE) -> bytes:
    """Write a certificate."""
    return certificate.public_bytes(serialization.Encoding.PEM)


def pem_file(path: Path, *parts: bytes) -> Path:
    """Write a private file, of the key and the certificate of the app where nothing else is given."""
    path.touch(mode=0o600)
    path.write_bytes(b"".join(parts or (public_pem(), private_pem())))
    return path


class Graph(Cloud):
    """A tenant with one app, which has consent where `consent` says so."""

    def __init__(self) -> None:
        """Give the app its consent."""
        super().__init__()
        self.consent = True

    def answer(self, asked: Asked) -> Response:
        """Answer as Microsoft does."""
        if asked.path == f"/{TENANT}/v2.0/.well-known/openid-configuration":
            return document(self._configuration())
        if asked.path.endswith("/openid-configuration"):
            return document({"error": "invalid_tenant", "error_description": "AADSTS90002: Tenant not found."}, 400)
        if asked.path == f"/{TENANT}/oauth2/v2.0/token":
            return self.token_answer or self._token(asked.form)
        if asked.path != "/v1.0/users":
            return Response(status_code=404)
        if not self.knows(asked):
            return refusal(401, "InvalidAuthenticationToken", "Lifetime validation failed, the token is expired.")
        return self._users(asked) if self.consent else refusal(403, "Authorization_RequestDenied", "Insufficient.")

    def _configuration(self) -> dict[str, str]:
        root = f"{self.url}/{TENANT}"
        return {
            "issuer": f"{root}/v2.0",
            "authorization_endpoint": f"{root}/oauth2/v2.0/authorize",
            "token_endpoint": f"{root}/oauth2/v2.0/token",
        }

    def _token(self, form: dict[str, str]) -> Response:
        if form["grant_type"] != "client_credentials" or form["scope"] != f"{self.url}/.default":
            return document(
                {"error": "invalid_scope", "error_description": "AADSTS70011: The scope is not valid."}, 400
            )
        if form["client_id"] != CLIENT:
            return document({"error": "unauthorized_client", "error_description": "AADSTS700016: No such app."}, 400)
        if "client_assertion" in form:
            wrong = self._wrong_assertion(form)
        else:
            wrong = "" if form.get("client_secret") == CLIENT_SECRET else "AADSTS7000215: Invalid client secret."
        return document({"error": "invalid_client", "error_description": wrong}, 401) if wrong else self.give_token()

    def _wrong_assertion(self, form: dict[str, str]) -> str:
        """Say what is wrong with the signature of the app's certificate."""
        audience = self._configuration()["token_endpoint"]
        fingerprint = base64.urlsafe_b64encode(CERTIFICATE.fingerprint(hashes.SHA256())).decode().rstrip("=")
        try:
            told = jwt.get_unverified_header(form["client_assertion"])["x5t#S256"].rstrip("=")
            claims = jwt.decode(form["client_assertion"], KEY.public_key(), ["PS256"], audience=audience)
        except jwt.InvalidTokenError:
            return "AADSTS700027: The certificate with identifier used to sign the client assertion is not registered."
        right = form["client_assertion_type"] == _JWT_BEARER and claims["iss"] == claims["sub"] == CLIENT
        return "" if right and told == fingerprint else "AADSTS700024: Client assertion is not right."

    def _users(self, asked: Asked) -> Response:
        params, given = asked.params, asked.params.get("$filter", "")
        selected = params.get("$select", "").split(",")
        if not selected or not 1 <= int(params.get("$top", "100")) <= 999:
            return refusal(400, "Request_BadRequest", "Invalid page size specified.")
        if any(name not in user(0) for name in selected):
            return refusal(
                400, "BadRequest", "Could not find a property named 'shoeSize' on type 'microsoft.graph.user'."
            )
        advanced = asked.headers.get("consistencylevel") == "eventual" and params.get("$count") == "true"
        if " ne " in given and not advanced:
            return refusal(400, "Request_UnsupportedQuery", "Unsupported Query.")
        if "(" in given:
            return refusal(400, "Request_BadRequest", "Syntax error at position 1.")
        return document(self._page(params, [one for one in self.users if matches(one, given)], selected))

    def _page(self, params: dict[str, str], found: list[User], selected: list[str]) -> dict[str, Any]:
        start, size = int(params.get("$skiptoken", "0")), int(params["$top"])
        page = [{name: one[name] for name in selected} for one in found[start : start + size]]
        content: dict[str, Any] = {"@odata.context": f"{self.url}/v1.0/$metadata#users", "value": page}
        if start + size < len(found):
            following = "&".join(f"{name}={value}" for name, value in params.items() if name != "$skiptoken")
            content["@odata.nextLink"] = f"{self.url}/v1.0/users?{following}&$skiptoken={start + size}"
        return content


def matches(one: User, given: str) -> bool:
    """Whether a user passes a filter of `eq` or `ne`."""
    found = _INSIDE.fullmatch(given.replace(" ne ", " eq "))
    if found is None:
        return True
    equal = bool(one[found[1]] == (found[3] == "true" if found[3] else found[2]))
    return equal != (" ne " in given)


def refusal(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Response:
    """Refuse as Graph does."""
    inner = {"date": "2026-11-21T18:00:00", "request-id": "r-1"}
    return document({"error": {"code": code, "message": message, "innerError": inner}}, status, headers)


def user(number: int, **others: object) -> User:
    """Make a user as Entra keeps it, with more than anybody should ask for."""
    return {
        "id": f"5e9f3a10-0000-4000-9000-{number:012}",
        "displayName": f"User {number}",
        "userPrincipalName": f"user{number:05}@example.org",
        "mail": f"user{number:05}@example.org",
        "proxyAddresses": [f"SMTP:user{number:05}@example.org"],
        "employeeId": None,
        "accountEnabled": True,
        "userType": "Member",
        "onPremisesExtensionAttributes": dict.fromkeys((f"extensionAttribute{n}" for n in range(1, 16)), None),
        "mobilePhone": "+15550100",
    } | others


class Tenant:
    """Opens directories that look at a Microsoft of our own."""

    def __init__(self, graph: Graph, authority: Authority) -> None:
        """Take the Microsoft, and the authority that is trusted."""
        self._graph = graph
        self._authority = authority

    def __call__(self, url: str | None = None, **others: Any) -> MicrosoftDirectory:  # noqa: ANN401 - as the settings
        given = {"tenant": TENANT, "client_id": CLIENT, **others}
        if "certificate_file" not in given:
            given.setdefault("client_secret", CLIENT_SECRET)
        url = url or self._graph.url
        return MicrosoftDirectory(
            MicrosoftSettings(**given), endpoints=Endpoints(url, url), trust=trusting(self._authority)
        )

    def read(self, **others: Any) -> list[Account]:  # noqa: ANN401 - as the settings
        """Read a directory to its end."""
        with closing(self(**others)) as directory:
            return sorted(directory.accounts())
