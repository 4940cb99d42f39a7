"""What the last plan of an integration decided; whoever changes what it was made from makes the store forget it."""

from __future__ import annotations

import zlib

import msgspec

from rostersync.model.diagnostic import Diagnostic
from rostersync.model.run import Counts
from rostersync.model.settled import Settled
from rostersync.store.boundary import damaged
from rostersync.store.database import Store

_LEVEL = 1
_BODY = msgspec.msgpack.Decoder(tuple[Counts, tuple[Diagnostic, ...]])


def read_settled(store: Store, integration: str, basis: str) -> Settled | None:
    """Return the verdict that is kept on this basis; None where there is none. Raises StoreError on a damaged one.

    One on another basis is left alone: the program that wrote it may have had other counts.
    """
    sql = "SELECT since, until, body FROM settled WHERE integration = ? AND basis = ?"
    rows = store.fetch(sql, (integration, basis))
    if not rows:
        return None
    since, until, body = rows[0]
    try:
        return Settled(basis, since, until, *_BODY.decode(zlib.decompress(body)))
    except (zlib.error, msgspec.MsgspecError) as error:
        where = f"what {store.where} keeps of the last plan"
        raise damaged(where, str(error)) from error


def keep_settled(store: Store, integration: str, settled: Settled) -> None:
    """Keep a verdict in the place of the earlier one, in the transaction under way."""
    body = zlib.compress(msgspec.msgpack.encode((settled.counts, settled.diagnostics)), _LEVEL)
    values = (integration, settled.basis, settled.since, settled.until, body)
    store.write("REPLACE INTO settled (integration, basis, since, until, body) VALUES (?, ?, ?, ?, ?)", values)


def forget_settled(store: Store, integration: str) -> None:
    """Forget the verdict: rows that it was made from have changed, or everything is to be looked at again."""
    store.write("DELETE FROM settled WHERE integration = ?", (integration,))
