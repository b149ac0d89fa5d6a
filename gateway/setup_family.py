"""From the answers of the interview to the family: its text for the settings file, what does not go together, and the notes. Pure.

While the interview goes on, what was not answered yet stands in with something harmless, so that a contradiction is found at the
step where it is made.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.changes import parsed
from gateway.errors import UserError
from gateway.family import Family
from gateway.family.said import SETTINGS_SAID
from gateway.mistakes import lines
from gateway.setup import Child, family_text, read_hours
from gateway.setup_questions import choose
from gateway.setup_steps import STEPS, Answers, Step, children, mistakes, plain, topics

STAND_INS: Final = {
    "parent_name": "You", "parent_email": "you@example.invalid", "coparent_name": "They",
    "coparent_email": "they@example.invalid", "time_zone": "UTC", "relay_email": "relay@example.invalid",
    "order": "no", "no_contact": "none", "deliver": "at once",
}  # fmt: skip
NOBODY: Final[Child] = {"name": "Child", "nicknames": []}


@dataclass(frozen=True, slots=True)
class Written:
    """The family's text, the family that it makes, and what the person is told."""

    text: str
    family: Family
    notes: tuple[str, ...]


def written(answers: Answers) -> Written:
    """Raises UserError (SettingsError) where the answers do not make a family."""
    said = {**plain(answers), "child_addresses": "", "children": ""}
    said = {key: value or STAND_INS.get(key, "") for key, value in said.items()}
    if not said["relay_phone"]:
        said["recording"] = ""  # nobody can call
    try:
        listed = children(answers) or [NOBODY]
    except ValueError as error:
        raise UserError(str(error)) from None
    text = family_text(said, listed, topics(answers))
    notes = choose(said | {"child_addresses": _own(listed)}, json.loads(read_hours(said["deliver"]))).notes
    return Written(text, parsed(text, Path()).families[0], tuple(named(note) for note in notes))


def named(note: str) -> str:
    """With the setting as the pages name it."""
    key, is_set, rest = note.partition(" is set to ")
    words = SETTINGS_SAID.get((key,)) or SETTINGS_SAID.get((key, "kind"))
    return f"{words}{is_set}{rest}" if is_set and words else note


def wrong(step: Step, answers: Answers) -> dict[str, str]:
    """All that is wrong with a step, by field; under ``""`` what belongs to no field of it."""
    found = mistakes(step, answers)
    if found:
        return found
    before = {k: v for k, v in answers.items() if k in _keys_until(step)}
    try:
        written(before)
    except UserError as error:
        said = " ".join(lines(error))
        return {_culprit(step, before, said): said}
    return {}


def open_steps(answers: Answers, *, password: bool) -> list[Step]:
    """The steps that are not answered yet, or not well. `password`: whether one was chosen."""
    found = [
        step
        for step in STEPS
        if mistakes(step, answers)
        or not any(field.key in answers for field in step.fields)
        or (step.key == "account" and not password)
    ]
    if not found:
        try:
            written(answers)
        except UserError:
            found = [next((step for step in STEPS if wrong(step, answers)), STEPS[-1])]
    return found


def _keys_until(step: Step) -> set[str]:
    return {field.key for one in STEPS[: STEPS.index(step) + 1] for field in one.fields}


def _culprit(step: Step, answers: Answers, said: str) -> str:
    """The field of the step without whose answer the rest would go together; of several the one that is spoken of."""
    found = []
    for field in step.fields:
        if not answers.get(field.key):
            continue
        try:
            written({key: value for key, value in answers.items() if key != field.key})
        except UserError:
            continue
        found.append(field.key)
    named = [
        key
        for key in found
        if any(one.strip().lower() in said.lower() for one in answers[key].split(",") if "@" in one or "+" in one)
    ]
    return named[-1] if named else found[0] if found else ""


def _own(listed: list[Child]) -> str:
    return "; ".join(
        f"{c['name']}: x" for c in listed if isinstance(c, Mapping) and (c.get("emails") or c.get("phones"))
    )
