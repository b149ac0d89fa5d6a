"""Everything that somebody may do to a bundle or a log, and whether it is caught and named: `make attack`.

    python -m tests.record.attack

Flips every byte of the files that the specification covers one by one (of files over 4 kB every sixteenth byte), then edits,
reorders, drops, cuts, forks, swaps, back-dates, takes another key, an authority that has run out, and a log that its operator
wrote anew against a checkpoint that somebody kept.
"""

from __future__ import annotations

import csv
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text

from gateway.errors import LogError
from gateway.ledger.checkpoint import make as make_checkpoint
from gateway.ledger.checkpoints import Checkpoints, signing_key
from gateway.ledger.note import Key, sign
from gateway.record.make import Order, make
from gateway.record.verifier.bag import SEAL, TAGS, check_bag, seal_text, tag_lines
from gateway.record.verifier.note import key_of
from gateway.record.verifier.report import Broken, Report
from gateway.record.verifier.run import verify_bundle
from gateway.store.blobs import digest
from tests.record.sample import World
from tests.record.sample import make as make_world

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
LARGE, STEP = 4096, 16


@dataclass
class Target:
    """A small bundle, and the secrets of whoever ran the gateway."""

    folder: Path
    fingerprint: str
    private: Ed25519PrivateKey
    key: Key

    def copy(self) -> Path:
        place = Path(tempfile.mkdtemp(prefix="attack-")) / "bundle"
        shutil.copytree(self.folder, place)
        return place

    def check(self, folder: Path) -> Report:
        return verify_bundle(folder, self.fingerprint, None)


def target(place: Path) -> tuple[World, Target]:
    """A world of a few messages and its bundle."""
    world = make_world(place / "family", 5, odd=("Emma's dentist is Tuesday at 3:30", "ok", "I hate you"))
    made = make(world.folder, place / "bundle", Order(), NOW)
    private = signing_key(world.settings.data)
    key = Key(world.signer.key("rivera").name, private.public_key().public_bytes_raw())
    return world, Target(place / "bundle", made.fingerprint, private, key)


def flips(aim: Target, step: int = 1) -> Iterator[tuple[str, int, bool]]:
    """File, place and whether the flip was caught."""
    folder = aim.copy()
    key = key_of((folder / "data" / "log" / "key.txt").read_text())
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        content = file.read_bytes()
        stride = step * (STEP if len(content) > LARGE else 1)
        for at in range(0, len(content), stride):
            flipped = bytearray(content)
            flipped[at] ^= 1 << (at % 8)
            file.write_bytes(bytes(flipped))
            yield str(file.relative_to(folder)), at, _caught(folder, key)
        file.write_bytes(content)
    shutil.rmtree(folder.parent)


def _caught(folder: Path, key: object) -> bool:
    """The bag's own check is the first of all; where it says nothing, all of them are asked."""
    report = Report()
    try:
        check_bag(folder, key_of((folder / "data" / "log" / "key.txt").read_text()), report)
    except (Broken, OSError, ValueError):
        return True
    if report.failures:
        return True
    return key_of((folder / "data" / "log" / "key.txt").read_text()) != key


def reseal(folder: Path, aim: Target, private: Ed25519PrivateKey | None = None, what: str = "") -> None:
    """What a dishonest operator does after a change: make manifests and seal anew, with the true key or another."""
    lines = [
        f"{digest(p.read_bytes())}  {p.relative_to(folder).as_posix()}\n"
        for p in sorted((folder / "data").rglob("*"))
        if p.is_file()
    ]
    (folder / "manifest-sha256.txt").write_text("".join(lines))
    words = what or (folder / SEAL).read_text(encoding="utf8").split("\n")[1]
    kind, messages, _, total = words.split(" ")
    text_ = seal_text(aim.key.name, kind, int(messages), int(total), folder)
    (folder / SEAL).write_text(sign(text_, aim.key.name, private or aim.private), encoding="utf8")
    (folder / TAGS).write_text(tag_lines(folder))


Change = Callable[[Path, Target], None]


def lines_of(folder: Path, name: str) -> list[str]:
    return (folder / "data" / "log" / name).read_text(encoding="utf8").splitlines()


