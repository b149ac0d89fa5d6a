"""Turn a batch written by hand (short form) into JSON Lines as SPEC.md wants them, with every check we know.

    python -m training.corpus.author BATCH.txt [--out BATCH.jsonl]

Short form of one message:

    #B01001 sms 2026-11-24T19:40:00-05:00 | Emma, Noah | Mark > Dana
    < me: can you do Thursday?                earlier messages, oldest first (optional; "me" = the recipient, "them" = the sender)
    subj: ⟦F:medical|Emma's inhaler⟧          email only
    ⟦F:medical|...⟧ ...                       the text, over as many lines as it needs
    = Emma | 2026-11-26T15:00 | 42.5 | the clinic on Main     one line a F mark of the text, in order: child | when | amount | where
    = - | - | - | -

The topic of each fact and the outcome are read off the marks.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

MARK = re.compile(r"⟦([FXDN])(?::([a-z_]+))?\|(.*?)⟧", re.S)
HEAD = re.compile(r"^#(\w+) (sms|email) (\S+) \| ([^|]+) \| ([^>|]+?) > ([^|]+?)\s*$")
TOPICS = set(
    "schedule school medical activity travel expense belongings childcare contact wellbeing documents legal emergency".split()
)
CATEGORIES = set(
    (
        "insult blame guilt_trip hoovering threat legal_threat gaslighting new_partner prying money third_party "
        "triangulation sarcasm control self_pity sexual chatter"
    ).split()
)
DANGERS = set("violence self_harm abduction stalking sextortion".split())
KNOWN = {"F": TOPICS, "X": CATEGORIES, "D": DANGERS, "N": {""}}
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def outcome(kinds: set[str], topics: list[str]) -> str:
    """The outcome that SPEC.md derives from the marks."""
    if "D" in kinds or "emergency" in topics:
        return "escalate"
    if "F" in kinds:
        return "partial" if "X" in kinds else "forward"
    return "withhold"


def parse(block: str) -> tuple[dict[str, Any], list[str]]:
    """One block of the short form -> (record, what is wrong with it)."""
    lines = block.strip("\n").split("\n")
    head = HEAD.match(lines[0])
    if not head:
        return {}, [f"first line not understood: {lines[0]!r}"]
    record: dict[str, Any] = {
        "id": head[1],
        "channel": head[2],
        "sent_at": head[3],
        "children": [c.strip() for c in head[4].split(",")],
        "sender_name": head[5].strip(),
        "recipient_name": head[6].strip(),
        "subject": None,
    }
    body, facts, earlier = [], [], []
    for line in lines[1:]:
        if line.startswith("= "):
            facts.append([None if p.strip() == "-" else p.strip() for p in line[2:].split("|")])
        elif line.startswith("subj: ") and not body:
            record["subject"] = line[6:].strip()
        elif line.startswith("< ") and not body:
            who, _, said = line[2:].partition(": ")
            earlier.append({"from": "recipient" if who == "me" else "sender", "text": said})
        else:
            body.append(line)
    record["text"] = "\n".join(body).strip("\n")
    if earlier:
        record["previous"] = earlier
    return record, finish(record, facts)


def finish(record: dict[str, Any], facts: list[list[str | None]]) -> list[str]:
    """Fill `expect` from the marks and the fact lines; list the faults."""
    wrong: list[str] = []
    marks = MARK.findall(record["text"])
    topics = [c for k, c, _ in marks if k == "F"]
    bodies = [b for k, _, b in marks if k == "F"]
    kinds = {k for k, _, _ in marks}
    for field in ("subject", "text"):
        value = record[field]
        if value is None:
            continue
        outside = MARK.sub("", value)
        if re.search(r"[^\W_]", outside):
            wrong.append(f"{field}: words outside marks: {outside.split()[:6]}")
        if "⟦" in outside or "⟧" in outside or any("⟦" in b for _, _, b in MARK.findall(value)):
            wrong.append(f"{field}: broken or nested mark")
        kinds |= {k for k, _, _ in MARK.findall(value) if k != "F"}
        wrong += [f"{field}: unknown label {k}:{c}" for k, c, _ in MARK.findall(value) if c not in KNOWN[k]]
    if record["channel"] == "email" and record["subject"] is None:
        wrong.append("an email needs a subj: line")
    if record["channel"] == "sms" and record["subject"] is not None:
        wrong.append("a text has no subject")
    if len(facts) != len(topics):
        wrong.append(f"{len(topics)} F marks but {len(facts)} fact lines")
        facts = [[None] * 4] * len(topics)
    out = []
    for topic, body, parts in zip(topics, bodies, facts, strict=True):
        if len(parts) != 4:
            wrong.append(f"a fact line has {len(parts)} parts, not 4: {parts}")
            parts = ([*parts, None, None, None, None])[:4]
        out.append(fact(record, topic, body, parts, wrong))
    record["expect"] = {"outcome": outcome(kinds, topics), "facts": out}
    return wrong


def fact(record: dict[str, Any], topic: str, body: str, parts: list[str | None], wrong: list[str]) -> dict[str, Any]:
    """One fact of `expect`, checked against its words."""
    child, when, amount, where = parts
    if child and child not in record["children"]:
        wrong.append(f"child {child!r} is not among {record['children']}")
    number: float | None = None
    if amount:
        try:
            number = float(amount)
        except ValueError:
            wrong.append(f"amount {amount!r} is not a plain number")
    if number is not None and number == int(number):
        number = int(number)
    if when:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d(T\d\d:\d\d)?", when):
            wrong.append(f"when {when!r} is not YYYY-MM-DD or YYYY-MM-DDTHH:MM")
        else:
            named = [d for d in DAYS if re.search(rf"\b{d}(s|rs?|nes|ur|day|sday|nesday|rsday|urday)*\b", body.lower())]
            day = DAYS[datetime.fromisoformat(when).weekday()]
            if len(named) == 1 and day != named[0]:
                wrong.append(f"when {when} is a {day}, but the words say {named[0]}: {body!r}")
    if where and where.lower() not in record["text"].lower():
        wrong.append(f"where {where!r} is not in the text")
    return {"topic": topic, "child": child, "when": when, "amount": number, "where": where}


def main() -> int:
    """Compile the batches named; print every fault; 1 when there is one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("batches", nargs="+", type=Path)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    records, faults, seen = [], 0, set()
    for path in options.batches:
        for block in re.split(r"\n(?=#\w+ (?:sms|email) )", "\n" + path.read_text(encoding="utf8"))[1:]:
            record, wrong = parse(block)
            if record and record["id"] in seen:
                wrong.append("this id stands twice")
            if record:
                seen.add(record["id"])
            if wrong:
                faults += 1
                print(f"{path.name} {record.get('id', '?')}: {'; '.join(wrong)}")
            else:
                records.append(record)
    if options.out:
        options.out.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records), encoding="utf8")
    counts: dict[str, int] = {}
    for r in records:
        counts[r["expect"]["outcome"]] = counts.get(r["expect"]["outcome"], 0) + 1
    print(f"{len(records)} messages good, {faults} with faults, outcomes {counts}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
