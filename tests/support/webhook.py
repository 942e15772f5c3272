"""A webhook of our own: an HTTP server on 127.0.0.1 that keeps what is posted to it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Posted:
    """``alerts`` in order, ``tokens`` beside them; ``answers`` are the next codes, then 204."""

    address: str
    alerts: list[dict[str, Any]] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    def kinds(self) -> list[str]:
        return [alert["kind"] for alert in self.alerts]


@contextmanager
def webhook() -> Iterator[Posted]:
    """The server, until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            code = posted.answers.pop(0) if posted.answers else 204
            if code < 300:
                posted.alerts.append(json.loads(body))
                posted.tokens.append(self.headers["Authorization"])
            self.send_response(code)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Tests print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    posted = Posted(f"http://127.0.0.1:{server.server_port}/hook")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield posted
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
