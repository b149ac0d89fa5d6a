"""The repository: a folder of sealed objects, and one manifest for each backup.

    breakwater-backup.json      what this folder is, and the public key that everything in it is sealed to
    objects/ab/abcdef…          age( zlib( bytes ) ), named HMAC-SHA256(name key, SHA-256 of the bytes); where the
                                installation seals, age( AES-SIV( zlib( bytes ) ) ) under its master key, and named by that key too
    backups/20261127T221000Z    age( zlib( manifest as JSON ) )
    backups/….names             names of the objects that it needs, so that old ones can be cleared without the secret key

Everything is written to a temporary name, fsynced and renamed.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import hmac
import json
import os
import re
import stat
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyrage
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from pydantic import BaseModel, ConfigDict, ValidationError

from gateway import durable
from gateway.backup.manifest import FORMAT, Manifest, read_manifest
from gateway.errors import BackupError, UserError
from gateway.sealing.master import MasterKey

ABOUT = "breakwater-backup.json"
NAMES = ".names"
STAMP = "%Y%m%dT%H%M%SZ"
_STAMP = re.compile(r"[0-9]{8}T[0-9]{6}Z", re.ASCII)
MOST = 64 * 1024 * 1024
"""Bytes that one object may unfold to: more than any chunk, so that a forged one cannot fill the memory."""


class About(BaseModel):
    """The file that says what the folder is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int
    recipient: str


class Repository:
    """One folder. `open` it for writing with the public key; read it with the secret one (`Reader`)."""

    def __init__(self, folder: Path, recipient: str, name_key: bytes, master: MasterKey | None = None) -> None:
        """`master`: with what objects are sealed besides."""
        self.folder, self._name_key = folder, name_key
        self._master = b"" if master is None else master.name.encode()
        self._inner = None if master is None else Inner(master)
        self._seal_to = recipient_of(recipient)
        recipient = str(self._seal_to)  # without what stood around it
        self._lock = _locked(folder)
        about = about_of(folder)
        if about is None:
            if any(not path.name.startswith(".") for path in folder.iterdir()):  # a kill may have left a hidden one
                self.close()
                raise UserError(f"{folder} is not empty and no backup folder; name a new one")
            text = json.dumps({"format": FORMAT, "recipient": recipient}, indent=1) + "\n"
            _write(folder / ABOUT, text.encode())
        elif about.recipient != recipient:
            self.close()
            raise UserError(
                f"{folder} is sealed to another key ({about.recipient}); use that one, or name a new folder for the new key"
            )
        for name in ("objects", "backups"):
            (folder / name).mkdir(exist_ok=True)
        self.written = self.bytes_written = 0

    def close(self) -> None:
        """Let others write."""
        self._lock.close()

    def name_of(self, sha256: bytes) -> str:
        """The name of the object that holds bytes with that hash."""
        return hmac.new(self._name_key, sha256 + self._master, hashlib.sha256).hexdigest()

    def put(self, content: bytes) -> str:
        """Keep bytes, if they are not there yet; their object's name. Raises BackupError."""
        return self.put_as(self.name_of(hashlib.sha256(content).digest()), content)

    def put_as(self, name: str, content: bytes) -> str:
        """The same under a name of `name_of` that no other bytes can have. Raises BackupError."""
        if not self.has(name):
            packed = zlib.compress(content, 6)
            sealed = pyrage.encrypt(packed if self._inner is None else self._inner.seal(packed), [self._seal_to])
            _write(_object(self.folder, name), sealed)
            self.written, self.bytes_written = self.written + 1, self.bytes_written + len(sealed)
        return name

    def has(self, name: str) -> bool:
        """Whether there is such an object. One that a full disk left empty is none."""
        try:
            return _object(self.folder, name).stat().st_size > 0
        except FileNotFoundError:
            return False

    def finish(self, stamp: str, manifest: dict[str, Any], names: Iterable[str]) -> None:
        """Write the manifest; only now there is a backup. Raises BackupError."""
        text = json.dumps(manifest, separators=(",", ":")).encode()  # ASCII: the name of a file may be no text
        listed = zlib.compress("\n".join(sorted(set(names))).encode())
        _write(self.folder / "backups" / f"{stamp}{NAMES}", listed)
        _write(self.folder / "backups" / stamp, pyrage.encrypt(zlib.compress(text), [self._seal_to]))

    def clear(self, keep: int) -> tuple[int, int]:
        """Forget all but the newest `keep` backups; how many were forgotten, and objects that no other needs. Raises BackupError."""
        stamps = stamps_in(self.folder)
        old, kept = stamps[:-keep], stamps[-keep:]
        needed: set[str] = set()
        for stamp in kept:
            needed |= set(_names(self.folder / "backups" / f"{stamp}{NAMES}"))
        try:
            for stamp in old:
                (self.folder / "backups" / stamp).unlink()
                (self.folder / "backups" / f"{stamp}{NAMES}").unlink(missing_ok=True)
            gone = [path for path in self.folder.glob("objects/??/*") if path.name not in needed]
            for path in gone:
                path.unlink()
        except OSError as error:
            raise BackupError(f"{error.filename}: cannot be removed: {error.strerror}") from error
        return len(old), len(gone)


