"""The coach's rules and ready answers, read from `rules/`: every ``[[hint]]`` and ``[[template]]`` of a file.

They stand beside the rules that decide on incoming messages (``[[rule]]``) but have a version of their own: a hint that
is reworded changes no decision. A mistake is reported with file, rule, what was found and what would be right.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Any, TypeVar

import re2

from gateway.data import folder
from gateway.errors import RulesError
from gateway.policy.rule import compile_phrases
from gateway.policy.ruleset import CHILD, SOME_CHILD
from gateway.reply.coach.draft import Tone
from gateway.reply.coach.witness import Hearing, Witness, read_hearing
from gateway.tagging.normalise import normalise
from gateway.tagging.spans import LABELS

T = TypeVar("T")
CHECKS = ("words", "reply", "unanswered", "topics", "sentences", "when", "hook", "aside", "night", "courtesy")
KINDS = ("home", "work", "people", "other")
FITS = ("always", "question", "choice", "time", "repeated", "news", "call")
NEEDED = {"id", "title", "reason", "source", "words"}
LISTS = (
    "patterns", "exact", "unless", "anywhere", "labels", "private", "day", "hour", "vague", "asks", "echoes", "brings", "courtesies",
)  # fmt: skip
KEYS = {*NEEDED, *LISTS, "check", "order", "note", "heat", "score", "mass", "most", "least", "calm", "since", "until"}
TEMPLATE_KEYS = {"id", "title", "fits", "grey", "yellow"}


@dataclass(frozen=True, slots=True)
class DraftRule:
    """One thing that the coach looks for.

    Attributes:
        check: how it is looked for; ``words`` alone, or besides its words one of the counts in `checks`.
        patterns: RE2, matched in each sentence of the normalised lower-case copy; `unless`: what makes a sentence miss;
            `anywhere`: what makes the whole draft miss. ``{child}`` stands for the children's names.
        exact: RE2, matched on the draft as written (capitals count).
        labels: what the tagger must have marked a stretch as, with at least `score` on the label (0 to 1) and `mass` on
            all labels of its kind.
        private: which of the parent's private words are looked for.
        day, hour, vague: what says a day, what an hour, and what says neither (check ``when``).
        asks: what of theirs wants an answer; echoes: how a draft begins that only says that it was read; brings: what makes it one
            that says something (``reply``). courtesies: please and thanks (``courtesy``).
        most: the highest count that is fine. least, calm: a draft of so many words whose sentences the second witness all calls this
            surely fine says something of use (``reply``). since, until: local hours of the night.
        heat: how much it speaks for waiting overnight; two and more in a draft make it heated.
        note: whether it is only said, without asking for a look.
    """

    id: str
    title: str
    reason: str
    source: str
    words: str
    check: str = "words"
    order: int = 500
    patterns: tuple[str, ...] = ()
    exact: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    anywhere: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    private: tuple[str, ...] = ()
    day: tuple[str, ...] = ()
    hour: tuple[str, ...] = ()
    vague: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    echoes: tuple[str, ...] = ()
    brings: tuple[str, ...] = ()
    courtesies: tuple[str, ...] = ()
    score: float = 0.0
    mass: float = 0.0
    most: int = 0
    least: int = 0
    calm: float = 1.0
    since: time = time(23)
    until: time = time(6)
    heat: int = 0
    note: bool = False
    file: str = ""

    @property
    def kind(self) -> str:
        """The last word of its id, by which the second witness knows it."""
        return self.id.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Ready:
    """A ready answer as it stands in the file. `fits`: the kinds of message it answers, any of them."""

    id: str
    title: str
    fits: tuple[str, ...]
    grey: str
    yellow: str

    def text(self, tone: Tone) -> str:
        """The words in that tone."""
        return self.grey if tone == "grey" else self.yellow


@dataclass(frozen=True, slots=True)
class Plain:
    """Businesslike sentences (RE2): with `patterns` the tagger's mark alone says nothing, with `matters` only a sure one."""

    patterns: tuple[str, ...] = ()
    matters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CoachRules:
    """The rules in their order, the ready answers in theirs, what is businesslike, the second witness and how it is heard, and the
    hash of all.
    """

    rules: tuple[DraftRule, ...]
    ready: tuple[Ready, ...]
    plain: Plain
    version: str
    hearing: Hearing
    witness: Witness | None

    def rule(self, rule_id: str) -> DraftRule | None:
        """The rule with that id."""
        return next((r for r in self.rules if r.id == rule_id), None)


