"""All targets one after the other, and a table: `make fuzz`, or ``python -m tests.fuzz.run SECONDS [TARGET ...]``.

An input that breaks something lies in build/fuzz/findings, and the next round goes on with the rest; the status is 1 where there is one.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

TARGETS = ("mail", "form", "smtp", "webhook", "archives", "api", "verifier")
FOLDER = Path("build/fuzz")
MOST_FINDINGS = 5
"""Rounds that one target may end with a finding before the next one has its turn."""
LONGEST = {"verifier": 4096, "api": 8192, "smtp": 131072}
RUNS = re.compile(r"stat::number_of_executed_units:\s+(\d+)|Done (\d+) runs")


def fuzz(target: str, seconds: int) -> tuple[int, int, int]:
    """Runs, seconds and findings of one target."""
    findings, runs, begun = FOLDER / "findings" / target, 0, time.monotonic()
    findings.mkdir(parents=True, exist_ok=True)
    before = set(findings.iterdir())
    while len(set(findings.iterdir()) - before) < MOST_FINDINGS:
        left = seconds - int(time.monotonic() - begun)
        if left <= 0:
            break
        command = [
            sys.executable, "-m", f"tests.fuzz.{target}", "--fuzz", f"-max_total_time={left}", "-timeout=5", "-rss_limit_mb=1500",
            f"-max_len={LONGEST.get(target, 65536)}", "-print_final_stats=1", "-verbosity=0", f"-artifact_prefix={findings}/",
            str(FOLDER / target),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        counted = [int(number) for found in RUNS.findall(done.stderr) for number in found if number]
        runs += max(counted, default=0)
        if done.returncode == 0:
            break
        (findings / "last.txt").write_text(done.stdout[-4000:] + done.stderr[-20_000:], encoding="utf8")
        if not set(findings.iterdir()) - before - {findings / "last.txt"}:
            sys.stdout.write(done.stderr[-4000:])
            raise SystemExit(f"{target} does not run")
    found = set(findings.iterdir()) - before - {findings / "last.txt"}
    return runs, round(time.monotonic() - begun), len(found)


def main() -> int:
    """Fuzz, then say what came of it."""
    seconds, targets = int(sys.argv[1]), sys.argv[2:] or TARGETS
    rows = [(target, *fuzz(target, seconds)) for target in targets]
    sys.stdout.write(f"{'target':<10} {'runs':>12} {'seconds':>8} {'findings':>9}\n")
    for target, runs, took, found in rows:
        sys.stdout.write(f"{target:<10} {runs:>12} {took:>8} {found:>9}\n")
    return 1 if any(found for *_, found in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
