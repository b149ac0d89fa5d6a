"""The pages in volumes: one file, or as many of at most 350 pages as a court of England and Wales takes (PD 27A, para 5.1).

Page numbers run on through the volumes. Where each message begins and ends is read from the pages themselves, for the load
file and for an index.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from gateway.record.exhibit import exhibit_of
from gateway.record.items import Record, Style
from gateway.record.journal import PDF, journal_of
from gateway.record.pages import pages, starts
from gateway.record.speech import court
from gateway.record.transcript import months, transcript

MOST_PAGES = 350
"""A volume of England and Wales; others are cut there too, for the sake of memory and of whoever opens them."""
PLANNED, LINES, WIDTH = 240, 62, 100
"""Pages that a volume is planned to have, by estimate: an estimate may be short, and typesetting takes two megabytes a page.
Lines of a page and characters of a line, roughly."""
BESIDE = ("exhibit.pdf", PDF)
"""Files of pages that are no volumes of the transcript."""
Finish = Callable[[bytes], bytes]
"""What is done with the pages of a volume once they are set."""


@dataclass(frozen=True, slots=True)
class Volume:
    """One file of pages. `data`: the values that it was made from; `labels`: page numbers as printed; `places`: by message."""

    name: str
    pdf: bytes
    data: str
    labels: tuple[str, ...]
    places: Mapping[int, tuple[str, str]]


def volumes(
    record: Record,
    style: Style,
    pictures: Mapping[str, bytes],
    *,
    prefix: str = "BW",
    exhibit: tuple[str, ...] = (),
    finish: Finish = bytes,
) -> list[Volume]:
    """All files of pages of a record. `pictures`: small copies by hash. `finish`: signs the pages of one volume, say, in a
    thread of its own while the next is set; nothing by default. Raises RecordError, and what `finish` raises.
    """
    values = transcript(record, style, prefix=prefix, thumbs=frozenset(pictures))
    with ThreadPoolExecutor(1) as aside:
        made = _cut(values, record, pictures, lambda pdf: aside.submit(finish, pdf))
        if exhibit:
            shown = exhibit_of(record, style, exhibit, prefix=f"{prefix}X")
            last = _volume("exhibit.pdf", shown, record, {}, first=1, section="X")
            made.append((last, aside.submit(finish, last.pdf)))
        if record.notes:
            own = _volume(PDF, journal_of(record, style, prefix=f"{prefix}J"), record, {}, first=1, section="J")
            made.append((own, aside.submit(finish, own.pdf)))
        return [replace(volume, pdf=finished.result()) for volume, finished in made]


def _cut(
    values: dict[str, Any], record: Record, pictures: Mapping[str, bytes], finish: Callable[[bytes], Future[bytes]]
) -> list[tuple[Volume, Future[bytes]]]:
    """The fewest volumes of at most `MOST_PAGES`: counted on estimates, set, and counted anew where one came out longer."""
    count = -(-round(sum(map(_height, values["messages"]))) // PLANNED) or 1
    while True:
        bounds = _bounds(values["messages"], count)
        made: list[tuple[Volume, Future[bytes]]] = []
        for number, (low, high) in enumerate(pairwise(bounds), 1):
            part = _part(values, record, low, high, number, len(bounds) - 1)
            name = "transcript.pdf" if count == 1 else f"transcript-{number}.pdf"
            first = 1 + sum(len(v.labels) for v, _ in made)
            volume = _volume(name, part, record, pictures, first=first)
            if len(volume.labels) > MOST_PAGES and high - low > 1:
                break
            made.append((volume, finish(volume.pdf)))
        else:
            return made
        count += 1


def _part(values: dict[str, Any], record: Record, low: int, high: int, number: int, count: int) -> dict[str, Any]:
    """The values of one volume: its messages, its contents, its share of the tables; the pictures stand in the last."""
    if count == 1:
        return values
    part = values["messages"][low:high]
    numbers = {m["n"] for m in part}
    mine = months(replace(record, messages=tuple(m for m in record.messages if m.number in numbers)))
    last = {name: values[name] if number == count else [] for name in ("weeks", "hours", "waits", "gaps")}
    tables = {name: [row for row in values[name] if row[0] in numbers] for name in ("questions", "expenses", "late")}
    title = court(record.language).say(
        "Volume {number} of {count}: No {first} to {last}", number=number, count=count, first=part[0]["n"], last=part[-1]["n"]
    )  # fmt: skip
    return values | last | tables | {"messages": part, "volume": title, "months": mine}


def _bounds(messages: Sequence[Mapping[str, Any]], count: int) -> list[int]:
    """Where `count` volumes of about one height begin and end."""
    heights = [_height(m) for m in messages]
    share, total, bounds = sum(heights) / count, 0.0, [0]
    for i, height in enumerate(heights):
        if total >= share * len(bounds) and i > bounds[-1] and len(bounds) < count:
            bounds.append(i)
        total += height
    return [*bounds, len(messages)]


def _height(m: Mapping[str, Any]) -> float:
    """About how many pages a message takes."""
    own = _lines(m["text"])
    shown = sum(_lines(d) for d in m["delivered"]) if not m["all-delivered"] else 1
    kept = sum(1 + (_lines(w[2]) if w[2] else 0) for w in m["withheld"])
    return (6 + own + shown + kept + 9 * sum(f[2] is not None for f in m["files"]) + len(m["files"])) / LINES


def _lines(lines: Sequence[Any]) -> int:
    return sum(
        1 + len(line if isinstance(line, str) else "".join(run[1] for run in line["runs"])) // WIDTH for line in lines
    )


def _volume(
    name: str,
    values: dict[str, Any],
    record: Record,
    pictures: Mapping[str, bytes],
    *,
    first: int,
    section: str = "A",
) -> Volume:
    values = values | {
        "first": first,
        "section": section,
        "made_at": record.made_at.isoformat(),
        "fingerprint": record.fingerprint,
    }
    pdf = pages(values, record.made_at, fingerprint=record.fingerprint, pictures=pictures)
    found, count = starts(pdf)
    labels = tuple(label(values, n) for n in range(1, count + 1))
    order = [m["n"] for m in values["messages"]]
    places: dict[int, tuple[str, str]] = {}
    for number, following in pairwise([*order, None]):
        begin = found.get(number, 1)
        end = max(begin, found.get(following, count) if following else count)
        places[number] = (labels[begin - 1], labels[end - 1])
    return Volume(name, pdf, json.dumps(values, ensure_ascii=False, sort_keys=True), labels, places)


def label(values: Mapping[str, Any], page: int) -> str:
    """A page's number as it is printed."""
    number = page + int(values["first"]) - 1
    if values["style"] == Style.US:
        return f"{values['prefix']}{number:06d}"
    return f"{values['section']}{number}" if values["style"] == Style.EW else str(number)
