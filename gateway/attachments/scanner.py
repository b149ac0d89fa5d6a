"""The virus scanner ClamAV over its socket: the command INSTREAM of clamd(8), by hand.

    zINSTREAM\\0  <length, 4 bytes, big-endian> <bytes> …  <0000>   ->   stream: OK\\0 | stream: NAME FOUND\\0 | … ERROR\\0

Whatever is no clear answer counts as "could not be scanned": nothing is taken for clean by mistake.
"""

from __future__ import annotations

import re
import socket
import struct
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gateway.settings import Settings

CHUNK: Final = 65_536
LONGEST_ANSWER: Final = 4_096


class ScanState(StrEnum):
    """What the scanner said. `none`: no scanner is set up."""

    NONE = "none"
    CLEAN = "clean"
    FOUND = "found"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class Scan:
    """The state, and the signature's name where one was found."""

    state: ScanState = ScanState.NONE
    signature: str = ""


class Clamd:
    """A clamd at a Unix socket (a path) or at host:port. One connection a file."""

    def __init__(self, address: str, *, seconds: float = 30.0) -> None:
        self._address, self._seconds = address, seconds

    def scan(self, data: bytes) -> Scan:
        """Scan one file. Never raises: a scanner that is away, slow or full gives `AWAY`."""
        try:
            with self._connect() as line:
                try:
                    line.sendall(b"zINSTREAM\0")
                    for at in range(0, len(data), CHUNK):
                        piece = data[at : at + CHUNK]
                        line.sendall(struct.pack(">I", len(piece)) + piece)
                    line.sendall(struct.pack(">I", 0))
                except (BrokenPipeError, ConnectionResetError):
                    pass  # it answers before the end where a file is too large for it
                return read(self._answer(line))
        except (OSError, ValueError):
            return Scan(ScanState.AWAY)

    def ping(self) -> bool:
        """Whether it answers."""
        try:
            with self._connect() as line:
                line.sendall(b"zPING\0")
                return self._answer(line).startswith(b"PONG")
        except (OSError, ValueError):
            return False

    def _connect(self) -> socket.socket:
        if "/" in self._address:
            line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            line.settimeout(self._seconds)
            try:
                line.connect(self._address)
            except OSError:
                line.close()
                raise
            return line
        host, _, port = self._address.rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), timeout=self._seconds)

    def _answer(self, line: socket.socket) -> bytes:
        answer = b""
        while b"\0" not in answer and len(answer) < LONGEST_ANSWER:
            piece = line.recv(CHUNK)
            if not piece:
                break
            answer += piece
        return answer.partition(b"\0")[0]


def read(answer: bytes) -> Scan:
    """clamd's answer as a `Scan`."""
    text = answer.decode("utf-8", "replace").strip()
    if text == "stream: OK":
        return Scan(ScanState.CLEAN)
    if found := re.fullmatch(r"stream: (\S.*) FOUND", text):
        return Scan(ScanState.FOUND, re.sub(r"[^A-Za-z0-9._-]", "_", found[1])[:100])
    return Scan(ScanState.AWAY)


def scanner(settings: Settings) -> Clamd | None:
    """The virus scanner that the settings name; None where there is none."""
    place = settings.scanner.clamd
    return Clamd(place, seconds=settings.scanner.timeout_seconds) if place else None
