"""Peak memory of `breakwater serve` with 10,000 messages queued: stored before it starts, read while it is watched."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from gateway.clock import utc_now
from gateway.demo.carriers import free_port
from gateway.demo.sample import EX_EMAIL
from gateway.intake.keep import Arrival, Keeper
from gateway.settings import load
from gateway.setup import create, gather
from gateway.store import Blobs, Store

COUNT, WATCH_SECONDS, LIMIT_MB = 10_000, 30, 150
ANSWERS = {
    "parent_name": "Dana",
    "parent_email": "dana@example.org",
    "coparent_name": "Mark",
    "coparent_email": EX_EMAIL,
    "children": "Emma; Noah",
    "time_zone": "America/Chicago",
    "relay_email": "rivera@relay.example.org",
}
MAIL = f"From: {EX_EMAIL}\r\nSubject: Friday\r\n\r\nPickup is at 6 on Friday. You never listen. Number {{}}.\r\n"


def fill(folder: Path) -> None:
    """Store the messages as intake would."""
    settings = load(folder)
    (family,) = settings.families
    store = Store(settings.database_url)
    blobs = Blobs(settings.data / "blobs", store)
    keeper = Keeper(store, blobs)
    futures = [
        keeper.submit(
            Arrival(family.key, family.time_zone, "email", MAIL.format(n).encode(), {"mail_from": EX_EMAIL}, utc_now())
        )
        for n in range(COUNT)
    ]
    for future in futures:
        future.result()
    keeper.close()
    store.close()


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="breakwater-memory-") as name:
        folder = Path(name)
        create(folder, gather(ANSWERS, None))
        file = folder / "breakwater.toml"
        text = file.read_text().replace("127.0.0.1:2525", f"127.0.0.1:{free_port()}")
        file.write_text(text.replace('web_listen = "127.0.0.1:8025"', f'web_listen = "127.0.0.1:{free_port()}"'))
        fill(folder)
        code = "from gateway.cli import main; main()"
        process = subprocess.Popen([sys.executable, "-c", code, "serve", "--dir", name], stderr=subprocess.DEVNULL)
        time.sleep(WATCH_SECONDS)
        status = Path(f"/proc/{process.pid}/status").read_text()
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    peak = next(int(line.split()[1]) for line in status.split("\n") if line.startswith("VmHWM")) / 1024
    print(
        f"peak memory of serve with {COUNT} messages queued, after {WATCH_SECONDS} s: {peak:.0f} MB (limit {LIMIT_MB} MB)"
    )
    return 0 if peak <= LIMIT_MB else 1


if __name__ == "__main__":
    sys.exit(main())
