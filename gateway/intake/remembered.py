"""What the gateway remembers of a polled mailbox, so that a message is fetched once, and none is passed over in silence.

A row is written after the Keeper's commit. A kill between the two makes the message be fetched again; the Keeper then
knows it by its bytes. So this memory may lag or be lost, and still nothing is kept twice or left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from gateway.clock import Clock
from gateway.delivery import notices
from gateway.family import Family
from gateway.intake.imap import Facts
from gateway.intake.polling import rest
from gateway.language import Part, said
from gateway.ledger import append
from gateway.store import Store
from gateway.store.tables import MailboxRow

PATIENCE = 5
"""Failed attempts at one message before the parent is told. It is tried further on all the same."""
MEGABYTE = 1024 * 1024
TOO_LARGE = (
    "A message of {size} MB came to the relay mailbox. It is too large to be sorted (the limit is {limit} MB), so it was not "
    "taken in. It waits in the mailbox, in the folder {folder}, marked with a flag. Whoever looks after Breakwater can raise "
    "the limit; then it is taken in."
)
STUCK = (
    "A message in the relay mailbox (folder {folder}) could not be fetched in {attempts} attempts. It waits there, and is tried "
    "again. Whoever looks after Breakwater can see more with: breakwater doctor"
)


@dataclass(frozen=True, slots=True)
class Place:
    """A folder under one numbering (UIDVALIDITY)."""

    folder: str
    validity: int


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered of a place.

    `settled` need no fetching; `unmarked` (UID to state): the mailbox does not show it yet; `attempts` that failed so far;
    `resting`: failed, and not to be tried now.
    """

    settled: frozenset[int]
    unmarked: Mapping[int, str]
    attempts: Mapping[int, int]
    resting: frozenset[int]

    @property
    def highest(self) -> int | None:
        """The highest number seen."""
        return max(self.settled | self.attempts.keys(), default=None)

    def waits(self, uid: int) -> bool:
        """Whether a message is to be fetched now."""
        return uid not in self.settled and uid not in self.resting


