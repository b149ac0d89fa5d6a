"""Drafts of the sample families, and what the coach says of them."""

import json
from functools import cache
from pathlib import Path

from gateway.reply.coach import Advice, Draft, Private, advise, load_coach
from gateway.tagging import open_tagger
from gateway.tagging.facts.child import Child

CASES = Path(__file__).parent.parent / "cases" / "coach"
RULES = load_coach()


@cache
def tagger():
    return open_tagger()


@cache
def families() -> dict:
    return json.loads((CASES / "families.json").read_text("utf8"))


def cases(name: str) -> list[dict]:
    return [json.loads(line) for line in (CASES / f"{name}.jsonl").read_text("utf8").splitlines()]


def draft(text: str, *context: str, family: str = "us", **more) -> Draft:
    known = families()[family]
    more.setdefault("private", Private(tuple(known["home"]), tuple(known["work"]), tuple(known["people"])))
    return Draft(text, tuple(context), children=tuple(Child(n) for n in known["children"]), **more)


def advice(text: str, *context: str, **more) -> Advice:
    return advise(draft(text, *context, **more), RULES, tagger())


def of_case(case: dict) -> Advice:
    return advice(case["text"], *case["context"], family=case["family"])


def serious(found: Advice) -> list[str]:
    return [h.id.removeprefix("coach.") for h in found.hints if not h.note]
