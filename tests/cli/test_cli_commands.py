"""What the options of check, preview, run, log and status do."""

from __future__ import annotations

import stat

import pytest

from rostersync.demo import District, Server
from tests.cli.home import Home, drop_students


@pytest.fixture
def synced(home: Home, server: Server) -> Home:
    """A home whose integration has been run once, an hour ago."""
    assert home("run").code == 0
    home.clock.forward(hours=1)
    server.requests.clear()
    return home


def test_preview_applies_nothing_and_its_hash_is_what_run_applies(home: Home, server: Server) -> None:
    assert server.url
    shown = home("preview", "springfield", "--json").json["preview"]
    assert not home.store.exists()
    assert shown["changes"]["users"]["create"] == len([row for row in shown["plan"] if row["kind"] == "users"])
    answer = home("run", "springfield", "--approve", shown["plan_hash"].upper(), "--json")
    assert (answer.code, answer.json["runs"][0]["plan_hash"]) == (0, shown["plan_hash"])


def test_preview_is_cut_by_kind_and_school(home: Home, server: Server) -> None:
    assert server.url
    whole = home("preview", "springfield", "--json").json["preview"]
    cut = home("preview", "springfield", "--json", "--kind", "classes", "--school", "sch-01").json["preview"]
    assert {row["kind"] for row in cut["plan"]} == {"classes"}
    assert {row["after"]["school_sourced_id"] for row in cut["plan"]} == {"sch-01"}
    assert cut["changes"] == whole["changes"]
    assert cut["plan_hash"] == whole["plan_hash"]
    assert "Nothing of it fits" in home("preview", "springfield", "--school", "nowhere").out


def test_preview_writes_its_document_for_its_owner_alone(home: Home, server: Server) -> None:
    assert server.url
    answer = home("preview", "springfield", "--json", "--output", "plan.json")
    file = home.path / "plan.json"
    assert file.read_text() == answer.out
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_preview_tells_by_its_exit_code_whether_changes_are_pending(home: Home, server: Server) -> None:
    assert server.url
    assert home("preview", "springfield", "--detailed-exitcode").code == 10
    assert home("preview", "springfield").code == 0
    home("run")
    assert home("preview", "springfield", "--detailed-exitcode").code == 0
    assert home("preview", "springfield", "--detailed-exitcode", "--date", "2026-11-22").code == 0


def test_preview_offline_asks_nobody(synced: Home, server: Server) -> None:
    answer = synced("preview", "springfield", "--offline")
    assert answer.code == 0
    assert "No changes." in answer.out
    assert server.requests == []


def test_what_to_type_names_the_configuration_and_the_day(home: Home, server: Server) -> None:
    assert server.url
    answer = home("preview", "springfield", "--config", "rostersync.toml", "--date", "2026-11-20")
    assert "rostersync --config rostersync.toml run springfield --approve" in answer.out
    assert "--date 2026-11-20" in answer.out


@pytest.mark.parametrize("words", [["preview", "springfield", "--full"], ["run", "springfield", "--full"]])
def test_what_to_type_applies_exactly_the_plan_that_was_shown(
    synced: Home, district: District, words: list[str]
) -> None:
    drop_students(district, 12)
    lines = synced(*words).out.splitlines()
    typed = next(line for line in lines if "rostersync run springfield --approve" in line).split()
    answer = synced(*typed[1:])
    assert answer.code == 0, str(answer)


def test_what_to_type_accepts_the_same_change_of_source(synced: Home, district: District) -> None:
    drop_students(district, 1)
    synced.edit("127.0.0.1", "localhost")
    lines = synced("preview", "springfield", "--accept-source-change").out.splitlines()
    typed = next(line for line in lines if "--approve" in line)
    assert typed.endswith("--accept-source-change")


def test_blocked_until_approved_or_forced(synced: Home, district: District) -> None:
    drop_students(district, 12)
    blocked = synced("run", "--json", "--full")
    run = blocked.json["runs"][0]
    assert (blocked.code, run["status"], run["changes"]["users"]["remove"]) == (4, "blocked", 11)
    assert blocked.err.startswith("springfield: blocked: RS-LIMIT-001")
    other = synced("run", "springfield", "--json", "--full", "--approve", "0" * 64)
    assert other.code == 4
    assert {"RS-LIMIT-003", "RS-LIMIT-001"} <= {each["code"] for each in other.json["runs"][0]["diagnostics"]}
    assert synced("run", "springfield", "--full", "--approve", run["plan_hash"]).code == 0
    drop_students(district, 18)
    forced = synced("run", "--json", "--full", "--force")
    assert (forced.code, forced.json["runs"][0]["forced"]) == (0, True)


