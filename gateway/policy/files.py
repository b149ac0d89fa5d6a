"""What becomes of a file that came with a message. Pure: the first rule of scope ``file`` that hits decides it.

* ``forward``: a document is listed on the card, a picture can be shown; both behind a button.
* ``hold``: it is named on the card with the reason and not handed out. A rule that holds with ``lane = "unsorted"`` only
  doubts whether it concerns the children: then it can be had from the page that shows the whole message.
* ``withhold``: it stays with its message and is not named.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from gateway.policy.lane import Lane
from gateway.policy.rule import Action, Rule
from gateway.policy.ruleset import Ruleset

LAST = "file.no_rule"
UNKNOWN = "no rule knows this kind of file"


@dataclass(frozen=True, slots=True)
class About:
    """The message that a file came with: its lane, the topics of what came through, the role of its sender."""

    lane: Lane
    topics: tuple[str, ...] = ()
    sender: str = "co-parent"
    channel: str = "email"
    kind: str = "message"
    proved: bool = True
    imported: bool = False


@dataclass(frozen=True, slots=True)
class FileChoice:
    """What becomes of a file, which rule said so, and the words for the card."""

    action: Action
    rule: str
    words: str
    after_original: bool = False


def decide_file(traits: Collection[str], about: About, rules: Ruleset) -> FileChoice:
    """Ask the rules in order. A file that no rule knows is held."""
    every = {*traits, *(() if about.proved else ("unproved",)), *(("imported",) if about.imported else ())}
    for rule in rules.scope("file"):
        if _fits(rule, every, about):
            doubtful = rule.action is Action.HOLD and rule.lane == Lane.UNSORTED
            return FileChoice(rule.action, rule.id, rule.words, doubtful)
    return FileChoice(Action.HOLD, LAST, UNKNOWN)


def _fits(rule: Rule, traits: Collection[str], about: About) -> bool:
    when = rule.when
    return (
        rule.fits_message(sender=about.sender, channel=about.channel, kind=about.kind)
        and (not when.files or any(t in traits for t in when.files))
        and (not when.topics or any(t in about.topics for t in when.topics))
        and (not when.lanes or about.lane.value in when.lanes)
    )
