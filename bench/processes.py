"""Messages a second from end to end with 1, 2 and 4 processes of the gateway over one PostgreSQL database.

    python bench/processes.py [--messages 300] [--families 40] [--rounds 1]

Real `breakwater serve` processes, real SMTP in, the real tagger, real SMTP out to a sink on loopback. The clock runs from the first
mail that is offered until the last card has left and nothing is open. All start before it, and their start does not count. The
server is PostgreSQL from the machine's packages, with its usual settings (each commit waits for the disk).

Printed for each: the rate, and beside it that of one process in the same run; exit status 1 where more processes were slower than one
by more than a tenth.
"""

from __future__ import annotations

import argparse
import os
import smtplib
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.lives import spawn
from tests.many import started
from tests.many.installation import EX, Installation, installation, mail, wait_until
from tests.many.server import Server

SHAPES = {
    1: ("intake+worker+delivery+web",),
    2: ("intake+delivery+web", "worker"),
    4: ("intake+web", "delivery", "worker-1", "worker-2"),
}
"""What each process does."""
SENDERS, PATIENCE = 4, 600
TEXT = "Pickup is at {} on Friday. You never listen to anybody. Emma has a fever of 101, gave her Tylenol at {}."


def offer(there: Installation, numbers: range, families: int) -> None:
    """Mails over one connection, one after the other."""
    host, _, port = there.settings.server.smtp_listen.rpartition(":")
    with smtplib.SMTP(host, int(port), timeout=60) as client:
        client.ehlo("mail.example.net")
        for number in numbers:
            family = number % families
            client.mail(EX)
            client.rcpt(f"family{family}@relay.example.org")
            code, said = client.data(mail(number, family, TEXT.format(1 + number % 11, 1 + number % 7)))
            if code != 250:
                raise SystemExit(f"a mail was not taken: {code} {said.decode()}")


def start(there: Installation, shape: tuple[str, ...]) -> None:
    """Start processes that read with the tagger; back when all are up."""
    for name in shape:
        roles = name.partition("-")[0].split("+")
        process = spawn.Process(
            target=started.run, args=(there.settings.directory, roles, there.log), kwargs={"model": True}
        )
        process.start()
        there.running[name] = process
    wanted = {process.pid for process in there.running.values()}
    wait_until(lambda: wanted <= {process.pid for process in there.processes()} and there.listens(), 120)


def rate(server: Server, shape: tuple[str, ...], messages: int, families: int) -> float:
    """Messages a second of a new installation."""
    with (
        tempfile.TemporaryDirectory() as folder,
        server.database() as url,
        installation(Path(folder), url, families) as there,
    ):
        start(there, shape)
        shares = [range(first, messages, SENDERS) for first in range(SENDERS)]
        threads = [threading.Thread(target=offer, args=(there, share, families)) for share in shares]
        began = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wait_until(lambda: there.open_work() == 0, PATIENCE)
        took = time.monotonic() - began
        there.stop()
    return messages / took


def main() -> int:
    """Measure each shape in turn, in each round."""
    parser = argparse.ArgumentParser(prog="python bench/processes.py")
    parser.add_argument("--messages", type=int, default=300)
    parser.add_argument("--families", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    server, found = Server(), {count: list[float]() for count in SHAPES}
    try:
        for _ in range(options.rounds):
            for count, shape in SHAPES.items():
                found[count].append(rate(server, shape, options.messages, options.families))
    finally:
        server.close()
    middle = {count: statistics.median(rates) for count, rates in found.items()}
    print(f"{options.messages} messages of {options.families} families, {os.cpu_count()} cores, PostgreSQL")
    for count, each in middle.items():
        print(
            f"  {count} process{'es' if count > 1 else '  '}  {each:6.1f} a second  {each / middle[1]:5.2f} times one"
        )
    return 0 if min(middle.values()) >= 0.9 * middle[1] else 1


if __name__ == "__main__":
    sys.exit(main())
