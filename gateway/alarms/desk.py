"""What goes on with alarms that nobody has answered: they come again, farther each time, and go round a route that is dead.

    due ──► again by every way, farther than before ──► … ──► the last time
    a person whose only ways fail ──► everybody else who can be reached is told instead, once
                                      └─ nobody can be ──► logged, and looked for again until a route comes back

A message that still waits on a dead route is tried now instead of being doubled, and one that just went to the same address
stands for those of other alarms too: a flood of threats is not a flood of notes. Every step is an entry.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, func, or_, select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from gateway.alarms.rows import RAISED, TEST, add_call, calls_of, pure, put, told
from gateway.clock import Clock, stamp
from gateway.delivery import alarms, otherwise
from gateway.delivery.alarms import Call
from gateway.delivery.escalation import Reach, following
from gateway.delivery.reached import FAILS_AT, LATE, WENT, Reached, of_same_person, state_of
from gateway.family import Directory, Family
from gateway.ledger import append
from gateway.policy import Lane
from gateway.store import Store
from gateway.store.planning import apart
from gateway.store.tables import AlarmCallRow, AlarmRow, CardRow, DeliveryRow, EntryRow, RouteRow

REPEATED, WENT_ROUND, NO_WAY_ROUND = "alarm repeated", "alarm went round", "alarm cannot go round"
BURST = timedelta(minutes=3)
"""What went to an address so lately stands for other alarms too."""
KNOWN_DEAD = timedelta(minutes=2)
"""A route that failed for so long before the alarm came is not waited for."""
LOOKED_FOR = timedelta(days=10)
"""How long a way round is looked for where there is none: longer than the outbox tries."""
WAITS = ("pending", "uncertain")
_COME = (
    select(AlarmRow)
    .where(
        or_(
            AlarmRow.next_at <= bindparam("now"),
            and_(AlarmRow.next_at.is_not(None), AlarmRow.raised_at > bindparam("ahead")),
        ),
        AlarmRow.kind != TEST,
    )
    .order_by(AlarmRow.id)
)
_ANY_COME = _COME.with_only_columns(AlarmRow.id).order_by(None).limit(1)
_NEXT = select(func.min(AlarmRow.next_at)).where(AlarmRow.kind != TEST)
_MAYBE_STUCK = (
    select(AlarmCallRow.id, DeliveryRow.state, DeliveryRow.attempts, AlarmRow.raised_at, RouteRow.failing_since)
    .join(AlarmRow, AlarmRow.id == AlarmCallRow.alarm_id)
    .join(DeliveryRow, DeliveryRow.call_id == AlarmCallRow.id)
    .outerjoin(RouteRow, and_(RouteRow.family == AlarmCallRow.family, RouteRow.route == AlarmCallRow.channel))
    .where(
        AlarmRow.acknowledged_at.is_(None),
        AlarmRow.kind != TEST,
        AlarmCallRow.rounded.is_(False),
        AlarmCallRow.stands_for.is_(None),
        or_(
            apart(DeliveryRow.state).in_(("failed", *WAITS)),
            and_(apart(DeliveryRow.state) == "sent", DeliveryRow.last_error.startswith(LATE)),
        ),
    )
    .order_by(
        AlarmCallRow.id
    )  # also for the planner: it then begins with the calls, and not with all that was ever sent
)
"""Asked every two seconds for ever, so they are made once: making a query costs more than its answer."""


@dataclass(frozen=True, slots=True)
class Detour:
    """What is done about a way that is stuck. `of`: ways that count as gone round then; `ways`: whom to tell instead; `had`: the
    person has it by another way; `in_vain`: nobody can be told now, which is said once in the log.
    """

    of: tuple[AlarmCallRow, ...] = ()
    ways: tuple[Call, ...] = ()
    had: bool = False
    in_vain: bool = False


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
        with self._store.glance() as connection:
            if connection.scalar(_ANY_COME, {"now": now, "ahead": now + BURST}) is not None:
                return True
            if not _stuck_numbers(connection, now):
                return False
        with self._store.read() as session:
            return any(self._detour(session, call, now) is not None for call in _stuck(session, now))

    def _repeat(self, session: Session, alarm: AlarmRow, now: datetime) -> bool:
        family = self._directory.family(alarm.family)
        if family is None:
            alarm.next_at = None
            return False
        if alarm.raised_at > now + BURST:  # the clock went back: counted from now, or it would be silent until then
            alarm.raised_at = now
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

    def _detour(self, session: Session, call: AlarmCallRow, now: datetime) -> Detour | None:
        """What is to be done about a way that is stuck; None where nothing is, at least not now."""
        family, alarm = self._directory.family(call.family), session.get_one(AlarmRow, call.alarm_id)
        if family is None or call.rounded:
            return Detour((call,))
        mine = of_same_person(session, call)
        others = [(one, state_of(session, one)) for one in mine if one.id != call.id]
        dead = _failing(session, call.family, alarm.raised_at - KNOWN_DEAD)
        if any(state is Reached.WENT for _, state in others):
            return Detour((call,), had=True)
        if any(state is Reached.WAITS and one.channel not in dead for one, state in others):
            return None
        tried = {(c.channel, c.address) for c in mine}
        people = alarms.people(family, Lane(alarm.kind), Reach.FURTHER, now.date())
        apart = [p for p in people if (p.channel, p.address) not in tried and p.channel not in dead]
        by_another = [p for p in apart if p.channel != call.channel]
        ways = by_another or [p for p in apart if p.channel not in _failing(session, call.family, now)]
        if ways:
            return Detour(tuple(mine), tuple(ways))
        if not _found_none(session, alarm, call):
            return Detour(in_vain=True)
        return Detour(tuple(mine)) if now - alarm.raised_at > LOOKED_FOR else None

    def _round(self, session: Session, call: AlarmCallRow, now: datetime) -> bool:
        """Tell others where a person cannot be reached by any way that was tried."""
        family, alarm = self._directory.family(call.family), session.get_one(AlarmRow, call.alarm_id)
        detour = self._detour(session, call, now)
        if detour is None:
            return False
        for one in detour.of:
            one.rounded = True
        if family is None:
            return False
        if detour.had:
            return _tell_of_a_dead_way(session, family, call, now)
        if not (detour.ways or detour.in_vain):
            return False
        before = {(c.channel, c.address) for c in calls_of(session, alarm) if c.stands_for is not None}
        ways = [p for p in detour.ways if (p.channel, p.address) not in before]
        made = [add_call(session, alarm, p, stands_for=call.id) for p in ways]
        link = self._link(session, alarm)
        for other in made:
            own = (other.who, other.name) == (call.who, call.name)
            unreached = "" if own else call.who
            put(session, family, alarm, other, self._public_url, link, now=now, step=alarm.step, unreached=unreached)
        body = {"alarm": alarm.id, "message": alarm.message_id, "of": told([call])[0], "to": told(made)}
        append(session, family.key, WENT_ROUND if detour.ways else NO_WAY_ROUND, body, now=now, zone=family.time_zone)
        return True

    def _link(self, session: Session, alarm: AlarmRow) -> str | None:
        token = session.scalar(select(CardRow.token).where(CardRow.id == alarm.card_id))
        return f"{self._public_url}/card/{token}" if token else None


def _due_alarms(session: Session, now: datetime) -> Sequence[AlarmRow]:
    """Also those of a future that never came: the clock has been put back since."""
    query = _COME.with_for_update(skip_locked=True)
    return session.scalars(query, {"now": now, "ahead": now + BURST}).all()


def _stuck(session: Session, now: datetime) -> list[AlarmCallRow]:
    """Ways of open alarms over which nothing gets through: refused, tried often enough, or known to be dead before."""
    session.flush()
    numbers = _stuck_numbers(session.connection(), now)
    return list(session.scalars(select(AlarmCallRow).where(AlarmCallRow.id.in_(numbers)).order_by(AlarmCallRow.id)))


def _stuck_numbers(connection: Connection, now: datetime) -> set[int]:
    found: set[int] = set()
    for call, state, attempts, raised, since in connection.execute(_MAYBE_STUCK):
        tried = state in WAITS and attempts >= FAILS_AT
        known = state in WAITS and since is not None and since <= min(now, raised) - KNOWN_DEAD
        if state in ("failed", "sent") or tried or known:
            found.add(call)
    return found


def _calls(session: Session, alarm: AlarmRow, people: Sequence[Call]) -> list[AlarmCallRow]:
    """The calls of these ways, made where the alarm has not taken them yet."""
    known = {(c.channel, c.address): c for c in calls_of(session, alarm)}
    return [known.get((p.channel, p.address)) or add_call(session, alarm, p) for p in people]


def _covered(session: Session, family: Family, call: AlarmCallRow, now: datetime) -> bool:
    """Whether a message of an alarm to that address waits already, which is then tried now, or has just gone."""
    there = (
        apart(DeliveryRow.family) == family.key,
        DeliveryRow.channel == call.channel,
        DeliveryRow.address == call.address,
        DeliveryRow.call_id.is_not(None),
        DeliveryRow.kind != TEST,
    )
    waiting = session.scalars(select(DeliveryRow).where(*there, DeliveryRow.state.in_((*WAITS, "sending")))).all()
    for row in waiting:
        if (
            row.next_at > now and row.state in WAITS
        ):  # one try more than its patience has room for, so it is not counted
            row.next_at, row.attempts = now, max(0, row.attempts - 1)
    recent = select(DeliveryRow.id).where(
        *there, DeliveryRow.state.in_(WENT), DeliveryRow.next_at.between(now - BURST, now + BURST)
    )
    return bool(waiting) or session.scalar(recent.limit(1)) is not None


def _found_none(session: Session, alarm: AlarmRow, call: AlarmCallRow) -> bool:
    """Whether the log has it already that nobody could be told in place of that way."""
    query = select(EntryRow.body).where(
        EntryRow.log == alarm.family, EntryRow.kind == NO_WAY_ROUND, EntryRow.at >= stamp(alarm.raised_at - BURST)
    )
    about = (alarm.id, told([call])[0])
    return any((body["alarm"], body["of"]) == about for body in map(json.loads, session.scalars(query)))


def _failing(session: Session, family: str, moment: datetime) -> set[str]:
    """Channels that had been failing at that moment already, and fail still."""
    query = select(RouteRow.route).where(RouteRow.family == family, RouteRow.failing_since <= moment)
    return set(session.scalars(query))


def _tell_of_a_dead_way(session: Session, family: Family, call: AlarmCallRow, now: datetime) -> bool:
    """A way failed for good while another had the alarm already: said once, so that the address is looked at."""
    failed = select(DeliveryRow).where(DeliveryRow.call_id == call.id, DeliveryRow.state == "failed")
    row = session.scalars(failed.order_by(DeliveryRow.id).limit(1)).first()
    if row is None:
        return False
    otherwise.tell(session, family, row, (row.last_error or "").partition("came back: ")[2], now=now)
    return True


__all__ = ["NO_WAY_ROUND", "RAISED", "REPEATED", "WENT_ROUND", "AlarmDesk"]
