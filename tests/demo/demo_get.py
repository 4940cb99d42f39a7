"""How the tests of the demo ask the running server."""

from __future__ import annotations

import httpx

from rostersync.demo import Server


class Get:
    """Reads from the running server: a path below the base of a version, or a whole URL."""

    def __init__(self, server: Server, client: httpx.Client) -> None:
        """Read from a server with a client."""
        self.server = server
        self.client = client

    def __call__(self, version: str, path: str, **params: object) -> httpx.Response:
        texts = {name: str(value) for name, value in params.items()}
        return self.client.get(f"{self.server.base(version)}/{path}", params=texts)

    def url(self, url: str) -> httpx.Response:
        return self.client.get(url)
