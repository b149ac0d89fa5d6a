"""A call of the API as it is declared, and what its work is given. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel
from starlette.responses import Response

from gateway.api.problems import Kind
from gateway.api.scopes import Scope
from gateway.api.shapes import Query
from gateway.api.tokens import Tool
from gateway.family import Family

ZIP = "application/zip"


class Nothing(Query):
    """An address without a query."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a call's work is given, all of it checked. `numbers`: of the address; `key`: the Idempotency-Key, bound to the token."""

    tool: Tool
    family: Family
    now: datetime
    numbers: Mapping[str, int] = field(default_factory=dict)
    query: Any = None
    body: Any = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call's work gives. `content`: a shape, or an answer that is ready. `count`: how much content it holds; of nothing there is
    no entry. `of`: what the entry names.
    """

    content: BaseModel | Response
    count: int = 1
    of: Mapping[str, int | str] = field(default_factory=dict)


Work = Callable[[Asked], Answer]
"""Runs in a thread. Raises Problem, UserError, StoreError."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `name`: unique, and what the log calls it; `path`: under ``/api/v1``; `once`: it takes an Idempotency-Key, and the same
    key does the thing once; `problems`: beside those that every call has. `answer`: the shape, or a media type. `leads`: calls that take a
    number out of the answer, and where it stands (RFC 6901).
    """

    name: str
    method: Literal["GET", "POST"]
    path: str
    scope: Scope
    says: str
    work: Work
    answer: type[BaseModel] | str
    query: type[Query] = Nothing
    body: type[BaseModel] | None = None
    once: bool = False
    status: int = 200
    problems: tuple[Kind, ...] = ()
    changes: bool = False
    leads: tuple[tuple[str, str], ...] = ()
