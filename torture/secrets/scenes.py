"""Scenes: a configuration whose secrets are canaries, and servers that take them, refuse them or say them again."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import tomlkit

from rostersync.demo import District, Server, make_district, serve
from rostersync.demo.auth import Credentials
from tests.csv.csv_packages import files_of, to_folder
from torture.secrets.canaries import Canaries, canary
from torture.secrets.commands import NAME
from torture.secrets.parrot import Parrot, parrot

Table = dict[str, Any]
_NOW: Final = 1_795_284_000.0
_DISTRICT: Final[list[District]] = []


@dataclass
class Scene:
    """A folder where the program is called, what it finds in its environment, and what may be seen nowhere.

    `private` are the files that hold secrets because somebody put them there. `servers` are asked afterwards for what
    they were sent.
    """

    name: str
    folder: Path
    env: dict[str, str] = field(default_factory=dict)
    canaries: Canaries = field(default_factory=Canaries)
    private: set[Path] = field(default_factory=set)
    servers: list[Server | Parrot] = field(default_factory=list)

    def plant(self, kind: str, place: str) -> str:
        """Put the secret of a kind where a reference of this place finds it, and give the reference."""
        value = canary(kind)
        self.canaries.learn(kind, [value])
        match place:
            case "env":
                self.env[f"SECRET_{len(self.env)}"] = value
                return f"env:SECRET_{len(self.env) - 1}"
            case "file":
                return f"file:{self.hide(kind, value).name}"
            case "cred":
                self.env["CREDENTIALS_DIRECTORY"] = str(self.folder)
                return f"cred:{self.hide(kind, value).name}"
            case "cmd":
                return f"cmd:cat {self.hide(kind, value).name}"
            case _:
                self.env["KEYRING_OF_CANARIES"] = value
                return "keyring:sis/main"

    def hide(self, name: str, content: str) -> Path:
        """Write a private file."""
        path = self.folder / f"{name}.private"
        path.touch(mode=0o600)
        path.write_text(content)
        self.private.add(path)
        return path

    def configure(self, source: Table, **tables: Any) -> None:  # noqa: ANN401 - any table
        """Write the configuration."""
        output = {"format": "jsonl", "path": "out"}
        integration = {"source": source, "outputs": [output], "schedule": {"cron": "@daily"}} | tables
        document = {"store": {"url": "sqlite:///roster.db"}, "integrations": {NAME: integration}}
        (self.folder / "rostersync.toml").write_text(tomlkit.dumps(document), "utf-8")

    def learn_sent(self) -> None:
        """Learn what went over the wire to prove who we are: tokens, signatures, encoded pairs."""
        sent: list[str] = []
        for server in self.servers:
            heard = (each.headers.get("authorization", "") for each in getattr(server, "requests", ()))
            sent.extend(server.heard if isinstance(server, Parrot) else heard)
        # Of what is signed the signature alone is a secret, and a part of it says enough.
        proofs = {word.rpartition(".")[2][:40] for each in sent for word in _PROOF.findall(each)}
        self.canaries.learn("what was sent", proofs)


_PROOF: Final = re.compile(r"(?:(?:Basic|Bearer) |oauth_signature=\"|assertion=)([^\"&,\s]{16,})")
Maker = Callable[[Scene, ExitStack], None]


@contextmanager
def played(name: str, make: Maker, folder: Path) -> Iterator[Scene]:
    """Set a scene up in a new folder."""
    folder.mkdir(mode=0o700)
    (folder / "occupied").mkdir()
    (folder / "occupied" / "file").write_text("mine")
    (folder / "tmp").mkdir()
    to_folder(folder / "package", files_of({"orgs": [{"sourcedId": "s", "name": "N", "type": "school"}]}, "1.1"))
    home = {"HOME": str(folder), "TMPDIR": str(folder / "tmp"), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
    scene = Scene(name, folder, home)
    with ExitStack() as stack:
        make(scene, stack)
        yield scene


def district() -> District:
    """The district that is served, made once."""
    if not _DISTRICT:
        _DISTRICT.append(make_district(students=26, parents=False))
    return _DISTRICT[0]


def auth(scene: Scene, kind: str, origin: str) -> Table:
    """The table of a way to sign in, its secret planted in the place that goes with it."""
    if kind == "bearer":
        return {"type": "bearer", "token": scene.plant("bearer-token", "keyring")}
    if kind == "oauth1":
        secret = scene.plant("oauth1-secret", "cmd")
        return {"type": "oauth1", "client_id": "demo", "client_secret": secret}
    way, place = ("body", "file") if kind == "oauth2-body" else ("basic", "env")
    secret = scene.plant(kind, place)
    token_url = f"{origin}/token"
    return {"type": "oauth2", "token_url": token_url, "client_id": "demo", "client_secret": secret, "client_auth": way}


def source(scene: Scene, kind: str, origin: str, **more: Any) -> Table:  # noqa: ANN401 - any key of the source
    """The table of a REST source with a secret header beside its way to sign in."""
    headers = {"X-Api-Key": scene.plant("api-key", "cred")}
    base = {"type": "rest", "version": "1.1", "url": f"{origin}/ims/oneroster/v1p1", "retries": 0, "timeout": 5}
    return base | {"headers": headers, "auth": auth(scene, kind, origin)} | more


def honest(kind: str) -> Maker:
    """A server that takes the credentials."""

    def make(scene: Scene, stack: ExitStack) -> None:
        credentials = Credentials("demo", canary("oauth1-secret" if kind == "oauth1" else kind), canary("bearer-token"))
        served = serve(district(), auth=("oauth2", "oauth1", "bearer"), credentials=credentials, clock=lambda: _NOW)
        server = stack.enter_context(served)
        scene.servers.append(server)
        table = source(scene, kind, server.url)
        if "token_url" in table["auth"]:
            table["auth"]["token_url"] = server.token_url
        scene.configure(table | {"url": server.base("1.1")})

    return make


def echoing(kind: str, status: int, *, granted: bool = False) -> Maker:
    """A server that says every secret again, at once or after it has given a token."""

    def make(scene: Scene, stack: ExitStack) -> None:
        token = canary("access-token") if granted else ""
        if token:
            scene.canaries.learn("access-token", [token])
        server = stack.enter_context(parrot(status, token))
        scene.servers.append(server)
        scene.configure(source(scene, kind, server.url))

    return make


def absent(kind: str) -> Maker:
    """No server at all."""

    def make(scene: Scene, stack: ExitStack) -> None:
        del stack
        scene.configure(source(scene, kind, f"http://127.0.0.1:{closed_port()}"))

    return make


def no_tls(kind: str) -> Maker:
    """A server that does not speak TLS where it should."""

    def make(scene: Scene, stack: ExitStack) -> None:
        server = stack.enter_context(parrot(400))
        scene.configure(source(scene, kind, server.url.replace("http", "https")))

    return make


def behind_proxy(kind: str, status: int) -> Maker:
    """A proxy whose password stands in its URL; it refuses, and says again what it heard."""

    def make(scene: Scene, stack: ExitStack) -> None:
        proxy = stack.enter_context(parrot(status))
        scene.servers.append(proxy)
        secret = canary("proxy-password")
        scene.canaries.learn("proxy-password", [secret])
        url = proxy.url.replace("://", f"://springfield:{secret}@")
        scene.env |= {"HTTPS_PROXY": url, "HTTP_PROXY": url, "ALL_PROXY": url}
        scene.configure(source(scene, kind, "https://sis.example.org"))

    return make


def bad_header(kind: str) -> Maker:
    """Credentials with characters that no header may have."""

    def make(scene: Scene, stack: ExitStack) -> None:
        server = stack.enter_context(parrot(200))
        table = source(scene, kind, server.url)
        path = scene.hide("odd", f"{canary('api-key')}é")
        scene.configure(table | {"headers": {"X-Api-Key": f"file:{path.name}"}})

    return make


def closed_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


KINDS: Final = ("oauth2-basic", "oauth2-body", "oauth1", "bearer")


def rest_scenes() -> Mapping[str, Maker]:
    """Every way to sign in, with every answer."""
    scenes: dict[str, Maker] = {}
    for kind in KINDS:
        scenes[f"{kind}: taken"] = honest(kind)
        scenes[f"{kind}: no server"] = absent(kind)
        scenes[f"{kind}: no TLS"] = no_tls(kind)
        scenes[f"{kind}: a proxy refuses"] = behind_proxy(kind, 407)
        scenes[f"{kind}: a header that cannot be sent"] = bad_header(kind)
        for status in (200, 302, 307, 400, 401, 403, 429, 500):
            scenes[f"{kind}: {status} with an echo"] = echoing(kind, status)
            if kind.startswith("oauth2"):
                scenes[f"{kind}: a token, then {status} with an echo"] = echoing(kind, status, granted=True)
    return scenes
