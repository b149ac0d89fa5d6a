"""Tables for other programs: an index that a spreadsheet opens, and a load file for document review (Concordance).

The load file has one line a message, fields between þ and separated by the control character 20, as review programs take
it; `load.opt` names the page images, which here are the pages of the PDF. A field that could be taken for a formula by a
spreadsheet is led by an apostrophe (OWASP, CSV injection).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from gateway.clock import local
from gateway.record.items import Message, Record

QUOTE, SEPARATOR, NEWLINE = "\u00fe", "\u0014", "\u00ae"
COLUMNS = (
    "number", "message", "entry", "entry_hash", "at_utc", "at_local", "written_at_utc", "channel", "direction", "from_name",
    "from_address", "to", "subject", "lane", "outcome", "provenance", "sender_proof", "native", "native_sha256", "native_bytes",
    "files", "words", "mode",
)  # fmt: skip


def index_csv(record: Record) -> str:
    """One line a message, with a head, in UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for m in record.messages:
        writer.writerow([harmless(value) for value in _row(m, record.zone)])
    return out.getvalue()


def load_dat(record: Record, places: Mapping[int, tuple[str, str]]) -> str:
    """The Concordance load file. `places`: first and last page number of each message as printed."""
    head = (
        "BEGDOC",
        "ENDDOC",
        "ENTRY",
        "DATESENT",
        "TIMESENT",
        "FROM",
        "TO",
        "SUBJECT",
        "CHANNEL",
        "SHA256",
        "NATIVELINK",
    )
    lines = [_dat(head)]
    for m in record.messages:
        moment = local(m.written_at or m.at, record.zone)
        first, last = places.get(m.number, ("", ""))
        lines.append(
            _dat(
                (first, last, f"{record.log}/{m.entry}", f"{moment:%Y-%m-%d}", f"{moment:%H:%M:%S%z}",
                 f"{m.sender} <{m.sender_address}>", m.to, m.subject or "", m.channel, m.raw_sha256, m.native)
            )
        )  # fmt: skip
    return "".join(line + "\r\n" for line in lines)


def load_opt(labels: Sequence[str], pdf: str, firsts: frozenset[str]) -> str:
    """The Opticon file: a line a page, Y where a message begins."""
    return "".join(f"{label},RECORD,{pdf},{'Y' if label in firsts else ''},,,\r\n" for label in labels)


def _row(m: Message, zone: str) -> list[str]:
    return [
        str(m.number),
        str(m.id),
        str(m.entry),
        m.entry_hash,
        m.at.isoformat(),
        local(m.at, zone).isoformat(),
        m.written_at.isoformat() if m.written_at else "",
        m.channel,
        "out" if m.role == "parent" else "in",
        m.sender,
        m.sender_address,
        m.to,
        m.subject or "",
        m.lane,
        m.outcome,
        m.provenance,
        m.proof,
        m.native,
        m.raw_sha256,
        str(m.raw_size),
        " ".join(f.path for f in m.files if f.path),
        m.text,
        m.mode,
    ]


def harmless(value: str) -> str:
    """A value that no spreadsheet takes for a formula; whoever reads it drops the sign again."""
    plain = value.replace("\x00", "")
    return f"'{plain}" if plain[:1] in ("=", "+", "-", "@", "\t", "\r", "'") else plain


def _dat(values: Sequence[str]) -> str:
    return SEPARATOR.join(f"{QUOTE}{_field(value)}{QUOTE}" for value in values)


def _field(value: str) -> str:
    plain = value.replace(QUOTE, "p").replace(SEPARATOR, " ").replace("\x00", "")
    return plain.replace("\r\n", NEWLINE).replace("\n", NEWLINE).replace("\r", NEWLINE)
