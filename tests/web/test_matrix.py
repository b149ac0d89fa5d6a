"""Every address of the gateway, and who may go there: made from the running application, so that none can be forgotten.

A route is public and stands in `PUBLIC`, or it is a room; a room names its roles, and where reviewers or professionals are among them
it says what must be opened to them (`needs`) or stands in `COMMON`. The guard is then asked over HTTP, for everybody.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

import gateway.serve
import gateway.web.parts
from gateway.accounts import Role
from gateway.accounts.opened import OPEN_TO, Opening, What, choose
from gateway.clock import utc_now
from gateway.demo.sample import EX_EMAIL, RELAY_EMAIL, SAMPLES, Sample
from gateway.demo.sample import family as sample_family
from gateway.family import Family
from gateway.store.tables import AccountRow
from gateway.web.guard import Guard
from gateway.web.room import Room, Visitor
from tests.e2e.world import World, open_world
from tests.web.visiting import Browser, account_of, sign_in

PUBLIC = {
    "/.well-known/mta-sts.txt": "a policy for mail systems",
    "/ready": "whether this process can answer, for who shares the work out",
    "/alarm/{token}": "private link",
    "/api": "nothing", "/api/{rest:path}": "nothing", "/api/v1/openapi.json": "what the API can be asked, the same for everybody",
    "/away": "an empty page",
    "/bundle/{token}": "private link, for a record that the parent handed over",
    "/card/{token}": "private link", "/card/{token}/answer": "private link", "/card/{token}/file/{place}": "private link",
    "/card/{token}/original": "private link", "/card/{token}/read": "private link",
    "/confirm/{token}": "private link",
    "/dates/{token}.ics": "private link",
    "/digest/{token}": "private link", "/digest/{token}/answer": "private link",
    "/health": "alive",
    "/heartbeat": "alive, and when",
    "/invited/{token}": "private link",
    "/numbers/{token}": "private link",
    "/setup/{token}": "private link, for set-up alone", "/setup/{token}/{step}": "private link, for set-up alone",
    "/sign-in": "the door", "/sign-in/code": "the door", "/sign-in/passkey": "the door",
    "/sms/incoming": "the text carrier, signed", "/sms/status": "the text carrier, signed",
    "/static/{name}": "style and script",
    "/voice/after": "the text carrier, signed", "/voice/incoming": "the text carrier, signed",
    "/voice/recording": "the text carrier, signed", "/voice/transcript": "the text carrier, signed",
}  # fmt: skip
"""Addresses that need no sign-in, and why."""
COMMON = {"today", "sign out", "account", "password", "account code", "account recovery", "account passkeys"}
"""Rooms for everybody who is signed in, which show a reviewer or professional nothing that was not opened to them."""
ELSEWHERE = "999999999"


@dataclass
class Site:
    """The running application, its rooms, and who was let in."""

    app: list[Starlette] = field(default_factory=list)
    guard: list[Guard] = field(default_factory=list)
    entered: list[tuple[str, str, Role]] = field(default_factory=list)
    through: bool = False

    @property
    def rooms(self) -> list[Room]:
        return self.guard[0].rooms_open

    def watched(self, room: Room) -> Room:
        """The room, which notes who comes. It does its work only for `through`, so that no button of the matrix ends anything."""

        def enter(request: Request, visitor: Visitor) -> Response:
            self.entered.append((room.name, request.method, visitor.visit.role))
            if request.method == "GET" or self.through:
                return room.enter(request, visitor)
            return PlainTextResponse("done")

        return replace(room, enter=enter)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    made = Site()
    real_app, real_guard = gateway.serve.make_app, gateway.web.parts.Guard

    class Watched:
        def __init__(self, part: Any) -> None:
            self._part = part

        def rooms(self) -> list[Room]:
            return [made.watched(room) for room in self._part.rooms()]

    def app(*parts: Any) -> Starlette:
        made.app.append(real_app(*parts))
        return made.app[0]

    def guard(store: Any, directory: Any, clock: Any, *parts: Any, **also: Any) -> Guard:
        made.guard.append(real_guard(store, directory, clock, *map(Watched, parts), **also))
        return made.guard[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gateway.serve, "make_app", app)
        patch.setattr(gateway.web.parts, "Guard", guard)
        yield made


@pytest.fixture(scope="module")
def world(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two families in one installation; all that came is the first one's."""
    other = sample_family() | {
        "key": "lindqvist", "relay_email": "lindqvist@relay.example.org", "relay_phone": "+15005550009",
        "parent": {"name": "Astrid", "emails": ["astrid@example.org"], "phones": ["+15005550010"]},
        "coparent": {"name": "Jonas", "emails": ["jonas@example.net"]},
        "child": [{"name": "Tove"}], "person": [],
    }  # fmt: skip
    families = tuple(Family.model_validate(one) for one in (sample_family(), other))
    with open_world(tmp_path_factory.mktemp("matrix"), families=families) as made:
        for sample in SAMPLES:
            made.send(sample)
        made.send(Sample("unsorted", "email", "He said the thing about the doctor is whatever, ask the ask.", "hm"))
        made.settle(60)
        yield made