def put(folder: Path, name: str, lines: list[str]) -> None:
    (folder / "data" / "log" / name).write_text("".join(line + "\n" for line in lines), encoding="utf8")


def edit_native(folder: Path, aim: Target) -> None:
    (folder / "data" / "native" / "000001.form").write_bytes(b"From=%2B15550100199&Body=Emma+is+fine")


def edit_decision(folder: Path, aim: Target) -> None:
    (folder / "data" / "decisions" / "000001.json").write_text("{}")


def edit_opening(folder: Path, aim: Target) -> None:
    lines = lines_of(folder, "openings.jsonl")
    at = next(n for n, line in enumerate(lines) if '"sms"' in line)
    put(folder, "openings.jsonl", [*lines[:at], lines[at].replace('"sms"', '"email"'), *lines[at + 1 :]])


def swap_openings(folder: Path, aim: Target) -> None:
    rows = [json.loads(line) for line in lines_of(folder, "openings.jsonl")]
    kept = [r for r in rows if any(o["value"] == "received" for o in r["openings"])]
    kept[0]["openings"], kept[1]["openings"] = kept[1]["openings"], kept[0]["openings"]
    put(
        folder,
        "openings.jsonl",
        [json.dumps(r, sort_keys=True, separators=(",", ":"), ensure_ascii=False) for r in rows],
    )


def reorder_leaves(folder: Path, aim: Target) -> None:
    lines = lines_of(folder, "leaves.txt")
    put(folder, "leaves.txt", [lines[1], lines[0], *lines[2:]])


def drop_leaf(folder: Path, aim: Target) -> None:
    lines = lines_of(folder, "leaves.txt")
    put(folder, "leaves.txt", lines[:3] + lines[4:])


def cut_the_tail(folder: Path, aim: Target) -> None:
    put(folder, "leaves.txt", lines_of(folder, "leaves.txt")[:-2])
    put(folder, "openings.jsonl", lines_of(folder, "openings.jsonl")[:-2])


def cut_the_tail_and_sign_it(folder: Path, aim: Target) -> None:
    cut_the_tail(folder, aim)
    leaves = [bytes.fromhex(line) for line in lines_of(folder, "leaves.txt")]
    note = make_checkpoint(aim.key.name, leaves, NOW + timedelta(days=1), aim.private)
    (folder / "data" / "log" / "checkpoints" / "999999.note").write_text(note, encoding="utf8")


def drop_a_message(folder: Path, aim: Target) -> None:
    index = folder / "data" / "index.csv"
    rows = index.read_bytes().decode("utf8").split("\r\n")
    index.write_text("\r\n".join(rows[:1] + rows[2:]), encoding="utf8", newline="")
    (folder / "data" / "native" / "000001.form").unlink()


def hide_an_entry(folder: Path, aim: Target) -> None:
    rows = lines_of(folder, "openings.jsonl")
    hidden = next(i for i, line in enumerate(rows) if '"value":"received"' in line)
    put(folder, "openings.jsonl", rows[:hidden] + rows[hidden + 1 :])


def fork(folder: Path, aim: Target) -> None:
    leaves = [bytes.fromhex(line) for line in lines_of(folder, "leaves.txt")]
    leaves[2] = bytes(32)
    note = make_checkpoint(aim.key.name, leaves[:5], NOW, aim.private)
    (folder / "data" / "log" / "checkpoints" / "000002.note").write_text(note, encoding="utf8")


def put_the_clock_back(folder: Path, aim: Target) -> None:
    leaves = [bytes.fromhex(line) for line in lines_of(folder, "leaves.txt")]
    note = make_checkpoint(aim.key.name, leaves, datetime(2020, 1, 1, tzinfo=UTC), aim.private)
    files = sorted((folder / "data" / "log" / "checkpoints").glob("*.note"))
    files[-1].write_text(note, encoding="utf8")


def another_key(folder: Path, aim: Target) -> None:
    other = Ed25519PrivateKey.generate()
    key = Key(aim.key.name, other.public_key().public_bytes_raw())
    (folder / "data" / "log" / "key.txt").write_text(f"{key}\n")
    reseal(folder, aim, other)


