"""Every part of the site behind a signed-in visitor, and what each of them is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from starlette.routing import Route

from gateway.accounts.proofs import Proofs
from gateway.changes import Changes
from gateway.clock import Clock
from gateway.delivery.destinations import Destinations
from gateway.delivery.gather import Gatherer
from gateway.family import Directory
from gateway.intake.keep import Keeper
from gateway.moves import Moves
from gateway.policy.ruleset import Ruleset
from gateway.policy.rulesets import Rulesets
from gateway.reply.desk import ReplyDesk
from gateway.settings import Settings
from gateway.store import Blobs, Store
from gateway.tagging.spans import Tagger
from gateway.web.access import Access
from gateway.web.guard import Guard
from gateway.web.pages.account import Account
from gateway.web.pages.calendar import CalendarPages
from gateway.web.pages.entrance import Entrance
from gateway.web.pages.expenses import Expenses
from gateway.web.pages.factors import Factors
from gateway.web.pages.health import Health
from gateway.web.pages.household import Household
from gateway.web.pages.journal import Journal
from gateway.web.pages.patterns import Patterns
from gateway.web.pages.people import People
from gateway.web.pages.questions import Questions
from gateway.web.pages.records import Records
from gateway.web.pages.rules import Rules
from gateway.web.pages.settings import SettingsPages
from gateway.web.pages.setup import Interview
from gateway.web.pages.taking import Taking
from gateway.web.pages.today import Today
from gateway.web.pages.tools import ToolPages
from gateway.web.pages.trial import Trials
from gateway.web.pages.tryout import TryOut
from gateway.web.pages.unsorted import Unsorted
from gateway.web.pages.vault import Vault
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
    ring_office: Callable[[], None] = lambda: None
    ring_settings: Callable[[], None] = lambda: None

    @property
    def folder(self) -> Path:
        """Where `breakwater.toml` lies."""
        return self.settings.directory

    def changes(self) -> Changes:
        """How settings are changed."""
        return Changes(self.folder, self.store, self.directory, self.clock, self.rules.for_family, self._follow)

    def _follow(self) -> None:
        """What a start does with changed settings: new addresses are asked, and what waits comes when it would come now."""
        self.ring_settings()
        if self.settings.destinations.verify:
            self.destinations().note_all()
        Gatherer(self.store, self.directory, self.settings.server.public_url).bring_forward(self.clock())

    def destinations(self) -> Destinations:
        """Where updates go."""
        return Destinations(self.store, self.directory, self.clock, self.settings.server.public_url)

    def moves(self) -> Moves:
        """How the parent's own address becomes another one."""
        common = (self.store, self.directory, self.clock)
        return Moves(*common, self.destinations(), self.changes(), self.settings.server.public_url)


def parts(house: House, entrance: Entrance, proofs: Proofs) -> list[HasRooms]:
    """All parts, in no order that matters: a room's `place` says where it stands in the menu."""
    rules, at = Rulesets(house.rules, lambda: house.directory.by_key), (house.store, house.clock)
    taking = Taking(*at, house.keeper, house.desk)
    return [
        entrance,
        Today(*at),
        Questions(*at, taking),
        Unsorted(house.store, house.blobs, house.clock, house.rules, house.changes()),
        CalendarPages(*at, house.settings.server.public_url, proofs),
        Expenses(*at),
        Vault(house.store, house.blobs, house.directory, house.clock, rules),
        Patterns(*at),
        Journal(house.store, house.blobs, house.clock),
    ]


def about_choices(house: House, proofs: Proofs) -> list[HasRooms]:
    """What comes through, how and when; who is who; whether it arrives."""
    return [Rules(house), TryOut(house), SettingsPages(house), Household(house, proofs), Trials(house)]


def about_people(house: House, access: Access) -> list[HasRooms]:
    """Accounts, and who else may look."""
    common = (house.store, house.clock, access)
    tools = ToolPages(*common, loopback=house.settings.tools.loopback_webhooks)
    health = Health(house.store, house.directory, house.clock, access)
    return [Account(*common), Factors(*common), People(*common), tools, health]


class Site:
    """All addresses of the site."""

    def __init__(self, house: House) -> None:
        access = Access.of(house.settings, house.store, house.directory, house.clock)
        self._entrance = Entrance(house.store, house.directory, house.clock, access)
        self._records = Records(
            house.store, house.directory, house.clock, access, house.settings.data, house.ring_office
        )
        self._interview = Interview(house, self._entrance, access.proofs)
        rooms = [
            *parts(house, self._entrance, access.proofs),
            *about_choices(house, access.proofs),
            *about_people(house, access),
            self._records,
        ]
        self.guard = Guard(house.store, house.directory, house.clock, *rooms, key=access.key, secure=access.secure)

    def routes(self) -> list[Route]:
        """For the web application."""
        return [*self._entrance.routes(), *self._interview.routes(), *self._records.routes(), *self.guard.routes()]
