"""Every part of the site behind a signed-in visitor, and what each of them is given."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from starlette.routing import Route

from gateway.changes import Changes
from gateway.clock import Clock
from gateway.family import Directory
from gateway.intake.keep import Keeper
from gateway.policy.ruleset import Ruleset
from gateway.reply.desk import ReplyDesk
from gateway.settings import Settings
from gateway.store import Blobs, Store
from gateway.tagging.spans import Tagger
from gateway.web.guard import Guard
from gateway.web.pages.calendar import CalendarPages
from gateway.web.pages.entrance import Entrance
from gateway.web.pages.expenses import Expenses
from gateway.web.pages.questions import Questions
from gateway.web.pages.taking import Taking
from gateway.web.pages.today import Today
from gateway.web.pages.unsorted import Unsorted
from gateway.web.room import HasRooms


@dataclass(frozen=True, slots=True)
class House:
    """What the pages work with: the same parts as the rest of the gateway."""

    settings: Settings
    store: Store
    blobs: Blobs
    directory: Directory
    clock: Clock
    keeper: Keeper
    desk: ReplyDesk
    tagger: Tagger
    rules: Ruleset

    @property
    def folder(self) -> Path:
        """Where `breakwater.toml` lies."""
        return self.settings.directory

    def changes(self) -> Changes:
        """How settings are changed."""
        return Changes(self.folder, self.store, self.directory, self.clock, self.rules.for_family)


def parts(house: House, entrance: Entrance) -> list[HasRooms]:
    """All parts, in no order that matters: a room's `place` says where it stands in the menu."""
    at = (house.store, house.clock)
    taking = Taking(*at, house.keeper, house.desk)
    return [
        entrance,
        Today(*at),
        Questions(*at, taking),
        Unsorted(house.store, house.blobs, house.clock, house.rules, house.changes()),
        CalendarPages(*at, house.settings.server.public_url),
        Expenses(*at),
    ]


class Site:
    """All addresses of the site."""

    def __init__(self, house: House) -> None:
        secure = house.settings.server.public_url.startswith("https://")
        self._entrance = Entrance(house.store, house.directory, house.clock, secure=secure)
        self.guard = Guard(house.store, house.directory, house.clock, *parts(house, self._entrance), secure=secure)

    def routes(self) -> list[Route]:
        """For the web application."""
        return [*self._entrance.routes(), *self.guard.routes()]
