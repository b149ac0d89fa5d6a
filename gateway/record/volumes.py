"""The pages in volumes: one file, or as many of at most 350 pages as a court of England and Wales takes (PD 27A, para 5.1).

Page numbers run on through the volumes. Where each message begins and ends is read from the pages themselves, for the load
file and for an index.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from gateway.record.exhibit import exhibit_of
from gateway.record.items import Record, Style
from gateway.record.pages import pages, starts
from gateway.record.transcript import months, transcript

MOST_PAGES = 350
"""A volume of England and Wales."""


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
) -> list[Volume]:
    """All files of pages of a record. `pictures`: small copies by hash. Raises RecordError."""
    values = transcript(record, style, prefix=prefix, thumbs=frozenset(pictures))
    made: list[Volume] = []
    if style is not Style.EW:
        made.append(_volume("transcript.pdf", values, record, pictures, first=1))
    else:
        made += _parts(values, record, pictures)
    if exhibit:
        shown = exhibit_of(record, style, exhibit, prefix=f"{prefix}X")
        made.append(_volume("exhibit.pdf", shown, record, {}, first=1, section="X"))
    return made


def _parts(values: dict[str, Any], record: Record, pictures: Mapping[str, bytes]) -> list[Volume]:
    whole = _volume("transcript.pdf", values, record, pictures, first=1)
    if len(whole.labels) <= MOST_PAGES:
        return [whole]
    count = -(-len(whole.labels) // (MOST_PAGES - 10))
    while True:
        made = _cut(values, record, pictures, count)
        if all(len(v.labels) <= MOST_PAGES for v in made):
            return made
        count += 1


def _cut(values: dict[str, Any], record: Record, pictures: Mapping[str, bytes], count: int) -> list[Volume]:
    """`count` volumes of about as many words each."""
    messages = values["messages"]
    weights = [600 + sum(len(str(line)) for line in m["text"]) * 2 for m in messages]
    share, total, bounds = sum(weights) / count, 0.0, [0]
    for i, weight in enumerate(weights):
        total += weight
        if total >= share * len(bounds) and len(bounds) < count:
            bounds.append(i + 1)
    bounds.append(len(messages))
    made: list[Volume] = []
    first = 1
    for number, (low, high) in enumerate(pairwise(bounds), 1):
        part = messages[low:high]
        numbers = {m["n"] for m in part}
        name, title = f"transcript-{number}.pdf", f"Volume {number} of {len(bounds) - 1}"
        mine = months(replace(record, messages=tuple(m for m in record.messages if m.number in numbers)))
        end = number == len(bounds) - 1
        tables = {k: values[k] if end else [] for k in ("weeks", "hours", "questions", "expenses", "gaps")}
        tables = tables | {k: [q for q in values[k] if q[0] in numbers] for k in ("questions", "expenses")}
        volume = _volume(
            name,
            values | tables | {"messages": part, "volume": title, "months": mine},
            record,
            pictures,
            first=first,
        )
        first += len(volume.labels)
        made.append(volume)
    return made


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
    for number, following in zip(order, [*order[1:], None], strict=True):
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
