"""The words for what a run finds in the data: DATA, SCHOOL, USER, CLASS, LIMIT."""

from __future__ import annotations

from rostersync.model.codes.entry import Text
from rostersync.model.codes.names import Code

RECORDS = {
    Code.DATA_REJECTED: Text(
        "A record was rejected",
        "A required field is missing, or a date is no date. The record is left out whole; if an earlier version of it "
        "was accepted, that one stays in force. It is reported until it is mended.",
        "Incomplete data entry: a class without title, a user without role, an enrollment without class.",
        "Mend the field that the message names in the student information system.",
    ),
    Code.DATA_DANGLING: Text(
        "A reference leads nowhere",
        "An enrollment names a user, class or school, or a class names a school, that the source does not have. "
        "The record is left out.",
        "The other record was deleted or rejected, or is not released to this client.",
        "Look for the record that is named, with `rostersync explain NAME ID`, and mend it at the source.",
    ),
    Code.DATA_DUPLICATE: Text(
        "A sourcedId stands twice",
        "One fetch had different records under one sourcedId. The one changed last was taken.",
        "Two people or classes share an identifier at the source, or a record changed during the fetch.",
        "If it comes with every run, give one of the records an identifier of its own at the source.",
    ),
    Code.DATA_UNKNOWN_STATUS: Text(
        "Unknown status, record rejected",
        "The record's status is neither active nor tobedeleted nor inactive, so it is not known whether it is in "
        "force. "
        "An earlier accepted version stays in force.",
        "A vendor's own value in the field status.",
        "Ask the vendor to send one of the standard's values.",
    ),
}

SCHOOLS = {
    Code.SCHOOL_UNKNOWN: Text(
        "A school is not known",
        "The school is selected, but the roster does not know it, so its users and classes are left out.",
        "schools.mode is manual and the school is new, or schools.unmapped is ignore and schools.map has no entry for "
        "it.",
        "Run `rostersync schools sync NAME`, or add the school to schools.map or schools.exclude.",
    ),
    Code.SCHOOL_HELD: Text(
        "A school is held",
        "What the source says of this school cannot be trusted today: it is suddenly empty, or too many of its records "
        "are rejected or dangling. Its part of the roster stays as it was; the other schools go on.",
        "A failed export, a year that is being rolled over, or a school that has closed.",
        "Mend the data at the source. A school that has closed goes into schools.exclude.",
    ),
    Code.SCHOOL_NOT_IN_SOURCE: Text(
        "A listed org is not in the source",
        "schools.include or schools.exclude names an org that the source does not have. It selects nothing.",
        "A misspelt sourcedId, a name or number in its place, or an org that the source has deleted.",
        "Copy the sourcedId from `rostersync schools list NAME`, or take it out of the configuration.",
    ),
}

USERS = {
    Code.USER_UNMATCHED: Text(
        "A user has no account",
        "None of the keys in match.by leads from the user to an account in the directory.",
        "The account is not there yet or is disabled, or address and username are written differently on the two "
        "sides.",
        'Create or mend the account, add a key to match.by, or set sync.missing_users = "create" to keep such users.',
    ),
    Code.USER_EMAIL_TAKEN: Text(
        "The email is taken",
        "Two users of one group have the same email. It stays with the one that the message names; the other is left "
        "out.",
        "One person with two records, siblings entered with a parent's address, or a reused address.",
        "Correct the email of one of them at the source, or merge the two records there.",
    ),
    Code.USER_NO_EMAIL: Text(
        "A parent has no email",
        "The parent would be synced, but has no email, and is left out.",
        "The address was not entered, or is not released to this client.",
        "Enter the parent's email in the student information system.",
    ),
    Code.USER_AMBIGUOUS: Text(
        "Several accounts match",
        "A key leads from the user to more than one account, so none is taken.",
        "The same employee or student number, or the same alias, stands at two accounts in the directory.",
        "Make the key unique in the directory, or put a more exact one first in match.by.",
    ),
}

CLASSES = {
    Code.CLASS_INCOMPLETE: Text(
        "A class is incomplete",
        "The class has no enrollment of a teacher or of a student, and sync.class_requires asks for one. It is left "
        "out.",
        "The class has no one assigned yet, or those assigned are themselves left out.",
        "See why with `rostersync explain NAME CLASS`, assign someone at the source, or shorten sync.class_requires.",
    ),
    Code.CLASS_NO_SESSION: Text(
        "A class has no session to judge by",
        "None of the sessions that the class names is known, so it is kept, although only current classes are wanted.",
        "The class names no term, or terms that the source does not give out.",
        "Assign the class to a term at the source. Without it, it stays until it is deleted there.",
    ),
}

LIMITS = {
    Code.LIMIT_REMOVALS: Text(
        "Too many removals",
        "The plan would remove more users, classes or enrollments than limits.removals_percent or limits.removals "
        "allow. "
        "Nothing was applied.",
        "A failed or partial export, a changed filter or school selection, or a real change such as the end of a year.",
        "Read the plan with `rostersync preview NAME`. If it is right, `rostersync run NAME --approve HASH` applies "
        "exactly that plan.",
    ),
    Code.LIMIT_EMPTY: Text(
        "The source is suddenly empty",
        "The roster has users or classes, and the source has not one. Nothing was applied.",
        "A new school year that is not set up yet, lost access rights, or a failed export.",
        "Check with `rostersync check NAME` what the source gives out. If it is meant, approve the plan that "
        "`rostersync preview NAME` shows.",
    ),
    Code.LIMIT_NOT_APPROVED: Text(
        "The plan is not the approved one",
        "The hash given with --approve is not that of the plan as it is now. Nothing was applied.",
        "The source, the configuration or the day has changed since the preview, or the hash was not copied whole.",
        "Run `rostersync preview NAME` again, read it, and approve the hash that it prints.",
    ),
}

FINDINGS: dict[Code, Text] = RECORDS | SCHOOLS | USERS | CLASSES | LIMITS
