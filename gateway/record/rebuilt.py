"""A record made again from a bundle alone: what is printed must follow from the log, the bytes and the decisions.

`record.json` holds what these do not say, and what is therefore the operator's word: names, roles and addresses of people, the
family's zone and currency, what was chosen, titles of rules, words about files. Everything else is taken from where it is proved.
"""

from __future__ import annotations

import csv
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from gateway.language import SOURCE
from gateway.ledger.leaf import canonical
from gateway.record import journal
from gateway.record.items import File, Gap, Message, Party, Record, Scope, Style
from gateway.record.told import SENT, Kept, Sentence, Told, Who, message_of, sent_message

FILE = "record.json"
Order = tuple[Style, str, tuple[str, ...]]
"""Style, prefix of page numbers, issues of the exhibit."""


def described(record: Record, style: Style, prefix: str, exhibit: tuple[str, ...]) -> str:
    """`record.json`: what the log, the bytes and the decisions do not say."""
    value: dict[str, Any] = {
        "log": record.log,
        "zone": record.zone,
        "currency": record.currency,
        "parties": [[p.name, p.role, list(p.addresses)] for p in record.parties],
        "children": list(record.children),
        "scope": {
            "since": record.scope.since.isoformat() if record.scope.since else None,
            "until": record.scope.until.isoformat() if record.scope.until else None,
            "people": list(record.scope.people),
            "about": list(record.scope.about),
        },
        "total": record.total,
        "entries": record.entries,
        "gaps": [[g.since.isoformat(), g.until.isoformat(), g.clean] for g in record.gaps],
        "made_at": record.made_at.isoformat(),
        "version": record.version,
        "rulesets": list(record.rulesets),
        "taggers": list(record.taggers),
        "left_out": [list(pair) for pair in record.left_out],
        "titles": [list(pair) for pair in record.titles],
        "style": str(style),
        "prefix": prefix,
        "exhibit": list(exhibit),
        "notes_total": record.notes_total,
        "messages": {str(m.number): _about(m) for m in record.messages},
    }
    if record.language != SOURCE:  # a bundle from before there was a choice is in English, and has no such word
        value["language"] = record.language
    return canonical(value)


def _about(m: Message) -> dict[str, Any]:
    about: dict[str, Any] = {"who": [m.sender, m.sender_address, m.role, m.to]}
    if m.files:
        about["files"] = [[f.name, f.type, f.size, f.sha256, f.became, f.path, f.is_picture] for f in m.files]
    if m.provenance == SENT:
        about |= {
            "subject": m.subject,
            "answers": m.kind.removeprefix("answer to No ") if m.kind != "message" else None,
        }
    return about


def rebuilt(data: Path, fingerprint: str) -> tuple[Record, Order]:
    """The record of a bundle's `data/`. Raises ValueError, KeyError, OSError where it cannot be made."""
    said = json.loads((data / FILE).read_text(encoding="utf8"))
    log = _log(data / "log" / "openings.jsonl")
    titles = {str(rule): str(title) for rule, title in said["titles"]}
    with (data / "index.csv").open(encoding="utf8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    messages = tuple(_message(data, row, said["messages"][row["number"]], log, titles) for row in rows)
    scope = said["scope"]
    record = Record(
        log=said["log"],
        zone=said["zone"],
        currency=said["currency"],
        parties=tuple(Party(name, role, tuple(addresses)) for name, role, addresses in said["parties"]),
        children=tuple(said["children"]),
        scope=Scope(_moment(scope["since"]), _moment(scope["until"]), tuple(scope["people"]), tuple(scope["about"])),
        messages=messages,
        notes=journal.read(data, log),
        notes_total=said.get("notes_total", 0),
        language=said.get("language", SOURCE),
        total=said["total"],
        entries=said["entries"],
        gaps=tuple(
            Gap(datetime.fromisoformat(since), datetime.fromisoformat(until), clean)
            for since, until, clean in said["gaps"]
        ),
        made_at=datetime.fromisoformat(said["made_at"]),
        version=said["version"],
        fingerprint=fingerprint,
        rulesets=tuple(said["rulesets"]),
        taggers=tuple(said["taggers"]),
        from_children=log.children,
        left_out=tuple((reason, count) for reason, count in said["left_out"]),
        titles=tuple((rule, title) for rule, title in said["titles"]),
    )
    return record, (Style(said["style"]), said["prefix"], tuple(said["exhibit"]))


def _log(file: Path) -> Told:
    log = Told()
    with file.open(encoding="utf8") as opened:
        for line in opened:
            entry = json.loads(line)
            fields = {o["field"]: o["value"] for o in entry["openings"]}
            body = {name.removeprefix("body."): value for name, value in fields.items() if name.startswith("body.")}
            log.take(entry["seq"], fields["kind"], fields["at"], fields["hash"], body)
    return log


def _message(data: Path, row: dict[str, str], about: dict[str, Any], log: Told, titles: dict[str, str]) -> Message:
    number, who = int(row["number"]), Who(*about["who"])
    raw = (data / row["native"]).read_bytes()
    if log.kept[int(row["entry"])][0] == "reply":
        sentence = Sentence(int(row["message"]), row["channel"], raw.decode("utf8"), about["subject"], who)
        return sent_message(number, sentence, log, int(about["answers"]) if about["answers"] else None)
    kept = Kept(
        id=int(row["message"]),
        entry=int(row["entry"]),
        channel=row["channel"],
        written_at=_moment(row["written_at_utc"] or None),
        sha256=row["native_sha256"],
        size=int(row["native_bytes"]),
        detail=_json(data / "decisions" / f"{number:06d}.json") or {},
        who=who,
    )
    files = tuple(File(*values) for values in about.get("files", ()))
    return message_of(number, kept, raw, _json(data / "cards" / f"{number:06d}.json"), files, log, titles)


def _json(file: Path) -> dict[str, Any] | None:
    return dict(json.loads(file.read_text(encoding="utf8"))) if file.is_file() else None


def _moment(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None
