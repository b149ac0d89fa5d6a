"""From a decision to what leaves the gateway: the card, the alarm, what the log will say. Pure.

A message ends in exactly one of these ways, and none of them is silence about a child:

* a card with facts (and a note where a passage waits for a look),
* a card marked as an emergency or as legal mail,
* an alarm with a card that does not quote the danger,
* an unsorted card,
* nothing for the parent: withheld (kept in the vault, counted in the log).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from gateway.clock import for_people
from gateway.delivery.card import NOTE_HELD, Card, Item
from gateway.family import Family, Role
from gateway.parsing import Reading
from gateway.pipeline import Forwarded, Judgement, is_forwarded
from gateway.policy import Action, Choice, Lane
from gateway.tagging.facts import Fact

CHANNELS = {
    "web": "page",
    "email": "email",
    "sms": "text message",
    "whatsapp": "WhatsApp",
    "imessage": "iMessage",
    "voice": "voicemail, written down by a machine",
}
SYMBOLS = {
    "USD": "$",
    "GBP": "£",
    "EUR": "€",
    "CAD": "CA$",
    "AUD": "A$",
    "NZD": "NZ$",
    "INR": "₹",
    "NGN": "₦",
    "ZAR": "R",
}
OUTSIDERS = (Role.CHILD, Role.SAFETY_CONTACT, Role.REVIEWER)
"""Who has no business with the cards: announced without a word of theirs."""
CARRIERS = (Role.RELATIVE, Role.PARTNER, Role.OTHER)
"""Who is read by the same rules as the other parent, and may carry a message for them."""
UNKNOWN = "someone not on your list"
HEADINGS = {
    Lane.FACTS: "Update from {who}",
    Lane.EMERGENCY: "Urgent update from {who}",
    Lane.DANGER: "A message from {who} needs your attention",
    Lane.LEGAL: "Legal mail from {who}",
    Lane.UNSORTED: "Unsorted message from {who}",
    Lane.WHOLE: "Message from {who}",
}
NOTE_DANGER = (
    "Part of this message may be a sign of danger. It is not quoted here. It is kept whole, word for word, and your "
    "safety contact has been told that something came. You decide whether and when to read it. "
    "If you are in danger now, call the emergency number."
)
NOTE_DANGER_ALONE = NOTE_DANGER.replace(", and your safety contact has been told that something came", "")
NOTE_URGENT = (
    "A child may be hurt, ill or missing: words that may say so stand where they cannot be shown here. They are not quoted. The message "
    "is kept whole, word for word. One step shows it."
)
NOTE_HELD_ALL = "This message could not be sorted for sure ({why}). It is kept whole. One step shows it."
NOTE_STRANGER = "The sender is not on your list of people. The message is kept whole. One step shows it."
NOTE_OUTSIDER = "The sender is on your list, but not among those whose messages are sorted. The message is kept whole. One step shows it."
NOTE_CARRIED = "May carry a message for {coparent}."
NOTE_UNLISTED = "The sender is not on your list of people."
NOTE_IN_A_CHILDS_NAME = (
    "It came in the name of {who}, your child. It was not handed over as your child's, since that could not be proved. "
    "Somebody else may write as your child: ask your child another way."
)
NOTE_NOT_THEIRS = (
    "The name in the mail is one that anybody can write, and it could not be proved that the mail is theirs: {why}."
)
NOTE_UNPROVED = f"{NOTE_NOT_THEIRS} Nothing of it is shown here. It is kept whole. One step shows it."
NOTE_ECHO = (
    "It is an automatic answer of {who}. Such an answer may repeat words that anybody wrote, so nothing of it is shown here. It is kept "
    "whole. One step shows it."
)
NOTE_MACHINE = "A machine wrote these words down from a voicemail; it may have misheard names, numbers and times. The recording is kept."
NOTE_FILES = "Its words are not about the children. What came with it may be."
NOTE_BESIDE = (
    "Words about the children stand where no new words stand (quoted, forwarded, in a signature or a caption) and in no "
    "message before. One step shows them."
)
NOTE_NO_WORDS = "The message has no words that could be read. It is kept whole."
NOTE_OWN_FAILED = "What you wrote on the page could not be read by the program. It is kept. It was not sent on."
NOTE_OWN = "You wrote to the relay address. Your message is kept. It was not sent on: answering through the relay is not set up."


@dataclass(frozen=True, slots=True)
class Story:
    """What is known around a message when the card is made. `received_at` is aware UTC."""

    family: Family
    role: str
    who: str
    channel: str
    received_at: datetime


def card_of(story: Story, reading: Reading, judged: Judgement) -> Card | None:
    """The card of a decided message; None when nothing of it is for the parent."""
    lane = judged.decision.lane
    if lane is Lane.WITHHELD and reading.kind == "message" and _has_files(reading) and not judged.text.strip():
        lane = Lane.UNSORTED
    if lane is Lane.WITHHELD:
        return None
    whole = whole_of(reading) if lane is Lane.LEGAL else None
    items = () if lane is Lane.LEGAL else items_of(story, judged)
    return _card(story, lane, items, whole, notes_of(story, lane, judged))


def announced(story: Story, reading: Reading, judged: Judgement, *, proved: bool = True) -> tuple[Lane, Card | None]:
    """Lane and card by who wrote it.

    Relatives, new partners and unknown senders are read by the same rules, with a note that they may carry a message. What an
    unknown sender wrote never passes in silence; of one whom nothing proves, only danger and emergencies show a word.
    """
    card = card_of(story, reading, judged)
    lane = judged.decision.lane
    if lane is not Lane.DANGER and story.role in OUTSIDERS:
        return Lane.UNSORTED, stranger_card(story, NOTE_OUTSIDER)
    if story.role in CARRIERS:
        unknown = story.who == UNKNOWN
        if unknown and (
            card is None or card.lane is Lane.UNSORTED or (not proved and lane not in (Lane.DANGER, Lane.EMERGENCY))
        ):
            return Lane.UNSORTED, stranger_card(story)
        if card is not None:
            card = with_notes(card, *flags(story))
    return (card.lane if card else lane), card


def flags(story: Story) -> tuple[str, ...]:
    """What a card says of a sender who is neither of the parents nor a professional."""
    if story.role not in CARRIERS:
        return ()
    unlisted = (NOTE_UNLISTED,) if story.who == UNKNOWN else ()
    return (*unlisted, NOTE_CARRIED.format(coparent=story.family.coparent.name))


def with_notes(card: Card, *notes: str) -> Card:
    """The card with further sentences of ours."""
    return replace(card, notes=(*card.notes, *notes))


def whole_of(reading: Reading) -> str:
    """All words of a message as text: subject and body, what is quoted too. Never markup."""
    subject = " ".join((reading.subject or "").split())
    body = reading.body.strip("\n")
    return f"{subject}\n\n{body}".strip("\n") if subject else body


def stranger_card(story: Story, note: str = NOTE_STRANGER) -> Card:
    """Somebody wrote whose words are not for the cards: announced without a word of theirs."""
    return _card(story, Lane.UNSORTED, (), None, (note, *flags(story)[-1:]))


def unproved_card(story: Story, why: str, *notes: str) -> Card:
    """Somebody wrote under a name that is known here, and nothing proves that it was them."""
    return _card(story, Lane.UNSORTED, (), None, (NOTE_UNPROVED.format(why=why), *notes))


def echo_card(story: Story) -> Card:
    """A machine of a professional's answered: the words in it may be anybody's."""
    return _card(story, Lane.UNSORTED, (), None, (NOTE_ECHO.format(who=story.who),))


def whole_card(story: Story, lane: Lane, reading: Reading, *notes: str) -> Card:
    """A message as it is, for a family for which nothing is sorted."""
    words = whole_of(reading)
    empty = () if words else (NOTE_NO_WORDS,)
    return _card(story, lane, (), words or None, (*empty, *notes))


def files_card(story: Story) -> Card:
    """Nothing of the words is for the parent, but a file may concern the children."""
    return _card(story, Lane.UNSORTED, (), None, (NOTE_FILES,))


def unsorted_card(story: Story, why: str) -> Card:
    """The code could not read the message: announced, never lost."""
    return _card(story, Lane.UNSORTED, (), None, (NOTE_HELD_ALL.format(why=why),))


def urgent_card(story: Story, lane: Lane) -> Card:
    """Words that no card shows sound like danger or an emergency (`lane`), and nothing else of the message is for a card."""
    return _card(story, lane, (), None, (danger_note(story) if lane is Lane.DANGER else NOTE_URGENT,))


def danger_note(story: Story) -> str:
    """What a card of danger says; whether somebody else was told."""
    return NOTE_DANGER if story.family.safety_contacts() else NOTE_DANGER_ALONE


def with_beside(story: Story, lane: Lane, card: Card | None) -> tuple[Lane, Card]:
    """Words about the children stand outside the new ones: the card says so; where there is none, one is made."""
    if card is None:
        return Lane.UNSORTED, _card(story, Lane.UNSORTED, (), None, (NOTE_BESIDE,))
    return lane, card if card.whole else replace(card, notes=(*card.notes, NOTE_BESIDE))


def own_notice(story: Story, note: str = NOTE_OWN) -> Card:
    """The parent wrote to the relay."""
    return Card(
        Lane.FACTS, "About your message", story.who, CHANNELS[story.channel], _received(story), (), None, (note,)
    )


def items_of(story: Story, judged: Judgement) -> tuple[Item, ...]:
    """Every forwarded passage as an item: first those of the subject line that the text does not repeat."""
    title = [
        Item(judged.subject[c.span.start : c.span.end].strip(), topic_of(c.span.name))
        for c in judged.decision.subject_choices
        if judged.subject and is_forwarded(c) and c.span.kind == "F"
    ]
    read = {(f.start, f.end): f.fact for f in judged.forwarded}
    body: list[Item] = []
    for choice in judged.decision.choices:
        if not is_forwarded(choice) or choice.span.kind == "N":
            continue
        words = judged.text[choice.span.start : choice.span.end].strip()
        if not words:
            continue
        fact = read.get((choice.span.start, choice.span.end))
        body.append(item_of(story, words, fact) if fact else Item(words, topic_of(choice.span.name)))
    said = " ".join(i.text for i in body).lower()
    return tuple([i for i in title if i.text and i.text.lower() not in said] + body)


def notes_of(story: Story, lane: Lane, judged: Judgement) -> tuple[str, ...]:
    """Plain sentences of ours under the items."""
    notes: list[str] = []
    if lane is Lane.DANGER:
        notes.append(danger_note(story))
    every = (*judged.decision.choices, *judged.decision.subject_choices)
    if judged.decision.holds:
        notes.append(NOTE_HELD_ALL.format(why="; ".join(judged.decision.holds)))
    elif any(c.action is Action.HOLD for c in every):
        notes.append(NOTE_HELD)
    if lane is Lane.UNSORTED and not judged.text.strip():
        notes.append(NOTE_NO_WORDS)
    if story.channel == "voice":
        notes.append(NOTE_MACHINE)
    return tuple(notes)


def summary(judged: Judgement, reading: Reading) -> dict[str, Any]:
    """All that is needed to show a decision again, as plain values. Kept in the database, not in the log."""
    decision = judged.decision
    return {
        "kind": str(reading.kind),
        "subject": judged.subject,
        "message_id": reading.message_id,
        "holds": list(decision.holds),
        "hits": list(decision.hits),
        "misses": list(decision.misses),
        "ruleset": decision.ruleset,
        "tagger": decision.tagger,
        "dangers": list(decision.dangers()),
        "choices": [_choice(c) for c in decision.choices],
        "subject_choices": [_choice(c) for c in decision.subject_choices],
        "facts": [_fact(f) for f in judged.forwarded],
        "defects": list(reading.defects),
        "attachments": [{"type": a.type, "size": a.size, "sha256": a.sha256} for a in reading.attachments],
    }


def topic_of(name: str) -> str:
    """A topic as a person reads it."""
    return {"new_partner": "Other", "third_party": "Other"}.get(name, name.replace("_", " ").capitalize())


def when_line(when: str | None, zone: str) -> str | None:
    """``2026-11-27T18:00`` -> ``Fri 27 Nov 2026, 6:00 pm (UTC-06:00)``; a date without a time stays a date."""
    if when is None:
        return None
    moment = datetime.fromisoformat(when)
    if len(when) == 10:
        return f"{moment:%a} {moment.day} {moment:%b %Y}"
    return for_people(moment.replace(tzinfo=ZoneInfo(zone)), zone)


def money(amount: float | None, currency: str) -> str | None:
    """``42.5`` -> ``$42.50``."""
    if amount is None:
        return None
    symbol = SYMBOLS.get(currency)
    written = f"{amount:,.2f}"
    return f"{symbol}{written}" if symbol else f"{written} {currency}"


def _card(story: Story, lane: Lane, items: Sequence[Item], whole: str | None, notes: Sequence[str]) -> Card:
    heading = HEADINGS[lane].format(who=story.who)
    if lane is Lane.LEGAL and story.role == Role.PROFESSIONAL:
        heading = f"Mail from {story.who}"
    return Card(lane, heading, story.who, CHANNELS[story.channel], _received(story), tuple(items), whole, tuple(notes))


def _received(story: Story) -> str:
    return for_people(story.received_at, story.family.time_zone)


def item_of(story: Story, words: str, fact: Fact) -> Item:
    """A forwarded passage with what was read from it."""
    zone = story.family.time_zone
    return Item(
        text=words,
        topic=topic_of(fact.topic),
        child=fact.child,
        when=fact.when,
        when_line=when_line(fact.when, zone),
        amount=money(fact.amount, fact.currency or story.family.currency),
        where=fact.where,
        asks=fact.asks,
        answer_by=fact.answer_by,
        answer_line=when_line(fact.answer_by, zone),
    )


def _has_files(reading: Reading) -> bool:
    return bool(reading.attachments or reading.media)


def _choice(choice: Choice) -> dict[str, Any]:
    span = choice.span
    return {
        "start": span.start,
        "end": span.end,
        "label": span.label,
        "score": round(span.score, 4),
        "fact": round(span.fact, 4),
        "withhold": round(span.withhold, 4),
        "danger": round(span.danger, 4),
        "action": choice.action.value,
        "rule": choice.rule,
    }


def _fact(forwarded: Forwarded) -> dict[str, Any]:
    fact = forwarded.fact
    return {
        "start": forwarded.start,
        "end": forwarded.end,
        "topic": fact.topic,
        "child": fact.child,
        "when": fact.when,
        "amount": fact.amount,
        "where": fact.where,
        "asks": fact.asks,
        "answer_by": fact.answer_by,
    }
