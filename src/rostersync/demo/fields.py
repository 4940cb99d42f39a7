"""Which fields each version knows, and `filter`, `sort` and `fields` may name (oneroster §4)."""

from __future__ import annotations

BASE = ("sourcedId", "status", "dateLastModified", "metadata")
REF = ("sourcedId", "href", "type")

COMMON: dict[str, tuple[str, ...]] = {
    "orgs": ("name", "type", "identifier", "parent", "children"),
    "academicSessions": ("title", "type", "startDate", "endDate", "schoolYear", "parent", "children"),
    "courses": ("title", "courseCode", "schoolYear", "org", "grades", "subjects", "subjectCodes", "resources"),
    "classes": (
        *("title", "classType", "course", "school", "terms", "classCode", "location", "grades", "subjects"),
        *("subjectCodes", "periods", "resources"),
    ),
    "enrollments": ("user", "class", "school", "role", "primary", "beginDate", "endDate"),
    "users": (
        *("username", "userIds", "enabledUser", "givenName", "familyName", "middleName", "identifier", "email", "sms"),
        *("phone", "password", "agents", "grades"),
    ),
    "demographics": (
        *("birthDate", "sex", "americanIndianOrAlaskaNative", "asian", "blackOrAfricanAmerican"),
        *("nativeHawaiianOrOtherPacificIslander", "white", "demographicRaceTwoOrMoreRaces"),
        *("hispanicOrLatinoEthnicity", "countryOfBirthCode", "stateOfBirthAbbreviation", "cityOfBirth"),
        "publicSchoolResidenceStatus",
    ),
    "resources": ("vendorResourceId", "title", "roles", "importance", "vendorId", "applicationId"),
}
USERS = {
    "1.1": ("role", "orgs"),
    "1.2": (
        *("roles", "primaryOrg", "userProfiles", "userMasterIdentifier", "pronouns", "preferredFirstName"),
        *("preferredMiddleName", "preferredLastName", "resources"),
    ),
}
# What stands below a field that is an object or a list of objects.
PARTS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("parent", "children", "org", "orgs", "primaryOrg", "school", "course", "terms"), REF),
    **dict.fromkeys(("user", "class", "agents", "resources"), REF),
    "userIds": ("type", "identifier"),
    "userProfiles": ("profileId", "profileType", "vendorId", "applicationId", "description", "credentials"),
}
ROLE_PARTS = ("roleType", "role", "org", "org.sourcedId", "userProfile", "beginDate", "endDate")


def known_fields(version: str, kind: str) -> tuple[str, ...]:
    """Give the names of the fields of a kind of record."""
    return (*BASE, *COMMON[kind], *(USERS[version] if kind == "users" else ()))


def is_known(version: str, kind: str, path: str) -> bool:
    """Say whether a dotted path leads to a field of a kind of record; anything may stand below metadata."""
    name, _, rest = path.partition(".")
    if name not in known_fields(version, kind):
        return False
    return not rest or name == "metadata" or rest in _parts(kind, name)


def _parts(kind: str, name: str) -> tuple[str, ...]:
    """Give what may stand below a field; schoolYear refers to a session in a course and is plain text in a session."""
    if (kind, name) == ("users", "roles"):
        return ROLE_PARTS
    if (kind, name) == ("courses", "schoolYear"):
        return REF
    return () if (kind, name) == ("resources", "roles") else PARTS.get(name, ())
