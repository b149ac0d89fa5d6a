"""The page `docs/quality.md`: what is kept, what leaks, on what data, and what still fails."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from training.evaluate import Result

T = TypeVar("T")
TARGETS = {
    "fact tokens kept": "≥ 98.5 %",
    "fact spans kept": "≥ 96 %",
    "withhold tokens leaked": "≤ 2 %",
    "withhold spans leaked": "≤ 3 %",
    "danger spans shown": "0",
    "escalations found": "≥ 97 %",
    "false escalations": "≤ 1 %",
    "benign messages touched": "≤ 4 %",
    "outcome_ok": "≥ 93 %",
    "when recall/precision": "≥ 92 / 95 %",
    "amount recall/precision": "≥ 95 / 97 %",
    "child recall/precision": "≥ 95 / 97 %",
    "topic recall/precision": "≥ 88 / 88 %",
}
NAMES = {"outcome_ok": "outcome right"}
KINDS = {
    "F": ("Facts kept, by topic", "kept"),
    "X": ("Hooks withheld, by category", "withheld"),
    "D": ("Danger not shown, by kind", "not shown"),
}
WORST = 12


def page(results: Sequence[Result], manifest: dict[str, Any], ruleset: str) -> str:
    """The whole page."""
    everything = results[-1]
    parts = [
        "# How good it is, and what it still gets wrong",
        _intro(everything, manifest, ruleset),
        "## Figures",
        _figures(results),
        *(_by_label(everything, kind) for kind in KINDS),
        "## What still fails",
        _failures(everything),
        "## The model",
        _model(manifest),
    ]
    return "\n\n".join(parts) + "\n"


def _intro(result: Result, manifest: dict[str, Any], ruleset: str) -> str:
    files = ", ".join(f"`{name}` {count}" for name, count in manifest["corpus"]["files"].items())
    return (
        "This page is written by `python -m training.evaluate`. Every message was answered by the whole pipeline with "
        "a network that had never seen its family: five folds, no sender in both training and test. The messages are "
        "invented by many hands for this purpose; no real correspondence is in the corpus.\n\n"
        f"Messages: {len(result.messages)} ({files}). Ruleset `{ruleset}`. The decoder's sixteen numbers were set on "
        "the same held-out answers, so the figures are a little kinder than a fresh set would give. In one way they are "
        "harsher: the five networks learn from four fifths of the marks alone, the shipped one from all of them and from "
        "a larger teacher. A column *taught network* shows what that brings: a network with a teacher, before it was "
        "trained on the youngest files, asked for just these.\n\n"
        "A *token* is a word that carries meaning; a fact *span* counts as kept when nine tenths of its tokens reach "
        "the parent, a withheld span as leaked when half of them do. A passage held for a person's look counts as "
        "not forwarded. How far two hands agree on the same facts, scored like this, stands in "
        "`training/corpus/AGREEMENT.md`: no filter can be asked for more."
    )


def _figures(results: Sequence[Result]) -> str:
    lines = [
        "| figure | aim | " + " | ".join(r.name for r in results) + " |",
        "|---|---|" + "---|" * len(results),
    ]
    for name, aim in TARGETS.items():
        values = " | ".join(str(r.table.get(name, "-")).replace("%", " %") for r in results)
        lines.append(f"| {NAMES.get(name, name)} | {aim} | {values} |")
    lines.append("| messages that hold something | ≤ 6 % | " + " | ".join(f"{r.held:.1f} %" for r in results) + " |")
    return "\n".join(lines)


def _by_label(result: Result, kind: str) -> str:
    title, verb = KINDS[kind]
    rows = [
        f"| {label[2:]} | {c['n']} | {100 * c['ok'] / max(c['n'], 1):.1f} % |"
        for label, c in sorted(result.categories.items(), key=lambda item: item[1]["ok"] / max(item[1]["n"], 1))
        if label[0] == kind
    ]
    return f"### {title}\n\n| label | spans | {verb} |\n|---|---|---|\n" + "\n".join(rows)


def _failures(result: Result) -> str:
    lost = sorted((m for m in result.misses if m[1] == "LOST"), key=lambda m: m[4])
    leaked = sorted((m for m in result.misses if m[1] == "LEAK"), key=lambda m: -m[4])
    missed = result.wrong(lambda want: want == "escalate", lambda got: got != "escalate")
    false = result.wrong(lambda want: want != "escalate", lambda got: got == "escalate")
    mauled = result.wrong(lambda want: want == "forward", lambda got: got in ("partial", "withhold"))
    parts = [
        _examples("Facts that were lost or held", [f"*{m[2]}*: {_short(m[3])}" for m in _spread(lost)], len(lost)),
        _examples("Hooks that came through", [f"*{m[2]}*: {_short(m[3])}" for m in _spread(leaked)], len(leaked)),
        _examples(
            "Dangers and emergencies that raised no alarm", [_short(m.text) for m in _spread(missed)], len(missed)
        ),
        _examples("Alarms without danger", [_short(m.text) for m in _spread(false)], len(false)),
        _examples("Decent messages that lost something", [_short(m.text) for m in _spread(mauled)], len(mauled)),
    ]
    return "\n\n".join(parts)


def _spread(items: Sequence[T]) -> list[T]:
    """At most WORST items, evenly over the whole row: the page shows the common failures, not a choice."""
    step = max(1, len(items) / WORST)
    return [items[int(i * step)] for i in range(min(WORST, len(items)))]


def _examples(title: str, lines: Sequence[str], count: int) -> str:
    body = "\n".join(f"- {line}" for line in lines) or "None."
    return f"### {title} ({count})\n\n{body}"


def _short(text: str, most: int = 220) -> str:
    flat = " / ".join(part.strip() for part in text.splitlines() if part.strip())
    return f"“{flat if len(flat) <= most else flat[:most].rsplit(' ', 1)[0] + ' …'}”"


def _model(manifest: dict[str, Any]) -> str:
    cost = manifest.get("int8_cost", {})
    lines = [
        f"- `{manifest['name']}`, network `{manifest['model_sha256'][:16]}`, "
        f"corpus `{manifest['corpus']['sha256'][:16]}`",
        f"- encoder: {manifest['encoder']}",
        "- settings: " + ", ".join(f"{k} {v}" for k, v in manifest["settings"].items()),
        "- decoder: " + ", ".join(f"{k} {v}" for k, v in manifest["thresholds"].items()),
    ]
    if cost:
        lines.append(
            "- cost of int8 against 32-bit numbers on one held-out fold: "
            + ", ".join(f"{k} {v}" for k, v in cost.items())
        )
    return "\n".join(lines)
