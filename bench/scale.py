"""What a message costs in an installation of 100, 1,000, 10,000 families with 50 messages each.

    python bench/scale.py [--families 100 1000 10000] [--messages 50] [--new 300] [--database URL] [--keep DIR]

One family's messages walk through the product for real; their rows are then copied for each other family, with names, numbers, tokens
and hashes of their own (what a copy's hash says is not true, only as long and as random; nothing here reads it). Then `--new` messages
of families drawn by a seed are kept, read (by the real tagger), composed and handed to a sender that takes everything. Printed for
each size, in milliseconds of processor and of wall: what a new message costs in each step, and beside it what the periodic looks cost
once, whatever is to do (they are made every few seconds or every minute, and may not grow into a burden). Exits with 1 where the
processor's cost of a message at the largest size is more than 20 % over that at the smallest.

`--database`: an empty database of a PostgreSQL server, emptied before each size; without it SQLite in a new folder.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from sqlalchemy import Column, Integer, Table, UniqueConstraint, func, insert, select, text

from gateway.clock import utc_now
from gateway.counts import Counts
from gateway.delivery import outbox
from gateway.delivery.edge import Edge
from gateway.delivery.gather import Gatherer
from gateway.delivery.outbox import Parcel
from gateway.family import Directory
from gateway.family.people import Family
from gateway.intake.keep import Arrival, Keeper
from gateway.ledger.checkpoints import Checkpoints, signing_key
from gateway.lifetime import note_start
from gateway.policy import load_rules
from gateway.questions import Reminders
from gateway.store import Blobs, Store
from gateway.store.tables import Base
from gateway.tagging import open_tagger
from gateway.vault import search
from gateway.worker import Worker

URL, ZONE, SEED, STRIDE = "https://relay.example.org", "America/Chicago", 7, 1_000
LINES = (
    "Pickup is at {} on Friday. You never listen to anybody.",
    "Emma has a fever of 101, gave her Tylenol at {}. You would know if you ever called.",
    "Noah's coat is still at yours, bring it Tuesday at {} please",
    "You ruined my life and you know it. {} years.",
    "Can you take Emma to the dentist Thursday at {}? I need to know by tomorrow.",
    "The school play costs $4{} for both. Half is yours.",
)
LOG_COLUMNS = {"family", "log"}


class Taker:
    """A way out that takes everything."""

    went = 0

    async def send(self, parcel: Parcel, *, sender: str, now: Any, hand_over: Callable[[], None]) -> str | None:
        hand_over()
        self.went += 1
        return f"taken-{self.went}"

    async def seek(self, parcel: Parcel, *, sender: str) -> str | None:
        return None


def family(n: int) -> Family:
    """The n-th of many."""
    return Family.model_validate(
        {
            "key": f"family{n}",
            "time_zone": ZONE,
            "relay_email": f"family{n}@relay.example.org",
            "parent": {"name": "Dana", "emails": [{"address": f"dana{n}@example.org"}]},
            "coparent": {"name": "Mark", "emails": [{"address": f"mark{n}@example.com"}]},
            "child": [{"name": "Emma"}, {"name": "Noah"}],
        }
    )


def mail(n: int, who: int) -> Arrival:
    """A message of the n-th family's other parent."""
    words = LINES[who % len(LINES)].format(1 + who % 9)
    head = f"From: mark{n}@example.com\r\nTo: family{n}@relay.example.org\r\nSubject: kids\r\nMessage-ID: <{n}.{who}@example.com>\r\n"
    envelope = {"mail_from": f"mark{n}@example.com", "rcpt_to": [f"family{n}@relay.example.org"], "peer": "192.0.2.1"}
    return Arrival(f"family{n}", ZONE, "email", f"{head}\r\n{words} (no. {who})\r\n".encode(), envelope, utc_now())


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds a message, of the processor and of the wall."""

    cpu: float
    wall: float


class House:
    """The parts of a gateway that a message walks through, without ports and threads but the keeper's."""

    def __init__(self, folder: Path, url: str, directory: Directory, tagger: Any) -> None:
        self.store, self.directory = Store(url), directory
        self.store.migrate()
        self.blobs = Blobs(folder / "blobs", self.store)
        self.keeper = Keeper(self.store, self.blobs)
        self.worker = Worker(self.store, self.blobs, directory, tagger, load_rules(), utc_now, public_url=URL)
        self.taker = Taker()
        self.gatherer = Gatherer(self.store, directory, URL)
        self.edge = Edge(self.store, directory, {"email": self.taker, "sms": self.taker}, utc_now, self.gatherer)
        self.checkpoints = Checkpoints(self.store, signing_key(folder), "relay.example.org")

    def keep(self, arrivals: list[Arrival]) -> None:
        for future in [self.keeper.submit(one) for one in arrivals]:
            future.result()

    def read(self) -> None:
        while self.worker.step():
            pass

    def send(self) -> None:
        while asyncio.run(self.edge.round()):
            pass

    def close(self) -> None:
        self.keeper.close()
        self.blobs.close()
        self.store.close()


