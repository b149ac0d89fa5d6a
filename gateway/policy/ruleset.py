"""The ruleset: the default rules with a family's choices, versioned by hash.

A rules file is TOML; each ``[[rule]]`` has id, title, reason, source, order, action, scope and a ``when`` table.
A mistake is reported with file, rule, what was found and what would be right.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import re2

from gateway.data import folder
from gateway.errors import RulesError
from gateway.family.people import PROTECTED_TOPICS, Family
from gateway.policy.lane import Lane
from gateway.policy.rule import TRAITS, Action, Condition, Rule, compile_phrases
from gateway.tagging.normalise import normalise
from gateway.tagging.spans import LABELS, TOPICS

CHILD = "{child}"
SOME_CHILD = ("my son", "my daughter", "my child", "our son", "our daughter", "the baby", "the child", "the kid")
TABLES = {"rule", "hint", "template", "plain", "witness"}
"""What a file may hold. All but `rule` belong to the coach (gateway/reply/coach/rules.py)."""
SCOPES = ("message", "passage", "span", "file")
KEYS = {"id", "title", "reason", "source", "order", "action", "scope", "lane", "label", "words", "when"}
MASSES = ("fact", "withhold", "danger")
NO_FACT = ("X:*", "N")
ORDINARY = tuple(f"F:{topic}" for topic in TOPICS if topic != "emergency")
SURE_OF_TOPIC = 0.6
"""Least probability of a topic for which the family's choice keeps a fact back."""
LISTS = ("labels", "phrases", "patterns", "unless", "senders", "channels", "kinds", "files", "topics", "lanes")


@dataclass(frozen=True, slots=True)
class Ruleset:
    """Rules in the order in which they are asked."""

    rules: tuple[Rule, ...]
    version: str

    def scope(self, name: str) -> tuple[Rule, ...]:
        """The rules that are asked once a message, a passage, a span or a file."""
        return tuple(r for r in self.rules if r.scope == name)

    def rule(self, rule_id: str) -> Rule | None:
        """The rule with that id."""
        return next((r for r in self.rules if r.id == rule_id), None)

    def for_family(self, family: Family) -> Ruleset:
        """These rules with the family's own choices, which are asked before the defaults of the same scope."""
        names = [name for child in family.children for name in (child.name, *child.nicknames)]
        return make_ruleset([*self.for_children(names).rules, *family_rules(family)])

    def for_children(self, names: Sequence[str]) -> Ruleset:
        """These rules with the children's names where a pattern has `{child}`; the version stays the same."""
        if not names:
            return self
        rules = tuple(
            compiled(rule, names) if any(CHILD in p for p in rule.when.patterns) else rule for rule in self.rules
        )
        return replace(self, rules=rules)


