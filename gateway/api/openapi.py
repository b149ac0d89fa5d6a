"""The OpenAPI 3.1 document, made of the same declarations that check the input. Pure.

It says nothing of what this system is for: whoever finds it learns that there is a planner with an API.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from gateway.api import problems
from gateway.api.call import Call, Nothing
from gateway.api.fields import KEY, MOST_NUMBER
from gateway.api.problems import Kind, ProblemShape
from gateway.api.scopes import Scope

VERSION: Final = "1"
REF: Final = "#/components/schemas/{model}"
SAYS: Final = (
    "A planner's calls for programs of its owner. The token stands in the `Authorization` header and nowhere else. Every answer with content "
    "is noted in the owner's log. Times are UTC; days and hours that a card tells are local. Lists come in pages: give `next` as `after`."
)
SCOPES: Final = {
    Scope.CARDS: "read cards",
    Scope.QUESTIONS: "read questions",
    Scope.CALENDAR: "read dates",
    Scope.EXPENSES: "read sums",
    Scope.LOG: "read entries of the log, checkpoints and proofs",
    Scope.RECORDS: "fetch finished records",
    Scope.JOURNAL: "write notes into the journal",
    Scope.REPLIES: "send answers",
}
ALWAYS: Final = (
    problems.INVALID,
    problems.NO_TOKEN,
    problems.NO_SCOPE,
    problems.TOO_MANY,
    problems.FAULT,
    problems.LATER,
)

Mode = Literal["validation", "serialization"]
Json = dict[str, Any]


def document(calls: Sequence[Call]) -> Json:
    """The whole document."""
    paths: dict[str, Json] = {}
    for call in calls:
        paths.setdefault(f"/api/v1{call.path}", {})[call.method.lower()] = _operation(call)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Planner", "version": VERSION, "description": SAYS},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": _schemas(calls),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "A token of the page Tools"}
            },
        },
    }


def problems_of(call: Call) -> tuple[Kind, ...]:
    """What can end a call."""
    found = [*ALWAYS, *call.problems]
    if "{" in call.path or call.body is not None:
        found.append(problems.NOT_HERE)
    if call.query is not Nothing or call.body is not None or call.path.startswith("/log"):
        found.append(problems.REFUSED)
    if call.body is not None:
        found += [problems.TOO_LONG, problems.NOT_JSON]
    return tuple(sorted(dict.fromkeys(found), key=lambda kind: kind.status))


def parameters_of(call: Call) -> list[Json]:
    """What stands in the address and in the headers."""
    found: list[Json] = []
    if "{number}" in call.path:
        number = {"type": "integer", "minimum": 1, "maximum": MOST_NUMBER}
        found.append({"name": "number", "in": "path", "required": True, "schema": number})
    schema = call.query.model_json_schema()
    needed = schema.get("required", ())
    for name, value in schema.get("properties", {}).items():
        found.append({"name": name, "in": "query", "required": name in needed, "schema": _plain(value)})
    if call.once:
        key = {"type": "string", "pattern": KEY}
        says = "A new one for each thing that is to happen; the same one again does it no second time"
        found.append({"name": "Idempotency-Key", "in": "header", "required": True, "schema": key, "description": says})
    return found


def _operation(call: Call) -> Json:
    made: Json = {
        "operationId": _id(call.name),
        "summary": call.says,
        "description": f"Scope: `{call.scope}` ({SCOPES[call.scope]}).",
        "security": [{"token": [str(call.scope)]}],
        "parameters": parameters_of(call),
        "responses": {str(call.status): _good(call)} | _bad(call),
    }
    if call.body is not None:
        schema = {"$ref": REF.format(model=call.body.__name__)}
        made["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return made


def _good(call: Call) -> Json:
    if isinstance(call.answer, str):
        return {"description": "The file", "content": {call.answer: {"schema": {"type": "string", "format": "binary"}}}}
    schema = {"$ref": REF.format(model=call.answer.__name__)}
    tag = {
        "description": "Give it as `If-None-Match` to be told 304 where nothing changed",
        "schema": {"type": "string"},
    }
    made = {"description": call.says, "headers": {"ETag": tag}, "content": {"application/json": {"schema": schema}}}
    links = {
        _id(name): {"operationId": _id(name), "parameters": {"number": f"$response.body#{place}"}}
        for name, place in call.leads
    }
    return {**made, "links": links} if links else made


def _id(name: str) -> str:
    return name.replace(" ", "_")


def _bad(call: Call) -> Json:
    by_status: dict[int, list[Kind]] = {}
    for kind in problems_of(call):
        by_status.setdefault(kind.status, []).append(kind)
    found: Json = {}
    for status, kinds in by_status.items():
        schema = {"$ref": REF.format(model=ProblemShape.__name__)}
        says = "; ".join(f"`{kind.name}`: {kind.title}" for kind in kinds)
        found[str(status)] = {"description": says, "content": {problems.TYPE: {"schema": schema}}}
        if status in (429, 503):
            found[str(status)]["headers"] = {
                "Retry-After": {"description": "Seconds", "schema": {"type": "integer", "minimum": 1}}
            }
    if call.method == "GET" and not isinstance(call.answer, str):
        found["304"] = {"description": "What `If-None-Match` names is what there is"}
    return found


def _schemas(calls: Sequence[Call]) -> Json:
    wanted: list[tuple[type[BaseModel], Mode]] = [(ProblemShape, "serialization")]
    wanted += list(dict.fromkeys(_models(calls)))
    _, made = models_json_schema(wanted, ref_template=REF)
    return {name: _bare(schema) for name, schema in sorted(made["$defs"].items())}


def _models(calls: Sequence[Call]) -> Iterator[tuple[type[BaseModel], Mode]]:
    for call in calls:
        if call.body is not None:
            yield call.body, "validation"
        if not isinstance(call.answer, str):
            yield call.answer, "serialization"


def _plain(schema: Json) -> Json:
    """Of a parameter: it is there or it is not, it is never null."""
    options = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    merged = {**schema, **options[0]} if len(options) == 1 else dict(schema)
    return {name: value for name, value in merged.items() if name not in ("anyOf", "title") and value is not None}


def _bare(schema: Any) -> Any:
    """Without the titles that pydantic makes of names."""
    if isinstance(schema, list):
        return [_bare(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {name: _bare(value) for name, value in schema.items() if not (name == "title" and isinstance(value, str))}
