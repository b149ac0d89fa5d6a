"""The record of 5,000 messages beside typst alone on the same pages; the log with 100,000 entries.

    python bench/record.py [--messages 5000] [--entries 100000]

1. A family with so many messages (words of the corpus, already decided) is exported in a process of its own: gather, typeset,
   sign, natives, proofs, bag; once more only to the signed pages; and typst alone sets the very same values. Seconds, ratios to
   typst alone, peak memory of each process and of the largest typesetting process that it started.
2. So many entries are appended in groups as the keeper does, with their leaves; a checkpoint; proofs from one tree in memory;
   the verification of the whole log by `breakwater log verify`'s own code. Rates, peak memory before and after.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
GROUP = 64


def peak(who: int = resource.RUSAGE_SELF) -> float:
    """Peak memory in MB of this process, or of the largest that it started."""
    return resource.getrusage(who).ru_maxrss / 1024


def timed(start: float) -> str:
    """Seconds since `start`, and both peaks, as JSON."""
    return json.dumps(
        {"seconds": time.perf_counter() - start, "peak": peak(), "typesetter": peak(resource.RUSAGE_CHILDREN)}
    )


def signed(folder: str) -> None:
    """In a process of its own: from the store to signed pages and nothing else; prints seconds and peaks."""
    from gateway.policy import load_rules
    from gateway.record.gather import gather
    from gateway.record.make import Order, family_of, scope_of, style_of
    from gateway.record.signing import sign, signer_of
    from gateway.record.thumbs import thumbs
    from gateway.record.volumes import volumes
    from gateway.settings import load
    from gateway.store import Blobs, Store

    start, now = time.perf_counter(), datetime.now(UTC).replace(microsecond=0)
    settings, order = load(Path(folder)), Order()
    family = family_of(settings, order.family)
    store = Store(settings.database_url)
    blobs = Blobs(settings.data / "blobs", store)
    rules, scope = load_rules().for_family(family), scope_of(order, family)
    record = gather(store, blobs, family, rules, scope, fingerprint="0" * 64, now=now)
    by = signer_of(settings.data, settings.server.host_name, now)
    pictures, finish = thumbs(record, blobs), lambda pdf: sign(pdf, by, reason="bench")
    volumes(record, style_of(order.style), pictures, prefix=order.prefix, finish=finish)
    print(timed(start))


def export(folder: str) -> None:
    """In a process of its own: the whole export; prints seconds and peak."""
    from gateway.record.make import Order, make

    start = time.perf_counter()
    make(Path(folder), Path(folder).parent / "bundle", Order(), datetime.now(UTC))
    print(timed(start))


def typst_alone(folder: str) -> None:
    """In a process of its own: the same values through typst and nothing else; prints seconds and peak."""
    from gateway.record.pages import pages

    files = sorted((Path(folder).parent / "bundle" / "data").glob("transcript*.json"))
    volumes = [json.loads(file.read_text(encoding="utf8")) for file in files]
    start = time.perf_counter()
    for values in volumes:
        pages(values, datetime.fromisoformat(values["made_at"]), fingerprint=values["fingerprint"])
    print(timed(start))


def log(folder: str, count: int) -> None:
    """In a process of its own: append, checkpoint, prove, verify; prints all of it."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from gateway.ledger import Event, append_all, entries, verify
    from gateway.ledger.checkpoints import Checkpoints
    from gateway.record.sealed import Sealed
    from gateway.store import Store

    store = Store(f"sqlite:///{folder}/log.db")
    store.migrate()
    start = time.perf_counter()
    for at in range(0, count, GROUP):
        events = [
            Event(
                "received",
                {"channel": "sms", "sha256": f"{n:064x}", "size": n, "message": n},
                NOW + timedelta(seconds=n),
                "UTC",
            )
            for n in range(at, min(at + GROUP, count))
        ]
        with store.write() as session:
            append_all(session, "rivera", events)
    appended = time.perf_counter() - start
    after_append = peak()
    signer = Checkpoints(store, Ed25519PrivateKey.generate(), "relay.example.org")
    start = time.perf_counter()
    signer.make_due(NOW)
    checkpoint = time.perf_counter() - start
    sealed = Sealed(store, "rivera", signer.key("rivera"))
    start = time.perf_counter()
    for n in range(0, count, max(count // 10_000, 1)):
        sealed.path(n)
    proof = (time.perf_counter() - start) / len(range(0, count, max(count // 10_000, 1)))
    del sealed
    start = time.perf_counter()
    with store.read() as session:
        verify(entries(session))
    signer.verify("rivera")
    verified = time.perf_counter() - start
    print(
        json.dumps(
            {
                "append": count / appended,
                "checkpoint": checkpoint,
                "proof": proof,
                "verify": verified,
                "peak": peak(),
                "after_append": after_append,
            }
        )
    )


def run(*words: str) -> dict[str, float]:
    done = subprocess.run([sys.executable, __file__, *words], capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=5000)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--only", nargs=2, metavar=("WHAT", "FOLDER"))
    arguments = parser.parse_args()
    if arguments.only:
        what, folder = arguments.only
        {"export": export, "signed": signed, "typst": typst_alone}[what](folder) if what != "log" else log(
            folder, arguments.entries
        )
        return
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from tests.record.sample import make

    with tempfile.TemporaryDirectory(prefix="bench-record-") as place:
        family = Path(place) / "family"
        start = time.perf_counter()
        make(family, arguments.messages, odd=()).close()
        print(
            f"{arguments.messages} messages received, read and delivered in {time.perf_counter() - start:.0f} s",
            flush=True,
        )
        seen = {what: run("--only", what, str(family)) for what in ("export", "signed", "typst")}
        alone = seen["typst"]["seconds"]
        for what, name in (("typst", "typst alone"), ("signed", "store to signed pages"), ("export", "whole bundle")):
            one = seen[what]
            memory = f"peak {one['peak']:5.0f} MB, its typesetter {one['typesetter']:5.0f} MB"
            print(f"{name:22} {one['seconds']:7.1f} s   {one['seconds'] / alone:5.2f} x   {memory}", flush=True)
        seen = run("--only", "log", place, "--entries", str(arguments.entries))
        print(
            f"{arguments.entries} entries: appended {seen['append']:.0f} a second in groups of {GROUP}; checkpoint {seen['checkpoint']:.2f} s"
        )
        print(
            f"a proof {seen['proof'] * 1000:.3f} ms; all verified in {seen['verify']:.1f} s; peak {seen['after_append']:.0f} MB appending, {seen['peak']:.0f} MB at the end"
        )


if __name__ == "__main__":
    main()
