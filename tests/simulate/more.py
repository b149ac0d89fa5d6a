"""More of what must hold at the end: texts read together, texts in doubt, caps, mail that came back, days that were held."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tests.simulate import model
from tests.simulate.result import Result
from tests.simulate.routes import within
from tests.simulate.script import HOLDS, MOST_TEXTS, TEXT_WAIT

if TYPE_CHECKING:
    from tests.simulate.checks import Seen

MINUTE, HOUR, DAY = timedelta(seconds=60), timedelta(hours=1), timedelta(days=1)
URGENT = ("danger", "emergency", "legal")


def together(seen: Seen) -> Result:
    result = Result("texts within two minutes make one card, none waits longer")
    first_of = {number: group[0] for group in seen.groups.values() for number in group}
    made = {card.message_id: card.made_at for card in seen.cards}
    groups = {group[0]: group for group in seen.groups.values() if len(group) > 1}
    result.see(bool(groups), "no texts were read together")
    for first, group in groups.items():
        sent = [seen.world.numbers[number].sent for number in group]
        result.see(max(sent) - min(sent) <= TEXT_WAIT, f"texts {group} were sent at {sent}")
        result.see(sum(number in made for number in group) == 1, f"texts {group} made several cards")
        result.see(first in made, f"texts {group} made no card")
    for number, piece in seen.world.numbers.items():
        if piece.channel != "sms" or piece.imported or piece.lane in URGENT:
            continue
        start = seen.world.arrived[first_of[number]]
        off = next((span for span in seen.world.script.off if span.has(start + TEXT_WAIT)), None)
        late = (off.end if off else start + TEXT_WAIT) + 2 * MINUTE
        result.see(
            made[first_of[number]] <= late, f"text {number} came {start}, its card was made {made[first_of[number]]}"
        )
    return result


def in_doubt(seen: Seen) -> Result:
    result = Result("a text in doubt is looked up and goes once")
    rows = {row.out_id: row for row in seen.rows}
    for out_id, was_taken in seen.world.texts.dropped.items():
        times = len(seen.went[out_id])
        result.see(times == 1, f"{out_id} (taken at once: {was_taken}) went {times} times")
        result.see(rows[out_id].state == "sent", f"{out_id} is {rows[out_id].state}")
    kinds = [e.kind for e in seen.log]
    result.see(kinds.count("delivery uncertain") == len(seen.world.texts.dropped), "not every doubt is in the log")
    return result


def capped(seen: Seen) -> Result:
    result = Result("texts stay under their cap, alarms do not stop at it")
    went = sorted(one.at for one in seen.world.texts.went)
    lanes = {card.id: card.lane for card in seen.cards}
    rows = {row.out_id: row for row in seen.rows}

    def lately(moment: datetime) -> int:
        return sum(moment - HOUR < one < moment for one in went)

    for one in seen.world.texts.went:
        row = rows[one.parcel.out_id]
        ordinary = row.kind in ("card", "digest", "quiet", "notice") and lanes.get(row.card_id or 0) not in URGENT
        if ordinary and not row.content.get("uncapped"):
            result.see(
                lately(one.at) < MOST_TEXTS, f"{row.kind} {row.id} went as number {lately(one.at) + 1} of its hour"
            )
    spared = [row for row in seen.rows if row.state == "spared"]
    flooded = any(span >= MOST_TEXTS for span in map(lately, went))
    result.see(bool(spared) is flooded, f"{len(spared)} texts were spared, the cap was reached: {flooded}")
    for row in spared:
        result.see(lanes.get(row.card_id or 0) not in URGENT, f"an urgent card was spared: {row.id}")
    reached = [e for e in seen.log if e.kind == "cap reached"]
    result.see(bool(reached) is bool(spared), "a cap was reached and nobody was told")
    return result


def came_back(seen: Seen) -> Result:
    result = Result("what came back is known and told")
    rows, cards = {row.out_id: row for row in seen.rows}, {card.id: card for card in seen.cards}
    alarms = [row for row in seen.rows if row.kind == "alarm" and row.content.get("instead")]
    spoken = [row for row in seen.rows if row.content.get("instead")]
    went = {(row.card_id, row.channel) for row in seen.rows if row.kind == "card" and seen.sent(row) is not None}
    links = {row.content.get("link") for row in seen.rows if row.content.get("instead")}
    for out_id, moment in seen.world.bounced.items():
        row = rows[out_id]
        result.see(row.state == "failed", f"{row.kind} {row.id} came back and is {row.state}")
        if row.kind not in ("card", "digest"):
            continue
        numbers = [row.card_id] if row.card_id is not None else seen.digests[row.digest_id or 0].cards
        other = all((number, "sms") in went for number in numbers)
        result.see(other or row.content.get("link") in links, f"{row.kind} {row.id} came back and nobody knows")
        card = cards.get(row.card_id or 0)
        if card is not None and card.lane in ("danger", "emergency") and not within(seen.world.script.off, moment):
            told = [m for a in alarms if a.content.get("link") == row.content["link"] and (m := seen.sent(a))]
            if (row.card_id, "sms") in went:  # it was read on the other way, or could be: an ordinary note, once a day
                told += [m for a in spoken if (m := seen.sent(a)) and abs(m - moment) <= DAY]
                result.see(bool(told), f"alarm {row.id} came back {moment} and nobody was told within a day")
                continue
            result.see(bool(told) and min(told) <= moment + MINUTE, f"alarm {row.id} came back {moment}, told {told}")
    return result


def held(seen: Seen) -> Result:
    result = Result("a court day holds the rest, and no longer")
    for since, until in HOLDS.items():
        end = model.there(datetime.fromisoformat(until))
        if not seen.world.script.begin <= end < seen.world.script.end - timedelta(days=1):
            continue
        mine = [c for c in seen.cards if max(since, end - timedelta(days=7)) <= c.made_at < end and c.lane == "facts"]
        plain = [
            c for c in mine if not any(i.get("when") or i.get("asks") or i["topic"] == "Medical" for i in seen.items(c))
        ]
        for card in plain:
            for row in seen.rows:
                if row.card_id == card.id and row.kind == "card" and (sent := seen.sent(row)) is not None:
                    settings = seen.at(card.made_at)
                    latest = settings.after(end, resting=False) + MINUTE
                    result.see(
                        end <= sent <= latest, f"card {card.id} made {card.made_at}, held until {end}, sent {sent}"
                    )
    return result


MORE: tuple[Callable[[Seen], Result], ...] = (together, in_doubt, capped, came_back, held)
