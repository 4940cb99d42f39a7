"""The directory's accounts in the story of a run: read whole or not at all, kept by the run that applies (rule 8)."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

from rostersync.config.identity import directory_digest
from rostersync.config.schema import IntegrationConfig
from rostersync.engine.guard import guard_accounts
from rostersync.errors import UsageError
from rostersync.model.diagnostic import Diagnostic
from rostersync.pipeline.job import Job
from rostersync.pipeline.times import moment, stamp
from rostersync.store.accounts import Accounts
from rostersync.store.base import IntegrationState


@dataclass(frozen=True, slots=True)
class Read:
    """Accounts that are staged, not yet kept: how many, when they were read, and the digest of which directory."""

    count: int
    at: str
    of: str | None


def read_accounts(job: Job) -> Read | None:
    """Read the directory into the staging area; None without one, offline, and while the kept ones are young enough.

    Raises DirectoryError where it cannot be had whole: half a directory would make half the school unmatched.
    """
    open_directory = job.integration.open_directory
    if open_directory is None or job.options.offline or _young(job):
        return None
    at = stamp(job.integration.clock())
    with closing(open_directory()) as directory:
        count = Accounts(job.store, job.name).stage(directory.accounts())
    return Read(count, at, directory_digest(job.integration.config))


def judge_accounts(job: Job, read: Read | None) -> tuple[Diagnostic, ...]:
    """A sudden fall in accounts is as dangerous as one in users (rule 13)."""
    return () if read is None else guard_accounts(job.state.accounts, read.count)


def accounts_known(config: IntegrationConfig, state: IntegrationState) -> bool:
    """Whether there is no directory, or a run has kept its accounts, be they none."""
    return config.directory is None or state.accounts_at is not None


def need_accounts(config: IntegrationConfig, state: IntegrationState) -> None:
    """Refuse to match with a directory that has never been read, which would match nobody; raises UsageError."""
    if not accounts_known(config, state):
        hint = f"Its accounts are known after the next run: rostersync run {config.name}"
        raise UsageError(f"the directory of {config.name} has never been read", hint)


def _young(job: Job) -> bool:
    """Whether the kept accounts may be used again (`directory.max_age`): not with `--full`, nor another directory's."""
    config, state = job.integration.config, job.state
    if config.directory is None or state.accounts_at is None or job.options.full:
        return False
    if state.accounts_from != directory_digest(config):
        return False
    return job.integration.clock() - moment(state.accounts_at) < config.directory.max_age
