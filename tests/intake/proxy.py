"""A wire between client and Dovecot that misbehaves on purpose: refuses a command, acts before one, breaks off."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable

from tests.intake.dovecot import Dovecot


class Proxy:
    """Ends TLS on both sides. `refuse`: a command that gets NO. `before`: a word of a command, and what to do first.

    `cut_after`: octets from the server after which the connection breaks, for the first `cuts` connections.
    `replace`: words of the server that come out as others.
    """

    def __init__(
        self,
        server: Dovecot,
        *,
        refuse: bytes | None = None,
        before: tuple[bytes, Callable[[], None]] | None = None,
        cut_after: int | None = None,
        cuts: int = 0,
        replace: tuple[bytes, bytes] | None = None,
    ) -> None:
        self._server, self._refuse, self._before, self._cut_after, self._cuts = server, refuse, before, cut_after, cuts
        self._replace = replace
        self.connections = self.refused = 0
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(server.certificate)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Proxy:
        self._go(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(10)

    def _go(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments)
        thread.start()
        self._threads.append(thread)

    def _accept(self) -> None:
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._go(self._serve, plain, self.connections)

    def _serve(self, plain: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError), plain, self._context.wrap_socket(plain, server_side=True) as client:
            trusting = ssl.create_default_context(cafile=str(self._server.certificate))
            raw = socket.create_connection(("127.0.0.1", self._server.port))
            with raw, trusting.wrap_socket(raw, server_hostname="localhost") as server:
                back = threading.Thread(target=self._back, args=(server, client, number))
                back.start()
                self._forth(client, server)
                _end(server)
                back.join(10)

    def _forth(self, client: ssl.SSLSocket, server: ssl.SSLSocket) -> None:
        with contextlib.suppress(OSError):
            while line := client.recv(65536):
                if self._refuse is not None and self._refuse in line.split():
                    self.refused += 1
                    client.sendall(line.split()[0] + b" NO not today\r\n")
                    continue
                if self._before is not None and self._before[0] in line:
                    self._before[1]()
                server.sendall(line)

    def _back(self, server: ssl.SSLSocket, client: ssl.SSLSocket, number: int) -> None:
        passed = 0
        with contextlib.suppress(OSError):
            while data := server.recv(4096):
                client.sendall(data.replace(*self._replace) if self._replace else data)
                passed += len(data)
                if self._cut_after is not None and number <= self._cuts and passed > self._cut_after:
                    break
        _end(client)


def _end(connection: ssl.SSLSocket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
