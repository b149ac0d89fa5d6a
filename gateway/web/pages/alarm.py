"""The page that answers an alarm: ``/alarm/TOKEN``. Looking changes nothing, since mail scanners follow links; the one button does.

Each person has a link of their own for each way, so the log knows who answered and over which.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.alarms import acknowledge
from gateway.alarms.rows import TEST, calls_of
from gateway.clock import Clock, for_people
from gateway.delivery import alarms
from gateway.delivery.compose import NOT_A_SERVICE
from gateway.errors import StoreError
from gateway.family import Directory, Family
from gateway.language import Part, joined, said
from gateway.store import Store
from gateway.store.tables import AlarmCallRow, AlarmRow, CardRow, DeliveryRow
from gateway.web.pages.door import TOKEN, gone, later, page

WENT = ("sent", "delivered")
YOU, SENT, NOT_YET, FAILED = "You", "sent", "not delivered yet", "could not be delivered"
BY = {"email": "{whom}, by mail: {state}", "sms": "{whom}, by text: {state}"}
INSTEAD = "in place of a way that failed"


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page says. `card`: the card's secret, for the parent alone; `ways`: how the alarm went out."""

    raised: str
    test: bool
    mine: bool
    name: str
    done: str
    card: str | None
    ways: tuple[Part, ...]


class AlarmPages:
    """Shows an alarm, and takes its answer."""

    def __init__(self, store: Store, directory: Directory, clock: Clock, public_url: str) -> None:
        self._store, self._directory, self._clock = store, directory, clock
        self._public_url = public_url.rstrip("/")

    def routes(self) -> list[Route]:
        """For the web application."""
        return [
            Route("/alarm/{token}", self.show, methods=["GET"]),
            Route("/alarm/{token}", self.answer, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The page with the button."""
        try:
            with self._store.read() as session:
                return self._page(request, session)
        except StoreError:
            return later(request)

    async def answer(self, request: Request) -> Response:
        """The button was pressed."""
        token = request.path_params["token"]
        try:
            with self._store.write() as session:
                call = _call(session, token)
                family = self._directory.family(call.family) if call else None
                if call is not None and family is not None:
                    acknowledge.by_call(session, call, acknowledge.LINK, family, self._clock(), self._public_url)
            with self._store.read() as session:
                return self._page(request, session)
        except StoreError:
            return later(request)

    def _page(self, request: Request, session: Session) -> Response:
        token = request.path_params["token"]
        call = _call(session, token)
        family = self._directory.family(call.family) if call else None
        if call is None or family is None:
            return gone(request)
        values = {"alarm": _shown(session, call, family), "token": token, "limits": NOT_A_SERVICE}
        return page("alarm.html", family.language, values)


def _call(session: Session, token: str) -> AlarmCallRow | None:
    if not TOKEN.fullmatch(token):
        return None
    return session.scalars(select(AlarmCallRow).where(AlarmCallRow.token == token)).first()


def _shown(session: Session, call: AlarmCallRow, family: Family) -> Shown:
    alarm, mine = session.get_one(AlarmRow, call.alarm_id), call.who == alarms.PARENT
    moment = call.acknowledged_at if alarm.kind == TEST else alarm.acknowledged_at
    done = f"Noted {for_people(moment, family.time_zone)}. It will not come again." if moment else ""
    card = session.scalar(select(CardRow.token).where(CardRow.id == alarm.card_id)) if mine else None
    ways = tuple(_way(session, one) for one in calls_of(session, alarm)) if mine else ()
    raised = for_people(alarm.raised_at, family.time_zone)
    return Shown(raised, alarm.kind == TEST, mine, family.parent.name, done, card, ways)


def _way(session: Session, call: AlarmCallRow) -> Part:
    """``You, by mail: sent``."""
    states: Sequence[str] = session.scalars(select(DeliveryRow.state).where(DeliveryRow.call_id == call.id)).all()
    state = SENT if any(s in WENT for s in states) else NOT_YET
    if "failed" in states and state != SENT:
        state = FAILED
    whom: Part = said(YOU) if call.who == alarms.PARENT else call.name
    way = said(BY[call.channel], whom=whom, state=said(state))
    return joined(way, said(INSTEAD), by=", ") if call.stands_for is not None else way
