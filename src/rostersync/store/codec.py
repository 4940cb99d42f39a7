"""Records, rejections and lists as the store keeps them: JSON, so that a curious administrator can read it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TypeVar

import msgspec

from rostersync.model.directory import Account
from rostersync.model.kind import Kind
from rostersync.model.snapshot import Class, Course, Enrollment, Org, Record, Rejection, Session, User
from rostersync.store.boundary import damaged

T = TypeVar("T")

encode = msgspec.json.Encoder().encode

_RECORDS: dict[Kind, msgspec.json.Decoder[Record]] = {
    Kind.ORGS: msgspec.json.Decoder(Org),
    Kind.SESSIONS: msgspec.json.Decoder(Session),
    Kind.COURSES: msgspec.json.Decoder(Course),
    Kind.CLASSES: msgspec.json.Decoder(Class),
    Kind.USERS: msgspec.json.Decoder(User),
    Kind.ENROLLMENTS: msgspec.json.Decoder(Enrollment),
}
_ACCOUNT = msgspec.json.Decoder(Account)
_REJECTION = msgspec.json.Decoder(Rejection)
_LIST = msgspec.json.Decoder(tuple[str, ...])


def decode_record(kind: Kind, body: bytes | None) -> Record | None:
    """Read a record of one kind; raises StoreError where the bytes are no such record."""
    return None if body is None else _decoded(_RECORDS[kind], body)


def record_reader(kind: Kind) -> Callable[[bytes], Record]:
    """Give the bare function that reads records of one kind, for loops inside `reading`."""
    return _RECORDS[kind].decode


@contextmanager
def reading() -> Iterator[None]:
    """Say that the store is damaged where a stored value cannot be read."""
    try:
        yield
    except (msgspec.MsgspecError, TypeError, UnicodeError) as error:
        where = "the store"
        raise damaged(where, f"a stored value cannot be read ({error})") from error


def decode_rejection(body: bytes | None) -> Rejection | None:
    """Read a rejection; raises StoreError where the bytes are none."""
    return None if body is None else _decoded(_REJECTION, body)


def decode_account(body: bytes) -> Account:
    """Read an account; raises StoreError where the bytes are none."""
    return _decoded(_ACCOUNT, body)


@lru_cache(maxsize=8_192)
def encode_list(items: tuple[str, ...]) -> str:
    """Write a list as the JSON text that the views show."""
    return encode(items).decode()


@lru_cache(maxsize=8_192)
def decode_list(text: str) -> tuple[str, ...]:
    """Read a list of a roster row, of which a district has few different ones; raises StoreError where it is none."""
    return _decoded(_LIST, text)


def _decoded(decoder: msgspec.json.Decoder[T], body: bytes | str) -> T:
    """Decode a value, or say that the store is damaged."""
    with reading():
        return decoder.decode(body)
