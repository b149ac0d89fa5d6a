"""Why a person must look at a message although it could be read: words outside the new ones that say something new.

What a message marks as quoted, forwarded or a signature, what stands in a picture's caption, in a second subject or in a
file's name, is no part of the new text, and a threat or a fact that a parent must know can be put there. So:

* phrase rules for danger and emergencies run over all of it, and over files that are texts (see `heard`, which raises the alarm);
* forwarded words, signatures, captions and further subjects are tagged like new words;
* quoted words are looked up in the messages of both sides, and those that are in none are tagged too. While nothing of
  the parent's own came this way, every answer quotes words that are not here: then only a danger, an emergency, a
  medical or a legal fact counts, and the same quoted words count once.

Danger holds the whole message. A fact is said on the card, or makes one, so that what is certain still comes through.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from gateway.concluded import Stored
from gateway.family import Family
from gateway.heard import NAME, Heard, hear, in_files
from gateway.parsing import Kind, Reading, SegmentKind
from gateway.parsing.history import is_unknown, unknown_quotes
from gateway.parsing.reactions import reacted_to
from gateway.pipeline import LONGEST
from gateway.policy import Ruleset
from gateway.provenance import FROM_THE_PARENT
from gateway.store import Store
from gateway.store.tables import DecisionRow
from gateway.tagging.spans import Span, Tagger, Unread

QUOTABLE = 200
"""Messages in which quoted words are looked up."""
KEPT = 4_000
"""Code points of unknown quoted words that are remembered, so that the next answer may quote them."""
QUOTED_DANGER = "the quoted part holds words that may be a sign of danger"
NAMED_DANGER = "the name of a file holds words that may be a sign of danger"
FILE_DANGER = "a file that came with it holds words that may be a sign of danger"
BESIDE_DANGER = "words that may be a sign of danger stand where no new words stand (quoted, forwarded, in a caption)"
DANGERS = frozenset((QUOTED_DANGER, NAMED_DANGER, FILE_DANGER, BESIDE_DANGER))
"""Reasons to hold that may be danger: no mode keeps them from the parent."""
QUOTED_FACT = "the quoted part holds words about the children that are in no earlier message"
BESIDE_FACT = "words about the children stand where no new words stand (forwarded, under the signature, in a caption)"
GRAVE = frozenset(("F:emergency", "F:medical", "F:legal"))
LEAST = 0.5
"""Mass on fact or danger from which a passage outside the new words counts."""
_CHILD = re.compile(
    r"\b(?:he|she|him|her|his|hers|they|them|the (?:kids?|children|baby|boys?|girls?)|my (?:son|daughter))\b|\b(?:hearing|court|allergic)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Doubt:
    """What speaks against reading only the new words.

    ``why``: the reason to hold all of it. ``beside``: that something about the children stands outside the new words, which
    is said on the card, or makes one. ``unknown``: quoted words that were in no earlier message. ``heard``: what raises an alarm.
    """

    why: str | None = None
    unknown: str = ""
    beside: str | None = None
    heard: Heard | None = None


def about_quotes(
    store: Store, stored: Stored, family: Family, reading: Reading, tagger: Tagger, rules: Ruleset
) -> Doubt:
    """What speaks against reading only the new words. `rules`: the family's, asked without the tagger."""
    heard = in_files(reading.attachments, rules)
    if hear(reading.left_out, rules):
        return Doubt(QUOTED_DANGER, heard=heard)
    if heard is not None:
        return Doubt(NAMED_DANGER if heard.where == NAME else FILE_DANGER, heard=heard)
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

    forwarded = tagged(_of(reading, SegmentKind.FORWARDED))
    # Names, offices and titles look like facts to the tagger where no sentence stands around them.
    loose = "\n".join(words for words in _loose(reading) if _speaks_of_a_child(words, family))
    outside = [span for span in (*forwarded, *tagged(loose)) if _tells(span)]
    if outside:
        return Doubt(beside=BESIDE_DANGER if _dangerous(outside) else BESIDE_FACT)
    known, complete = _known(store, stored)
    unknown = _unknown(reading, known)
    found = [span for span in tagged(unknown) if _tells(span)]
    counts = complete or reading.kind is Kind.REACTION
    if any(counts or span.kind == "D" or span.label in GRAVE for span in found):
        return Doubt(unknown=unknown[:KEPT], beside=BESIDE_DANGER if _dangerous(found) else QUOTED_FACT)
    return Doubt(unknown=unknown[:KEPT])


def _tells(span: Span) -> bool:
    return (span.kind == "F" and span.fact >= LEAST) or (span.kind == "D" and span.danger >= LEAST)


def _dangerous(spans: Sequence[Span]) -> bool:
    return any(span.kind == "D" for span in spans)


def _loose(reading: Reading) -> list[str]:
    """Lines of signatures and closings, captions, further subjects."""
    return [*_of(reading, SegmentKind.SIGNATURE).split("\n"), *reading.beside]


def _speaks_of_a_child(words: str, family: Family) -> bool:
    return _CHILD.search(words) is not None or names_a_child(words, family)


def names_a_child(words: str, family: Family) -> bool:
    """Whether a child of the family is named in the words."""
    names = [name.lower() for child in family.children for name in (child.name, *child.nicknames)]
    low = words.lower()
    return any(re.search(rf"\b{re.escape(name)}\b", low) for name in names)


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
        own = select(DecisionRow.id).where(*before, DecisionRow.kind == FROM_THE_PARENT)
        complete = session.scalar(own.limit(1)) is not None
        query = (
            select(DecisionRow.new_text, DecisionRow.detail["quoted"].as_string())
            .where(*before)
            .order_by(DecisionRow.id.desc())
            .limit(QUOTABLE)
        )
        return [words for row in session.execute(query) for words in row if words], complete
