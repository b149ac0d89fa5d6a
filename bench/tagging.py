"""Which words go through, how fast and in how much memory, beside what a person could install instead.

    python bench/tagging.py [--folds build/folds] [--count 512]

The messages are the 512 given ones. With `--folds` (written by `make train`) every message is answered by the network
that did not see its family; without it, by the shipped one, which has learned from them.

The peers only score a sentence, so each gets the same simple gateway around it: a sentence goes through unless it is
found rude, or only when it holds a date, or both. They are `alt-profanity-check` (a linear model), `better-profanity`
(a word list) and `dateparser` (dates): pip install alt-profanity-check better-profanity dateparser. Presidio and spaCy
need a language model, and detoxify weights, that no package registry carries; they are not run here.
Every row is a process of its own, with one thread; the time is per message with everything loaded.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from training import data
from training.evaluate import ask
from training.score import score
from training.tuning import record

ROOT = Path(__file__).parent.parent
CORPUS = ROOT / "training" / "corpus" / "given.jsonl"
SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
Row = dict[str, Any]
NEEDS = {
    "breakwater": (),
    "alt-profanity-check": ("profanity_check",),
    "better-profanity": ("better_profanity",),
    "dateparser": ("dateparser",),
    "dateparser and alt-profanity-check": ("dateparser", "profanity_check"),
}


def breakwater(folds: Path | None) -> Callable[[data.Message], Row]:
    from gateway.policy import load_rules
    from gateway.tagging.tagger import OnnxTagger

    rules = load_rules()
    shipped = OnnxTagger.load(data.MODEL)
    if folds is None:
        return lambda message: ask([message], shipped, rules)[message.id]
    networks = [replace(OnnxTagger.load(folds / f"fold{n}"), costs=shipped.costs) for n in range(5)]
    return lambda message: ask([message], networks[int(data.folds([message])[0])], rules)[message.id]


def sentences(rude: Callable[[str], bool] | None, dated: Callable[[str, datetime], list[str]] | None) -> Callable[[data.Message], Row]:  # fmt: skip
    """The simple gateway around a peer."""

    def answer(message: data.Message) -> Row:
        sent = datetime.fromisoformat(message.record["sent_at"])
        shown, facts, back = [], [], False
        for found in SENTENCE.finditer(message.text):
            dates = dated(found[0], sent) if dated else []
            if (rude and rude(found[0])) or (dated and not dates):
                back = True
                continue
            shown.append([found.start(), found.end()])
            facts += [{"when": when} for when in dates[:1]]
        outcome = "withhold" if not shown else "partial" if back else "forward"
        return {"id": message.id, "outcome": outcome, "forwarded": shown, "facts": facts}

    return answer


def peer(name: str) -> Callable[[data.Message], Row]:
    rude = dated = None
    if "alt-profanity-check" in name:
        from profanity_check import predict

        rude = lambda text: bool(predict([text])[0])  # noqa: E731
    if "better-profanity" in name:
        from better_profanity import profanity

        profanity.load_censor_words()
        rude = profanity.contains_profanity
    if "dateparser" in name:
        from dateparser.search import search_dates

        def dated(text: str, sent: datetime) -> list[str]:
            settings = {"RELATIVE_BASE": sent.replace(tzinfo=None), "PREFER_DATES_FROM": "future"}
            found = search_dates(text, languages=["en"], settings=settings) or []
            return [when.isoformat()[:16] if when.time() != sent.time() else when.isoformat()[:10] for _, when in found]

    return sentences(rude, dated)


def child(name: str, count: int, folds: Path | None) -> None:
    """Answer in this process; print answers, times and memory as JSON."""
    messages = data.read([CORPUS])[:count]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer = breakwater(folds) if name == "breakwater" else peer(name)
    answer(messages[0])
    answers, times = [], []
    for message in messages:
        start = time.perf_counter()
        answers.append(answer(message))
        times.append(1000 * (time.perf_counter() - start))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    json.dump({"answers": answers, "times": times, "memory": (peak - before) / 1024}, sys.stdout)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=512)
    parser.add_argument("--folds", type=Path, default=ROOT / "build" / "folds")
    parser.add_argument("--child")
    options = parser.parse_args()
    folds = options.folds if (options.folds / "fold4" / "manifest.json").exists() else None
    if options.child:
        child(options.child, options.count, folds)
        return 0
    messages = data.read([CORPUS])[: options.count]
    print(f"{len(messages)} messages; breakwater by {'networks that did not see them' if folds else 'the shipped network, which learned from them'}")  # fmt: skip
    print(f"{'':36}{'facts kept':>11}{'leaked':>8}{'outcome':>9}{'when r/p':>16}{'ms text':>9}{'ms mail':>9}{'p99':>7}{'MB':>6}{'times':>8}")  # fmt: skip
    own = 0.0
    for name, needs in NEEDS.items():
        if any(find_spec(module) is None for module in needs):
            print(f"{name:36} not installed")
            continue
        command = [
            sys.executable,
            __file__,
            "--child",
            name,
            "--count",
            str(options.count),
            "--folds",
            str(options.folds),
        ]
        one_thread = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=one_thread, text=True)
        found = json.loads(done.stdout)
        table, _, _ = score([record(m) for m in messages], found["answers"])
        texts = [t for t, m in zip(found["times"], messages, strict=True) if m.record["channel"] == "sms"]
        mails = [t for t, m in zip(found["times"], messages, strict=True) if m.record["channel"] == "email"]
        middle = statistics.median(found["times"])
        own = own or middle
        print(
            f"{name:36}{table['fact spans kept']:>11}{table['withhold spans leaked']:>8}{table['outcome_ok']:>9}"
            f"{table['when recall/precision'].replace(' ', ''):>16}{statistics.median(texts):>9.1f}{statistics.median(mails):>9.1f}"
            f"{sorted(found['times'])[int(0.99 * len(messages))]:>7.0f}{found['memory']:>6.0f}{middle / own:>8.2f}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
