"""A WhatsApp chat export, as text or as the zip that the phone makes (see `whatsapp_lines` for the lines).

The whole file is looked at twice: first for the style of its heads, the order of its dates and the names in it, then for
the messages. A line without a head, or with a head of another style or with an impossible date, belongs to the message
above it. An export cannot show whether a line inside a message was typed to look like a head; a head whose time lies
before the one above is marked as odd.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from gateway.intake.archives.found import MESSAGE, SYSTEM, ArchiveError, File, Found, Problem
from gateway.intake.archives.moments import Order, in_zone, order_of
from gateway.intake.archives.whatsapp_lines import Head, head_of, said, type_of

BACKWARD = "its time lies before that of the message above it"
NO_FILE = "its file is not in the archive"
NOT_UTF8 = "some of its bytes are not UTF-8"


@dataclass(frozen=True, slots=True)
class Chat:
    """An export that was looked through. `names`: who wrote, in order of appearance. `files`: the contents of the zip."""

    name: str
    lines: tuple[bytes, ...]
    style: str
    order: Order
    names: tuple[str, ...]
    files: Mapping[str, bytes] = field(default_factory=dict)


def look_through(
    raw: bytes, name: str, *, order: Order | None = None, files: Mapping[str, bytes] | None = None
) -> Chat:
    """Find style, order and names. Raises ArchiveError when it is no export, or its dates can be read in two ways."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise ArchiveError(f"{name}: is in UTF-16; WhatsApp writes UTF-8. Give the file as the phone made it.")
    lines = tuple(raw.split(b"\n" if b"\n" in raw else b"\r"))
    heads = [head for line in lines if (head := head_of(_text(line)))]
    if not heads:
        raise ArchiveError(
            f"{name} line 1: no line begins with a date and a time, so this is no WhatsApp export.\n"
            "In WhatsApp open the chat, choose Export chat, and give that .zip or .txt file."
        )
    style = heads[0].style
    heads = [head for head in heads if head.style == style]
    order = order or order_of((head.day for head in heads), name)
    told = [said(head.rest).name for head in heads if head.day.day(order)]
    return Chat(name, lines, style, order, tuple(dict.fromkeys(n for n in told if n)), files or {})


def messages(chat: Chat, zone: str) -> Iterator[Found | Problem]:
    """Every message in order; `zone` is the phone's IANA zone, since the export names none."""
    done, block, start, head, day = 0, b"", 0, None, None
    before: datetime | None = None
    for number, line in enumerate((*chat.lines, b""), 1):
        last = number > len(chat.lines)
        here = None if last else head_of(_text(line), chat.style)
        here_day = here.day.day(chat.order) if here else None
        if here_day is not None or last:
            if head is not None and day is not None:
                found = _found(chat, block.rstrip(b"\r\n"), head, day, zone, start, done, before)
                before = found.written_at if isinstance(found, Found) else before
                yield found
            elif block.strip(b"\xef\xbb\xbf\r\n \t"):
                yield Problem(1, "the lines before the first date belong to no message; give the whole export", done)
            block, start, head, day = b"", number, here, here_day
        elif here is not None:
            yield Problem(
                number, f"{chat.order} has no such date; the line was kept as part of the message above it", done
            )
        block += line + b"\n"
        done += len(line) + 1


def _found(
    chat: Chat, raw: bytes, head: Head, day: date, zone: str, line: int, done: int, before: datetime | None
) -> Found | Problem:
    hour, minute, second = head.clock
    moment = in_zone(day, hour, minute, max(second, 0), zone, before)
    text = _text(raw)
    whole = head_of(text, chat.style)
    if moment is None or whole is None:
        return Problem(line, "the time is no possible time; correct it or leave the message out", done)
    told = said(whole.rest)
    content = chat.files.get(told.file) if told.file else None
    odd = [BACKWARD] if before is not None and moment < before else []
    odd += [NO_FILE] if told.file and content is None else []
    odd += [NOT_UTF8] if "\ufffd" in text and b"\xef\xbf\xbd" not in raw else []
    local = f"{day.isoformat()}T{hour:02}:{minute:02}:{second:02}"
    words = "\n".join(told.words.splitlines())
    return Found(
        channel="whatsapp",
        raw=raw,
        key=("whatsapp", local, told.file, words),
        written_at=moment,
        sender=(told.name,) if told.name else (),
        others=tuple(n for n in chat.names if n != told.name),
        line=line,
        done=done,
        loose=True,
        kind=SYSTEM if told.system else MESSAGE,
        files=() if content is None else (File(told.file, type_of(told.file), content),),
        odd=tuple(odd),
    )


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace").lstrip("\ufeff").rstrip("\r\n")
