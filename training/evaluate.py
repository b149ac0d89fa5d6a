"""How good the tagger is on messages that it has not seen, and the page that says so.

    python -m training.evaluate [--work build/folds] [--page docs/quality.md]

Five networks, each trained without one fold of families (no sender stands in training and test), answer the messages of
their fold through the whole pipeline: tagging, rules, facts. `score.py` compares the answers with the marks.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gateway.filtering import answers
from gateway.policy import Ruleset, load_rules
from gateway.tagging.decode import Costs
from gateway.tagging.spans import Tagger
from gateway.tagging.tagger import OnnxTagger
from training import data, tuning
from training.data import MODEL, Message, corpus_files, fresh_files
from training.quality import page
from training.score import message as as_gateway_sees
from training.score import score

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Result:
    """One set of messages: score.py's table, counts by category, misses, and what it leaves out."""

    name: str
    table: dict[str, Any]
    categories: dict[str, dict[str, int]]
    misses: list[tuple[str, str, str, str, float]]
    messages: list[Message]
    answers: dict[str, Row]

    @property
    def held(self) -> float:
        """Share of messages that hold something for a person's look, in per cent."""
        return 100 * sum(bool(a.get("holds")) for a in self.answers.values()) / max(len(self.answers), 1)

    def wrong(self, want: Callable[[str], bool], got: Callable[[str], bool]) -> list[Message]:
        """Messages whose wanted and given outcome fit the two questions."""
        return [
            m
            for m in self.messages
            if want(m.record["expect"]["outcome"]) and got(str(self.answers[m.id].get("outcome")))
        ]


def ask(messages: Sequence[Message], tagger: Tagger, rules: Ruleset) -> dict[str, Row]:
    """The gateway's answers, by id."""
    lines = []
    for message in messages:
        seen = as_gateway_sees(tuning.record(message) | {"plain_subject": message.subject or None})
        seen["previous"] = message.record.get("previous", [])
        lines.append(json.dumps(seen, ensure_ascii=False))
    return {row["id"]: row for row in answers(lines, tagger, rules)}


def result(name: str, messages: Sequence[Message], given: dict[str, Row]) -> Result:
    """Score one set of messages."""
    rows = [given[m.id] | {"outcome": given[m.id].get("outcome", "withhold")} for m in messages]
    table, categories, misses = score([tuning.record(m) for m in messages], rows)
    return Result(
        name, table, categories, misses, list(messages), {m.id: r for m, r in zip(messages, rows, strict=True)}
    )


def fold_answers(messages: Sequence[Message], work: Path, costs: Costs, rules: Ruleset) -> dict[str, Row]:
    """Every message answered by the network that did not see its family."""
    fold_of = data.folds(messages)
    out: dict[str, Row] = {}
    for fold in range(5):
        tagger = replace(OnnxTagger.load(work / f"fold{fold}"), costs=costs)
        unknown = [m for m, f in zip(messages, fold_of, strict=True) if f == fold]
        out |= ask(unknown, tagger, rules)
    return out


def younger(folder: Path, messages: Sequence[Message], costs: Costs, rules: Ruleset) -> Result:
    """What a taught network makes of the files that were written after it had learned."""
    tagger = replace(OnnxTagger.load(folder), costs=costs)
    known = tagger.manifest["corpus"]["files"]
    unseen = [m for m in messages if m.file not in known]
    return result(f"taught network, {len(unseen)} younger messages", unseen, ask(unseen, tagger, rules))


def told(found: Result, show: int) -> None:
    """Print a table, and so many misses."""
    print(f"\n{found.name}")
    for name, value in found.table.items():
        print(f"{name:28} {value}")
    print(f"{'messages that hold something':28} {found.held:.1f}%")
    for miss in found.misses[:show]:
        print("  ", *miss)


def fresh(model: Path, rules: Ruleset) -> Result:
    """What the shipped network makes of messages that are kept from every training."""
    messages = data.read(fresh_files())
    return result(
        f"shipped network, {len(messages)} fresh messages", messages, ask(messages, OnnxTagger.load(model), rules)
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the tagger on unseen families.")
    parser.add_argument("--work", type=Path, default=Path("build/folds"))
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--corpus", type=Path, nargs="*", default=None)
    parser.add_argument("--page", type=Path, default=Path("docs/quality.md"))
    parser.add_argument(
        "--taught",
        type=Path,
        help="an earlier network that had a teacher: asked for the files of the corpus that are younger than it",
    )
    parser.add_argument("--fresh", action="store_true", help="ask only the shipped network, and write no page")
    parser.add_argument("--show", type=int, default=0, help="print so many misses")
    arguments = parser.parse_args()
    if arguments.fresh:
        told(fresh(arguments.model, load_rules()), arguments.show)
        return
    messages = data.read(arguments.corpus or corpus_files())
    manifest = json.loads((arguments.model / "manifest.json").read_text(encoding="utf8"))
    if manifest["corpus"]["sha256"] != data.corpus_hash(messages):
        print("note: the shipped model was trained on another state of the corpus")
    rules = load_rules()
    given = fold_answers(messages, arguments.work, Costs.of(manifest["thresholds"]), rules)
    results = [
        result("the 512 given messages", [m for m in messages if m.file == "given.jsonl"], given),
        result("all messages", messages, given),
    ]
    results.insert(1, fresh(arguments.model, rules))
    if arguments.taught is not None:
        results.insert(2, younger(arguments.taught, messages, Costs.of(manifest["thresholds"]), rules))
    for r in results:
        told(r, arguments.show if r is results[-1] else 0)
    for label, counts in sorted(results[-1].categories.items()):
        print(f"  {label:22} {counts['ok']}/{counts['n']}")
    arguments.page.parent.mkdir(parents=True, exist_ok=True)
    arguments.page.write_text(page(results, manifest, rules.version), encoding="utf8")
    print(f"\nwrote {arguments.page}")


if __name__ == "__main__":
    main()
