"""Nothing is installed that is not locked by its hash, and what the program is made of can be told."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REQUIREMENTS = ROOT / "requirements"
PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", re.MULTILINE)
INSTALL = re.compile(r"pip install (.+)|-m pip install (.+)")


def locked(name: str) -> dict[str, str]:
    return dict(PINNED.findall((REQUIREMENTS / name).read_text(encoding="utf-8")))


def installs(text: str) -> list[str]:
    """What each command for pip is given, the lines that go on being joined."""
    joined = text.replace("\\\n", " ")
    return [first or second for first, second in INSTALL.findall(joined)]


def test_make_installs_nothing_without_hashes_but_the_checkout_itself() -> None:
    given = installs((ROOT / "Makefile").read_text(encoding="utf-8"))
    assert len(given) >= 5
    for words in given:
        own = "--no-deps" in words and "--no-build-isolation" in words and words.rstrip().endswith("-e .")
        assert own or "--require-hashes" in words, words


def test_scripts_install_nothing_of_python() -> None:
    for script in (ROOT / "scripts").iterdir():
        text = script.read_text(encoding="utf-8")
        assert all("--require-hashes" in words for words in installs(text)), script.name


def test_the_readme_says_how_to_install_what_is_locked() -> None:
    given = installs((ROOT / "README.md").read_text(encoding="utf-8"))
    assert any("--require-hashes" in words and "runtime.txt" in words and "build.txt" in words for words in given)
    assert any("--no-deps --no-build-isolation ./rostersync" in words for words in given)


@pytest.mark.parametrize("name", ["build.txt", "fuzz.txt", "sbom.txt", "ldap.txt", "runtime.txt"])
def test_the_locks_agree_with_each_other(name: str) -> None:
    development = locked("dev.txt")
    assert locked(name)
    assert {each: version for each, version in locked(name).items() if development.get(each, version) != version} == {}


@pytest.mark.parametrize("name", ["build", "fuzz", "sbom"])
def test_what_is_asked_for_is_locked_and_has_a_reason(name: str) -> None:
    first, *wanted = (REQUIREMENTS / f"{name}.in").read_text(encoding="utf-8").splitlines()
    assert first.startswith("# ")
    assert wanted
    assert {re.split(r"[^a-z0-9-]", each, maxsplit=1)[0] for each in wanted} <= locked(f"{name}.txt").keys()


def test_the_sbom_is_made_of_the_locks_and_never_committed() -> None:
    said = subprocess.run(
        ["/usr/bin/env", "make", "--dry-run", "--always-make", "sbom"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "dist/rostersync.cdx.json requirements/runtime.txt" in said
    assert "dist/rostersync-development.cdx.json requirements/dev.txt" in said
    assert "\n/dist/\n" in (ROOT / ".gitignore").read_text(encoding="utf-8")
    assert not list(ROOT.glob("*.cdx.json"))


SENTENCES = ("## What is trusted, and with what", "## What is not defended", "## Reporting", "## What is done")


def test_the_threat_model_is_told() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert [each for each in SENTENCES if each not in text] == []
    for tests in re.findall(r"`((?:tests|torture|fuzz)/[^`]*)`", text):
        assert (ROOT / tests).exists(), tests
