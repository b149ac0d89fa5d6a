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
from gateway.record.transcript import lines, message, when

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
    rows: list[tuple[Message, str]] = []
    chosen: dict[int, Message] = {}
    out: list[str] = []
    share = max(1, MOST // len(issues))
    for issue in issues:
        fitting = [m for m in record.messages if _words(m, issue)]
        shown = _spread(fitting, share)
        of = " of this extract" if record.is_extract else ""
        out.append(f"{issue}: {len(shown)} of {len(fitting)} messages{of} are shown")
        rows += [(m, issue) for m in shown]
        chosen |= {m.number: m for m in shown}
    neighbours = {n: m for m in chosen.values() for n, m in _beside(m, record.messages)}
    every = sorted((neighbours | chosen).values(), key=lambda m: m.number)
    return {
        "title": f"Issue exhibit: {', '.join(issues)}",
        "style": str(style),
        "prefix": prefix,
        "extract": f"Issue exhibit, {len(chosen)} of {record.total:,} messages with their neighbours",
        "cover": [
            ["Log", lines(f"{record.log}, {record.entries:,} entries")],
            ["Shown", lines("\n".join(out))],
            ["Neighbours", lines(NEIGHBOURS_OF_AN_EXTRACT if record.is_extract else NEIGHBOURS)],
            ["Issues", lines("as a program sorted the messages; the words decide, not the sorting")],
            ["Beside it", lines(BESIDE_AN_EXTRACT if record.is_extract else BESIDE)],
            ["Made", lines(when(record.made_at, record))],
        ],
        "parties": [[lines(p.name), p.role, lines(", ".join(p.addresses) or "none")] for p in record.parties],
        "chronology": [
            [m.number, when(m.written_at or m.at, record), issue, lines(_short(_words(m, issue)))]
            for m, issue in sorted(rows, key=lambda row: (row[0].number, row[1]))
        ],
        "messages": [message(m, record, frozenset()) if m.number in chosen else _neighbour(m, record) for m in every],
        "lanes": [],
    }


def _neighbour(m: Message, record: Record) -> dict[str, Any]:
    """A message that is there for its place: its words, shortened where they are many, and nothing of what became of it."""
    rest = len(m.text) - NEIGHBOUR
    said = f" … [{rest:,} more characters; the whole is No {m.number} of the transcript]" if rest > 0 else ""
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