def taken(act: Callable[[], object], count: int = 1) -> Cost:
    start, worked = time.perf_counter(), time.process_time()
    act()
    return Cost(1000 * (time.process_time() - worked) / count, 1000 * (time.perf_counter() - start) / count)


def crowd(store: Store, count: int) -> None:
    """Families 1 to `count`, some hundreds in a transaction."""
    for first in range(1, count, 500):
        copies(store, first, min(first + 500, count))


def copies(store: Store, first: int, last: int) -> None:
    """Give families `first` to `last` (not included) the rows of family 0."""
    with store.write() as session:
        for table in Base.metadata.sorted_tables:
            rows = [dict(row._mapping) for row in session.execute(template(table))]
            if rows:
                for part in parts(table, rows, first, last):
                    session.execute(insert(table), part)
        words = {int(row[0]): str(row[1]) for row in session.execute(text("SELECT id, words FROM bench_words"))}
        for n in range(first, last):
            for number, said in words.items():
                search.put(session, number + n * STRIDE, f"family{n}", said)


def template(table: Table) -> Any:
    """Rows of family 0: those that name it, and those that hang on such a row."""
    for name in LOG_COLUMNS & set(table.c.keys()):
        return select(table).where(table.c[name] == "family0")
    for key in (c for c in table.c if c.foreign_keys):
        target = next(iter(key.foreign_keys)).column.table
        for name in LOG_COLUMNS & set(target.c.keys()):
            return select(table).where(key.in_(select(target.c.id).where(target.c[name] == "family0")))
    return select(table).where(text("1 = 0"))


def parts(table: Table, rows: list[dict[str, Any]], first: int, last: int) -> Iterator[list[dict[str, Any]]]:
    """The copies, some thousands at a time."""
    moved, own = changing(table)
    found: list[dict[str, Any]] = []
    for n in range(first, last):
        for row in rows:
            made = dict(row)
            for name in LOG_COLUMNS & made.keys():
                made[name] = f"family{n}"
            for name in moved & made.keys():
                if made[name] is not None:
                    made[name] += n * STRIDE
            for name in own & made.keys():
                made[name] = other(made[name], n)
            found.append(made)
        if len(found) > 20_000:
            yield found
            found = []
    if found:
        yield found


def changing(table: Table) -> tuple[set[str], set[str]]:
    """Columns with numbers of rows, and columns with text that must stand once."""
    moved = {c.name for c in table.c if isinstance(c.type, Integer) and (c.primary_key or c.foreign_keys)}
    alone: set[str] = {c.name for c in table.c if c.unique or (c.primary_key and c.name not in moved)}
    for constraint in (c for c in table.constraints if isinstance(c, UniqueConstraint)):
        names = {c.name for c in constraint.columns}
        if not names & moved:
            alone |= {c.name for c in constraint.columns if is_text(c)}
    alone |= {i.name for index in table.indexes if index.unique for i in index.columns if is_text(i)}
    return moved, (alone | {"hash", "prev", "fingerprint", "token"} & set(table.c.keys())) - LOG_COLUMNS


def is_text(column: Column[Any]) -> bool:
    return column.type.python_type is str


