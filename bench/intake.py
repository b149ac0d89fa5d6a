"""Messages kept durably per second, beside Postfix and beside an aiosmtpd handler that does nothing.

All three are spoken to by the same client (smtp-source, from Debian's postfix package) with the same messages, over 1 and
20 connections, in one run and on one disk, in turns. Beside the rate stands the processor time that a message cost, over
all processes of a server: on a machine that is busy with something else it varies less than the rate does. Postfix accepts into its own queue (fsync before 250, as RFC 5321
asks) with delivery deferred, so that it does nothing but accept. Needs: apt-get install postfix; run as root.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import uvloop
from aiosmtpd.smtp import SMTP

from gateway.clock import utc_now
from gateway.demo.carriers import free_port
from gateway.demo.sample import RELAY_EMAIL, family
from gateway.family import Directory, Family
from gateway.intake.keep import Keeper
from gateway.intake.refusals import Refusals
from gateway.intake.smtp import Conversation, Handler
from gateway.store import Blobs, Store
from tests.harness import Loop

SIZE = 4096
CONNECTIONS = (1, 20)


class Nothing:
    """A handler that says yes."""

    async def handle_DATA(self, server, session, envelope) -> str:
        return "250 OK"


def serve_ours(folder: Path) -> tuple[int, callable]:
    store = Store(f"sqlite:///{folder / 'bench.db'}")
    store.migrate()
    blobs = Blobs(folder / "blobs", store)
    keeper = Keeper(store, blobs)
    handler = Handler(
        Directory([Family.model_validate(family())]), keeper, Refusals(store, utc_now), utc_now, limit=25_000_000
    )
    port = _listen(
        lambda: Conversation(handler, host_name="relay.example.org", tls=None, idle_seconds=60), uvloop.new_event_loop
    )
    return port, keeper.close


def serve_nothing(_folder: Path) -> tuple[int, callable]:
    return _listen(lambda: SMTP(Nothing(), hostname="x")), lambda: None


def _listen(factory, make_loop=asyncio.new_event_loop) -> int:
    loop = Loop(make_loop)

    async def start() -> int:
        server = await asyncio.get_running_loop().create_server(factory, "127.0.0.1", 0, backlog=512)
        return server.sockets[0].getsockname()[1]

    return loop.do(start())


def serve_postfix(folder: Path) -> tuple[int, int, callable]:
    """A Postfix of its own: own queue folder, own port, everything deferred. Port, process, and how to end it."""
    config, queue, port = folder / "postfix", folder / "queue", free_port()
    folder.chmod(0o755)
    data = folder / "pfdata"
    config.mkdir()
    queue.mkdir()
    data.mkdir()
    shutil.chown(data, "postfix", "postfix")
    (config / "main.cf").write_text(
        f"queue_directory = {queue}\ndata_directory = {data}\nmyhostname = mail.example.com\nmydestination =\ninet_interfaces = 127.0.0.1\n"
        "mynetworks = 127.0.0.0/8\ndefer_transports = smtp local relay virtual\nmaillog_file = /dev/stdout\n"
        "smtpd_client_connection_count_limit = 0\nsmtpd_client_connection_rate_limit = 0\n"
        "compatibility_level = 3.6\nsmtpd_recipient_restrictions = permit_mynetworks\nin_flow_delay = 0\nalias_maps =\n"
        "message_size_limit = 25000000\nqueue_minfree = 0\n"
    )
    master = Path("/etc/postfix/master.cf").read_text().replace("smtp      inet  n", f"127.0.0.1:{port} inet  n")
    (config / "master.cf").write_text(master.replace("       y       ", "       n       "))
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    command = ["postfix", "-c", str(config)]
    running = subprocess.Popen([*command, "start-fg"], **quiet)

    def end() -> None:
        subprocess.run([*command, "abort"], **quiet, timeout=20)
        running.wait(20)

    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return port, running.pid, end
        time.sleep(0.1)
    end()
    raise RuntimeError("Postfix did not start")


def rate(port: int, connections: int, count: int) -> float:
    """Messages per second that smtp-source gets accepted."""
    command = ["smtp-source", "-s", str(connections), "-m", str(count), "-l", str(SIZE), "-f", "mark@example.net",
               "-t", RELAY_EMAIL, "-d", f"127.0.0.1:{port}"]  # fmt: skip
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return count / (time.perf_counter() - start)


def processor_seconds(root: int) -> float:
    """Processor time of a process and of all below it, those that ended included."""
    below: dict[int, list[int]] = {}
    used: dict[int, int] = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = file.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # ended meanwhile
        below.setdefault(int(fields[1]), []).append(int(file.parent.name))
        used[int(file.parent.name)] = sum(int(ticks) for ticks in fields[11:15])
    todo, ticks = [root], 0
    while todo:
        one = todo.pop()
        ticks += used.get(one, 0)
        todo += below.get(one, [])
    return ticks / os.sysconf("SC_CLK_TCK")


def latencies(port: int, connections: int, count: int) -> list[float]:
    """Seconds from the end of DATA to the answer, of each message, with `connections` at once."""
    import smtplib

    found: list[float] = []

    def one() -> None:
        with smtplib.SMTP("127.0.0.1", port) as client:
            client.ehlo()
            for _ in range(count // connections):
                client.mail("mark@example.net")
                client.rcpt(RELAY_EMAIL)
                start = time.perf_counter()
                client.data(b"Subject: x\r\n\r\n" + b"y" * SIZE + b"\r\n")
                found.append(time.perf_counter() - start)

    threads = [threading.Thread(target=one) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(found)


def child(name: str, folder: Path) -> None:
    """Serve in a process of its own until killed; print the port."""
    port, close = {"breakwater": serve_ours, "aiosmtpd, nothing kept": serve_nothing}[name](folder)
    print(port, flush=True)
    signal.sigwait({signal.SIGTERM})
    close()
    os._exit(0)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=1500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--child")
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    if options.child:
        child(options.child, options.folder)
    if not shutil.which("smtp-source"):
        print("bench/intake.py: skipped, smtp-source is missing (apt-get install postfix)")
        return 0
    with tempfile.TemporaryDirectory(prefix="breakwater-bench-", dir=os.environ.get("BENCH_DIR")) as root:
        ports, roots, ends = {}, {}, []
        for name in ("breakwater", "aiosmtpd, nothing kept"):
            folder = Path(root) / name.split(",")[0]
            folder.mkdir()
            process = subprocess.Popen(
                [sys.executable, __file__, "--child", name, "--folder", str(folder)], stdout=subprocess.PIPE, text=True
            )
            ports[name], roots[name] = int(process.stdout.readline()), process.pid
            ends.append(process.terminate)
        folder = Path(root) / "pf"
        folder.mkdir()
        Path(root).chmod(0o755)
        try:
            if os.geteuid() == 0:
                ports["Postfix"], roots["Postfix"], end = serve_postfix(folder)
                ends.append(end)
            measure(ports, roots, options.rounds, options.count)
        finally:
            for end in ends:
                end()
            time.sleep(0.5)
    return 0


def measure(ports: dict[str, int], roots: dict[str, int], rounds: int, count: int) -> None:
    for connections in CONNECTIONS:
        number = count if connections > 1 else count // 3
        rates: dict[str, list[float]] = {name: [] for name in ports}
        spent = dict.fromkeys(ports, 0.0)
        for _ in range(rounds):
            for name, port in ports.items():
                before = processor_seconds(roots[name])
                rates[name].append(rate(port, connections, number))
                spent[name] += processor_seconds(roots[name]) - before
        base = statistics.median(rates["breakwater"])
        print(f"{connections} connections, {number} messages of {SIZE} bytes, median of {rounds} rounds")
        for name, found in rates.items():
            middle = statistics.median(found)
            each = spent[name] / (rounds * number) * 1000
            print(
                f"  {name:24} {middle:8.0f} /s   breakwater is {base / middle:.2f} times as fast   {each:.2f} ms of processor each"
            )
        slow = latencies(ports["breakwater"], connections, number)
        print(
            f"  breakwater, end of DATA to receipt: median {slow[len(slow) // 2] * 1000:.1f} ms, p99 {slow[int(len(slow) * 0.99)] * 1000:.1f} ms"
        )


if __name__ == "__main__":
    sys.exit(main())
