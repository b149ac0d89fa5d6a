"""What must hold at the end of the year. Each check counts what it looked at and lists what is wrong."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from gateway.demo.sample import PARENT_EMAIL, PARENT_PHONE
from gateway.errors import LogError
from gateway.ledger import entries, verify
from gateway.store.tables import (
    AlarmCallRow,
    AlarmRow,
    CardRow,
    DecisionRow,
    DeliveryRow,
    DigestRow,
    MessageRow,
    QuestionRow,
)
from tests.simulate import model
from tests.simulate.more import MORE
from tests.simulate.result import Result
from tests.simulate.routes import Span, within
from tests.simulate.script import HARD, HOLDS, HOURLY, MAIL_DEAD, PAUSE, PHASES, REPEAT, SMS_DEAD
from tests.simulate.world import World

MINUTE = timedelta(seconds=60)
RETRY = timedelta(minutes=75)
"""The longest wait between two tries, with its jitter."""
PARENT = (PARENT_EMAIL, PARENT_PHONE)
RUTH, OWEN, JO = ("ruth@example.org", "+15005550007"), ("owen@example.org",), ("+15005550008",)
BURST = timedelta(minutes=3)
"""What went to an address so lately stands for other alarms too."""


class Seen:
    """All that is left of the year, read once."""

    def __init__(self, world: World) -> None:
        self.world = world
        with world.store.read() as session:
            self.messages = {row.id: row for row in session.scalars(select(MessageRow))}
            self.cards = list(session.scalars(select(CardRow).order_by(CardRow.id)))
            self.rows = list(session.scalars(select(DeliveryRow).order_by(DeliveryRow.id)))
            self.digests = {row.id: row for row in session.scalars(select(DigestRow))}
            self.alarms = list(session.scalars(select(AlarmRow).where(AlarmRow.kind != "test").order_by(AlarmRow.id)))
            self.tests = list(session.scalars(select(AlarmRow).where(AlarmRow.kind == "test")))
            self.calls = {row.id: row for row in session.scalars(select(AlarmCallRow))}
            self.questions = list(session.scalars(select(QuestionRow)))
            self.log = list(entries(session, "rivera"))
            details = session.execute(select(DecisionRow.message_id, DecisionRow.detail))
            self.groups = {number: detail.get("group", {}).get("messages", [number]) for number, detail in details}
            session.expunge_all()
        self.went: dict[str, list[datetime]] = defaultdict(list)
        for route in world.routes.values():
            for one in route.went:
                self.went[one.parcel.out_id].append(one.at)
        self.rang: dict[str, list[datetime]] = defaultdict(list)
        urgent = {row.out_id for row in self.rows if row.call_id is not None and row.kind != "test"}
        for route in world.routes.values():
            for one in route.went:
                if one.parcel.out_id in urgent:
                    self.rang[one.parcel.address].append(one.at)
        self.by_digest = {(row.digest_id, row.channel): row for row in self.rows if row.kind == "digest"}
        self.by_mail = {row.card_id: row for row in self.rows if row.kind == "card" and row.channel == "email"}
        self.settings = [(since, model.Settings(deliver, PAUSE, HARD, HOLDS.get(since))) for since, deliver in PHASES]

    def at(self, moment: datetime) -> model.Settings:
        return [one for since, one in self.settings if since <= moment][-1]

    def settings_hour(self, moment: datetime) -> bool:
        """Whether the parent chose that hour, or chose none. A route that was dead, or a gateway that was off, comes later; an
        hour that was planned before the settings changed stands.
        """
        settings, before = self.at(moment), self.at(moment - timedelta(days=1))
        late = any(
            within(route.dead, moment - RETRY) or within(route.dead, moment) for route in self.world.routes.values()
        )
        late = late or any(span.has(moment - timedelta(minutes=15)) for span in self.world.script.off)
        return late or any(not one.hours or one.after(moment - 2 * MINUTE) <= moment for one in (settings, before))

    def carrier(self, row: DeliveryRow) -> DeliveryRow | None:
        """The delivery that brought it: itself, the digest that it went into, or, at a cap, its email."""
        found = self.by_digest.get((row.digest_id, row.channel)) if row.state == "merged" else row
        if found is None or found.state != "spared":
            return found
        if row.card_id is not None:
            return self.carrier(self.by_mail[row.card_id])
        twins = (r for r in self.rows if r.channel == "email" and r.content.get("text") == row.content["text"])
        return next((twin for twin in twins if abs(twin.id - row.id) <= 2), None)

    def items(self, card: CardRow) -> list[dict[str, Any]]:
        """What the texts of a card say, in order."""
        return [self.world.numbers[number].item for number in self.groups[card.message_id]]

    def sent(self, row: DeliveryRow) -> datetime | None:
        carrier = self.carrier(row)
        moments = self.went.get(carrier.out_id, []) if carrier else []
        return moments[0] if moments else None

    def fails(self, channel: str) -> list[Span]:
        route = self.world.routes[channel]
        return [*route.dead, *route.refuses]

    def in_time(self, row: DeliveryRow, due: datetime) -> tuple[datetime, datetime]:
        """The first and the last moment at which what is due then may leave by that route."""
        off = next((span for span in self.world.script.off if span.has(due)), None)
        start = off.end if off else due
        dead = next((span for span in self.world.routes[row.channel].dead if span.has(start)), None)
        return (start, start + MINUTE) if dead is None else (dead.end - MINUTE, dead.end + RETRY)


def planned(seen: Seen, card: CardRow, lately: int) -> datetime:
    """When the card is due, with every change of the settings since it was made."""
    moment = model.hour(card.made_at, card.lane, seen.items(card), seen.at(card.made_at), lately)
    for start in seen.world.starts:
        if card.made_at < start < moment:
            moment = min(moment, seen.at(start).free(start))
    return moment


def right_hours(seen: Seen) -> Result:
    result = Result("each card went out at its hour")
    made = [card.made_at for card in seen.cards]
    rows = defaultdict(list)
    for row in seen.rows:
        if row.kind == "card":
            rows[row.card_id].append(row)
    for n, card in enumerate(seen.cards):
        lately = sum(1 for moment in made[max(0, n - 30) : n] if moment > card.made_at - model.HOUR)
        due = planned(seen, card, lately)
        for row in rows[card.id]:
            first, last = seen.in_time(row, due)
            carrier = seen.carrier(row)
            if carrier is None or carrier.channel != row.channel:
                continue  # over a cap: its email has an hour of its own
            if within(seen.world.routes[row.channel].refuses, first):
                continue
            sent = seen.sent(row)
            words = f"card {card.id} ({card.lane}, {row.channel}) made {card.made_at:%m-%d %H:%M:%S}, due {due:%m-%d %H:%M:%S}"
            result.see(sent is not None and first <= sent <= last, f"{words}, sent {sent}")
    return result


def nothing_lost(seen: Seen) -> Result:
    result = Result("no card is lost")
    have = Counter((row.card_id, row.channel) for row in seen.rows if row.kind == "card")
    told = {str(row.content["text"]).rsplit("Open: ", 1)[-1] for row in seen.rows if row.content.get("instead")}
    brought = {number for card in seen.cards for number in seen.groups[card.message_id]}
    went = {(row.card_id, row.channel) for row in seen.rows if row.kind == "card" and seen.sent(row) is not None}
    for number, piece in seen.world.numbers.items():
        result.see((number in brought) is not piece.imported, f"message {number} (imported: {piece.imported})")
    for card in seen.cards:
        for channel in ("email", "sms"):
            result.see(
                have[card.id, channel] == 1, f"card {card.id} has {have[card.id, channel]} deliveries by {channel}"
            )
    for row in seen.rows:
        if row.kind != "card":
            continue
        carrier = seen.carrier(row)
        other = "sms" if row.channel == "email" else "email"
        refused = carrier is not None and carrier.state == "failed"
        refused = refused and (carrier.content.get("link") in told or (row.card_id, other) in went)
        there = carrier is not None and (
            carrier.digest_id is None or row.card_id in seen.digests[carrier.digest_id].cards
        )
        result.see(
            there and (refused or seen.sent(row) is not None), f"delivery {row.id} of card {row.card_id}: {row.state}"
        )
    return result


def nothing_twice(seen: Seen) -> Result:
    result = Result("nothing is delivered twice")
    for out_id, moments in seen.went.items():
        result.see(len(moments) == 1, f"{out_id} went {len(moments)} times")
    copies: Counter[tuple[int, str]] = Counter()
    for row in seen.rows:
        if row.state == "sent" and row.kind == "card" and row.card_id is not None:
            copies[row.card_id, row.channel] += 1
        if row.state == "sent" and row.kind == "digest" and row.digest_id is not None:
            copies.update((number, row.channel) for number in seen.digests[row.digest_id].cards)
    for (card, channel), count in copies.items():
        result.see(count == 1, f"card {card} came {count} times by {channel}")
    return result


def alarms(seen: Seen) -> Iterator[Result]:
    prompt, kept = Result("no alarm later than 60 seconds, any route living"), Result("no alarm lost, one route dead")
    for card in seen.cards:
        if card.lane not in ("danger", "emergency"):
            continue
        mine = [row for row in seen.rows if row.card_id == card.id and row.step == 0 and not stands_in(seen, row)]
        groups = [("parent", [r for r in mine if r.address in PARENT])]
        if card.lane == "danger":
            groups.append(("safety contact", [r for r in mine if r.address in RUTH]))
            groups.append(("contact with one way", [r for r in mine if r.address in OWEN]))
        for who, rows in groups:
            living = [r for r in rows if not within(seen.fails(r.channel), card.made_at)]
            moments = [m for r in living if (m := seen.sent(r))]
            words = f"message {card.message_id}, {card.lane}, {who}, {card.made_at:%m-%d %H:%M:%S}: sent {moments}"
            if living:
                prompt.see(bool(moments) and min(moments) <= card.made_at + MINUTE, words)
            for row in living if len(living) < len(rows) else ():
                sent = seen.sent(row)
                kept.see(sent is not None and sent <= card.made_at + MINUTE, f"{words} by {row.channel}")
    yield from (prompt, kept)


def questions(seen: Seen) -> Result:
    result = Result("each question was reminded of once, in time")
    told = Counter((e.body["message"], e.body["place"]) for e in seen.log if e.kind == "question reminder")
    asked = {card.message_id: card.made_at for card in seen.cards if any(item.get("asks") for item in seen.items(card))}
    result.see({q.message_id for q in seen.questions} == set(asked), "a question has no clock")
    notices = [r for r in seen.rows if r.kind == "notice" and r.content["text"].startswith("A question waits")]
    made = [card.made_at for card in seen.cards]
    for n, card in enumerate(seen.cards):
        if card.message_id not in asked:
            continue
        number, moment, item = card.message_id, card.made_at, seen.world.numbers[card.message_id].item
        by = model.answer_by(moment, item)
        lately = sum(1 for one in made[max(0, n - 30) : n] if one > moment - model.HOUR)
        shown = model.hour(moment, card.lane, seen.items(card), seen.at(moment), lately)
        remind = model.reminder(moment, shown, by, seen.at(moment))
        answered = seen.world.answered.get(number)
        off = next((span for span in seen.world.script.off if remind and span.has(remind)), None)
        since, remind = remind, off.end if off else remind
        hours = seen.at(remind) if remind else None
        if remind and since and hours and hours.hours and hours.after(max(since, remind - 2 * model.HOUR)) >= by:
            remind = None
        wants = remind is not None and remind + MINUTE < by and not (answered and answered <= remind + MINUTE)
        if remind is not None and (remind >= seen.world.script.end or remind < by <= remind + MINUTE):
            continue
        if answered and remind and remind <= answered <= remind + MINUTE:
            continue
        words = f"message {number} asked {moment:%m-%d %H:%M}, by {by:%m-%d %H:%M}, answered {answered}"
        result.see(told[number, 0] == int(wants), f"{words}: reminded {told[number, 0]} times, {int(wants)} expected")
        token = next(card.token for card in seen.cards if card.message_id == number)
        mine = [r for r in notices if r.content["text"].endswith(f"/card/{token}")]
        moments = [m for r in mine if (m := seen.sent(r))]
        if wants and by < seen.world.script.end and (moments or not answered):
            result.see(bool(moments) and min(moments) < by, f"{words}: the reminder left at {moments}")
        for one in moments:
            at = seen.settings_hour(one)
            result.see(at, f"{words}: the reminder left at {one}, which is none of the parent's hours")
    return result


def quiet(seen: Seen) -> Result:
    result = Result("a quiet hour is said to be one, no other")
    busy = {row.planned_at for row in seen.rows if row.kind != "quiet"}
    said = Counter(row.planned_at for row in seen.rows if row.kind == "quiet")
    moment = seen.world.script.begin
    while moment < seen.world.script.end - MINUTE:
        settings = seen.at(moment)
        change = next((s for s, _ in PHASES if s > moment), seen.world.script.end)
        moment = settings.after(moment) if settings.hours else change
        if moment > change:
            moment = change
            continue
        if (
            moment >= seen.world.script.end - MINUTE
            or not settings.hours
            or within(seen.world.script.off, moment)
            or settings.rests(moment)
        ):
            continue
        wanted = 0 if moment in busy else 2
        result.see(said[moment] == wanted, f"{moment:%m-%d %H:%M}: said {said[moment]} times, {wanted} expected")
    return result


def log_holds(seen: Seen) -> Result:
    result = Result("the log verifies")
    with seen.world.store.read() as session:
        try:
            sizes = verify(entries(session))
            result.looked = sum(sizes.values())
        except LogError as error:
            result.see(False, str(error))
    return result


def stands_in(seen: Seen, row: DeliveryRow) -> bool:
    return row.call_id is not None and seen.calls[row.call_id].stands_for is not None


def again(seen: Seen, alarm: AlarmRow) -> list[tuple[datetime, int]]:
    """When an alarm must come again, and the how-manieth time that is; of those in an outage of the gateway only the last."""
    out: dict[datetime, int] = {}
    moments = model.repeats(alarm.raised_at, alarm.kind, REPEAT, HOURLY)
    for number, moment in enumerate(moments, 1):
        off = next((span for span in seen.world.script.off if span.has(moment)), None)
        out[off.end if off else moment] = number
    ends = alarm.acknowledged_at or seen.world.script.end
    return [(moment, number) for moment, number in out.items() if moment < ends - MINUTE]


def repeats(seen: Seen) -> Iterator[Result]:
    timely, heard = (
        Result("unanswered alarms come again in time"),
        Result("and reach everybody who is to be told by then"),
    )
    stops, done = Result("an answer ends it on every route"), Result("each answer that was given was taken")
    entries_of = defaultdict(list)
    for entry in seen.log:
        if entry.kind == "alarm repeated":
            entries_of[entry.body["alarm"]].append((datetime.fromisoformat(entry.at), entry.body["step"]))
    for alarm in seen.alarms:
        wanted, found = again(seen, alarm), entries_of[alarm.id]
        ends = alarm.acknowledged_at
        late = [f for f in found if ends is not None and f[0] >= ends - MINUTE]
        words = f"alarm {alarm.id} ({alarm.kind}) of {alarm.raised_at:%m-%d %H:%M:%S}, answered {ends}"
        pairs = list(zip(wanted, [f for f in found if f not in late], strict=False))
        fit = all(w[1] == f[1] and w[0] <= f[0] <= w[0] + MINUTE for w, f in pairs)
        timely.see(fit and len(pairs) == len(wanted) == len(found) - len(late), f"{words}: {found}, {wanted} expected")
        stops.see(all(moment <= ends for moment, _ in found) if ends else True, f"{words}: came again at {found}")
        for moment, number in wanted:
            people = PARENT + RUTH + OWEN + (JO if number >= len(REPEAT) else ())
            for address in people:
                if within(seen.fails("email" if "@" in address else "sms"), moment):
                    continue
                rang = any(moment - BURST <= at <= moment + MINUTE for at in seen.rang[address])
                heard.see(rang, f"{words}: {moment:%m-%d %H:%M:%S} did not reach {address}")
    by_alarm = {alarm.id: alarm for alarm in seen.alarms}
    for row in seen.rows:
        if row.kind == "alarm" and row.call_id is not None and (sent := seen.went.get(row.out_id)):
            ends = by_alarm[seen.calls[row.call_id].alarm_id].acknowledged_at
            stops.see(ends is None or sent[-1] <= ends, f"{row.out_id} left at {sent[-1]}, answered {ends}")
    for number, moment in seen.world.read.items():
        taken = by_alarm[number].acknowledged_at
        done.see(taken is not None and taken <= moment, f"alarm {number} was answered at {moment}, taken {taken}")
    yield from (timely, heard, stops, done)


def rounds(seen: Seen) -> Result:
    """A contact who has mail alone, while mail is dead or refused: the parent reads of it by text."""
    result = Result("a dead only route is gone round")
    went = {e.body["alarm"]: datetime.fromisoformat(e.at) for e in seen.log if e.kind == "alarm went round"}
    told = [
        r
        for r in seen.rows
        if r.kind == "alarm" and r.address in PARENT and "could not be reached" in r.content["text"]
    ]
    for alarm in seen.alarms:
        ends, until = alarm.acknowledged_at, alarm.raised_at + 4 * MINUTE
        dead = all(within(seen.fails("email"), moment) for moment in (alarm.raised_at, until))
        if alarm.kind == "danger" and dead and (ends is None or ends > until):
            words = f"alarm {alarm.id} of {alarm.raised_at:%m-%d %H:%M:%S}, answered {ends}, went round {went.get(alarm.id)}"
            mine = [r for r in told if r.call_id is not None and seen.calls[r.call_id].alarm_id == alarm.id]
            result.see(alarm.id in went and went[alarm.id] <= until and bool(mine) and bool(seen.sent(mine[0])), words)
        elif alarm.id in went:
            near = any(
                span.start - MINUTE <= went[alarm.id] <= span.end + RETRY
                for channel in ("email", "sms")
                for span in seen.fails(channel)
            )
            result.see(near, f"alarm {alarm.id} went round without a reason at {went[alarm.id]}")
    return result


def outages(seen: Seen) -> Result:
    result = Result("outages, silences, test alarms are told once")
    script = seen.world.script
    for route, spans in (("email", MAIL_DEAD), ("sms", SMS_DEAD)):
        for kind in ("outage", "outage over"):
            found = [e for e in seen.log if e.kind == kind and e.body["route"] == route]
            wanted = sum(script.begin < span.start and span.end < script.end for span in spans)
            result.see(len(found) == wanted, f"{kind} of {route}: {len(found)} times, {wanted} expected")
            result.see(all(e.body["to"] or kind != "outage" for e in found), f"{kind} of {route} was told to nobody")
    silent = [e for e in seen.log if e.kind == "silence told"]
    result.see(len(silent) == len(script.off), f"{len(silent)} silences told, {len(script.off)} expected")
    day, mondays = script.begin.date(), 0
    while day < script.end.date():
        mondays += day.weekday() == 0 and day.day <= 7 and day > script.begin.date()
        day += timedelta(days=1)
    result.see(len(seen.tests) == mondays, f"{len(seen.tests)} test alarms, {mondays} expected")
    for row in seen.rows:
        if row.kind == "test":
            result.see(seen.sent(row) is not None, f"a test alarm by {row.channel} did not go")
    return result


CHECKS: tuple[Callable[[Seen], Result], ...] = (right_hours, nothing_lost, nothing_twice, questions, quiet, log_holds)


def all_checks(seen: Seen) -> list[Result]:
    found = [check(seen) for check in CHECKS]
    more = [check(seen) for check in MORE]
    return [*found[:3], *alarms(seen), *repeats(seen), rounds(seen), outages(seen), *more, *found[3:]]
