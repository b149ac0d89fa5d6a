"""The files of the messages against the log: bytes, decisions, cards, attachments, and what the index and pages say of them."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from gateway.record.verifier.bag import sha256_of
from gateway.record.verifier.report import Broken, Report
from gateway.record.verifier.sealed import Log

csv.field_size_limit(2**31 - 1)


def check_messages(folder: Path, log: Log, report: Report) -> list[dict[str, str]]:
    """Every message of the index against its entry; then whether any kept message is missing. The index's rows."""
    rows = _index(folder / "index.csv")
    before = report.failures
    for row in rows:
        _message(folder, row, log, report)
    named = {int(row["entry"]) for row in rows}
    kept = [seq for seq, _ in log.kept()]
    if report.failures == before and rows:
        report.proved(
            f"the stored bytes of all {len(rows)} messages are those whose hash the log has kept since they came"
        )
    _completeness(named, kept, log, report)
    return rows


def check_transcript(folder: Path, rows: list[dict[str, str]], report: Report) -> None:
    """What the pages were made from, against index and texts."""
    file = folder / "transcript.json"
    if not file.is_file():
        return
    try:
        said = {m["n"]: m for m in json.loads(file.read_text(encoding="utf8"))["messages"]}
        for row in rows:
            m = said.pop(int(row["number"]))
            if not m["entry"].endswith(f"/{row['entry']}") or not row["entry_hash"].startswith(m["hash"]):
                raise KeyError
            if row["native_sha256"] not in m["native"]:
                raise KeyError
            if row["channel"] == "sms" and row["native"].endswith(".form") and row["provenance"] == "received":
                _same_words(folder / row["native"], m["text"], row["number"], report)
    except (ValueError, KeyError, TypeError):
        report.failed("the transcript and the index do not name the same messages")
        return
    if said:
        report.failed("the transcript holds messages that the index does not name")
        return
    report.proved(
        "the transcript names the same messages, entries and hashes as the index; the words of texts are those of the stored bytes"
    )
    report.word(
        "that the words of mail are printed as its bytes have them: open native/*.eml in any mail program, or run `breakwater verify`"
    )


def _index(file: Path) -> list[dict[str, str]]:
    try:
        with file.open(encoding="utf8", newline="") as opened:
            rows = [{k: v for k, v in row.items() if k} for row in csv.DictReader(opened)]
        for row in rows:
            int(row["number"]), int(row["entry"])
            row["native"], row["native_sha256"], row["entry_hash"]
    except (OSError, UnicodeDecodeError, csv.Error, ValueError, KeyError, TypeError):
        raise Broken("index.csv cannot be read") from None
    return rows


def _message(folder: Path, row: dict[str, str], log: Log, report: Report) -> None:
    name, seq = f"message {row['number']}", int(row["entry"])
    entry = log.entries.get(seq)
    if entry is None or "hash" not in entry or entry["hash"] != row["entry_hash"]:
        report.failed(f"{name}: entry {seq} is not opened, or is another one")
        return
    file = _inside(folder, row["native"])
    if (
        not file.is_file()
        or sha256_of(file) != entry.get("body.sha256")
        or entry["body.sha256"] != row["native_sha256"]
    ):
        report.failed(f"{name}: its stored bytes are not those that the log kept")
    if entry.get("at") and row.get("at_utc") and _utc(row["at_utc"]) != _utc(str(entry["at"])):
        report.failed(f"{name}: the index says that it came at another time than the log")
    for number, decided in _about(log, seq):
        for field, place in (("body.decision_sha256", "decisions"), ("body.card_sha256", "cards")):
            kept = folder / place / f"{int(row['number']):06d}.json"
            wanted = decided.get(field)
            if wanted and kept.is_file() and sha256_of(kept) != wanted:
                report.failed(f"{name}: what was decided is not what entry {number} says")


def _about(log: Log, seq: int) -> list[tuple[int, dict[str, Any]]]:
    return [
        (number, entry)
        for number, entry in log.entries.items()
        if entry.get("kind") in ("decided", "shunted") and entry.get("body.received_entry") == seq
    ]


def _completeness(named: set[int], kept: list[int], log: Log, report: Report) -> None:
    closed = [seq for seq in range(1, len(log.leaves) + 1) if "kind" not in log.entries.get(seq, {})]
    missing = [seq for seq in kept if seq not in named]
    extra = sorted(named - set(kept))
    if extra:
        report.failed(f"the index names entries that kept no message: {extra[:5]}")
    if closed:
        report.word(
            f"how many messages are left out: {len(closed)} entries of the log are not opened, not even their kind"
        )
    elif missing:
        report.proved(
            f"{len(named)} of the {len(kept)} messages that this log kept are in the bundle; {len(missing)} are left out"
        )
    elif named:
        report.proved(f"the bundle is complete: the log kept {len(kept)} messages, and all of them are in it")
    report.word(
        "that every message which reached the gateway was kept: a log cannot show what was never written into it"
    )


def _same_words(file: Path, lines: list[Any], number: str, report: Report) -> None:
    fields = dict(
        reversed(parse_qsl(file.read_bytes().decode("utf8", "replace"), keep_blank_values=True, errors="replace"))
    )
    wanted = fields.get("Body", "").replace("\x00", "").replace("\r\n", "\n").rstrip("\n")
    shown = "\n".join(_printed(line) for line in lines)
    if shown != "\n".join(
        _coded(line, shown_line) for line, shown_line in zip(wanted.split("\n"), shown.split("\n"), strict=False)
    ):
        report.failed(f"message {number}: the transcript prints other words than the stored text has")


def _printed(line: Any) -> str:
    return line if isinstance(line, str) else "".join(run[1] for run in line["runs"])


def _coded(line: str, shown: str) -> str:
    """The stored line with those characters as codes that the page shows as codes."""
    out, at = [], 0
    for char in line:
        code = f"\u2039U+{ord(char):04X}\u203a"
        if shown.startswith(code, at) and char != "\u2039":
            out.append(code)
            at += len(code)
        else:
            out.append(char)
            at += 1
    return "".join(out)


def _utc(value: str) -> str:
    return value.replace("+00:00", "").replace("Z", "").removesuffix(".000000")


def _inside(folder: Path, name: str) -> Path:
    if name.startswith("/") or ".." in name.split("/"):
        raise Broken(f"the index names {name!r}, which is no place in the bundle")
    return folder / name


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()
