"""Scenes of the secrets beside those of a REST source: directories, SFTP, and secrets that stand where none may."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import tomlkit

from rostersync.demo import serve
from rostersync.demo.auth import Credentials
from rostersync.directories import google, microsoft
from tests.directories.authority import Authority
from tests.directories.google_cloud import key_file
from tests.directories.graph_cloud import CLIENT, TENANT, pem_file
from tests.sftp.openssh import make_key
from torture.secrets.canaries import canary
from torture.secrets.commands import NAME
from torture.secrets.parrot import parrot
from torture.secrets.scenes import Maker, Scene, Table, closed_port, district

_SHORTEST: Final = 40


def with_directory(table: Table, status: int) -> Maker:
    """A directory in the cloud that says again what it hears; the source is a server that takes what it is given."""

    def make(scene: Scene, stack: ExitStack) -> None:
        authority = Authority(scene.folder / "tmp", "authority")
        certificate = authority.certificate("127.0.0.1")
        server = stack.enter_context(parrot(status, certificate=(certificate.file, certificate.key_file)))
        scene.private |= {certificate.key_file}
        scene.servers.append(server)
        trust = ssl.create_default_context(cafile=str(authority.file))
        there = google.Endpoints(server.url, f"{server.url}/token"), microsoft.Endpoints(server.url, server.url)
        for module, name, endpoints in zip((google, microsoft), ("Google", "Microsoft"), there, strict=True):
            kept = getattr(module, f"{name}Directory")
            stack.enter_context(
                patch.object(module, f"{name}Directory", partial(kept, endpoints=endpoints, trust=trust))
            )
        _from_demo(scene, stack, directory=planted(scene, table))

    return make


def planted(scene: Scene, table: Table) -> Table:
    """Put the secrets of a directory's table in their places."""
    found = dict(table)
    if "client_secret" in table:
        found["client_secret"] = scene.plant("microsoft-secret", "env")
    if "password" in table:
        found["password"] = scene.plant("bind-password", "file")
    if "key_file" in table:
        _key(scene, key_file(scene.folder / "google.json"), "google-key")
    if "certificate_file" in table:
        _key(scene, pem_file(scene.folder / "app.pem"), "microsoft-key")
    return found


def _key(scene: Scene, path: Path, kind: str) -> None:
    """Learn every line of a private key."""
    scene.private.add(path)
    lines = path.read_text().replace("\\n", "\n").partition("PRIVATE KEY")[2].splitlines()
    scene.canaries.learn(kind, [line for line in lines if len(line) >= _SHORTEST and " " not in line])


def sftp(table: Table, *, talks: bool) -> Maker:
    """An SFTP source, where nobody listens or somebody talks nonsense."""

    def make(scene: Scene, stack: ExitStack) -> None:
        port = stack.enter_context(nonsense()) if talks else closed_port()
        (scene.folder / "known_hosts").write_text("")
        found: Table = {"type": "sftp", "host": "127.0.0.1", "port": port, "user": "springfield", "retries": 0}
        found |= {"known_hosts": "known_hosts", "path": "drop/*.zip", "timeout": 3}
        if "password" in table:
            found["password"] = scene.plant("sftp-password", "env")
        if "key_file" in table:
            phrase = canary("passphrase")
            _key(scene, make_key(scene.folder / "id_drop", phrase), "sftp-key")
            found |= {"key_file": "id_drop", "key_passphrase": scene.plant("passphrase", "cmd")}
        delivery = {name: value for name, value in found.items() if name not in {"type", "retries"}}
        scene.configure(found, outputs=[{"format": "jsonl", "path": "out", "sftp": delivery | {"path": "up"}}])

    return make


