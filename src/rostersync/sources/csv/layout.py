"""The files of OneRoster 1.0, 1.1 and 1.2 and their columns, in the order of the standard (oneroster-reference §5)."""

from __future__ import annotations

from typing import Literal, NamedTuple

Version = Literal["1.0", "1.1", "1.2"]

MANIFEST = "manifest"
_BASE = ("sourcedId*", "status", "dateLastModified")


class Layout(NamedTuple):
    """The columns of a file in order, those that need a value, and those that may be left out altogether."""

    columns: tuple[str, ...]
    required: frozenset[str]
    optional: frozenset[str] = frozenset()


def _layout(columns: str, optional: str = "") -> Layout:
    """Read a layout: a star marks a column whose value is required, as bold print does in the reference."""
    named = (*_BASE, *columns.split())
    required = frozenset(name[:-1] for name in named if name.endswith("*"))
    return Layout(tuple(name.rstrip("*") for name in named), required, frozenset(optional.split()))


_BOTH = {
    "academicSessions": _layout("title* type* startDate* endDate* parentSourcedId schoolYear*"),
    "orgs": _layout("name* type* identifier parentSourcedId"),
    "courses": _layout("schoolYearSourcedId title* courseCode grades orgSourcedId* subjects subjectCodes"),
    "classes": _layout(
        "title* grades courseSourcedId* classCode classType* location schoolSourcedId* termSourcedIds* subjects "
        "subjectCodes periods"
    ),
    "enrollments": _layout("classSourcedId* schoolSourcedId* userSourcedId* role* primary beginDate endDate"),
    "demographics": _layout(
        "birthDate sex americanIndianOrAlaskaNative asian blackOrAfricanAmerican nativeHawaiianOrOtherPacificIslander "
        "white demographicRaceTwoOrMoreRaces hispanicOrLatinoEthnicity countryOfBirthCode stateOfBirthAbbreviation "
        "cityOfBirth publicSchoolResidenceStatus"
    ),
    "resources": _layout("vendorResourceId* title roles importance vendorId applicationId"),
    "classResources": _layout("title classSourcedId* resourceSourcedId*"),
    "courseResources": _layout("title courseSourcedId* resourceSourcedId*"),
}
_V1P1 = {
    "users": _layout(
        "enabledUser* orgSourcedIds* role* username* userIds givenName* familyName* middleName identifier email sms "
        "phone agentSourcedIds grades password"
    ),
}
_V1P2 = {
    "users": _layout(
        "enabledUser* username* userIds givenName* familyName* middleName identifier email sms phone agentSourcedIds "
        "grades password userMasterIdentifier resourceSourcedIds preferredGivenName preferredMiddleName "
        "preferredFamilyName primaryOrgSourcedId pronouns",
        optional="resourceSourcedIds",
    ),
    "roles": _layout("userSourcedId* roleType* role* beginDate endDate orgSourcedId* userProfileSourcedId"),
    "userProfiles": _layout(
        "userSourcedId* profileType* vendorId* applicationId description credentialType* username* password"
    ),
    "userResources": _layout("userSourcedId* orgSourcedId classSourcedId resourceSourcedId*"),
}
LAYOUTS: dict[Version, dict[str, Layout]] = {"1.0": _BOTH | _V1P1, "1.1": _BOTH | _V1P1, "1.2": _BOTH | _V1P2}
"""The files whose columns are known, by version; 1.0 is read as 1.1 with other names for some columns."""

GRADEBOOK: dict[Version, tuple[str, ...]] = {
    "1.0": (),
    "1.1": ("categories", "lineItems", "results"),
    "1.2": (
        *("categories", "lineItems", "results", "lineItemLearningObjectiveIds", "lineItemScoreScales"),
        *("resultLearningObjectiveIds", "resultScoreScales", "scoreScales"),
    ),
}
"""The files of the gradebook: known by name, and not read."""

KNOWN = frozenset({MANIFEST, *LAYOUTS["1.1"], *LAYOUTS["1.2"], *GRADEBOOK["1.1"], *GRADEBOOK["1.2"]})
"""Every file that a package may hold, without `.csv`."""

ALIASES: dict[str, str] = {
    "agents": "agentSourcedIds",
    "grade": "grades",
    "termSourcedId": "termSourcedIds",
    "schoolYearId": "schoolYearSourcedId",
    "userId": "userIds",
}
"""What OneRoster 1.0 calls columns that later versions have under another name."""

NEEDED_V1P0: dict[str, frozenset[str]] = {
    "academicSessions": frozenset({"sourcedId", "type", "startDate", "endDate"}),
    "orgs": frozenset({"sourcedId", "name", "type"}),
    "courses": frozenset({"sourcedId", "title"}),
    "classes": frozenset({"sourcedId", "title", "schoolSourcedId"}),
    "enrollments": frozenset({"sourcedId", "classSourcedId", "userSourcedId", "role"}),
    "users": frozenset({"sourcedId", "orgSourcedIds", "role"}),
}
"""The columns that a package without a manifest must have: it may be older than the others, rule 0.3 needs these."""


def needed_columns(version: Version, file: str) -> frozenset[str]:
    """The columns without which a file is not used."""
    layout = LAYOUTS[version][file]
    if version == "1.0":
        return NEEDED_V1P0.get(file, frozenset({"sourcedId"}))
    return layout.required


def file_names(version: Version) -> tuple[str, ...]:
    """The files that a manifest of this version speaks of, in alphabetical order."""
    return tuple(sorted((*LAYOUTS[version], *GRADEBOOK[version])))
