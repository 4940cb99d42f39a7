# ruff: noqa: T201 - a script, which prints
"""What matching costs: `python -m benchmarks.matching [USERS]` matches users with as many accounts out of a store.

Every step is a process of its own, of which the peak of the resident set is read: the engine without a directory, with
one by email and by three keys, both again where a run before has tied the accounts, and the suggestions for the one
user in 300 who has no account. Seconds are those of the processor. Ends with 1 where
matching costs more than the limits.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from benchmarks.measure import HERE, measure, python

LIMIT_SECONDS, LIMIT_MB = 5.0, 300
NAME, DAY, UNMATCHED = "large", date(2026, 11, 20), 300
STEPS = {
    "no directory": ("", ""),
    "by email": ("email", ""),
    "by three keys": ("identifier,username,email", ""),
    "no directory, second run": ("", "tied"),
    "by email, second run": ("email", "tied"),
    "suggestions": ("email", "suggest"),
}
COMPARED = {
    "by email": "no directory",
    "by three keys": "no directory",
    "by email, second run": "no directory, second run",
}
"""What each step is measured against, which does the same without a directory."""


def main(users: str = "100000") -> int:
    """Measure and print; gives the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        print(f"{int(users):,} users, {int(users):,} accounts")
        start("fill", folder, users)
        figures = {label: start("step", folder, label) for label in STEPS}
    matching = max(figures[label][0] - figures[base][0] for label, base in COMPARED.items())
    peak = max(peak for _, peak in figures.values())
    print(f"matching takes the engine {matching:.1f} s at most, and the process {peak:.0f} MB")
    return int(matching > LIMIT_SECONDS or peak > LIMIT_MB)


def start(*words: str) -> tuple[float, float]:
    """Start this script again with these words; gives the seconds that it measured and its peak in megabytes."""
    with tempfile.TemporaryFile("w+") as out:
        cost = measure(python("-m", "benchmarks.matching", *words), folder=HERE, out=out)
        out.seek(0)
        seconds, _, found = out.read().partition(" ")
    label = words[-1] if words[0] == "step" else "filling"
    print(f"  {label:26} {float(seconds):5.1f} s  {cost.peak_mb:6.1f} MB  {found.strip()}")
    return float(seconds), cost.peak_mb


def fill(folder: str, users: str) -> None:
    """Write the users into the snapshot of a store, and their accounts beside it, one in 300 under another address."""
    from rostersync.model.directory import Account  # noqa: PLC0415 - each step loads what it needs
    from rostersync.model.kind import Kind  # noqa: PLC0415 - as above
    from rostersync.model.snapshot import Entry, Org, Put, Role, User  # noqa: PLC0415 - as above
    from rostersync.store.accounts import Accounts  # noqa: PLC0415 - as above
    from rostersync.store.connect import open_store  # noqa: PLC0415 - as above
    from rostersync.store.snapshot import Snapshot  # noqa: PLC0415 - as above

    def person(number: int) -> tuple[str, str]:
        given = "".join("aeiou"[number // 5**place % 5] + "lnrst"[number // 7**place % 5] for place in range(3))
        return given.title(), f"{'bdfgk'[number % 5]}{'aeiou'[number // 11 % 5]}{'lmnrs'[number // 3 % 5]}ton{number}"

    def puts() -> Iterator[Put]:
        for number in range(int(users)):
            given, family = person(number)
            login = f"{given}.{family}".lower()
            role = (Role("student", f"sch-{number % 40:02}"),)
            user = User(role, (), None, True, login, f"{login}@example.org", given, None, family, f"{number:07}")  # noqa: FBT003 - a long record
            yield Put(Entry(f"{number:08}", user))

    def accounts() -> Iterator[Account]:
        for number in range(int(users)):
            login = ".".join(person(number)).lower()
            spelt = login.replace("ton", "tn") if number % UNMATCHED == 0 else login
            account = f"0f8fad5b-d9cb-469f-a165-{number:012}"
            yield Account(account, (f"{spelt}@example.org", f"{spelt}@alias.example.org"), spelt, f"{number:07}")

    with open_store(Path(folder, "roster.db"), create=True) as store:
        staged = Accounts(store, NAME)
        staged.stage(accounts())
        with store.transaction():
            Snapshot(store, NAME).apply(
                Kind.ORGS, (Put(Entry(f"sch-{n:02}", Org(f"S{n}", "school"))) for n in range(40))
            )
            Snapshot(store, NAME).apply(Kind.USERS, puts())
            staged.keep_staged()


def step(folder: str, label: str) -> str:
    """Reconcile as a run does, up to the plan; says how many have no account, or how many were suggested one."""
    from rostersync.engine.reconcile import reconcile  # noqa: PLC0415 - as above
    from rostersync.engine.work import Inputs  # noqa: PLC0415 - as above
    from rostersync.model.policy import Match, Policy  # noqa: PLC0415 - as above
    from rostersync.pipeline.unmatched import _suggested, _users  # noqa: PLC0415 - what the command does
    from rostersync.store.accounts import Accounts  # noqa: PLC0415 - as above
    from rostersync.store.connect import open_store  # noqa: PLC0415 - as above
    from rostersync.store.roster import Roster  # noqa: PLC0415 - as above
    from rostersync.store.snapshot import Snapshot  # noqa: PLC0415 - as above

    by, more = STEPS[label]
    with open_store(Path(folder, "roster.db")) as store:
        roster = Roster(store, NAME)
        accounts = None if not by else Accounts(store, NAME)
        match = Match() if not by else Match(tuple(by.split(",")))  # type: ignore[arg-type]
        known = Inputs(Snapshot(store, NAME), roster, accounts, Policy(match=match), DAY)
        if more == "tied":
            roster.apply(reconcile(known).changes())
        began = time.process_time()
        done = reconcile(known)
        if more != "suggest":
            return f"{time.process_time() - began} {done.counts.unmatched_users} unmatched"
        found = list(_users(done))
        began = time.process_time()
        near = sum(bool(each.suggestions) for each in _suggested(found, known, done))
        return f"{time.process_time() - began} {near} of {len(found)} unmatched have a suggestion"


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["fill", folder, users]:
            started = time.process_time()
            fill(folder, users)
            print(time.process_time() - started)
        case ["step", folder, label]:
            print(step(folder, label))
        case words:
            sys.exit(main(*words))
