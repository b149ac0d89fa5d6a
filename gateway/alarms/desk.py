"""What goes on with alarms that nobody has answered: they come again, farther each time, and go round a route that is dead.

    due ──► again by every way, farther than before ──► … ──► the last time
    a person whose only ways fail ──► everybody else who can be reached is told instead, once

A message that still waits on a dead route is tried now instead of being doubled, and one that just went to the same address
stands for those of other alarms too: a flood of threats is not a flood of notes. Every step is an entry.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import Session

from gateway.alarms.rows import RAISED, TEST, add_call, calls_of, pure, put, told
from gateway.clock import Clock
from gateway.delivery import alarms
from gateway.delivery.alarms import Call
from gateway.delivery.escalation import Reach, following
from gateway.family import Directory, Family
from gateway.ledger import append
from gateway.policy import Lane
from gateway.store import Store
from gateway.store.tables import AlarmCallRow, AlarmRow, CardRow, DeliveryRow, RouteRow

REPEATED, WENT_ROUND, NO_WAY_ROUND = "alarm repeated", "alarm went round", "alarm cannot go round"
BURST = timedelta(minutes=3)
"""What went to an address so lately stands for other alarms too."""
FAILS_AT = 2
"""Failed tries after which a way does not count any more."""
KNOWN_DEAD = timedelta(minutes=2)
"""A route that failed for so long before the alarm came is not waited for."""
WAITS, WENT = ("pending", "uncertain"), ("sent", "delivered")
_DUE = select(AlarmRow.id).where(AlarmRow.next_at <= bindparam("now"), AlarmRow.kind != TEST)
_NEXT = select(func.min(AlarmRow.next_at)).where(AlarmRow.kind != TEST)
_ROUTE = and_(RouteRow.family == AlarmCallRow.family, RouteRow.route == AlarmCallRow.channel)
_MAYBE_STUCK = (
    select(AlarmCallRow, DeliveryRow.state, DeliveryRow.attempts, AlarmRow.raised_at, RouteRow.failing_since)
    .join(AlarmRow, AlarmRow.id == AlarmCallRow.alarm_id)
    .join(DeliveryRow, DeliveryRow.call_id == AlarmCallRow.id)
    .outerjoin(RouteRow, _ROUTE)
    .where(
        AlarmRow.acknowledged_at.is_(None),
        AlarmRow.kind != TEST,
        AlarmCallRow.rounded.is_(False),
        AlarmCallRow.stands_for.is_(None),
        DeliveryRow.state.in_(("failed", *WAITS)),
    )
    .order_by(AlarmCallRow.id)
)
"""Asked every two seconds for ever, so they are made once."""


class AlarmDesk:
    """One for an installation; `step` is called every few seconds."""

    def __init__(self, store: Store, directory: Directory, clock: Clock, public_url: str) -> None:
        self._store, self._directory, self._clock = store, directory, clock
        self._public_url = public_url.rstrip("/")

    def step(self) -> int:
        """Repeat what is due, go round what cannot get through; how many alarms were moved. Raises StoreError."""
        now = self._clock()
        if not self._due(now):
            return 0
        with self._store.write() as session:
            moved = [self._repeat(session, alarm, now) for alarm in _due_alarms(session, now)]
            moved += [self._round(session, call, now) for call in _stuck(session, now)]
        return sum(moved)

    def next_due(self) -> datetime | None:
        """When the next open alarm comes again, if any does. Raises StoreError."""
        with self._store.glance() as connection:
            return connection.scalar(_NEXT)

    def _due(self, now: datetime) -> bool:
        with self._store.read() as session:
            return session.scalar(_DUE.limit(1), {"now": now}) is not None or bool(_stuck(session, now))

    def _repeat(self, session: Session, alarm: AlarmRow, now: datetime) -> bool:
        family = self._directory.family(alarm.family)
        if family is None:
            alarm.next_at = None
            return False
        plan = pure(alarm, family)
        step = following(plan, range(alarm.step + 1), alarm.acknowledged_at, now)
        if step is None or step.at > now:  # the family's choices have changed
            alarm.next_at = step.at if step else None
            return False
        people = alarms.people(family, Lane(alarm.kind), step.reach, now.date())
        calls = _calls(session, alarm, people)
        for call in calls:
            if not _covered(session, family, call, now):
                put(
                    session,
                    family,
                    alarm,
                    call,
                    self._public_url,
                    self._link(session, alarm),
                    now=now,
                    step=step.number,
                )
        later = following(plan, range(step.number + 1), None, now)
        body = {"alarm": alarm.id, "message": alarm.message_id, "step": step.number, "to": told(calls)}
        body |= {"missed": step.number - alarm.step - 1} if step.number > alarm.step + 1 else {}
        body |= {} if later else {"last": True}
        alarm.step, alarm.next_at = step.number, later.at if later else None
        append(session, family.key, REPEATED, body, now=now, zone=family.time_zone)
        return True

    def _round(self, session: Session, call: AlarmCallRow, now: datetime) -> bool:
        """Tell others where a person cannot be reached by any way that was tried."""
        family, alarm = self._directory.family(call.family), session.get_one(AlarmRow, call.alarm_id)
        mine = [
            c for c in calls_of(session, alarm) if (c.who, c.name) == (call.who, call.name) and c.stands_for is None
        ]
        states = [_state(session, c) for c in mine if c.id != call.id]
        dead = _failing(session, call.family, alarm.raised_at)
        if family is None or call.rounded or "went" in states:
            call.rounded = True
            return False
        if any(
            state == "waits" and c.channel not in dead for c, state in zip(_others(mine, call), states, strict=True)
        ):
            return False
        for one in mine:
            one.rounded = True
        tried = {(c.channel, c.address) for c in mine}
        people = alarms.people(family, Lane(alarm.kind), Reach.FURTHER, now.date())
        failing = dead | {call.channel}
        ways = [p for p in people if (p.channel, p.address) not in tried and p.channel not in failing]
        before = {(c.channel, c.address) for c in calls_of(session, alarm) if c.stands_for is not None}
        made = [add_call(session, alarm, p, stands_for=call.id) for p in ways if (p.channel, p.address) not in before]
        link = self._link(session, alarm)
        for other in made:
            own = (other.who, other.name) == (call.who, call.name)
            unreached = "" if own else call.who
            put(session, family, alarm, other, self._public_url, link, now=now, step=alarm.step, unreached=unreached)
        body = {"alarm": alarm.id, "message": alarm.message_id, "of": told([call])[0], "to": told(made)}
        append(session, family.key, WENT_ROUND if ways else NO_WAY_ROUND, body, now=now, zone=family.time_zone)
        return True

    def _link(self, session: Session, alarm: AlarmRow) -> str | None:
        token = session.scalar(select(CardRow.token).where(CardRow.id == alarm.card_id))
        return f"{self._public_url}/card/{token}" if token else None


def _due_alarms(session: Session, now: datetime) -> Sequence[AlarmRow]:
    query = select(AlarmRow).where(AlarmRow.next_at <= now, AlarmRow.kind != TEST).order_by(AlarmRow.id)
    return session.scalars(query.with_for_update(skip_locked=True)).all()


def _stuck(session: Session, now: datetime) -> list[AlarmCallRow]:
    """Ways of open alarms over which nothing gets through: refused, tried often enough, or known to be dead before."""
    found: dict[int, AlarmCallRow] = {}
    for call, state, tries, raised, since in session.execute(_MAYBE_STUCK):
        if state == "failed" or tries >= FAILS_AT or (since is not None and since <= min(now, raised) - KNOWN_DEAD):
            found[call.id] = call
    return list(found.values())


def _calls(session: Session, alarm: AlarmRow, people: Sequence[Call]) -> list[AlarmCallRow]:
    """The calls of these ways, made where the alarm has not taken them yet."""
    known = {(c.channel, c.address): c for c in calls_of(session, alarm)}
    return [known.get((p.channel, p.address)) or add_call(session, alarm, p) for p in people]


def _covered(session: Session, family: Family, call: AlarmCallRow, now: datetime) -> bool:
    """Whether a message of an alarm to that address waits already, which is then tried now, or has just gone."""
    there = (
        DeliveryRow.family == family.key,
        DeliveryRow.channel == call.channel,
        DeliveryRow.address == call.address,
        DeliveryRow.call_id.is_not(None),
        DeliveryRow.kind != TEST,
    )
    waiting = session.scalars(select(DeliveryRow).where(*there, DeliveryRow.state.in_(WAITS))).all()
    for row in waiting:
        if row.next_at > now:  # one try more than its patience has room for, so it is not counted
            row.next_at, row.attempts = now, max(0, row.attempts - 1)
    recent = select(DeliveryRow.id).where(*there, DeliveryRow.state.in_(WENT), DeliveryRow.next_at > now - BURST)
    return bool(waiting) or session.scalar(recent.limit(1)) is not None


def _state(session: Session, call: AlarmCallRow) -> str:
    """What became of a way: something went over it, something waits there, or nothing gets through."""
    rows = session.execute(select(DeliveryRow.state, DeliveryRow.attempts).where(DeliveryRow.call_id == call.id)).all()
    if any(state in WENT for state, _ in rows):
        return "went"
    return "waits" if any(state in (*WAITS, "sending") and tries < FAILS_AT for state, tries in rows) else "dead"


def _others(calls: Sequence[AlarmCallRow], call: AlarmCallRow) -> list[AlarmCallRow]:
    return [c for c in calls if c.id != call.id]


def _failing(session: Session, family: str, raised_at: datetime) -> set[str]:
    """Channels that had been failing when the alarm came."""
    query = select(RouteRow.route).where(RouteRow.family == family, RouteRow.failing_since <= raised_at - KNOWN_DEAD)
    return set(session.scalars(query))


__all__ = ["NO_WAY_ROUND", "RAISED", "REPEATED", "WENT_ROUND", "AlarmDesk"]
