"""The directory's accounts in the story of a run: read whole or not at all, kept by the run that applies (rule 8)."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

from rostersync.engine.guard import guard_accounts
from rostersync.model.diagnostic import Diagnostic
from rostersync.pipeline.job import Job
from rostersync.pipeline.times import moment, stamp
from rostersync.store.accounts import Accounts


@dataclass(frozen=True, slots=True)
class Read:
    """Accounts that are staged, not yet kept: how many there are, and when they were read."""

    count: int
    at: str


def read_accounts(job: Job) -> Read | None:
    """Read the directory into the staging area; None without one, offline, and while the kept ones are young enough.

    Raises DirectoryError where it cannot be had whole: half a directory would make half the school unmatched.
    """
    open_directory = job.integration.open_directory
    if open_directory is None or job.options.offline or _young(job):
        return None
    at = stamp(job.integration.clock())
    with closing(open_directory()) as directory:
        return Read(Accounts(job.store, job.name).stage(directory.accounts()), at)


def judge_accounts(job: Job, read: Read | None) -> tuple[Diagnostic, ...]:
    """A sudden fall in accounts is as dangerous as one in users (rule 13)."""
    return () if read is None else guard_accounts(job.state.accounts, read.count)


def _young(job: Job) -> bool:
    """Whether the kept accounts may be used again (`directory.max_age`)."""
    directory, read_at = job.integration.config.directory, job.state.accounts_at
    if directory is None or read_at is None:
        return False
    return job.integration.clock() - moment(read_at) < directory.max_age
