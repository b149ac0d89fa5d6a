"""What the pages say beside their templates, found for translating: `make messages`.

Most sentences stand in templates. The others are constants of the program: labels in tables, sentences in code, the menu. This is
how Babel finds them (`spoken` is its extraction method, see babel.cfg), without any of these modules knowing of it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, BinaryIO, Final

Found = tuple[int, str, str, list[str]]

TABLES: Final = {
    "gateway.api.courier": "WHYS",
    "gateway.conclusion": "HEADINGS CHANNELS UNKNOWN",
    "gateway.delivery.digest": "NO_CHILD",
    "gateway.family.contact": "TOLD",
    "gateway.family.difference": "WORDS TOPIC SHOWN KEPT PERSON_NEW PERSON_GONE PERSON_CHANGED SETTING SETTING_CHANGED",
    "gateway.family.receipt": "RISKS",
    "gateway.family.said": "TOPICS_SAID CHOICES_SAID CATEGORIES_SAID ROLES_SAID SETTINGS_SAID VALUES_SAID",
    "gateway.reply.routes": "NAMES",
    "gateway.record.items": "LANES",
    "gateway.restart": "SECTIONS MAILBOX SEALS",
    "gateway.settings_sections": "SECTIONS",
    "gateway.setup_steps": "STEPS",
    "gateway.tagging.spans": "TOPICS",
    "gateway.vault.listed": "LANES SIDES CHANNELS",
    "gateway.vault.original": "HOW",
    "gateway.vault.openings": "REASONS",
    "gateway.web.pages.answering": "GONE_STATES",
    "gateway.web.pages.calendar": "VIEWS",
    "gateway.web.pages.expenses": "FILTERS",
    "gateway.web.pages.history": "IN_THE_FILE",
    "gateway.web.pages.journal": "TITLES",
    "gateway.web.pages.patterns": "NOT_COUNTED",
    "gateway.web.pages.records": "SAID STAGES",
    "gateway.web.pages.rules": "STATES CHANNELS",
    "gateway.web.pages.tools": "SCOPES",
    "gateway.web.pages.trial": "STATES CHANNELS",
    "gateway.web.pages.tryout": "CHANNELS MARKS",
}
"""Constants whose words are shown, by module: texts, tables by key (the keys are not shown), steps and sections with their fields."""
KEYS: Final = {"gateway.patterns.count": "WAITS", "gateway.record.exhibit": "ISSUES"}
"""Tables whose keys are shown."""
COMPOSED: Final = (
    "Held until %(until)s. Written %(written)s. Not sent",
    "Not sent. Written %(written)s",
    "Sent %(sent)s, by %(way)s",
    "Sent %(sent)s, by %(way)s, delivered",
    "Sent by %(way)s. Written %(written)s",
    "On its way by %(way)s. Written %(written)s",
    "It could not be delivered. Written %(written)s, by %(way)s",
    "Nobody knows whether it arrived; it is looked up. Written %(written)s, by %(way)s",
    "Taken in %(when)s; it goes in a moment",
    "About your message",
    "an email address, such as dana@example.org",
    "a phone number with its country code, such as +15550100123",
    "a domain, such as oakschool.example.org",
    "a domain of one institution; anybody can have an address there: list the address itself",
    "a domain of one institution; this one is shared by many",
    "the two letters of a country, such as US, GB or ZA",
    "a whole number of hours from 1 to 720",
    "Messages to be read",
    "Messages that could not be read (breakwater shunt)",
    "Deliveries that wait",
    "Deliveries that are late",
    "Deliveries in doubt",
    "Deliveries that failed for good",
    "Checkpoints that wait for a time stamp",
    "Cc",
    "Date in the message",
    "Sender",
)
"""What is put together in code out of pieces that say nothing alone, and words that stand in no table."""
SAID: Final = ("title", "intro", "words", "hint", "options", "fields", "settings", "field")
_SENTENCE: Final = re.compile(r"[A-Z“].*\s.*[.!?]", re.DOTALL)
_GAP: Final = re.compile(r"\{(\w+)\}")


def N_(words: str) -> str:  # noqa: N802 (its name everywhere)
    """Words that are translated where they are shown."""
    return words


def spoken(file: BinaryIO, keywords: Any, comment_tags: Any, options: Any) -> Iterator[Found]:
    """Babel's extraction method for the program: every sentence in it that is no docstring, `N_`, names of menus; for this file, the tables."""
    text = file.read().decode("utf8")
    if "def spoken(" in text:
        yield from ((1, "", words, []) for words in sorted(set(tables())))
        return
    tree = ast.parse(text)
    apart = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
    apart |= {id(part) for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) for part in n.values}
    marked = set(_marked(tree, () if "room" in file.name or "guard" in file.name else ("ValueError",)))
    for node in ast.walk(tree):
        words = "" if id(node) in apart else _words(node)
        if any(c.isalpha() for c in words) and (id(node) in marked or _SENTENCE.fullmatch(words)):
            yield node.lineno, "", words, []  # type: ignore[attr-defined]


def tables() -> Iterator[str]:
    """The words of all tables."""
    for module, names in TABLES.items():
        for name in names.split():
            yield from _texts(getattr(import_module(module), name))
    for module, name in KEYS.items():
        yield from getattr(import_module(module), name)
    yield from COMPOSED
    yield import_module("gateway.setup").LIMITS.split(" Try the alarms")[0]
    spans, conclusion = import_module("gateway.tagging.spans"), import_module("gateway.conclusion")
    yield from (conclusion.topic_of(name) for name in (*spans.TOPICS, *spans.CATEGORIES))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if any(c.isalpha() for c in value):
            yield _GAP.sub(r"%(\1)s", value)
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, (list, tuple)):
        pairs = all(isinstance(one, tuple) and len(one) == 2 and isinstance(one[0], str) for one in value)
        for one in value:
            yield from _texts(one[1] if pairs else one)
    else:
        for name in SAID:
            yield from _texts(getattr(value, name, ""))


def _marked(tree: ast.AST, also: tuple[str, ...]) -> Iterator[int]:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("N_", "UserError", *also)
        ):
            yield from (id(part) for one in node.args for part in ast.walk(one))
        if isinstance(node, ast.Call):
            yield from (id(k.value) for k in node.keywords if k.arg == "menu")


def _words(node: ast.AST) -> str:
    """A constant, or what is made of one with gaps: ``f"Please write {error}."`` -> ``Please write %(error)s.``"""
    if isinstance(node, ast.Constant):
        return _GAP.sub(r"%(\1)s", node.value) if isinstance(node.value, str) else ""
    if not isinstance(node, ast.JoinedStr):
        return ""
    parts = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(str(part.value).replace("%", "%%"))
        else:
            names = re.findall(r"[A-Za-z_]+", ast.unparse(part).split("[")[0].split(":")[0]) or ["it"]
            parts.append(f"%({names[-1]})s")
    return "".join(parts)
