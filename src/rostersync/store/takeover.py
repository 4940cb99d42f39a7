"""A staged collection taken over into the snapshot inside SQLite, as far as rule 0.4, 0.5 and 11 leave no choice.

A sourcedId that came once and was not rejected replaces whatever is remembered of it. That is nearly every row of a
district, and no byte of those needs to be looked at. What is left - duplicates and rejections - is for the engine's
`merge`, as a delta. Both together are the same as `merge` over everything, which the tests hold them to.
"""

from __future__ import annotations

from collections.abc import Iterator

from rostersync.model.kind import Coverage, Kind
from rostersync.model.snapshot import Entry, Received
from rostersync.store.database import Store
from rostersync.store.names import SNAPSHOT, STAGED
from rostersync.store.pages import paged
from rostersync.store.settled import forget_settled
from rostersync.store.snapshot import COLUMNS, to_entries
from rostersync.store.staging import read_staged

_CHOICES = "temp.choice"


class Takeover:
    """One collection of one integration, staged in the same store; to be used once, in the run's transaction."""

    def __init__(self, store: Store, integration: str, kind: Kind) -> None:
        """Find the sourcedIds that the engine has to choose about."""
        self._store, self._integration, self._kind = store, integration, kind
        self._snapshot, staged = SNAPSHOT[kind], STAGED[kind]
        self._staged = f"temp.{staged}"
        store.write(f"CREATE INDEX temp.{staged}_by_id ON {staged} (sourced_id)")
        store.write(f"DROP TABLE IF EXISTS {_CHOICES}")
        store.write(f"CREATE TABLE {_CHOICES} (sourced_id TEXT PRIMARY KEY) WITHOUT ROWID")
        store.write(
            f"INSERT INTO {_CHOICES} SELECT sourced_id FROM {self._staged} GROUP BY sourced_id "  # noqa: S608 - constants
            "HAVING count(*) > 1 OR count(rejection) > 0"
        )

    def plain(self, coverage: Coverage) -> int:
        """Take over what there is no choice about, and count what changed; only FULL lets absence mean deletion."""
        changed = self._replace() + (self._forget() if coverage is Coverage.FULL else 0)
        if changed:
            forget_settled(self._store, self._integration)
        return changed

    def entries(self) -> Iterator[Entry]:
        """Yield what is remembered of the sourcedIds that are left, sorted by sourcedId."""
        left = f"{_CHOICES} CROSS JOIN {self._snapshot} USING (sourced_id)"
        return to_entries(self._kind, paged(self._store, left, COLUMNS, ("sourced_id",), self._integration))

    def received(self) -> Iterator[Received]:
        """Yield the staged rows that are left, sorted by sourcedId and then arrival."""
        return read_staged(self._store, self._kind, _CHOICES)

    def _replace(self) -> int:
        """Put every plain row in force that differs from what is remembered."""
        known = self._store.fetch(f"SELECT 1 FROM {self._snapshot} WHERE integration = ? LIMIT 1", (self._integration,))  # noqa: S608 - constants
        differs, values = (_DIFFERS.format(self._snapshot), [self._integration]) if known else ("", [])
        return self._store.write(
            f"REPLACE INTO {self._snapshot} (integration, sourced_id, body, deleted, rejection) "  # noqa: S608 - constants
            f"SELECT ?, sourced_id, body, deleted_at IS NOT NULL, NULL FROM {self._staged} AS staged "
            f"WHERE sourced_id NOT IN (SELECT sourced_id FROM {_CHOICES}) {differs} ORDER BY sourced_id",
            (self._integration, *values),
        )

    def _forget(self) -> int:
        """Forget what did not come."""
        return self._store.write(
            f"DELETE FROM {self._snapshot} WHERE integration = ? "  # noqa: S608 - constants
            f"AND NOT EXISTS (SELECT 1 FROM {self._staged} AS new WHERE new.sourced_id = {self._snapshot}.sourced_id)",
            (self._integration,),
        )


_DIFFERS = (
    "AND NOT EXISTS (SELECT 1 FROM {} AS known WHERE known.integration = ? AND known.sourced_id = staged.sourced_id "
    "AND known.body IS staged.body AND known.deleted = (staged.deleted_at IS NOT NULL) AND known.rejection IS NULL)"
)
