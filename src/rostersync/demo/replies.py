"""What the server answers: replies, refusals, and the error bodies of both versions (oneroster §2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

# The HTTP status of each refusal, with its codeMinor in 1.1 (mixed spelling and all) and in 1.2.
MINOR: dict[str, tuple[int, str, str]] = {
    "invalid_filter": (400, "invalid_filter_field", "invalid_filter_field"),
    "invalid_selection": (400, "invalid_selection_field", "invalid_selection_field"),
    "blank_selection": (400, "invalid_blank_selection_field", "invalid_selection_field"),
    "invalid_data": (400, "invalid data", "invaliddata"),
    "unauthorized": (401, "unauthorized", "unauthorisedrequest"),
    "forbidden": (403, "forbidden", "forbidden"),
    "unknown_object": (404, "unknown object", "unknownobject"),
    "busy": (429, "server_busy", "server_busy"),
    "internal": (500, "internal_server_error", "internal_server_error"),
}
BY_STATUS = {401: "unauthorized", 403: "forbidden", 404: "unknown_object", 429: "busy", 400: "invalid_data"}


@dataclass(slots=True)
class Refused(Exception):  # noqa: N818 - an answer, no failure of the server
    """The server's refusal of a request: why, in words, and optionally another HTTP status or more headers."""

    reason: str
    description: str
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)

    def http_status(self) -> int:
        """Give the HTTP status of the refusal."""
        return self.status or MINOR[self.reason][0]


@dataclass(slots=True)
class Reply:
    """An HTTP response before it is sent.

    `cut` is the share of the body after which the connection breaks, `delay` the seconds before the first byte, `drip`
    the seconds between the hundred parts in which the body then comes.
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    refused: Refused | None = None
    cut: float | None = None
    delay: float = 0.0
    drip: float = 0.0


def json_reply(document: object, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    """Make a JSON reply."""
    return Reply(status, msgspec.json.encode(document), {"Content-Type": "application/json", **(headers or {})})


def refusal(version: str, refused: Refused) -> Reply:
    """Make the reply to a request that is refused, with the error body of the version."""
    reply = json_reply(error_body(version, refused), refused.http_status(), refused.headers)
    reply.refused = refused
    return reply


def error_body(version: str, refused: Refused) -> dict[str, Any]:
    """Give the error body of a version: wrapped in statusInfoSet in 1.1, the bare object in 1.2."""
    _, old, new = MINOR[refused.reason]
    if version == "1.1":
        return {"statusInfoSet": [status_info("failure", "error", old, refused.description)]}
    minor = {"imsx_codeMinorFieldName": "TargetEndSystem", "imsx_codeMinorFieldValue": new}
    return {
        "imsx_codeMajor": "failure",
        "imsx_severity": "error",
        "imsx_description": refused.description,
        "imsx_CodeMinor": {"imsx_codeMinorField": [minor]},
    }


def status_info(major: str, severity: str, minor: str, description: str) -> dict[str, str]:
    """Give one entry of the statusInfoSet of 1.1, which also goes beside data as a warning."""
    return {
        "imsx_codeMajor": major,
        "imsx_severity": severity,
        "imsx_messageRefIdentifier": "m-1",
        "imsx_operationRefIdentifier": "o-1",
        "imsx_description": description,
        "imsx_codeMinor": minor,
    }
