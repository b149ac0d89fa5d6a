"""Which ready short answers fit what was asked. Pure."""

from __future__ import annotations

import re

from gateway.reply.coach.draft import Template
from gateway.reply.coach.reading import Reading, repeated
from gateway.reply.coach.rules import CoachRules

MOST = 4
_CHOICE = re.compile(
    r"(?i)\b(?:swap|switch|trade|instead|change|extra|holidays?|vacation|break|christmas|thanksgiving|easter|summer|"
    r"weekends?|when are you free|what (?:days?|weeks?)|which (?:days?|weeks?|half)|options?|or (?:not|what))\b"
)
_TIME = re.compile(
    r"(?i)\b(?:when|what time|hour|late|early|until|pick.?up|drop.?off|handover|hand.?off|exchange|weekends?|"
    r"\d{1,2} ?(?:am|pm)|(?:mon|tues|wednes|thurs|fri|satur|sun)day|pay|half|invoice)\b"
)
_AGAIN = re.compile(
    r"(?i)\b(?:already (?:told|asked)|ask(?:ed)? (?:you )?(?:again|twice|\d+ times|three times)|times now|asking again|"
    r"still waiting|last time i ask|how many times)\b"
)
_CALL = re.compile(
    r"(?i)\b(?:call me|phone me|ring me|talk (?:to me|in person|on the phone)|meet (?:me|up)|face to face|pick up the phone)\b"
)
_HOW = re.compile(
    r"(?i)\b(?:how (?:is|was|are|were|did)|is (?:he|she) (?:ok|better|still|sick|ill)|what happened|any news|update)\b"
)
_NEWS = frozenset({"medical", "wellbeing", "emergency", "school"})


def templates(rules: CoachRules, reading: Reading) -> tuple[Template, ...]:
    """At most four, in the order of the file; none where their message asks nothing about the children."""
    kinds = fitting(reading)
    fits = [ready for ready in rules.ready if kinds.intersection(ready.fits)]
    return tuple(Template(r.id, r.title, r.text(reading.draft.tone)) for r in fits[:MOST])


def fitting(reading: Reading) -> frozenset[str]:
    """What kind of message the last one is, in the words that templates use."""
    last = reading.last
    if last is None:
        return frozenset()
    kinds = set()
    if _CALL.search(last.text):
        kinds.add("call")
    if not last.matters() and not kinds:
        return frozenset()
    kinds.add("always")
    asks = last.asks_about_children()
    if asks:
        kinds.add("question")
    if _CHOICE.search(last.text):
        kinds.add("choice")
    if _TIME.search(last.text):
        kinds.add("time")
    if _AGAIN.search(last.text) or repeated(reading):
        kinds.add("repeated")
    if _HOW.search(last.text) or (asks and any(s.name in _NEWS for s in last.facts(0.5))):
        kinds.add("news")
    return frozenset(kinds)
