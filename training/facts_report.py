"""How well facts are read: the readers on the spans that people marked, scored like score.py.

    python -m training.facts_report [--show when,amount,child,where] [CORPUS.jsonl ...]

Without files: the four parts of the shared corpus, `SHARED_CORPUS` or ``shared/corpus`` beside the repository.
Day-first dates outside UTC offsets -10 to -4, as the `filter` command has it.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from gateway.tagging.facts import Fact, read_facts
from gateway.tagging.facts.child import Child

MARK = re.compile(r"⟦([FXDN])(?::([a-z_]+))?\|(.*?)⟧", re.S)
FIELDS = ("when", "amount", "child")
SEVERAL = "child of several"
"""The field "child" in families with more than one: hands differ on whether an only child is meant unsaid."""
DEFAULT = os.environ.get("SHARED_CORPUS", str(Path(__file__).parents[2] / "shared" / "corpus"))


def plain(marked: str) -> tuple[str, list[tuple[int, int, str]]]:
    """The text without marks and its fact spans."""
    out, spans, size, pos = [], [], 0, 0
    for m in MARK.finditer(marked):
        out += [marked[pos : m.start()], m[3]]
        start = size + m.start() - pos
        size, pos = start + len(m[3]), m.end()
        if m[1] == "F":
            spans.append((start, size, m[2]))
    out.append(marked[pos:])
    return "".join(out), spans


def read(record: dict[str, Any]) -> tuple[str, list[tuple[int, int, str]], list[Fact]]:
    """A record of the corpus with what the readers make of it."""
    text, spans = plain(record["text"])
    sent = datetime.fromisoformat(record["sent_at"])
    offset = sent.utcoffset()
    hours = int(offset.total_seconds() / 3600) if offset is not None else 0
    children = [Child(c) for c in record["children"]]
    return (
        text,
        spans,
        read_facts(
            text,
            spans,
            sent,
            children,
            day_first=hours not in range(-10, -3),
            currency="USD",
            subject=plain(record["subject"])[0] if record["subject"] else None,
            previous=[said["text"] for said in record.get("previous", [])],
        ),
    )


def key(field: str, value: Any) -> str:
    """A value as score.py compares it."""
    if field == "amount":
        return f"{float(value):.2f}"
    return str(value)[:16] if field == "when" else str(value)


def misses(record: dict[str, Any], field: str) -> Iterator[str]:
    """Each span whose `field` was read otherwise than marked."""
    text, spans, facts = read(record)
    for (start, end, topic), want, got in zip(spans, record["expect"]["facts"], facts, strict=False):
        w, g = want[field], getattr(got, field)
        same = (w is None and g is None) or (w is not None and g is not None and key(field, w) == key(field, g))
        if not same:
            children = "/".join(record["children"])
            sent = datetime.fromisoformat(record["sent_at"])
            passage = text[start:end].replace("\n", "/")
            yield f"{record['id']} {sent:%a %Y-%m-%d %H:%M} {children} {topic} | {passage} | want {w} got {g}"


def score(records: list[dict[str, Any]]) -> dict[str, tuple[int, int, int]]:
    """For each field: wanted, hit, given; counted per message as score.py does."""
    totals: dict[str, list[int]] = {f: [0, 0, 0] for f in (*FIELDS, SEVERAL)}
    for record in records:
        if not record["expect"]["facts"]:
            continue
        _, _, facts = read(record)
        for field in FIELDS:
            want = Counter(key(field, f[field]) for f in record["expect"]["facts"] if f[field] is not None)
            got = Counter(key(field, v) for f in facts if (v := getattr(f, field)) is not None)
            for n, count in enumerate((want.total(), (want & got).total(), got.total())):
                totals[field][n] += count
                totals[SEVERAL][n] += count * (field == "child" and len(record["children"]) > 1)
    return {f: (t[0], t[1], t[2]) for f, t in totals.items()}


def main() -> None:
    """Print the figures of each file, then of all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*")
    parser.add_argument("--show", default="", help="fields whose misses to list, with commas between")
    options = parser.parse_args()
    every: list[dict[str, Any]] = []
    print(f"{'':24}{'spans':>6}" + "".join(f"{f:>26}" for f in (*FIELDS, SEVERAL)) + "   recall / precision (wanted)")
    for path in options.files or sorted(Path(DEFAULT).glob("part*.jsonl")):
        records = [json.loads(line) for line in Path(path).read_text("utf-8").splitlines() if line.strip()]
        every += records
        line(Path(path).stem, records)
        for field in filter(None, options.show.split(",")):
            for record in records:
                for miss in misses(record, field):
                    print("   ", field, miss)
    started = time.perf_counter()
    spans = sum(len(r["expect"]["facts"]) for r in every)
    line("all", every)
    print(f"{1000 * (time.perf_counter() - started) / max(spans, 1):.3f} ms a span")


def line(name: str, records: list[dict[str, Any]]) -> None:
    """One line of figures."""
    cells = ""
    for want, hit, got in score(records).values():
        recall, precision = 100 * hit / max(want, 1), 100 * hit / max(got, 1)
        cells += f"{recall:8.1f} / {precision:5.1f} ({want:4})".rjust(26)
    print(f"{name:24}{sum(len(r['expect']['facts']) for r in records):6}{cells}")


if __name__ == "__main__":
    main()
