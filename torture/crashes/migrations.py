"""A made-up revision of the schema, which a store of today is brought up to."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from rostersync.store.migrations import LOCATION, REVISIONS
from torture.crashes.scenes import Scene, prepared
from torture.shim.program import Program

_NEXT: Final = "9999"
_REVISION: Final = '''
"""A revision of a later program: a new table with rows, a new column, and the views made again."""
from alembic import op

from rostersync.store.views import CREATE, DROP

revision, down_revision, branch_labels, depends_on = "NEXT", "LAST", None, None


def upgrade():
    for statement in DROP:
        op.execute(statement)
    op.execute("CREATE TABLE later (name VARCHAR, title VARCHAR)")
    op.execute("INSERT INTO later SELECT sourced_id, title FROM class")
    op.execute("ALTER TABLE class ADD COLUMN room VARCHAR")
    op.execute("UPDATE class SET room = sourced_id")
    op.execute("CREATE INDEX ix_later ON later (title)")
    for statement in CREATE:
        op.execute(statement)
'''


def migration(program: Program, folder: Path, filled: Scene) -> Scene:
    """Make the eve of a migration of a store that holds a roster; `status` is the first to open it afterwards."""
    location = folder / "revisions"
    shutil.copytree(LOCATION, location, ignore=shutil.ignore_patterns("__pycache__"))
    text = _REVISION.replace("NEXT", _NEXT).replace("LAST", REVISIONS[-1])
    (location / "versions" / "v9999_later.py").write_text(text, "utf-8")
    site = folder / "site"
    shutil.copytree(filled.template, site)
    revisions = (str(location), *REVISIONS, _NEXT)
    scene = prepared(program, "migration", site, ("status", "--json"), filled.now, revisions)
    shutil.rmtree(site)
    return scene
