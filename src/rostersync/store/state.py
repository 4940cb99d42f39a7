"""What is known of each integration between its runs, and how all of it is forgotten."""

from __future__ import annotations

import msgspec
from sqlmodel import select

from rostersync.model.kind import Kind
from rostersync.store import tables
from rostersync.store.base import IntegrationState
from rostersync.store.boundary import boundary
from rostersync.store.database import Store
from rostersync.store.files import copies
from rostersync.store.names import ROSTER, SNAPSHOT
from rostersync.store.settled import forget_settled


class States:
    """The states of all integrations of one store."""

    def __init__(self, store: Store) -> None:
        """Read and write the states in this store."""
        self._store = store

    def names(self) -> list[str]:
        """Return the integrations that have a state, sorted."""
        with self._store.session() as session:
            return sorted(session.exec(select(tables.Integration.name)))

    def read(self, name: str) -> IntegrationState:
        """Return the state of an integration; an empty one where it has never run."""
        with self._store.session() as session:
            row = session.get(tables.Integration, name)
            return IntegrationState(name) if row is None else _state(row)

    def write(self, state: IntegrationState) -> None:
        """Keep a state in the place of the earlier one."""
        with self._store.transaction(), self._store.session() as session:
            session.merge(_row(state))

    def reset(self, name: str) -> None:
        """Clear the last sync date and the cursor, so that the next run is full; nothing synced is touched."""
        with self._store.transaction(), self._store.session() as session:
            forget_settled(self._store, name)
            row = session.get(tables.Integration, name)
            if row is not None:
                row.cursor = row.last_sync_at = row.last_full_at = None

    def purge(self, name: str) -> None:
        """Delete everything of an integration, also from the free pages of the file and the copies beside it.

        The copies hold the other integrations as well; those stay whole in the store itself.
        """
        self._store.fetch("PRAGMA secure_delete = ON")
        with self._store.transaction():
            for table in (*ROSTER.values(), *SNAPSHOT.values(), "account", "settled", "run"):
                self._store.write(f"DELETE FROM {table} WHERE integration = ?", (name,))  # noqa: S608 - constants
            self._store.write("DELETE FROM integration WHERE name = ?", (name,))
        self._store.write("VACUUM")
        self._store.fetch("PRAGMA wal_checkpoint(TRUNCATE)")
        self._remove_copies()

    def _remove_copies(self) -> None:
        """Delete the copies that migrations made of the store."""
        if self._store.path is not None:
            with boundary(f"the copies of {self._store.where}"):
                for copy in list(copies(self._store.path)):
                    copy.unlink()


def _state(row: tables.Integration) -> IntegrationState:
    """Read a state from its row."""
    return IntegrationState(
        name=row.name,
        tenant=row.tenant,
        cursor=row.cursor,
        last_sync_at=row.last_sync_at,
        last_full_at=row.last_full_at,
        source_identity=row.source_identity,
        settings_digest=row.settings_digest,
        full_next=frozenset(msgspec.json.decode(row.full_next, type=list[Kind])),
        accounts_at=row.accounts_at,
        accounts=row.accounts,
        package=row.package,
        accounts_from=row.accounts_from,
    )


def _row(state: IntegrationState) -> tables.Integration:
    """Lay a state out as its row."""
    return tables.Integration(
        name=state.name,
        tenant=state.tenant,
        cursor=state.cursor,
        last_sync_at=state.last_sync_at,
        last_full_at=state.last_full_at,
        source_identity=state.source_identity,
        settings_digest=state.settings_digest,
        full_next=msgspec.json.encode(sorted(state.full_next)).decode(),
        accounts_at=state.accounts_at,
        accounts=state.accounts,
        package=state.package,
        accounts_from=state.accounts_from,
    )
