"""The parent's own address or number becomes another one. Whoever holds the parent's phone must not lead the updates away unseen:

    given in the pages, with the password ─► a code goes to the new one, a note to each way so far ─► nothing else changes
        ─► the code is given, or the button in that mail pressed ─► in force, for what waits to be sent too; the old one is told once more
        ─► a week, ten wrong codes, or "leave it": dropped

To take a way out needs the password too, and is told to it and to the others. Notes name no address.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from gateway.changes import Changes
from gateway.clock import Clock
from gateway.delivery import notices
from gateway.delivery.destinations import VERIFIED, WAITING, Destinations
from gateway.errors import UserError
from gateway.family import Directory, Family
from gateway.language import joined, said
from gateway.ledger import append
from gateway.settings_people import parents_way
from gateway.store import Store
from gateway.store.tables import DeliveryRow, DestinationRow, MoveRow

HOLDS: Final = timedelta(days=7)
MOST_TRIES: Final = 10
DONE, DROPPED = "done", "dropped"
ASKED: Final = {
    "email": "A new email address was given for your updates. Nothing changes before the code that went there is given.",
    "sms": "A new phone number was given for your updates. Nothing changes before the code that went there is given.",
}
MOVED: Final = {
    "email": "Your updates by email go to another address from now on.",
    "sms": "Your updates by text go to another number from now on.",
}
TAKEN_OUT: Final = {
    "email": "An email address was taken out of those for your updates.",
    "sms": "A phone number was taken out of those for your updates.",
}
NOT_YOU: Final = "If that was not you, change your password and look at your settings:"
SOMEBODY: Final = "That address or number stands for somebody else on your list, or for the relay. Please take one that only you read."
SAME: Final = "Your updates go there already."
IN_USE: Final = "That cannot be used here. Please ask whoever runs Breakwater."
NO_RELAY: Final = "There is no relay number, so no text can be sent. Please ask whoever runs Breakwater."
NO_CODE: Final = "This code does not fit. Please look at it again, or begin anew."
LAST: Final = "It is the only way to you. Please add another one first."


class Moves:
    """One for an installation. `page`: where the parent looks at it, with the address of the pages."""

    def __init__(
        self, store: Store, directory: Directory, clock: Clock, destinations: Destinations, changes: Changes, url: str
    ) -> None:
        self._store, self._directory, self._clock = store, directory, clock
        self._destinations, self._changes, self._page = destinations, changes, f"{url.rstrip('/')}/settings/you"

    def ask(self, family: Family, channel: str, address: str, by: str) -> None:
        """A new address or number, normalised. Raises UserError where it cannot become the parent's, StoreError."""
        now = self._clock()
        day = now.date()
        if channel == "sms" and not family.relay_phone:
            raise UserError(NO_RELAY)
        if (channel, address) in family.every_way(day):
            raise UserError(SAME)
        who = family.who(address, day)
        people = [one for person in (family.coparent, *family.people) for one in (*person.emails, *person.phones)]
        people += [one for child in family.children for one in (*child.emails, *child.phones)]
        theirs = any(address == one.address for one in people)
        if theirs or address in (family.relay_email, family.relay_phone) or (who and who[1] != family.parent.name):
            raise UserError(SOMEBODY)
        if self._directory.by_email(address) or self._directory.by_phone(address):
            raise UserError(IN_USE)
        with self._store.write() as session:
            _drop(session, family, channel)
            session.add(MoveRow(family=family.key, channel=channel, address=address, by=by, asked_at=now))
            self._destinations.ask(session, family, channel, address, now)
            append(session, family.key, "move asked", {"channel": channel, "by": by}, now=now, zone=family.time_zone)
            self._tell(session, family, self._ways(session, family, day), ASKED[channel], now)

    def waiting(self, family: Family) -> Sequence[MoveRow]:
        """What waits for its code. Raises StoreError."""
        with self._store.read() as session:
            rows = session.scalars(_waiting(family.key, self._clock())).all()
            session.expunge_all()
            return rows

    def confirm(self, family: Family, code: str) -> None:
        """The code that came to the new one was given. Raises UserError, StoreError."""
        with self._store.write() as session:
            rows = session.scalars(_waiting(family.key, self._clock()).with_for_update()).all()
            fits = any((found := _destination(session, row)) is not None and found.code == code for row in rows)
            for row in rows if not fits else ():
                row.tries += 1
                row.state = DROPPED if row.tries >= MOST_TRIES else row.state
        if not fits or not self._destinations.confirm_code(code, family.key):
            raise UserError(NO_CODE)
        self.settle(family.key)

    def drop(self, family: Family) -> None:
        """Nothing is to change after all. Raises StoreError."""
        with self._store.write() as session:
            for channel in ASKED:
                _drop(session, family, channel)

    def settle(self, key: str) -> None:
        """Put in force whatever was confirmed, by whichever way. Raises UserError where it cannot be any more, StoreError."""
        now = self._clock()
        with self._store.read() as session:
            rows = [r for r in session.scalars(_waiting(key, now)) if _is_confirmed(session, r)]
            session.expunge_all()
        for row in rows:
            family = self._directory.family(key)
            if family is not None:
                self._move(family, row, now)

    def take_out(self, family: Family, channel: str, by: str) -> None:
        """The parent is not to be reached by that channel any more. Raises UserError, StoreError."""
        now = self._clock()
        before = family.every_way(now.date())
        if not [way for way in before if way[0] != channel]:
            raise UserError(LAST)

        def also(session: Session, _after: Family) -> None:
            _drop(session, family, channel)
            self._tell(session, family, self._known(session, family, before), TAKEN_OUT[channel], now)

        self._changes.make(family.key, parents_way(family, channel, None, now.date()), by, also)

    def _move(self, family: Family, row: MoveRow, now: datetime) -> None:
        """A family of whom the address is a parent's already is not named: only whoever reads mail there learns that it is used."""
        others = (one for one in self._directory if one.key != family.key)
        if any(one.parent.has(row.address, now.date()) for one in others):
            with self._store.write() as session:
                _drop(session, family, row.channel)
            raise UserError(IN_USE)
        before = [way for way in family.every_way(now.date()) if way[0] == row.channel]

        def also(session: Session, _after: Family) -> None:
            kept = session.get_one(MoveRow, row.id)
            kept.state = DONE
            body = {"channel": row.channel, "by": row.by}
            append(session, family.key, "move done", body, now=now, zone=family.time_zone)
            for _, old in before:
                waits = (
                    DeliveryRow.family == family.key,
                    DeliveryRow.channel == row.channel,
                    DeliveryRow.address == old,
                )
                moved = update(DeliveryRow).where(*waits, DeliveryRow.state == "pending").values(address=row.address)
                session.execute(moved)
            self._tell(session, family, self._known(session, family, before), MOVED[row.channel], now)

        self._changes.make(family.key, parents_way(family, row.channel, row.address, now.date()), row.by, also)

    def tell(self, session: Session, family: Family, words: str, now: datetime) -> None:
        """A note about who is who to every way of the parent that is known to be theirs, in the caller's unit of work."""
        self._tell(session, family, self._ways(session, family, now.date()), words, now)

    def _ways(self, session: Session, family: Family, day: date) -> list[tuple[str, str]]:
        return self._known(session, family, family.every_way(day))

    def _known(self, session: Session, family: Family, ways: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        """Those of the ways that do not wait to be confirmed."""
        query = select(DestinationRow.channel, DestinationRow.address)
        waits = session.execute(query.where(DestinationRow.family == family.key, DestinationRow.state == WAITING))
        return [way for way in ways if way not in {(row.channel, row.address) for row in waits.all()}]

    def _tell(
        self, session: Session, family: Family, ways: Sequence[tuple[str, str]], words: str, now: datetime
    ) -> None:
        notices.say(session, family, ways, joined(said(words), said(NOT_YOU), self._page), due=now)


def _waiting(key: str, now: datetime) -> Select[MoveRow]:
    query = select(MoveRow).where(MoveRow.family == key, MoveRow.state == WAITING, MoveRow.asked_at > now - HOLDS)
    return query.order_by(MoveRow.id)


def _destination(session: Session, row: MoveRow) -> DestinationRow | None:
    query = select(DestinationRow).where(DestinationRow.family == row.family, DestinationRow.channel == row.channel)
    return session.scalar(query.where(DestinationRow.address == row.address))


def _is_confirmed(session: Session, row: MoveRow) -> bool:
    found = _destination(session, row)
    return found is not None and found.state == VERIFIED


def _drop(session: Session, family: Family, channel: str) -> None:
    query = update(MoveRow).where(MoveRow.family == family.key, MoveRow.channel == channel, MoveRow.state == WAITING)
    session.execute(query.values(state=DROPPED))
