"""Where bytes lie by name: a directory (`folder`) or a bucket of an object store (`bucket`). What they are is not known here.

Whatever it is, the law is the same: what `put_all` took is durable when it returns, and a name is replaced in one step or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


class AwayError(OSError):
    """It cannot be told now: the place does not answer, or refuses. Temporary; `strerror` says for a person what to do."""


class Place(Protocol):
    """Put, get and delete bytes by name. Safe for many threads and processes."""

    far: bool
    """Whether each look is a way over a network, and worth avoiding."""

    def put_all(self, named: Sequence[tuple[str, bytes]]) -> None:
        """Keep them durably. Raises OSError; then none may be relied on, and none is half there."""

    def get(self, name: str) -> bytes:
        """Raises FileNotFoundError where nothing lies there, AwayError where that cannot be told, OSError."""

    def beginning(self, name: str, number: int) -> bytes:
        """The first `number` bytes. Raises as `get`."""

    def has(self, name: str) -> bool:
        """Whether something lies there. Raises AwayError."""

    def remove(self, name: str) -> None:
        """Delete for good; what is gone already is fine. Raises OSError."""

    def names(self, ending: str | None = None) -> Iterator[str]:
        """The names of all that lie there, or of those of one ending (``""``: of none), in order. Raises OSError."""

    def sizes(self) -> Iterator[tuple[str, int]]:
        """All names with their sizes in bytes, -1 for one that vanishes meanwhile. Raises OSError."""

    def close(self) -> None:
        """Let files, connections and threads go."""


def ending_of(name: str) -> str:
    """What stands behind the hash in a name: ``.sealed``, or nothing."""
    stem, point, rest = name.partition(".")
    return f"{point}{rest}" if stem else ""


@dataclass(frozen=True, slots=True)
class BucketPlace:
    """A bucket and the key to it. `endpoint`: host, or host:port. `prefix`: how our objects begin. `ca_file`: PEM, for a server with a
    certificate of its own.
    """

    endpoint: str
    bucket: str
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    prefix: str = ""
    region: str = "us-east-1"
    tls: bool = True
    ca_file: Path | None = None

    def said(self) -> str:
        """For a person."""
        return f"bucket {self.bucket} at {self.endpoint}"


def open_place(where: Path | BucketPlace) -> Place:
    """The folder or the bucket. Raises SettingsError where the program lacks what a bucket needs, OSError."""
    if isinstance(where, Path):
        from gateway.store.folder import Folder

        return Folder(where)
    from gateway.store.bucket import Bucket  # with a client that only buckets need

    return Bucket(where)
