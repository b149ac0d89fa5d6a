"""Time stamps over checkpoints (RFC 3161), checked by openssl against roots that come from outside the bundle."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.record.verifier.report import Report
from gateway.record.verifier.sealed import Log

SECONDS = 60
AHEAD = timedelta(minutes=10)
_TIME = re.compile(r"^Time stamp: (.+)$", re.M)


def check_stamps(folder: Path, log: Log, roots: Path | None, report: Report) -> None:
    """Each ``NUMBER.NAME.tsr`` beside ``NUMBER.note``."""
    pairs = [
        (stamp, note, seen)
        for note, seen in log.notes
        for stamp in sorted((folder / "checkpoints").glob(note.stem + ".*.tsr"))
    ]
    if not pairs:
        report.word("when the entries were made: no checkpoint was stamped by anybody else")
        return
    if roots is None or shutil.which("openssl") is None:
        need = "give --tsa-roots with the authority's certificates" if roots is None else "install openssl"
        report.word(f"{len(pairs)} time stamps lie beside the checkpoints and were not checked; {need}")
        return
    good: list[tuple[datetime, int]] = []
    for stamp, note, seen in pairs:
        moment = _verified(stamp, note, roots)
        if moment is None:
            report.failed(f"the time stamp {stamp.name} does not hold for its checkpoint, or another authority gave it")
        elif moment < seen.at - AHEAD:
            report.failed(
                f"the time stamp {stamp.name} is from {moment:%Y-%m-%d %H:%M} UTC, before the time that its checkpoint claims: a clock was wrong"
            )
        else:
            good.append((moment, seen.size))
    if good:
        first, last = min(good), max(good)
        report.proved(
            f"{len(good)} time stamps hold: entries 1 to {last[1]} existed at {last[0]:%Y-%m-%d %H:%M:%S} UTC, entries 1 to {first[1]} at {first[0]:%Y-%m-%d %H:%M:%S} UTC"
        )


def _verified(stamp: Path, note: Path, roots: Path) -> datetime | None:
    """The authority's time where its stamp over the note holds. Its certificate is judged at that time."""
    shown = _openssl("ts", "-reply", "-in", str(stamp), "-text")
    match = _TIME.search(shown or "")
    if match is None:
        return None
    try:
        moment = datetime.strptime(re.sub(r"\.\d+", "", match[1]).strip(), "%b %d %H:%M:%S %Y GMT").replace(tzinfo=UTC)
    except ValueError:
        return None
    then = str(int(moment.timestamp()))
    held = _openssl("ts", "-verify", "-data", str(note), "-in", str(stamp), "-CAfile", str(roots), "-attime", then)
    return moment if held is not None else None


def _openssl(*words: str) -> str | None:
    try:
        done = subprocess.run(["openssl", *words], capture_output=True, timeout=SECONDS, check=False)  # noqa: S603, S607
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf8", "replace") if done.returncode == 0 else None
