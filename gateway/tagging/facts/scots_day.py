"""Today and tomorrow as Scots and Ulster speakers write them: ``the night``, ``the morra``."""

from __future__ import annotations

from gateway.tagging.facts.day import Day, Form
from gateway.tagging.facts.words import Text, text_at


def read_scots_day(words: Text, i: int) -> Day | None:
    """``the night`` is tonight, ``the morra`` tomorrow; not ``in the night``, ``the night she fell``."""
    shift = SCOTS.get(text_at(words, i + 1))
    if text_at(words, i) not in ("the", "d") or shift is None or _is_of_something(words, i):
        return None
    return Day(Form.SHIFT, i, i + 2, shift=shift, part="" if shift else "night")


SCOTS = {"night": 0, "nite": 0, "morra": 1, "morn": 1, "morrow": 1}
"""``the night`` is tonight, ``the morra`` tomorrow, where Scots or Irish is spoken."""


NIGHT_OF_SOMETHING = frozenset(
    "in of for during through thru all over before after half most middle at by into on".split()
)


def _is_of_something(words: Text, i: int) -> bool:
    """``in the night``, ``the night before``, ``the night she fell``: no word for today's evening."""
    after = text_at(words, i + 2)
    if text_at(words, i + 1) == "morra":
        return False
    return text_at(words, i - 1) in NIGHT_OF_SOMETHING or not (after in AFTER_A_DAY or not after.isalnum())


AFTER_A_DAY = frozenset("at for so and then pls please instead if ok cos coz bc aye not unless".split())
