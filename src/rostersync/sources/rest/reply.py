"""What a server answered, read whole."""

from __future__ import annotations

import re
from typing import NamedTuple

import httpx

_LINK = re.compile(r"<([^>]*)>([^<]*)")
_NEXT = re.compile(r";\s*rel\s*=\s*\"?[^\";,]*\bnext\b", re.IGNORECASE)


class Reply(NamedTuple):
    """An answer: its status, headers and inflated body, and the URL that gave it."""

    status: int
    headers: httpx.Headers
    body: bytes
    url: str

    @property
    def ok(self) -> bool:
        """Whether it is a success."""
        return httpx.codes.is_success(self.status)

    @property
    def total(self) -> int | None:
        """X-Total-Count where it is a number; paging judges whether to believe it."""
        text = self.headers.get("x-total-count", "").strip()
        digits = text.removeprefix("-")
        return int(text) if digits.isascii() and digits.isdecimal() and len(digits) <= 12 else None  # noqa: PLR2004

    @property
    def next_link(self) -> str | None:
        """The `next` of the Link header: None without such a header, "" where the header has no `next`."""
        header = self.headers.get("link")
        if header is None:
            return None
        return next((target for target, params in _LINK.findall(header) if _NEXT.search(params)), "")

    def leads_away(self, link: str) -> bool:
        """Whether a link of this answer points at another origin; an unreadable one points nowhere."""
        try:
            return origin(httpx.URL(self.url).join(link)) != origin(httpx.URL(self.url))
        except (httpx.InvalidURL, ValueError):
            return False


def origin(url: httpx.URL) -> tuple[str, str, int | None]:
    """Scheme, host and port; another port is another origin."""
    return url.scheme, url.host, url.port or {"http": 80, "https": 443}.get(url.scheme)
