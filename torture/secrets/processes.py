"""What others on the machine can see of the program while it works: command lines, and environments of its children."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final

import rostersync
from torture.secrets.canaries import Canaries
from torture.secrets.commands import NETWORK, line
from torture.secrets.parrot import parrot
from torture.secrets.scenes import Scene, played

_SLOW: Final = "import sys, time\ntime.sleep(0.3)\nprint(open(sys.argv[1]).read())\n"


def tries(names: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Watch commands that use secrets; gives what could be seen."""
    for name in names:
        with tempfile.TemporaryDirectory() as parent, played(name, _slowly, Path(parent) / "scene") as scene:
            yield tuple(f"{name}: {each}" for each in sorted(watch(scene, line(name, NETWORK[name]))))


def _slowly(scene: Scene, stack: ExitStack) -> None:
    """A secret in the environment, one in a file, and one of a command that takes its time."""
    server = stack.enter_context(parrot(401))
    (scene.folder / "slow.py").write_text(_SLOW)
    reference = scene.plant("oauth2-basic", "env")
    auth = {"token_url": f"{server.url}/token", "client_id": "demo", "client_secret": reference}
    headers = {"X-A": scene.plant("api-key", "file"), "X-B": scene.plant("bearer-token", "cmd")}
    headers["X-B"] = f"cmd:{sys.executable} slow.py {headers['X-B'].split()[-1]}"
    scene.configure({"url": server.url, "retries": 0, "auth": auth, "headers": headers})


def watch(scene: Scene, arguments: list[str]) -> set[str]:
    """Run the program in a process of its own, and look at it and its children until it has ended."""
    argv = [sys.executable, "-m", "rostersync", "-vvv", "--config", "rostersync.toml", *arguments]
    env = scene.env | {"PYTHONPATH": str(Path(rostersync.__file__).parents[1])}
    given = Canaries({kind: looks for kind, looks in scene.canaries.forms.items() if kind != "oauth2-basic"})
    quiet = subprocess.DEVNULL
    seen: set[str] = set()
    with subprocess.Popen(argv, cwd=scene.folder, env=env, stdin=quiet, stdout=quiet, stderr=quiet) as process:
        children = 0
        while process.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.02)
            for each in (process.pid, *_children(process.pid)):
                children += each != process.pid
                seen |= {f"{kind} in a command line" for kind in scene.canaries.seen(_read(each, "cmdline"))}
                seen |= {f"{kind} in an environment" for kind in given.seen(_read(each, "environ"))}
    return seen if children else seen | {"no child was seen: nothing was tried"}


def _children(pid: int) -> list[int]:
    return [int(each) for each in _read(pid, f"task/{pid}/children").split()]


def _read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""
