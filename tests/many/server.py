"""A PostgreSQL server of a test's own, on loopback: so that it can be stopped and started without anybody else's noticing."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from gateway.demo.carriers import free_port

OWNER = "postgres"
PROGRAMS = Path("/usr/lib/postgresql")


class Server:
    """A cluster in a folder of its own. `lines`: what else stands in its postgresql.conf; ``{folder}`` is that folder."""

    def __init__(self, *lines: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="breakwater-pg-"))
        self.port = free_port()
        if os.getuid() == 0:
            shutil.chown(self.folder, OWNER, OWNER)
        self._do("initdb", "-D", str(self.folder / "data"), "-U", "breakwater", "-A", "trust", "-N")
        self.configure(*lines)
        self.start()

    def configure(self, *lines: str) -> None:
        """Add lines to its settings."""
        with (self.folder / "data" / "postgresql.conf").open("a") as out:
            out.writelines(f"{line.format(folder=self.folder)}\n" for line in lines)

    def base_backup(self) -> None:
        """As pg_basebackup makes one, into ``base``, while it runs."""
        self._do(
            "pg_basebackup",
            "-h",
            "127.0.0.1",
            "-p",
            str(self.port),
            "-U",
            "breakwater",
            "-D",
            str(self.folder / "base"),
            "-c",
            "fast",
        )

    def recover(self, *lines: str) -> None:
        """Start from the base backup in place of the data, with these lines of settings, as it is written in the guide."""
        shutil.rmtree(self.folder / "data")
        shutil.copytree(self.folder / "base", self.folder / "data", copy_function=shutil.copy2)
        self.configure(*lines)
        (self.folder / "data" / "recovery.signal").touch()
        (self.folder / "data").chmod(0o700)
        if os.getuid() == 0:
            for path in (self.folder / "data", *(self.folder / "data").rglob("*")):
                shutil.chown(path, OWNER, OWNER)
        self.start()
        end = time.monotonic() + 60
        while self._recovers():  # it answers before it is there, for reading only
            assert time.monotonic() < end, "it did not recover in time"
            time.sleep(0.05)

    def _recovers(self) -> bool:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            return connection.execute("SELECT pg_is_in_recovery()").fetchone() == (True,)

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c max_connections=200"
        self._do(
            "pg_ctl", "-D", str(self.folder / "data"), "-o", options, "-l", str(self.folder / "log"), "-w", "start"
        )

    def stop(self, how: str = "immediate") -> None:
        self._do("pg_ctl", "-D", str(self.folder / "data"), "-m", how, "-w", "stop")

    def restart(self) -> None:
        """As after a power cut of the database's machine: nothing is told, the write-ahead log is played back."""
        self.stop()
        self.start()

    def url(self, name: str = "postgres") -> str:
        return f"postgresql://breakwater@127.0.0.1:{self.port}/{name}"

    @contextlib.contextmanager
    def database(self) -> Iterator[str]:
        """A new database; its URL."""
        name = f"test_{secrets.token_hex(6)}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        yield self.url(name)
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        with contextlib.suppress(subprocess.CalledProcessError):
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _do(self, program: str, *words: str) -> None:
        found = sorted(PROGRAMS.glob(f"*/bin/{program}"))
        as_owner = ["runuser", "-u", OWNER, "--"] if os.getuid() == 0 else []
        with (self.folder / "out").open("ab") as out:  # a server that was started keeps what it was given
            subprocess.run([*as_owner, str(found[-1]), *words], check=True, stdout=out, stderr=out, cwd="/")