def transcript_says_otherwise(folder: Path, aim: Target) -> None:
    file = folder / "data" / "transcript.json"
    values = json.loads(file.read_text(encoding="utf8"))
    values["messages"][0]["text"] = ["Emma is fine"]
    file.write_text(json.dumps(values, ensure_ascii=False, sort_keys=True), encoding="utf8")


def index_says_otherwise(folder: Path, aim: Target) -> None:
    file = folder / "data" / "index.csv"
    file.write_bytes(file.read_bytes().replace(b"2026-01-", b"2026-03-", 1))


def put_a_file_in(folder: Path, aim: Target) -> None:
    (folder / "data" / "native" / "000099.eml").write_text("Subject: made up\n\nx")


def put_a_tag_in(folder: Path, aim: Target) -> None:
    (folder / "note.txt").write_text("look here")


def index_column(name: str, value: str) -> Change:
    """One column of the first message says something else."""

    def change(folder: Path, aim: Target) -> None:
        file = folder / "data" / "index.csv"
        with file.open(encoding="utf8", newline="") as opened:
            rows = list(csv.DictReader(opened))
        rows[0][name] = value
        with file.open("w", encoding="utf8", newline="") as out:
            writer = csv.DictWriter(out, list(rows[0]), lineterminator="\r\n")
            writer.writeheader()
            writer.writerows(rows)

    return change


def close_a_body(folder: Path, aim: Target) -> None:
    rows = [json.loads(line) for line in lines_of(folder, "openings.jsonl")]
    rows[-1]["openings"] = [o for o in rows[-1]["openings"] if not o["field"].startswith("body.")]
    put(
        folder,
        "openings.jsonl",
        [json.dumps(r, sort_keys=True, separators=(",", ":"), ensure_ascii=False) for r in rows],
    )


def call_it_an_extract(folder: Path, aim: Target) -> None:
    """Leave a message out, close its entry, and say that all that was kept is here."""
    with (folder / "data" / "index.csv").open(encoding="utf8", newline="") as opened:
        row = next(csv.DictReader(opened))
    drop_a_message(folder, aim)
    for place, ending in (("proofs", "json"), ("decisions", "json"), ("cards", "json")):
        (folder / "data" / place / f"000001.{ending}").unlink(missing_ok=True)
    entry = int(row["entry"])
    put(folder, "openings.jsonl", [x for x in lines_of(folder, "openings.jsonl") if json.loads(x)["seq"] != entry])
    reseal(folder, aim, what="extract 4 of 4")


def orphan_native(folder: Path, aim: Target) -> None:
    (folder / "data" / "native" / "000077.eml").write_text("Subject: made up\n\nx")


def rewrite_bag_info(folder: Path, aim: Target) -> None:
    (folder / "bag-info.txt").write_text("External-Description: certified by the court\n")
    (folder / TAGS).write_text(tag_lines(folder))


CHANGES: dict[str, tuple[Change, str]] = {
    "edit a stored message": (edit_native, "stored bytes are not those"),
    "edit what was decided": (edit_decision, "what was decided is not what entry"),
    "edit an opened field": (edit_opening, "was not what the bundle says"),
    "swap the openings of two entries": (swap_openings, "was not what the bundle says"),
    "reorder the log": (reorder_leaves, "is of another log"),
    "drop an entry": (drop_leaf, "is of another log"),
    "cut the end off": (cut_the_tail, "the end was cut off"),
    "cut the end off and sign what is left": (cut_the_tail_and_sign_it, "the end was cut off"),
    "drop a message from the index": (drop_a_message, "the index of 4"),
    "leave an entry closed": (hide_an_entry, "is not opened"),
    "fork: a checkpoint of another history": (fork, "is of another log"),
    "put the clock back": (put_the_clock_back, "later than one that covers more entries"),
    "sign with another key": (another_key, "signed by another key"),
    "print other words": (transcript_says_otherwise, "prints other words"),
    "give another time in the index": (index_says_otherwise, "came at another time"),
    "give another lane in the index": (index_column("lane", "legal"), "something else was decided"),
    "give another outcome in the index": (index_column("outcome", "escalate"), "something else was decided"),
    "give another channel in the index": (index_column("channel", "email"), "another channel or size"),
    "name another message in the index": (index_column("message", "7"), "something else was decided"),
    "close the body of an entry of a whole bundle": (close_a_body, "says that it is whole"),
    "leave a message out and call it an extract": (call_it_an_extract, "are not open"),
    "put a stored message in that no entry names": (orphan_native, "belongs to no message"),
}
"""What is done, and what must be said of it although manifest and seal were made anew with the true key."""
BAG: dict[str, tuple[Change, str]] = {
    "put a file in": (put_a_file_in, "was put in later"),
    "put a file in beside the payload": (put_a_tag_in, "was put in later"),
    "rewrite the description of the bag": (rewrite_bag_info, "over another manifest"),
}