@pytest.fixture(scope="module")
def people(world: World) -> Iterator[dict[str, Browser]]:
    """Everybody, by what they are called here."""
    rivera, lindqvist = world.settings.families
    base, store = world.settings.server.public_url, world.store
    made = {str(role): sign_in(base, store, None if role is Role.OPERATOR else rivera, role) for role in Role}
    made["another parent"] = sign_in(base, store, lindqvist)
    for role in OPEN_TO:
        made[f"{role} to whom all is open"] = sign_in(base, store, rivera, role, login=f"open {role}")
        number = account_of(store, f"open {role}").id
        with store.write() as session:
            row = session.get_one(AccountRow, number)
            choose(session, row, {what: Opening(what) for what in What}, utc_now(), zone="UTC")
    yield made
    for browser in made.values():
        browser.http.close()


def form_of(browser: Browser) -> str:
    """A form that was made for this browser; its own page may be closed to its role, so any will do."""
    found = browser.page("/account").css_first("header input[name=form]")
    assert found is not None
    return str(found.attributes["value"])


def filled_in(path: str, value: str) -> str:
    return re.sub(r"\{[^}]*\}", value, path)


def test_every_route_is_public_or_a_room(site: Site, world: World) -> None:
    rooms = {room.path for room in site.rooms}
    assert world.gateway is not None
    tokens = {f"/api/v1{call.path}" for call in world.gateway.api.calls if call.scope}
    for route in site.app[0].routes:
        assert isinstance(route, Route), f"{route}: a mounted application stands outside the guard"
        if route.path in rooms:
            assert route.path not in PUBLIC
            continue
        if route.path in tokens:  # tests/api/test_refusals.py asks each with every scope, and without a token
            continue
        assert route.path in PUBLIC, f"{route.path}: make it a Room, or say in PUBLIC why not"
    routes = [route for route in site.app[0].routes if isinstance(route, Route)]
    paths = [(route.path, method) for route in routes for method in route.methods or ()]
    assert len(paths) == len(set(paths)), "an address that stands twice is answered by the first alone"
    assert not PUBLIC.keys() - {route.path for route in routes} - {"/.well-known/mta-sts.txt"}, "these are gone"


def test_what_reviewers_and_professionals_find_is_opened_or_for_everybody(site: Site, world: World) -> None:
    for room in site.rooms:
        guests = room.roles & OPEN_TO.keys()
        if guests and room.name not in COMMON:
            assert room.needs is not None, f"{room.name}: name in `needs` what must be opened to {', '.join(guests)}"
        if Role.OPERATOR in room.roles:
            assert room.name in COMMON | {"operator", "operator families", "operator family"}, (
                f"{room.name}: an operator never sees content"
            )


def test_nobody_comes_in_without_signing_in(site: Site, world: World) -> None:
    with httpx.Client(base_url=world.settings.server.public_url) as http:
        for room in site.rooms:
            path = filled_in(room.path, "1")
            for method in room.methods:
                answer = http.request(method, path)
                if method == "GET":
                    assert answer.status_code == 303, room.name
                    assert answer.headers["location"].startswith("/sign-in?to="), room.name
                else:
                    assert answer.status_code == 403, room.name


def test_every_room_lets_in_whom_it_names_and_nobody_else(site: Site, world: World, people: dict[str, Browser]) -> None:
    for name, browser in people.items():
        role = next(one for one in Role if name.startswith(one) or name.endswith(one))
        given = {what: Opening(what) for what in OPEN_TO.get(role, ())} if "all is open" in name else {}
        form = form_of(browser)
        for room in site.rooms:
            path = filled_in(room.path, "1")
            for method in room.methods:
                site.entered.clear()
                answer = browser.http.request(method, path, data={"form": form} if method == "POST" else None)
                came_in = (room.name, method, role) in site.entered
                assert came_in is room.open_to(role, given), (name, room.name, method)
                if not came_in:
                    assert (answer.status_code, answer.text) == (404, "There is nothing at this address."), room.name
                else:
                    assert answer.status_code < 500, (name, room.name)
                    assert not answer.headers.get("location", "").startswith("/sign-in"), (name, room.name)


