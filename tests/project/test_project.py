"""What the repository promises about itself."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

import rostersync
from docs.make_codes import PAGE, page
from rostersync.__main__ import main
from rostersync.model.codes import CATALOGUE, Code

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==[^ ]+ \\$", re.MULTILINE)


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    """Give what pyproject.toml says."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def names(requirements: list[str]) -> set[str]:
    """Give the names in a list of requirements."""
    return {re.split(r"[^a-z0-9-]", requirement, maxsplit=1)[0] for requirement in requirements}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_names_no_index_and_no_place(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert re.findall(r"://|index-url|find-links|trusted-host|^-|@ ", text, re.MULTILINE) == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_package_in_a_lock_has_a_hash(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[a-z0-9])", text)
    assert [entry for entry in entries if not PINNED.match(entry) or "--hash=sha256:" not in entry] == []


def test_the_locks_hold_what_the_project_asks_for(project: dict[str, Any]) -> None:
    wanted, extras = project["project"]["dependencies"], project["project"]["optional-dependencies"]
    runtime, development = (
        set(PINNED.findall((ROOT / "requirements" / name).read_text(encoding="utf-8")))
        for name in ("runtime.txt", "dev.txt")
    )
    assert names(wanted) <= runtime <= development
    tested = ("dev", "demo", "google", "keyring", "microsoft")
    assert names([requirement for extra in tested for requirement in extras[extra]]) <= development


def test_the_extras_are_those_of_the_architecture(project: dict[str, Any]) -> None:
    extras = {extra: names(wanted) for extra, wanted in project["project"]["optional-dependencies"].items()}
    assert extras.pop("dev") >= {"pytest", "respx", "hypothesis", "ruff", "mypy", "import-linter", "mutmut"}
    assert extras == {
        "sftp": {"paramiko"},
        "ldap": {"python-ldap"},
        "google": {"google-auth"},
        "microsoft": {"msal"},
        "keyring": {"keyring"},
        "demo": {"starlette", "uvicorn"},
    }


@pytest.mark.parametrize("code", Code)
def test_every_code_has_a_section_in_the_documentation(code: Code) -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert f"### {code.value}: {CATALOGUE[code].title}\n" in text
    assert CATALOGUE[code].remedy in text


def test_the_page_of_codes_is_the_catalogue() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "make docs writes it again"


def test_the_changelog_has_the_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "## [Unreleased]" in changelog
    assert f"## [{rostersync.__version__}]" in changelog


def test_the_version_is_told_without_loading_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"rostersync {rostersync.__version__}\n"


def test_the_version_of_the_module_run_as_a_program_imports_nothing_heavy() -> None:
    script = (
        "import sys; from rostersync.__main__ import main; main(['--version']);"
        "print(sorted({'typer', 'rich', 'httpx', 'pydantic', 'sqlalchemy'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT / "src")
    assert told.stdout == f"rostersync {rostersync.__version__}\n[]\n"
