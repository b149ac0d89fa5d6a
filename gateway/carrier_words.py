"""What the parent is told of the carrier's part in a text: that it was a command, or that it came late."""

from __future__ import annotations

from dataclasses import replace

from gateway.clock import for_people
from gateway.concluded import Conclusion, Stored
from gateway.conclusion import CHANNELS
from gateway.delivery.card import Card
from gateway.family import Family, Role
from gateway.optout import is_out, number_of
from gateway.parsing import parse_sms
from gateway.parsing.keywords import Command, command
from gateway.policy import Lane
from gateway.store import Store

NOTE_LATE = "This text was sent {sent} and reached the gateway late: the carrier's message about it never came."
NOTE_OUT = (
    "{who}'s phone sent the word {word}. The carrier takes it as a wish to get no more texts, and will not deliver texts "
    "from the relay number to that phone until the word START comes from it. Texts from {who} still come in."
)
NOTE_IN = "{who}'s phone sent the word {word}. Texts from the relay number to that phone are delivered again."
NOTE_OWN_OUT = (
    "Your phone sent the word {word} to the relay number. The carrier takes it as a wish to get no more texts, and will not "
    "deliver cards to your phone until you send START to the relay number. Cards come by email meanwhile."
)
NOTE_OWN_IN = "Your phone sent the word {word} to the relay number. Texts to your phone are delivered again."


def with_command(store: Store, stored: Stored, family: Family, raw: bytes, conclusion: Conclusion) -> Conclusion:
    """The conclusion of a text with what the carrier makes of it: a note on the card, or a note by itself.

    Any other message, and a repetition that changes nothing, comes back as it was.
    """
    if stored.channel != "sms" or stored.imported or family.relay_phone is None:
        return conclusion
    conclusion = replace(conclusion, card=with_lateness(conclusion.card, stored, family))
    reading = parse_sms(raw)
    found, number = command(reading.new_text, reading.opt_out), number_of(stored.mail_from)
    if found is None or number is None:
        return conclusion
    meaning, word = found
    with store.read() as session:
        out = is_out(session, family.relay_phone, number)
    if meaning is Command.IN and word == "YES" and not out:
        return conclusion  # an answer
    detail = {**conclusion.detail, "opt_out": {"word": word, "means": meaning.value}}
    changed = meaning is not Command.HELP and out is not (meaning is Command.OUT)
    known = family.who(number, stored.received_at.date())
    if not changed or known is None or known[0] not in (Role.PARENT, Role.COPARENT):
        return replace(conclusion, detail=detail)
    own = known[0] is Role.PARENT
    notes = (NOTE_OWN_OUT, NOTE_OWN_IN) if own else (NOTE_OUT, NOTE_IN)
    note = notes[meaning is Command.IN].format(who=known[1], word=word)
    card = conclusion.card
    if card is not None and conclusion.card_kind == "card":
        return replace(conclusion, detail=detail, card=replace(card, notes=(*card.notes, note)))
    # To a phone that takes no texts a card is sent all the same: its failure is what makes an email of it.
    kind = "card" if own and meaning is Command.OUT else "notice"
    return replace(conclusion, detail=detail, card=_notice(stored, family, known[1], note), card_kind=kind)


def with_lateness(card: Card | None, stored: Stored, family: Family) -> Card | None:
    """The card with a note, where the text had to be fetched from the carrier's list (its time is the carrier's then)."""
    if card is None or stored.imported or stored.written_at is None:
        return card
    sent = for_people(stored.written_at, family.time_zone)
    return replace(card, notes=(*card.notes, NOTE_LATE.format(sent=sent)))


def _notice(stored: Stored, family: Family, who: str, note: str) -> Card:
    received = for_people(stored.received_at, family.time_zone)
    return Card(Lane.FACTS, "About texts", who, CHANNELS[stored.channel], received, (), None, (note,))
