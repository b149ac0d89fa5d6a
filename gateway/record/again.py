"""What only an installation can check of a bundle: read the mails again, and make the pages again, byte for byte."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gateway.errors import BreakwaterError
from gateway.intake.archives.kept import parse_kept
from gateway.record.pages import pages
from gateway.record.tables import harmless
from gateway.record.transcript import lines
from gateway.record.verifier.report import Report


def check_again(data: Path, report: Report) -> None:
    """Add what follows to a report without failures."""
    for file in sorted(data.glob("transcript*.json")):
        values = json.loads(file.read_text(encoding="utf8"))
        _words(data, values, report)
        _pages(data, file, values, report)


def _words(data: Path, values: dict[str, object], report: Report) -> None:
    with (data / "index.csv").open(encoding="utf8", newline="") as opened:
        rows = {int(row["number"]): row for row in csv.DictReader(opened)}
    bad = 0
    messages = values["messages"]
    assert isinstance(messages, list)
    for m in messages:
        row = rows[m["n"]]
        if row["provenance"] == "sent":
            bad += _sent(data, row, m, report)
            continue
        reading = parse_kept(row["channel"], (data / row["native"]).read_bytes())
        if lines(reading.body.rstrip("\n")) != m["text"] or harmless(reading.body) != row["words"].replace(
            "\r\n", "\n"
        ):
            report.failed(f"message {m['n']}: this version reads other words in its bytes than the transcript prints")
            bad += 1
    if not bad:
        report.proved(
            f"the words of all {len(messages)} messages in the transcript are those of the stored bytes, read again"
        )


def _sent(data: Path, row: dict[str, str], m: dict[str, Any], report: Report) -> int:
    if lines((data / row["native"]).read_text(encoding="utf8")) == m["text"]:
        return 0
    report.failed(f"message {m['n']}: the transcript prints other words than were sent")
    return 1


def _pages(data: Path, file: Path, values: dict[str, object], report: Report) -> None:
    pdf = data / f"{file.stem}.pdf"
    made = values.get("made_at")
    if not pdf.is_file() or not isinstance(made, str):
        report.failed(f"{pdf.name} is missing")
        return
    pictures = {p.stem: p.read_bytes() for p in (data / "thumbs").glob("*.png")} if (data / "thumbs").is_dir() else {}
    try:
        again = pages(
            values,
            datetime.fromisoformat(made).astimezone(UTC),
            fingerprint=str(values["fingerprint"]),
            pictures=pictures,
        )
    except BreakwaterError:
        report.word(f"that {pdf.name} prints these words: it could not be made again here")
        return
    if pdf.read_bytes().startswith(again):
        report.proved(f"{pdf.name}, made again from the words, is the same byte for byte up to its signature")
    else:
        report.word(
            f"that {pdf.name} prints these words: this version makes other pages of them (compare the versions)"
        )
