"""What is different between two states of a family's settings, in plain words. Pure.

Each difference is a sentence with gaps (``%(topic)s``), so that it can be translated; what fills the gaps is either a phrase of
ours (`terms`) or the parent's own words (`names`). `logged` is what the log may say of it: no name, address or private word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.family.said import (
    CATEGORIES_SAID,
    CHOICES_SAID,
    PRIVATE,
    ROLES_SAID,
    SETTINGS_SAID,
    TOPICS_SAID,
    VALUES_SAID,
)

SECTIONS: Final = ("receipt", "coach", "alarms")
"""Tables whose keys are compared one by one."""
WORDS: Final = {
    "child_words": ("Words that concern your children, added: %(words)s", "Words that concern your children, taken out: %(words)s"),
    "withheld_words": ("Words that you do not want to read, added: %(words)s", "Words that you do not want to read, taken out: %(words)s"),
}  # fmt: skip
TOPIC: Final = "%(topic)s: %(after)s (before: %(before)s)"
SHOWN: Final = "%(category)s: may be shown"
KEPT: Final = "%(category)s: kept back again"
PERSON_NEW: Final = "%(name)s is added. %(role)s"
PERSON_GONE: Final = "%(name)s is taken out. %(role)s"
PERSON_CHANGED: Final = "What is known of %(name)s is changed. %(role)s"
SETTING: Final = "%(what)s: %(after)s (before: %(before)s)"
SETTING_CHANGED: Final = "%(what)s: changed"
SOMEBODY: Final = "a person"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. `path`: the key in the settings; `back`: the value before, to undo it."""

    path: tuple[str, ...]
    words: str
    back: Any
    terms: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def plain(self) -> str:
        """In English, for the parent."""
        return self.words % {**self.terms, **self.names}

    @property
    def logged(self) -> str:
        """In English, without anything private."""
        if self.path[0] in WORDS:
            return self.words % {"words": self.terms["count"]}
        return self.words % {**self.terms, **dict.fromkeys(self.names, SOMEBODY)}


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Difference, ...]:
    """All of them, of two families as ``model_dump(mode="json")`` gives them."""
    return (
        *_topics(before.get("topics", {}), after.get("topics", {})),
        *_categories(before.get("show_categories", ()), after.get("show_categories", ())),
        *_words(before, after),
        *_people(before.get("people", ()), after.get("people", ())),
        *_settings(before, after),
    )


def _topics(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Difference]:
    for topic, (said, _) in TOPICS_SAID.items():
        was, now = before.get(topic), after.get(topic)
        if was != now:
            said_was, said_now = (CHOICES_SAID[choice or usual(topic)] for choice in (was, now))
            terms = {"topic": said, "before": said_was, "after": said_now}
            yield Difference(("topics", topic), TOPIC, was, terms)


def usual(topic: str) -> str:
    """What happens to a topic without a choice."""
    return "now" if topic == "emergency" else "digest"


def _categories(before: Sequence[str], after: Sequence[str]) -> Iterator[Difference]:
    for category, said in CATEGORIES_SAID.items():
        if (category in before) != (category in after):
            words = SHOWN if category in after else KEPT
            yield Difference(("show_categories",), words, list(before), {"category": said})


def _words(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    for key, (added, gone) in WORDS.items():
        was, now = before.get(key, ()), after.get(key, ())
        for words, one, other in ((added, now, was), (gone, was, now)):
            found = [word for word in one if word not in other]
            if found:
                yield Difference((key,), words, list(was), {"count": str(len(found))}, {"words": ", ".join(found)})


def _people(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> Iterator[Difference]:
    left = list(before)
    new = []
    for person in after:
        if person in left:
            left.remove(person)
        else:
            new.append(person)
    was = [dict(person) for person in before]
    for person in new:
        same = next((one for one in left if one["name"] == person["name"]), None)
        if same is not None:
            left.remove(same)
        yield _person(PERSON_CHANGED if same is not None else PERSON_NEW, person, was)
    for person in left:
        yield _person(PERSON_GONE, person, was)


def _person(words: str, person: Mapping[str, Any], was: list[dict[str, Any]]) -> Difference:
    role = ROLES_SAID.get(person["role"], person["role"])
    return Difference(("people",), words, was, {"role": role}, {"name": person["name"]})


def _settings(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    for path, said in SETTINGS_SAID.items():
        was, now = _at(before, path), _at(after, path)
        if was == now:
            continue
        if path in PRIVATE or not before:
            yield Difference(path, SETTING_CHANGED, was, {"what": said})
        else:
            yield Difference(path, SETTING, was, {"what": said, "before": value_said(was), "after": value_said(now)})


def _at(content: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = content
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def value_said(value: Any) -> str:
    """A value of the settings as a person reads it."""
    if isinstance(value, (list, tuple)):
        text = ", ".join(value_said(one) for one in value)
    elif isinstance(value, Mapping):  # a vacation
        text = " – ".join(str(one) for one in value.values())
    elif isinstance(value, str) and len(value) == 8 and value[2::3] == "::":
        text = value[:5]
    else:
        text = str(value)
    return VALUES_SAID.get(text, text)


LISTS: Final = ("show_categories", "child_words", "withheld_words", "people")
"""Lists from which an entry is taken or put back by itself when a change is undone."""


def undone(
    before: Mapping[str, Any], after: Mapping[str, Any], current: Mapping[str, Any]
) -> dict[tuple[str, ...], Any]:
    """The values with which a change (`before` to `after`) is taken back in `current`; later changes of other things stay."""
    values: dict[tuple[str, ...], Any] = {}
    for one in differences(before, after):
        if one.path[0] not in LISTS:
            values[one.path] = one.back
            continue
        was, then, now = (list(content.get(one.path[0], ())) for content in (before, after, current))
        kept = [entry for entry in now if entry not in then or entry in was]
        values[one.path] = [*kept, *(entry for entry in was if entry not in then and entry not in kept)]
    return values
