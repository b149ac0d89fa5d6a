"""The OpenAPI document: it is one, it is the calls, docs/api.md says the same, and it tells nobody what this is for."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest

from gateway.api import problems
from gateway.api.fields import MOST_PAGE, PAGE
from gateway.api.openapi import problems_of
from gateway.api.scopes import Scope
from gateway.api.shapes import NoteGiven
from gateway.journal.notes import KINDS
from tests.api.asking import ROOT, program
from tests.e2e.world import World

DOCS = Path(__file__).parents[2] / "docs" / "api.md"


@pytest.fixture(scope="module")
def said(filled: World) -> dict[str, Any]:
    answer = httpx.get(filled.settings.server.public_url + ROOT + "/openapi.json")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    return dict(answer.json())


def test_it_holds_every_call_with_its_scope(filled: World, said: dict[str, Any]) -> None:
    assert said["openapi"] == "3.1.0"
    assert filled.gateway is not None
    found = {(path, method): one for path, methods in said["paths"].items() for method, one in methods.items()}
    calls = filled.gateway.api.calls
    assert set(found) == {(f"{ROOT}{call.path}", call.method.lower()) for call in calls}
    for call in calls:
        one = found[f"{ROOT}{call.path}", call.method.lower()]
        assert one["security"] == [{"token": [str(call.scope)]}]
        assert {str(kind.status) for kind in problems_of(call)} < set(one["responses"])
        keyed = [p for p in one["parameters"] if p["name"] == "Idempotency-Key"]
        assert bool(keyed) is call.once


def test_it_names_the_bounds_of_numbers_in_an_address(said: dict[str, Any]) -> None:
    """Found by Schemathesis: ``old=0`` fits the document and was refused."""
    bounds = {
        (path, one["name"]): (one["schema"].get("minimum"), one["schema"].get("maximum"))
        for path, methods in said["paths"].items()
        for call in methods.values()
        for one in call["parameters"]
        if one["schema"]["type"] == "integer"
    }
    assert len(bounds) > 10
    assert all(bound == ((1, MOST_PAGE) if name == "limit" else (1, 2**53 - 1)) for (_, name), bound in bounds.items())


def test_its_schemas_are_json_schemas_and_what_is_answered_fits_them(filled: World, said: dict[str, Any]) -> None:
    tool = program(filled)
    for name, schema in said["components"]["schemas"].items():
        jsonschema_rs.meta.validate(schema | {"$schema": "https://json-schema.org/draft/2020-12/schema"})
        assert schema.get("description"), name
    for path, query in (
        ("/cards", {}), ("/questions", {}), ("/calendar", {"first": "2026-06-01", "last": "2027-05-31"}), ("/expenses", {}),
        ("/log/entries", {"limit": 3}), ("/log/checkpoints", {}), ("/records", {}),
    ):  # fmt: skip
        of = said["paths"][ROOT + path]["get"]["responses"]["200"]["content"]["application/json"]["schema"][
            "$ref"
        ].rpartition("/")[2]
        whole = {"$ref": f"#/components/schemas/{of}", "components": said["components"]}
        jsonschema_rs.validator_for(whole, validate_formats=True).validate(tool.get(path, **query))


def test_it_tells_nobody_what_this_is_for(said: dict[str, Any]) -> None:
    words = json.dumps(said).lower()
    assert not [
        w for w in ("breakwater", "abus", "withheld", "kept back", "ex-", "violen", "danger to", "vault") if w in words
    ]
    assert said["info"]["title"] == "Planner"


def test_kinds_of_notes_are_those_of_the_journal() -> None:
    assert set(KINDS) == set(NoteGiven.model_json_schema()["properties"]["kind"]["enum"])


def test_the_guide_says_what_there_is(filled: World) -> None:
    text = DOCS.read_text("utf8")
    assert filled.gateway is not None
    rows = re.findall(r"^\| `(GET|POST) (/[^`]*)` \| `([a-z:]+)` \| (.+?) \|$", text, re.MULTILINE)
    calls = filled.gateway.api.calls
    assert [(m, p, s, w) for m, p, s, w in rows] == [(c.method, c.path, str(c.scope), c.says) for c in calls]
    kinds = re.findall(r"^\| (\d{3}) \| `([a-z-]+)` \| (.+?) \|$", text, re.MULTILINE)
    assert [(int(s), n, t) for s, n, t in kinds] == [(k.status, k.name, k.title) for k in problems.ALL]
    assert {f"`{scope}`" for scope in Scope} <= set(re.findall(r"`[a-z]+:[a-z]+`", text))
    assert f"{PAGE} lines" in text
    assert f"{MOST_PAGE}" in text
