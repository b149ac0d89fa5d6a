"""What a manifest holds, believed in nothing: whoever has the public key can write one."""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, StringConstraints, ValidationError

from gateway.backup.snapshot import DATA, DUMP, HOME, SQLITE
from gateway.errors import BackupError

FORMAT = 1
BLOBS = "blobs"
"""Name of the list of plain blobs in a backup: their hashes, 32 bytes each."""
SEALED_BLOBS = "sealed"
"""Name of the list of sealed blobs: their names, 32 bytes each."""
NAME = r"^[0-9a-f]{64}\z"
"""A hash, or the name of an object: never a path."""


def _path(value: Any) -> str:
    """One below the folder. A name that is no text has lone surrogates, which pydantic would refuse."""
    path = PurePosixPath(value) if isinstance(value, str) and "\0" not in value else PurePosixPath()
    first, *rest = path.parts or ("",)
    if path.is_absolute() or ".." in rest or first not in (HOME, DATA, SQLITE, DUMP, BLOBS, SEALED_BLOBS):
        raise ValueError(f"it names a path that cannot be: {value!r}")
    if (first in (HOME, DATA)) != bool(rest):
        raise ValueError(f"it names a path that cannot be: {value!r}")
    return str(value)


Name = Annotated[str, StringConstraints(pattern=NAME)]


class File(BaseModel):
    """A file: where it lay, and what it is made of. `size` in bytes."""

    model_config = ConfigDict(frozen=True, strict=True)

    path: Annotated[str, PlainValidator(_path)]
    size: int = Field(ge=0)
    sha256: Name
    mode: int = Field(ge=0, le=0o777)
    objects: list[Name]


class Manifest(BaseModel):
    """A backup. `data`: the data folder by the settings. `vanished`: bytes handed over while it was made. `master`: name of the master key
    that it is sealed with, and that no backup holds; empty where the installation does not seal.
    """

    model_config = ConfigDict(frozen=True, strict=True)

    made_at: Annotated[str, StringConstraints(pattern=r"^[0-9TZ:.+-]*\z")]
    data: str
    vanished: list[Name] = []
    master: Annotated[str, StringConstraints(pattern=r"^(?:[0-9a-f]{16})?\z")] = ""
    files: list[File]


def read_manifest(stamp: str, text: bytes) -> Manifest:
    """Raises BackupError."""
    try:
        loaded = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BackupError(f"backup {stamp}: its manifest cannot be read") from error
    if not isinstance(loaded, dict) or loaded.get("format") != FORMAT:
        raise BackupError(f"backup {stamp} was made by another version of Breakwater; restore it with that one")
    try:
        return Manifest.model_validate(loaded)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise BackupError(f"backup {stamp}: its manifest cannot be right: {where}: {first['msg']}") from None
