"""Values that may be seen nowhere, and the forms in which they could be."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

_ALIGNMENTS: Final = 3


def canary(kind: str) -> str:
    """Make a secret of a kind: small letters alone, as those get past any check of what a word may look like."""
    return f"canaryof{re.sub(r'[^a-z]', '', kind)}qzxvkw"


def forms(value: str) -> frozenset[bytes]:
    """Give what to look for: the value, in hexadecimal, backwards, and inside base64 at each of the three places."""
    raw = value.encode()
    found = {raw, raw.hex().encode(), raw[::-1]}
    for lead in range(_ALIGNMENTS):
        whole = base64.b64encode(bytes(lead) + raw)
        # The first and the last characters also depend on what stands beside the value.
        found |= {whole[4:-4], base64.urlsafe_b64encode(bytes(lead) + raw)[4:-4]}
    return frozenset(found)


@dataclass
class Canaries:
    """The secrets of one scene by their kinds; `learn` adds what came up while it ran."""

    forms: dict[str, frozenset[bytes]] = field(default_factory=dict)

    def learn(self, kind: str, values: Iterable[str]) -> None:
        """Add values that may be seen nowhere either."""
        known = self.forms.get(kind, frozenset())
        self.forms[kind] = known.union(*(forms(value) for value in values))

    def seen(self, text: bytes) -> list[str]:
        """Name the kinds of secrets that can be seen in a text, whatever the size of its letters."""
        small = text.lower()
        return [
            kind for kind, looks in self.forms.items() if any(look in text or look.lower() in small for look in looks)
        ]