def test_another_family_s_numbers_answer_like_numbers_that_do_not_exist(
    site: Site, world: World, people: dict[str, Browser]
) -> None:
    other, form = people["another parent"], form_of(people["another parent"])
    site.through = True
    try:
        for room in site.rooms:
            if "{" not in room.path or Role.PARENT not in room.roles:
                continue
            for method in room.methods:
                data = {"form": form} if method == "POST" else None
                nowhere = other.http.request(method, filled_in(room.path, ELSEWHERE), data=data)
                for number in range(1, 8):  # the accounts and messages that the first family has
                    theirs = other.http.request(method, filled_in(room.path, str(number)), data=data)
                    assert theirs.status_code == nowhere.status_code, (room.name, method, number)
                    assert theirs.status_code in (303, 404, 422), (room.name, method, number)
                    if method == "GET":
                        assert theirs.status_code == 404, (room.name, number)
                        assert theirs.text == nowhere.text, (room.name, number)
    finally:
        site.through = False


def test_a_number_that_no_row_can_have_leads_nowhere(site: Site, world: World, people: dict[str, Browser]) -> None:
    """The database has no room for it: asking it would be a fault."""
    browser = people["parent"]
    for room in site.rooms:
        if ":int}" in room.path and Role.PARENT in room.roles:
            for number in (2**62, 2**63, 10**30):
                for method in room.methods:
                    data = {"form": form_of(browser)} if method == "POST" else None
                    assert (
                        browser.http.request(method, filled_in(room.path, str(number)), data=data).status_code == 404
                    ), room.name
    for query in ("before=" + "9" * 40, "before=٣", "before=-1", "before=1e9"):
        assert browser.http.get(f"/journal?{query}").status_code == 200
    assert browser.http.get("/journal/write?corrects=" + "9" * 40).status_code == 200


def test_no_page_of_one_family_shows_anything_of_the_other(
    site: Site, world: World, people: dict[str, Browser]
) -> None:
    words = {"Dana", "Mark", "Emma", "Noah", "Okafor", RELAY_EMAIL, EX_EMAIL, "rivera"}
    words |= {line for sample in SAMPLES for line in sample.text.split("\n") if len(line) > 12}
    for room in site.rooms:
        if "{" in room.path or "GET" not in room.methods or Role.PARENT not in room.roles:
            continue
        page = people["another parent"].get(room.path).text
        assert not [word for word in words if word in page], room.name


def test_pages_without_a_form_of_ours_do_nothing(site: Site, world: World, people: dict[str, Browser]) -> None:
    mine, stolen = people["parent"], form_of(people["another parent"])
    for room in site.rooms:
        if "POST" not in room.methods or Role.PARENT not in room.roles:
            continue
        path = filled_in(room.path, "1")
        site.entered.clear()
        for data in ({}, {"form": ""}, {"form": stolen}, {"form": "é" * 40}):
            assert mine.http.post(path, data=data).status_code == 403, room.name
        good = {"form": form_of(mine)}
        for origin in ("cross-site", "same-site"):
            crossed = mine.http.post(path, data=good, headers={"Sec-Fetch-Site": origin})
            assert crossed.status_code == 403, room.name
        assert not [one for one in site.entered if one[1] == "POST"]


def test_every_answer_behind_the_door_carries_the_headers(site: Site, world: World, people: dict[str, Browser]) -> None:
    for room in site.rooms:
        if "GET" not in room.methods or Role.PARENT not in room.roles:
            continue
        answer = people["parent"].http.get(filled_in(room.path, "1"))
        assert answer.headers["cache-control"] == "no-store", room.name
        assert (
            "frame-ancestors 'none'" in answer.headers["content-security-policy"]
            or "sandbox" in answer.headers["content-security-policy"]
        )
        assert answer.headers["x-content-type-options"] == "nosniff", room.name
        assert "unsafe-inline" not in answer.headers["content-security-policy"], room.name


def test_a_room_without_roles_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="nobody may enter"), contextlib.suppress(KeyError):
        Room("x", "/x", lambda _r, _v: PlainTextResponse(""), frozenset())
