"""The files of the messages against the log: bytes, decisions, cards, attachments, and what the index and pages say of them."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from gateway.record.verifier.bag import WHOLE, Seal, sha256_of
from gateway.record.verifier.report import Broken, Report
from gateway.record.verifier.sealed import KEPT, SENT, Log

csv.field_size_limit(2**31 - 1)


def check_messages(folder: Path, log: Log, seal: Seal, report: Report) -> list[dict[str, str]]:
    """Every message of the index against its entry; then whether any kept message is missing. The index's rows."""
    rows = _index(folder / "index.csv")
    before = report.failures
    for row in rows:
        _message(folder, row, log, report)
    _orphans(folder, rows, report)
    if len(rows) != seal.messages:
        report.failed(f"the seal speaks of {seal.messages} messages, the index of {len(rows)}")
    if report.failures == before and rows:
        report.proved(
            f"the stored bytes of all {len(rows)} messages are those whose hash the log has kept since they came"
        )
    _completeness({int(row["entry"]) for row in rows}, log, seal, report)
    return rows


def check_transcript(folder: Path, rows: list[dict[str, str]], report: Report) -> None:
    """What the pages were made from, against index and texts."""
    try:
        said: dict[int, Any] = {}
        before = report.failures
        order = 0
        for file in _volumes(folder):
            for m in json.loads(file.read_text(encoding="utf8"))["messages"]:
                order += 1
                if m["n"] in said or m["n"] != order:
                    raise KeyError
                said[m["n"]] = m
        for row in rows:
            m = said.pop(int(row["number"]))
            if not m["entry"].endswith(f"/{row['entry']}") or not row["entry_hash"].startswith(m["hash"]):
                raise KeyError
            if row["native_sha256"] not in m["native"]:
                raise KeyError
            if row["native"].endswith(".form") and row["channel"] == "sms":
                if not (folder / row["native"]).is_file():
                    continue
                _same_words(folder / row["native"], m["text"], row["number"], report)
    except (ValueError, KeyError, TypeError):
        report.failed("the transcript and the index do not name the same messages")
        return
    if said:
        report.failed("the transcript holds messages that the index does not name")
        return
    if report.failures == before:
        report.proved(
            "the transcript names the same messages, entries and hashes as the index; the words of texts are those of the stored bytes"
        )
    report.word(
        "that the pages (transcript, exhibit) print what transcript.json and exhibit.json say, and times, names and sorting in them: "
        "no PDF was read here; `breakwater verify` makes them again"
    )
    report.word(
        "that the words of mail are printed as its bytes have them: open native/*.eml in any mail program, or run `breakwater verify`"
    )


def _volumes(folder: Path) -> list[Path]:
    """The transcript's values in the order of the volumes; exactly one, or numbered from 1 without a gap. Raises KeyError."""
    files = sorted(folder.glob("transcript*.json"), key=lambda f: (len(f.name), f.name))
    names = [f.name for f in files]
    if names not in (["transcript.json"], [f"transcript-{n}.json" for n in range(1, len(names) + 1)]):
        raise KeyError
    for file in files:
        if not file.with_suffix(".pdf").is_file():
            raise KeyError
    return files


def _index(file: Path) -> list[dict[str, str]]:
    try:
        with file.open(encoding="utf8", newline="") as opened:
            rows = [{k: v for k, v in row.items() if k} for row in csv.DictReader(opened, strict=True)]
        for row in rows:
            int(row["number"]), int(row["entry"]), int(row["message"])
            for name in (
                "native",
                "native_sha256",
                "native_bytes",
                "entry_hash",
                "at_utc",
                "channel",
                "lane",
                "outcome",
            ):
                if not isinstance(row[name], str):
                    raise ValueError
    except (OSError, UnicodeDecodeError, csv.Error, ValueError, KeyError, TypeError):
        raise Broken("index.csv cannot be read") from None
    for name in ("number", "entry", "message", "native"):
        if len({row[name] for row in rows}) < len(rows):
            raise Broken(f"index.csv names one {name} twice")
    return rows


def _message(folder: Path, row: dict[str, str], log: Log, report: Report) -> None:
    name, seq = f"message {row['number']}", int(row["entry"])
    entry = log.entries.get(seq)
    if entry is None or entry.get("hash") != row["entry_hash"] or entry.get("kind") not in (*KEPT, SENT):
        report.failed(f"{name}: entry {seq} is not opened, or is another one")
        return
    origin = {"imported": "imported", SENT: "sent"}.get(str(entry["kind"]), "received")
    if row.get("provenance") != origin:
        report.failed(f"{name}: the index says {row.get('provenance')}, the log {origin}")
    if entry["kind"] == SENT:
        _sent(folder, row, entry, report)
        return
    file = _inside(folder, row["native"])
    if (
        not file.is_file()
        or sha256_of(file) != entry.get("body.sha256")
        or entry["body.sha256"] != row["native_sha256"]
    ):
        report.failed(f"{name}: its stored bytes are not those that the log kept")
    if _utc(row["at_utc"]) != _utc(str(entry.get("at"))):
        report.failed(f"{name}: the index says that it came at another time than the log")
    if row["channel"] != entry.get("body.channel") or row["native_bytes"] != str(entry.get("body.size")):
        report.failed(f"{name}: the index says another channel or size than the log")
    known = log.hashes()
    for further in row.get("files", "").split():
        if not (folder / further).is_file() or sha256_of(_inside(folder, further)) not in known:
            report.failed(f"{name}: the file {further} is none that the log speaks of")
    decided = _about(log, seq)
    if len(decided) > 1 or (not decided and row["outcome"]):
        report.failed(f"{name}: it was decided {len(decided)} times")
    for number, about in decided:
        _decision(folder, row, number, about, report)


