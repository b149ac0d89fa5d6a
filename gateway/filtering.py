"""`breakwater filter`: JSON Lines in, JSON Lines out, in the same order. The pipeline without any transport."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from gateway.parsing.charsets import whole_characters
from gateway.pipeline import Context, Judgement, is_forwarded, judge
from gateway.policy import Action, Ruleset
from gateway.tagging.facts.child import Child
from gateway.tagging.spans import Tagger

NORTH_AMERICA = range(-10, -3)


class LineError(ValueError):
    """A line that cannot be read; `str()` says what would be right."""


def answers(lines: Iterable[str], tagger: Tagger, rules: Ruleset) -> Iterator[dict[str, Any]]:
    """One answer a line; a line that cannot be read gives ``{"id", "error"}``."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        record: Any = None
        try:
            record = json.loads(line)
            yield answer(record, tagger, rules)
        except LineError as error:
            yield {"id": record.get("id") if isinstance(record, dict) else None, "error": f"line {number}: {error}"}
        except (json.JSONDecodeError, UnicodeDecodeError, RecursionError):
            yield {"id": None, "error": f"line {number}: not JSON; each line should be one object"}
        except Exception as error:  # noqa: BLE001 (one line that cannot be read must not silence those after it)
            said = f"line {number}: could not be read ({type(error).__name__}); look at it yourself"
            yield {"id": record.get("id") if isinstance(record, dict) else None, "error": said}


def answer(record: Any, tagger: Tagger, rules: Ruleset) -> dict[str, Any]:
    """Judge one record of the command contract. Raises LineError."""
    text, subject, context = read_record(record)
    own = _rules_of(rules, tuple(child.name for child in context.children))
    return as_json(record.get("id"), judge(text, subject, context, tagger, own))


@lru_cache(maxsize=64)
def _rules_of(rules: Ruleset, children: tuple[str, ...]) -> Ruleset:
    return rules.for_children(children)


def read_record(record: Any) -> tuple[str, str | None, Context]:
    """Check and take apart one record: text, subject, context. Raises LineError."""
    if not isinstance(record, dict):
        raise LineError("not an object; each line should be one object")
    text, subject = record.get("text"), record.get("subject")
    if not isinstance(text, str):
        raise LineError("'text' is missing or not text")
    if subject is not None and not isinstance(subject, str):
        raise LineError("'subject' should be text or null")
    text, subject = whole_characters(text), None if subject is None else whole_characters(subject)
    channel = record.get("channel", "email")
    if channel not in ("sms", "email"):
        raise LineError("'channel' should be sms or email")
    children = record.get("children", [])
    if not isinstance(children, list) or not all(isinstance(c, str) for c in children):
        raise LineError("'children' should be a list of names")
    sent_at = _moment(record.get("sent_at"))
    hours = (sent_at.utcoffset() or _ZERO).total_seconds() / 3600
    context = Context(
        children=tuple(Child(c) for c in children),
        sent_at=sent_at,
        sender_name=_text(record, "sender_name"),
        recipient_name=_text(record, "recipient_name"),
        channel=channel,
        day_first=int(hours) not in NORTH_AMERICA,
        currency=_text(record, "currency") or "USD",
        previous=_previous(record.get("previous", [])),
    )
    return text, subject, context


def as_json(identifier: Any, judged: Judgement) -> dict[str, Any]:
    """The answer of the command contract. `forwarded` are code points of `text`; a held span is not among them."""
    return {
        "id": identifier,
        "outcome": judged.decision.outcome,
        "lane": judged.decision.lane.value,
        "forwarded": [[c.span.start, c.span.end] for c in judged.decision.choices if is_forwarded(c)],
        "facts": [
            {
                "topic": f.fact.topic,
                "child": f.fact.child,
                "when": f.fact.when,
                "amount": f.fact.amount,
                "where": f.fact.where,
                "asks": f.fact.asks,
                "answer_by": f.fact.answer_by,
            }
            for f in judged.forwarded
        ],
        "spans": [
            {
                "start": c.span.start,
                "end": c.span.end,
                "label": c.span.label,
                "score": round(c.span.score, 4),
                "action": c.action.value,
                "rule": c.rule,
            }
            for c in judged.decision.choices
        ],
        "holds": judged.decision.holds_something or any(c.action is Action.HOLD for c in judged.decision.choices),
    }


_ZERO = timedelta()


def _moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise LineError("'sent_at' should be a time with its offset, such as 2026-11-24T19:40:00-05:00") from None
    if not 1970 <= moment.year <= 9000:
        raise LineError("'sent_at' should be a time with its offset in this century or the last")
    if moment.tzinfo is None:
        raise LineError("'sent_at' has no offset; write it like 2026-11-24T19:40:00-05:00")
    return moment


def _text(record: dict[str, Any], name: str) -> str:
    value = record.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise LineError(f"{name!r} should be text")
    return value


def _previous(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise LineError("'previous' should be a list of earlier messages")
    out = []
    for item in value:
        if not isinstance(item, dict) or not isinstance(item.get("text"), str):
            raise LineError('each of \'previous\' should be {"from": "sender" or "recipient", "text": ...}')
        out.append(("<" if item.get("from") == "recipient" else ">") + item["text"])
    return tuple(out)
