"""The page that answers an alarm: ``/alarm/TOKEN``. Looking changes nothing, since mail scanners follow links; the one button does.

Each person has a link of their own for each way, so the log knows who answered and over which.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from gateway.alarms import acknowledge
from gateway.alarms.rows import TEST, calls_of
from gateway.clock import Clock, for_people
from gateway.delivery import alarms
from gateway.delivery.compose import NOT_A_SERVICE, environment
from gateway.errors import StoreError
from gateway.family import Directory, Family
from gateway.store import Store
from gateway.store.tables import AlarmCallRow, AlarmRow, CardRow, DeliveryRow
from gateway.web.pages.door import HEADERS, TOKEN, gone, later

WENT = ("sent", "delivered")


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page says. `card`: the card's secret, for the parent alone; `ways`: how the alarm went out."""

    raised: str
    test: bool
    mine: bool
    name: str
    done: str
    card: str | None
    ways: tuple[str, ...]


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
                return self._page(session, request.path_params["token"])
        except StoreError:
            return later()

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
                return self._page(session, token)
        except StoreError:
            return later()

    def _page(self, session: Session, token: str) -> Response:
        call = _call(session, token)
        family = self._directory.family(call.family) if call else None
        if call is None or family is None:
            return gone()
        values = {"alarm": _shown(session, call, family), "token": token, "limits": NOT_A_SERVICE}
        return HTMLResponse(environment().get_template("web/alarm.html").render(values), headers=HEADERS)


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


def _way(session: Session, call: AlarmCallRow) -> str:
    """``You, by mail: sent``."""
    states: Sequence[str] = session.scalars(select(DeliveryRow.state).where(DeliveryRow.call_id == call.id)).all()
    state = "sent" if any(s in WENT for s in states) else "not delivered yet"
    if "failed" in states and state != "sent":
        state = "could not be delivered"
    whom = "You" if call.who == alarms.PARENT else call.name
    by = "mail" if call.channel == "email" else "text"
    instead = ", in place of a way that failed" if call.stands_for is not None else ""
    return f"{whom}, by {by}: {state}{instead}"
