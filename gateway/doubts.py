"""Why a person must look at a message although it could be read: quoted words that nobody wrote before, or a
threat in the name of a file.

A threat, or a fact that a parent must know, can be put behind the quote marks of a message that never was, or into a
reaction to one. What is quoted is looked up in the messages of both sides; what is in none of them is tagged like new
words, and where it holds a fact or a danger the whole message waits for a look.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from gateway.attachments.names import stem_of, words_of
from gateway.concluded import FROM_THE_PARENT, Stored
from gateway.family import Family
from gateway.parsing import Kind, Reading
from gateway.parsing.history import is_unknown, unknown_quotes
from gateway.parsing.reactions import reacted_to
from gateway.pipeline import LONGEST
from gateway.store import Store
from gateway.store.tables import DecisionRow
from gateway.tagging.spans import Tagger, Unread

QUOTABLE = 200
"""Messages in which quoted words are looked up."""
QUOTED_DANGER = "the quoted part holds words that may be a sign of danger"
NAMED_DANGER = "the name of a file holds words that may be a sign of danger"
QUOTED_FACT = "the quoted part holds words about the children that are in no earlier message"


def about_quotes(
    store: Store, stored: Stored, family: Family, reading: Reading, tagger: Tagger, dangerous: Callable[[str], bool]
) -> str | None:
    """The reason to hold, if there is one. `dangerous` says what the phrase rules make of words."""
    if dangerous(_not_new(reading)):
        return QUOTED_DANGER
    if dangerous("\n".join(words_of(stem_of(file.name)) for file in reading.attachments)):
        return NAMED_DANGER
    unknown = "" if stored.imported else _unknown(store, stored, reading)
    if not unknown:
        return None
    tagging = tagger.tag(
        Unread(
            unknown[:LONGEST],
            channel=stored.channel,
            children=family.readable_children(),
            sender=family.coparent.name,
            recipient=family.parent.name,
        )
    )
    return QUOTED_FACT if any(span.kind in "FD" for span in tagging.text) else None


def _unknown(store: Store, stored: Stored, reading: Reading) -> str:
    """The quoted words that are in no earlier message."""
    if reading.kind is Kind.REACTION:
        quoted, known = reacted_to(reading.body), _written(store, stored)
        return quoted if known and is_unknown(quoted, known) else ""
    if any(s.kind == "quoted" for s in reading.segments):
        known = _written(store, stored)
        return "\n".join(unknown_quotes(reading, known)) if known else ""
    return ""


def _written(store: Store, stored: Stored) -> list[str]:
    """What both sides wrote before, newest first.

    Empty while nothing of the parent's own came this way: then every answer quotes words that are not here.
    """
    before = (DecisionRow.family == stored.family, DecisionRow.message_id < stored.id)
    with store.read() as session:
        own = select(DecisionRow.id).where(*before, DecisionRow.detail["kind"].as_string() == FROM_THE_PARENT)
        if session.scalar(own.limit(1)) is None:
            return []
        query = select(DecisionRow.new_text).where(*before).order_by(DecisionRow.id.desc()).limit(QUOTABLE)
        return list(session.scalars(query))


def _not_new(reading: Reading) -> str:
    """Quoted and forwarded words."""
    return "\n".join(reading.body[s.start : s.end] for s in reading.segments if s.kind in ("quoted", "forwarded"))
