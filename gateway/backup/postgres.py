"""A PostgreSQL database as a file, and back, by PostgreSQL's own programs (pg_dump's archive form: one snapshot)."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from sqlalchemy.engine import make_url

from gateway.errors import BackupError

HOURS = 6
"""How long either may take."""


def dump(url: str, target: Path) -> None:
    """Write the database into a file. Raises BackupError."""
    plain = ("--format=custom", "--compress=0", "--no-owner", "--no-privileges")
    _run("pg_dump", url, *plain, f"--file={target}")


def load(source: Path, url: str) -> None:
    """Write a file into an empty database. Raises BackupError."""
    _run("pg_restore", url, "--no-owner", "--no-privileges", "--exit-on-error", str(source))


def _run(program: str, url: str, *words: str) -> None:
    """The password goes by the environment: everybody on the machine can read the words of a command."""
    where = make_url(url).set(drivername="postgresql")
    environment = {**os.environ, "PGPASSWORD": str(where.password or "")}
    command = [program, *words, f"--dbname={where.set(password=None).render_as_string(hide_password=False)}"]
    try:
        done = subprocess.run(  # noqa: S603 (our own words, no shell)
            command, env=environment, capture_output=True, text=True, timeout=HOURS * 3600, check=False
        )
    except FileNotFoundError:
        raise BackupError(
            f"{program} is missing; install the client programs of PostgreSQL (apt-get install postgresql-client)"
        ) from None
    except subprocess.TimeoutExpired:
        raise BackupError(f"{program} did not end within {HOURS} hours") from None
    if done.returncode:
        raise BackupError(f"{program} failed: {(done.stderr.strip().splitlines() or ['without a word'])[-1]}")
