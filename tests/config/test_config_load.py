"""Finding the file, reading it, and what comes of it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from rostersync.config import load
from rostersync.config.find import places
from rostersync.config.source import CsvSource, OAuth2, RestSource
from rostersync.errors import ConfigError, UsageError
from rostersync.model.policy import Limits, Match, Policy, Schools, Sync
from tests.config.conftest import SMALL, Faults, Load


def fault(file: Path, cwd: Path, env: dict[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as raised:
        load.load(file, env or {}, cwd)
    return f"{raised.value.code} {raised.value.message}"


def test_the_defaults_are_those_of_the_contract(load_text: Load) -> None:
    integration = load_text(SMALL).integration("springfield")
    assert integration.title == integration.name == "springfield"
    assert (integration.enabled, integration.vendor, integration.partner_id) == (True, "other", None)
    assert (integration.directory, integration.schedule, integration.outputs) == (None, None, ())
    assert integration.timezone == ZoneInfo("UTC")
    assert integration.sync.mode == "auto"
    assert integration.sync.full_every == timedelta(days=7)
    assert integration.source == RestSource(
        version="1.1",
        url="https://sis.example.org",
        page_size=1000,
        concurrency=4,
        timeout=120,
        deadline="4h",  # type: ignore[arg-type]
        retries=5,
        rate_limit=0,
        headers={},
        ca_file=None,
        allow_http=False,
        auth=OAuth2(
            token_url="https://sis.example.org/token",
            client_id="me",
            client_secret="env:SECRET",  # type: ignore[arg-type]
            client_auth="basic",
            scopes=(),
        ),
    )


def test_the_policy_has_every_option_of_the_engine(load_text: Load) -> None:
    assert load_text(SMALL).integration("springfield").policy == Policy(sync=Sync(missing_users="create"))
    text = f"""{SMALL}
