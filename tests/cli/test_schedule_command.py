"""`schedule`: when runs are due, and what cron and systemd need."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from rostersync.cli.render.installing import Installation, crontab_line, units
from rostersync.cli.schedule import _program
from rostersync.errors import UsageError
from tests.cli.world import NAME, World
from tests.cli.worlds import offline, server, world

__all__ = ["offline", "server", "world"]

NIGHTLY = """
[integrations.springdale.schedule]
cron = "0 18 * * 1-5"
timezone = "America/Chicago"
"""
OTHERS = """
[integrations.east]
enabled = false
source = { type = "rest", url = "https://east.example.org", auth = { type = "none" } }
schedule = { cron = "30 2 * * *", timezone = "Europe/Berlin" }

[integrations.west]
source = { type = "rest", url = "https://west.example.org", auth = { type = "bearer", token = "env:WEST_TOKEN" } }
schedule = { timezone = "America/Chicago" }
"""


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The program as it was called, in a folder with an awkward name."""
    path = tmp_path / "my tools" / "rostersync"
    path.parent.mkdir()
    path.write_text("#!/bin/sh\n", encoding="utf-8")
    path.chmod(0o755)
    monkeypatch.setattr(sys, "argv", [str(path)])
    return path


def test_the_next_times_are_shown_as_the_clocks_there_show_them(offline: World) -> None:
    offline.configure(NIGHTLY + OTHERS)
    assert offline("schedule").golden == snapshot("""\
exit 0
springdale: 0 18 * * 1-5 (America/Chicago), due now
  Fri 2026-11-20 18:00 CST
  Mon 2026-11-23 18:00 CST
  Tue 2026-11-24 18:00 CST
  Wed 2026-11-25 18:00 CST
  Thu 2026-11-26 18:00 CST

east: 30 2 * * * (Europe/Berlin), not enabled: nothing will run
  Sat 2026-11-21 02:30 CET
  Sun 2026-11-22 02:30 CET
  Mon 2026-11-23 02:30 CET
  Tue 2026-11-24 02:30 CET
  Wed 2026-11-25 02:30 CET

west: manual, no schedule

`rostersync run --due` runs what is due; --crontab and --systemd print what
calls it.
""")
    assert not offline.store.exists()


def test_the_document_has_times_in_utc(offline: World) -> None:
    offline.configure(NIGHTLY + OTHERS)
    assert offline("schedule", "--json").document == snapshot(
        {
            "schema": "rostersync/schedule/1",
            "message": "1 of 3 have a schedule",
            "integrations": [
                {
                    "name": "springdale",
                    "enabled": True,
                    "schedule": "0 18 * * 1-5",
                    "timezone": "America/Chicago",
                    "due": True,
                    "next_due": [
                        "2026-11-21T00:00:00.000Z",
                        "2026-11-24T00:00:00.000Z",
                        "2026-11-25T00:00:00.000Z",
                        "2026-11-26T00:00:00.000Z",
                        "2026-11-27T00:00:00.000Z",
                    ],
                },
                {
                    "name": "east",
                    "enabled": False,
                    "schedule": "30 2 * * *",
                    "timezone": "Europe/Berlin",
                    "due": False,
                    "next_due": [
                        "2026-11-21T01:30:00.000Z",
                        "2026-11-22T01:30:00.000Z",
                        "2026-11-23T01:30:00.000Z",
                        "2026-11-24T01:30:00.000Z",
                        "2026-11-25T01:30:00.000Z",
                    ],
                },
                {
                    "name": "west",
                    "enabled": True,
                    "schedule": None,
                    "timezone": "America/Chicago",
                    "due": False,
                    "next_due": [],
                },
            ],
        }
    )
    assert [each["name"] for each in offline("schedule", NAME, "--json").document["integrations"]] == [NAME]


def test_an_integration_is_due_until_it_has_run(world: World) -> None:
    world.configure(NIGHTLY)
    assert world("schedule", "--json").document["integrations"][0]["due"] is True
    assert world("run", NAME, "-q").code == 0
    assert world("schedule", "--json").document["integrations"][0]["due"] is False


def test_a_clock_change_moves_the_time_in_utc_alone(offline: World) -> None:
    offline.configure(NIGHTLY)
    offline.now = datetime(2026, 10, 29, 12, tzinfo=UTC)
    assert offline("schedule", "--json").document["integrations"][0]["next_due"][1:3] == [
        "2026-10-30T23:00:00.000Z",
        "2026-11-03T00:00:00.000Z",
    ]


def test_a_crontab_has_one_line_that_a_shell_understands(offline: World, program: Path) -> None:
    offline.configure(NIGHTLY + OTHERS)
    answer = offline("schedule", "--crontab")
    assert answer.golden == snapshot("""\
exit 0
*/5 * * * * 'DIR/my tools/rostersync' --config DIR/rostersync.toml --quiet run --due
--- stderr
Add the line with `crontab -e`.
""")
    every, command = answer.out.split(" * * * * ")
    assert every == "*/5"
    assert shlex.split(command.replace("DIR", str(offline.folder))) == [
        str(program), "--config", str(offline.config), "--quiet", "run", "--due",
    ]  # fmt: skip
    assert offline("schedule", NAME, "--crontab").out.endswith(" run --due springdale\n")


def test_a_crontab_names_the_secrets_that_cron_does_not_know(offline: World, program: Path) -> None:
    del program
    offline.configure(OTHERS.replace('timezone = "America/Chicago"', 'cron = "@daily"'))
    answer = offline("schedule", "--crontab")
    assert answer.code == 0
    assert "cron does not know the variable WEST_TOKEN" in answer.err
    assert "WEST_TOKEN" not in answer.out
    assert offline("schedule", "--crontab", "-q").err == ""