def load_rules(directory: Path | None = None) -> Ruleset:
    """All ``*.toml`` of a folder. Raises RulesError listing every mistake."""
    rules: list[Rule] = []
    mistakes: list[str] = []
    for file in sorted((directory or folder("rules")).glob("*.toml")):
        try:
            raw = tomllib.loads(file.read_text(encoding="utf8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
            mistakes.append(f"{file.name}: cannot be read: {error}")
            continue
        if unknown := set(raw) - TABLES:
            mistakes.append(
                f"{file.name}: unknown table {sorted(unknown)[0]!r}; rules are [[rule]], the coach's [[hint]]"
            )
        for number, table in enumerate(raw.get("rule", []), 1):
            try:
                rules.append(read_rule(table, file.name))
            except RulesError as error:
                mistakes.append(f"{file.name}: rule {number} ({table.get('id', 'without id')}): {error}")
    seen: dict[str, str] = {}
    for rule in rules:
        if rule.id in seen:
            mistakes.append(f"{rule.file}: rule {rule.id}: this id stands in {seen[rule.id]} already; choose another")
        seen[rule.id] = rule.file
    if mistakes:
        raise RulesError("\n".join(mistakes))
    return make_ruleset(rules)


def make_ruleset(rules: Iterable[Rule]) -> Ruleset:
    """Rules sorted by `order`, with the version that the hash of their content gives."""
    ordered = tuple(sorted(rules, key=lambda r: r.order))
    content = json.dumps([_content(r) for r in ordered], sort_keys=True, ensure_ascii=False)
    return Ruleset(ordered, hashlib.sha256(content.encode("utf8")).hexdigest()[:16])


def read_rule(table: dict[str, Any], file: str) -> Rule:
    """One ``[[rule]]`` table. Raises RulesError."""
    if unknown := set(table) - KEYS:
        raise RulesError(f"unknown key {sorted(unknown)[0]!r}; known are {', '.join(sorted(KEYS))}")
    if missing := {"id", "title", "reason", "source", "action", "scope", "when"} - set(table):
        raise RulesError(f"{sorted(missing)[0]!r} is missing; every rule says why it exists and where that comes from")
    if table["action"] not in list(Action):
        raise RulesError(f"action {table['action']!r}; should be one of {', '.join(Action)}")
    if table["scope"] not in SCOPES:
        raise RulesError(f"scope {table['scope']!r}; should be one of {', '.join(SCOPES)}")
    if (label := table.get("label")) is not None and label not in LABELS:
        raise RulesError(f"label {label!r} is not known; see docs/rules.md for the labels")
    rule = Rule(
        id=table["id"],
        title=table["title"],
        action=Action(table["action"]),
        scope=table["scope"],
        reason=table["reason"],
        source=table["source"],
        when=read_condition(table["when"]),
        order=table.get("order", 500),
        lane=table.get("lane"),
        label=label,
        words=table.get("words", ""),
        file=file,
    )
    if rule.scope == "passage" and not (rule.when.phrases or rule.when.patterns):
        raise RulesError("a passage rule needs phrases or patterns")
    if rule.scope == "file" and not rule.words:
        raise RulesError("'words' is missing; a rule for files says what stands on the card")
    return compiled(rule)


def read_condition(table: dict[str, Any]) -> Condition:
    """The ``when`` table. Raises RulesError."""
    known = {*LISTS, *MASSES, "score", "alone", "exact"}
    if unknown := set(table) - known:
        raise RulesError(f"unknown condition {sorted(unknown)[0]!r}; known are {', '.join(sorted(known))}")
    values: dict[str, Any] = {name: _words(name, table[name]) for name in LISTS if name in table}
    for label in values.get("labels", ()):
        if label not in LABELS and not (label.endswith("*") and any(k.startswith(label[:-1]) for k in LABELS)):
            raise RulesError(f"label {label!r} is not known; see docs/rules.md for the labels")
    for name, known_words in (("files", TRAITS), ("topics", TOPICS), ("lanes", tuple(Lane))):
        if wrong := set(values.get(name, ())) - set(known_words):
            raise RulesError(f"{name}: {sorted(wrong)[0]!r} is not known; known are {', '.join(known_words)}")
    for name in MASSES:
        if name in table:
            values[name] = _bounds(name, table[name])
    for name in ("score", "alone", "exact"):
        if name in table:
            values[name] = table[name]
    return Condition(**values)


def compiled(rule: Rule, children: Sequence[str] = ()) -> Rule:
    """The rule with its matchers, `{child}` filled in. Raises RulesError on a pattern that RE2 refuses."""
    names = [re2.escape(normalise(name).text.lower()) for name in children if len(name) > 1]
    either = f"(?:{'|'.join([*names, *SOME_CHILD])})"
    try:
        return replace(
            rule,
            matcher=compile_phrases(rule.when.phrases, tuple(p.replace(CHILD, either) for p in rule.when.patterns)),
            stopper=compile_phrases(rule.when.unless),
        )
    except re2.error as error:
        raise RulesError(
            f"a pattern cannot be read ({error}); look-ahead and back-references are not allowed"
        ) from None


def family_rules(family: Family) -> Sequence[Rule]:
    """The family's topic choices and words as rules. Protected topics are never withheld, whatever a file says; danger and
    emergencies are out of reach of every choice.
    """
    out = []
    for topic, choice in sorted(family.topics.items()):
        out += _topic_rules(topic, choice)
    for category in sorted(family.show_categories):
        condition = Condition(labels=(f"X:{category}",))
        title = f"The family wants to see: {category}"
        out.append(_own(f"family.show.{category}", title, Action.FORWARD, "span", condition, order=60))
    if family.child_words:
        condition = Condition(phrases=family.child_words, labels=NO_FACT)
        title = "Words that the family calls child-related"
        out.append(_own("family.child_words", title, Action.HOLD, "passage", condition, 40))
    if family.withheld_words:
        condition = Condition(phrases=family.withheld_words, labels=(*NO_FACT, *ORDINARY))
        title = "Words that the family does not want to read"
        out.append(_own("family.withheld_words", title, Action.HOLD, "passage", condition, 45))
    return out


def _topic_rules(topic: str, choice: str) -> list[Rule]:
    action = {"withhold": Action.WITHHOLD, "reviewer": Action.HOLD}.get(choice)
    if action is None or topic == "emergency" or (topic in PROTECTED_TOPICS and action is Action.WITHHOLD):
        return []
    title = f"The family's choice for {topic}: {choice}"
    sure = SURE_OF_TOPIC if action is Action.WITHHOLD else 0.0
    condition = Condition(labels=(f"F:{topic}",), score=sure)
    made = [_own(f"family.topic.{topic}", title, action, "span", condition, order=50)]
    if action is Action.WITHHOLD:  # another topic is nearly as likely, and may be one that nobody can block
        doubt = f"The family keeps {topic} back, and the tagger is not sure that it is that"
        made.append(_own(f"family.topic.{topic}.doubt", doubt, Action.HOLD, "span", replace(condition, score=0.0), 51))
    return made


def _own(rule_id: str, title: str, action: Action, scope: str, condition: Condition, order: int) -> Rule:
    reason = "The parent decides which topics come through; a child's health, safety and handover always do."
    return compiled(
        Rule(rule_id, title, action, scope, reason, "the family's settings", condition, order, file="family")
    )


def _content(rule: Rule) -> dict[str, Any]:
    return {
        k: v for k, v in asdict(replace(rule, matcher=None, stopper=None)).items() if k not in {"matcher", "stopper"}
    }


def _words(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
        raise RulesError(f'{name} should be a list of texts, such as ["first", "second"]')
    return tuple(value)


def _bounds(name: str, value: Any) -> tuple[float, float]:
    if isinstance(value, list) and len(value) == 2 and all(isinstance(v, (int, float)) for v in value):
        return float(value[0]), float(value[1])
    raise RulesError(f"{name} should be two numbers from 0 to 1.01, least and below, such as [0.35, 0.65]")
