"""The accounts of the school's directory as they were last read whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rostersync.model.directory import Account
from rostersync.store.codec import decode_account, encode
from rostersync.store.database import Store
from rostersync.store.pages import PAGE
from rostersync.store.settled import forget_settled

_STAGED = "staged_accounts"


class Accounts:
    """The accounts of one integration: staged while the directory is read, kept by the transaction that applies."""

    def __init__(self, store: Store, integration: str) -> None:
        """Read and replace the accounts of this integration alone."""
        self._store = store
        self._integration = integration

    def stage(self, accounts: Iterable[Account]) -> int:
        """Take the accounts in beside those that are kept, and count them; the store itself stays unlocked."""
        self._store.write(f"DROP TABLE IF EXISTS temp.{_STAGED}")
        self._store.write(f"CREATE TABLE temp.{_STAGED} (place INTEGER PRIMARY KEY, body BLOB NOT NULL)")
        rows = ((encode(account),) for account in accounts)
        self._store.write_temporary(f"INSERT INTO temp.{_STAGED} (body) VALUES (?)", rows)  # noqa: S608 - a constant
        return int(self._store.fetch(f"SELECT count(*) FROM temp.{_STAGED}")[0][0])  # noqa: S608 - a constant

    def keep_staged(self) -> None:
        """Put the staged accounts in the place of those that are kept, in the transaction under way."""
        if self._differ():
            forget_settled(self._store, self._integration)
        self._store.write("DELETE FROM account WHERE integration = ?", (self._integration,))
        sql = f"INSERT INTO account SELECT ?, place, body FROM temp.{_STAGED}"  # noqa: S608 - a constant
        self._store.write(sql, (self._integration,))
        self._store.write(f"DROP TABLE temp.{_STAGED}")

    def _differ(self) -> bool:
        """Whether the staged accounts are others than those that are kept, whatever their order."""
        kept = "SELECT body, count(*) FROM account WHERE integration = ? GROUP BY body"
        staged = f"SELECT body, count(*) FROM temp.{_STAGED} GROUP BY body"  # noqa: S608 - a constant
        return any(
            self._store.fetch(f"SELECT 1 FROM ({one} EXCEPT {other}) LIMIT 1", (self._integration,))  # noqa: S608 - constants
            for one, other in ((kept, staged), (staged, kept))
        )

    def __iter__(self) -> Iterator[Account]:
        """Yield the kept accounts in the order in which they came, streaming; can be iterated again."""
        sql = "SELECT place, body FROM account WHERE integration = ? AND place > ? ORDER BY place LIMIT ?"
        after = 0
        while page := self._store.fetch(sql, (self._integration, after, PAGE)):
            yield from (decode_account(body) for _, body in page)
            after = page[-1][0]
