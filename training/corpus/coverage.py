"""What the corpus covers, counted.

python -m training.corpus.coverage > training/corpus/COVERAGE.md
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence

from training.corpus.plan import CATEGORIES, DANGERS, TOPICS
from training.data import Message, corpus_files, read

CHANNELS = ("sms", "email")


def labels(message: Message, kind: str) -> set[str]:
    """The labels of one kind (F, X, D) in text and subject."""
    return {c for k, c, *_ in (*message.marks, *message.subject_marks) if k == kind}


def cells(messages: Sequence[Message]) -> Counter[tuple[str, str, str]]:
    """Messages by topic, category and channel."""
    out: Counter[tuple[str, str, str]] = Counter()
    for message in messages:
        for topic in labels(message, "F"):
            for category in labels(message, "X"):
                out[topic, category, message.record["channel"]] += 1
    return out


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """A Markdown table."""
    return [
        "| " + " | ".join(head) + " |",
        "|" + "---|" * len(head),
        *("| " + " | ".join(str(c) for c in row) + " |" for row in rows),
    ]


def page(messages: Sequence[Message]) -> str:
    """The page."""
    found = cells(messages)
    outcomes = Counter((m.file, m.record["expect"]["outcome"]) for m in messages)
    kinds = ("forward", "partial", "withhold", "escalate")
    files = sorted({m.file for m in messages})
    new = [m for m in messages if m.file != "given.jsonl"]
    dangers = sum(bool(labels(m, "D")) for m in messages)
    emergencies = sum("emergency" in labels(m, "F") for m in messages)
    lines = [
        "# What the corpus covers",
        "",
        f"{len(messages)} messages, {len({m.family for m in messages})} families; {len(new)} of them written for it. "
        f"{dangers} with danger, {emergencies} with an emergency, "
        f"{sum(m.record['expect']['outcome'] == 'forward' for m in messages)} wholly benign, "
        f"{sum('previous' in m.record for m in messages)} with earlier messages of the thread.",
        "",
        "## By file and outcome",
        "",
        *table(
            ("file", *kinds, "all"),
            [(f, *(outcomes[f, k] for k in kinds), sum(outcomes[f, k] for k in kinds)) for f in files],
        ),
        "",
        "## Danger, by kind and channel",
        "",
        *table(
            ("kind", *CHANNELS),
            [(d, *(sum(d in labels(m, "D") and m.record["channel"] == c for m in messages) for c in CHANNELS)) for d in DANGERS],
        ),
    ]  # fmt: skip
    for channel in CHANNELS:
        lines += [
            "",
            f"## Topic × category, {channel}",
            "",
            *table(("", *CATEGORIES), [(t, *(found[t, c, channel] for c in CATEGORIES)) for t in TOPICS]),
        ]
    empty = [
        f"{t} × {c} ({ch})" for t in TOPICS for c in CATEGORIES for ch in CHANNELS if not found[t, c, ch]
    ]  # fmt: skip
    lines += ["", f"Cells without a message: {', '.join(empty) or 'none'}."]
    return "\n".join(lines) + "\n"


def main() -> None:
    sys.stdout.write(page(read(corpus_files())))


if __name__ == "__main__":
    main()
