"""Messages that say nearly the same: the same four letters in a row again and again.

    python -m training.corpus.duplicates FILE.jsonl ... [--least 0.6]

Every message becomes the set of its runs of five letters (lower case, names of its people replaced); MinHash
signatures (Broder 1997) in bands find the pairs worth comparing, the true Jaccard similarity decides. Prints the pairs;
exit status 1 when there are any.
"""

from __future__ import annotations

import argparse
import sys
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.data import Message, read

LENGTH = 5
BANDS, ROWS = 32, 3
SHORTEST = 25  # letters; shorter messages ("ok", "yes 5 works") are alike by nature
PRIME = (1 << 31) - 1


def shingles(message: Message) -> set[int]:
    """Hashes of the runs of letters of a message, names as one sign."""
    people = message.people()
    words = ["*" if people.role(w) is not None else w for w in f"{message.subject} {message.text}".lower().split()]
    text = " ".join(words)
    return {zlib.crc32(text[i : i + LENGTH].encode()) for i in range(max(1, len(text) - LENGTH + 1))}


def signature(items: set[int], a: NDArray[np.uint64], b: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """MinHash of a set."""
    values = np.fromiter(items, dtype=np.uint64) % PRIME
    return np.asarray(((values[:, None] * a + b) % PRIME).min(0))


def near_duplicates(messages: Sequence[Message], least: float) -> Iterator[tuple[float, Message, Message]]:
    """Pairs with a Jaccard similarity of at least `least`."""
    rng = np.random.default_rng(7)
    a = rng.integers(1, PRIME, BANDS * ROWS, dtype=np.uint64)
    b = rng.integers(0, PRIME, BANDS * ROWS, dtype=np.uint64)
    sets = [shingles(m) for m in messages]
    buckets: dict[tuple[int, bytes], list[int]] = defaultdict(list)
    for i, message in enumerate(messages):
        if len(message.text) < SHORTEST:
            continue
        bands = signature(sets[i], a, b).reshape(BANDS, ROWS)
        for band in range(BANDS):
            buckets[band, bands[band].tobytes()].append(i)
    seen: set[tuple[int, int]] = set()
    for group in buckets.values():
        for n, i in enumerate(group):
            for j in group[n + 1 :]:
                if (i, j) in seen:
                    continue
                seen.add((i, j))
                alike = len(sets[i] & sets[j]) / len(sets[i] | sets[j])
                if alike >= least:
                    yield alike, messages[i], messages[j]


def main() -> int:
    parser = argparse.ArgumentParser(description="Find messages that say nearly the same.")
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--least", type=float, default=0.6)
    arguments = parser.parse_args()
    messages = read(arguments.files)
    pairs = sorted(near_duplicates(messages, arguments.least), key=lambda p: -p[0])
    for alike, one, other in pairs:
        print(f"{alike:.2f}  {one.id}  {other.id}\n    {one.text[:110]!r}\n    {other.text[:110]!r}")
    print(f"{len(messages)} messages, {len(pairs)} pairs of at least {arguments.least}")
    return 1 if pairs else 0


if __name__ == "__main__":
    sys.exit(main())
