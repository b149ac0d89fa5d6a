"""A real clamd from the system, on a socket of its own, with a signature database of one line that knows EICAR."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from gateway.attachments.scanner import Clamd
from tests.attachments.samples import EICAR

NAME = "Breakwater.Test.EICAR"


def program() -> str:
    """Where clamd is; the package is clamav-daemon."""
    found = shutil.which("clamd", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    assert found is not None, "clamd is not installed: apt-get install clamav-daemon"
    return found


@contextlib.contextmanager
def running(*, port: int | None = None, largest: str = "5M") -> Iterator[str]:
    """Start it; the address for the settings. Sockets need short paths, so the folder is one of its own."""
    with tempfile.TemporaryDirectory(prefix="clam-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        signatures = folder / "db"
        signatures.mkdir()
        (signatures / "test.ndb").write_text(f"{NAME}:0:*:{EICAR.hex()}\n")
        listen = f"TCPSocket {port}\nTCPAddr 127.0.0.1\n" if port else f"LocalSocket {folder}/s\n"
        config = folder / "clamd.conf"
        config.write_text(
            f"{listen}DatabaseDirectory {signatures}\nForeground yes\nLogFile {folder}/log\nTemporaryDirectory {folder}\n"
            f"Bytecode no\nStreamMaxLength {largest}\nMaxThreads 2\n"
        )
        process = subprocess.Popen([program(), "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        address = f"127.0.0.1:{port}" if port else f"{folder}/s"
        try:
            end = time.monotonic() + 60
            while not Clamd(address, seconds=2).ping():
                assert process.poll() is None, (folder / "log").read_text()
                assert time.monotonic() < end, "clamd did not answer in time"
                time.sleep(0.1)
            yield address
        finally:
            process.terminate()
            process.wait(30)
