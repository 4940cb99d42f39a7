"""How a page is asked for, and what is left out for servers that refuse it."""

from __future__ import annotations

from dataclasses import dataclass

from rostersync.model.kind import Kind
from rostersync.sources.rest import bounds
from rostersync.sources.rest.client import Client
from rostersync.sources.rest.codec import PATHS
from rostersync.sources.rest.reply import Reply

_REFUSED = frozenset({400, 422})
_FORMS: tuple[dict[str, str], ...] = ({"sort": "sourcedId", "orderBy": "asc"}, {}, {})
"""The order that is asked for, tried one after the other; the last of them goes without `limit` too."""


@dataclass(frozen=True, slots=True)
class Query:
    """A collection, or what changed in it since the cursor; `fields` names those asked for, "" is all."""

    kind: Kind
    since: str | None = None
    fields: str = ""

    @property
    def filter(self) -> dict[str, str]:
        """The filter parameter; no status with it, so that deletions come as marks."""
        return {} if self.since is None else {"filter": f"dateLastModified>='{self.since}'"}


class Asking:
    """Asks for pages and remembers, for one fetch, which parameters the server refuses."""

    def __init__(self, client: Client, page_size: int) -> None:
        """Take the client and the number of rows to ask for."""
        self.page_size = page_size
        self._client = client
        self._limit = {"limit": str(page_size)}
        self._form = 0

    def page(self, query: Query, offset: int, most: int = bounds.PAGE) -> Reply:
        """The page at an offset, of so many bytes at most; a refusal (400) only where every form of it is refused."""
        known = self._form
        for form in range(known, len(_FORMS)):
            reply = self._client.get(PATHS[query.kind], self._params(query, offset, form), most)
            if reply.status not in _REFUSED:
                break
        if reply.ok:
            self._form = max(self._form, form)
        return reply

    def narrowed(self, query: Query) -> Reply:
        """The first page once more, in the form that the server has taken, under the fields of this query."""
        return self._client.get(PATHS[query.kind], self._params(query, 0, self._form))

    def newest(self, kind: Kind) -> Reply:
        """The row that was modified last, as far as the server honors the order."""
        params = {"limit": "1", "offset": "0", "sort": "dateLastModified", "orderBy": "desc"}
        return self._client.get(PATHS[kind], params)

    def renew(self) -> None:
        """Ask on new connections from now on."""
        self._client.renew()

    def _params(self, query: Query, offset: int, form: int) -> dict[str, str]:
        limit = self._limit if form < len(_FORMS) - 1 else {}
        fields = {"fields": query.fields} if query.fields else {}
        return {**limit, "offset": str(offset), **_FORMS[form], **query.filter, **fields}
