"""iMessage and SMS threads of an iPhone or a Mac as CSV.

There is no one form: iMazing, PhoneView and scripts around chat.db write different columns. Columns are found by their
names (`COLUMNS`); needed are a time, the words, and either a direction or a sender. A row is kept as its own bytes under
the bytes of the heading, so that it can be read again alone.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Final

from gateway.intake.archives.found import MESSAGE, SYSTEM, ArchiveError, Found, Problem
from gateway.intake.archives.moments import Numbers, Order, hour_of, in_zone, order_of

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "time": ("message date", "date", "timestamp", "time", "datetime", "date/time", "sent at", "message_date"),
    "text": ("text", "content", "message", "body", "message text"),
    "direction": ("direction", "is_from_me", "isfromme", "from me", "is from me", "type"),
    "id": ("sender id", "number", "handle", "sender_id", "phone", "address", "handle_id"),
    "name": ("sender name", "name", "sender", "from", "contact"),
    "chat": ("chat session", "chat", "chatidentifier", "chat_identifier", "conversation"),
    "subject": ("subject",),
    "file": ("attachment", "attachments", "filename"),
}
OUT: Final = frozenset({"outgoing", "sent", "1", "true", "yes", "from me", "out"})
IN: Final = frozenset({"incoming", "received", "0", "false", "no", "to me", "in"})
PROGRAM: Final = frozenset({"notification", "system", "announcement"})
_NUMERIC: Final = re.compile(
    r"^\s*(\d{1,4})([/.\-])(\d{1,2})\2(\d{1,4}),?[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([APap])?\.?\s?[Mm]?\.?\s*$"
)
_WORDED: Final = ("%b %d, %Y %I:%M:%S %p", "%b %d, %Y %I:%M %p", "%B %d, %Y %I:%M:%S %p", "%d %b %Y %H:%M:%S")
_MOST: Final = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its bytes, its cells by our names, and where it begins."""

    raw: bytes
    cells: Mapping[str, str]
    line: int
    done: int


@dataclass(frozen=True, slots=True)
class Table:
    """A heading that was understood."""

    heading: bytes
    columns: Mapping[str, int]
    width: int
    dialect: str


