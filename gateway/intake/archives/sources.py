"""Open an archive of a known format: which files, how large, who is in it, and the messages one by one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from gateway.intake.archives import imessage, mail, sms_backup, whatsapp
from gateway.intake.archives.found import ArchiveError, Found, Problem
from gateway.intake.archives.moments import Order
from gateway.intake.archives.people import Cast, check_names
from gateway.intake.archives.zipped import open_chat

Items = Iterator[Found | Problem]


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive that can be read. `sha256` of its bytes (of the list of hashes, for a folder); `size` in bytes."""

    format: str
    name: str
    sha256: str
    size: int
    items: Callable[[], Items]


def open_archive(format_: str, path: Path, cast: Cast, *, zone: str, order: Order | None, today: date) -> Archive:
    """Look at the archive and make it ready. Raises ArchiveError with what is wrong and what to do."""
    try:
        if format_ in ("mbox", "eml"):
            return _mail(format_, path)
        if not path.is_file():
            raise ArchiveError(f"{path}: there is no such file")
        if format_ == "whatsapp":
            return _whatsapp(path, cast, zone, order, today)
        if format_ == "imessage":
            return _imessage(path, zone, order)
        return _archive(format_, path, lambda: _sms_backup(path))
    except OSError as error:
        raise ArchiveError(f"{path}: cannot be opened: {error.strerror}") from None


def _mail(format_: str, path: Path) -> Archive:
    files = mail.folder(path)
    hashes = [_sha256(file) for file in files]
    whole = hashes[0] if path.is_file() else hashlib.sha256("\n".join(hashes).encode("ascii")).hexdigest()

    def items() -> Items:
        before = 0
        for file in files:
            name = file.name if path.is_file() else str(file.relative_to(path))
            for item in _one_mail_file(file, name, single=path.is_file()):
                done = replace(item, done=before + item.done)
                yield replace(done, file=name) if isinstance(done, Problem) else done
            before += file.stat().st_size

    return Archive(format_, path.name, whole, sum(f.stat().st_size for f in files), items)


def _one_mail_file(file: Path, name: str, *, single: bool) -> Items:
    try:
        if file.suffix.lower() in (".eml", ".emlx"):
            raw = file.read_bytes()
            yield mail.eml(raw, len(raw), apple=file.suffix.lower() == ".emlx")
            return
        with file.open("rb") as stream:
            yield from mail.mbox(stream, name)
    except ArchiveError as error:
        if single:
            raise
        yield Problem(1, str(error).partition(": ")[2].replace("\n", " "))
    except OSError as error:
        yield Problem(1, f"cannot be opened: {error.strerror}")


def _whatsapp(path: Path, cast: Cast, zone: str, order: Order | None, today: date) -> Archive:
    raw, files = open_chat(path)
    chat = whatsapp.look_through(raw, path.name, order=order, files=files)
    check_names(cast, chat.names, path.name, today)
    return replace(_archive("whatsapp", path, lambda: whatsapp.messages(chat, zone)), size=len(raw))


def _imessage(path: Path, zone: str, order: Order | None) -> Archive:
    def rows() -> Iterator[imessage.Record | Problem]:
        with path.open("rb") as stream:
            yield from imessage.records(imessage.open_table(stream, path.name), stream)

    with path.open("rb") as stream:
        table = imessage.open_table(stream, path.name)
    chosen, members = order or imessage.order_in(rows(), path.name), imessage.members_in(rows())
    return _archive("imessage", path, lambda: imessage.messages(table, rows(), chosen, zone, members))


def _sms_backup(path: Path) -> Items:
    with path.open("rb") as stream:
        yield from sms_backup.messages(stream, path.name)


def _archive(format_: str, path: Path, items: Callable[[], Items]) -> Archive:
    return Archive(format_, path.name, _sha256(path), path.stat().st_size, items)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
