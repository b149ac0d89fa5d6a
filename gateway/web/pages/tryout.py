"""The try-it box: ``/rules/try``. What would become of a message, word by word, and why. Nothing of it is kept or logged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from gateway.clock import for_people
from gateway.concluded import Conclusion, matter_of
from gateway.conclusion import UNKNOWN, Story, announced, summary
from gateway.contact import in_mode, whole
from gateway.delivery import schedule
from gateway.delivery.card import Card
from gateway.delivery.schedule import Modes
from gateway.family import Family, Role
from gateway.parsing import Reading, parse_email, parse_sms
from gateway.parsing.charsets import whole_characters
from gateway.pipeline import Judgement, context_of, judge, without_tagger
from gateway.policy import Lane, Ruleset
from gateway.policy.shown import Piece, pieces
from gateway.replay import letter_of
from gateway.tagging.fallback import Fallback
from gateway.tagging.spans import Tagger
from gateway.web.room import PARENT, Room, Visitor

if TYPE_CHECKING:
    from gateway.web.parts import House

MOST: Final = 10_000
CHANNELS: Final = {"email": "Email", "sms": "Text message"}
EMPTY: Final = "Please paste or write a message."
MARKS: Final = {
    "forwarded": ("✓", "comes through"),
    "withheld": ("–", "kept back"),
    "held": ("?", "waits for a look"),
    "alarm": ("!", "danger: an alarm, without the words"),
}
"""A sign and a word for each, beside the colour."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it. `hour`: when its card would come; empty for none."""

    title: tuple[Piece, ...]
    text: tuple[Piece, ...]
    card: Card | None
    hour: str
    lane: str
    holds: tuple[str, ...]


class TryOut:
    """The page."""

    def __init__(self, house: House) -> None:
        self._house = house

    def rooms(self) -> list[Room]:
        """For the guard."""
        return [Room("try a message", "/rules/try", self.show, PARENT, methods=("GET", "POST"), most_bytes=200_000)]

    def show(self, request: Request, visitor: Visitor) -> Response:
        """The box, and what came of what was put into it."""
        form = {name: visitor.field(name, MOST) for name in ("text", "subject", "channel", "sender")}
        people = list(_senders(visitor.home))
        made, said = None, ""
        if request.method == "POST":
            if not form["text"].strip():
                said = EMPTY
            else:
                family, now = visitor.home, self._house.clock()
                role, who = dict(people).get(form["sender"], people[0][1])
                rules = self._house.rules.for_family(family)
                made = tried(form, family, role, who, now, self._house.tagger, rules)
        return visitor.show(
            "rules-try.html", 422 if said else 200, typed=form, made=made, said=said, channels=CHANNELS, marks=MARKS,
            senders=[(value, who) for value, (_, who) in people], most=MOST,
        )  # fmt: skip


def _senders(family: Family) -> Iterator[tuple[str, tuple[Role, str]]]:
    """Who may have written it: a value for the form, role and name."""
    yield "coparent", (Role.COPARENT, family.coparent.name)
    for place, person in enumerate(family.people):
        yield f"person {place}", (person.role, person.name)
    yield "unknown", (Role.OTHER, UNKNOWN)


def tried(
    form: dict[str, str], family: Family, role: Role, who: str, now: datetime, tagger: Tagger, rules: Ruleset
) -> Tried:
    """The walk of a message up to its card, for words that are not kept."""
    channel = form["channel"] if form["channel"] in CHANNELS else "email"
    reading = _reading(form, family, channel, now)
    story = Story(family, role, who, channel, now)
    judged = _judged(reading, story, tagger, rules)
    lane, card = announced(story, reading, judged)
    detail = summary(judged, reading) | {"role": str(role)}
    whens = tuple(when for f in judged.forwarded for when in (f.fact.when, f.fact.answer_by))
    made = Conclusion(lane, judged.decision.outcome, judged.text, detail, card, whens=whens)
    made = in_mode(whole(made, story, reading), family.contact)
    legal = judged.decision.lane is Lane.LEGAL
    return Tried(
        tuple(pieces(judged.subject or "", judged.decision.subject_choices, rules, whole=legal)),
        tuple(pieces(judged.text, judged.decision.choices, rules, whole=legal)),
        made.card,
        _hour(made, family, now),
        made.lane.value,
        judged.decision.holds,
    )


def _reading(form: dict[str, str], family: Family, channel: str, now: datetime) -> Reading:
    text = whole_characters(form["text"].replace("\r\n", "\n"))
    if channel == "sms":
        return parse_sms({"Body": [text], "From": ["+15550100999"], "To": ["+15550100777"]})
    reading = parse_email(letter_of(text, now.astimezone(ZoneInfo(family.time_zone))))
    subject = " ".join(whole_characters(form["subject"]).split())
    return replace(reading, subject=subject or None)


def _judged(reading: Reading, story: Story, tagger: Tagger, rules: Ruleset) -> Judgement:
    context = context_of(
        reading, story.family, sender_role=str(story.role), channel=story.channel, received_at=story.received_at,
        previous=(),
    )  # fmt: skip
    try:
        return judge(reading.new_text, reading.subject, context, tagger, rules)
    except Exception:  # noqa: BLE001 (what the worker does with a message that the tagger cannot read)
        held = without_tagger(context, "the tagger could not read it")
        return judge(reading.new_text, reading.subject, held, Fallback(), rules)


def _hour(made: Conclusion, family: Family, now: datetime) -> str:
    if made.card is None:
        return ""
    matter = matter_of(made.card, made.whens, family)
    when = schedule.due(now, family.deliver, family.time_zone, matter, Modes.of(family))
    return "" if when <= now else for_people(when, family.time_zone)
