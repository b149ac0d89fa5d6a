"""What pages, mails and texts say beside their templates, found for translating: `make messages`.

Most sentences stand in templates. The others are constants of the program: labels in tables, sentences in code, the menu. This is
how Babel finds them (`spoken` is its extraction method, see babel.cfg), without any of these modules knowing of it.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, Final

from gateway.data import folder
from gateway.language import CONTEXT

PACKAGE: Final = Path(__file__).parents[1]
Found = tuple[int, str, str | tuple[str, str], list[str]]

TABLES: Final = {
    "gateway.api.courier": "WHYS",
    "gateway.alarms.acknowledge": "NOTED NOT_YOU BY_CONTACT BY_OTHERS ITS_LINK HOW",
    "gateway.alarms.drill": "NOT_OVER NOT_ANSWERED YOURS THEIRS",
    "gateway.accounts.news": "NEW NEW_OF_OTHER FAILED FAILED_CODES RECOVERED RESET CHANGED CHANGES LET_IN YOURS OF",
    "gateway.attachments.kinds": "BY_TYPE OLD_OFFICE RECORDING ODD_PICTURE UNKNOWN LOCKED",
    "gateway.attachments.settle": "FETCHED HELD SEE_WHOLE",
    "gateway.conclusion": "HEADINGS CHANNELS UNKNOWN",
    "gateway.carrier_words": "NOTE_LATE NOTE_OUT NOTE_IN NOTE_OWN_OUT NOTE_OWN_IN",
    "gateway.contact": "NOTES NOTE_MAY_BE_LEGAL NOTE_MAY_BE_DANGER NOTE_UNREAD NOTE_WHOLE_DANGER",
    "gateway.contact_changes": "NOTE_CALLED_BACK",
    "gateway.counts": "WORDS ONE MANY",
    "gateway.delivery.alarms": "CONTACT_LINE NOBODY_YET ROUND_PARENT ROUND_OTHERS ROUND_ANOTHER TEST_SUBJECT TEST_LINE TEST_ANSWER CONTACT "
    "FURTHER",
    "gateway.delivery.bounce_words": "EXACT KINDS UNKNOWN",
    "gateway.delivery.calendar": "ANSWER NAME",
    "gateway.delivery.card": "NOTE_HELD",
    "gateway.delivery.carrier_errors": "PHONE OPERATOR REFUSED UNSAID",
    "gateway.delivery.compose": "SHORT HOW_TO_ANSWER NOT_A_SERVICE READ_THERE",
    "gateway.delivery.destinations": "SUBJECT MAIL TEXT NEWS",
    "gateway.delivery.digest": "NO_CHILD HEADING QUIET NUMBER NUMBER_AND_WORDS",
    "gateway.delivery.notices": "SUBJECT OPEN",
    "gateway.delivery.otherwise": "URGENT CARD ASK TO_THE_OTHER CONTACT SOMEBODY NO_WAY NO_WAY_NOW",
    "gateway.delivery.returned": "CHILD_AGAIN CHILD_GONE",
    "gateway.delivery.spending": "MANY MONEY BY_EMAIL WAITS",
    "gateway.doubts": "QUOTED_DANGER NAMED_DANGER FILE_DANGER BESIDE_DANGER QUOTED_FACT BESIDE_FACT",
    "gateway.family.contact": "TOLD ARCHIVED",
    "gateway.family.difference": "WORDS TOPIC SHOWN KEPT PERSON_NEW PERSON_GONE PERSON_CHANGED SETTING SETTING_CHANGED",
    "gateway.family.order": "WHY ASKED NOT_ADVICE",
    "gateway.family.receipt": "RISKS",
    "gateway.family.said": "TOPICS_SAID CHOICES_SAID CATEGORIES_SAID ROLES_SAID SETTINGS_SAID VALUES_SAID",
    "gateway.intake.health": "WORDS AGAIN",
    "gateway.intake.remembered": "TOO_LARGE STUCK",
    "gateway.moves": "ASKED MOVED TAKEN_OUT NOT_YOU SOMEBODY SAME IN_USE NO_RELAY NO_CODE LAST",
    "gateway.optout": "HOW_TO_START REFUSED",
    "gateway.outages.silence": "WORDS",
    "gateway.outages.tell": "FOR_THEM",
    "gateway.outages.watch": "DOWN UP",
    "gateway.parsing.unread": "UNREAD",
    "gateway.policy.decide": "CODED",
    "gateway.questions": "WAITS ASKED_BY USUAL_BY",
    "gateway.reply.desk": "OWN CARD UNSURE LONG_TEXT LONG",
    "gateway.reply.letters": "SUBJECT_ASK SUBJECT_REFUSED SUBJECT_HELD SEVERAL GOES GOES_AFTER GOES_LATER WITH_SUBJECT BEFORE WOULD_FIT ON_A_PAGE "
    "NOT_YET UNTIL UNTIL_OR_NOW HOW_BY_TEXT",
    "gateway.reply.looking": "FAILED",
    "gateway.reply.routes": "NAMES",
    "gateway.record.items": "LANES",
    "gateway.record.transcript": "PROOFS",
    "gateway.restart": "SECTIONS MAILBOX SEALS",
    "gateway.settings_sections": "SECTIONS",
    "gateway.settings_people": "NAME OTHER ORDER STALE ONE_LEFT",
    "gateway.setup_questions": "NOTES",
    "gateway.setup_steps": "STEPS",
    "gateway.sorting.forward": "NOTE",
    "gateway.tagging.spans": "TOPICS",
    "gateway.vault.listed": "LANES SIDES CHANNELS",
    "gateway.vault.original": "HOW",
    "gateway.vault.openings": "REASONS",
    "gateway.voices.letters": "A_CHILD HANDED ANSWER WARNING MISSING A_MESSAGE TOO_LONG",
    "gateway.web.pages.alarm": "YOU SENT NOT_YET FAILED BY INSTEAD",
    "gateway.web.pages.answering": "GONE_STATES NO_ONE",
    "gateway.web.pages.door": "NOTHING NOT_NOW LATER BUTTONS",
    "gateway.web.pages.people": "SUBJECT WORDS",
    "gateway.web.pages.calendar": "VIEWS",
    "gateway.web.pages.expenses": "FILTERS",
    "gateway.web.pages.history": "IN_THE_FILE",
    "gateway.web.pages.household": "CHANGED NOT_YOURS",
    "gateway.web.pages.journal": "TITLES",
    "gateway.web.pages.patterns": "NOT_COUNTED",
    "gateway.web.pages.records": "SAID STAGES",
    "gateway.web.pages.rules": "STATES CHANNELS",
    "gateway.web.pages.settings": "WHO",
    "gateway.web.pages.tools": "SCOPES",
    "gateway.web.pages.trial": "STATES CHANNELS SUBJECT",
    "gateway.worker": "CLAIMED NOT_CHECKED UNREADABLE",
    "gateway.web.pages.tryout": "CHANNELS MARKS",
}
"""Constants whose words are shown, by module: texts, tables by key (the keys are not shown), steps and sections with their fields."""
KEYS: Final = {"gateway.patterns.count": "WAITS", "gateway.record.exhibit": "ISSUES"}
"""Tables whose keys are shown."""
CALLS: Final = {"parsing/*.py": "hold", "intake/imap.py": "_told"}
"""Calls whose first argument is a reason that a parent reads, by the files that they stand in."""
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
    '%(what)s is set to "%(value)s": %(why)s.',
    "Ask a lawyer: %(question)s",
    "Receipts are %(kind)s. %(risk)s",
    "neutral",
    "full",
    "it names no sender that could be checked",
    "the DNS gave no answer",
    "nothing vouches for %(domains)s",
    "nothing vouches for %(domain)s and %(other)s",
    "verified: %(why)s",
    "unverified: %(why)s",
    "unknown: %(why)s",
    "signed by %(domain)s",
    "sent by a mail server of %(domain)s",
    "%(by)s vouches for %(it)s",
    "%(by)s, which passed it on, vouches for %(domain)s",
    "it is late: %(why)s",
    "%(what)s; whoever runs Breakwater can mend that",
    "a fault of the gateway",
    "its password or token cannot be read",
    "what lies there could not be kept",
    "the mail server refuses the login",
    "the mail server refuses the login: it takes no letters beyond ASCII",
)
"""What is put together in code out of pieces that say nothing alone, and words that stand in no table."""
SHOWN: Final = {"hint": ("words", "reason"), "file": ("words",)}
"""What of a rule is shown, where it is not its title and reason: of the coach's, and of those for files."""
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
        for words in import_module("gateway.record.fixed").fixed_words():
            yield 1, "pgettext", (CONTEXT, words), []
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
    for folder_name, call in CALLS.items():
        for file in sorted(PACKAGE.glob(folder_name)):
            yield from _called(file, call)
    yield import_module("gateway.setup").LIMITS.split(" Try the alarms")[0]
    spans, conclusion = import_module("gateway.tagging.spans"), import_module("gateway.conclusion")
    yield from (conclusion.topic_of(name) for name in (*spans.TOPICS, *spans.CATEGORIES))
    yield from _rules()
    yield from _helplines()


