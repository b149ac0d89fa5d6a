"""Does it arrive? ``/settings/tests``: addresses with their codes, a test message by each way, a test alarm, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.alarms.drill import Outcome, outcomes, send_test
from gateway.alarms.rows import TEST
from gateway.delivery import notices
from gateway.delivery.destinations import VERIFIED, of_family
from gateway.family import Family
from gateway.language import said
from gateway.store.tables import AlarmRow, DeliveryRow, DestinationRow
from gateway.web.pages.settings import waits
from gateway.web.room import PARENT, Room, Visitor

if TYPE_CHECKING:
    from gateway.web.parts import House

HERE: Final = "/settings/tests"
KIND: Final = "trial"
"""Of a test message in the outbox."""
SUBJECT: Final = "Test message"
WORDS: Final = "This is a test message. If you can read it, updates arrive here. There is nothing else to do."
APART: Final = timedelta(minutes=1)
SHOWN: Final = 10
TOO_SOON: Final = "One was sent less than a minute ago. Please wait and look again first."
NO_CODE: Final = "No address waits for this code. Please look at it again, or have a new one sent."
STATES: Final = {
    "pending": "waits to be sent",
    "sending": "is being sent",
    "sent": "handed over",
    "delivered": "arrived",
    "failed": "failed",
    "uncertain": "may have gone; it is being looked up",
}
CHANNELS: Final = {"email": "email", "sms": "text message"}


@dataclass(frozen=True, slots=True)
class Way:
    """An address that updates or alarms go to. `whose`: a name."""

    whose: str
    channel: str
    address: str
    confirmed: bool


class Trials:
    """Of the family of the visitor."""

    def __init__(self, house: House) -> None:
        self._house = house

    def rooms(self) -> list[Room]:
        """For the guard."""
        post = ("POST",)
        return [
            Room("tests", HERE, self.show, PARENT),
            Room("test message", f"{HERE}/message", self.message, PARENT, methods=post),
            Room("test alarm", f"{HERE}/alarm", self.alarm, PARENT, methods=post),
            Room("address code", f"{HERE}/code", self.code, PARENT, methods=post),
            Room("new address code", f"{HERE}/again", self.again, PARENT, methods=post),
        ]

    def show(self, _request: Request, visitor: Visitor) -> Response:
        """The page."""
        return self._page(visitor)

    def message(self, _request: Request, visitor: Visitor) -> Response:
        """Send a test message by each way of the parent."""
        family, now = visitor.home, self._house.clock()
        with self._house.store.write() as session:
            last = session.scalar(_messages(family).with_only_columns(DeliveryRow.content).limit(1))
            if last is None or now - datetime.fromisoformat(last["at"]) >= APART:
                marks = {"at": now.isoformat()}
                ways = family.every_way(now.date())
                notices.say(session, family, ways, said(WORDS), due=now, kind=KIND, subject=SUBJECT, marks=marks)
                return RedirectResponse(HERE, 303)
        return self._page(visitor, TOO_SOON)

    def alarm(self, _request: Request, visitor: Visitor) -> Response:
        """Send a test alarm to the parent and the safety contacts."""
        family, now = visitor.home, self._house.clock()
        with self._house.store.write() as session:
            last = _last_alarm(session, family)
            if last is None or now - last.raised_at >= APART:
                send_test(session, family, now, self._house.settings.server.public_url, due=now)
                return RedirectResponse(HERE, 303)
        return self._page(visitor, TOO_SOON)

    def code(self, _request: Request, visitor: Visitor) -> Response:
        """Confirm an address with the code that was sent to it."""
        code = "".join(visitor.field("code", 40).split())
        if not self._house.destinations().confirm_code(code, visitor.home.key):
            return self._page(visitor, wrong_code=NO_CODE, code=code)
        self._house.moves().settle(visitor.home.key)
        return RedirectResponse(HERE, 303)

    def again(self, _request: Request, visitor: Visitor) -> Response:
        """Send a new code to an address that waits."""
        self._house.destinations().again(visitor.field("address", 254), visitor.home.key)
        return RedirectResponse(HERE, 303)

    def _page(self, visitor: Visitor, said: str = "", wrong_code: str = "", code: str = "") -> Response:
        family, house = visitor.home, self._house
        now = house.clock()
        with house.store.read() as session:
            ways = _ways(session, family, now, verify=house.settings.destinations.verify)
            rows = session.scalars(_messages(family).limit(SHOWN)).all()
            at = rows[0].content["at"] if rows else ""
            messages = [(r.channel, r.address, r.state, r.last_error) for r in rows if r.content["at"] == at]
            alarm = _last_alarm(session, family)
            found: list[Outcome] = outcomes(session, alarm) if alarm is not None else []
            raised = alarm.raised_at if alarm is not None else None
        return visitor.show(
            "tests.html", 422 if said or wrong_code else 200, ways=ways, messages=messages, alarm=found, raised=raised,
            sent=datetime.fromisoformat(at) if at else None, said=said, wrong_code=wrong_code, code=code, states=STATES,
            channels=CHANNELS, waits=waits(house),
        )  # fmt: skip


def _messages(family: Family):  # type: ignore[no-untyped-def]
    """Test messages, the newest first."""
    return (
        select(DeliveryRow)
        .where(DeliveryRow.family == family.key, DeliveryRow.kind == KIND)
        .order_by(DeliveryRow.id.desc())
    )


def _last_alarm(session: Session, family: Family) -> AlarmRow | None:
    query = select(AlarmRow).where(AlarmRow.family == family.key, AlarmRow.kind == TEST)
    return session.scalars(query.order_by(AlarmRow.id.desc()).limit(1)).first()


def _ways(session: Session, family: Family, now: datetime, *, verify: bool) -> list[Way]:
    query = select(DestinationRow).where(DestinationRow.family == family.key)
    states = {(row.channel, row.address): row.state for row in session.scalars(query)}
    names = {
        a.address: person.name
        for person in (*family.safety_contacts(), family.parent)
        for a in (*person.emails, *person.phones)
    }
    return [
        Way(names.get(address, ""), channel, address, not verify or states.get((channel, address)) == VERIFIED)
        for channel, address in of_family(family, now)
    ]