[integrations.springfield.schools]
include = ["1", " 2 "]
exclude = ["3"]
mode = "manual"
map = {{ "1" = "one" }}
unmapped = "ignore"
[integrations.springfield.sync]
classes = false
respect_enrollment_dates = true
respect_academic_sessions = true
session_grace_days = 3
end_dates = "inclusive"
roles = ["teacher"]
parents = true
relationship = ["guardian"]
missing_classes = "ignore"
removed_users = "delete"
removed_classes = "keep"
class_requires = ["teacher", "student"]
[integrations.springfield.match]
by = ["sourcedId", "email"]
[integrations.springfield.limits]
removals_percent = 2.5
removals = 7
rejected_percent = 0
"""
    assert load_text(text).integration("springfield").policy == Policy(
        Schools(frozenset({"1", "2"}), frozenset({"3"}), "manual", {"1": "one"}, "ignore"),
        Sync(
            classes=False,
            respect_enrollment_dates=True,
            respect_academic_sessions=True,
            session_grace_days=3,
            end_dates="inclusive",
            roles=("teacher",),
            parents=True,
            relationship=("guardian",),
            missing_users="create",
            missing_classes="ignore",
            removed_users="delete",
            removed_classes="keep",
            class_requires=("teacher", "student"),
        ),
        Match(("sourcedId", "email")),
        Limits(2.5, 7, 0),
    )


@pytest.mark.parametrize(("written", "resolved"), [("", "ignore"), ('missing_users = "create"', "create")])
def test_rule_8_missing_users_are_ignored_by_default_with_a_directory(
    load_text: Load, written: str, resolved: str
) -> None:
    text = f'{SMALL}[integrations.springfield.directory]\ntype = "csv"\npath = "a.csv"\nmatch_disabled = true\n'
    integration = load_text(f"{text}[integrations.springfield.sync]\n{written}\n").integration("springfield")
    assert integration.policy.sync.missing_users == resolved
    assert integration.policy.match.match_disabled


def test_all_problems_come_at_once_in_the_order_of_the_file(faults: Faults) -> None:
    text = f"{SMALL}[integrations.other]\nenabled = 1\n[store]\nretain_runs_days = 0\nurls = 5\n"
    assert [(problem.line, problem.key) for problem in faults(text.replace('"me"', "5"))] == [
        (9, "integrations.springfield.source.auth.client_id"),
        (11, "integrations.other.source"),
        (12, "integrations.other.enabled"),
        (14, "store.retain_runs_days"),
        (15, "store.urls"),
    ]


def test_the_message_of_the_error_has_every_problem_with_its_file(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text("[stor]\n[integration]\n")
    assert fault(file, tmp_path) == (
        f'RS-CFG-003 {file}:1: stor: unknown key, did you mean "store"?\n'
        f'{file}:2: integration: unknown key, did you mean "integrations"?'
    )


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    folder = tmp_path / "etc"
    folder.mkdir()
    text = SMALL.replace("\nurl", '\nca_file = "ca.pem"\nurl')
    (folder / "a.toml").write_text(f'{text}[store]\nurl = "sqlite:///sub/r.db"\n')
    config = load.load(Path("etc/a.toml"), {}, tmp_path)
    source = config.integration("springfield").source
    assert config.path == folder / "a.toml"
    assert config.store == load.StoreConfig(folder / "sub" / "r.db", 400)
    assert isinstance(source, RestSource)
    assert source.ca_file == folder / "ca.pem"


def test_a_path_that_is_one_already_stays(tmp_path: Path) -> None:
    assert CsvSource(path=tmp_path).path == tmp_path


def test_an_absolute_store_stays_where_it_is(load_text: Load) -> None:
    assert load_text('[store]\nurl = "sqlite:////var/lib/r.db"\n').store.path == Path("/var/lib/r.db")


def test_the_store_is_in_the_users_data_folder_by_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, load_text: Load
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert load_text("").store == load.StoreConfig(tmp_path / "data" / "rostersync" / "rostersync.db", 400)


def test_a_file_without_integrations_is_right(load_text: Load) -> None:
    assert load_text("# nothing yet\n").integrations == {}


def test_the_places_are_looked_in_in_the_order_of_the_contract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_DIRS", f"{tmp_path / 'site1'}:{tmp_path / 'site2'}")
    environment = {"ROSTERSYNC_CONFIG": "named.toml"}
    assert places(Path("given.toml"), environment, tmp_path) == [tmp_path / "given.toml"]
    assert places(None, environment, tmp_path) == [tmp_path / "named.toml"]
    assert places(None, {"ROSTERSYNC_CONFIG": ""}, tmp_path) == [
        tmp_path / "rostersync.toml",
        tmp_path / "home" / "rostersync" / "config.toml",
        tmp_path / "site1" / "rostersync" / "config.toml",
        tmp_path / "site2" / "rostersync" / "config.toml",
    ]


def test_the_first_place_that_has_a_file_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    user = tmp_path / "rostersync" / "config.toml"
    user.parent.mkdir()
    user.write_text("")
    work = tmp_path / "work"
    work.mkdir()
    assert load.load(None, {}, work).path == user
    (work / "rostersync.toml").write_text("")
    assert load.load(None, {}, work).path == work / "rostersync.toml"


def test_a_missing_configuration_names_every_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "site"))
    with pytest.raises(ConfigError) as raised:
        load.load(None, {}, tmp_path)
    assert raised.value.code == "RS-CFG-001"
    assert raised.value.message == (
        f"no configuration found; looked in {tmp_path}/rostersync.toml, {tmp_path}/home/rostersync/config.toml, "
        f"{tmp_path}/site/rostersync/config.toml"
    )
    assert (
        raised.value.hint
        == "name the file with --config or $ROSTERSYNC_CONFIG, or let rostersync demo write one to begin with"
    )


def test_a_named_file_that_is_missing_is_not_replaced_by_another(tmp_path: Path) -> None:
    (tmp_path / "rostersync.toml").write_text("")
    named = tmp_path / "named.toml"
    assert fault(named, tmp_path) == f"RS-CFG-001 no configuration found; looked in {named}"


def test_a_folder_is_no_configuration(tmp_path: Path) -> None:
    assert fault(tmp_path, tmp_path) == f"RS-CFG-001 {tmp_path}: the configuration cannot be read: Is a directory"


def test_a_place_that_may_not_be_read_is_passed_over(tmp_path: Path) -> None:
    assert fault(tmp_path / "a\0b", tmp_path) == f"RS-CFG-001 no configuration found; looked in {tmp_path}/a\0b"
    (tmp_path / "file").write_text("")
    assert "no configuration found" in fault(tmp_path / "file" / "below", tmp_path)


@pytest.mark.parametrize("depth", [50, 250, 312, 468, 492, 10_000])
@pytest.mark.parametrize("brackets", ["[]", "{}"])
def test_deep_nesting_is_told_and_does_not_break(tmp_path: Path, depth: int, brackets: str) -> None:
    file = tmp_path / "a.toml"
    opening = "[" if brackets == "[]" else "{ a = "
    file.write_text(f"store = {opening * depth}1{brackets[1] * depth}\n")
    assert fault(file, tmp_path) == f"RS-CFG-002 {file}: not TOML: lists or tables are nested too deep"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a = 1\nb = \n", ":2: not TOML: Invalid value"),
        (b"a = 1\na = 2\n", ":2: not TOML: Cannot overwrite a value"),
        (b"[a]\n[b]\n[a]\n", ":3: not TOML: Cannot declare ('a',) twice"),
        (b'a = 1\nb = "x', ":2: not TOML: Unterminated string"),
        (b"\xef\xbb\xbfa = 1\n", ":1: not TOML: the file begins with a byte order mark"),
        ("a = 1\n".encode("utf-16"), ":1: not TOML: the file begins with a byte order mark"),
        (b"a = 1\n# caf\xe9\n", ":2: not TOML: the file is not UTF-8"),
        (b"a = " + b"[" * 100_000, ": not TOML: lists or tables are nested too deep"),
    ],
)
def test_what_is_not_toml_is_told_with_its_line(tmp_path: Path, content: bytes, expected: str) -> None:
    file = tmp_path / "a.toml"
    file.write_bytes(content)
    assert fault(file, tmp_path) == f"RS-CFG-002 {file}{expected}"


def test_an_integration_that_does_not_exist_gets_a_suggestion(load_text: Load) -> None:
    config = load_text(SMALL)
    with pytest.raises(UsageError) as raised:
        config.integration("sprinfield")
    assert raised.value.code == "RS-CFG-005"
    assert raised.value.message == 'no integration "sprinfield", did you mean "springfield"?'
    assert raised.value.hint == f"integrations in {config.path}: springfield"


def test_plain_http_is_fine_on_this_machine_and_where_it_is_allowed(faults: Faults) -> None:
    for host in ("localhost:8000", "127.0.0.1:8000", "127.1.2.3", "[::1]:8000"):
        assert faults(SMALL.replace("https://sis.example.org", f"http://{host}")) == []
    plain = SMALL.replace("https:", "http:")
    assert len(faults(plain)) == 2
    assert faults(plain.replace("\nurl", "\nallow_http = true\nurl")) == []


def test_the_token_url_may_have_a_query(faults: Faults) -> None:
    assert faults(SMALL.replace("/token", "/token?appName=roster")) == []


def test_a_missing_url_gets_the_path_of_the_vendor(faults: Faults) -> None:
    text = SMALL.replace('url = "https://sis.example.org"\n', "", 1)
    assert [problem.hint for problem in faults(text)] == [
        'add a line url = "https://HOST" with the host of your server'
    ]
    aeries = text.replace("enabled = true", 'vendor = "aeries"')
    assert [problem.hint for problem in faults(aeries)] == [
        'add a line url = "https://HOST/aeries/ims/oneroster/v1p1" with the host of your server'
    ]


def test_one_of_two_keys_is_enough_and_both_are_too_many(faults: Faults) -> None:
    text = f'{SMALL}[integrations.springfield.directory]\ntype = "microsoft"\ntenant = "t"\nclient_id = "c"\n'
    assert faults(f'{text}certificate_file = "c.pem"\n') == []
    found = faults(f'{text}certificate_file = "c.pem"\nclient_secret = "env:S"\n')
    assert [problem.message for problem in found] == ["only one of the two is allowed"]


def test_what_was_loaded_cannot_be_changed(load_text: Load) -> None:
    integration = load_text(SMALL).integration("springfield")
    with pytest.raises(ValidationError):
        integration.enabled = False


@pytest.mark.parametrize(
    ("written", "span"),
    [
        ("90s", timedelta(seconds=90)),
        ("1.5h", timedelta(minutes=90)),
        ("2 d", timedelta(days=2)),
        ("5m", timedelta(minutes=5)),
    ],
)
def test_durations_are_a_number_and_a_unit(load_text: Load, written: str, span: timedelta) -> None:
    source = load_text(SMALL.replace("\nurl", f'\ndeadline = "{written}"\nurl')).integration("springfield").source
    assert isinstance(source, RestSource)
    assert source.deadline == span
