"""CSV files of a package in a folder: users and roles between two bytes 0, read as a source and by `validate`."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from fuzz.targets.reading import read

_NAMES: Final = ("users.csv", "roles.csv", "enrollments.csv")
_MANIFEST: Final = (
    "propertyName,value\nmanifest.version,1.0\noneroster.version,{}\nfile.users,bulk\nfile.enrollments,delta\n"
)
_USERS: Final = (
    "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,middleName,"
    "identifier,email,sms,phone,agentSourcedIds,grades,password\n"
)
_ROW: Final = 'u1,,,true,"s1,s2",student,ann,"{LDAP:ann},{X:1}",Ann,"O""Hara",,007,ann@example.org,,,,"01,02",\n'
_ENROLLMENTS: Final = (
    "sourcedId,classSourcedId,schoolSourcedId,userSourcedId,role,beginDate,endDate\ne,c,s1,u1,student,,\n"
)


def seeds() -> Iterator[bytes]:
    """Files that are right, and files as they are found."""
    plain = (_USERS + _ROW).encode()
    yield b"\x00".join([b"1" + plain, b"", _ENROLLMENTS.encode()])
    yield b"\x00".join([b"2" + plain, b"sourcedId,userSourcedId,roleType,role,orgSourcedId\nr,u1,primary,aide,s1\n"])
    yield b"1\xef\xbb\xbf" + plain.replace(b"\n", b"\r\n")
    yield b"1" + plain.decode().encode("utf-16")
    yield b"1" + plain.replace(b",", b";").replace(b"Ann", "Zoë".encode("cp1252"))
    yield b"1" + plain + b'u2,"an open quote\n' * 3
    yield b"1" + plain.replace(b"\n", b"\r") + b"\xff\xfe\x00"


def one(data: bytes) -> None:
    """Write the files of a package and read it both ways."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "manifest.csv").write_text(_MANIFEST.format("1.2" if data[:1] == b"2" else "1.1"))
        for file, content in zip(_NAMES, data[1:].split(b"\0"), strict=False):
            (folder / file).write_bytes(content)
        read(folder)