def other(value: Any, n: int) -> Any:
    """Text as long as the old one and of family n alone; the same old one gives the same new one."""
    if not isinstance(value, str):
        return value
    mixed = hashlib.sha256(f"{n} {value}".encode()).hexdigest()
    return (mixed * (len(value) // len(mixed) + 1))[: max(len(value), 16)]


def empty(url: str) -> None:
    """Throw away what is in a PostgreSQL database."""
    store = Store(url)
    with store.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    store.close()


def run(count: int, args: argparse.Namespace, tagger: Any) -> float:
    """One size; the processor's milliseconds a message."""
    with tempfile.TemporaryDirectory(prefix="breakwater-scale-", dir=args.keep) as name:
        folder, url = Path(name), args.database or f"sqlite:///{name}/breakwater.db"
        if args.database:
            empty(url)
        made = taken(lambda: directories.append(Directory(family(n) for n in range(count))))
        directory = directories.pop()
        house = House(folder, url, directory, tagger)
        begun = taken(lambda: note_start(house.store, Directory([directory.by_key["family0"]]), utc_now()))
        house.keep([mail(0, n) for n in range(args.messages)])
        house.read()
        house.send()
        with house.store.write() as session:
            session.execute(text("CREATE TABLE bench_words (id BIGINT PRIMARY KEY, words TEXT)"))
            session.execute(
                text("INSERT INTO bench_words SELECT message_id, new_text FROM decision WHERE new_text IS NOT NULL")
            )
        filled = taken(lambda: crowd(house.store, count))
        with house.store.read() as session:
            rows = sum(session.scalar(select(func.count()).select_from(t)) or 0 for t in Base.metadata.sorted_tables)
        house.checkpoints.make_due(utc_now())
        draw = random.Random(SEED)
        new = [mail(draw.randrange(count), args.messages + n) for n in range(args.new)]
        house.keep([mail(draw.randrange(count), 9_000 + n) for n in range(30)])
        house.read()
        house.send()
        kept, read = taken(lambda: house.keep(new), args.new), taken(house.read, args.new)
        sent = taken(house.send, args.new)
        looks = periodic(house)
        whole = kept.cpu + read.cpu + sent.cpu
        size = sum(f.stat().st_size for f in folder.rglob("*.db*")) / 1e6
        print(
            f"\n{count:,} families, {rows:,} rows{f', {size:,.0f} MB' if size else ''}, filled in {filled.wall / 1000:.0f} s, "
            f"directory built in {made.wall / 1000:.1f} s, start noted in {begun.wall:.0f} ms, "
            f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"
        )
        print(f"  a message: {whole:.2f} ms processor, {kept.wall + read.wall + sent.wall:.2f} ms wall")
        for what, cost in {"kept": kept, "read": read, "sent": sent}.items():
            print(f"    {what:12} {cost.cpu:8.2f} {cost.wall:8.2f}")
        print("  a look, when there is nothing to do:")
        for what, cost in looks.items():
            print(f"    {what:12} {cost.cpu:8.2f} {cost.wall:8.2f}")
        house.close()
        return whole


directories: list[Directory] = []


def periodic(house: House) -> dict[str, Cost]:
    """What the clocks of a gateway cost at each turn."""
    house.checkpoints.make_due(utc_now())
    reminders, counts = (
        Reminders(house.store, house.directory, utc_now, URL),
        Counts(house.store, house.directory, utc_now),
    )
    return {
        "checkpoints": taken(lambda: house.checkpoints.make_due(utc_now())),
        "reminders": taken(reminders.step),
        "counts": taken(counts.step),
        "gatherer": taken(lambda: house.gatherer.gather(utc_now())),
        "quiet hours": taken(lambda: house.gatherer.quiet(utc_now())),
        "worker": taken(house.worker.step),
        "outbox": taken(lambda: outbox.recover(house.store)),
        "edge": taken(lambda: asyncio.run(house.edge.round())),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--families", type=int, nargs="+", default=[100, 1_000, 10_000])
    parser.add_argument("--messages", type=int, default=50)
    parser.add_argument("--new", type=int, default=300)
    parser.add_argument("--database", default="")
    parser.add_argument("--keep", default=None, help="folder for the data (a disk with room for it)")
    args = parser.parse_args()
    tagger = open_tagger()
    costs = [run(count, args, tagger) for count in args.families]
    print(f"\nlargest to smallest: {costs[-1] / costs[0]:.2f} times the processor a message")
    return 0 if costs[-1] <= 1.2 * costs[0] else 1


if __name__ == "__main__":
    sys.exit(main())
