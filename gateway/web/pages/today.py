"""The first page, ``/``: what needs an answer, what is new, what is coming."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from gateway.clock import Clock
from gateway.store import Store
from gateway.web.room import ANYBODY, Room, Visitor


class Today:
    """Of the family of the visitor."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def rooms(self) -> list[Room]:
        """For the guard."""
        return [Room("today", "/", self.show, ANYBODY, menu="Today", place=10)]

    def show(self, _request: Request, visitor: Visitor) -> Response:
        """The page."""
        return visitor.show("today.html")
