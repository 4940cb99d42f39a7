"""Taking an integration out of the file, and nothing else."""

from __future__ import annotations

import os
import stat
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostersync.config.edit import cut_integration, remove_integration, write_atomically
from rostersync.errors import ConfigError, UsageError

WHOLE = '''\
# The rosters of Springfield.
[store]
url = "sqlite:///rostersync.db"   # local

# Springfield
[integrations.springfield]
name = "Springfield" # the city
# an option that is off
# partner_id = "x"
[integrations.springfield.source]
url = """
[integrations.shelby]
"""

# Shelbyville, over the river
[integrations.shelby]   # since 2025
enabled = false

# out of order
[integrations.springfield.sync]
classes = true
[[integrations.springfield.outputs]]
format = "jsonl"
[[integrations.shelby.outputs]]
format = "jsonl" # stays

[[integrations.springfield.outputs]]
format = "sds-2.1"

# the end
'''

LEFT = """\
# The rosters of Springfield.
[store]
url = "sqlite:///rostersync.db"   # local

# Springfield

# Shelbyville, over the river
[integrations.shelby]   # since 2025
enabled = false

# out of order
[[integrations.shelby.outputs]]
format = "jsonl" # stays


# the end
"""


def test_tables_and_lists_of_tables_go_and_comments_between_stay(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text(WHOLE)
    remove_integration(file, "springfield")
    assert file.read_text() == LEFT


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("[integrations]\na = { x = 1 } # a\nb = { x = 2 } # b\n", "[integrations]\nb = { x = 2 } # b\n"),
        ("[integrations]\na.x = 1\nb.x = 2\na.y.z = [\n 3,\n]\n", "[integrations]\nb.x = 2\n"),
        ("integrations.a.x = 1\nintegrations.b.x = 2\n", "integrations.b.x = 2\n"),
        ("integrations = { a = { x = 1 }, b = { x = 2 } }\n", "integrations = { b = { x = 2 } }\n"),
        ("integrations = { b = { x = 2 } , a = { x = 1 } }\n", "integrations = { b = { x = 2 } }\n"),
        ("integrations = { a.x = 1, b.x = 2, a.y = 3 }\n", "integrations = { b.x = 2 }\n"),
        ("integrations = { a = {} }\n", "integrations = {  }\n"),
        ('[ integrations . "a" ]\nx = 1', ""),
        ("[integrations.a.source]\nx = 1\n[integrations.'a'.sync]\ny = 1\n[integrations.ab]\n", "[integrations.ab]\n"),
        ("[integrations.b]\r\nx = 1\r\n\r\n[integrations.a]\r\nx = 1\r\n", "[integrations.b]\r\nx = 1\r\n\r\n"),
        ("[integrations.a]\n# only a comment\n", "# only a comment\n"),
    ],
)
def test_every_way_to_write_an_integration_can_be_cut(text: str, left: str, tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_bytes(text.encode())
    remove_integration(file, "a")
    assert file.read_bytes() == left.encode()


def test_a_configuration_that_is_wrong_can_be_cut_too(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text("[integrations.a]\nnonsense = 1\n[stor]\n")
    remove_integration(file, "a")
    assert file.read_text() == "[stor]\n"


@pytest.mark.parametrize(
    ("text", "known"), [("[integrations.b]\n[integrations.c]\n", "b, c"), ("", "none"), ("integrations = 1\n", "none")]
)
def test_what_does_not_exist_cannot_be_removed(tmp_path: Path, text: str, known: str) -> None:
    file = tmp_path / "a.toml"
    file.write_text(text)
    with pytest.raises(UsageError) as raised:
        remove_integration(file, "a")
    assert (raised.value.code, raised.value.message) == ("RS-CFG-005", 'no integration "a"')
    assert raised.value.hint == f"integrations in {file}: {known}"
    assert file.read_text() == text


def test_what_cannot_be_verified_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    text = "[integrations.a]\n[integrations.b]\nx = nan # equal to nothing, not even to itself\n"
    file.write_text(text)
    with pytest.raises(UsageError) as raised:
        remove_integration(file, "a")
    assert raised.value.message == f'integration "a" is written in a way that cannot be cut out of {file}'
    assert file.read_text() == text


def test_what_is_not_toml_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text("[integrations.a\n")
    with pytest.raises(ConfigError):
        remove_integration(file, "a")
    assert file.read_text() == "[integrations.a\n"


def test_the_mode_stays_and_nothing_is_left_behind(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text("[integrations.a]\n")
    file.chmod(0o640)
    remove_integration(file, "a")
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [file]


def test_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    real = tmp_path / "etc" / "real.toml"
    real.parent.mkdir()
    real.write_text("[integrations.a]\n[integrations.b]\n")
    link = tmp_path / "a.toml"
    link.symlink_to(real)
    remove_integration(link, "a")
    assert link.is_symlink()
    assert real.read_text() == "[integrations.b]\n"


def test_a_write_that_fails_leaves_the_old_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text("old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UsageError, match="cannot be written: No space left on device"):
        write_atomically(file, b"new")
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_new_file_is_private(tmp_path: Path) -> None:
    write_atomically(tmp_path / "new.toml", b"x = 1\n")
    assert stat.S_IMODE((tmp_path / "new.toml").stat().st_mode) == 0o600


NAMES = st.sampled_from(["a", "b", "c-1"])
BODIES = st.lists(
    st.sampled_from(
        [
            "name = 'x # y'",
            'text = """\n[integrations.a]\n# no comment\n"""',
            "list = [ # [integrations.b]\n  '}', ]",
            "table = { a = 1, b = { c = ']' } } # why",
            "deep.er = 2",
        ]
    ),
    unique=True,
    max_size=3,
)


@st.composite
def files(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Draw the blocks of a file, each with the integration that it belongs to, or "" for a comment or blank line."""
    blocks: list[tuple[str, str]] = [("", "# top"), ("", "[store]")]
    seen: set[str] = set()
    for number, name in enumerate(draw(st.lists(NAMES, max_size=6))):
        kind = draw(st.sampled_from(["table", "sub", "array"]))
        header = {
            "table": f"[integrations.{name}]" if name not in seen else f'[integrations."{name}".s{number}]',
            "sub": f"[integrations.{name}.t{number}]",
            "array": f"[[ integrations.{name} . outputs ]]",
        }[kind]
        seen.add(name)
        blocks += [("", f"# before {number}"), (name, "\n".join([header + " # header", *draw(BODIES)])), ("", "")]
    return blocks


def without(blocks: list[tuple[str, str]], name: str) -> list[str]:
    """Give the blocks that stay: all but the integration's, and what stands between two of them that are neighbors."""
    gone: set[int] = set()
    before: int | None = None
    for number, (owner, block) in enumerate(blocks):
        if block.startswith("["):
            mine = owner == name
            gone |= set(range(number if before is None else before, number + 1)) if mine else set()
            before = number if mine else None
    return [block for number, (_, block) in enumerate(blocks) if number not in gone]


@given(files(), NAMES)
def test_all_other_lines_stay_as_they_are(blocks: list[tuple[str, str]], name: str) -> None:
    text = "".join(f"{block}\n" for _, block in blocks)
    edited = cut_integration(text, name)
    assert edited == "".join(f"{block}\n" for block in without(blocks, name))
    expected = tomllib.loads(text).get("integrations", {})
    expected.pop(name, None)
    assert tomllib.loads(edited).get("integrations", {}) == expected
