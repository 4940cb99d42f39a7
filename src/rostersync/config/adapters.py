"""The schema of `directory` and `outputs`: what a roster is matched with, and where it goes (contract §1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, Tag

from rostersync.config.source import Section, SftpAccess, by_key
from rostersync.config.values import (
    AccountField,
    Domain,
    Duration,
    FilePath,
    GoogleAttribute,
    GraphProperty,
    LdapAttribute,
    LdapUrl,
    Secret,
    Tenant,
    Text,
    Texts,
)
from rostersync.model.policy import MatchKey


class DirectorySection(Section):
    """What all directories have: accounts younger than `max_age` are used again; `domain_aliases` leads to domains."""

    type: str
    match_disabled: bool = False
    max_age: Duration = timedelta(0)
    domain_aliases: dict[Domain, Domain] = Field(default_factory=dict)


class CsvDirectory(DirectorySection):
    """Accounts in a CSV file with a header row; `columns` names them where the file calls them otherwise."""

    type: Literal["csv"]
    path: FilePath
    columns: dict[AccountField, Text] = Field(default_factory=dict)
    delimiter: Literal[",", ";", "\t", "|"] = ","
    encoding: Literal["utf-8", "utf-16", "windows-1252", "iso-8859-1"] = "utf-8"


class LdapDirectory(DirectorySection):
    """Accounts of an LDAP server or Active Directory; without `bases` the server is asked for its own."""

    type: Literal["ldap"]
    url: LdapUrl
    start_tls: bool = False
    bind_dn: Text | None = None
    password: Secret | None = None
    bases: Texts = ()
    scope: Literal["base", "onelevel", "subtree"] = "subtree"
    filter: Text | None = None
    attributes: dict[AccountField, LdapAttribute] = Field(default_factory=dict)
    page_size: Annotated[int, Field(ge=1, le=100_000)] = 500
    ca_file: FilePath | None = None


class GoogleDirectory(DirectorySection):
    """Accounts of a Google Workspace; `subject` is the administrator to act for, and `domain` replaces `customer`."""

    type: Literal["google"]
    key_file: FilePath
    subject: Text
    customer: Text = "my_customer"
    domain: Text | None = None
    query: Text | None = None
    attributes: dict[MatchKey, GoogleAttribute] = Field(default_factory=dict)


class MicrosoftDirectory(DirectorySection):
    """Accounts of a Microsoft Entra tenant, with either a client secret or a certificate."""

    type: Literal["microsoft"]
    cloud: Literal["global", "us-government", "us-government-dod", "china"] = "global"
    tenant: Tenant
    client_id: Text
    client_secret: Secret | None = None
    certificate_file: FilePath | None = None
    filter: Text | None = None
    attributes: dict[MatchKey, GraphProperty] = Field(default_factory=dict)


class OutputSection(Section):
    """What all outputs have: `sftp` is where a copy goes once `path` has been written."""

    format: str
    path: FilePath
    sftp: SftpAccess | None = None


class OneRosterOutput(OutputSection):
    """A OneRoster CSV package, 1.1 or 1.2."""

    format: Literal["oneroster-1.1", "oneroster-1.2"]
    spreadsheet_safe: bool = False


class SchoolDataSyncOutput(OutputSection):
    """The CSV files of Microsoft School Data Sync v2.1."""

    format: Literal["sds-2.1"]
    spreadsheet_safe: bool = False


class AppleSchoolManagerOutput(OutputSection):
    """The zip of Apple School Manager; classes archived for less than `archived_for` still go out."""

    format: Literal["apple-school-manager"]
    spreadsheet_safe: bool = False
    archived_for: Duration = timedelta(0)


class JsonLinesOutput(OutputSection):
    """One file of JSON lines for each kind."""

    format: Literal["jsonl"]


Directory = Annotated[
    Annotated[CsvDirectory, Tag("csv")]
    | Annotated[LdapDirectory, Tag("ldap")]
    | Annotated[GoogleDirectory, Tag("google")]
    | Annotated[MicrosoftDirectory, Tag("microsoft")],
    by_key("type", ""),
]
Output = Annotated[
    Annotated[OneRosterOutput, Tag("oneroster-1.1")]
    | Annotated[OneRosterOutput, Tag("oneroster-1.2")]
    | Annotated[SchoolDataSyncOutput, Tag("sds-2.1")]
    | Annotated[AppleSchoolManagerOutput, Tag("apple-school-manager")]
    | Annotated[JsonLinesOutput, Tag("jsonl")],
    by_key("format", ""),
]

DIRECTORIES: dict[str, type[Section]] = {
    "csv": CsvDirectory,
    "ldap": LdapDirectory,
    "google": GoogleDirectory,
    "microsoft": MicrosoftDirectory,
}
OUTPUTS: dict[str, type[Section]] = {
    "oneroster-1.1": OneRosterOutput,
    "oneroster-1.2": OneRosterOutput,
    "sds-2.1": SchoolDataSyncOutput,
    "apple-school-manager": AppleSchoolManagerOutput,
    "jsonl": JsonLinesOutput,
}
