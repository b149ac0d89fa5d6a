"""Bytes of messages and files, by family and SHA-256, in a folder or in a bucket (`place`).

Where the installation seals (`gateway.sealing`), a blob lies there sealed with its family's key, under a name that is a
keyed hash of family and SHA-256, with the ending ``.sealed``. Otherwise, and where an older version left it, it lies there plain
under its SHA-256, once for all families. Whoever asks cannot tell: what comes back is compared with its hash.

A blob is durable *before* the row that names it is committed. So a row never points at nothing; at worst a blob lies
there that no row names, which is harmless. The bytes of small messages may lie in the database for a while before they get
their file (`fresh`).
Blobs are never changed. None is deleted, but for one case: what a child wrote, once it was handed over (`voices.handover`).
That happens inside the database's write lock, in which `make_sure` also puts back what a new row needs and was just deleted.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from gateway.errors import BlobError, SealError, StoreError
from gateway.sealing.box import seal, unseal
from gateway.sealing.keyring import INSTALLATION
from gateway.store import fresh
from gateway.store.place import AwayError, BucketPlace, open_place
from gateway.store.writable import PUBLIC, refusal

if TYPE_CHECKING:
    from gateway.store.unit_of_work import Store

log = logging.getLogger(__name__)
KIND = "blob"
SEALED = ".sealed"


def digest(content: bytes) -> str:
    """SHA-256 in lower-case hexadecimal."""
    return hashlib.sha256(content).hexdigest()


class Blobs:
    """The blobs of an installation. Safe for many threads and many processes."""

    def __init__(self, where: Path | BucketPlace, store: Store | None = None) -> None:
        """`where`: the folder or the bucket. `store`: where the bytes of small messages may still be, and the keys; without it only plain
        files are looked at.
        """
        self.folder, self._where, self._store = open_place(where), where, store
        self._keys = None if store is None else store.keys

    def put(self, family: str, content: bytes) -> str:
        """Keep one blob durably and return its hash. Raises StoreError when the disk refuses."""
        return self.put_all(family, [content])[0]

    def put_all(self, family: str, contents: Sequence[bytes]) -> list[str]:
        """Keep many blobs of one family durably. Raises StoreError when the disk refuses; then none may be relied on."""
        return self.put_each([(family, content) for content in contents])

    def put_each(self, blobs: Sequence[tuple[str, bytes]]) -> list[str]:
        """The same for blobs with their families."""
        hashes = [digest(content) for _, content in blobs]
        named = (self.ready(family, sha256, raw) for (family, raw), sha256 in zip(blobs, hashes, strict=True))
        self._put([(self._file(name), box) for name, box in named])
        return hashes

    def ready(self, family: str, sha256: str, content: bytes) -> tuple[str, bytes]:
        """Name and bytes of a blob as it will lie in its file. Raises StoreError."""
        if self._keys is None:
            return sha256, content
        name = self._keys.name(family, sha256)
        return name, seal(self._keys.newest(family), KIND, name, content)

    def begin(self) -> None:
        """See that a bucket takes bytes and gives them back, before anything counts on it. Raises StoreError.

        One that strangers can read is told and no reason to stand still: mail would be lost, and what lies there is sealed.
        """
        refused = refusal(self._where) if isinstance(self._where, BucketPlace) else ""
        if refused == PUBLIC:
            log.error("blobs: %s", PUBLIC)
        elif refused:
            raise StoreError(f"blobs: {refused}. Nothing was started; `breakwater doctor` looks at it again")

    def knock(self) -> None:
        """See that the bucket answers, before somebody waits for it with a lock in the hand. Raises StoreError."""
        try:
            if self.folder.far:
                self.folder.has(digest(b""))
        except OSError as error:
            raise _refused(error) from error

    def settle(self, rows: Sequence[tuple[str, bytes]]) -> list[str]:
        """Give blobs that are `ready` their files; the names of those that have them. Raises StoreError.

        Bytes that are not what they were get none: they stay where they are, so that a reader is told.
        """
        whole = []
        for name, content in rows:
            plain = digest(content) == name
            if plain or self._opens(name, content):
                whole.append((name, name if plain else f"{name}{SEALED}", content))
        self._put([(file, content) for _, file, content in whole])
        return [name for name, _, _ in whole]

    def get(self, family: str, sha256: str) -> bytes:
        """The bytes with that hash, checked. Raises BlobError when they are gone or altered, StoreError when the database or the bucket is
        away.
        """
        try:
            content = self._read(family, sha256)
        except AwayError as error:  # they may be there all the same: no matter of these bytes, but of the moment
            raise StoreError(f"blob {sha256} cannot be read now: {error.strerror}") from error
        except OSError as error:
            raise BlobError(f"blob {sha256} cannot be read: {error.strerror}") from error
        except SealError as error:
            if isinstance(error.__cause__, DBAPIError):  # its key could not be asked for
                raise
            raise BlobError(f"blob {sha256} is not what it was: {error}") from error
        if digest(content) != sha256:
            raise BlobError(f"blob {sha256} is not what it was: its bytes have another hash")
        return content

    def make_sure(self, family: str, contents: Iterable[tuple[str, bytes]]) -> None:
        """Put back what is gone of hashes with their bytes. Call inside the unit of work that names them, after its inserts.

        Raises StoreError.
        """
        try:
            gone = [content for sha256, content in contents if not self._has(family, sha256)]
        except OSError as error:
            raise _refused(error) from error
        if gone:
            self.put_all(family, gone)

    def remove(self, session: Session, family: str, sha256: str) -> None:
        """Delete a blob for good, inside a unit of work; one that is gone already is fine.

        Raises StoreError when the disk refuses.
        """
        names = {sha256, self.name(family, sha256), self.name(INSTALLATION, sha256)}
        try:
            for name in names:
                fresh.remove(session, name)
                self.folder.remove(name if name == sha256 else f"{name}{SEALED}")
        except OSError as error:
            raise StoreError(f"a blob cannot be removed: {error.strerror}") from error

    def plain(self) -> Iterator[str]:
        """Hashes of the blobs that lie there unsealed. Raises StoreError."""
        try:
            yield from self.folder.names("")
        except OSError as error:
            raise _refused(error) from error

    def reseal(self, sha256: str, families: Iterable[str]) -> bool:
        """Seal a plain blob for each of these families, then remove the plain file; False where its bytes are not what they were.

        At every moment a reader finds it, and a crash leaves at worst both. Raises StoreError.
        """
        try:
            content = self.folder.get(sha256)
            if digest(content) != sha256:
                return False
            self.put_each([(family, content) for family in families])
            self.folder.remove(sha256)
        except FileNotFoundError:  # handed over meanwhile
            return True
        except OSError as error:
            raise _refused(error) from error
        return True

    def opens(self, name: str, box: bytes) -> bool:
        """Whether sealed bytes are whole, and those that belong under their name. Raises StoreError where that cannot be told."""
        return self._opens(name.removesuffix(SEALED), box)

    def close(self) -> None:
        """Close the folders, let the threads go."""
        self.folder.close()

    def _put(self, named: Sequence[tuple[str, bytes]]) -> None:
        try:
            self.folder.put_all(named)
        except OSError as error:
            raise _refused(error) from error

    def name(self, family: str, sha256: str) -> str:
        """How a family's blob is named here: by its SHA-256 where nothing is sealed. Raises StoreError."""
        return sha256 if self._keys is None else self._keys.name(family, sha256)

    def _file(self, name: str) -> str:
        return name if self._keys is None else f"{name}{SEALED}"

    def _has(self, family: str, sha256: str) -> bool:
        return self.folder.has(self._file(self.name(family, sha256))) or self.folder.has(sha256)

    def _read(self, family: str, sha256: str) -> bytes:
        """Wherever it lies at the moment, looking twice where it may have moved to. Raises OSError, SealError."""
        if self._keys is None:
            places = [(family, sha256)]
        else:  # sealed first, for a plain one is removed once it is sealed; last what no family named at that time (`sealing.quiet`)
            places = [(family, self.name(family, sha256)), (family, sha256)]
            places.append((INSTALLATION, self.name(INSTALLATION, sha256)))
        near = (self._filed, self._fresh, self._filed)
        for look in (self._fresh, self._filed, self._filed) if self.folder.far else near:
            for owner, name in places:
                content = look(name, sealed=name != sha256)
                if content is not None:
                    return content if name == sha256 else self._open(owner, name, content)
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))

    def _filed(self, name: str, *, sealed: bool) -> bytes | None:
        try:
            return self.folder.get(f"{name}{SEALED}" if sealed else name)
        except FileNotFoundError:
            return None

    def _fresh(self, name: str, *, sealed: bool) -> bytes | None:
        return None if self._store is None else fresh.get(self._store, name)

    def _open(self, family: str, name: str, box: bytes) -> bytes:
        if self._keys is None:
            raise SealError("the settings have no [sealing]")
        key = self._keys.of(box)
        if key.family != family:
            raise SealError("it is sealed for another family")
        return unseal(key, KIND, name, box)

    def _opens(self, name: str, box: bytes) -> bool:
        if self._keys is None:
            return False
        try:
            key = self._keys.of(box)
            return self._keys.name(key.family, digest(unseal(key, KIND, name, box))) == name
        except SealError:
            return False


def _refused(error: OSError) -> StoreError:
    where = "" if isinstance(error, AwayError) else "the blob folder refused: "
    return StoreError(f"{where}{error.strerror}")
