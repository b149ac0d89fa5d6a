"""The log in a bundle: leaves, openings, checkpoints, and what the opened entries say of the files.

    leaves.txt        the hash of every leaf of the log, in order
    openings.jsonl    for entries that are disclosed: the leaf as it was hashed, and its opened fields
    checkpoints/      signed roots, each over a beginning of the leaves

From the leaves each checkpoint's root is computed again: that proves at once that every checkpoint is of this log and that
none contradicts another. An opened leaf hashes to its place in the leaves, and each opened field to its commitment.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from gateway.ledger.leaf import Opening, canonical
from gateway.ledger.tree import leaf_hash
from gateway.record.verifier.note import Checkpoint, Key, checkpoint_of
from gateway.record.verifier.report import Broken, Report

GENESIS = "0" * 64
KEPT = ("received", "imported", "recovered")
SENT = "reply"
"""Kind of the entry that says what of the parent's words was sent on; others about answers begin with it."""
CHILD = "from a child"
"""Kind of the entry that says a message was a child's, handed over to the parent and not recorded."""
CHAINED = ("log", "at", "offset", "kind", "hash")
LATE = timedelta(minutes=10)
_SHA256 = re.compile(r"\b[0-9a-f]{64}\b")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


@dataclass
class Log:
    """What was read: leaf hashes, opened entries by number, checkpoints in order."""

    leaves: list[bytes]
    entries: dict[int, dict[str, Any]] = field(default_factory=dict)
    notes: list[tuple[Path, Checkpoint]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    _hashes: set[str] = field(default_factory=set)
    _decided: dict[int, list[tuple[int, dict[str, Any]]]] = field(default_factory=dict)

    def decided(self) -> dict[int, list[tuple[int, dict[str, Any]]]]:
        """Entries that say what was decided, by the number of the entry that kept the message."""
        if not self._decided:
            for seq, entry in sorted(self.entries.items()):
                if entry.get("kind") in ("decided", "shunted") and isinstance(entry.get("body.received_entry"), int):
                    self._decided.setdefault(entry["body.received_entry"], []).append((seq, entry))
        return self._decided

    def hashes(self) -> set[str]:
        """Every SHA-256 that an opened entry speaks of."""
        if not self._hashes:
            self._hashes = {found for entry in self.entries.values() for found in _SHA256.findall(canonical(entry))}
        return self._hashes

    def own(self) -> set[int]:
        """Entries that kept what the parent wrote to the gateway, as the entries about answers say."""
        written = {e.get("body.message") for e in self.entries.values() if str(e.get("kind")).partition(" ")[0] == SENT}
        return {
            kept
            for kept, decided in self.decided().items()
            for _, entry in decided
            if entry.get("body.message") in written and self.entries.get(kept, {}).get("kind") == "received"
        }

    def children(self) -> set[int]:
        """Entries of messages that a child wrote to the parent, as the entries about them say."""
        return {
            seq
            for entry in self.entries.values()
            if entry.get("kind") == CHILD and isinstance(seq := entry.get("body.received_entry"), int)
            if self.entries.get(seq, {}).get("kind") in KEPT
        }

    def kept(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Entries that say a message of others was kept, or one of the parent's was sent on."""
        own = self.own() | self.children()
        for seq, entry in sorted(self.entries.items()):
            if (entry.get("kind") in KEPT and seq not in own) or entry.get("kind") == SENT:
                yield seq, entry


def check_log(folder: Path, key: Key, report: Report, *, whole: bool) -> Log:
    """Read and check the log of a bundle; of a `whole` one every field is open. Raises Broken where nothing can be said."""
    log = Log(_leaves(folder / "leaves.txt"))
    _checkpoints(folder / "checkpoints", key, log, report)
    before = report.failures
    for line in _lines(folder / "openings.jsonl"):
        _entry(line, log, report)
    closed = [seq for seq in range(1, len(log.leaves) + 1) if not _is_open(log.entries.get(seq))]
    if whole and closed:
        report.failed(
            f"the bundle says that it is whole, but {len(closed)} entries are not open, the first is {closed[0]}"
        )
    if report.failures == before:
        report.proved(
            f"{len(log.entries)} of {len(log.leaves)} entries are opened, and were in the log as they stand here"
        )
    _chain(log, report)
    return log


def _leaves(file: Path) -> list[bytes]:
    found = []
    for line in _lines(file):
        if len(line) != 64 or line.strip("0123456789abcdef"):
            raise Broken("leaves.txt has a line that is no hash")
        found.append(bytes.fromhex(line))
    if not found:
        raise Broken("leaves.txt is empty")
    return found


def _checkpoints(folder: Path, key: Key, log: Log, report: Report) -> None:
    files = sorted(folder.glob("*.note"))
    if not files:
        raise Broken("the bundle holds no checkpoint")
    good = 0
    roots = _roots(log.leaves, {0})
    for file in files:
        try:
            seen = checkpoint_of(file.read_text(encoding="utf8"), key)
        except (Broken, UnicodeDecodeError) as error:
            report.failed(f"checkpoint {file.name}: {error}")
            continue
        log.notes.append((file, seen))
    log.notes.sort(key=lambda pair: (pair[1].at, pair[1].size))
    roots = _roots(log.leaves, {seen.size for _, seen in log.notes})
    last: Checkpoint | None = None
    for file, seen in log.notes:
        if seen.size > len(log.leaves):
            report.failed(
                f"checkpoint {file.name} covers {seen.size} entries, but only {len(log.leaves)} are here: the end was cut off"
            )
        elif roots[seen.size] != seen.root:
            report.failed(
                f"checkpoint {file.name} is of another log: an entry up to number {seen.size} was changed, put in or taken out"
            )
        elif last is not None and seen.size < last.size:
            report.failed(
                f"checkpoint {file.name} is later than one that covers more entries: the log was cut, or a clock was put back"
            )
        else:
            good += 1
        last = seen
    newest = max((seen.size for _, seen in log.notes), default=0)
    if newest < len(log.leaves):
        report.failed(f"no checkpoint covers the last {len(log.leaves) - newest} entries")
    if good == len(files) and newest == len(log.leaves):
        first = log.notes[0][1].at
        report.proved(
            f"{good} checkpoints, from {first:%Y-%m-%d %H:%M} UTC on, are all of this one log of {len(log.leaves)} entries; none contradicts another"
        )
        report.word("the times in checkpoints and entries are those of the clock of the machine that ran the gateway")


def is_beginning(log: Log, seen: Checkpoint) -> bool:
    """Whether the leaves here begin with those that a checkpoint covers."""
    return seen.size <= len(log.leaves) and _roots(log.leaves[: seen.size], {seen.size}).get(seen.size) == seen.root


def _roots(leaves: list[bytes], sizes: set[int]) -> dict[int, bytes]:
    """The root over the first n leaves, for each n: one walk, a stack of whole subtrees (RFC 9162 section 2.1.1)."""
    from gateway.ledger.tree import EMPTY, node_hash

    found: dict[int, bytes] = {0: EMPTY}
    stack: list[tuple[int, bytes]] = []
    for count, leaf in enumerate(leaves, 1):
        height, current = 0, leaf
        while stack and stack[-1][0] == height:
            current, height = node_hash(stack.pop()[1], current), height + 1
        stack.append((height, current))
        if count in sizes:
            root = stack[-1][1]
            for _, left in reversed(stack[:-1]):
                root = node_hash(left, root)
            found[count] = root
    return found


def _entry(line: str, log: Log, report: Report) -> None:
    try:
        value = json.loads(line)
        seq, leaf_text = value["seq"], value["leaf"]
        leaf = json.loads(leaf_text)
        openings = [Opening(o["field"], o["value"], o["salt"]) for o in value["openings"]]
        names = [o.field for o in openings]
        if set(value) != {"seq", "leaf", "openings"} or canonical(value) != line or names != sorted(set(names)):
            raise ValueError
        if canonical(leaf) != leaf_text or set(leaf) != {"fields", "seq", "v"} or not isinstance(leaf["fields"], dict):
            raise ValueError
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Broken("openings.jsonl has a line that is no opened entry in canonical form") from None
    if (
        not isinstance(seq, int)
        or not 1 <= seq <= len(log.leaves)
        or leaf_hash(leaf_text.encode("utf8")) != log.leaves[seq - 1]
    ):
        report.failed(f"entry {seq}: it is not what the log held at that place")
        return
    if leaf.get("seq") != seq or seq in log.entries:
        report.failed(f"entry {seq}: its number is not its place in the log, or it is opened twice")
        return
    for opening in openings:
        if not opening.fits(leaf):
            report.failed(f"entry {seq}: the field {opening.field!r} was not what the bundle says")
            return
    opened = {opening.field: opening.value for opening in openings}
    if any(_TIME.fullmatch(str(opened[name])) is None for name in ("at",) if name in opened):
        report.failed(f"entry {seq}: its time is not written as one")
        return
    log.names.add(str(opened.get("log")))
    if len(log.names) > 1:
        report.failed(f"entry {seq}: it is of another log than the entries before it")
        return
    log.entries[seq] = {opening.field: opening.value for opening in openings} | {" fields": sorted(leaf["fields"])}


def _chain(log: Log, report: Report) -> None:
    """Where an entry is opened whole, its hash is over what it says and over the entry before it."""
    whole = bad = 0
    last_at = ""
    for seq, entry in sorted(log.entries.items()):
        at = str(entry.get("at", ""))
        if at and last_at and at < last_at and _apart(at, last_at) > LATE:
            report.failed(f"entry {seq} says {at}, earlier than the entry before it: a clock was put back")
            bad += 1
        last_at = max(at, last_at)
        before = log.entries.get(seq - 1, {}).get("hash") if seq > 1 else GENESIS
        if before is None or not _is_open(entry):
            continue
        body = {name.removeprefix("body."): value for name, value in entry.items() if name.startswith("body.")}
        fields = {
            "at": at,
            "body": canonical(body),
            "kind": entry["kind"],
            "log": entry["log"],
            "offset": entry["offset"],
            "prev": before,
            "seq": seq,
        }
        if hashlib.sha256(canonical(fields).encode("utf8")).hexdigest() != entry["hash"]:
            report.failed(f"entry {seq}: its hash is not over what it says and the entry before it")
            bad += 1
        whole += 1
    if whole and not bad:
        report.proved(f"{whole} entries are opened whole and follow each other without a gap in the chain")


def _is_open(entry: dict[str, Any] | None) -> bool:
    return entry is not None and set(entry) - {" fields"} == set(entry[" fields"])


def _apart(one: str, other: str) -> timedelta:
    try:
        a, b = (datetime.fromisoformat(v.replace("Z", "+00:00")) for v in (one, other))
    except ValueError:
        return timedelta.max
    return abs(a - b)


def _lines(file: Path) -> Iterator[str]:
    try:
        with file.open(encoding="utf8", newline="\n") as opened:
            for line in opened:
                if not line.endswith("\n"):
                    raise Broken(f"{file.name} ends in the middle of a line")
                yield line[:-1]
    except (OSError, UnicodeDecodeError):
        raise Broken(f"{file.name} cannot be read") from None
