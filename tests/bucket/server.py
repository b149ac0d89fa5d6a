"""An S3 server for tests: moto's (`store`), in a process and an environment of its own (`tests/services.sh`), and a thing between it and us that spoils.

Its environment is its own because its packages want older versions of some of ours.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import secrets
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from minio import Minio

from gateway.demo.carriers import free_port
from gateway.store.place import BucketPlace

PYTHON = Path(__file__).parents[2] / "build" / "bucket" / "bin" / "python"
KEY, SECRET = "AKIATESTTESTTESTTEST", "secret/" + "s" * 30


class S3:
    """A server that can be stopped, and started anew with nothing in it. `locked`: from the third request on it knows no key."""

    def __init__(self, *, locked: bool = False) -> None:
        assert PYTHON.exists(), f"{PYTHON} is missing; run: bash tests/services.sh"
        self.port, self._locked = free_port(), locked
        self.start()

    @property
    def endpoint(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        env = {
            "PATH": os.environ["PATH"],
            "HOME": "/tmp",
            "INITIAL_NO_AUTH_ACTION_COUNT": "2" if self._locked else "inf",
        }
        command = [str(PYTHON), str(Path(__file__).with_name("store.py")), str(self.port)]
        self._process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 60
        while not self._listens():
            assert time.monotonic() < end, "the store did not start"
            time.sleep(0.05)

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()

    def freeze(self) -> None:
        """It takes connections and says nothing."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def place(self, bucket: str | None = None, **more: Any) -> BucketPlace:
        """A new bucket, or that one."""
        name = bucket or f"family-{secrets.token_hex(6)}"
        if bucket is None:
            self.client.make_bucket(name)
        return BucketPlace(
            **{"endpoint": self.endpoint, "bucket": name, "access_key": KEY, "secret_key": SECRET, "tls": False, **more}
        )

    @property
    def client(self) -> Minio:
        """For a look behind the gateway's back, and for what somebody might do there."""
        return Minio(self.endpoint, access_key=KEY, secret_key=SECRET, secure=False, region="us-east-1")

    def objects(self, place: BucketPlace) -> dict[str, bytes]:
        return {
            str(each.object_name): self.client.get_object(place.bucket, str(each.object_name)).read()
            for each in self.client.list_objects(place.bucket, recursive=True)
        }

    def _listens(self) -> bool:
        with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(self._asked()) as connection:
            connection.request("GET", "/moto-api/")
            return connection.getresponse().status < 500
        return False

    def _asked(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)


XML = '<?xml version="1.0" encoding="UTF-8"?><Error><Code>{}</Code><Message>x</Message><Key>k</Key></Error>'


@dataclass
class Between:
    """A proxy before the server. `script` says what to do with a request, by method and path: nothing (let it pass), ``503 SlowDown`` (answer
    so), ``html`` (a page of some other machine), ``hang``, ``cut`` (half of the request is read, then the line is dead), ``kept`` (the server
    does it, nobody hears of it), ``alter`` (one byte of the answer is another), ``short`` (half of the answer).
    """

    behind: S3
    script: Callable[[str, str], str] = lambda _method, _path: ""
    seen: list[tuple[str, str]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        between = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _do(self) -> None:
                between.seen.append((self.command, self.path))
                between.handle(self, between.script(self.command, self.path))

            do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = _do  # noqa: N815 (names of the library)

            def log_message(self, *_words: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.endpoint = f"127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    def place(self, place: BucketPlace) -> BucketPlace:
        """The same bucket, through this."""
        return BucketPlace(self.endpoint, place.bucket, place.access_key, place.secret_key, place.prefix, tls=False)

    def handle(self, asked: BaseHTTPRequestHandler, what: str) -> None:
        length = int(asked.headers.get("Content-Length") or 0)
        if what == "cut":
            asked.rfile.read(length // 2)
            asked.close_connection = True
            return
        body = asked.rfile.read(length)
        if what == "hang":
            self.released.wait(60)
            asked.close_connection = True
            return
        if what[:3].isdecimal():
            status, _, code = what.partition(" ")
            self._answer(asked, int(status), {"Content-Type": "application/xml"}, XML.format(code).encode())
            return
        if what == "html":
            self._answer(asked, 200, {"Content-Type": "text/html"}, b"<html><body>Welcome to nginx!</body></html>")
            return
        status, headers, answer = self._passed(asked, body)
        if what == "kept":
            asked.close_connection = True
            return
        if what == "alter" and status == 200:
            answer = bytes([answer[0] ^ 1]) + answer[1:]
        self._answer(asked, status, headers, answer, half=what == "short")

    def _passed(self, asked: BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.behind.port, timeout=30)
        with contextlib.closing(connection):
            connection.request(asked.command, asked.path, body, dict(asked.headers))
            answer = connection.getresponse()
            return answer.status, dict(answer.headers), answer.read()

    @staticmethod
    def _answer(
        asked: BaseHTTPRequestHandler, status: int, headers: dict[str, str], body: bytes, *, half: bool = False
    ) -> None:
        skipped = {"transfer-encoding", "connection", "server", "date"} | (
            set() if asked.command == "HEAD" else {"content-length"}
        )
        asked.send_response(status)
        for name, value in headers.items():
            if name.lower() not in skipped:
                asked.send_header(name, value)
        if asked.command != "HEAD" and status != 204:
            asked.send_header("Content-Length", str(len(body)))
        asked.end_headers()
        if asked.command != "HEAD":
            asked.wfile.write(body[: len(body) // 2] if half else body)
        asked.close_connection = half


@contextlib.contextmanager
def running(**options: Any) -> Iterator[S3]:
    made = S3(**options)
    try:
        yield made
    finally:
        made.thaw()
        made.stop()
