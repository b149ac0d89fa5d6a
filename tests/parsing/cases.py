"""`breakwater parse` on every case, as `make cases` runs it. Status 1 where one is not as expected."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections import Counter

from gateway.cli import parse
from tests.parsing.test_cases import CASES, NAMES, differences


def main() -> int:
    """Print every difference, then the figures."""
    wrong = 0
    kinds: Counter[str] = Counter()
    for name in NAMES:
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            parse(CASES / f"{name}.eml", check=False, records=None)
        expected = json.loads((CASES / f"{name}.expected").read_text(encoding="utf-8"))
        found = differences(json.loads(said.getvalue()), expected)
        wrong += bool(found)
        kinds[name.split("-")[0]] += 1
        for line in found:
            sys.stdout.write(f"{name}: {line}\n")
    sys.stdout.write(", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items())) + "\n")
    sys.stdout.write(f"{len(NAMES)} cases, {wrong} not as expected\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
