"""`make simulate`: a family's year in a minute; exit status 1 where a card, an alarm or a reminder was late, lost or twice."""

from __future__ import annotations

import logging
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from tests.simulate.checks import Result, Seen, all_checks
from tests.simulate.script import script
from tests.simulate.world import World

SHOWN = 8
YEAR = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


def table(results: list[Result]) -> str:
    """The checks, and the first things that are wrong."""
    lines = [f"{'':4}{'check':52}{'looked at':>10}{'wrong':>7}"]
    for one in results:
        lines.append(
            f"{'ok' if one.looked and not one.wrong else '!!':4}{one.name:52}{one.looked:10}{len(one.wrong):7}"
        )
        lines += [f"      {words}" for words in one.wrong[:SHOWN]]
    return "\n".join(lines)


def main() -> int:
    """Play the year and print the table."""
    logging.disable(logging.CRITICAL)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), script(*YEAR, messages=900, flood=300))
        world.play()
        results, seen = all_checks(world), Seen(world)
        world.store.close()
    lanes = Counter(card.lane for card in seen.cards)
    kinds = Counter(f"{row.kind} {row.state}" for row in seen.rows)
    failures = {name: route.failures for name, route in world.routes.items()}
    sys.stdout.write(
        f"messages {len(world.numbers)}, answers {len(world.answered)}, starts {len(world.starts)}, failed tries {failures}\n"
        f"cards {dict(lanes)}\ndeliveries {dict(sorted(kinds.items()))}\n\n{table(results)}\n\n"
        f"{time.monotonic() - began:.0f} s\n"
    )
    return 0 if all(one.looked and not one.wrong for one in results) else 1


if __name__ == "__main__":
    sys.exit(main())
