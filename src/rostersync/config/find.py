"""Finds the configuration file and reads it as TOML (contract §1)."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from platformdirs import PlatformDirs

from rostersync.errors import ConfigError, Problem

VARIABLE = "ROSTERSYNC_CONFIG"

# No key of the schema lies as deep as this; what walks over the text recurses.
_DEEPEST = 32
_TOO_DEEP = "lists or tables are nested too deep"


def folders() -> PlatformDirs:
    """Give the folders that this system has for programs like this one."""
    return PlatformDirs("rostersync", appauthor=False, multipath=True)


def places(path: Path | None, env: Mapping[str, str], cwd: Path) -> list[Path]:
    """List the places where the configuration is looked for; a named one is the only one."""
    named = path or (Path(env[VARIABLE]) if env.get(VARIABLE) else None)
    if named is not None:
        return [cwd / named]
    return [cwd / "rostersync.toml", *(Path(folder) / "config.toml" for folder in folders().iter_config_dirs())]


def find(path: Path | None, env: Mapping[str, str], cwd: Path) -> Path:
    """Give the configuration file, or raise RS-CFG-001 with every place that was looked in."""
    looked = places(path, env, cwd)
    for place in looked:
        if os.path.exists(place):  # noqa: PTH110 - a folder that may not be entered has no file for us
            return place
    listed = ", ".join(str(place) for place in looked)
    hint = f"name the file with --config or ${VARIABLE}, or let rostersync demo write one to begin with"
    raise ConfigError([Problem("RS-CFG-001", "", None, "", f"no configuration found; looked in {listed}", hint)])


def read_toml(path: Path) -> tuple[str, dict[str, Any]]:
    """Read a file and give its text, line ends as they are, and its values; raises RS-CFG-001 or RS-CFG-002."""
    try:
        content = path.read_bytes()
    except OSError as error:
        message = f"the configuration cannot be read: {error.strerror or error}"
        hint = f"name a file that can be read with --config or ${VARIABLE}"
        raise ConfigError([Problem("RS-CFG-001", str(path), None, "", message, hint)]) from error
    text = _decode(path, content)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(path, _line(error, text), str(error)) from error
    except RecursionError as error:
        raise _not_toml(path, None, _TOO_DEEP) from error
    if _deeper(data, _DEEPEST):
        raise _not_toml(path, None, _TOO_DEEP)
    return text, data


def _deeper(value: object, levels: int) -> bool:
    """Tell whether tables and lists are nested in more than so many levels."""
    if not isinstance(value, dict | list):
        return False
    members = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_deeper(member, levels - 1) for member in members)


def _decode(path: Path, data: bytes) -> str:
    if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise _not_toml(path, 1, "the file begins with a byte order mark", "save it as UTF-8 without BOM")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _not_toml(path, line, "the file is not UTF-8", "save it as UTF-8") from error


def _line(error: tomllib.TOMLDecodeError, text: str) -> int:
    """Read the line off the parser's message, which in Python 3.11 is the only place that has it."""
    match = re.search(r"\(at line (\d+)", str(error))
    return int(match[1]) if match else max(1, len(text.splitlines()))


def _not_toml(path: Path, line: int | None, message: str, hint: str = "") -> ConfigError:
    plain = re.sub(r" \(at .*?\)$", "", message)
    hint = hint or "texts stand in quotes, and every key and table only once; see examples/config.toml"
    return ConfigError([Problem("RS-CFG-002", str(path), line, "", f"not TOML: {plain}", hint)])
