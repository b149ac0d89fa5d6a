"""Addresses and numbers that updates go to: each is confirmed once, by a code that was sent to it.

    new in the settings ─► waiting ─ a code goes there ─► confirmed (the page in it, or `breakwater verify-address`)

Until then ordinary cards wait there, so that a slip of the pen sends nothing to a stranger; danger, emergencies and court papers
go all the same. A parent with another confirmed way is told of the new one there.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from gateway.clock import Clock
from gateway.delivery import notices, outbox
from gateway.family import Directory, Family
from gateway.language import said
from gateway.ledger import append
from gateway.policy.lane import AT_ONCE
from gateway.store import Store
from gateway.store.tables import CardRow, DeliveryRow, DestinationRow

WAITING, VERIFIED = "waiting", "verified"
HELD = ("card", outbox.DIGEST, "quiet", "notice", outbox.CHILD)
UNCONFIRMED = "it waits until the address or number is confirmed"
FAMILIES_AT_ONCE = 500
"""Families in one transaction: it holds the logs of those that have something new."""
LOOK_AGAIN = timedelta(days=1)
SUBJECT = "Please confirm"
MAIL = (
    "This address was set to get updates. If you expected that, open this page and press the button:\n\n{link}\n\n"
    "Or give the code {code} to whoever set it up. Nothing else comes here until then, unless it is urgent. "
    "If you did not expect it, do nothing."
)
TEXT = "Code {code}. To get updates on this phone open {link} and press the button. If you did not expect this, do nothing."
NEWS = {
    "email": "A new email address was set for your updates. Nothing goes there until it is confirmed with a code that was sent to it. "
    "If it was not you who set it, ask whoever runs Breakwater at once.",
    "sms": "A new phone number was set for your updates. Nothing goes there until it is confirmed with a code that was sent to it. "
    "If it was not you who set it, ask whoever runs Breakwater at once.",
}


class Destinations:
    """One for an installation. `public_url`: where the page is that confirms."""

    def __init__(self, store: Store, directory: Directory, clock: Clock, public_url: str) -> None:
        self._store, self._directory, self._clock = store, directory, clock
        self._public_url = public_url.rstrip("/")

    def note_all(self) -> int:
        """Note what is new in the settings and send its code; how many there were. Raises StoreError."""
        now, count, families = self._clock(), 0, list(self._directory)
        for start in range(0, len(families), FAMILIES_AT_ONCE):
            with self._store.alone("destinations"), self._store.write() as session:
                for family in families[start : start + FAMILIES_AT_ONCE]:
                    for channel, address in of_family(family, now):
                        count += self._note(session, family, channel, address, now)
        return count

    def holds(self, parcel: outbox.Parcel, family: Family) -> bool:
        """Whether the parcel must wait for its address to be confirmed. Raises StoreError."""
        now = self._clock()
        mine = (parcel.channel, parcel.address) in set(of_family(family, now))
        if parcel.kind not in HELD or not mine:
            return False
        with self._store.read() as session:
            lane = session.scalar(
                select(CardRow.lane)
                .join(DeliveryRow, DeliveryRow.card_id == CardRow.id)
                .where(DeliveryRow.id == parcel.id)
            )
            if lane in {one.value for one in AT_ONCE} or is_verified(session, family, parcel.channel, parcel.address):
                return False
        with self._store.write() as session:
            self._note(session, family, parcel.channel, parcel.address, now)
            row = session.get_one(DeliveryRow, parcel.id)
            if row.last_error != UNCONFIRMED:
                body = {"delivery": row.out_id, "kind": row.kind, "why": UNCONFIRMED}
                append(session, family.key, "delivery waits", body, now=now, zone=family.time_zone)
            row.last_error, row.next_at = UNCONFIRMED, now + LOOK_AGAIN
        return True

    def by_token(self, token: str) -> DestinationRow | None:
        """The destination whose page that is, loosed from the database. Raises StoreError."""
        with self._store.read() as session:
            row = session.scalars(select(DestinationRow).where(DestinationRow.token == token)).first()
            session.expunge_all()
            return row

    def family(self, row: DestinationRow) -> Family | None:
        """The family whose destination that is."""
        return self._directory.family(row.family)

    def confirm_page(self, token: str) -> bool:
        """Confirm by the page; False where there is none. Raises StoreError."""
        with self._store.write() as session:
            row = session.scalars(select(DestinationRow).where(DestinationRow.token == token)).first()
            if row is not None:
                self._confirm(session, row, "page")
            return row is not None

    def confirm_code(self, code: str, family: str | None = None) -> list[DestinationRow]:
        """Confirm every waiting destination (of that family, where one is named) with that code; those. Raises StoreError."""
        with self._store.write() as session:
            query = select(DestinationRow).where(DestinationRow.code == code, DestinationRow.state == WAITING)
            query = query.where(DestinationRow.family == family) if family is not None else query
            rows = list(session.scalars(query)) if code else []
            for row in rows:
                self._confirm(session, row, "code")
            session.flush()
            session.expunge_all()
            return rows

    def again(self, address: str, family: str | None = None) -> int:
        """Send a new code to a destination that waits (of that family, where one is named); how many were sent. Raises StoreError."""
        now = self._clock()
        with self._store.write() as session:
            query = select(DestinationRow).where(DestinationRow.address == address, DestinationRow.state == WAITING)
            query = query.where(DestinationRow.family == family) if family is not None else query
            rows = session.scalars(query).all()
            for row in rows:
                row.code, row.token = _code(session), secrets.token_urlsafe(32)
                if (home := self._directory.family(row.family)) is not None:
                    self._send(session, row, home, now)
            return len(rows)

    def ask(self, session: Session, family: Family, channel: str, address: str, now: datetime) -> None:
        """Send a code to an address or number that is to become the parent's, in the caller's unit of work. One that was confirmed before
        is asked again: it may be somebody else's by now.
        """
        row = _find(session, family, channel, address)
        if row is None:
            self._note(session, family, channel, address, now)
            return
        row.state, row.via, row.verified_at, row.since = WAITING, "", None, now
        row.code, row.token = _code(session), secrets.token_urlsafe(32)
        self._send(session, row, family, now)

    def _note(self, session: Session, family: Family, channel: str, address: str, now: datetime) -> bool:
        if _find(session, family, channel, address) is not None:
            return False
        row = DestinationRow(
            family=family.key,
            channel=channel,
            address=address,
            state=WAITING,
            code=_code(session),
            token=secrets.token_urlsafe(32),
            since=now,
        )
        session.add(row)
        session.flush()
        append(
            session,
            family.key,
            "destination new",
            {"destination": row.id, "channel": channel},
            now=now,
            zone=family.time_zone,
        )
        self._send(session, row, family, now)
        for other in self._confirmed_ways(session, family, now):
            if family.parent.has(address, now.date()):
                notices.say(session, family, [other], said(NEWS[channel]), due=now)
        return True

    def _confirmed_ways(self, session: Session, family: Family, now: datetime) -> Iterator[tuple[str, str]]:
        for way in _ways(family.parent.email_on(now.date()), family.parent.phone_on(now.date()), family):
            if is_verified(session, family, *way):
                yield way

    def _send(self, session: Session, row: DestinationRow, family: Family, now: datetime) -> None:
        link, way = f"{self._public_url}/confirm/{row.token}", (row.channel, row.address)
        words = said(MAIL if row.channel == "email" else TEXT, code=row.code, link=link)
        notices.say(session, family, [way], words, due=now, kind="verify", subject=SUBJECT)

    def _confirm(self, session: Session, row: DestinationRow, via: str) -> None:
        if row.state == VERIFIED:
            return
        now, family = self._clock(), self._directory.family(row.family)
        row.state, row.via, row.verified_at = VERIFIED, via, now
        body = {"destination": row.id, "channel": row.channel, "via": via}
        zone = family.time_zone if family else "UTC"
        append(session, row.family, "destination verified", body, now=now, zone=zone)
        waits = (
            DeliveryRow.family == row.family, DeliveryRow.channel == row.channel, DeliveryRow.address == row.address,
            DeliveryRow.state == "pending", DeliveryRow.last_error == UNCONFIRMED,
        )  # fmt: skip
        session.execute(update(DeliveryRow).where(*waits).values(next_at=now, last_error=None))
        session.execute(  # cards that waited come together
            update(DeliveryRow)
            .where(DeliveryRow.family == row.family, DeliveryRow.address == row.address, DeliveryRow.kind == "card",
                   DeliveryRow.state == "pending", DeliveryRow.next_at == now)
            .values(planned_at=now)
        )  # fmt: skip


def of_family(family: Family, now: datetime) -> Iterator[tuple[str, str]]:
    """Channel and address of the parent and the safety contacts, as they hold now."""
    for person in (family.parent, *family.safety_contacts()):
        yield from _ways(person.email_on(now.date()), person.phone_on(now.date()), family)


def is_verified(session: Session, family: Family, channel: str, address: str) -> bool:
    """Whether somebody has confirmed that address or number for the family."""
    row = _find(session, family, channel, address)
    return row is not None and row.state == VERIFIED


def listed(session: Session) -> Sequence[DestinationRow]:
    """All that are known, in order."""
    return session.scalars(select(DestinationRow).order_by(DestinationRow.family, DestinationRow.id)).all()


def waiting_there(session: Session, row: DestinationRow) -> int:
    """How many deliveries wait for that one to be confirmed."""
    query = select(func.count()).where(
        DeliveryRow.family == row.family, DeliveryRow.address == row.address, DeliveryRow.last_error == UNCONFIRMED,
        DeliveryRow.state == "pending",
    )  # fmt: skip
    return session.scalar(query) or 0


def _ways(email: str | None, phone: str | None, family: Family) -> Iterator[tuple[str, str]]:
    if email is not None:
        yield "email", email
    if phone is not None and family.relay_phone:
        yield "sms", phone


def _find(session: Session, family: Family, channel: str, address: str) -> DestinationRow | None:
    return session.scalars(
        select(DestinationRow).where(
            DestinationRow.family == family.key, DestinationRow.channel == channel, DestinationRow.address == address
        )
    ).first()


def _code(session: Session) -> str:
    """Six digits that no other address waits for: a code that is read out confirms that one alone, in whatever family."""
    waits = set(session.scalars(select(DestinationRow.code).where(DestinationRow.state == WAITING)))
    return next(code for _ in range(1_000) if (code := f"{secrets.randbelow(10**6):06}") not in waits)
