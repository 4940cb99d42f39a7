"""Google on this machine: the token endpoint with its check of the assertion, and users.list of the Directory API."""

from __future__ import annotations

import json
import re
from contextlib import closing
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.responses import Response

from rostersync.directories.google import Endpoints, GoogleDirectory, GoogleSettings
from rostersync.model.directory import Account
from tests.directories.authority import Authority
from tests.directories.cloud import Asked, Cloud, User, document, trusting

SUBJECT = "admin@example.org"
CLIENT = "reader@springfield.iam.gserviceaccount.com"
SCOPE = "https://www.googleapis.com/auth/admin.directory.user.readonly"
AUDIENCE = "https://oauth2.googleapis.com/token"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
_FIELDS = re.compile(r"kind,nextPageToken,users\(([A-Za-z,]+)\)")


def key_file(path: Path, key: rsa.RSAPrivateKey = KEY, **others: object) -> Path:
    """Write the key of the service account as the console gives it, mode 0600."""
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    info = {
        "type": "service_account",
        "project_id": "springfield",
        "private_key_id": "k1",
        "private_key": pem,
        "client_email": CLIENT,
        "client_id": "1234567890",
        "token_uri": "https://oauth2.example.invalid/never-asked",
    }
    path.touch(mode=0o600)
    path.write_text(json.dumps(info | others), encoding="utf-8")
    return path


class Google(Cloud):
    """A Workspace in which `delegated` may act for the administrators."""

    def __init__(self) -> None:
        """Delegate to the service account, and have one administrator."""
        super().__init__()
        self.delegated = {CLIENT: {SCOPE}}
        self.admins = {SUBJECT}
        self.customers = {"my_customer", "C0123"}

    def answer(self, asked: Asked) -> Response:
        """Answer as Google does."""
        if asked.path == "/token":
            return self.token_answer or self._token(asked)
        if asked.path != "/admin/directory/v1/users":
            return Response(status_code=404)
        if not self.knows(asked):
            return refusal(401, "authError", "Invalid Credentials")
        return self._users(asked)

    def _token(self, asked: Asked) -> Response:
        if asked.form.get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer":
            return document({"error": "unsupported_grant_type"}, 400)
        try:
            claims = jwt.decode(
                asked.form["assertion"], KEY.public_key(), ["RS256"], audience=AUDIENCE,
                options={"require": ["iat", "exp", "iss", "sub"]},
            )  # fmt: skip
        except jwt.InvalidSignatureError:
            return document({"error": "invalid_grant", "error_description": "Invalid JWT Signature."}, 400)
        if not set(claims["scope"].split()) <= self.delegated.get(claims["iss"], set()):
            words = "Client is unauthorized to retrieve access tokens using this method."
            return document({"error": "unauthorized_client", "error_description": words}, 401)
        if claims["sub"] not in self.admins:
            return document({"error": "invalid_grant", "error_description": "Invalid email or User ID"}, 400)
        return self.give_token()

    def _users(self, asked: Asked) -> Response:
        params = asked.params
        size, mask = int(params.get("maxResults", "100")), _FIELDS.fullmatch(params.get("fields", ""))
        if not 1 <= size <= 500 or mask is None or ("customer" in params) == ("domain" in params):
            return refusal(400, "invalid", "Invalid Input")
        if params.get("customer", "C0123") not in self.customers:
            return refusal(404, "notFound", "Resource Not Found: customer")
        start = int(params.get("pageToken", "at-0").removeprefix("at-"))
        found = [user for user in self.users if self._wanted(user, params)]
        page = found[start : start + size]
        content: dict[str, Any] = {"kind": "admin#directory#users"}
        if page:
            content["users"] = [_masked(user, mask[1].split(","), params) for user in page]
        if start + size < len(found):
            content["nextPageToken"] = f"at-{start + size}"
        return document(content)

    @staticmethod
    def _wanted(user: User, params: dict[str, str]) -> bool:
        in_domain = user["primaryEmail"].endswith("@" + params.get("domain", user["primaryEmail"].split("@")[1]))
        return in_domain and params.get("query", f"orgUnitPath={user['orgUnitPath']}") == (
            f"orgUnitPath={user['orgUnitPath']}"
        )


def _masked(user: User, fields: list[str], params: dict[str, str]) -> User:
    """Leave of a user what the mask lets through, and of custom schemas those that are asked for."""
    told = {name: value for name, value in user.items() if name in fields}
    asked = params.get("customFieldMask", "").split(",") if params.get("projection") == "custom" else []
    schemas = {name: value for name, value in told.pop("customSchemas", {}).items() if name in asked}
    return told | ({"customSchemas": schemas} if schemas else {})


def refusal(status: int, reason: str, message: str, headers: dict[str, str] | None = None) -> Response:
    """Refuse as the Directory API does."""
    errors = [{"domain": "global", "reason": reason, "message": message}]
    return document({"error": {"code": status, "message": message, "errors": errors}}, status, headers)


def user(number: int, **others: object) -> User:
    """Make a user as Google keeps it, with more than anybody should ask for."""
    return {
        "kind": "admin#directory#user",
        "id": f"1{number:020}",
        "primaryEmail": f"user{number:05}@example.org",
        "name": {"fullName": f"User {number}"},
        "orgUnitPath": "/Students",
        "suspended": False,
        "archived": False,
        "recoveryPhone": "+15550100",
    } | others


class Workspace:
    """Opens directories that look at a Google of our own."""

    def __init__(self, google: Google, authority: Authority, folder: Path) -> None:
        """Take the Google, the authority that is trusted, and a folder for the key."""
        self._google = google
        self._authority = authority
        self._folder = folder

    def __call__(self, url: str | None = None, **others: Any) -> GoogleDirectory:  # noqa: ANN401 - as the settings
        url = url or self._google.url
        key = others.pop("key_file", None) or key_file(self._folder / "key.json")
        settings = GoogleSettings(key_file=key, **{"subject": SUBJECT, **others})
        endpoints = Endpoints(f"{url}/admin/directory/v1/users", f"{url}/token")
        return GoogleDirectory(settings, endpoints=endpoints, trust=trusting(self._authority))

    def read(self, **others: Any) -> list[Account]:  # noqa: ANN401 - as the settings
        """Read a directory to its end."""
        with closing(self(**others)) as directory:
            return sorted(directory.accounts())
