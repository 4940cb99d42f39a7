"""Which table holds which kind; free of heavy imports, for the paths that rows stream through."""

from __future__ import annotations

from rostersync.model.kind import COLLECTIONS, Kind

SNAPSHOT: dict[Kind, str] = {kind: f"snapshot_{kind}" for kind in COLLECTIONS}
"""The table that remembers what the source last said of each record."""

STAGED: dict[Kind, str] = {kind: f"staged_{kind}" for kind in COLLECTIONS}
"""The temporary table that a fetch is collected in."""

ROSTER: dict[Kind, str] = {
    Kind.ORGS: "org",
    Kind.SESSIONS: "session",
    Kind.COURSES: "course",
    Kind.CLASSES: "class",
    Kind.USERS: "user",
    Kind.ENROLLMENTS: "enrollment",
    Kind.RELATIONSHIPS: "relationship",
}
"""The table of applied rows behind each view of contract §4."""

KEYS: dict[Kind, tuple[str, ...]] = {
    **dict.fromkeys(COLLECTIONS, ("sourced_id",)),
    Kind.RELATIONSHIPS: ("student_sourced_id", "parent_sourced_id"),
}
"""The columns that tell the rows of one integration apart."""
