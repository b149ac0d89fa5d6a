"""How fast the reader is and how much memory it takes: on the cases, and on messages made to break it.

    .venv/bin/python -m tests.parsing.measure

Prints messages per second for the cases, then seconds and peak memory for each hostile message, each in a process
of its own. Ends with status 1 where one takes more than 2 seconds or more than 300 MB.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path

from gateway.parsing import parse_email
from tests.parsing.hostile import HOSTILE

MAX_SECONDS, MAX_MB = 2.0, 300.0


def _one(name: str, pipe: Connection) -> None:
    raw = HOSTILE[name]()
    start = time.process_time()
    reading = parse_email(raw)
    spent = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    pipe.send((spent, peak, len(raw), len(reading.hold)))


def measure(name: str) -> tuple[float, float, int, int]:
    """Seconds, peak MB, bytes and number of hold reasons, measured in a process of its own."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_one, args=(name, theirs))
    process.start()
    process.join(60)
    found = ours.recv() if ours.poll(0) else (60.0, 0.0, 0, 0)
    process.kill()
    return found  # type: ignore[no-any-return]


def main() -> int:
    """Print the figures; 1 where a limit is passed."""
    raws = [path.read_bytes() for path in (Path(__file__).parent.parent / "cases").glob("*.eml")]
    start = time.process_time()
    for _ in range(3):
        for raw in raws:
            parse_email(raw)
    spent = time.process_time() - start
    sys.stdout.write(f"{len(raws)} cases: {3 * len(raws) / spent:.0f} messages a second\n")
    bad = 0
    for name in sys.argv[1:] or HOSTILE:
        seconds, megabytes, size, holds = measure(name)
        over = seconds > MAX_SECONDS or megabytes > MAX_MB
        bad += over
        mark = "  OVER" if over else ""
        sys.stdout.write(f"{seconds:7.2f} s {megabytes:6.0f} MB {size / 1e6:6.1f} MB in, holds {holds}: {name}{mark}\n")
        sys.stdout.flush()
    sys.stdout.write(f"{bad} over the limits of {MAX_SECONDS} s and {MAX_MB:.0f} MB\n")
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
