"""`make simulate`: a family's year in a minute; exit status 1 where a card, an alarm or a reminder was late, lost or twice.

`python -m tests.simulate.year --seed 7` plays another year; with `--reminders` it plays three months of questions and nothing else.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.simulate.checks import Seen, all_checks, questions
from tests.simulate.result import Result
from tests.simulate.script import SEED, Script, asking, script, stretches
from tests.simulate.world import World

SHOWN = 8
YEAR = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
BORDER, AFTER = datetime(2026, 8, 5, tzinfo=UTC), timedelta(days=4)
"""The year is played in two parts, on a core each; between a hold and a pause, so that nothing is carried over."""
SPRING = datetime(2026, 4, 20, tzinfo=UTC), datetime(2026, 7, 20, tzinfo=UTC)
"""A hold, chosen hours, then all at once."""


def table(results: list[Result]) -> str:
    """The checks, and the first things that are wrong."""
    lines = [f"{'':4}{'check':52}{'looked at':>10}{'wrong':>7}"]
    for one in results:
        lines.append(
            f"{'ok' if one.looked and not one.wrong else '!!':4}{one.name:52}{one.looked:10}{len(one.wrong):7}"
        )
        lines += [f"      {words}" for words in one.wrong[:SHOWN]]
    return "\n".join(lines)


def reminders(folder: Path, seed: int) -> Result:
    """Play three months of questions; whether each was reminded of as it should."""
    world = World(folder, asking(*SPRING, messages=1500, seed=seed))
    world.play()
    result = questions(Seen(world))
    world.store.close()
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """Play the year and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulate.year")
    parser.add_argument("--seed", type=int, default=SEED, help="another year, as likely as this one")
    parser.add_argument("--reminders", action="store_true", help="three months of questions, and nothing else")
    options = parser.parse_args(arguments)
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        if not options.reminders:
            return _year(script(*YEAR, messages=1400, flood=300, seed=options.seed))
        result = reminders(Path(folder), options.seed)
        sys.stdout.write(f"seed {options.seed}\n{table([result])}\n")
        return 0 if result.looked and not result.wrong else 1


@dataclass(frozen=True, slots=True)
class Played:
    """What a stretch showed. `counts`: by a heading, how many of what; `seconds`: of a core."""

    results: list[Result]
    counts: dict[str, Counter[str]]
    seconds: float


def _play(script: Script) -> Played:
    used = time.process_time()
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), script)
        world.play()
        seen = Seen(world)
        results = all_checks(seen)
        world.store.close()
    numbers = {"messages": len(world.numbers), "answers": len(world.answered), "starts": len(world.starts)}
    counts = {
        "": Counter(numbers),
        "failed tries": Counter({name: route.failures for name, route in world.routes.items()}),
        "cards": Counter(card.lane for card in seen.cards),
        "deliveries": Counter(f"{row.kind} {row.state}" for row in seen.rows),
    }
    return Played(results, counts, time.process_time() - used)


def together(parts: Sequence[Played]) -> Played:
    """The stretches as one year."""
    results = [
        Result(same[0].name, sum(one.looked for one in same), [words for one in same for words in one.wrong])
        for same in zip(*(part.results for part in parts), strict=True)
    ]
    counts = {name: sum((part.counts[name] for part in parts), Counter()) for name in parts[0].counts}
    return Played(results, counts, sum(part.seconds for part in parts))


def _year(script: Script) -> int:
    began = time.monotonic()
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as beside:
        year = together(list(beside.map(_play, stretches(script, BORDER, AFTER))))
    for name, counts in year.counts.items():
        told = ", ".join(f"{what} {count}" for what, count in sorted(counts.items()))
        sys.stdout.write(f"{name}: {told}\n" if name else f"{told}\n")
    sys.stdout.write(
        f"\n{table(year.results)}\n\n{time.monotonic() - began:.0f} s, {year.seconds:.0f} s of a core in two processes\n"
    )
    return 0 if all(one.looked and not one.wrong for one in year.results) else 1


if __name__ == "__main__":
    sys.exit(main())
