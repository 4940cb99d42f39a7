"""What the tests of directories need is locked, and installed where it is missing."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from rostersync.directories.ldap import LdapDirectory, LdapSettings
from tests.directories.contract import assert_fails

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts" / "install-test-servers"


def pins(name: str) -> dict[str, str]:
    """Give the versions in a lock."""
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", text, re.MULTILINE))


def test_the_lock_of_ldap_is_that_of_development_and_python_ldap() -> None:
    ldap, development = pins("ldap.txt"), pins("dev.txt")
    assert {*ldap} - {*development} <= {"python-ldap", "pyasn1", "pyasn1-modules"}
    assert [name for name in ldap if development.get(name, ldap[name]) != ldap[name]] == []
    assert "python-ldap" in ldap


@pytest.mark.parametrize("path", ["/nowhere", "/usr/bin:/bin"])
def test_what_is_missing_is_named_to_those_who_may_not_install_it(tmp_path: Path, path: str) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("cat", "id"):
        (tools / name).write_text(f"#!/bin/sh\n{'echo 1000' if name == 'id' else 'exec /bin/cat'}\n", encoding="utf-8")
        (tools / name).chmod(0o755)
    (tools / "cc").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    (tools / "cc").chmod(0o755)
    told = subprocess.run(
        ["/bin/sh", str(SCRIPT), sys.executable],
        env={"PATH": f"{tools}:{path}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1
    assert "gcc libc6-dev libldap2-dev libsasl2-dev" in told.stderr
    assert "make test LDAP=no" in told.stderr


def test_a_missing_python_ldap_is_told_with_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("rostersync.directories.ldap_")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "ldap", None)
    error = assert_fails(LdapDirectory(LdapSettings("ldaps://127.0.0.1")), "RS-DIR-001")
    assert "rostersync[ldap]" in error.hint