class Memory:
    """The memory of one family's account. Every method raises StoreError when the database refuses."""

    def __init__(self, store: Store, family: Family, account: str, clock: Clock, *, limit: int, retry: float) -> None:
        """`limit`: octets of the largest message that is taken in; one refused before fits once the limit is raised.

        `retry`: seconds before the second attempt at one message.
        """
        self._store, self._family, self._account, self._clock = store, family, account, clock
        self._limit, self._retry = limit, retry

    def known(self, place: Place) -> Known:
        """All that is remembered of a place."""
        with self._store.read() as session:
            columns = (MailboxRow.uid, MailboxRow.state, MailboxRow.marked, MailboxRow.attempts, MailboxRow.size)
            rows = session.execute(select(*columns, MailboxRow.at).where(*self._is(place))).all()
        now = self._clock()
        settled = {r.uid for r in rows if not self._open(r.state, r.size)}
        return Known(
            frozenset(settled),
            {r.uid: r.state for r in rows if r.uid in settled and not r.marked and r.state != "gone"},
            {r.uid: r.attempts for r in rows if r.uid not in settled},
            frozenset(r.uid for r in rows if r.state == "failing" and now < r.at + rest(r.attempts, self._retry)),
        )

    def settle(self, place: Place, uid: int, state: str, facts: Facts | None, message_id: int | None = None) -> None:
        """Kept, known or gone."""
        with self._store.write() as session:
            self._note_renumbering(session, place)
            row = self._row(session, place, uid)
            row.state, row.message_id, row.marked = state, message_id, False
            _describe(row, facts)
            if state == "gone":
                self._append(session, "mailbox message gone", place, {"uid": uid})
            if state == "known":
                self._append(session, "mailbox copy", place, {"uid": uid, "message": message_id})

    def refuse(self, place: Place, uid: int, facts: Facts) -> None:
        """Too large: logged and told once, however often the mailbox is numbered anew."""
        with self._store.write() as session:
            self._note_renumbering(session, place)
            told = session.scalar(
                select(MailboxRow.id).where(
                    MailboxRow.family == self._family.key,
                    MailboxRow.account == self._account,
                    MailboxRow.state == "refused",
                    MailboxRow.size == facts.size,
                    MailboxRow.arrived == facts.arrived,
                )
            )
            row = self._row(session, place, uid)
            row.state, row.marked = "refused", False
            _describe(row, facts)
            if told is not None:
                return
            body = {"why": "too large", "channel": "email", "size": facts.size, "limit": self._limit, "uid": uid}
            self._append(session, "refused", place, body)
            sizes = {"size": str(round(facts.size / MEGABYTE)), "limit": str(round(self._limit / MEGABYTE))}
            self._tell(session, said(TOO_LARGE, folder=place.folder, **sizes))

    def failed(self, place: Place, uid: int, why: str) -> None:
        """An attempt came to nothing. After `PATIENCE` attempts that is logged and told, once."""
        with self._store.write() as session:
            row = self._row(session, place, uid)
            row.attempts += 1
            row.at = self._clock()
            if row.attempts == PATIENCE:
                body = {"uid": uid, "attempts": row.attempts, "why": why}
                self._append(session, "mailbox message stuck", place, body)
                self._tell(session, said(STUCK, folder=place.folder, attempts=str(row.attempts)))

    def marked(self, place: Place, uids: Iterable[int]) -> None:
        """The mailbox shows now what became of them."""
        with self._store.write() as session:
            chosen = MailboxRow.uid.in_(list(uids))
            session.execute(update(MailboxRow).where(*self._is(place), chosen).values(marked=True))

    def forget(self, place: Place) -> None:
        """The server numbers again what it numbered before: its numbers are not believed, everything is looked at anew."""
        with self._store.write() as session:
            session.execute(delete(MailboxRow).where(*self._is(place)))
            self._append(session, "mailbox renumbered", place, {"why": "its numbers went back"})

    def _open(self, state: str, size: int | None) -> bool:
        return state == "failing" or (state == "refused" and size is not None and size <= self._limit)

    def _is(self, place: Place) -> Sequence[Any]:
        return (
            MailboxRow.family == self._family.key,
            MailboxRow.account == self._account,
            MailboxRow.folder == place.folder,
            MailboxRow.validity == place.validity,
        )

    def _row(self, session: Session, place: Place, uid: int) -> MailboxRow:
        row = session.scalars(select(MailboxRow).where(*self._is(place), MailboxRow.uid == uid)).first()
        if row is None:
            row = MailboxRow(
                family=self._family.key,
                account=self._account,
                folder=place.folder,
                validity=place.validity,
                uid=uid,
                state="failing",
                attempts=0,
                at=self._clock(),
            )
            session.add(row)
        return row

    def _note_renumbering(self, session: Session, place: Place) -> None:
        """With the first message under a new UIDVALIDITY, the change is logged."""
        folder = self._is(place)[:3]
        if session.scalar(select(MailboxRow.id).where(*self._is(place)).limit(1)) is not None:
            return
        query = select(MailboxRow.validity).where(*folder).order_by(MailboxRow.id.desc()).limit(1)
        before = session.scalar(query)
        if before is not None:
            self._append(session, "mailbox renumbered", place, {"before": before})

    def _append(self, session: Session, kind: str, place: Place, body: dict[str, Any]) -> None:
        where: dict[str, Any] = {"folder": place.folder, "uidvalidity": place.validity}
        append(session, self._family.key, kind, where | body, now=self._clock(), zone=self._family.time_zone)

    def _tell(self, session: Session, text: Part) -> None:
        notices.put(session, self._family, text, now=self._clock())


def _describe(row: MailboxRow, facts: Facts | None) -> None:
    if facts is not None:
        row.size, row.arrived = facts.size, facts.arrived
