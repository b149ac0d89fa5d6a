"""A signal between threads that also ends a wait on a socket."""

from __future__ import annotations

import socket
import threading


class Bell:
    """A signal that also wakes a thread which waits on a socket."""

    def __init__(self) -> None:
        self._rung = threading.Event()
        self.socket, self._other = socket.socketpair()

    def ring(self) -> None:
        """For good."""
        if not self._rung.is_set():
            self._other.send(b"!")  # first: whoever sees it rung may close the sockets
            self._rung.set()

    def rung(self) -> bool:
        """Whether somebody has rung."""
        return self._rung.is_set()

    def wait(self, seconds: float) -> None:
        """Sleep; a ring ends it."""
        self._rung.wait(seconds)

    def close(self) -> None:
        """Let the sockets go."""
        self.socket.close()
        self._other.close()
