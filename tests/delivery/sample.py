"""Cards for the tests of digests and calendars."""

from gateway.conclusion import when_line
from gateway.delivery.card import Card, Item
from gateway.delivery.digest import Piece
from gateway.policy import Lane

ZONE = "America/Chicago"
HOUR = "Fri 27 Nov 2026, 8:00 am (UTC-06:00)"
RECEIVED = "Thu 26 Nov 2026, 12:00 pm (UTC-06:00)"
PAGE = "https://relay.example.org/digest/" + "d" * 43


def item(text: str, topic: str = "Schedule", child: str | None = None, when: str | None = None, **more) -> Item:
    lines = {"when_line": when_line(when, ZONE), "answer_line": when_line(more.get("answer_by"), ZONE)}
    return Item(text, topic, child, when, **lines, **more)


def card(*items: Item, lane: Lane = Lane.FACTS, notes: tuple[str, ...] = (), files: tuple[str, ...] = ()) -> Card:
    heading = "Update from Mark" if lane is Lane.FACTS else "Unsorted message from Mark"
    return Card(lane, heading, "Mark", "email", RECEIVED, items, None, notes, files)


def link(number: int) -> str:
    return f"https://relay.example.org/card/{number:043}"


def pieces(*cards: Card) -> list[Piece]:
    return [Piece(made, link(number)) for number, made in enumerate(cards)]


DENTIST = item("Emma's dentist appointment is Tuesday at 3:30.", "Medical", "Emma", "2026-12-01T15:30", where="Dr Lee")
SOCCER = item("Can you take Noah to soccer? Tell me by Friday.", "Schedule", "Noah", asks=True, answer_by="2026-11-27")
FORM = item("Did you sign the form?", "School", "Emma", asks=True)
CLEATS = item("His cleats are $42.50\nin the blue bag", "Expenses", "Noah", amount="$42.50")
PICKUP = item("pickup is at 6 on friday", "Handover", None, "2026-11-27T18:00", where="the library")
CARDS = (
    card(DENTIST),
    card(SOCCER, CLEATS),
    card(PICKUP, files=("PDF document, 34 kB",)),
    card(lane=Lane.UNSORTED, notes=("It is kept whole. One step shows it.",)),
    card(FORM),
)
