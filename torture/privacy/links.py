"""Symbolic links where a file of ours should be: somebody else decides what is read or overwritten there."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from rostersync.store.lock import lock_path
from tests.directories.google_cloud import key_file
from tests.directories.graph_cloud import CLIENT, TENANT, pem_file
from tests.runs.demo_site import Site, site
from tests.sftp.openssh import make_key
from torture.budget import Budget

_VICTIM: Final = b"a file of somebody else\n"
_LEADS: Final = ("to a file", "to nothing", "to a link")
_A_LONG_ONE: Final = 600
_REFUSED: Final = frozenset({1, 2})


class Link(NamedTuple):
    """A link: where it stands, and how the integration is configured so that it is met."""

    name: str
    place: Callable[[Site], Path]
    configure: Callable[[Site], None] = lambda _site: None
    line: tuple[str, ...] = ("run", "main")
    real: Callable[[Path], Path] | None = None


def _secret_in_file(place: Site) -> None:
    auth = {"token_url": place.server.token_url, "client_id": "demo", "client_secret": "file:secret"}
    place.configure(source={"auth": auth})


def _google(place: Site) -> None:
    place.configure(directory={"type": "google", "key_file": "key.json", "subject": "admin@example.org"})


def _microsoft(place: Site) -> None:
    directory = {"type": "microsoft", "tenant": TENANT, "client_id": CLIENT, "certificate_file": "app.pem"}
    place.configure(directory=directory)


def _sftp(place: Site) -> None:
    (place.folder / "known_hosts").write_text("")
    there = {"host": "127.0.0.1", "port": 9, "user": "springfield", "known_hosts": "known_hosts", "path": "up"}
    place.configure(outputs=[{"format": "jsonl", "path": "out", "sftp": there | {"key_file": "id_drop"}}])


def _demo_secret(path: Path) -> Path:
    path.touch(mode=0o600)
    path.write_text("demo-secret")
    return path


LINKS: Final[tuple[Link, ...]] = (
    Link("store", lambda place: place.store),
    Link("store, for a preview", lambda place: place.store, line=("preview", "main")),
    Link("store, for status", lambda place: place.store, line=("status",)),
    Link("store, for a purge", lambda place: place.store, line=("purge", "main", "--confirm", "main")),
    Link("lock", lambda place: lock_path(place.store, "main")),
    Link(
        "lock, for a purge", lambda place: lock_path(place.store, "main"), line=("purge", "main", "--confirm", "main")
    ),
    Link("secret", lambda place: place.folder / "secret", _secret_in_file, real=_demo_secret),
    Link("key of Google", lambda place: place.folder / "key.json", _google, real=key_file),
    Link("key of Microsoft", lambda place: place.folder / "app.pem", _microsoft, real=pem_file),
    Link("key of SFTP", lambda place: place.folder / "id_drop", _sftp, line=("check",), real=make_key),
)


def tries(budget: Budget) -> Iterator[Sequence[str]]:
    """Meet each link, to a file that is there, to nothing, and to another link, or each with one of them."""
    for number, link in enumerate(LINKS):
        for leads in _LEADS if budget.seconds >= _A_LONG_ONE else _LEADS[number % len(_LEADS) :][:1]:
            with tempfile.TemporaryDirectory() as name, site(Path(name) / "site", students=26) as place:
                yield [f"{link.name} {leads}: {each}" for each in _met(link, leads, place, Path(name))]


def _met(link: Link, leads: str, place: Site, outside: Path) -> Iterator[str]:
    """See that the link is refused, and that what it leads to is as it was."""
    if place.cli("run", "main").code:
        yield "the run before failed"
    link.configure(place)
    target = outside / "victim"
    if leads != "to nothing":
        _write(target, link)
    before = target.read_bytes() if target.exists() else None
    path = link.place(place)
    path.unlink(missing_ok=True)
    if leads == "to a link":
        (outside / "between").symlink_to(target)
        target = outside / "between"
    path.symlink_to(target)
    answer = place.cli(*link.line, "--json")
    if answer.code not in _REFUSED:
        yield f"was not refused: {answer.code}"
    if "symbolic link" not in answer.out + answer.err and not (link.name.startswith("lock")):
        yield f"the message does not say why: {answer.out[:300]}"
    if (target.read_bytes() if target.exists() else None) != before:
        yield "what it leads to was changed"
    if not path.is_symlink():
        yield "the link was replaced"


def _write(target: Path, link: Link) -> None:
    """Write what the link leads to: what would work if it were followed, where there is such a thing."""
    if link.real is not None:
        link.real(target)
    else:
        target.write_bytes(_VICTIM)
