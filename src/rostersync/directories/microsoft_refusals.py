"""What Microsoft refuses, why, and what to do about it in the Entra admin center.

Source: Graph's error responses (`error.code`), and the AADSTS codes of the Microsoft identity platform.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import httpx

from rostersync.directories.web import Reply, broken, named, said
from rostersync.errors import DirectoryError

_UNSUPPORTED = frozenset({"request_unsupportedquery", "request_badrequest", "badrequest"})
_OUTDATED = frozenset({"directory_expiredpagetoken", "directory_resultsizelimitexceeded"})
_CODE = re.compile(r"AADSTS(\d{4,8})\b")

NO_RIGHTS = (
    "In the Entra admin center, in the app registration under API permissions, add the application permission "
    "User.Read.All of Microsoft Graph (not the delegated one), and grant admin consent."
)
_APP = (
    "Check directory.tenant and directory.client_id: Application (client) ID and Directory (tenant) ID of the app "
    "registration's overview; a national cloud needs directory.cloud."
)
_RENEW = (
    "Make a new client secret in the app registration under Certificates & secrets, and keep its Value, not its "
    "Secret ID, where directory.client_secret points."
)
_CERTIFICATE = (
    "Upload the certificate of directory.certificate_file, without its private key, in the app registration under "
    "Certificates & secrets; check that neither it nor this machine's clock is out of date."
)
_QUERY = "Check directory.filter (OData, such as userType eq 'Member') and the names of directory.attributes."

_WAYS: Mapping[str, str] = {
    **dict.fromkeys(("7000215", "7000222", "7000216"), _RENEW),
    **dict.fromkeys(("700027", "700024", "7000214", "1000502", "500137"), _CERTIFICATE),
    **dict.fromkeys(("700016", "90002", "900023", "7000112", "50194"), _APP),
}


def needs_index(reply: Reply) -> bool:
    """Whether Graph might answer the same query from its index: it refused it as unsupported."""
    code = str(reply.error().get("code")).casefold()
    return reply.status == httpx.codes.BAD_REQUEST and code in _UNSUPPORTED


def refused(reply: Reply, token: str) -> DirectoryError:
    """The error for an answer that is no page."""
    error = reply.error()
    words = ": ".join(filter(None, [said(error.get("code"), token), said(error.get("message"), token)]))
    message = f"Graph answered {reply.status}" + (f": {words}" if words else "")
    outdated = str(error.get("code")).casefold() in _OUTDATED
    if reply.status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        return DirectoryError("RS-DIR-002", message, NO_RIGHTS)
    if reply.status == httpx.codes.BAD_REQUEST and not outdated:
        return DirectoryError("RS-DIR-002", message, _QUERY)
    return broken(message)


def no_token(error: str, description: str) -> DirectoryError:
    """RS-DIR-002: no token was given; the description is long, and only its AADSTS code is told."""
    found = _CODE.search(description)
    name = named(error) or "no token was given"
    message = f"Microsoft refused to sign in: {name}" + (f" ({found[0]})" if found else "")
    return DirectoryError("RS-DIR-002", message, _WAYS.get(found[1] if found else "", _APP))


def no_tenant() -> DirectoryError:
    """RS-DIR-002: there is no such tenant."""
    return DirectoryError("RS-DIR-002", "Microsoft knows no such tenant", _APP)


def no_certificate(file: object, why: str) -> DirectoryError:
    """RS-DIR-002: the file of the certificate cannot be used."""
    hint = "Put the private key, without a passphrase, and the certificate into one PEM file, mode 0600."
    return DirectoryError("RS-DIR-002", f"{file} cannot be used: {why}", hint)
