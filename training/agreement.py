"""How far two people who annotate the same messages agree.

    python -m training.agreement FIRST.jsonl SECOND.jsonl

Both files hold the same messages (by id). For every word the marks of both are compared: agreement on the kind, on the
label, and Cohen's kappa (agreement beyond chance) per kind and per label, each against all others. The facts of the second are scored against those of the first as a filter's answers
are: no filter can be asked for more than that.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from training.data import Message, read
from training.score import score, tokens
from training.tuning import record

Pair = tuple[str, str]


def word_labels(message: Message) -> list[str]:
    """The label of every word of the text; ``-`` between marks."""
    out = []
    for start, _, _ in tokens(message.text, 0, len(message.text)):
        mark = next(((k, c) for k, c, a, b in message.marks if a <= start < b), None)
        out.append("-" if mark is None else mark[0] if mark[0] == "N" else f"{mark[0]}:{mark[1]}")
    return out


def kappa(pairs: Sequence[Pair], label: str) -> float | None:
    """Cohen's kappa of one label against the rest; None where neither used it."""
    n = len(pairs)
    first, second = sum(a == label for a, _ in pairs), sum(b == label for _, b in pairs)
    if not n or not first + second:
        return None
    agree = sum((a == label) == (b == label) for a, b in pairs) / n
    chance = (first * second + (n - first) * (n - second)) / n**2
    return 1.0 if chance == 1 else (agree - chance) / (1 - chance)


def pairs_of(first: Sequence[Message], second: Sequence[Message]) -> tuple[list[Pair], list[str]]:
    """Words with both labels, and the ids of messages whose words are not the same in both files."""
    other = {m.id: m for m in second}
    pairs: list[Pair] = []
    unlike: list[str] = []
    for message in first:
        twin = other.get(message.id)
        if twin is None:
            continue
        if twin.text != message.text:
            unlike.append(message.id)
            continue
        pairs += zip(word_labels(message), word_labels(twin), strict=True)
    return pairs, unlike


def facts_of(first: Sequence[Message], second: Sequence[Message]) -> dict[str, str]:
    """score.py's figures of passages and facts, the second hand's marks taken for the answers of a filter."""
    other = {m.id: m for m in second}
    both = [(m, twin) for m in first if (twin := other.get(m.id)) is not None and twin.text == m.text]
    answers = [
        {
            "id": twin.id,
            "outcome": twin.record["expect"]["outcome"],
            "forwarded": [[a, b] for kind, _, a, b in twin.marks if kind == "F"],
            "facts": twin.record["expect"]["facts"],
        }
        for _, twin in both
    ]
    table, _, _ = score([record(m) for m, _ in both], answers)
    return {name: table[name] for name in table if name == "fact spans kept" or name.endswith("recall/precision")}


def report(first: Sequence[Message], second: Sequence[Message]) -> str:
    """The table, as text."""
    pairs, unlike = pairs_of(first, second)
    kinds = [(a[0], b[0]) for a, b in pairs]
    n = max(len(pairs), 1)
    common = {m.id: m for m in second}
    outcomes = [
        m.record["expect"]["outcome"] == common[m.id].record["expect"]["outcome"] for m in first if m.id in common
    ]
    lines = [
        f"messages {len(outcomes)}, words {len(pairs)}, texts that differ {len(unlike)} {' '.join(unlike[:10])}",
        f"outcome {100 * sum(outcomes) / max(len(outcomes), 1):.1f} %",
        f"kind {100 * sum(a == b for a, b in kinds) / n:.1f} %, label {100 * sum(a == b for a, b in pairs) / n:.1f} %",
        "",
        f"{'label':18} {'first':>6} {'second':>6} {'kappa':>6}",
    ]
    for source in (kinds, pairs):
        count = Counter(a for a, _ in source), Counter(b for _, b in source)
        for label in sorted({*count[0], *count[1]}):
            value = kappa(source, label)
            lines.append(
                f"{label:18} {count[0][label]:6} {count[1][label]:6} {value if value is None else round(value, 2):>6}"
            )
        lines.append("")
    lines += ["second hand's facts against the first's"]
    lines += [f"{name:28} {value}" for name, value in facts_of(first, second).items()] + [""]
    confused = Counter(p for p in pairs if p[0] != p[1]).most_common(15)
    lines += [f"{a} ↔ {b}: {k} words" for (a, b), k in confused]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="Agreement of two annotations.")
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    arguments = parser.parse_args()
    print(report(read([arguments.first]), read([arguments.second])))


if __name__ == "__main__":
    main()
