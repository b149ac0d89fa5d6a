"""A page that somebody must be signed in for, who may enter it, and what it is told about the visitor.

Every part of the site is a class with `rooms()`; `gateway.web.guard` makes routes of them and lets nobody in whom the room does not
name. A room without roles cannot be made, so that no page is open by being forgotten.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from gateway.accounts import Role
from gateway.accounts.opened import OPEN_TO, Opening, What
from gateway.accounts.visits import Visit
from gateway.family import Family


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks. `family`: theirs, as it is in force now (None for an operator). `form`: the fields of a checked form, empty for a
    page that is only looked at. `nonce`: names the form, so that one that is sent twice counts once. `draw`: renders a template of
    ``templates/site``. `openings`: what the parent opened to a reviewer or professional.
    """

    visit: Visit
    family: Family | None
    form: FormData
    nonce: str
    draw: Callable[[str, Mapping[str, Any], int], HTMLResponse]
    openings: Mapping[What, Opening] = field(default_factory=dict)

    @property
    def home(self) -> Family:
        """The family of a visitor who has one; rooms for operators do not ask."""
        if self.family is None:
            raise LookupError("an operator has no family")
        return self.family

    def show(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A page: ``visitor.show("today.html", cards=cards)``."""
        return self.draw(template, values, status)

    def field(self, name: str, most: int = 10_000) -> str:
        """A text field of the form, at most so many characters; empty where it is missing or a file."""
        value = self.form.get(name)
        return value[:most] if isinstance(value, str) else ""


Enter = Callable[[Request, Visitor], Response]
"""Runs in a thread of its own, so that a page never keeps a message waiting at the door; the form has been read before."""


@dataclass(frozen=True, slots=True)
class Room:
    """One address of the site. `name`: unique, and what the log calls a view of it. `menu`: its words in the menu, and its place.

    `quiet`: a view of it is not an entry of the log (pages without content of the family, and parts of a page). `needs`: what must
    be opened to a reviewer or professional before they find it here; for the parent it is always open. `stands`: the page on which
    the form of this address stands, where it has none of its own; without either, what was typed is not kept over a lock. `while_locked`: whether it is
    done for a visit that is locked, too (to leave).
    """

    name: str
    path: str
    enter: Enter
    roles: frozenset[Role]
    methods: Sequence[str] = ("GET",)
    menu: str = ""
    place: int = 0
    quiet: bool = False
    most_bytes: int = 1_000_000
    needs: What | None = None
    stands: str = ""
    while_locked: bool = False

    def page_of(self, path: str, params: Mapping[str, Any]) -> str:
        """The address of the page with the form that posts to `path`; empty for none."""
        if "GET" in self.methods:
            return path
        return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: str(params[found[1]]), self.stands)

    def open_to(self, role: Role, openings: Mapping[What, Opening]) -> bool:
        """Whether somebody of that role, to whom this is opened, may enter."""
        if role not in self.roles:
            return False
        return self.needs is None or role not in OPEN_TO or self.needs in openings

    def __post_init__(self) -> None:
        if not self.roles:
            raise ValueError(f"{self.name}: nobody may enter; name the roles")


class HasRooms(Protocol):
    """A part of the site."""

    def rooms(self) -> list[Room]:
        """Its pages."""
        ...


PARENT = frozenset({Role.PARENT})
SORTERS = frozenset({Role.PARENT, Role.REVIEWER})
READERS = frozenset({Role.PARENT, Role.PROFESSIONAL})
ANYBODY = frozenset(Role)
