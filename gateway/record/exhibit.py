"""An issue exhibit: the messages of a few issues with their neighbours, a chronology in front, a dozen readable pages.

Nobody reads five hundred pages at a hearing. An exhibit shows the messages in which an issue comes up, each with the
message before and after it in the same thread, and says how many of each issue are left out. The whole transcript lies
beside it, so that every part can be read in its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from gateway.errors import UserError
from gateway.record.items import Message, Record, Style
from gateway.record.lines import lines
from gateway.record.speech import court
from gateway.record.transcript import message, parties, spoken

ISSUES: dict[str, frozenset[str]] = {
    "lateness": frozenset(("F:schedule", "F:childcare")),
    "medical": frozenset(("F:medical", "F:emergency")),
    "money": frozenset(("F:expense", "X:money")),
    "school": frozenset(("F:school", "F:activity")),
    "threats": frozenset(
        ("X:threat", "X:legal_threat", "D:violence", "D:stalking", "D:abduction", "D:sextortion", "D:self_harm")
    ),
    "insults": frozenset(("X:insult", "X:sarcasm", "X:sexual")),
    "pressure": frozenset(
        ("X:hoovering", "X:guilt_trip", "X:self_pity", "X:gaslighting", "X:control", "X:triangulation")
    ),
    "prying": frozenset(("X:prying", "X:new_partner")),
}
"""Issues by name, and the labels that belong to them."""
NEIGHBOURS = "the message before and the one after each, in the same channel, marked as such"
NEIGHBOURS_OF_AN_EXTRACT = (
    "the message before and the one after each as far as this extract has them; messages between may be left out"
)
BESIDE = "transcript.pdf, the whole log, in which each message has the same number"
BESIDE_AN_EXTRACT = "transcript.pdf, an extract of the log, in which each message has the same number"
SHOWN = "{issue}: {shown} of {fitting} messages are shown"
SHOWN_OF_AN_EXTRACT = "{issue}: {shown} of {fitting} messages of this extract are shown"
SORTED = "as a program sorted the messages; the words decide, not the sorting"
REST = "{rest:,} more characters; the whole is No {number} of the transcript"
MOST = 24
"""Messages of an exhibit without their neighbours: about a dozen pages."""
LONGEST, NEIGHBOUR = 160, 600


def check_issues(names: Iterable[str]) -> tuple[str, ...]:
    """Issues that exist. Raises UserError."""
    given = tuple(name.strip().lower() for name in names if name.strip())
    if unknown := [name for name in given if name not in ISSUES]:
        raise UserError(f"--exhibit: found {unknown[0]!r}; known are {', '.join(sorted(ISSUES))}")
    return given


def exhibit_of(record: Record, style: Style, issues: Sequence[str], *, prefix: str) -> dict[str, Any]:
    """The values of an exhibit's pages."""
    speak = court(record.language)
    say = speak.say
    rows: list[tuple[Message, str]] = []
    chosen: dict[int, Message] = {}
    out: list[str] = []
    share = max(1, MOST // len(issues))
    for issue in issues:
        fitting = [m for m in record.messages if _words(m, issue)]
        shown = _spread(fitting, share)
        of = SHOWN_OF_AN_EXTRACT if record.is_extract else SHOWN
        out.append(say(of, issue=speak.known(issue), shown=len(shown), fitting=len(fitting)))
        rows += [(m, issue) for m in shown]
        chosen |= {m.number: m for m in shown}
    neighbours = {n: m for m in chosen.values() for n, m in _beside(m, record.messages)}
    every = sorted((neighbours | chosen).values(), key=lambda m: m.number)
    return spoken(record) | {
        "title": say("Issue exhibit: {issues}", issues=", ".join(map(speak.known, issues))),
        "style": str(style),
        "prefix": prefix,
        "extract": say(
            "Issue exhibit, {count} of {total:,} messages with their neighbours", count=len(chosen), total=record.total
        ),
        "cover": [
            [say("Log"), lines(say("{log}, {entries:,} entries", log=record.log, entries=record.entries))],
            [say("Shown"), lines("\n".join(out))],
            [say("Neighbours"), lines(say(NEIGHBOURS_OF_AN_EXTRACT if record.is_extract else NEIGHBOURS))],
            [say("Issues"), lines(say(SORTED))],
            [say("Beside it"), lines(say(BESIDE_AN_EXTRACT if record.is_extract else BESIDE))],
            [say("Made"), lines(speak.when(record.made_at, record.zone))],
        ],
        "parties": parties(record),
        "chronology": [
            [m.number, speak.when(m.moment, record.zone), speak.known(issue), lines(_short(_words(m, issue)))]
            for m, issue in sorted(rows, key=lambda row: (row[0].number, row[1]))
        ],
        "messages": [message(m, record, frozenset()) if m.number in chosen else _neighbour(m, record) for m in every],
        "lanes": [],
    }


def _neighbour(m: Message, record: Record) -> dict[str, Any]:
    """A message that is there for its place: its words, shortened where they are many, and nothing of what became of it."""
    rest = len(m.text) - NEIGHBOUR
    said = f" … [{court(record.language).say(REST, rest=rest, number=m.number)}]" if rest > 0 else ""
    return message(replace(m, text=m.text[:NEIGHBOUR] + said), record, frozenset()) | {"brief": True}


def _words(m: Message, issue: str) -> str:
    """The passages of a message that belong to an issue."""
    return " … ".join(p.text for p in m.passages if p.label in ISSUES[issue])


def _spread(messages: Sequence[Message], most: int) -> list[Message]:
    """At most so many, from the first to the last at even steps, so that none is picked for its words."""
    if len(messages) <= most:
        return list(messages)
    if most == 1:
        return [messages[-1]]
    return [messages[round(i * (len(messages) - 1) / (most - 1))] for i in range(most)]


def _beside(m: Message, every: Sequence[Message]) -> list[tuple[int, Message]]:
    same = [other for other in every if other.channel == m.channel]
    at = same.index(m)
    return [(other.number, other) for other in same[max(0, at - 1) : at] + same[at + 1 : at + 2]]


def _short(words: str) -> str:
    return words if len(words) <= LONGEST else words[: LONGEST - 1].rsplit(" ", 1)[0] + " …"
