"""Words that are far too long, such as a file that was pasted into an answer."""

from collections.abc import Callable
from datetime import datetime

from gateway.family import Family
from gateway.reply.desk import LONG, OWN, ReplyDesk
from gateway.reply.looked import Looked
from gateway.reply.outgoing import MOST_WORDS
from gateway.store import Store


def test_no_answer_keeps_the_alarms_waiting_however_long_it_is(
    store: Store, make_family: Callable[..., Family], clock: Callable[[], datetime]
) -> None:
    """The coach is asked about the beginning alone, the parent's own addresses are looked for in all of it."""
    read: list[int] = []

    def look(words: str, _family: Family, _context: tuple[str, ...]) -> Looked:
        read.append(len(words))
        return Looked()

    desk = ReplyDesk(store, clock, look)
    with store.read() as session:
        looked = desk.look(session, make_family(), "Six is fine. " * 400_000 + "dana@example.org", None)
    assert read == [MOST_WORDS]
    assert looked.hints == (OWN, LONG)
