"""The import itself: from an archive through the keeper into store and log.

    Found ─ who is who ─ key ─► known already? ─► Arrival ─► Keeper (fsync, commit) ─► next

Each message has a key made of what the archive says, so an import that broke off, or is repeated, or overlaps an earlier one,
keeps each message once: the key is unique in the database. Nothing is remembered outside of it; to resume is to repeat.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import select

from gateway.clock import Clock, stamp
from gateway.errors import StoreError
from gateway.family import Family, Role
from gateway.intake.archives.found import MESSAGE, ArchiveError, Found, Problem, clean
from gateway.intake.archives.people import Cast, Sender, most_often, plain
from gateway.intake.archives.sources import Archive
from gateway.intake.keep import BATCH, Arrival, Keeper, Receipt
from gateway.ledger import append
from gateway.provenance import AS_GIVEN, IMPORTED
from gateway.store import Blobs, Store
from gateway.store.blobs import digest
from gateway.store.tables import MessageRow

MOST_BYTES: Final = 32 * 1024 * 1024
"""Bytes that one batch may hold in memory, a single larger message aside."""
MOST_PLACES: Final = 100


@dataclass
class Outcome:
    """What became of an import. `places`: where it could not be read, the first hundred; `strangers`: who was left out."""

    kept: Counter[str] = field(default_factory=Counter)
    known: int = 0
    left_out: int = 0
    unread: int = 0
    places: list[Problem] = field(default_factory=list)
    strangers: Counter[str] = field(default_factory=Counter)

    def body(self) -> dict[str, Any]:
        """For the log: numbers and lines only."""
        lines = [{"line": p.line} for p in self.places]
        return {
            "kept": sum(self.kept.values()),
            "known": self.known,
            "left_out": self.left_out,
            "unread": self.unread,
            "places": lines,
        }


class Importer:
    """Imports archives for one family. Raises StoreError when the database or the disk refuses; then repeat."""

    def __init__(self, store: Store, blobs: Blobs, keeper: Keeper, family: Family, clock: Clock) -> None:
        self._store, self._blobs, self._keeper, self._family, self._clock = store, blobs, keeper, family, clock
        self._alike: Counter[bytes] = Counter()

    def run(
        self, archive: Archive, cast: Cast, *, everyone: bool = False, progress: Callable[[int], None] = lambda _: None
    ) -> Outcome:
        """Import all of it. `everyone`: also what is only between other people. Raises ArchiveError, StoreError."""
        outcome, whole = Outcome(), False
        self._alike.clear()
        about = {"format": archive.format, "archive_sha256": archive.sha256, "provenance": AS_GIVEN}
        self._note("import started", {**about, "size": archive.size})
        try:
            self._all(archive, cast, everyone, progress, outcome)
            whole = True
        except StoreError as error:
            safe = sum(outcome.kept.values()) + outcome.known
            raise StoreError(
                f"{error}\n{safe} messages are safe. Repeat the command and it goes on from there."
            ) from error
        finally:
            with contextlib.suppress(*(() if whole else (StoreError,))):
                self._note("import finished" if whole else "import broken off", {**about, **outcome.body()})
        if not outcome.kept and not outcome.known and outcome.left_out:
            raise ArchiveError(
                f"{archive.name}: nobody in it is known as the co-parent, so nothing was kept. "
                f"Found most often: {most_often(outcome.strangers.items())}\n"
                "Say who is the co-parent with --co-parent, or keep everything with --everyone."
            )
        return outcome

    def _all(
        self, archive: Archive, cast: Cast, everyone: bool, progress: Callable[[int], None], outcome: Outcome
    ) -> None:
        batch: list[tuple[Arrival, Found, str]] = []
        for item in archive.items():
            progress(item.done)
            if isinstance(item, Problem):
                outcome.unread += 1
                outcome.places += [item] if len(outcome.places) < MOST_PLACES else []
                continue
            sender = cast.sender(item, self._clock().date())
            if not (sender.near or everyone or archive.format == "whatsapp"):
                outcome.left_out += 1
                outcome.strangers.update(clean(n) for n in (item.sender or item.others))
                continue
            label = sender.direction if item.kind == MESSAGE else "by the program itself"
            batch.append((self._arrival(archive, item, sender), item, label))
            if len(batch) >= BATCH or sum(len(a.raw) for a, _, _ in batch) > MOST_BYTES:
                self._keep(batch, outcome)
                batch.clear()
        self._keep(batch, outcome)

    def _keep(self, batch: list[tuple[Arrival, Found, str]], outcome: Outcome) -> None:
        """Keep what is not known; return when all of it is safe."""
        known = self._known([str(arrival.provider_id) for arrival, _, _ in batch])
        waiting: list[tuple[Future[Receipt], str]] = []
        for arrival, found, label in batch:
            if arrival.provider_id in known:
                outcome.known += 1
                continue
            if found.files:
                self._blobs.put_all(self._family.key, [file.content for file in found.files])
            waiting.append((self._keeper.submit(arrival), label))
        for future, label in waiting:
            receipt = future.result()
            if receipt.repeated:
                outcome.known += 1
            else:
                outcome.kept[label] += 1

    def _known(self, keys: list[str]) -> set[str | None]:
        with self._store.read() as session:
            return set(session.scalars(select(MessageRow.provider_id).where(MessageRow.provider_id.in_(keys))))

    def _arrival(self, archive: Archive, found: Found, sender: Sender) -> Arrival:
        now = self._clock()
        files = tuple(digest(file.content) for file in found.files)
        return Arrival(
            family=self._family.key,
            zone=self._family.time_zone,
            channel=found.channel,
            raw=found.raw,
            envelope=_envelope(archive, found, sender, files, stamp(now)),
            received_at=now,
            provider_id=self._key(found, sender),
            provenance=IMPORTED,
            written_at=found.written_at,
            files=files,
        )

    def _key(self, found: Found, sender: Sender) -> str:
        """64 characters. A renamed contact keeps its keys, since the two parents count by role."""
        about: tuple[object, ...] = (self._family.key, *found.key)
        if found.loose:
            who = sender.role if sender.role in (Role.PARENT, Role.COPARENT) and found.sender else plain(sender.who)
            about = (*about, found.kind, str(who) if found.sender or found.mine else "")
            alike = hashlib.sha256(repr(about).encode("utf8", "surrogatepass")).digest()[:16]
            self._alike[alike] += 1
            about = (*about, self._alike[alike])
        return "old:" + hashlib.sha256(repr(about).encode("utf8", "surrogatepass")).hexdigest()[:60]

    def _note(self, kind: str, body: dict[str, Any]) -> None:
        with self._store.write() as session:
            append(session, self._family.key, kind, body, now=self._clock(), zone=self._family.time_zone)


def _envelope(archive: Archive, found: Found, sender: Sender, files: tuple[str, ...], received: str) -> dict[str, Any]:
    """What the archive says around the bytes. No transport saw them, and `provenance` says so."""
    return {
        "provenance": AS_GIVEN,
        "archive": {
            "format": archive.format,
            "name": clean(archive.name),
            "sha256": archive.sha256,
            "line": found.line,
        },
        "direction": sender.direction,
        "role": str(sender.role),
        "who": clean(sender.who),
        "kind": found.kind,
        "mail_from": clean(found.sender[0]) if found.sender else "",
        "rcpt_to": [clean(other) for other in found.others[:100]],
        "files": [
            {"name": clean(f.name), "type": f.type, "size": len(f.content), "sha256": sha}
            for f, sha in zip(found.files, files, strict=True)
        ],
        "odd": list(found.odd),
        "written": stamp(found.written_at) if found.written_at else None,
        "received": received,
    }
