"""Known weaknesses of the locked packages: `make audit`, with pip-audit and the advisories of the package index.

Status 0: all were looked up and none is known; 1: some are, and they are named; 3: the advisories could not be reached for all, so nothing is said of
the rest. What was not looked up is never called good.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from supply.licences import LOCK

COMMAND = ["pip_audit", "-r", str(LOCK), "--no-deps", "--disable-pip", "--progress-spinner", "off", "-f", "json"]


def judged(status: int, out: str, err: str) -> tuple[int, list[str]]:
    """Status and lines for what pip-audit gave."""
    try:
        found: list[dict[str, Any]] = json.loads(out)["dependencies"]
    except (ValueError, KeyError, TypeError):
        why = (err.strip().splitlines() or ["it said nothing"])[-1][:200]
        return 3, [
            f"The advisories could not be reached ({why}). Nothing was audited; repeat where there is a network."
        ]
    bad = [one for one in found if one.get("vulns")]
    unseen = [one["name"] for one in found if one.get("skip_reason")]
    lines = [
        f"{one['name']} {one['version']}: {v['id']}, mended in {', '.join(v['fix_versions']) or 'no version yet'}"
        for one in bad
        for v in one["vulns"]
    ]
    lines.append(f"{len(found) - len(unseen)} of {len(found)} packages looked up, {len(bad)} with a known weakness.")
    if unseen:
        lines.append(
            f"{len(unseen)} could not be looked up, such as {', '.join(unseen[:3])}; nothing is known of them. Repeat where there is a network."
        )
    return (1 if bad else 3 if unseen or not found else 0), lines


def main() -> int:
    """Ask, print, and say by the status."""
    done = subprocess.run([sys.executable, "-m", *COMMAND], capture_output=True, text=True, check=False, timeout=600)
    status, lines = judged(done.returncode, done.stdout, done.stderr)
    sys.stdout.write("\n".join(lines) + "\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