def test_a_disabled_integration_runs_neither_alone_nor_by_name(home: Home, server: Server) -> None:
    home.edit('partner_id = "spr"', "enabled = false")
    assert home("run", "--json").json == {"schema": "rostersync/run/1", "runs": []}
    answer = home("run", "springfield", "--json")
    assert (answer.code, answer.json["code"]) == (2, "RS-CFG-007")
    assert server.requests == []


def test_a_name_that_stands_twice_runs_once(home: Home, server: Server) -> None:
    assert server.url
    assert len(home("run", "springfield", "springfield", "--json").json["runs"]) == 1


def test_due_runs_what_has_come_due(home: Home, server: Server) -> None:
    assert server.url
    assert home("run", "--due", "--json").json["runs"] == []
    assert home("run", "--due").err == "Nothing is due.\n"
    home.edit("[integrations.springfield.source]", "schedule.cron = '@hourly'\n[integrations.springfield.source]")
    assert len(home("run", "--due", "--json").json["runs"]) == 1
    assert home("run", "--due", "--json").json["runs"] == []
    home.clock.forward(hours=1)
    assert len(home("run", "--due", "--json").json["runs"]) == 1


@pytest.mark.parametrize("command", ["run", "preview"])
def test_another_source_is_refused_until_it_is_accepted(synced: Home, server: Server, command: str) -> None:
    synced.edit(server.base("1.1"), server.base("1.2"))
    synced.edit('"1.1"', '"1.2"')
    answer = synced(command, "springfield", "--json")
    assert (answer.code, answer.json["code"]) == (2, "RS-CFG-006")
    assert server.requests == []
    assert synced(command, "springfield", "--accept-source-change").code == 0


def test_the_secrets_of_all_are_read_before_the_first_starts(home: Home, server: Server) -> None:
    text = (home.path / "rostersync.toml").read_text()
    other = text.split("\n\n", 1)[1].replace("springfield", "shelbyville").replace("SPRINGFIELD", "SHELBYVILLE")
    home.configure(f"{text}\n{other}")
    answer = home("run", "--json")
    assert (answer.code, answer.json["code"]) == (2, "RS-CFG-004")
    assert server.requests == []
    assert home("run", "springfield").code == 0


def test_log_is_cut_by_its_options(synced: Home, district: District) -> None:
    synced("run", "--full")
    drop_students(district, 12)
    synced.clock.forward(days=1)
    synced("run", "--full")

    def ids(*options: str) -> list[int]:
        return [run["id"] for run in synced("log", "--json", *options).json["runs"]]

    assert ids() == [3, 2, 1]
    assert ids("springfield", "--limit", "2") == [3, 2]
    assert ids("--last") == [3]
    assert ids("--status", "success") == [2, 1]
    assert ids("--status", "failed") == []
    assert ids("--since", "2026-11-22") == [3]
    assert ids("--since", "2026-11-21T18:30:00Z") == [3, 2]
    assert ids("--run", "2") == [2]


def test_log_gives_each_run_its_diagnostics_and_with_changes_its_plan(synced: Home) -> None:
    run = synced("log", "--json").json["runs"][0]
    assert "plan" not in run
    assert {each["code"] for each in run["diagnostics"]} >= {"RS-DATA-001"}
    plan = synced("log", "--json", "--changes").json["runs"][0]["plan"]
    assert sum(sum(counts.values()) for counts in run["changes"].values()) == len(plan)


@pytest.mark.parametrize("command", ["check", "log", "status", "preview springfield"])
def test_looking_makes_no_store(home: Home, server: Server, command: str) -> None:
    assert server.url
    assert home(*command.split()).code == 0
    assert sorted(path.name for path in home.path.iterdir()) == ["rostersync.toml"]


def test_looking_leaves_the_store_as_it_is(synced: Home, district: District) -> None:
    drop_students(district, 3)
    before = synced.store.read_bytes()
    for command in ("check", "log", "status", "preview springfield --full"):
        assert synced(*command.split()).code == 0
    assert synced.store.read_bytes() == before
