"""Why a person must look at a message although it could be read: words outside the new ones that say something new.

What a message marks as quoted, forwarded or a signature, what stands in a picture's caption, in a second subject or in a
file's name, is no part of the new text, and a threat or a fact that a parent must know can be put there. So:

* phrase rules for danger and emergencies run over all of it;
* forwarded words, signatures, captions and further subjects are tagged like new words;
* quoted words are looked up in the messages of both sides, and those that are in none are tagged too. While nothing of
  the parent's own came this way, every answer quotes words that are not here: then only a danger, an emergency, a
  medical or a legal fact counts, and the same quoted words count once.

Where that finds a fact or a danger, the whole message waits for a look.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select

from gateway.attachments.names import stem_of, words_of
from gateway.concluded import FROM_THE_PARENT, Stored
from gateway.family import Family
from gateway.parsing import Kind, Reading, SegmentKind
from gateway.parsing.history import is_unknown, unknown_quotes
from gateway.parsing.reactions import reacted_to
from gateway.pipeline import LONGEST
from gateway.store import Store
from gateway.store.tables import DecisionRow
from gateway.tagging.spans import Span, Tagger, Unread

QUOTABLE = 200
"""Messages in which quoted words are looked up."""
KEPT = 4_000
"""Code points of unknown quoted words that are remembered, so that the next answer may quote them."""
QUOTED_DANGER = "the quoted part holds words that may be a sign of danger"
NAMED_DANGER = "the name of a file holds words that may be a sign of danger"
QUOTED_FACT = "the quoted part holds words about the children that are in no earlier message"
BESIDE_FACT = "words about the children stand where no new words stand (forwarded, under the signature, in a caption)"
GRAVE = frozenset(("F:emergency", "F:medical", "F:legal"))
LEAST, SIGNED = 0.5, 0.9
"""Mass on fact or danger from which a passage outside the new words counts; names and offices in a signature look like
facts to the tagger, so that there it must be sure.
"""


@dataclass(frozen=True, slots=True)
class Doubt:
    """The reason to hold, if there is one, and the quoted words that were in no earlier message."""

    why: str | None = None
    unknown: str = ""


def about_quotes(
    store: Store, stored: Stored, family: Family, reading: Reading, tagger: Tagger, urgent: Callable[[str], bool]
) -> Doubt:
    """What speaks against reading only the new words. `urgent` says what the phrase rules make of words."""
    if urgent(reading.left_out):
        return Doubt(QUOTED_DANGER)
    if urgent("\n".join(words_of(stem_of(file.name)) for file in reading.attachments)):
        return Doubt(NAMED_DANGER)
    if stored.imported:
        return Doubt()

    def tagged(words: str) -> tuple[Span, ...]:
        if not any(c.isalnum() for c in words):
            return ()
        return tagger.tag(
            Unread(
                words[:LONGEST],
                channel=stored.channel,
                children=family.readable_children(),
                sender=family.coparent.name,
                recipient=family.parent.name,
            )
        ).text

    signed = tagged(_of(reading, SegmentKind.SIGNATURE))
    beside = tagged("\n".join((_of(reading, SegmentKind.FORWARDED), *reading.beside)))
    if any(_tells(span) for span in beside) or any(_tells(span, SIGNED) for span in signed):
        return Doubt(BESIDE_FACT)
    known, complete = _known(store, stored)
    unknown = _unknown(reading, known)
    found = [span for span in tagged(unknown) if _tells(span)]
    counts = complete or reading.kind is Kind.REACTION
    if any(counts or span.kind == "D" or span.label in GRAVE for span in found):
        return Doubt(QUOTED_FACT, unknown[:KEPT])
    return Doubt(None, unknown[:KEPT])


def _tells(span: Span, least: float = LEAST) -> bool:
    return (span.kind == "F" and span.fact >= least) or (span.kind == "D" and span.danger >= LEAST)


def _of(reading: Reading, kind: SegmentKind) -> str:
    """The words of one kind of segment."""
    return "\n".join(reading.body[s.start : s.end] for s in reading.segments if s.kind is kind)


def _unknown(reading: Reading, known: list[str]) -> str:
    """The quoted words that are in no earlier message."""
    if reading.kind is Kind.REACTION and any(s.kind == SegmentKind.NEW for s in reading.segments):
        quoted = reacted_to(reading.body)
        return quoted if quoted and is_unknown(quoted, known) else ""
    if any(s.kind == SegmentKind.QUOTED for s in reading.segments):
        return "\n".join(unknown_quotes(reading, known))
    return ""


def _known(store: Store, stored: Stored) -> tuple[list[str], bool]:
    """What both sides wrote before, and what was quoted before, newest first; whether it holds the parent's own words."""
    before = (DecisionRow.family == stored.family, DecisionRow.message_id < stored.id)
    with store.read() as session:
        own = select(DecisionRow.id).where(*before, DecisionRow.detail["kind"].as_string() == FROM_THE_PARENT)
        complete = session.scalar(own.limit(1)) is not None
        query = (
            select(DecisionRow.new_text, DecisionRow.detail["quoted"].as_string())
            .where(*before)
            .order_by(DecisionRow.id.desc())
            .limit(QUOTABLE)
        )
        return [words for row in session.execute(query) for words in row if words], complete