@contextlib.contextmanager
def nonsense() -> Iterator[int]:
    """Listen on a port, and say something that is no SSH."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_babble, args=(listening,), daemon=True).start()
        yield int(listening.getsockname()[1])


def _babble(listening: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            client, _ = listening.accept()
            with client:
                client.sendall(b"SSH-2.0-nonsense\r\n" + b"\xff" * 64)


def misplaced(changes: Mapping[str, Any]) -> Maker:
    """A configuration with a secret where none may stand: dotted keys of the integration and what stands there."""

    def make(scene: Scene, stack: ExitStack) -> None:
        del stack
        secret = canary("misplaced")
        scene.canaries.learn("misplaced", [secret])
        auth: Table = {"token_url": "https://127.0.0.1:9/token", "client_id": "demo", "client_secret": "env:NONE"}
        scene.configure({"url": "https://127.0.0.1:9", "retries": 0, "auth": auth})
        path = scene.folder / "rostersync.toml"
        document = tomlkit.parse(path.read_text())
        for key, value in changes.items():
            table: Any = document["integrations"][NAME]
            *sections, last = key.split(".")
            for section in sections:
                table = table.setdefault(section, {})
            table[last] = value
        path.write_text(tomlkit.dumps(document))
        scene.private.add(path)

    return make


def unreadable(line: str) -> Maker:
    """A file that is no TOML at the very line of a secret."""

    def make(scene: Scene, stack: ExitStack) -> None:
        misplaced({})(scene, stack)
        path = scene.folder / "rostersync.toml"
        path.write_text(f"{path.read_text()}\n{line}\n")

    return make


def odd_secret(content: bytes, place: str) -> Maker:
    """A secret that is no single line of text."""

    def make(scene: Scene, stack: ExitStack) -> None:
        scene.canaries.learn("odd-secret", [canary("odd-secret")])
        path = scene.hide("odd", "")
        path.write_bytes(content)
        if place == "open":
            path.chmod(0o644)
        reference = {"cmd": f"cmd:cat {path.name}", "words": f"cmd:false --password {canary('odd-secret')}"}
        misplaced({"source.auth.client_secret": reference.get(place, f"file:{path.name}")})(scene, stack)

    return make


def faulty(place: str) -> Maker:
    """A fault of the program itself, where the secrets are in its hands."""

    def make(scene: Scene, stack: ExitStack) -> None:
        _from_demo(scene, stack)
        stack.enter_context(patch(place, side_effect=ZeroDivisionError("a fault of the program")))

    return make


def _from_demo(scene: Scene, stack: ExitStack, **tables: Any) -> None:  # noqa: ANN401 - any table
    """Have a source that works, with secrets of its own."""
    credentials = Credentials("demo", canary("oauth2-basic"), canary("bearer-token"))
    server = stack.enter_context(serve(district(), credentials=credentials))
    scene.servers.append(server)
    auth: Table = {"token_url": server.token_url, "client_id": "demo"}
    auth["client_secret"] = scene.plant("oauth2-basic", "env")
    scene.configure({"version": "1.1", "url": server.base("1.1"), "retries": 0, "auth": auth}, **tables)


_GOOGLE: Final = {"type": "google", "key_file": "google.json", "subject": "admin@example.org"}
_MICROSOFT: Final = {"type": "microsoft", "tenant": TENANT, "client_id": CLIENT}
_SECRET: Final = canary("misplaced")
_MISPLACED: Final[dict[str, dict[str, Any]]] = {
    "as the secret": {"source.auth.client_secret": _SECRET},
    "in a list": {"source.auth.client_secret": [_SECRET]},
    "in a table": {"source.auth.client_secret": {"value": _SECRET}},
    "under a misspelt key": {"source.auth.client_secrt": _SECRET},
    "as the type of sign-in": {"source.auth.type": {"x": _SECRET}},
    "in the URL as a password": {"source.url": f"https://me:{_SECRET}@127.0.0.1:9/api"},
    "in the URL as a query": {"source.url": f"https://127.0.0.1:9/api?token={_SECRET}"},
    "in the URL behind #": {"source.url": f"https://127.0.0.1:9/api#{_SECRET}"},
    "in a URL that is none": {"source.url": f"https//me:{_SECRET}@127.0.0.1:9"},
    "in the token URL": {"source.auth.token_url": f"https://me:{_SECRET}@127.0.0.1:9/token"},
    "in the query of the token URL": {"source.auth.token_url": f"https://127.0.0.1:9/token?key={_SECRET}"},
    "in a header": {"source.headers": {"Authorization": f"Bearer {_SECRET}"}},
    "in a header of two lines": {"source.headers": {"Authorization": f"Bearer\n{_SECRET}"}},
    "in a header in a list": {"source.headers": {"Authorization": [_SECRET]}},
    "as a table of headers": {"source.headers": _SECRET},
    "as the password of LDAP": {"directory": {"type": "ldap", "url": "ldaps://h", "password": _SECRET}},
    "in the URL of LDAP": {"directory": {"type": "ldap", "url": f"ldaps://me:{_SECRET}@h"}},
    "in the bind DN": {"directory": {"type": "ldap", "url": "ldap://127.0.0.1:9", "bind_dn": _SECRET, "password": 5}},
    "as the secret of Microsoft": {"directory": _MICROSOFT | {"client_secret": _SECRET}},
    "as the passphrase": {"outputs": [{"format": "jsonl", "path": "o", "sftp": {"key_passphrase": _SECRET}}]},
    "as the password of SFTP": {"source": {"type": "sftp", "host": "h", "user": "u", "password": _SECRET}},
    "as a date": {"source.auth.client_secret": 5, "source.auth.token_url": [_SECRET]},
    "as all of the source": {"source": _SECRET},
    "as all of the sign-in": {"source.auth": _SECRET},
}


def other_scenes() -> Mapping[str, Maker]:
    """All of them."""
    scenes: dict[str, Maker] = {f"misplaced {where}": misplaced(changes) for where, changes in _MISPLACED.items()}
    for status in (200, 400, 401, 403, 500):
        scenes[f"google: {status} with an echo"] = with_directory(_GOOGLE, status)
        scenes[f"microsoft: {status} with an echo"] = with_directory(_MICROSOFT | {"client_secret": ""}, status)
        app = _MICROSOFT | {"certificate_file": "app.pem"}
        scenes[f"microsoft: {status} with an echo of a certificate"] = with_directory(app, status)
    ldap = {"type": "ldap", "url": "ldap://127.0.0.1:9", "bind_dn": "cn=reader", "password": ""}
    scenes["ldap: no server"] = with_directory(ldap, 200)
    for talks in (True, False):
        scenes[f"sftp: password, {talks=}"] = sftp({"password": ""}, talks=talks)
        scenes[f"sftp: key, {talks=}"] = sftp({"key_file": ""}, talks=talks)
    for text in (
        f'client_secret = "{_SECRET}',
        f"client_secret = {_SECRET}",
        f"= {_SECRET}",
        f"[{_SECRET}",
        f"{_SECRET}",
    ):
        scenes[f"no TOML: {text.replace(_SECRET, '…')}"] = unreadable(text)
    odd = canary("odd-secret").encode()
    contents = {
        "two lines": odd + b"\n" + odd,
        "no text": odd + b"\xff",
        "long": odd * 9_000,
        "control": odd + b"\x1b[1m",
    }
    for what, content in contents.items():
        scenes |= {f"a secret of {what} by {place}": odd_secret(content, place) for place in ("file", "cmd", "open")}
    scenes["a secret in the words of a command"] = odd_secret(b"", "words")
    for place in ("sources.rest.client.Client._read", "sources.rest.auth.read_token", "wiring.sources._auth"):
        scenes[f"a fault in {place}"] = faulty(f"rostersync.{place}")
    return scenes