def load_coach(directory: Path | None = None) -> CoachRules:
    """Every hint and template of the ``*.toml`` of a folder. Raises RulesError listing every mistake."""
    rules: list[DraftRule] = []
    ready: list[Ready] = []
    plain, hearing = Plain(), Hearing()
    mistakes: list[str] = []
    for file in sorted((directory or folder("rules")).glob("*.toml")):
        try:
            raw = tomllib.loads(file.read_text(encoding="utf8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
            mistakes.append(f"{file.name}: cannot be read: {error}")
            continue
        try:
            plain = read_plain(raw["plain"]) if "plain" in raw else plain
        except RulesError as error:
            mistakes.append(f"{file.name}: plain: {error}")
        try:
            hearing = read_hearing(raw["witness"]) if "witness" in raw else hearing
        except RulesError as error:
            mistakes.append(f"{file.name}: witness: {error}")
        _read_all(raw.get("hint", []), read_hint, rules, mistakes, file.name, "hint")
        _read_all(raw.get("template", []), read_template, ready, mistakes, file.name, "template")
    seen: set[str] = set()
    for name in (*(r.id for r in rules), *(r.id for r in ready)):
        if name in seen:
            mistakes.append(f"{name}: this id stands twice; choose another")
        seen.add(name)
    if mistakes:
        raise RulesError("\n".join(mistakes))
    ordered = tuple(sorted(rules, key=lambda r: r.order))
    witness = Witness.load()
    content = repr((ordered, tuple(ready), plain, hearing, witness and witness.version))
    version = hashlib.sha256(content.encode("utf8")).hexdigest()[:16]
    return CoachRules(ordered, tuple(ready), plain, version, hearing, witness)


def read_hint(table: dict[str, Any], file: str) -> DraftRule:
    """One ``[[hint]]`` table. Raises RulesError."""
    if unknown := set(table) - KEYS:
        raise RulesError(f"unknown key {sorted(unknown)[0]!r}; known are {', '.join(sorted(KEYS))}")
    if missing := NEEDED - set(table):
        raise RulesError(f"{sorted(missing)[0]!r} is missing; every hint says why it exists and what the parent reads")
    for key in NEEDED:
        if not isinstance(table[key], str) or not table[key].strip():
            raise RulesError(f"{key} is {table[key]!r}; should be a text")
    if table.get("check", "words") not in CHECKS:
        raise RulesError(f"check {table['check']!r}; should be one of {', '.join(CHECKS)}")
    values = {**table, **{key: _texts(key, table[key]) for key in LISTS if key in table}}
    for label in values.get("labels", ()):
        if label not in LABELS and not (label.endswith("*") and any(k.startswith(label[:-1]) for k in LABELS)):
            raise RulesError(f"label {label!r} is not known; see docs/rules.md for the labels")
    if wrong := set(values.get("private", ())) - set(KINDS):
        raise RulesError(f"private: {sorted(wrong)[0]!r} is not known; known are {', '.join(KINDS)}")
    for key, kind, right in _SORTS:
        if key in table and (not isinstance(table[key], kind) or (isinstance(table[key], bool) and kind is not bool)):
            raise RulesError(f"{key} is {table[key]!r}; should be {right}")
    rule = DraftRule(**values, file=file)
    for key in set(LISTS) - {"labels", "private"}:
        matcher(getattr(rule, key))
    return rule


_NUMBER = (int, float)
_SORTS: tuple[tuple[str, Any, str], ...] = (
    ("order", int, "a whole number"),
    ("most", int, "a whole number"),
    ("least", int, "a whole number"),
    ("calm", _NUMBER, "a number from 0 to 1"),
    ("heat", int, "a whole number"),
    ("score", _NUMBER, "a number from 0 to 1"),
    ("mass", _NUMBER, "a number from 0 to 1"),
    ("note", bool, "true or false"),
    ("since", time, "an hour such as 23:00:00"),
    ("until", time, "an hour such as 06:00:00"),
)


def read_plain(table: dict[str, Any]) -> Plain:
    """The ``[plain]`` table. Raises RulesError."""
    if unknown := set(table) - {"patterns", "matters"}:
        raise RulesError(f"unknown key {sorted(unknown)[0]!r}; known are matters, patterns")
    plain = Plain(_texts("patterns", table.get("patterns", [])), _texts("matters", table.get("matters", [])))
    matcher(plain.patterns)
    matcher(plain.matters)
    return plain


def read_template(table: dict[str, Any], file: str) -> Ready:
    """One ``[[template]]`` table. Raises RulesError."""
    if unknown := set(table) - TEMPLATE_KEYS:
        raise RulesError(f"unknown key {sorted(unknown)[0]!r}; known are {', '.join(sorted(TEMPLATE_KEYS))}")
    if missing := TEMPLATE_KEYS - set(table):
        raise RulesError(f"{sorted(missing)[0]!r} is missing; a ready answer has {', '.join(sorted(TEMPLATE_KEYS))}")
    fits = _texts("fits", table["fits"])
    if wrong := set(fits) - set(FITS):
        raise RulesError(f"fits: {sorted(wrong)[0]!r} is not known; known are {', '.join(FITS)}")
    return Ready(table["id"], table["title"], fits, table["grey"], table["yellow"])


def matcher(patterns: Sequence[str], children: Sequence[str] = ()) -> Any:
    """One linear-time matcher for all patterns, ``{child}`` filled in; None for none. Raises RulesError."""
    names = [re2.escape(normalise(name).text.lower()) for name in children if len(name) > 1]
    either = f"(?:{'|'.join([*names, *SOME_CHILD])})"
    try:
        return compile_phrases((), tuple(p.replace(CHILD, either) for p in patterns))
    except re2.error as error:
        raise RulesError(
            f"a pattern cannot be read ({error}); look-ahead and back-references are not allowed"
        ) from None


def _read_all(
    tables: Any, read: Callable[[dict[str, Any], str], T], into: list[T], mistakes: list[str], file: str, what: str
) -> None:
    for number, table in enumerate(tables, 1):
        try:
            into.append(read(table, file))
        except RulesError as error:
            mistakes.append(f"{file}: {what} {number} ({table.get('id', 'without id')}): {error}")


def _texts(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
        raise RulesError(f'{name} is {json.dumps(value, default=str)}; should be a list of texts, ["first", "second"]')
    return tuple(value)