def open_table(stream: IO[bytes], name: str) -> Table:
    """Read the heading. Raises ArchiveError that says which columns are missing."""
    heading = stream.readline(_MOST)
    if heading[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise ArchiveError(f"{name}: is in UTF-16; save it as CSV UTF-8")
    return table_of(heading, name)


def table_of(heading: bytes, name: str) -> Table:
    """Understand a heading."""
    text = words_of(heading)
    delimiter = max(",;\t", key=text.count)
    # A lone carriage return ends a line for old programs; the csv module takes it for a mistake.
    cells = next(csv.reader(text.replace("\r", "\n").splitlines(), delimiter=delimiter), [])
    seen = [cell.strip().lower() for cell in cells]
    columns = {
        ours: seen.index(n) for ours, known in COLUMNS.items() if (n := next((k for k in known if k in seen), ""))
    }
    missing = [word for word in ("time", "text") if word not in columns]
    if not {"direction", "id", "name"} & set(columns):
        missing.append("direction or sender")
    if missing:
        raise ArchiveError(
            f"{name} line 1: no column for {' and '.join(missing)} in the heading ({_shown(cells)}).\n"
            f"Export the thread as CSV with its heading; known names are: {', '.join(COLUMNS[missing[0].split()[0]])}."
        )
    return Table(heading, columns, len(cells), delimiter)


def _shown(cells: list[str]) -> str:
    """The cells as far as they look like a heading: a file without one would show words of a message here."""
    short = [" ".join(cell.split()) for cell in cells]
    return ", ".join(cell if len(cell) <= 20 else "…" for cell in short[:20]) or "it is empty"


def records(table: Table, stream: Iterable[bytes]) -> Iterator[Record | Problem]:
    """Every record, one in memory at a time; `stream` stands behind the heading."""
    csv.field_size_limit(_MOST)
    taken: list[bytes] = []

    def lines() -> Iterator[str]:
        for raw in stream:
            taken.append(raw)
            yield words_of(raw)

    reader = csv.reader(lines(), delimiter=table.dialect, strict=False)
    line, done = 2, len(table.heading)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Problem(line, "this row cannot be read as CSV; export the thread again", done)
            row = []
        raw, start = b"".join(taken), line
        line, done = line + len(taken), done + len(raw)
        taken.clear()
        if not row:
            continue
        if len(row) != table.width:
            yield Problem(
                start, f"this row has {len(row)} cells, the heading {table.width}; export the thread again", done
            )
            continue
        yield Record(raw, {ours: row[at] for ours, at in table.columns.items()}, start, done)


def members_in(found: Iterable[Record | Problem]) -> Mapping[str, tuple[str, ...]]:
    """Who wrote in each chat: a row that the owner of the phone sent names the chat only."""
    out: dict[str, dict[str, None]] = {}
    for record in found:
        if isinstance(record, Record):
            out.setdefault(record.cells.get("chat", "").strip(), {}).update(dict.fromkeys(_who(record.cells)))
    return {chat: tuple(names) for chat, names in out.items()}


def _who(cells: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(v for n in ("id", "name") if (v := cells.get(n, "").strip())))


def messages(
    table: Table,
    found: Iterable[Record | Problem],
    order: Order | None,
    zone: str,
    members: Mapping[str, tuple[str, ...]],
) -> Iterator[Found | Problem]:
    """Every record as a message. `zone`: of times without an offset. `order`, `members`: `order_in`, `members_in`."""
    for record in found:
        if isinstance(record, Problem):
            yield record
            continue
        cells = record.cells
        moment = moment_of(cells["time"], order, zone)
        said = cells.get("direction", "").strip().lower()
        who = _who(cells)
        mine = True if said in OUT else False if said in IN else True if who[:1] == ("Me",) else None
        if moment is None:
            yield Problem(
                record.line, "the time in this row cannot be read; write it like 2026-11-24 19:40:05", record.done
            )
            continue
        chat = cells.get("chat", "").strip()
        yield Found(
            channel="imessage",
            raw=table.heading.rstrip(b"\r\n") + b"\n" + record.raw.rstrip(b"\r\n"),
            key=("imessage", str(mine), moment.isoformat(), *who[:1], chat, cells.get("file", ""), cells["text"]),
            written_at=moment,
            sender=() if mine else who,
            others=tuple(n for n in dict.fromkeys((chat, *members.get(chat, ()))) if n and (mine or n not in who)),
            line=record.line,
            done=record.done,
            loose=True,
            mine=mine,
            kind=SYSTEM if said in PROGRAM else MESSAGE,
            odd=("its file is not in the archive",) if cells.get("file", "").strip() else (),
        )


def order_in(found: Iterable[Record | Problem], name: str) -> Order | None:
    """The order of dates in numbers over the whole file; None when there are none. Raises ArchiveError."""
    dates = (
        Numbers(m[1], m[3], m[4], m[2])
        for record in found
        if isinstance(record, Record) and (m := _NUMERIC.match(record.cells["time"])) and len(m[1]) != 4
    )
    first = next(dates, None)
    return None if first is None else order_of((first, *dates), name)


def moment_of(written: str, order: Order | None, zone: str) -> datetime | None:
    """The time of a row as UTC; None when it cannot be read."""
    text = " ".join(written.replace("\u202f", " ").split())
    if match := _NUMERIC.match(text):
        day = Numbers(match[1], match[3], match[4], match[2]).day(order or Order.YEAR)
        hour = hour_of(match[5], (match[8] or "").lower())
        if day is None or hour is None:
            return None
        return in_zone(day, hour, int(match[6]), int(match[7] or 0), zone)
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except ValueError:
        pass
    for form in _WORDED:
        try:
            local = datetime.strptime(text, form)  # noqa: DTZ007 (the zone is added below)
        except ValueError:
            continue
        return in_zone(local.date(), local.hour, local.minute, local.second, zone)
    return None


def cells_of(raw: bytes) -> Mapping[str, str]:
    """The cells of a kept row, which stands under its heading."""
    heading, _, row = raw.partition(b"\n")
    table = table_of(heading, "the row")
    record = next(iter(records(table, io.BytesIO(row))), None)
    return record.cells if isinstance(record, Record) else {"text": words_of(row)}


def words_of(raw: bytes) -> str:
    """UTF-8; where it is not, Windows-1252, which spreadsheets write."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")
