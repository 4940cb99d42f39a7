"""What cron and systemd need so that due integrations run, quoted by the rules of each."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rostersync.errors import UsageError

_EVERY = "*/5 * * * *"
_STATE = Path("/var/lib")
_SHARED = (Path("/tmp"), Path("/var/tmp"))  # noqa: S108 - compared with, never written to


@dataclass(frozen=True, slots=True)
class Installation:
    """The command with its full paths, the store, the folders it writes to, the secret references, and the user."""

    command: tuple[str, ...]
    store: Path
    folders: tuple[Path, ...]
    secrets: tuple[str, ...]
    user: str

    def names(self, kind: str) -> list[str]:
        """What the secrets of a kind (`env`, `cred`) are called."""
        return [target for prefix, _, target in (each.partition(":") for each in self.secrets) if prefix == kind]


def crontab_line(installation: Installation) -> str:
    """One line for a crontab: quoted for the shell, `%` escaped for cron (man 5 crontab)."""
    return f"{_EVERY} {shlex.join(_lines_none(installation.command))}".replace("%", r"\%")


def units(installation: Installation) -> dict[str, str]:
    """The service and the timer by their file names."""
    return {"rostersync.service": _service(installation), "rostersync.timer": _TIMER}


def _service(installation: Installation) -> str:
    program, *arguments = _lines_none(installation.command)
    # The program's path has no variables put in; the arguments have, and `$$` is a `$` there.
    words = [_word(program), *(_word(argument).replace("$", "$$") for argument in arguments)]
    lines = [*_SERVICE, f"User={installation.user}", f"ExecStart={' '.join(words)}", *_secrets(installation)]
    return "\n".join([*lines, *_writable(installation), *_hardening(installation)]) + "\n"


def _secrets(installation: Installation) -> Iterator[str]:
    """Where the secrets that systemd can give come from."""
    if variables := installation.names("env"):
        yield f"# Sets {', '.join(variables)}; the file belongs to root and has mode 0600."
        yield "EnvironmentFile=/etc/rostersync/secrets.env"
    for name in installation.names("cred"):
        yield f"LoadCredential={name}:/etc/rostersync/{name}"


def _writable(installation: Installation) -> Iterator[str]:
    """The only folders that may be written to; below /var/lib systemd makes the store's."""
    folder = installation.store.parent
    others = [each for each in installation.folders if each != folder]
    if folder.parent == _STATE and re.fullmatch(r"[\w.-]+", folder.name, re.ASCII):
        yield f"StateDirectory={folder.name}"
        yield "StateDirectoryMode=0700"
    else:
        others.insert(0, folder)
    if others:
        yield f"ReadWritePaths={' '.join(_word(str(each)) for each in others)}"


def _hardening(installation: Installation) -> Iterator[str]:
    shared = any(folder.is_relative_to(place) for folder in installation.folders for place in _SHARED)
    yield from (line for line in _HARDENING if not (shared and line.startswith("PrivateTmp")))


def _word(text: str) -> str:
    """One word of a unit: `%` doubled, and in quotes where it is more than letters (man 5 systemd.service)."""
    text = text.replace("%", "%%")
    if re.fullmatch(r"[\w@%+=:,./$-]+", text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _lines_none(words: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse what neither a crontab nor a unit can say."""
    for word in words:
        if not word.isprintable():
            raise UsageError(f"{word!r} cannot stand in a crontab or a unit", "Give the file or folder a plain name.")
    return words


_SERVICE = (
    "[Unit]",
    "Description=Bring the rosters that are due up to date",
    "Wants=network-online.target",
    "After=network-online.target",
    "",
    "[Service]",
    "Type=oneshot",
    "# 5: a run that was started by hand is still going on. 1 and 4 have failed, and 3 was applied but somebody should",
    "# look: they stay failures, so that OnFailure= and the journal tell of them.",
    "SuccessExitStatus=5",
)
_HARDENING = (
    "UMask=0077",
    "NoNewPrivileges=yes",
    "CapabilityBoundingSet=",
    "ProtectSystem=strict",
    "ProtectHome=read-only",
    "PrivateTmp=yes",
    "PrivateDevices=yes",
    "ProtectKernelTunables=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelLogs=yes",
    "ProtectControlGroups=yes",
    "ProtectClock=yes",
    "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6",
    "RestrictNamespaces=yes",
    "RestrictRealtime=yes",
    "RestrictSUIDSGID=yes",
    "LockPersonality=yes",
    "SystemCallArchitectures=native",
)
_TIMER = """[Unit]
Description=Ask every five minutes which rosters are due

[Timer]
OnCalendar=*:0/5
Persistent=true
AccuracySec=30s

[Install]
WantedBy=timers.target
"""
