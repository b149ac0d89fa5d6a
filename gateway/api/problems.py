"""What an answer says where there is none: problem details (RFC 9457). Pure.

A number of another family's and one that does not exist give the same bytes. What was sent is never repeated.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

TYPE: Final = "application/problem+json"
BASE: Final = "/api/v1/problems#"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem. `name`: the end of its type; `title`: the same for every case."""

    name: str
    status: int
    title: str


INVALID: Final = Kind("invalid", 400, "The request cannot be read")
NO_TOKEN: Final = Kind("no-token", 401, "A token that is good is needed")
NO_SCOPE: Final = Kind("no-scope", 403, "The token is not for this")
NOT_HERE: Final = Kind("not-here", 404, "There is nothing at this address")
NO_METHOD: Final = Kind("no-method", 405, "This address does not take that method")
LOOK_FIRST: Final = Kind("look-first", 409, "Something is to be said about the words first; nothing was sent")
CLOSED: Final = Kind("closed", 409, "This is not answered here, or not any more; nothing was sent")
NOT_COVERED: Final = Kind("not-covered", 409, "No checkpoint covers this entry yet")
TOO_LONG: Final = Kind("too-long", 413, "The body is longer than this address takes")
NOT_JSON: Final = Kind("not-json", 415, "The body must be JSON")
REFUSED: Final = Kind("refused", 422, "The request can be read and cannot be done")
USED_KEY: Final = Kind("used-key", 422, "This Idempotency-Key was used for another request")
TOO_MANY: Final = Kind("too-many", 429, "Too many requests")
FAULT: Final = Kind("fault", 500, "Something went wrong here")
LATER: Final = Kind("later", 503, "Not now; nothing was changed")
ALL: Final = (
    INVALID, NO_TOKEN, NO_SCOPE, NOT_HERE, NO_METHOD, LOOK_FIRST, CLOSED, NOT_COVERED, TOO_LONG, NOT_JSON, REFUSED, USED_KEY,
    TOO_MANY, FAULT, LATER,
)  # fmt: skip


class Mistake(BaseModel):
    """One thing that is wrong with a request. `at`: where, from the outside in."""

    model_config = ConfigDict(title="Mistake")

    at: str
    says: str


class ProblemShape(BaseModel):
    """Problem details (RFC 9457)."""

    model_config = ConfigDict(title="Problem", extra="allow")

    type: str
    title: str
    status: Annotated[int, Field(ge=400, le=599)]
    detail: str | None = None
    mistakes: list[Mistake] | None = None
    scope: str | None = None
    look: dict[str, Any] | None = None


class Problem(Exception):  # noqa: N818 (it is what the answer is called)
    """Ends a call. `more`: further members; `headers`: of the answer."""

    def __init__(self, kind: Kind, detail: str = "", *, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        super().__init__(kind.name)
        self.kind, self.detail, self.more, self.headers = kind, detail, more, dict(headers or {})

    def response(self) -> Response:
        """As it is sent."""
        content = {"type": f"{BASE}{self.kind.name}", "title": self.kind.title, "status": self.kind.status}
        if self.detail:
            content["detail"] = self.detail
        body = json.dumps({**content, **self.more}, ensure_ascii=False).encode("utf8", "replace")
        return Response(body, self.kind.status, self.headers, TYPE)
