"""The files of every format; nothing else is ever written, or taken away, in the folder of an output."""

from __future__ import annotations

from typing import Final

ONEROSTER: Final = ("academicSessions", "classes", "courses", "enrollments", "orgs", "users")
ONEROSTER_1_2: Final = (*ONEROSTER, "roles")
SCHOOL_DATA_SYNC: Final = (
    "academicSessions",
    "classes",
    "courses",
    "enrollments",
    "orgs",
    "relationships",
    "roles",
    "users",
)
APPLE_SCHOOL_MANAGER: Final = ("classes", "courses", "locations", "rosters", "staff", "students")
JSON_LINES: Final = ("classes", "courses", "enrollments", "orgs", "relationships", "sessions", "users")

OURS: Final = frozenset(
    {f"{name}.csv" for name in (*ONEROSTER_1_2, "manifest", *SCHOOL_DATA_SYNC, *APPLE_SCHOOL_MANAGER)}
    | {f"{name}.jsonl" for name in JSON_LINES}
)
"""What may stand in a folder that an output replaces."""
