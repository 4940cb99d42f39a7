"""The tables as SQLModel declares them; the revisions in `migrations` make them, and a test holds the two together.

No foreign keys between roster rows: the rows of a held school may refer to rows that are gone (rule 10).
"""

from __future__ import annotations

from typing import Any, ClassVar

from sqlmodel import Field, SQLModel

METADATA = SQLModel.metadata
"""All tables of the store."""


class Integration(SQLModel, table=True):
    """What is known of one integration beside its rows; `full_next` is JSON text, times are RFC 3339 in UTC.

    `accounts` is how many accounts the directory had at `accounts_at`, `accounts_from` the digest of its settings then;
    `package` is the digest of the last package.
    """

    name: str = Field(primary_key=True)
    tenant: str | None
    cursor: str | None
    last_sync_at: str | None
    last_full_at: str | None
    source_identity: str | None
    settings_digest: str | None
    full_next: str
    accounts_at: str | None = None
    accounts: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    package: str | None = None
    accounts_from: str | None = None


class Account(SQLModel, table=True):
    """One account of the school's directory as it was last read, in the order of its coming (model/directory.py)."""

    __table_args__: ClassVar[dict[str, Any]] = {"sqlite_with_rowid": False}

    integration: str = Field(primary_key=True)
    place: int = Field(primary_key=True)
    body: bytes


class Settled(SQLModel, table=True):
    """What the last plan decided, while it stands (model/settled.py); `body` is as `settled.py` writes it."""

    __table_args__: ClassVar[dict[str, Any]] = {"sqlite_with_rowid": False}

    integration: str = Field(primary_key=True)
    basis: str
    since: str
    until: str | None
    body: bytes


class Run(SQLModel, table=True):
    """One run; counts, changes, outputs and error are JSON text as in contract §3."""

    __table_args__: ClassVar[dict[str, Any]] = {"sqlite_autoincrement": True}

    id: int | None = Field(default=None, primary_key=True)
    integration: str = Field(index=True)
    status: str
    mode: str
    date: str
    started_at: str
    finished_at: str
    counts: str
    changes: str
    plan_hash: str | None
    forced: int
    outputs: str
    error: str | None


class Diagnostic(SQLModel, table=True):
    """One finding of a run."""

    __table_args__: ClassVar[dict[str, Any]] = {"sqlite_with_rowid": False}

    run_id: int = Field(primary_key=True, foreign_key="run.id", ondelete="CASCADE")
    seq: int = Field(primary_key=True)
    code: str
    kind: str | None
    sourced_id: str | None
    school: str | None
    message: str
    hint: str


class PlanChunk(SQLModel, table=True):
    """A frame of a run's plan, as `spool.py` writes it."""

    __tablename__ = "plan_chunk"

    run_id: int = Field(primary_key=True, foreign_key="run.id", ondelete="CASCADE")
    seq: int = Field(primary_key=True)
    body: bytes


class _Keyed(SQLModel):
    """What belongs to one integration and is sorted by sourcedId."""

    __table_args__: ClassVar[dict[str, Any]] = {"sqlite_with_rowid": False}

    integration: str = Field(primary_key=True)
    sourced_id: str = Field(primary_key=True)


class _Remembered(_Keyed):
    """What the source last said of one record; `body` and `rejection` are structs of model/snapshot.py as JSON."""

    deleted: int
    body: bytes | None
    rejection: bytes | None


class SnapshotOrgs(_Remembered, table=True):
    """Orgs in the snapshot."""

    __tablename__ = "snapshot_orgs"


class SnapshotSessions(_Remembered, table=True):
    """Academic sessions in the snapshot."""

    __tablename__ = "snapshot_sessions"


class SnapshotCourses(_Remembered, table=True):
    """Courses in the snapshot."""

    __tablename__ = "snapshot_courses"


class SnapshotClasses(_Remembered, table=True):
    """Classes in the snapshot."""

    __tablename__ = "snapshot_classes"


class SnapshotUsers(_Remembered, table=True):
    """Users in the snapshot."""

    __tablename__ = "snapshot_users"


class SnapshotEnrollments(_Remembered, table=True):
    """Enrollments in the snapshot."""

    __tablename__ = "snapshot_enrollments"


class Org(_Keyed, table=True):
    """OrgRow."""

    name: str
    type: str
    identifier: str | None
    parent_sourced_id: str | None
    mapped_to: str | None


class Session(_Keyed, table=True):
    """SessionRow."""

    title: str | None
    type: str
    start_date: str
    end_date: str
    parent_sourced_id: str | None
    school_year: str | None


class Course(_Keyed, table=True):
    """CourseRow."""

    title: str
    course_code: str | None
    org_sourced_id: str | None


class Class(_Keyed, table=True):
    """ClassRow; lists are JSON text."""

    title: str
    class_code: str | None
    class_type: str | None
    course_sourced_id: str | None
    school_sourced_id: str
    session_sourced_ids: str
    grades: str
    state: str


class User(_Keyed, table=True):
    """UserRow; lists are JSON text."""

    role: str
    roles: str
    orgs: str
    username: str | None
    email: str | None
    given_name: str | None
    middle_name: str | None
    family_name: str | None
    identifier: str | None
    grades: str
    enabled: int
    account_id: str | None
    state: str


class Enrollment(_Keyed, table=True):
    """EnrollmentRow."""

    class_sourced_id: str
    user_sourced_id: str
    school_sourced_id: str | None
    role: str
    is_primary: int
    begin_date: str | None
    end_date: str | None


class Relationship(SQLModel, table=True):
    """RelationshipRow."""

    __table_args__: ClassVar[dict[str, Any]] = {"sqlite_with_rowid": False}

    integration: str = Field(primary_key=True)
    student_sourced_id: str = Field(primary_key=True)
    parent_sourced_id: str = Field(primary_key=True)
    relationship: str
