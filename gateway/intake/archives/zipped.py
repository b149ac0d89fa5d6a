"""The zip in which a phone hands over a chat: one text, and the files that were sent in it."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from gateway.intake.archives.found import LONGEST, ArchiveError

MOST_TEXT = 512 * 1024 * 1024


class ZipFiles(Mapping[str, bytes]):
    """The files of a zip by their bare names, read when asked for. A file over `LONGEST` bytes counts as missing."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._entries = {
            PurePosixPath(entry.filename).name: entry
            for entry in archive.infolist()
            if not entry.is_dir() and entry.file_size <= LONGEST
        }

    def __getitem__(self, name: str) -> bytes:
        entry = self._entries[name]
        try:
            with self._archive.open(entry) as file:
                content = file.read(entry.file_size + 1)
        except (zipfile.BadZipFile, RuntimeError, OSError, EOFError):
            raise KeyError(name) from None
        if len(content) > entry.file_size:
            raise KeyError(name)
        return content

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def open_chat(file: Path) -> tuple[bytes, Mapping[str, bytes]]:
    """Text and files of a .zip, or the text of a .txt and no files. Raises ArchiveError."""
    try:
        if not zipfile.is_zipfile(file):
            if file.suffix.lower() == ".zip":
                raise ArchiveError(f"{file.name}: is not a whole .zip file; copy it from the phone again")
            if file.stat().st_size > MOST_TEXT:
                raise ArchiveError(f"{file.name}: is larger than any chat; is it the right file?")
            return file.read_bytes(), {}
        archive = zipfile.ZipFile(file)
    except zipfile.BadZipFile:
        raise ArchiveError(f"{file.name}: is not a whole .zip file; copy it from the phone again") from None
    except OSError as error:
        raise ArchiveError(f"{file}: cannot be opened: {error.strerror}") from None
    files = ZipFiles(archive)
    chosen = _chat_of([name for name in files if name.lower().endswith(".txt")])
    if chosen is None:
        raise ArchiveError(
            f"{file.name}: holds no chat (_chat.txt); export the chat again, or unpack it and give the .txt"
        )
    if chosen not in files or (raw := files.get(chosen)) is None:
        raise ArchiveError(f"{file.name}: its chat cannot be unpacked (is it locked?); unpack it and give the .txt")
    return raw, files


def _chat_of(names: list[str]) -> str | None:
    """iPhones call it ``_chat.txt``; Android names it after the chat, and a document sent in the chat may be a .txt too."""
    if "_chat.txt" in names:
        return "_chat.txt"
    named = [name for name in names if "whatsapp" in name.lower()] or names
    return named[0] if len(named) == 1 else None
