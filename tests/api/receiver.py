"""A program's web server, which takes webhooks: real sockets, and answers as it is told."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Receiver:
    """`answers`: what each request is answered with, the last one for all that follow; a callable does it itself."""

    answers: list[int | Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=lambda: [204])
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    tls: ssl.SSLContext | None = None
    _server: Any = None

    def __enter__(self) -> Receiver:
        made = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", "0")))
                made.got.append(({k.lower(): v for k, v in self.headers.items()} | {"path": self.path}, body))
                answer = made.answers[0] if len(made.answers) == 1 else made.answers.pop(0)
                if callable(answer):
                    answer(self)
                    return
                self.send_response(answer)
                if 300 <= answer < 400:
                    self.send_header("Location", f"{made.url}/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST  # noqa: N815 (its name there)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if self.tls is not None:
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self.port}"

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
