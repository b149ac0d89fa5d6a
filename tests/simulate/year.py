"""`make simulate`: a family's year in a minute or two; exit status 1 where a card, an alarm or a reminder was late, lost or twice.

`python -m tests.simulate.year --seed 7` plays another year; with `--reminders` it plays three months of questions and nothing else.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.simulate.checks import Result, Seen, all_checks, questions
from tests.simulate.script import SEED, Script, asking, script
from tests.simulate.world import World

SHOWN = 8
YEAR = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
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
            return _year(script(*YEAR, messages=1400, flood=300, seed=options.seed), Path(folder))
        result = reminders(Path(folder), options.seed)
        sys.stdout.write(f"seed {options.seed}\n{table([result])}\n")
        return 0 if result.looked and not result.wrong else 1


def _year(script: Script, folder: Path) -> int:
    began, used = time.monotonic(), time.process_time()
    world = World(folder, script)
    world.play()
    seen = Seen(world)
    results = all_checks(seen)
    world.store.close()
    lanes = Counter(card.lane for card in seen.cards)
    kinds = Counter(f"{row.kind} {row.state}" for row in seen.rows)
    failures = {name: route.failures for name, route in world.routes.items()}
    sys.stdout.write(
        f"messages {len(world.numbers)}, answers {len(world.answered)}, starts {len(world.starts)}, failed tries {failures}\n"
        f"cards {dict(lanes)}\ndeliveries {dict(sorted(kinds.items()))}\n\n{table(results)}\n\n"
        f"{time.monotonic() - began:.0f} s, {time.process_time() - used:.0f} s of them of one core\n"
    )
    return 0 if all(one.looked and not one.wrong for one in results) else 1


if __name__ == "__main__":
    sys.exit(main())
