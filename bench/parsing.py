"""Messages read per second and peak memory, beside mail-parser, on the same files; and who finds the new words.

Both readers turn every file of `tests/cases` into JSON, each in a process of its own. mail-parser only takes a message
apart; ours also finds the new words, repairs charsets and compares text with HTML. Needs: pip install mail-parser; for the second
table also mail-parser-reply, email_reply_parser and whatever of talon and quotequail can be had.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.parsing import compare

CASES = Path(__file__).parent.parent / "tests" / "cases"
ROUNDS = 5


def child(name: str) -> None:
    """Read every case; print messages per second, peak MB above the bare program, and how many raised."""
    raws = [path.read_bytes() for path in sorted(CASES.glob("*.eml"))]
    if name == "breakwater":
        import json

        from gateway.parsing import parse_email
        from gateway.parsing.describe import as_json

        def read(raw: bytes) -> object:
            return json.dumps(as_json(parse_email(raw)))
    else:
        import logging

        import mailparser

        logging.disable(logging.CRITICAL)

        def read(raw: bytes) -> object:
            mail = mailparser.parse_from_bytes(raw)
            return mail.mail_json

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    raised = 0
    start = time.process_time()
    for _ in range(ROUNDS):
        for raw in raws:
            try:
                read(raw)
            except Exception:
                raised += 1
    spent = time.process_time() - start
    peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(len(raws) * ROUNDS / spent, peak, raised // ROUNDS)


def main() -> int:
    if len(sys.argv) > 1:
        child(sys.argv[1])
        return 0
    own = 0.0
    for name, needs in (("breakwater", "gateway"), ("mail-parser", "mailparser")):
        if find_spec(needs) is None:
            print(f"{name:14} not installed")
            continue
        done = subprocess.run([sys.executable, __file__, name], check=True, stdout=subprocess.PIPE, text=True)
        rate, peak, raised = map(float, done.stdout.split())
        own = own or rate
        print(f"{name:14}{rate:8.0f} /s  {peak:5.0f} MB more  {raised:3.0f} raised   breakwater is {own / rate:.2f} times as fast")  # fmt: skip
    print()
    sys.argv = [sys.argv[0], "400"]
    compare.main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
