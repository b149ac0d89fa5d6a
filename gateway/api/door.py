"""The door of every call: whose token is it, is it for this, how often was it used, what does the request say, and the entry that says so.

request ─► token ─ none, made up, ended: 401, and after many of them from one network 429
             ▼
           calls of this minute ─ too many: 429        scope ─ not this one: 403
             ▼
           address, query, body, key ─ 404, 400, 413, 415, 422
             ▼
           work (in a thread) ─► entry "tool read" or "tool done" in the family's log ─► the answer, with an ETag

The entry stands before the answer leaves. An answer without content (an empty page, one that the program has already) is none.
"""

from __future__ import annotations

import hashlib
import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.accounts import patience
from gateway.accounts.key import AccountKey
from gateway.api import tokens
from gateway.api.call import Answer, Asked, Call
from gateway.api.problems import FAULT, LATER, NO_METHOD, NO_SCOPE, NO_TOKEN, NOT_HERE, REFUSED, TOO_MANY, Problem
from gateway.api.request import body_of, key_of, numbers_of, query_of, token_of
from gateway.clock import Clock
from gateway.errors import StoreError, UserError
from gateway.family import Directory, Family
from gateway.ledger import append
from gateway.store import Store
from gateway.web import site, source

log = logging.getLogger(__name__)
READ, DONE = "tool read", "tool done"
"""Kinds of entries."""
POLICY: Final = "default-src 'none'; frame-ancestors 'none'"


@dataclass(frozen=True, slots=True)
class Desk:
    """What the doors share. `most`: calls of one token in a minute."""

    store: Store
    directory: Directory
    clock: Clock
    key: AccountKey
    most: int


class Door:
    """One address, with its calls by method."""

    def __init__(self, desk: Desk, calls: Sequence[Call]) -> None:
        self._desk, self._calls = desk, {call.method: call for call in calls}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request (ASGI)."""
        request = Request(scope, receive)
        try:
            made = await self._answer(request)
        except Problem as problem:
            made = problem.response()
        except UserError as error:
            made = Problem(REFUSED, str(error)).response()
        except StoreError:
            made = Problem(LATER, headers={"Retry-After": "30"}).response()
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 (the outside never sees what went wrong)
            log.error("fault in the API: %s", type(error).__name__)
            made = Problem(FAULT).response()
        made.headers["Content-Security-Policy"] = POLICY
        await site.guarded(made)(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        call = self._calls.get("GET" if request.method == "HEAD" else request.method)  # type: ignore[call-overload]
        tool, family, now = await run_in_threadpool(self._who, request, call)
        if call is None:
            raise Problem(NO_METHOD, headers={"Allow": allowed(list(self._calls.values()))})
        if call.scope not in tool.scopes:
            challenge = f'Bearer error="insufficient_scope", scope="{call.scope}"'
            raise Problem(NO_SCOPE, headers={"WWW-Authenticate": challenge}, scope=str(call.scope))
        numbers, query = numbers_of(request), query_of(request, call)
        key, body = key_of(request, call, tool.id), await body_of(request, call)
        asked = Asked(tool, family, now, numbers, query, body, key)
        return await run_in_threadpool(self._work, request, call, asked)

    def _who(self, request: Request, call: Call | None) -> tuple[tokens.Tool, Family, datetime]:
        """Who asks, and that it is not too often. Raises Problem."""
        token, now = token_of(request), self._desk.clock()
        with self._desk.store.read() as session:
            tool = tokens.find(session, token, now)
        family = self._desk.directory.family(tool.family) if tool is not None else None
        if tool is None or family is None:
            if call is None and not token:
                raise Problem(NO_METHOD, headers={"Allow": allowed(list(self._calls.values()))})
            raise self._stranger(request, token, now)
        with self._desk.store.write() as session:
            wait = tokens.admit(session, tool.id, now, self._desk.most)
        if wait:
            raise _too_many(wait)
        return tool, family, now

    def _stranger(self, request: Request, token: str, now: datetime) -> Problem:
        """What somebody is told whose token is not good. Nobody can lock a good one by failing."""
        key = self._desk.key
        if not token:
            return _no_token("Bearer")
        places = (patience.Bucket("network", key.mac("tools", source.source_of(request, key)), patience.BY_NETWORK),)
        with self._desk.store.write() as session:
            if wait := patience.wait(session, places, now):
                return _too_many(wait)
            patience.note(session, places, None, now)
            tokens.note_refused(session, token, now)
        return _no_token('Bearer error="invalid_token"')

    def _work(self, request: Request, call: Call, asked: Asked) -> Response:
        answer = call.work(asked)
        made, tag = _response(answer.content, call.status)
        if tag and tag in _tags(request):
            return Response(status_code=304, headers={"ETag": tag})
        if answer.count:
            self._note(call, asked, answer)
        return made

    def _note(self, call: Call, asked: Asked, answer: Answer) -> None:
        of = {**asked.numbers, **answer.of}
        body: dict[str, Any] = {"call": call.name, "token": asked.tool.id, "count": answer.count}
        kind, family = DONE if call.changes else READ, asked.family
        with self._desk.store.write() as session:
            append(session, family.key, kind, {**body, "of": of} if of else body, now=asked.now, zone=family.time_zone)


async def nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    """Every other address under ``/api`` (ASGI)."""
    made = Problem(NOT_HERE).response()
    made.headers["Content-Security-Policy"] = POLICY
    await site.guarded(made)(scope, receive, send)


def allowed(calls: Sequence[Call]) -> str:
    """The methods of an address, for ``Allow`` (RFC 9110 section 10.2.1)."""
    methods = sorted({str(call.method) for call in calls})
    return ", ".join([*methods, "HEAD"] if "GET" in methods else methods)


def _response(content: BaseModel | Response, status: int) -> tuple[Response, str]:
    if isinstance(content, Response):
        return content, ""
    body = content.model_dump_json().encode("utf8", "replace")
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    return Response(body, status, {"ETag": tag}, "application/json"), tag


def _tags(request: Request) -> set[str]:
    """Of ``If-None-Match``: what the program has already. Only a page that is read again is not sent again."""
    if request.method not in ("GET", "HEAD"):
        return set()
    given = request.headers.get("if-none-match", "")
    return {one.strip().removeprefix("W/") for one in given[:2000].split(",")}


def _no_token(challenge: str) -> Problem:
    return Problem(NO_TOKEN, "Send `Authorization: Bearer` with a token", headers={"WWW-Authenticate": challenge})


def _too_many(wait: timedelta) -> Problem:
    return Problem(TOO_MANY, headers={"Retry-After": str(max(1, math.ceil(wait.total_seconds())))})
