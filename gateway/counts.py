"""The neutral count: where little reaches the parent (no-contact, archive-only), how many messages came, once a week or month.

No word, name, date or lane of a message is in it. A week ends on Sunday night, a month with its last day, in the family's zone;
the count comes at the parent's hours. One for a time in which nothing came is sent too: a silence would tell something.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gateway.clock import Clock, local, stamp
from gateway.contact_changes import CONTACT, last
from gateway.delivery import notices
from gateway.family import Contact, Directory, Family
from gateway.language import Day, said
from gateway.ledger import append
from gateway.policy import Lane
from gateway.provenance import RECEIVED
from gateway.store import Store
from gateway.store.tables import CardRow, DecisionRow, EntryRow, MessageRow

COUNT = "count told"
ONE, MANY = "1 message", "{count} messages"
WORDS = "{since} to {until}: {count} kept, not shown here."


class Counts:
    """Tells the counts that are due; `step` is called now and then."""

    def __init__(self, store: Store, directory: Directory, clock: Clock) -> None:
        self._store, self._directory, self._clock = store, directory, clock

    def step(self) -> int:
        """Queue what is due; how many. Raises StoreError."""
        now, made = self._clock(), 0
        for family in self._directory:
            if family.count_every == "never" or family.contact is Contact.MODIFIED:
                continue
            since, until = period(now, family)
            with self._store.write() as session:
                before, began = last(session, family.key, COUNT), _began(session, family.key)
                if stamp(until) <= max(before["until"] if before else "", began):
                    continue
                self._tell(session, family, since, until, now)
                made += 1
        return made

    def _tell(self, session: Session, family: Family, since: datetime, until: datetime, now: datetime) -> None:
        shown = select(CardRow.message_id).where(CardRow.family == family.key)
        query = (
            select(func.count())
            .select_from(MessageRow)
            .join(DecisionRow, DecisionRow.message_id == MessageRow.id)
            .where(
                MessageRow.family == family.key,
                MessageRow.provenance == RECEIVED,
                MessageRow.received_at >= since,
                MessageRow.received_at < until,
                DecisionRow.lane != Lane.CHILD.value,
                DecisionRow.detail["mode"].as_string().in_((str(Contact.NONE), str(Contact.ARCHIVE))),
                MessageRow.id.not_in(shown),
            )
        )
        count = session.scalar(query) or 0
        body = {"since": stamp(since), "until": stamp(until), "count": count}
        append(session, family.key, COUNT, body, now=now, zone=family.time_zone)
        first, end = local(since, family.time_zone), local(until, family.time_zone) - timedelta(days=1)
        kept = said(ONE) if count == 1 else said(MANY, count=str(count))
        words = said(WORDS, since=Day(first.date()), until=Day(end.date()), count=kept)
        notices.put(session, family, words, now=now)


def _began(session: Session, log: str) -> str:
    """When the mode began that is in force now; a time that was over by then has no count."""
    query = select(EntryRow.at).where(EntryRow.log == log, EntryRow.kind == CONTACT).order_by(EntryRow.seq.desc())
    return session.scalar(query.limit(1)) or ""


def period(now: datetime, family: Family) -> tuple[datetime, datetime]:
    """The last whole week or month before `now`, as moments in UTC."""
    here = local(now, family.time_zone)
    if family.count_every == "week":
        end = here.date() - timedelta(days=here.weekday())
        start = end - timedelta(days=7)
    else:
        end = here.date().replace(day=1)
        start = (end - timedelta(days=1)).replace(day=1)
    zone = ZoneInfo(family.time_zone)
    first, until = (datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC) for day in (start, end))
    return first, until
