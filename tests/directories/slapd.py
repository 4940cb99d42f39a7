"""A real LDAP server on this machine: OpenLDAP's slapd, with a few of Active Directory's attributes."""

from __future__ import annotations

import base64
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Self

from tests.directories.authority import Certificate

SUFFIX = "dc=example,dc=org"
PEOPLE = f"ou=people,{SUFFIX}"
READER = f"cn=reader,{SUFFIX}"
PASSWORD = "reader-secret-0815"
HOST = "127.0.0.1"

Attributes = Mapping[str, str | bytes | Sequence[str | bytes]]
"""What an entry holds; bytes go into LDIF as base64."""

SCHEMA = """
attributetype ( 1.3.6.1.4.1.32473.1.1 NAME 'objectGUID' SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.32473.1.2 NAME 'userAccountControl' EQUALITY integerMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.32473.1.3 NAME 'proxyAddresses' EQUALITY caseIgnoreMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
attributetype ( 1.3.6.1.4.1.32473.1.4 NAME 'sAMAccountName' EQUALITY caseIgnoreMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.32473.1.5 NAME 'employeeID' EQUALITY caseIgnoreMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.32473.1.6 NAME 'sisId' EQUALITY caseIgnoreMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
attributetype ( 1.3.6.1.4.1.32473.1.7 NAME 'accountKey' EQUALITY caseIgnoreMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
attributetype ( 1.3.6.1.4.1.32473.1.8 NAME 'accountLocked' EQUALITY caseIgnoreMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
objectclass ( 1.3.6.1.4.1.32473.2.1 NAME 'schoolAccount' SUP top AUXILIARY
  MAY ( objectGUID $ userAccountControl $ proxyAddresses $ sAMAccountName $ employeeID $ sisId $ accountKey
  $ accountLocked ) )
"""


@dataclass(frozen=True)
class Options:
    """How a server differs from the usual one; `database` and `frontend` are lines of slapd.conf."""

    frontend: Sequence[str] = ()
    database: Sequence[str] = (f'limits dn.exact="{READER}" size.prtotal=unlimited',)
    access: Sequence[str] = ("to attrs=userPassword by anonymous auth by * none", "to * by users read by * none")
    certificate: Certificate | None = None
    overlays: Sequence[str] = ()


