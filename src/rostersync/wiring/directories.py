"""Which directory stands behind which type; its code and its library are loaded when it is opened."""

from __future__ import annotations

from collections.abc import Sequence

from rostersync.config import adapters
from rostersync.config.secrets import Secrets
from rostersync.directories.aliases import DomainAliases
from rostersync.directories.base import Directory
from rostersync.model.policy import MatchKey


def open_directory(section: adapters.Directory, needed: Sequence[MatchKey], secrets: Secrets) -> Directory:
    """Open a directory that is matched by the `needed` keys; nothing is asked of it yet.

    Raises DirectoryError where its library is not installed.
    """
    directory = _open(section, needed, secrets)
    return DomainAliases(directory, section.domain_aliases) if section.domain_aliases else directory


def _open(section: adapters.Directory, needed: Sequence[MatchKey], secrets: Secrets) -> Directory:
    match section:
        case adapters.CsvDirectory():
            return _csv(section, needed)
        case adapters.LdapDirectory():
            return _ldap(section, needed, secrets)
        case adapters.GoogleDirectory():
            return _google(section, needed)
        case adapters.MicrosoftDirectory():
            return _microsoft(section, needed, secrets)


def _csv(section: adapters.CsvDirectory, needed: Sequence[MatchKey]) -> Directory:
    from rostersync.directories.csv import CsvDirectory, CsvSettings  # noqa: PLC0415 - only where it is used

    settings = CsvSettings(section.path, section.columns, section.delimiter, section.encoding, needed)
    return CsvDirectory(settings)


def _ldap(section: adapters.LdapDirectory, needed: Sequence[MatchKey], secrets: Secrets) -> Directory:
    from rostersync.directories.ldap import LdapDirectory, LdapSettings  # noqa: PLC0415 - only where it is used

    return LdapDirectory(
        LdapSettings(
            url=section.url,
            start_tls=section.start_tls,
            bind_dn=section.bind_dn,
            password=_secret(secrets, "password"),
            bases=section.bases,
            scope=section.scope,
            filter=section.filter,
            attributes=section.attributes,
            page_size=section.page_size,
            ca_file=section.ca_file,
            needed=needed,
        )
    )


def _google(section: adapters.GoogleDirectory, needed: Sequence[MatchKey]) -> Directory:
    from rostersync.directories.google import GoogleDirectory, GoogleSettings  # noqa: PLC0415 - only where it is used

    return GoogleDirectory(
        GoogleSettings(
            key_file=section.key_file,
            subject=section.subject,
            customer=section.customer,
            domain=section.domain,
            query=section.query,
            attributes=section.attributes,
            needed=needed,
        )
    )


def _microsoft(section: adapters.MicrosoftDirectory, needed: Sequence[MatchKey], secrets: Secrets) -> Directory:
    from rostersync.directories.microsoft import (  # noqa: PLC0415 - only where it is used
        MicrosoftDirectory,
        MicrosoftSettings,
    )

    return MicrosoftDirectory(
        MicrosoftSettings(
            tenant=section.tenant,
            client_id=section.client_id,
            client_secret=_secret(secrets, "client_secret"),
            certificate_file=section.certificate_file,
            filter=section.filter,
            attributes=section.attributes,
            needed=needed,
            cloud=section.cloud,
        )
    )


def _secret(secrets: Secrets, key: str) -> str | None:
    """A secret of the directory, None where the configuration names none."""
    found = secrets.get(f"directory.{key}")
    return None if found is None else found.get_secret_value()
