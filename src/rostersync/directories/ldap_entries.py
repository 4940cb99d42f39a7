"""What an LDAP entry says of an account, in the spelling of OpenLDAP and of Active Directory."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence

from rostersync.config.values import AccountField
from rostersync.directories.base import addresses, smtp_addresses, text
from rostersync.errors import DirectoryError
from rostersync.model.directory import Account

Entry = Mapping[str, Sequence[bytes]]
"""The attributes of an entry: their names in small letters, without options."""

DEFAULTS: Mapping[AccountField, tuple[str, ...]] = {
    "id": ("objectGUID", "entryUUID"),
    "email": ("mail",),
    "aliases": ("proxyAddresses",),
    "username": ("sAMAccountName", "uid"),
    "identifier": ("employeeID", "employeeNumber"),
    "disabled": ("userAccountControl",),
}
"""Where the fields are looked for, the first attribute that an entry has: Active Directory's, then OpenLDAP's."""

KEYS: tuple[AccountField, ...] = ("email", "username", "identifier", "userMasterIdentifier", "sourcedId")
_GUIDS = frozenset({"objectguid", "ms-ds-consistencyguid"})
_ACCOUNT_DISABLED = 0x2
_YES_NO = dict.fromkeys(("true", "yes", "y", "1"), True) | dict.fromkeys(("false", "no", "n", "0"), False)


class Mapper:
    """Makes accounts of entries."""

    def __init__(self, attributes: Mapping[AccountField, str]) -> None:
        """Take the attributes that the configuration names; the others are the defaults."""
        self._names: dict[AccountField, tuple[str, ...]] = {**DEFAULTS}
        self._names.update({name: (attribute,) for name, attribute in attributes.items()})
        self._keys = {name: tuple(map(str.casefold, names)) for name, names in self._names.items()}

    @property
    def wanted(self) -> list[str]:
        """The attributes to ask for: no others."""
        return sorted({attribute for names in self._names.values() for attribute in names})

    def names(self, field: AccountField) -> str:
        """Say where a field is looked for."""
        return " or ".join(self._names.get(field, ())) or "nowhere"

    def account(self, dn: str, received: Mapping[str, Sequence[bytes]]) -> Account:
        """Make an account of an entry. Raises DirectoryError for what cannot be read (RS-DIR-002) or is cut (003)."""
        entry = plain(dn, received)
        aliases = smtp_addresses(self._texts(dn, entry, "aliases"))
        return Account(
            id=self._id(dn, entry),
            emails=addresses([*sorted(self._texts(dn, entry, "email")), *aliases]),
            username=self._first(dn, entry, "username"),
            identifier=self._first(dn, entry, "identifier"),
            master_identifier=self._first(dn, entry, "userMasterIdentifier"),
            sourced_id=self._first(dn, entry, "sourcedId"),
            disabled=self._disabled(dn, entry),
        )

    def _texts(self, dn: str, entry: Entry, field: AccountField) -> list[str]:
        """The values of the first attribute of a field that the entry has, without empty ones."""
        for attribute in self._keys.get(field, ()):
            if attribute in entry:
                values = [_text(dn, attribute, value) for value in entry[attribute]]
                if kept := [value for value in map(text, values) if value is not None]:
                    return kept
        return []

    def _first(self, dn: str, entry: Entry, field: AccountField) -> str | None:
        """One value of a field: values of an attribute have no order, so the smallest, on every day the same."""
        return min(self._texts(dn, entry, field), default=None)

    def _id(self, dn: str, entry: Entry) -> str:
        values = self._texts(dn, entry, "id")
        if len(values) == 1:
            return values[0]
        count = f"{len(values)} values" if values else "no value"
        hint = (
            "Let the reader's account read this attribute, name in directory.attributes.id one that every account has "
            "once, or let directory.filter leave out entries that are no accounts."
        )
        raise DirectoryError("RS-DIR-002", f"{dn} has {count} for its id ({self.names('id')})", hint)

    def _disabled(self, dn: str, entry: Entry) -> bool:
        """Read Active Directory's bits of userAccountControl, or a boolean."""
        values = self._texts(dn, entry, "disabled")
        if not values:
            return False
        if self._keys["disabled"][0] == "useraccountcontrol" and re.fullmatch(r"-?\d{1,10}", values[0]):
            return bool(int(values[0]) & _ACCOUNT_DISABLED)
        if values[0].casefold() in _YES_NO and len(values) == 1:
            return _YES_NO[values[0].casefold()]
        hint = "Name in directory.attributes.disabled userAccountControl, or an attribute that is true or false."
        raise DirectoryError("RS-DIR-002", f"{dn}: {self.names('disabled')} is neither true nor false", hint)


def plain(dn: str, received: Mapping[str, Sequence[bytes]]) -> dict[str, Sequence[bytes]]:
    """Bring the names to small letters without options; a range of values is a cut, and RS-DIR-003."""
    entry: dict[str, Sequence[bytes]] = {}
    for name, values in received.items():
        attribute, *options = name.casefold().split(";")
        if any(option.startswith("range=") for option in options):
            hint = "Map another attribute in directory.attributes: the server gives only a part of this one's values."
            raise DirectoryError("RS-DIR-003", f"{dn} has more values of {attribute} than the server gives", hint)
        entry[attribute] = [*entry.get(attribute, ()), *values]
    return entry


def _text(dn: str, attribute: str, value: bytes) -> str:
    """Decode a value of an attribute in small letters: UTF-8, or the sixteen bytes of a GUID in its usual form."""
    if attribute in _GUIDS and len(value) == 16:  # noqa: PLR2004 - the size of a GUID
        return str(uuid.UUID(bytes_le=value))
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        hint = "Map an attribute that holds text in directory.attributes."
        raise DirectoryError("RS-DIR-002", f"{dn}: {attribute} is no text", hint) from error