class Reader:
    """Opens what is in a repository. `identity`: the secret key, beginning with AGE-SECRET-KEY-1."""

    def __init__(self, folder: Path, identity: str) -> None:
        if about_of(folder) is None:
            raise UserError(f"{folder} is no backup folder: {ABOUT} is missing")
        self.folder = folder
        self._inner: Inner | None = None
        try:
            self._identity = pyrage.x25519.Identity.from_str(identity.strip())
        except pyrage.IdentityError:
            raise UserError("this is no secret key of a backup; it begins with AGE-SECRET-KEY-1") from None

    def manifest(self, stamp: str) -> Manifest:
        """What a backup holds. Raises BackupError, UserError where the key is another."""
        return read_manifest(stamp, self._open(self.folder / "backups" / stamp))

    def unlock(self, master: MasterKey) -> None:
        """Open objects of a backup that is sealed with this master key from now on."""
        self._inner = Inner(master)

    def get(self, name: str) -> bytes:
        """What an object holds. Raises BackupError."""
        return self._open(_object(self.folder, name), self._inner)

    def _open(self, path: Path, inner: Inner | None = None) -> bytes:
        try:
            sealed = _plain(path)
        except OSError as error:
            raise BackupError(f"{path}: cannot be read: {error.strerror}") from error
        try:
            packed = pyrage.decrypt(sealed, [self._identity])
        except pyrage.DecryptError:
            raise BackupError(f"{path}: this key does not open it, or it was altered") from None
        packed = packed if inner is None else inner.unseal(path, packed)
        unpacker = zlib.decompressobj()
        try:
            content = unpacker.decompress(packed, MOST)
        except zlib.error:
            raise BackupError(f"{path}: damaged") from None
        if not unpacker.eof:
            raise BackupError(f"{path}: damaged")
        return content


class Inner:
    """What lies inside the age file where the installation seals: AES-SIV (RFC 5297), the same bytes for the same content, so that what
    is there already is still known again.
    """

    def __init__(self, master: MasterKey) -> None:
        parts = (hmac.digest(master.secret, f"backup {part}".encode(), "sha256") for part in (1, 2))
        self._cipher = AESSIV(b"".join(parts))

    def seal(self, packed: bytes) -> bytes:
        """Never empty, for what zlib packed is not."""
        return self._cipher.encrypt(packed, None)

    def unseal(self, path: Path, sealed: bytes) -> bytes:
        """Raises BackupError, which names the file."""
        try:
            return self._cipher.decrypt(sealed, None)
        except InvalidTag:
            raise BackupError(f"{path}: the master key does not open it, or it was altered") from None


def about_of(folder: Path) -> About | None:
    """What the folder says of itself; None where it is no repository yet. Raises UserError."""
    try:
        about = About.model_validate_json((folder / ABOUT).read_bytes())
    except FileNotFoundError:
        return None
    except (ValidationError, OSError):
        raise UserError(f"{folder / ABOUT} cannot be read; is this a backup folder of Breakwater?") from None
    if about.format != FORMAT:
        raise UserError(f"{folder} was made by another version of Breakwater (form {about.format})")
    return about


def stamps_in(folder: Path) -> list[str]:
    """The backups in a repository, oldest first."""
    found = (folder / "backups").iterdir() if (folder / "backups").is_dir() else ()
    return sorted(path.name for path in found if _STAMP.fullmatch(path.name))


def next_stamp(folder: Path, now: datetime) -> str:
    """The name of a backup made `now` (aware): after all that are there, though the clock was set back or is as it was.

    For the newest is what comes back, and the oldest are forgotten. Raises BackupError.
    """
    stamp = now.astimezone(UTC).strftime(STAMP)
    newest = next(reversed(stamps_in(folder)), "")
    if stamp > newest:
        return stamp
    try:
        return (datetime.strptime(newest, STAMP).replace(tzinfo=UTC) + timedelta(seconds=1)).strftime(STAMP)
    except (ValueError, OverflowError):
        raise BackupError(f"{folder / 'backups' / newest}: no such moment can be; remove that file") from None


def recipient_of(text: str) -> pyrage.x25519.Recipient:
    """A public key. Raises UserError."""
    try:
        return pyrage.x25519.Recipient.from_str(text.strip())
    except pyrage.RecipientError:
        raise UserError(
            "the public key of backups begins with age1; `breakwater backup key` makes a pair of keys"
        ) from None


def _plain(path: Path) -> bytes:
    """The bytes of a file in a folder that others can write to: no pipe that never ends, nothing that fills the memory."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode) or about.st_size > 2 * MOST:
            raise OSError(errno.EINVAL, "it is no file of a backup", str(path))
        return file.read()


def _object(folder: Path, name: str) -> Path:
    return folder / "objects" / name[:2] / name


def _names(file: Path) -> Iterator[str]:
    try:
        yield from zlib.decompress(file.read_bytes()).decode().split("\n")
    except (OSError, zlib.error, ValueError) as error:
        raise BackupError(f"{file}: cannot be read, so nothing was cleared") from error


def _locked(folder: Path) -> Any:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / ".lock").open("a")
    except OSError as error:
        raise UserError(f"{folder}: cannot be written: {error.strerror}") from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise UserError(f"{folder}: another backup is being made there; wait until it has ended") from None
    return file


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(exist_ok=True)
        durable.replace(path, content, 0o644)
    except OSError as error:
        raise BackupError(f"{path.parent}: cannot be written: {error.strerror}") from error
