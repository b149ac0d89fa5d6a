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
from gateway.store.tables import CardRow, DecisionRow, DeliveryRow, DigestRow, MessageRow, QuestionRow
from tests.simulate import model
from tests.simulate.more import MORE
from tests.simulate.result import Result
from tests.simulate.routes import Span, within
from tests.simulate.script import HARD, HOLDS, PAUSE, PHASES
from tests.simulate.world import World

MINUTE = timedelta(seconds=60)
RETRY = timedelta(minutes=75)
"""The longest wait between two tries, with its jitter."""
PARENT = (PARENT_EMAIL, PARENT_PHONE)


class Seen:
    """All that is left of the year, read once."""

    def __init__(self, world: World) -> None:
        self.world = world
        with world.store.read() as session:
            self.messages = {row.id: row for row in session.scalars(select(MessageRow))}
            self.cards = list(session.scalars(select(CardRow).order_by(CardRow.id)))
            self.rows = list(session.scalars(select(DeliveryRow).order_by(DeliveryRow.id)))
            self.digests = {row.id: row for row in session.scalars(select(DigestRow))}
            self.questions = list(session.scalars(select(QuestionRow)))
            self.log = list(entries(session, "rivera"))
            details = session.execute(select(DecisionRow.message_id, DecisionRow.detail))
            self.groups = {number: detail.get("group", {}).get("messages", [number]) for number, detail in details}
            session.expunge_all()
        self.went: dict[str, list[datetime]] = defaultdict(list)
        for route in world.routes.values():
            for one in route.went:
                self.went[one.parcel.out_id].append(one.at)
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
        mine = [row for row in seen.rows if row.card_id == card.id and row.kind in ("card", "alarm")]
        groups = [("parent", [r for r in mine if r.address in PARENT])]
        if card.lane == "danger":
            groups.append(("safety contact", [r for r in mine if r.address not in PARENT]))
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
        remind = off.end if off else remind
        if remind is not None and (hours := seen.at(remind)).hours and hours.after(remind - 5 * MINUTE) >= by:
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


CHECKS: tuple[Callable[[Seen], Result], ...] = (right_hours, nothing_lost, nothing_twice, questions, quiet, log_holds)


def all_checks(world: World) -> list[Result]:
    seen = Seen(world)
    found = [check(seen) for check in CHECKS]
    more = [check(seen) for check in MORE]
    return [*found[:3], *alarms(seen), *more, *found[3:]]
