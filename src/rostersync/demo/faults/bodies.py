"""Faults of the document: other envelopes, no envelope, no JSON, other error bodies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from rostersync.demo.call import Call
from rostersync.demo.faults.base import Fault
from rostersync.demo.replies import MINOR, Refused, Reply, error_body

OTHER_NAMES = {"users": "students", "orgs": "schools", "academicSessions": "terms"}


@dataclass(frozen=True)
class EnvelopeNamed(Fault):
    """The envelope has this name; by default students, schools or terms for users, orgs, academicSessions."""

    name: str = ""

    def document(self, call: Call) -> None:
        """Rename it."""
        name = self.name or OTHER_NAMES.get(call.envelope, call.envelope)
        call.document = {name if key == call.envelope else key: value for key, value in _object(call).items()}


@dataclass(frozen=True)
class ExtraKeys(Fault):
    """There are other keys before and after the envelope."""

    def document(self, call: Call) -> None:
        """Add them."""
        call.document = {"totalCount": call.total, "warnings": [], **_object(call), "limit": 100, "page": {"number": 1}}


@dataclass(frozen=True)
class BareArray(Fault):
    """The document is the list itself."""

    def document(self, call: Call) -> None:
        """Take the envelope off."""
        call.document = call.page


@dataclass(frozen=True)
class EnvelopeMissing(Fault):
    """The document is an object without the envelope."""

    def document(self, call: Call) -> None:
        """Put the rows under a key that means nothing."""
        call.document = {"data": call.page}


@dataclass(frozen=True)
class EmptyObject(Fault):
    """An empty page is `{}`."""

    def document(self, call: Call) -> None:
        """Take the empty list away."""
        if not call.page:
            call.document = {}


@dataclass(frozen=True)
class NoContent(Fault):
    """An empty page is 204 without a body."""

    def reply(self, call: Call, reply: Reply) -> Reply:
        """Answer 204."""
        empty = reply.refused is None and not call.single and not call.page
        return Reply(204, headers=_without_type(reply)) if empty else reply


@dataclass(frozen=True)
class Html(Fault):
    """The answer is a page for people with status 200, as from a login wall."""

    def reply(self, call: Call, reply: Reply) -> Reply:
        """Answer with HTML."""
        del call
        headers = {**_without_type(reply), "Content-Type": "text/html; charset=utf-8"}
        return Reply(200, b"<!DOCTYPE html><html><body>Please sign in</body></html>", headers)


@dataclass(frozen=True)
class NotJson(Fault):
    """The body ends in the middle of the JSON though the connection is whole."""

    def reply(self, call: Call, reply: Reply) -> Reply:
        """Cut the second half off."""
        del call
        reply.body = reply.body[: len(reply.body) // 2]
        return reply


@dataclass(frozen=True)
class ErrorShape(Fault):
    """Error bodies have another shape: `errors`, `root`, `capital`, `wrapped`, `text`, `html` or `empty`."""

    shape: str = "errors"

    def reply(self, call: Call, reply: Reply) -> Reply:
        """Write the error again; successful replies stay."""
        if reply.refused is None:
            return reply
        if self.shape in ("text", "html", "empty"):
            return self._not_json(reply)
        reply.body = msgspec.json.encode(_shaped(self.shape, call.version, reply.refused))
        return reply

    def _not_json(self, reply: Reply) -> Reply:
        """Write the error as text, as HTML, or not at all."""
        words = "" if self.shape == "empty" else str(reply.refused.description if reply.refused else "")
        reply.body = (f"<html><body>{words}</body></html>" if self.shape == "html" else words).encode()
        reply.headers["Content-Type"] = "text/html" if self.shape == "html" else "text/plain"
        return reply


def _shaped(shape: str, version: str, refused: Refused) -> dict[str, Any]:
    """Give the error in one of the shapes seen in servers."""
    plain = {"codeMajor": "failure", "severity": "error", "codeMinor": MINOR[refused.reason][1]}
    plain["description"] = refused.description
    if shape == "errors":
        return {"errors": [plain]}
    if shape == "capital":
        return {name[0].upper() + name[1:]: value for name, value in plain.items()}
    return {"imsx_StatusInfo": error_body(version, refused)} if shape == "wrapped" else plain


def _object(call: Call) -> dict[str, Any]:
    """Give the document as the object that it is before other faults."""
    return call.document if isinstance(call.document, dict) else {call.envelope: call.page}


def _without_type(reply: Reply) -> dict[str, str]:
    """Give the headers without the content type."""
    return {name: value for name, value in reply.headers.items() if name != "Content-Type"}
