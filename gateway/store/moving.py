"""An installation's blobs out of its folder into its bucket, or back: each is read back before it counts, none is deleted before that.

What was moved before is found there, compared and left alone, so a run that broke off is simply run again. While the gateway still uses the
source, a run copies ahead; the run after the settings were changed, with no gateway running, is the last one, and notes in the folder (`NOTE`)
which bucket holds everything now. `serve` starts on neither place while bytes may lie in the other one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from gateway import durable
from gateway.errors import SettingsError, StoreError, UserError
from gateway.lifetime import lock
from gateway.many.presence import processes
from gateway.store.blobs import SEALED, Blobs, digest
from gateway.store.place import BucketPlace
from gateway.store.unit_of_work import Store
from gateway.voices.handover import gone_for_good

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.settings import Settings

FOLDER, S3 = "folder", "s3"
NOTE = "moved-to-a-bucket"
THREADS = 8
AT_ONCE = 64


@dataclass(slots=True)
class Moved:
    """What a run did. `damaged`: names of blobs that are not what they were; they are copied as they are, and never deleted. `last`:
    whether the settings name the target, so that nothing else can come to the source.
    """

    last: bool
    copied: int = 0
    there: int = 0
    removed: int = 0
    forgotten: int = 0
    damaged: list[str] = field(default_factory=list)


def move(settings: Settings, to: str, *, remove: bool = False, step: Callable[[], None] = lambda: None) -> Moved:
    """Copy every blob to the folder or the bucket, whichever `to` says, and with `remove` delete each in the source once its copy was read.

    `step` is called after each. Raises UserError for what the person can mend, StoreError where a place refuses; what was done stays done.
    """
    done = Moved(last=settings.blobs.store == to)
    if remove and not done.last:
        raise UserError(f'the gateway still uses the other place: first set [blobs] store = "{to}", then delete there')
    bucket, store = settings.bucket, Store(settings.database_url, settings.master)
    with contextlib.closing(store), contextlib.ExitStack() as stack:
        store.migrate()
        stack.enter_context(_beside_no_serve(settings, store, bucket, done))
        folder_side, bucket_side = Blobs(settings.blob_folder, store), Blobs(bucket, store)
        source, target = (folder_side, bucket_side) if to == S3 else (bucket_side, folder_side)
        with contextlib.closing(folder_side), contextlib.closing(bucket_side):
            try:
                _copy_all(source, target, done, remove, step)
                _forget(store, source, target, done)
                if done.last:
                    _note(settings.blob_folder, bucket if to == S3 else None)
            except OSError as error:
                raise StoreError(
                    f"broken off: {error.strerror or error}. Run it again: it goes on where it was"
                ) from error
    return done


def refuse_to_start(settings: Settings) -> None:
    """Raises SettingsError where bytes of this installation may lie in the place that the settings do not name."""
    folder, said = settings.blob_folder, _noted(settings.blob_folder)
    if settings.blobs.store == FOLDER:
        if said:
            raise SettingsError(
                f'blobs › store: what is kept lies in the {said}; set it to "s3" again, or bring all back first: breakwater blobs move folder'
            )
        return
    if said and said != _said(settings.bucket):
        raise SettingsError(
            f"blobs: what is kept lies in the {said}, and the settings name the {_said(settings.bucket)}; correct them"
        )
    if not said and any(True for _ in folder.glob("??/[0-9a-f]*")):
        raise SettingsError(
            f"blobs › store: {folder} still holds messages; bring them into the bucket first: breakwater blobs move s3"
        )


@contextlib.contextmanager
def _beside_no_serve(settings: Settings, store: Store, bucket: BucketPlace, done: Moved) -> Iterator[None]:
    """In the last run no gateway may still put bytes into the source, with settings of before. Raises UserError."""
    if not done.last or _noted(settings.blob_folder) == _said(bucket):
        yield
        return
    held = lock(settings)  # on SQLite; elsewhere the processes are in the database
    with store.read() as session:
        running = [process for process in processes(session) if process.well] if held is None else []
    if running:
        raise UserError(
            f"process {running[0].pid} on {running[0].host} runs, perhaps with the settings of before; stop every `breakwater serve` first"
        )
    try:
        yield
    finally:
        if held is not None:
            held.close()


def _copy_all(source: Blobs, target: Blobs, done: Moved, remove: bool, step: Callable[[], None]) -> None:
    names = iter(source.folder.names())
    with ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="move") as pool:
        while some := list(islice(names, AT_ONCE)):
            for name, what, whole in pool.map(lambda name: _copy(source, target, name, remove=remove), some):
                done.copied, done.there = done.copied + (what == "copied"), done.there + (what == "there")
                done.removed += remove and whole and what != "gone"
                if not whole:
                    done.damaged.append(name)
                step()


def _copy(source: Blobs, target: Blobs, name: str, *, remove: bool) -> tuple[str, str, bool]:
    """Name, what was done, and whether its bytes are what they were. Raises OSError, StoreError."""
    try:
        content = source.folder.get(name)
    except FileNotFoundError:  # a child's, handed over in this moment
        return name, "gone", True
    whole, what = _whole(source, name, content), "there"
    if not _lies_there(target, name, content, whole=whole):
        target.folder.put_all([(name, content)])
        if not _lies_there(target, name, content, whole=whole):
            raise StoreError(f"blob {name} did not come back as it was given; nothing of it was deleted")
        what = "copied"
    if remove and whole:
        source.folder.remove(name)
    return name, what, whole


def _lies_there(target: Blobs, name: str, content: bytes, *, whole: bool) -> bool:
    """The same bytes, or other whole ones of that name: two sealings of the same differ."""
    try:
        found = target.folder.get(name)
    except FileNotFoundError:
        return False
    return found == content or (whole and _whole(target, name, found))


def _whole(blobs: Blobs, name: str, content: bytes) -> bool:
    return blobs.opens(name, content) if name.endswith(SEALED) else digest(content) == name


def _forget(store: Store, source: Blobs, target: Blobs, done: Moved) -> None:
    """What a child wrote and was removed since an earlier run copied it must not stay in the target."""
    with store.write() as session:
        gone = gone_for_good(session)
        names = {name for family, sha256 in gone for name in (sha256, f"{source.name(family, sha256)}{SEALED}")}
        for name in _among(target.folder.names(), names):
            if not source.folder.has(name):
                target.folder.remove(name)
                done.forgotten += 1


def _among(found: Iterator[str], names: set[str]) -> list[str]:
    return [name for name in found if name in names] if names else []


def _said(bucket: BucketPlace) -> str:
    return f"{bucket.said()}, prefix {bucket.prefix or 'none'}"


def _noted(folder: Path) -> str:
    try:
        return (folder / NOTE).read_text("utf8").strip()
    except FileNotFoundError:
        return ""


def _note(folder: Path, bucket: BucketPlace | None) -> None:
    if bucket is None:
        (folder / NOTE).unlink(missing_ok=True)
    else:
        durable.replace(folder / NOTE, f"{_said(bucket)}\n".encode())
