"""The parent's own notes in a bundle: each against the entry that has held its hash since it was written."""

from __future__ import annotations

import json
from pathlib import Path

from gateway.record.verifier.bag import sha256_of
from gateway.record.verifier.report import Report
from gateway.record.verifier.sealed import Log

NOTE = "journal note"


def check_journal(data: Path, log: Log, report: Report) -> None:
    """Add what follows. A bundle without notes says nothing of them."""
    folder = data / "journal"
    held = {str(e.get("body.sha256")): e for e in log.entries.values() if e.get("kind") == NOTE}
    files = sorted(folder.glob("*.json")) if folder.is_dir() else []
    if not files:
        if folder.is_dir():
            report.failed("the folder journal holds no note")
        return
    before, photos = report.failures, set()
    for file in files:
        entry = held.get(sha256_of(file))
        if entry is None:
            report.failed(f"{file.name}: the log holds no note of these words")
            continue
        try:
            listed = [(str(p["sha256"]), str(p["type"])) for p in json.loads(file.read_text(encoding="utf8"))["photos"]]
        except (ValueError, KeyError, TypeError):
            report.failed(f"{file.name}: cannot be read as a note")
            continue
        if [sha for sha, _ in listed] != entry.get("body.photos"):
            report.failed(f"{file.name}: the log speaks of other photos")
        for place, (sha, _) in enumerate(listed, 1):
            found = [p for p in folder.glob(f"{file.stem}-{place}.*") if p.suffix != ".json"]
            photos |= set(found)
            if len(found) != 1 or sha256_of(found[0]) != sha:
                report.failed(f"{file.name}: photo {place} is missing or is another one")
    for odd in sorted(set(folder.iterdir()) - set(files) - photos):
        report.failed(f"the file journal/{odd.name} belongs to no note")
    if report.failures == before:
        report.proved(
            f"{len(files)} of the {len(held)} notes that the log holds are here, word for word as they were when they were written"
        )
        report.word("what the parent's notes tell: nobody else has checked it")