class Slapd:
    """A server with its own folder, ports and database; use it as a context."""

    def __init__(self, folder: Path, options: Options | None = None) -> None:
        """Choose free ports; nothing runs yet."""
        self.folder = folder
        self.options = options or Options()
        self.port, self.tls_port = _free_port(), _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._configure()
        self.load([(SUFFIX, {"objectClass": "domain", "dc": "example"}), ou(PEOPLE), reader()])

    @property
    def url(self) -> str:
        """Where it listens without TLS, and with StartTLS where it has a certificate."""
        return f"ldap://{HOST}:{self.port}"

    @property
    def tls_url(self) -> str:
        """Where it listens with TLS, where it has a certificate."""
        return f"ldaps://{HOST}:{self.tls_port}"

    def load(self, entries: Iterable[tuple[str, Attributes]]) -> None:
        """Put entries into the database while the server does not run."""
        ldif = "\n".join(_ldif(dn, attributes) for dn, attributes in entries)
        command = [_program("slapadd"), "-q", "-f", str(self.folder / "slapd.conf")]
        loaded = subprocess.run(command, input=ldif.encode(), check=False, capture_output=True)
        assert loaded.returncode == 0, loaded.stderr.decode()

    def __enter__(self) -> Self:
        """Start the server and wait until it listens."""
        urls = f"{self.url}/ {self.tls_url}/" if self.options.certificate else f"{self.url}/"
        command = [_program("slapd"), "-d", "0", "-f", str(self.folder / "slapd.conf"), "-h", urls]
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        end = time.monotonic() + 20
        while not _listens(self.port):
            assert self._process.poll() is None, (self.folder / "log").read_text(encoding="utf-8")
            assert time.monotonic() < end, "slapd does not listen"
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the server at once: its database is thrown away."""
        self.stop()

    def stop(self) -> None:
        """Kill the server, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def pause(self) -> None:
        """Let the server fall silent with its connections open."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def _configure(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "data").mkdir(exist_ok=True)
        (self.folder / "school.schema").write_text(SCHEMA, encoding="utf-8")
        (self.folder / "slapd.conf").write_text("\n".join(self._lines()) + "\n", encoding="utf-8")

    def _lines(self) -> Iterable[str]:
        schemas = _schemas()
        yield from (f"include {schemas}/{name}.schema" for name in ("core", "cosine", "inetorgperson"))
        yield f"include {self.folder}/school.schema"
        yield from _modules(["back_mdb", *self.options.overlays])
        yield f"pidfile {self.folder}/pid"
        yield "threads 2"
        if self.options.certificate is not None:
            yield f"TLSCertificateFile {self.options.certificate.file}"
            yield f"TLSCertificateKeyFile {self.options.certificate.key_file}"
        yield from self.options.frontend
        yield from ("database mdb", f'suffix "{SUFFIX}"', f"directory {self.folder}/data", "dbnosync")
        yield from ("maxsize 67108864", "index objectClass eq")
        yield from (f"access {rule}" for rule in self.options.access)
        yield from self.options.database


def ou(dn: str) -> tuple[str, Attributes]:
    """Make an organizational unit."""
    return dn, {"objectClass": "organizationalUnit", "ou": dn.split(",", maxsplit=1)[0].removeprefix("ou=")}


def reader() -> tuple[str, Attributes]:
    """Make the account that the directory is read with; it is no person."""
    kinds = ["organizationalRole", "simpleSecurityObject"]
    return READER, {"objectClass": kinds, "cn": "reader", "userPassword": PASSWORD}


def person(
    name: str, attributes: Attributes = MappingProxyType({}), base: str = PEOPLE, **others: str | bytes
) -> tuple[str, Attributes]:
    """Make a person with these attributes."""
    kinds = ["inetOrgPerson", "schoolAccount"]
    return f"cn={name},{base}", {"objectClass": kinds, "cn": name, "sn": name, **attributes, **others}


def _ldif(dn: str, attributes: Attributes) -> str:
    """Write an entry, every value in base64 so that none needs care."""
    lines = [f"dn:: {_base64(dn)}"]
    for name, given in attributes.items():
        values = [given] if isinstance(given, str | bytes) else given
        lines += [f"{name}:: {_base64(value)}" for value in values]
    return "\n".join([*lines, ""])


def _base64(value: str | bytes) -> str:
    return base64.b64encode(value.encode() if isinstance(value, str) else value).decode()


def _program(name: str) -> str:
    """Find a program of OpenLDAP's server, which many systems keep from the path of ordinary users."""
    places = "/usr/sbin:/usr/local/sbin:/usr/libexec:/usr/lib/openldap:/opt/homebrew/opt/openldap/libexec"
    found = shutil.which(name) or shutil.which(name, path=places)
    assert found, f"{name} is not installed: run scripts/install-test-servers as root"
    return found


def _schemas() -> Path:
    """Find the schemas that come with OpenLDAP."""
    places = [Path("/etc/ldap/schema"), Path("/etc/openldap/schema"), Path("/opt/homebrew/etc/openldap/schema")]
    return next(place for place in places if (place / "core.schema").is_file())


def _modules(names: Sequence[str]) -> Iterator[str]:
    """Load the database and the overlays where they are modules."""
    for place in (Path("/usr/lib/ldap"), Path("/usr/lib/openldap"), Path("/usr/lib64/openldap")):
        if list(place.glob("back_mdb*")):
            yield f"modulepath {place}"
            yield from (f"moduleload {name}" for name in names)
            return


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as server:
        return int(server.getsockname()[1])


def _listens(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True
