"""Having checkpoints stamped, and mailing them out: the shell around `anchor.py`.

    checkpoint made ──► a row for each authority, waiting ──► stamped: logged, with the authority's time
                                   ▲        │
                                   └─ fails ┴──► after `PATIENCE` failed: logged
    checkpoint made ──► once a day, by mail to whom the family named

Only the newest checkpoint of a log is listed: it covers all before it, and an old one is never stamped as if it had been
in time. A first failure is logged, and so is that a stamp came late. What is logged here makes no new checkpoint due,
or a quiet log would be signed and stamped every hour for its own stamps.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cryptography import x509
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gateway.clock import Clock, local, stamp
from gateway.delivery import outbox
from gateway.errors import AnchorError, SettingsError
from gateway.family import Directory, Family
from gateway.ledger.anchor import ask, certificates, check
from gateway.ledger.checkpoints import FAILED, STAMPED
from gateway.ledger.log import append
from gateway.ledger.note import Key
from gateway.settings import Settings
from gateway.store import Store
from gateway.store.blobs import digest
from gateway.store.tables import AnchorRow, CheckpointRow, DeliveryRow

log = logging.getLogger(__name__)
PATIENCE = timedelta(days=1)
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=5), timedelta(hours=2)
TIMEOUT_SECONDS = 30.0
MAILED = "checkpoint"
Post = Callable[[str, bytes], bytes]
"""The seam to the network: address and request in, answer out. Raises AnchorError."""


@dataclass(frozen=True, slots=True)
class Stamper:
    """An authority with the roots that it is trusted by."""

    name: str
    url: str
    roots: tuple[x509.Certificate, ...]


def stampers(settings: Settings) -> list[Stamper]:
    """The authorities of the settings. Raises SettingsError where a file of roots cannot be read."""
    out = []
    for authority in settings.anchors:
        file = settings.directory / authority.roots
        try:
            roots = certificates(file.read_bytes())
        except OSError as error:
            raise SettingsError(f"anchor › roots: {file} cannot be opened: {error.strerror}") from None
        except AnchorError as error:
            raise SettingsError(f"anchor › roots: {file}: {error}") from None
        out.append(Stamper(authority.name, authority.url, tuple(roots)))
    return out


def by_http(url: str, request: bytes) -> bytes:
    """Ask an authority over HTTP (RFC 3161 section 3.4). Raises AnchorError."""
    import httpx

    headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    try:
        answer = httpx.post(url, content=request, headers=headers, timeout=TIMEOUT_SECONDS)
    except httpx.HTTPError as error:
        raise AnchorError(f"the authority cannot be reached ({type(error).__name__})") from None
    if answer.status_code != 200:
        raise AnchorError(f"the authority answered {answer.status_code}")
    return answer.content


class Anchors:
    """Stamps and mails what is due, once for each call of `step`."""

    def __init__(
        self,
        store: Store,
        directory: Directory,
        stampers: Sequence[Stamper],
        clock: Clock,
        key_of: Callable[[str], Key],
        post: Post = by_http,
    ) -> None:
        self._store, self._clock, self._post, self._key_of = store, clock, post, key_of
        self._directory = directory
        self._stampers = {s.name: s for s in stampers}

    def step(self) -> int:
        """List, stamp and mail what is due; how many stamps were tried. Raises StoreError."""
        self._list()
        with self._store.read() as session:
            due = session.scalars(
                select(AnchorRow.id)
                .where(
                    AnchorRow.state == "waiting",
                    AnchorRow.next_at <= self._clock(),
                    AnchorRow.authority.in_(self._stampers),
                )
                .order_by(AnchorRow.id)
            ).all()
        for number in due:
            self._stamp(number)
        self._mail()
        return len(due)

    def _list(self) -> None:
        """A waiting row for the newest checkpoint of each log and each authority."""
        newest = select(func.max(CheckpointRow.id)).group_by(CheckpointRow.log)
        with self._store.write() as session:
            for checkpoint in session.scalars(newest).all():
                known = set(
                    session.scalars(select(AnchorRow.authority).where(AnchorRow.checkpoint_id == checkpoint)).all()
                )
                for name in sorted(self._stampers.keys() - known):
                    session.add(AnchorRow(checkpoint_id=checkpoint, authority=name, next_at=self._clock()))

    def _stamp(self, number: int) -> None:
        with self._store.read() as session:
            row = session.get_one(AnchorRow, number)
            note, stamper = session.get_one(CheckpointRow, row.checkpoint_id).note, self._stampers[row.authority]
        request = ask(note)
        try:
            reply = self._post(stamper.url, request.as_bytes())
            moment = check(reply, note, stamper.roots, request)
        except AnchorError as error:
            self._failed(number, str(error))
            return
        with self._store.write() as session:
            row = session.get_one(AnchorRow, number)
            row.state, row.reply, row.stamped_at, row.late = "stamped", reply, moment, row.attempts > 0
            body = {"stamped_at": stamp(moment), "reply_sha256": digest(reply), "late": row.late}
            self._note(session, row, STAMPED, body)

    def _failed(self, number: int, why: str) -> None:
        now = self._clock()
        with self._store.write() as session:
            row = session.get_one(AnchorRow, number)
            made = session.get_one(CheckpointRow, row.checkpoint_id).made_at
            row.attempts += 1
            row.why = why[:200]
            row.next_at = now + min(FIRST_WAIT * 2 ** min(row.attempts - 1, 10), LONGEST_WAIT)
            if now - made >= PATIENCE:
                row.state = "failed"
            if row.attempts == 1 or row.state == "failed":
                self._note(session, row, FAILED, {"why": row.why, "given_up": row.state == "failed"})
            log.error("a checkpoint was not stamped by %s", row.authority)

    def _note(self, session: Session, row: AnchorRow, kind: str, body: dict[str, Any]) -> None:
        checkpoint = session.get_one(CheckpointRow, row.checkpoint_id)
        family = self._directory.family(checkpoint.log)
        about = {
            "authority": row.authority,
            "size": checkpoint.size,
            "attempt": row.attempts + (row.state == "stamped"),
        }
        append(
            session,
            checkpoint.log,
            kind,
            about | body,
            now=self._clock(),
            zone=family.time_zone if family else "UTC",
        )

    def _mail(self) -> None:
        now = self._clock()
        for family in self._directory:
            if not family.checkpoints_to:
                continue
            with self._store.write() as session:
                last = session.scalars(
                    select(CheckpointRow).where(CheckpointRow.log == family.key).order_by(CheckpointRow.id.desc())
                ).first()
                day = local(now, family.time_zone).date().isoformat()
                if last is None or _mailed_on(session, family, day):
                    continue
                content = letter(last.note, self._key_of(family.key).fingerprint, day)
                for address in family.checkpoints_to:
                    outbox.put(
                        session,
                        family=family.key,
                        message_id=None,
                        card_id=None,
                        kind=MAILED,
                        channel="email",
                        address=address,
                        content=content,
                        due=now,
                    )


def letter(note: str, fingerprint: str, day: str) -> dict[str, Any]:
    """The mail that carries a checkpoint to whoever keeps it: no name, no word of any message."""
    text = (
        "Please keep this mail. It is a checkpoint of a record: whoever holds it can show later that nothing which the\n"
        "record held at this time was changed or taken out since. It says nothing about what the record holds.\n\n"
        f"{note}\nFingerprint of the key: {fingerprint}\n"
    )
    return {"subject": f"Checkpoint {note.splitlines()[1]}", "text": text, "html": "", "link": None, "day": day}


def _mailed_on(session: Session, family: Family, day: str) -> bool:
    content = session.scalar(
        select(DeliveryRow.content)
        .where(DeliveryRow.family == family.key, DeliveryRow.kind == MAILED)
        .order_by(DeliveryRow.id.desc())
        .limit(1)
    )
    return content is not None and content.get("day") == day
