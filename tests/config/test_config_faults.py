"""Every kind of wrong input, with line, key, what is wrong and what is allowed (contract §1)."""

# ruff: noqa: E501 - messages stand as they are printed

from __future__ import annotations

import pytest

from tests.config.conftest import SMALL, Faults

NAMED = "[integrations.springfield]\n"
URL = 'url = "https://sis.example.org"\n'
LATER = "take the section out until a later version can do it"
CLIENT = 'client_id = "me"\n'


def after(line: str, added: str) -> str:
    """Put a line behind one of the small configuration."""
    return SMALL.replace(line, line + added)


def instead(old: str, new: str) -> str:
    """Replace a part of the small configuration."""
    return SMALL.replace(old, new)


def section(name: str, body: str) -> str:
    """Add a table to the small configuration: its header is line 11."""
    return f"{SMALL}[integrations.springfield.{name}]\n{body}\n"


CASES = {
    "unknown_top": (SMALL + "[stor]\n", ['11: stor: unknown key, did you mean "store"?']),
    "misspelt_table": ("intergrations = 1\n" + SMALL, ['1: intergrations: unknown key, did you mean "integrations"?']),
    "store_key": (SMALL + '[store]\nurls = "x"\n', ['12: store.urls: unknown key, did you mean "url"?']),
    "store_type": ("store = 5\n" + SMALL, ["1: store: must be a table, not a whole number"]),
    "store_elsewhere": (
        SMALL + '[store]\nurl = "postgresql://me:hunter2@db/x"\n',
        ['12: store.url: "postgresql" is not available in this version; allowed: sqlite:///PATH'],
    ),
    "store_no_url": (
        SMALL + '[store]\nurl = "hunter2"\n',
        ["12: store.url: must be a file: sqlite:///PATH, relative to this file, or with a fourth slash absolute"],
    ),
    "store_in_memory": (
        SMALL + '[store]\nurl = "sqlite:///:memory:"\n',
        ["12: store.url: must be a file: sqlite:///PATH, relative to this file, or with a fourth slash absolute"],
    ),
    "store_days": (SMALL + "[store]\nretain_runs_days = 0\n", ["12: store.retain_runs_days: must be at least 1"]),
    "integrations_type": ("integrations = 3\n", ["1: integrations: must be a table, not a whole number"]),
    "integration_type": ("[integrations]\na = 3\n", ["2: integrations.a: must be a table, not a whole number"]),
    "bad_name": (
        instead("springfield", "Spring_field"),
        ["1: integrations.Spring_field: the name of an integration has only small letters, digits and hyphens"],
    ),
    "reserved_key": (
        after(NAMED, 'key = "x"\n'),
        [
            "2: ~.key: unknown key; allowed here: name, enabled, vendor, partner_id, source, schools, sync, match, directory, schedule, limits, outputs"
        ],
    ),
    "title_empty": (after(NAMED, 'name = " "\n'), ["2: ~.name: must not be empty"]),
    "enabled_int": (
        instead("enabled = true", "enabled = 1"),
        ["2: ~.enabled: must be true or false, not a whole number"],
    ),
    "vendor": (
        after(NAMED, 'vendor = "powershcool"\n'),
        [
            '2: ~.vendor: "powershcool" is not allowed, did you mean "powerschool"? allowed: "other", "classlink", "powerschool", "infinite-campus", "aeries", "skyward", "synergy", "ellucian", "eschoolplus", "illuminate", "unit4", "webuntis", "ed-fi"'
        ],
    ),
    "vendor_type": (after(NAMED, "vendor = 3\n"), ["2: ~.vendor: must be text in quotes, not a whole number"]),
    "source_missing": ("[integrations.a]\n", ["1: integrations.a.source: is missing"]),
    "source_no_table": (
        "[integrations.a]\nsource = 3\n",
        ["2: integrations.a.source: must be a table, not a whole number"],
    ),
    "source_type": (
        after(URL, 'type = "rset"\n'),
        ['6: ~.source.type: "rset" is not allowed, did you mean "rest"? allowed: "rest", "csv", "sftp"'],
    ),
    "source_type_number": (
        after(URL, "type = 3\n"),
        ['6: ~.source.type: must be one of "rest", "csv", "sftp", not a whole number'],
    ),
    "csv": (
        after(URL, 'type = "csv"\npath = "x"\n'),
        [
            '5: ~.source.url: unknown key for type "csv"; it belongs to type "rest"',
            '9: ~.source.auth: unknown key for type "csv"; it belongs to type "rest"',
        ],
    ),
    "sftp": (
        '[integrations.a.source]\ntype = "sftp"\nhost = "h"\nuser = "u"\npath = "p"\nkey_passphrase = "env:A"\n',
        [
            "1: integrations.a.source.known_hosts: is missing",
            "1: integrations.a.source.password: is missing; key_file would do as well",
            "6: integrations.a.source.key_passphrase: makes no sense without key_file",
        ],
    ),
    "delivery": (
        SMALL
        + '[[integrations.springfield.outputs]]\nformat = "jsonl"\npath = "x"\n'
        + 'sftp = { host = "h", user = "u", pasword = "env:A", path = "p", port = 0 }\n',
        [
            "14: ~.outputs[0].sftp.known_hosts: is missing",
            "14: ~.outputs[0].sftp.password: is missing; key_file would do as well",
            '14: ~.outputs[0].sftp.pasword: unknown key, did you mean "password"?',
            "14: ~.outputs[0].sftp.port: must be at least 1",
        ],
    ),
    "version": (
        after(URL, "version = 1.1\n"),
        ['6: ~.source.version: must be one of "1.1", "1.2", not a number with a point'],
    ),
    "version_unknown": (
        after(URL, 'version = "1.3"\n'),
        ['6: ~.source.version: "1.3" is not allowed, did you mean "1.2"? allowed: "1.1", "1.2"'],
    ),
    "page_size_zero": (after(URL, "page_size = 0\n"), ["6: ~.source.page_size: must be at least 1"]),
    "page_size_text": (after(URL, 'page_size = "5"\n'), ["6: ~.source.page_size: must be a whole number, not text"]),
    "concurrency_high": (after(URL, "concurrency = 65\n"), ["6: ~.source.concurrency: must be at most 64"]),
    "concurrency_bool": (
        after(URL, "concurrency = true\n"),
        ["6: ~.source.concurrency: must be a whole number, not true or false"],
    ),
    "concurrency_float": (
        after(URL, "concurrency = 4.0\n"),
        ["6: ~.source.concurrency: must be a whole number, not a number with a point"],
    ),
    "timeout": (after(URL, "timeout = 0\n"), ["6: ~.source.timeout: must be more than 0"]),
    "timeout_inf": (after(URL, "timeout = inf\n"), ["6: ~.source.timeout: must be a finite number"]),
    "rate_nan": (after(URL, "rate_limit = nan\n"), ["6: ~.source.rate_limit: must be a finite number"]),
    "deadline": (
        after(URL, 'deadline = "4 hours"\n'),
        ['6: ~.source.deadline: must be a duration: a number with s, m, h or d in quotes, such as "4h"'],
    ),
    "deadline0": (after(URL, 'deadline = "0h"\n'), ["6: ~.source.deadline: must be longer than nothing"]),
    "deadline_long": (
        after(URL, 'deadline = "99999d"\n'),
        ["6: ~.source.deadline: must be a duration of less than a century"],
    ),
    "misspelt_key": (after(URL, "page_sise = 10\n"), ['6: ~.source.page_sise: unknown key, did you mean "page_size"?']),
    "unknown_key": (
        after(URL, "qqq = 10\n"),
        [
            "6: ~.source.qqq: unknown key; allowed here: type, version, url, page_size, concurrency, timeout, deadline, retries, rate_limit, headers, ca_file, allow_http, fields, auth"
        ],
    ),
    "key_of_the_integration_in_limits": (
        SMALL + "[integrations.springfield.limits]\npartner_id = 1\n",
        ["12: ~.limits.partner_id: unknown key; allowed here: removals_percent, removals, rejected_percent"],
    ),
    "url_scheme": (
        instead('"https://sis.example.org"', '"ftp://sis.example.org"'),
        ["5: ~.source.url: must be a URL that begins with https:// and names a host"],
    ),
    "url_http": (
        instead('"https://sis.example.org"', '"http://sis.example.org"'),
        ["5: ~.source.url: plain http is refused: students' data and the secret would travel in the clear"],
    ),
    "url_user": (
        instead('"https://sis.example.org"', '"https://me:hunter2@sis.example.org"'),
        ["5: ~.source.url: must not hold a user name or password"],
    ),
    "url_query": (
        instead('"https://sis.example.org"', '"https://sis.example.org?a=1"'),
        ["5: ~.source.url: must not have a query (?…)"],
    ),
    "url_frag": (
        instead('"https://sis.example.org"', '"https://sis.example.org#a"'),
        ["5: ~.source.url: must not have a fragment (#…)"],
    ),
    "url_port": (
        instead('"https://sis.example.org"', '"https://sis.example.org:99999"'),
        ["5: ~.source.url: must be a URL that begins with https:// and names a host"],
    ),
    "url_missing": (instead('url = "https://sis.example.org"\n\n', "\n"), ["4: ~.source.url: is missing"]),
    "url_type": (
        instead('"https://sis.example.org"', "7"),
        ["5: ~.source.url: must be text in quotes, not a whole number"],
    ),
    "token_http": (
        instead("https://sis.example.org/token", "http://sis.example.org/token"),
        ["8: ~.source.auth.token_url: plain http is refused: students' data and the secret would travel in the clear"],
    ),
    "header_type": (
        after(URL, "headers = { X-A = 5 }\n"),
        ["6: ~.source.headers.X-A: must be text in quotes, not a whole number"],
    ),
    "header_name": (
        after(URL, 'headers = { "X A" = "b" }\n'),
        ['6: ~.source.headers."X A": is no name of an HTTP header'],
    ),
    "header_value": (
        after(URL, 'headers = { X-A = "b\\nc" }\n'),
        ["6: ~.source.headers.X-A: must be printable ASCII on one line"],
    ),
    "header_auth": (
        after(URL, 'headers = { Authorization = "Bearer hunter2" }\n'),
        ["6: ~.source.headers.Authorization: this header is a secret, which must not stand in the file"],
    ),
    "headers_list": (after(URL, 'headers = ["a"]\n'), ["6: ~.source.headers: must be a table, not a list"]),
    "ca_file_empty": (after(URL, 'ca_file = ""\n'), ["6: ~.source.ca_file: must be a path in quotes"]),
    "ca_file_number": (after(URL, "ca_file = 3\n"), ["6: ~.source.ca_file: must be a path in quotes"]),
    "auth_missing": (
        '[integrations.a.source]\nurl = "https://h"\n',
        [
            "1: integrations.a.source.auth.client_id: is missing",
            "1: integrations.a.source.auth.client_secret: is missing",
            "1: integrations.a.source.auth.token_url: is missing",
        ],
    ),
    "auth_type": (
        after(CLIENT, 'type = "oauth3"\n'),
        [
            '10: ~.source.auth.type: "oauth3" is not allowed, did you mean "oauth2"? allowed: "oauth2", "oauth1", "bearer", "none"'
        ],
    ),
    "auth_no_table": (
        '[integrations.a.source]\nurl = "https://h"\nauth = "x"\n',
        ["3: integrations.a.source.auth: must be a table, not text"],
    ),
    "token_beside_oauth2": (
        after(CLIENT, 'token = "env:T"\n'),
        ['10: ~.source.auth.token: unknown key for type "oauth2"; it belongs to type "bearer"'],
    ),
    "secret_plain": (
        instead("env:SECRET", "hunter2"),
        [
            "10: ~.source.auth.client_secret: a secret must not stand in the file; allowed: env:NAME, file:PATH, cred:NAME, cmd:COMMAND or keyring:SERVICE/USER"
        ],
    ),
    "secret_type": (
        instead('"env:SECRET"', "5"),
        [
            "10: ~.source.auth.client_secret: must be a reference to a secret in quotes: env:NAME, file:PATH, cred:NAME, cmd:COMMAND or keyring:SERVICE/USER"
        ],
    ),
    "secret_missing": (instead('client_secret = "env:SECRET"\n', ""), ["7: ~.source.auth.client_secret: is missing"]),
    "bearer_missing": (
        instead(
            'token_url = "https://sis.example.org/token"\nclient_id = "me"\nclient_secret = "env:SECRET"',
            'type = "bearer"',
        ),
        ["7: ~.source.auth.token: is missing"],
    ),
    "none_extra": (
        after(CLIENT, 'type = "none"\n'),
        [
            '8: ~.source.auth.token_url: unknown key for type "none"; it belongs to type "oauth2"',
            '9: ~.source.auth.client_id: unknown key for type "none"; it belongs to type "oauth2"',
            '11: ~.source.auth.client_secret: unknown key for type "none"; it belongs to type "oauth2"',
        ],
    ),
    "oauth1_extra": (
        after(CLIENT, 'type = "oauth1"\n'),
        ['8: ~.source.auth.token_url: unknown key for type "oauth1"; it belongs to type "oauth2"'],
    ),
    "client_auth": (
        after(CLIENT, 'client_auth = "post"\n'),
        ['10: ~.source.auth.client_auth: "post" is not allowed; allowed: "basic", "body"'],
    ),
    "client_id_empty": (
        instead('client_id = "me"', 'client_id = ""'),
        ["9: ~.source.auth.client_id: must not be empty"],
    ),
    "include_int": (
        section("schools", "include = [\n  11,\n]"),
        ["13: ~.schools.include[0]: must be text in quotes, not a whole number"],
    ),
    "include_str": (
        section("schools", 'include = "a"'),
        ["12: ~.schools.include: must be a list in brackets, not text"],
    ),
    "include_and_exclude": (
        section("schools", 'include = ["a", "b"]\nexclude = ["b "]'),
        ['13: ~.schools.exclude[0]: "b" stands in include and in exclude'],
    ),
    "schools_mode": (
        section("schools", 'mode = "Auto"'),
        ['12: ~.schools.mode: "Auto" is not allowed, did you mean "auto"? allowed: "auto", "manual"'],
    ),
    "schools_map": (
        section("schools", 'map = { "1" = 2 }'),
        ["12: ~.schools.map.1: must be text in quotes, not a whole number"],
    ),
    "schools_type": (after(NAMED, "schools = []\n"), ["2: ~.schools: must be a table, not a list"]),
    "roles_parent": (
        section("sync", 'roles = ["student", "parent"]'),
        ['12: ~.sync.roles[1]: "parent" is not allowed; allowed: "student", "teacher", "staff"'],
    ),
    "missing_users": (
        section("sync", 'missing_users = "ignore"'),
        ['12: ~.sync.missing_users: "ignore" needs a directory to miss the users in; allowed without one: "create"'],
    ),
    "session_grace_days": (
        section("sync", "session_grace_days = -1"),
        ["12: ~.sync.session_grace_days: must be at least 0"],
    ),
    "relationship": (
        section("sync", 'relationship = ["mother"]'),
        ['12: ~.sync.relationship[0]: "mother" is not allowed; allowed: "parent", "guardian", "relative"'],
    ),
    "class_requires": (
        section("sync", 'class_requires = ["aide"]'),
        ['12: ~.sync.class_requires[0]: "aide" is not allowed; allowed: "teacher", "student"'],
    ),
    "full_every": (
        section("sync", "full_every = 7"),
        ['12: ~.sync.full_every: must be a duration: a number with s, m, h or d in quotes, such as "4h"'],
    ),
    "parents": (section("sync", 'parents = "yes"'), ["12: ~.sync.parents: must be true or false, not text"]),
    "removed_users": (
        section("sync", 'removed_users = "disabled"'),
        [
            '12: ~.sync.removed_users: "disabled" is not allowed, did you mean "disable"? allowed: "disable", "delete", "keep"'
        ],
    ),
    "match_by": (
        section("match", 'by = ["mail"]'),
        [
            '12: ~.match.by[0]: "mail" is not allowed, did you mean "email"? allowed: "email", "username", "identifier", "userMasterIdentifier", "sourcedId"'
        ],
    ),
    "match_empty": (section("match", "by = []"), ["12: ~.match.by: must not be empty"]),
    "percent": (section("limits", "removals_percent = 101"), ["12: ~.limits.removals_percent: must be at most 100"]),
    "percent_negative": (
        section("limits", "removals_percent = -0.5"),
        ["12: ~.limits.removals_percent: must be at least 0"],
    ),
    "removals": (
        section("limits", "removals = 1.5"),
        ["12: ~.limits.removals: must be a whole number, not a number with a point"],
    ),
    "percent_bool": (
        section("limits", "rejected_percent = true"),
        ["12: ~.limits.rejected_percent: must be a number, not true or false"],
    ),
    "cron": (
        section("schedule", 'cron = "0 18 * *"'),
        [
            'RS-SCHED-001 12: ~.schedule.cron: a cron expression has five fields, this one has 4; allowed: five fields ("minute hour day month weekday", such as "0 18 * * 2,5") or one of @hourly, @daily, @weekly, @monthly, @yearly'
        ],
    ),
    "cron6": (
        section("schedule", 'cron = "0 0 18 * * 1"'),
        [
            'RS-SCHED-001 12: ~.schedule.cron: a cron expression has five fields, this one has 6; allowed: five fields ("minute hour day month weekday", such as "0 18 * * 2,5") or one of @hourly, @daily, @weekly, @monthly, @yearly'
        ],
    ),
    "cron_reboot": (
        section("schedule", 'cron = "@reboot"'),
        [
            'RS-SCHED-001 12: ~.schedule.cron: "@reboot" is no schedule; allowed: five fields ("minute hour day month weekday", such as "0 18 * * 2,5") or one of @hourly, @daily, @weekly, @monthly, @yearly'
        ],
    ),
    "cron_never": (
        section("schedule", 'cron = "0 0 31 2 *"'),
        [
            'RS-SCHED-001 12: ~.schedule.cron: the day that it names never comes; allowed: five fields ("minute hour day month weekday", such as "0 18 * * 2,5") or one of @hourly, @daily, @weekly, @monthly, @yearly'
        ],
    ),
    "cron_range": (
        section("schedule", 'cron = "0 25 * * *"'),
        [
            'RS-SCHED-001 12: ~.schedule.cron: "25" is no hour, which goes from 0 to 23; allowed: five fields ("minute hour day month weekday", such as "0 18 * * 2,5") or one of @hourly, @daily, @weekly, @monthly, @yearly'
        ],
    ),
    "cron_back": (
        section("schedule", 'cron = "0 22-2 * * *"'),
        [
            'RS-SCHED-001 12: ~.schedule.cron: "22-2" runs backwards (hour); allowed: five fields ("minute hour day month weekday", such as "0 18 * * 2,5") or one of @hourly, @daily, @weekly, @monthly, @yearly'
        ],
    ),
    "cron_hash": (
        section("schedule", 'cron = "H 1 * * *"'),
        [
            'RS-SCHED-001 12: ~.schedule.cron: "H" is no minute, which goes from 0 to 59; allowed: five fields ("minute hour day month weekday", such as "0 18 * * 2,5") or one of @hourly, @daily, @weekly, @monthly, @yearly'
        ],
    ),
    "cron_L": (
        section("schedule", 'cron = "0 1 L * *"'),
        [
            'RS-SCHED-001 12: ~.schedule.cron: "L" is no day of the month, which goes from 1 to 31; allowed: five fields ("minute hour day month weekday", such as "0 18 * * 2,5") or one of @hourly, @daily, @weekly, @monthly, @yearly'
        ],
    ),
    "cron_type": (section("schedule", "cron = 5"), ["12: ~.schedule.cron: must be text in quotes, not a whole number"]),
    "timezone": (
        section("schedule", 'timezone = "America/Chicagoo"'),
        ['12: ~.schedule.timezone: "America/Chicagoo" is no time zone, did you mean "America/Chicago"?'],
    ),
    "timezone_posix": (
        section("schedule", 'timezone = "CDT-5"'),
        [
            '12: ~.schedule.timezone: "CDT-5" is no time zone; allowed: names of the IANA list, such as "America/Chicago"'
        ],
    ),
    "timezone_folder": (
        section("schedule", 'timezone = "America"'),
        ['12: ~.schedule.timezone: "America" is no time zone, did you mean "America/Nuuk"?'],
    ),
    "match_date": (
        section("match", "by = 2026-11-21"),
        ["12: ~.match.by: must be a list in brackets, not a date or time"],
    ),
    "directory": (
        section("directory", 'type = "ldpa"'),
        [
            '12: ~.directory.type: "ldpa" is not allowed, did you mean "ldap"? allowed: "csv", "ldap", "google", "microsoft"'
        ],
    ),
    "directory_notype": (
        section("directory", 'path = "x"'),
        ["11: ~.directory.type: is missing; allowed: csv, ldap, google, microsoft"],
    ),
    "directory_csv": (
        section("directory", 'type = "csv"\npath = "a.csv"\ncolumns = { mail = "email" }'),
        [
            '14: ~.directory.columns.mail: "mail" is not allowed, did you mean "email"? allowed: "id", "email", "aliases", "username", "identifier", "userMasterIdentifier", "sourcedId", "disabled"',
        ],
    ),
    "microsoft": (
        section("directory", 'type = "microsoft"\ntenant = "t"\nclient_id = "c"'),
        [
            "11: ~.directory.client_secret: is missing; certificate_file would do as well",
        ],
    ),
    "microsoft_values": (
        section(
            "directory",
            'type = "microsoft"\ntenant = "common"\nclient_id = "c"\nclient_secret = "env:S"\ncloud = "moon"\n'
            'attributes = { email = "mail,id", sourcedId = "a.b.c", id = "id" }',
        ),
        [
            "13: ~.directory.tenant: must be the ID of one tenant, or one of its domains",
            '16: ~.directory.cloud: "moon" is not allowed; allowed: "global", "us-government", "us-government-dod", "china"',
            '17: ~.directory.attributes.email: must be the name of one property, such as "employeeId"',
            '17: ~.directory.attributes.id: "id" is not allowed; allowed: "email", "username", "identifier", "userMasterIdentifier", "sourcedId"',
            '17: ~.directory.attributes.sourcedId: must be the name of one property, such as "employeeId"',
        ],
    ),
    "google_values": (
        section(
            "directory",
            'type = "google"\nkey_file = "k"\nsubject = "a@b.c"\n'
            'attributes = { email = "recoveryEmail", sourcedId = "customSchemas.SIS" }',
        ),
        [
            "15: ~.directory.attributes.email: must be primaryEmail, id, externalIds.TYPE or customSchemas.SCHEMA.FIELD",
            "15: ~.directory.attributes.sourcedId: must be primaryEmail, id, externalIds.TYPE or customSchemas.SCHEMA.FIELD",
        ],
    ),
    "ldap": (
        section("directory", 'type = "ldap"\nurl = "ldaps://h"\nbind_dn = "x"'),
        [
            "14: ~.directory.bind_dn: makes no sense without password",
        ],
    ),
    "ldap_url": (
        section("directory", 'type = "ldap"\nurl = "https://h"'),
        [
            "13: ~.directory.url: must be a URL that begins with ldaps:// or ldap:// and names a host only",
        ],
    ),
    "ldap_in_the_clear": (
        section("directory", 'type = "ldap"\nurl = "ldap://ldap.example.org:389"'),
        ["13: ~.directory.url: plain ldap:// is refused: accounts and the password would travel in the clear"],
    ),
    "ldap_on_this_machine": (section("directory", 'type = "ldap"\nurl = "ldap://[::1]:389"'), []),
    "ldap_start_tls": (section("directory", 'type = "ldap"\nurl = "ldap://h"\nstart_tls = true'), []),
    "ldaps_start_tls": (
        section("directory", 'type = "ldap"\nurl = "ldaps://h"\nstart_tls = true'),
        ["14: ~.directory.start_tls: makes no sense with ldaps://, which is TLS from the start"],
    ),
    "ldap_host": (
        section("directory", 'type = "ldap"\nurl = "ldap://[::1"\nstart_tls = true'),
        ["13: ~.directory.url: must be a URL that begins with ldaps:// or ldap:// and names a host only"],
    ),
    "ldap_port": (
        section("directory", 'type = "ldap"\nurl = "ldaps://h:port"'),
        ["13: ~.directory.url: must be a URL that begins with ldaps:// or ldap:// and names a host only"],
    ),
    "ldap_attributes": (
        section("directory", 'type = "ldap"\nurl = "ldaps://h"\nattributes = { id = "*", email = "mail,cn" }'),
        [
            '14: ~.directory.attributes.email: must be the name of one attribute, such as "mail"',
            '14: ~.directory.attributes.id: must be the name of one attribute, such as "mail"',
        ],
    ),
    "ldap_key_without_attribute": (
        section("directory", 'type = "ldap"\nurl = "ldaps://h"\nattributes = { sourcedId = "sisId" }')
        + '\n[integrations.springfield.match]\nby = ["email", "sourcedId", "userMasterIdentifier"]\n',
        ["17: ~.match.by[2]: the directory has no attribute for userMasterIdentifier"],
    ),
    "directory_domains": (
        section("directory", 'type = "csv"\npath = "a.csv"\ndomain_aliases = { "a@b" = "b.org", "b" = "c d" }'),
        [
            '14: ~.directory.domain_aliases."a@b": must be a domain alone, such as "example.org"',
            '14: ~.directory.domain_aliases.b: must be a domain alone, such as "example.org"',
        ],
    ),
    "directory_csv_form": (
        section("directory", 'type = "csv"\npath = "a.csv"\ndelimiter = ";;"\nencoding = "ebcdic"\nmax_age = "soon"'),
        [
            '14: ~.directory.delimiter: ";;" is not allowed, did you mean ";"? allowed: ",", ";", "\\t", "|"',
            '15: ~.directory.encoding: "ebcdic" is not allowed; allowed: "utf-8", "utf-16", "windows-1252", "iso-8859-1"',
            '16: ~.directory.max_age: must be a duration: a number with s, m, h or d in quotes, such as "4h"',
        ],
    ),
    "overrides_without_directory": (
        section("match", 'overrides = "overrides.csv"'),
        ["12: ~.match.overrides: needs a directory that has the accounts"],
    ),
    "outputs_table": (
        section("outputs", 'format = "jsonl"'),
        ["11: ~.outputs: must be a list in brackets, not a table"],
    ),
    "output_format": (
        SMALL
        + '[[integrations.springfield.outputs]]\nformat = "oneroster"\n[[integrations.springfield.outputs]]\nformat = "jsonl"\npath = "x"\narchived_for = "1d"\n',
        [
            '12: ~.outputs[0].format: "oneroster" is not allowed, did you mean "oneroster-1.2"? allowed: "oneroster-1.1", "oneroster-1.2", "sds-2.1", "apple-school-manager", "jsonl"',
            '16: ~.outputs[1].archived_for: unknown key for format "jsonl"; it belongs to format "apple-school-manager"',
        ],
    ),
    "quoted_keys": (
        '[integrations."spring field".source]\nurl = "https://h"\n"odd key" = 1\n',
        [
            '1: integrations."spring field": the name of an integration has only small letters, digits and hyphens',
            '1: integrations."spring field".source.auth.client_id: is missing',
            '1: integrations."spring field".source.auth.client_secret: is missing',
            '1: integrations."spring field".source.auth.token_url: is missing',
            '3: integrations."spring field".source."odd key": unknown key; allowed here: type, version, url, page_size, concurrency, timeout, deadline, retries, rate_limit, headers, ca_file, allow_http, fields, auth',
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_wrong_input_is_told_with_line_key_and_what_is_allowed(case: str, faults: Faults) -> None:
    text, expected = CASES[case]
    found = []
    for problem in faults(text):
        if problem.hint == LATER:
            continue
        code = "" if problem.code == "RS-CFG-003" else f"{problem.code} "
        key = problem.key.replace("integrations.springfield.", "~.")
        found.append(f"{code}{problem.line}: {key}: {problem.message}")
    assert found == expected


@pytest.mark.parametrize("case", CASES)
def test_what_may_be_a_secret_is_never_repeated(case: str, faults: Faults) -> None:
    for problem in faults(CASES[case][0]):
        assert "hunter2" not in str(problem) + problem.hint
