"""A server that says all that it hears again, in its body, its headers and its reason; also as a proxy."""

from __future__ import annotations

import json
import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

_HOST: Final = "127.0.0.1"
_AWAY: Final = 302
_WITHIN: Final = 307
_GRANT: Final = 200


class Parrot(ThreadingHTTPServer):
    """The server; `status` is what it answers, and with `token` set it gives that to whoever signs in."""

    daemon_threads = True

    def __init__(self, status: int, token: str = "") -> None:
        """Listen on a free port."""
        super().__init__((_HOST, 0), _Handler)
        self.status = status
        self.token = token
        self.scheme = "http"
        self.heard: list[str] = []

    @property
    def url(self) -> str:
        """Where it is."""
        return f"{self.scheme}://{_HOST}:{self.server_address[1]}"

    def protect(self, certificate: Path, key: Path) -> None:
        """Speak TLS."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.scheme = "https"

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as socketserver has it
        """Say nothing of clients that go away."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Parrot

    def do_GET(self) -> None:
        """Say again what was asked."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("latin-1")
        heard = [self.headers.get(name, "") for name in ("Authorization", "Proxy-Authorization", "X-Api-Key")]
        self.server.heard += [each for each in (*heard, body) if each]
        if self.server.token and self.path.endswith("/token"):
            self._answer(_GRANT, {"access_token": self.server.token, "token_type": "Bearer", "expires_in": 3600})
            return
        if self.path.endswith("/openid-configuration"):
            tenant = f"{self.server.url}{self.path.partition('/v2.0')[0]}"
            ends = {"authorization_endpoint": f"{tenant}/authorize", "token_endpoint": f"{tenant}/token"}
            self._answer(_GRANT, {"issuer": f"{tenant}/v2.0"} | ends)
            return
        # Whole, and by the one word that is the secret alone, or a proof of it.
        words = " ".join(filter(None, (*heard, body)))
        self._answer(self.server.status, _echo(words, _word(words)))

    do_POST = do_CONNECT = do_GET  # noqa: N815 - as http.server has it

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as http.server has it
        """Say nothing on stderr."""

    def _answer(self, status: int, document: dict[str, Any]) -> None:
        said = quote(str(document), safe=" {}':,/+=")[:1_000]
        content = json.dumps(document).encode()
        self.send_response(status, said)
        for name in ("WWW-Authenticate", "Retry-After", "X-Total-Count", "Link", "Date", "Set-Cookie", "X-Perm-Rev"):
            self.send_header(name, f'<{said}>; rel="next"' if name == "Link" else said)
        where = {_AWAY: f"https://elsewhere.example.org/{said}?token={said}#{said}", _WITHIN: f"/{said}"}
        if status in where:
            self.send_header("Location", where[status])
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _word(words: str) -> str:
    """Choose the word that should be said least."""
    found = re.split(r"[\s=&]+", words)
    return next((word for word in found if word.startswith("canary")), max(found, key=len)).rpartition(".")[2]


def _echo(words: str, word: str) -> dict[str, Any]:
    """Make an answer of OAuth and of OneRoster at once, with what was heard wherever a message may stand."""
    return {
        "error": word,
        "error_description": words,
        "error_codes": [words],
        "imsx_codeMajor": word,
        "imsx_description": words,
        "imsx_CodeMinor": {"imsx_codeMinorField": [{"imsx_codeMinorFieldName": word}]},
    }


@contextmanager
def parrot(status: int, token: str = "", certificate: tuple[Path, Path] | None = None) -> Iterator[Parrot]:
    """Run a parrot in a thread of its own."""
    server = Parrot(status, token)
    if certificate is not None:
        server.protect(*certificate)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
