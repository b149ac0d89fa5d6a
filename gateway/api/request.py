"""What a request says: token, query, body and key, checked against the call's declaration. Pure but for reading the body.

The token stands in the ``Authorization`` header and nowhere else: an address ends up in histories and logs. Cookies are not looked at.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any, Final
from urllib.parse import parse_qsl

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from gateway.api.call import Call
from gateway.api.fields import KEY, MOST_NUMBER
from gateway.api.problems import INVALID, NOT_HERE, NOT_JSON, REFUSED, TOO_LONG, Problem
from gateway.api.tokens import TOKEN

MOST_BYTES: Final = 512_000
"""Of a body, as of a form with an answer: twenty thousand signs of any script fit, however they are written."""
MOST_QUERY, MOST_MISTAKES, MOST_WHERE = 4_000, 20, 100
_JSON: Final = re.compile(r'application/json(\s*;\s*charset="?utf-8"?)?\s*', re.IGNORECASE)
_KEY: Final = re.compile(KEY.removeprefix("^").removesuffix("$"))


def token_of(request: Request) -> str:
    """The token; empty where there is none that could be one of ours."""
    given = request.headers.getlist("authorization")
    if len(given) != 1:
        return ""
    scheme, _, token = given[0].partition(" ")
    return token.strip() if scheme.lower() == "bearer" and TOKEN.fullmatch(token.strip()) else ""


def numbers_of(request: Request) -> dict[str, int]:
    """The numbers of the address. Raises Problem where one of them cannot be any."""
    found = {name: str(value) for name, value in request.path_params.items()}
    if not all(re.fullmatch(r"[1-9][0-9]{0,15}", value) and int(value) <= MOST_NUMBER for value in found.values()):
        raise Problem(NOT_HERE)
    return {name: int(value) for name, value in found.items()}


def query_of(request: Request, call: Call) -> BaseModel:
    """The query. Raises Problem."""
    raw = request.scope["query_string"]
    if len(raw) > MOST_QUERY:
        raise Problem(INVALID, "The query is too long")
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=50)
    except ValueError:
        raise Problem(INVALID, "The query cannot be read") from None
    given = dict(pairs)
    if len(given) < len(pairs):
        raise Problem(INVALID, "A parameter stands twice in the query")
    return _checked(call.query, given)


async def body_of(request: Request, call: Call) -> BaseModel | None:
    """The body; None where the call has none. Raises Problem."""
    if call.body is None:
        return None
    if not _JSON.fullmatch(request.headers.get("content-type", "")):
        raise Problem(NOT_JSON)
    raw = bytearray()
    async for part in request.stream():
        raw += part
        if len(raw) > MOST_BYTES:
            raise Problem(TOO_LONG)
    return _checked(call.body, bytes(raw))


def key_of(request: Request, call: Call, tool: int) -> str:
    """The Idempotency-Key, bound to the token and the call, so that nobody else's is the same. Raises Problem."""
    if not call.once:
        return ""
    given = request.headers.getlist("idempotency-key")
    if len(given) != 1 or not _KEY.fullmatch(given[0]):
        raise Problem(INVALID, f"One Idempotency-Key is needed, such as a UUID: {KEY}")
    bound = f"{tool} {call.name} {given[0]}"
    return f"api-{hashlib.sha256(bound.encode()).hexdigest()[:40]}"


def _checked(model: type[BaseModel], given: dict[str, str] | bytes) -> BaseModel:
    try:
        return model.model_validate_json(given) if isinstance(given, bytes) else model.model_validate(given)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        mistakes = [{"at": _where(one["loc"]), "says": str(one["msg"])[:300]} for one in found[:MOST_MISTAKES]]
        only_meaning = all(one["type"] == "value_error" for one in found)
        raise Problem(REFUSED if only_meaning else INVALID, mistakes=mistakes) from None


def _where(place: tuple[Any, ...]) -> str:
    return ".".join(str(part) for part in place)[:MOST_WHERE] or "all of it"