def test_systemd_gets_a_service_and_a_timer(offline: World, program: Path) -> None:
    del program
    offline.configure(NIGHTLY + OTHERS.replace('timezone = "America/Chicago"', 'cron = "@daily"'))
    answer = offline("schedule", "--systemd")
    assert answer.code == 0
    assert re.sub("User=.*", "User=USER", answer.out).replace("PrivateTmp=yes\n", "") == snapshot("""\
# /etc/systemd/system/rostersync.service
[Unit]
Description=Bring the rosters that are due up to date
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
# 5: a run that was started by hand is still going on. 1 and 4 have failed, and 3 was applied but somebody should
# look: they stay failures, so that OnFailure= and the journal tell of them.
SuccessExitStatus=5
User=USER
ExecStart="DIR/my tools/rostersync" --config DIR/rostersync.toml --quiet run --due
# Sets WEST_TOKEN; the file belongs to root and has mode 0600.
EnvironmentFile=/etc/rostersync/secrets.env
ReadWritePaths=DIR
UMask=0077
NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=strict
ProtectHome=read-only
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native

# /etc/systemd/system/rostersync.timer
[Unit]
Description=Ask every five minutes which rosters are due

[Timer]
OnCalendar=*:0/5
Persistent=true
AccuracySec=30s

[Install]
WantedBy=timers.target
""")
    assert answer.err == snapshot(
        "Write each unit into its file, then: systemctl daemon-reload && systemctl enable --now rostersync.timer\n"
    )
    document = offline("schedule", "--systemd", "--json").document
    assert list(document["units"]) == ["rostersync.service", "rostersync.timer"]


@pytest.mark.parametrize("way", ["--crontab", "--systemd"])
@pytest.mark.parametrize("name", ["west", "east", None])
def test_where_nothing_can_come_due_there_is_nothing_to_install(offline: World, way: str, name: str | None) -> None:
    offline.configure(OTHERS)
    answer = offline("schedule", *([name] if name else []), way, "--json")
    assert (answer.code, answer.document["code"]) == (2, "RS-CFG-007")
    assert "nothing to install" in answer.document["message"]


def test_wrong_usage_is_told(offline: World) -> None:
    assert "exclude each other" in offline("schedule", "--crontab", "--systemd").err
    assert "RS-CFG-005" in offline("schedule", "nowhere").err


def installation(
    *command: str, store: str = "/srv/my rosters/roster.db", secrets: tuple[str, ...] = ()
) -> Installation:
    """An installation of a command with awkward words."""
    return Installation(command, Path(store), (Path(store).parent,), secrets, "roster")


def test_a_crontab_line_survives_cron_and_the_shell(tmp_path: Path) -> None:
    words = ("printf", "%s|", "50% off", "it's", "$HOME `id`", "a\\b", '"')
    line = crontab_line(installation(*words))
    command = line.removeprefix("*/5 * * * * ").replace(r"\%", "%")
    assert "%" not in line.replace(r"\%", "")
    told = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert told.stdout == "50% off|it's|$HOME `id`|a\\b|\"|"


def test_a_unit_quotes_what_systemd_would_read_otherwise() -> None:
    service = units(installation("/opt/my tools/rostersync", "--config", '/etc/a "b" $c 5%.toml'))["rostersync.service"]
    assert 'ExecStart="/opt/my tools/rostersync" --config "/etc/a \\"b\\" $$c 5%%.toml"\n' in service
    assert 'ReadWritePaths="/srv/my rosters"\n' in service
    assert "SuccessExitStatus=5\n" in service


@pytest.mark.usefixtures("program")
def test_systemd_is_given_no_path_that_it_would_have_to_normalize(offline: World) -> None:
    offline.configure(NIGHTLY + '[[integrations.springdale.outputs]]\nformat = "jsonl"\npath = "../out/roster"\n')
    answer = offline("schedule", "--systemd")
    assert answer.code == 0
    assert f"ReadWritePaths=DIR {offline.folder.parent / 'out'}\n" in answer.out


def test_a_store_of_the_system_gets_its_folder_from_systemd() -> None:
    made = installation("/usr/bin/rostersync", store="/var/lib/rostersync/roster.db", secrets=("cred:sis", "env:TOKEN"))
    service = units(made)["rostersync.service"]
    assert "StateDirectory=rostersync\nStateDirectoryMode=0700\n" in service
    assert "ReadWritePaths" not in service
    assert "LoadCredential=sis:/etc/rostersync/sis\n" in service
    assert "# Sets TOKEN; " in service


@pytest.mark.parametrize("make", [crontab_line, units])
def test_a_path_with_a_line_end_is_refused(make: object) -> None:
    assert callable(make)
    with pytest.raises(UsageError, match="cannot stand in a crontab"):
        make(installation("/usr/bin/rostersync", "--config", "/srv/a\nb"))


def test_the_program_is_the_one_that_was_called_by_its_full_path(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(program.parent)
    monkeypatch.setattr(sys, "argv", ["./rostersync"])
    assert _program() == (str(program),)


@pytest.mark.parametrize("called", ["/srv/rostersync/__main__.py", "/srv/no/rostersync", "-c"])
def test_without_a_program_that_was_called_it_is_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, called: str
) -> None:
    monkeypatch.setattr(sys, "argv", [called])
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    assert _program(lambda _name: "/opt/tools/../bin/rostersync") == ("/opt/bin/rostersync",)
    assert _program(lambda _name: None) == (str(tmp_path / "python"), "-m", "rostersync")
    beside = tmp_path / "rostersync"
    beside.touch(mode=0o755)
    assert _program(lambda _name: None) == (str(beside),)
