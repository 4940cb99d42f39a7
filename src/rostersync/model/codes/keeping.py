"""The words for what stands around a run: STORE, DIR, OUT, SCHED."""

from __future__ import annotations

from rostersync.model.codes.entry import Text
from rostersync.model.codes.names import Code

STORE = {
    Code.STORE_LOCKED: Text(
        "Another run holds the integration",
        "Another process is working on this integration, or has held the store for 30 seconds. This one did nothing.",
        "A run that takes longer than the time to the next, or a program that has the store open for writing.",
        "Wait for it to end; the message says who holds it. The lock dies with its process and needs no cleaning up.",
    ),
    Code.STORE_VERSION: Text(
        "The store is of another version",
        "The store was written by a newer rostersync, or could not be brought up to this one.",
        "Two machines or environments with different versions share one store.",
        "Upgrade rostersync here. Before each migration a copy of the store was made beside it.",
    ),
    Code.STORE_NOT_WRITABLE: Text(
        "The store cannot be written",
        "The database file or its folder cannot be written. Nothing was applied.",
        "A full disk, missing rights, another user under cron, or a file system that is mounted for reading only.",
        "Check space and rights of the file in store.url; it belongs to the user who runs rostersync.",
    ),
    Code.STORE_DAMAGED: Text(
        "The store is damaged",
        "The file is not an SQLite database, or its contents do not hold together.",
        "A failing disk, a copy made while it was in use, or a network file system without proper locks.",
        "Put back a copy from a backup, or move the file away: the next run fetches in full and builds the roster "
        "anew.",
    ),
}

DIRECTORY = {
    Code.DIR_UNREACHABLE: Text(
        "The directory cannot be reached",
        "The directory with the accounts did not answer, or its file is not there. Nothing was applied.",
        "A wrong url or path in [integrations.NAME.directory], a firewall, or a certificate that cannot be verified.",
        "Try the address from this machine, and `rostersync check NAME`.",
    ),
    Code.DIR_REFUSED: Text(
        "The directory refused the request",
        "The directory answered, but does not let this client read the accounts. Nothing was applied.",
        "A wrong or expired secret, or an account without the right to read users.",
        "Check the credentials in [integrations.NAME.directory] and the rights that the directory gives them.",
    ),
    Code.DIR_TRUNCATED: Text(
        "The directory's answer is not whole",
        "The directory gave out only a part of the accounts. The others must not be taken for missing, so nothing was "
        "applied.",
        "A size or time limit of the server, an answer that broke off while it was read, or a CSV file with rows that "
        "cannot be read.",
        "Lower directory.page_size, or have the server's limits raised for this account; export a CSV file again.",
    ),
}

AROUND = {
    Code.OUT_NOT_WRITTEN: Text(
        "An output was not written",
        "The roster was applied, but one of its output files could not be written; the older file is still there. "
        "The next run writes it again.",
        "Missing rights, a full disk, or a file that another program holds open.",
        "Check the path in [[integrations.NAME.outputs]], and its rights and space.",
    ),
    Code.SCHED_INVALID: Text(
        "The schedule is invalid",
        "schedule.cron or schedule.timezone cannot be understood, so it is not known when the integration is due.",
        "A field too few or too many, a value out of range, or a time zone that is not in the IANA list.",
        'Write five fields such as "0 18 * * 2,5" or @daily, and a zone such as "America/Chicago".',
    ),
}

KEEPING: dict[Code, Text] = STORE | DIRECTORY | AROUND
