"""A sample of what hostile servers answer, hostile texts through every command, and that harm would be seen."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
import stamina

from torture import hostile
from torture.budget import SHORT
from torture.hostile.answers import Attack
from torture.hostile.canaries import canaries
from torture.hostile.texts import raw
from torture.hostile.visits import Visit, misdeeds
from torture.network.proxy import Exchange
from torture.network.scenes import scene

FULL = ("run", "main", "--full", "--json")


@pytest.mark.timeout(400)
def test_nothing_is_let_in_by_a_hostile_server() -> None:
    found = list(hostile.tallies(SHORT))
    assert len(found) > 6
    assert [(each.fault, each.lost) for each in found if each.lost or not each.tried] == []


def twist(exchange: Exchange) -> None:
    answer = exchange.ask()
    exchange.send(answer.head + answer.body.replace(b"@", b"_"))


def test_a_server_that_gets_its_way_is_seen(tmp_path: Path) -> None:
    with (
        stamina.set_testing(testing=True, attempts=10, cap=True),
        canaries() as asked,
        scene("full oauth2 wide", tmp_path, FULL) as made,
    ):
        lost = hostile.attacked(made, asked, Attack("planted", "twisted data", twist, outcome="same"))
        assert len(lost) == 1
        assert "another roster" in lost[0]
        with socket.create_connection(("127.0.0.1", asked.port)) as other:
            other.sendall(b"GET / HTTP/1.1\r\nAuthorization: Bearer x\r\n\r\n")
            other.recv(100)
        notes = (
            "connect ('10.0.0.1', 80)",
            "write '/etc/passwd'",
            "run os.system ('id',)",
            "lookup 'other.example' 80",
        )
        done = Visit(1, b"", b"Traceback (most recent call last)", 400, 1, notes)
        seen = " ".join(misdeeds(made, asked, done))
    for what in ("400 MB", "Authorization", "Traceback", "10.0.0.1", "/etc/passwd", "os.system", "other.example"):
        assert what in seen


@pytest.mark.parametrize("text", ["\x1b[31m", "\x9b", "\u202e", "\u2028", "\U000e0041", "\r", "\x7f"], ids=ascii)
def test_a_raw_character_is_seen(text: str) -> None:
    assert raw(f"before{text}after")
    assert not raw("é 東 [/b] \\x1b\n")
