"""An OAuth server's token check on loopback, as Dovecot asks it (passdb oauth2, tokeninfo)."""

from __future__ import annotations

import json
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

from tests.intake.dovecot import NAME


class TokenServer:
    """Knows one good token of one account."""

    def __init__(self) -> None:
        self.good = good = "ya29." + secrets.token_urlsafe(60)

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                fits = unquote(self.path.partition("access_token=")[2]) == good
                body = json.dumps({"email": NAME, "expires_in": 3000} if fits else {"error": "invalid_token"}).encode()
                self.send_response(200 if fits else 400)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/tokeninfo?access_token="

    def __enter__(self) -> TokenServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