def tried(aim: Target) -> Iterator[tuple[str, bool, str]]:
    """Each change: its name, whether it was caught and named, what was said."""
    for name, (change, said) in {**CHANGES, **BAG}.items():
        folder = aim.copy()
        change(folder, aim)
        if name in CHANGES and change not in (another_key, call_it_an_extract):
            reseal(folder, aim)
        report = aim.check(folder)
        shutil.rmtree(folder.parent)
        text_ = report.text()
        yield name, report.failures > 0 and said in text_, text_


def rewritten_log(world: World) -> tuple[bool, str]:
    """The operator writes the whole log anew; somebody kept a checkpoint from before."""
    kept = world.signer.newest()[-1][1]
    assert "/log/" in kept
    mine = next(note for log, note in world.signer.newest() if log == "rivera")
    place = Path(tempfile.mkdtemp(prefix="attack-")) / "family"
    other = make_world(place, 5, odd=("Emma's dentist is Tuesday at 3:30", "ok", "I love you"))
    try:
        Checkpoints(other.store, signing_key(other.settings.data), "relay.example.org").compare(mine)
    except LogError as error:
        return True, str(error)
    finally:
        other.close()
        shutil.rmtree(place.parent)
    return False, "nothing was said"


def changed_database(world: World) -> tuple[bool, str]:
    """The operator changes an entry in the database, past the triggers."""
    place = Path(tempfile.mkdtemp(prefix="attack-"))
    shutil.copytree(world.folder, place / "family")
    from gateway.settings import load
    from gateway.store import Store

    store = Store(load(place / "family").database_url)
    try:
        with store.engine.begin() as connection:
            for (name,) in connection.execute(text("SELECT name FROM sqlite_master WHERE type='trigger'")).all():
                connection.execute(text(f"DROP TRIGGER {name}"))
            connection.execute(text("UPDATE entry SET at = '2026-01-01T00:00:00.000000Z' WHERE log='rivera' AND seq=2"))
        Checkpoints(store, signing_key(world.settings.data), "relay.example.org").verify("rivera")
    except LogError as error:
        return True, str(error)
    finally:
        store.close()
        shutil.rmtree(place)
    return False, "nothing was said"


def main() -> int:
    """Try everything, print a line for each, 1 where something was not caught."""
    missed = 0
    with tempfile.TemporaryDirectory(prefix="attack-world-") as place:
        world, aim = target(Path(place))
        try:
            for name, good, said in tried(aim):
                missed += not good
                failures = [line for line in said.splitlines() if line.startswith("FAILED")] or said.splitlines()
                sys.stdout.write(f"{'caught' if good else 'MISSED'}  {name}: {failures[0][:120]}\n")
            for name, act in (
                ("rewrite the log from scratch", rewritten_log),
                ("change the database", changed_database),
            ):
                good, said = act(world)
                missed += not good
                sys.stdout.write(f"{'caught' if good else 'MISSED'}  {name}: {said[:120]}\n")
            count = caught = 0
            for file, at, good in flips(aim):
                count += 1
                caught += good
                if not good:
                    sys.stdout.write(f"MISSED  flip in {file} at {at}\n")
            missed += count - caught
            sys.stdout.write(f"{caught} of {count} flipped bytes caught\n")
        finally:
            world.close()
    sys.stdout.write("Everything was caught.\n" if not missed else f"{missed} were missed.\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