def _rules() -> Iterator[str]:
    """Titles and reasons of the rules, what a card says of a file, and the hints of the coach."""
    for file in sorted(folder("rules").glob("*.toml")):
        read = tomllib.loads(file.read_text("utf8"))
        for one in (*read.get("rule", ()), *read.get("hint", ())):
            yield from (one[name] for name in SHOWN.get(one.get("scope", "hint"), ("title", "reason")) if one.get(name))


def _helplines() -> Iterator[str]:
    """What is ours of the numbers for help; the names of the lines are their own."""
    helplines = import_module("gateway.helplines")
    yield from helplines.KINDS.values()
    for line in (line for country in helplines.countries() for line in country.lines):
        yield from (
            words for words in (line.name if line.kind == "emergency" or not line.number else "", line.note) if words
        )


def _called(file: Path, name: str) -> Iterator[str]:
    """What is said by calls of that name: a text, one of two, or a constant of the module."""
    tree = ast.parse(file.read_text("utf8"))
    constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        called = node.func if isinstance(node, ast.Call) else None
        if isinstance(node, ast.Call) and getattr(called, "attr", getattr(called, "id", "")) == name and node.args:
            first = node.args[0]
            for part in (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,):
                known = constants.get(part.id, part) if isinstance(part, ast.Name) else part
                yield from filter(None, [_words(known)])


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if any(c.isalpha() for c in value):
            yield _GAP.sub(r"%(\1)s", value)
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, frozenset):
        yield from sorted(value)
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
