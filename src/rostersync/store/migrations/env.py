"""What Alembic runs for a migration: on the connection and in the transaction that the store hands it."""

from __future__ import annotations

from alembic import context

from rostersync.store.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
