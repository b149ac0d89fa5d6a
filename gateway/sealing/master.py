"""The master key: 32 bytes that open the data keys of all families. Where it is kept is the operator's choice.

It is written as one line, ``BWM1-`` with 64 hexadecimal digits, a dash and a check of 8 more, so that a slip in a copy by hand is
told. Several lines may stand one below the other: the first is in use, the others are older and still tried, so that a
key can be changed while the gateway runs.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import subprocess
from dataclasses import dataclass
from pathlib import Path

from gateway import durable
from gateway.errors import SettingsError

FILE, ENVIRONMENT, COMMAND = "file", "environment", "command"
_LINE = re.compile(r"BWM1-([0-9a-f]{64})-([0-9a-f]{8})")
PATIENCE = 30.0
"""Seconds that the command may take."""


@dataclass(frozen=True, slots=True)
class MasterKey:
    """A master key. `name` tells it from others and gives nothing away."""

    secret: bytes

    @property
    def name(self) -> str:
        """16 hexadecimal digits."""
        return hashlib.sha256(b"breakwater master key\n" + self.secret).hexdigest()[:16]

    def __repr__(self) -> str:
        return f"MasterKey({self.name})"

    def line(self) -> str:
        """As it is written down."""
        return f"BWM1-{self.secret.hex()}-{_check(self.secret)}"


@dataclass(frozen=True, slots=True)
class MasterPlace:
    """Where the master key is: in a file, in a variable of the environment, or in what a command prints."""

    how: str
    file: Path | None = None
    variable: str = ""
    command: tuple[str, ...] = ()

    def said(self) -> str:
        """For a person; it never holds the key."""
        if self.how == FILE:
            return f"the file {self.file}"
        return f"the variable {self.variable}" if self.how == ENVIRONMENT else f"the command {self.command[0]}"

    def make(self) -> None:
        """Make the key where it is a file that is not there yet; of several makers one succeeds. Raises SettingsError."""
        if self.file is None or self.file.exists():
            return
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            durable.make_once(self.file, lambda: f"{new_key().line()}\n".encode())
        except OSError as error:
            raise SettingsError(f"sealing: {self.file} cannot be written: {error.strerror}") from None

    def keys(self) -> tuple[MasterKey, ...]:
        """The key in use, then older ones. Raises SettingsError, which names the place and never the key."""
        found = keys_in(self._text())
        if not found:
            raise SettingsError(
                f"sealing: {self.said()} holds no master key: one line that begins with BWM1-, as `breakwater keys show` prints it"
            )
        return found

    def open_to_others(self) -> bool:
        """Whether other users of this machine may read the key's file."""
        try:
            return self.file is not None and bool(self.file.stat().st_mode & 0o077)
        except OSError:
            return False

    def _text(self) -> str:
        if self.file is not None:
            try:
                return self.file.read_text(encoding="ascii", errors="replace")
            except OSError as error:
                raise SettingsError(
                    f"sealing: {self.file} cannot be read: {error.strerror}. It holds the master key, without which nothing that is kept "
                    "can be read. Put your copy of it back there; no other key will do"
                ) from None
        if self.how == ENVIRONMENT:
            if self.variable not in os.environ:
                raise SettingsError(
                    f"sealing: {self.said()} is not set; set it to the master key where breakwater is started"
                )
            return os.environ[self.variable]
        return self._asked()

    def _asked(self) -> str:
        try:
            done = subprocess.run(  # noqa: S603 (the operator's own command)
                self.command, capture_output=True, timeout=PATIENCE, check=True, stdin=subprocess.DEVNULL
            )
        except FileNotFoundError:
            raise SettingsError(f"sealing: {self.said()} is not there") from None
        except subprocess.TimeoutExpired:
            raise SettingsError(f"sealing: {self.said()} did not answer within {PATIENCE:g} seconds") from None
        except subprocess.CalledProcessError as error:
            raise SettingsError(f"sealing: {self.said()} failed with status {error.returncode}") from None
        except OSError as error:
            raise SettingsError(f"sealing: {self.said()} cannot be run: {error.strerror}") from None
        return done.stdout.decode("ascii", "replace")


def new_key() -> MasterKey:
    """A new one, at random."""
    return MasterKey(secrets.token_bytes(32))


def keys_in(text: str) -> tuple[MasterKey, ...]:
    """All keys that stand in a text; what else stands there counts for nothing. Raises SettingsError for one with a slip."""
    found = []
    for line in text.split():
        match = _LINE.fullmatch(line)
        if match is None and not line.startswith("BWM1-"):
            continue
        secret = bytes.fromhex(match[1]) if match is not None else b""
        if match is None or match[2] != _check(secret):
            raise SettingsError(
                "sealing: a master key was written with a slip: its check does not fit; compare it with another copy"
            )
        found.append(MasterKey(secret))
    return tuple(found)


def _check(secret: bytes) -> str:
    return hashlib.sha256(b"breakwater check\n" + secret).hexdigest()[:8]
