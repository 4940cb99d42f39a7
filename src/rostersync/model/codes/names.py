"""The codes of contract §5 and how grave each of them is."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Severity(StrEnum):
    """How grave a finding is; an error in a run that applied its plan makes that run partial."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Code(StrEnum):
    """Everything that rostersync may have to say, as `RS-<AREA>-<nnn>`; a member knows its severity."""

    severity: Severity

    def __new__(cls, value: str, severity: Severity = Severity.ERROR) -> Self:
        """Make the member a string that also knows its severity; the default lets `Code("RS-CFG-001")` look one up."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.severity = severity
        return member

    CFG_NOT_FOUND = "RS-CFG-001", Severity.ERROR
    CFG_NOT_TOML = "RS-CFG-002", Severity.ERROR
    CFG_INVALID = "RS-CFG-003", Severity.ERROR
    CFG_SECRET = "RS-CFG-004", Severity.ERROR
    CFG_NO_INTEGRATION = "RS-CFG-005", Severity.ERROR
    CFG_SOURCE_SWITCHED = "RS-CFG-006", Severity.ERROR
    CFG_USAGE = "RS-CFG-007", Severity.ERROR
    AUTH_TOKEN_REFUSED = "RS-AUTH-001", Severity.ERROR
    AUTH_TOKEN_UNREADABLE = "RS-AUTH-002", Severity.ERROR
    AUTH_UNAUTHORIZED = "RS-AUTH-003", Severity.ERROR
    AUTH_FORBIDDEN = "RS-AUTH-004", Severity.ERROR
    NET_UNREACHABLE = "RS-NET-001", Severity.ERROR
    NET_TLS = "RS-NET-002", Severity.ERROR
    NET_STILL_FAILING = "RS-NET-003", Severity.ERROR
    NET_FOREIGN_LINK = "RS-NET-004", Severity.WARNING
    NET_FOREIGN_REDIRECT = "RS-NET-005", Severity.ERROR
    SRC_NOT_ONEROSTER = "RS-SRC-001", Severity.ERROR
    SRC_INCOMPLETE = "RS-SRC-002", Severity.ERROR
    SRC_ENDPOINT_MISSING = "RS-SRC-003", Severity.ERROR
    SRC_FILTER_IGNORED = "RS-SRC-004", Severity.INFO
    SRC_ARCHIVE_UNREADABLE = "RS-SRC-005", Severity.ERROR
    SRC_MANIFEST_MISMATCH = "RS-SRC-006", Severity.ERROR
    SRC_HOST_KEY = "RS-SRC-007", Severity.ERROR
    SRC_TOLERATED = "RS-SRC-008", Severity.WARNING
    SRC_REPEATED = "RS-SRC-009", Severity.INFO
    DATA_REJECTED = "RS-DATA-001", Severity.WARNING
    DATA_DANGLING = "RS-DATA-002", Severity.WARNING
    DATA_DUPLICATE = "RS-DATA-003", Severity.WARNING
    DATA_UNKNOWN_STATUS = "RS-DATA-004", Severity.WARNING
    SCHOOL_UNKNOWN = "RS-SCHOOL-001", Severity.WARNING
    SCHOOL_HELD = "RS-SCHOOL-002", Severity.ERROR
    SCHOOL_NOT_IN_SOURCE = "RS-SCHOOL-003", Severity.WARNING
    USER_UNMATCHED = "RS-USER-001", Severity.WARNING
    USER_EMAIL_TAKEN = "RS-USER-002", Severity.WARNING
    USER_NO_EMAIL = "RS-USER-003", Severity.WARNING
    USER_AMBIGUOUS = "RS-USER-004", Severity.WARNING
    CLASS_INCOMPLETE = "RS-CLASS-001", Severity.WARNING
    CLASS_NO_SESSION = "RS-CLASS-002", Severity.WARNING
    LIMIT_REMOVALS = "RS-LIMIT-001", Severity.ERROR
    LIMIT_EMPTY = "RS-LIMIT-002", Severity.ERROR
    LIMIT_NOT_APPROVED = "RS-LIMIT-003", Severity.ERROR
    STORE_LOCKED = "RS-STORE-001", Severity.ERROR
    STORE_VERSION = "RS-STORE-002", Severity.ERROR
    STORE_NOT_WRITABLE = "RS-STORE-003", Severity.ERROR
    STORE_DAMAGED = "RS-STORE-004", Severity.ERROR
    DIR_UNREACHABLE = "RS-DIR-001", Severity.ERROR
    DIR_REFUSED = "RS-DIR-002", Severity.ERROR
    DIR_TRUNCATED = "RS-DIR-003", Severity.ERROR
    OUT_NOT_WRITTEN = "RS-OUT-001", Severity.ERROR
    SCHED_INVALID = "RS-SCHED-001", Severity.ERROR