def _sent(folder: Path, row: dict[str, str], entry: dict[str, Any], report: Report) -> None:
    """Words that the parent sent: their hash is in the entry itself."""
    file = _inside(folder, row["native"])
    words = entry.get("body.words_sha256")
    if not file.is_file() or sha256_of(file) != words or words != row["native_sha256"]:
        report.failed(f"message {row['number']}: the words that were sent are not those that the log kept")
    if _utc(row["at_utc"]) != _utc(str(entry.get("at"))) or row["channel"] != entry.get("body.channel"):
        report.failed(f"message {row['number']}: the index says another time or channel than the log")
    if row["message"] != str(entry.get("body.message")):
        report.failed(f"message {row['number']}: the index names another message than the log")


def _decision(folder: Path, row: dict[str, str], number: int, about: dict[str, Any], report: Report) -> None:
    name = f"message {row['number']}"
    said = (str(about.get("body.message")), about.get("body.lane"), about.get("body.outcome"))
    if said != (row["message"], row["lane"], row["outcome"]):
        report.failed(f"{name}: the index says that something else was decided than entry {number}")
    for field, place in (("body.decision_sha256", "decisions"), ("body.card_sha256", "cards")):
        kept = folder / place / f"{int(row['number']):06d}.json"
        found = sha256_of(kept) if kept.is_file() else None
        if about.get(field) != found:
            report.failed(f"{name}: what was decided is not what entry {number} says ({place})")


def _orphans(folder: Path, rows: list[dict[str, str]], report: Report) -> None:
    """Files beside the messages that no row of the index names."""
    named = {f"{int(row['number']):06d}" for row in rows}
    own = {place for row in rows for place in [row["native"], *row.get("files", "").split()]}
    for place in ("native", "decisions", "cards", "proofs"):
        for file in sorted((folder / place).glob("*")):
            known = f"{place}/{file.name}" in own if place == "native" else file.stem in named
            if not known:
                report.failed(f"the file {place}/{file.name} belongs to no message of the index")


def _about(log: Log, seq: int) -> list[tuple[int, dict[str, Any]]]:
    return log.decided().get(seq, [])


def _completeness(named: set[int], log: Log, seal: Seal, report: Report) -> None:
    kept = [seq for seq, _ in log.kept()]
    closed = [seq for seq in range(1, len(log.leaves) + 1) if "kind" not in log.entries.get(seq, {})]
    missing = [seq for seq in kept if seq not in named]
    if closed:
        report.failed(
            f"the kinds of {len(closed)} entries are not open, so that it cannot be told how many messages are left out"
        )
    elif len(kept) != seal.total:
        report.failed(f"the seal says that the log kept {seal.total} messages, the log says {len(kept)}")
    elif missing and seal.what == WHOLE:
        report.failed(f"the bundle says that it is whole, but {len(missing)} messages of the log are not in it")
    elif missing:
        report.proved(
            f"{len(named)} of the {len(kept)} messages that this log kept are in the bundle; {len(missing)} are left out"
        )
    elif named:
        report.proved(f"the bundle is complete: the log kept {len(kept)} messages, and all of them are in it")
    own = len(log.own())
    if own and not closed:
        report.word(
            f"that {own} entries kept what the parent wrote to the gateway, which is nobody else's; what was sent on is here"
        )
    children = len(log.children())
    if children and not closed:
        report.word(
            f"that {children} entries were of what a child wrote to the parent; it was handed over and is not recorded"
        )
    report.word(
        "that every message which reached the gateway was kept: a log cannot show what was never written into it"
    )


def _same_words(file: Path, lines: list[Any], number: str, report: Report) -> None:
    fields = dict(
        reversed(parse_qsl(file.read_bytes().decode("utf8", "replace"), keep_blank_values=True, errors="replace"))
    )
    wanted = fields.get("Body", "").replace("\x00", "").replace("\r\n", "\n").rstrip("\n")
    shown = "\n".join(_printed(line) for line in lines)
    ours, theirs = wanted.split("\n"), shown.split("\n")
    if len(ours) != len(theirs) or theirs != [_coded(a, b) for a, b in zip(ours, theirs)]:  # noqa: B905 (of one length)
        report.failed(f"message {number}: the transcript prints other words than the stored text has")


def _printed(line: Any) -> str:
    return line if isinstance(line, str) else "".join(run[1] for run in line["runs"])


def _coded(line: str, shown: str) -> str:
    """The stored line with those characters as codes that the page shows as codes."""
    out, at = [], 0
    for char in line:
        code = f"\u2039U+{ord(char):04X}\u203a"
        if shown.startswith(code, at):
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
