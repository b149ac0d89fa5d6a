"""What comes through: ``/rules``. A change goes in two steps: it is shown with what it would have changed, then put in force.

form ─► plan ─► page: in plain words, and which messages of the last 90 days would come out otherwise ─► in force (logged, by whom)
history ─► undo ─► the same page
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.errors import UserError
from gateway.family import Family
from gateway.family.difference import differences, undone, usual
from gateway.family.people import LONGEST_WORDS, PROTECTED_TOPICS, own_words
from gateway.family.said import CATEGORIES_SAID, CHOICES_SAID, ROLES_SAID, TOPICS_SAID
from gateway.mistakes import lines as mistakes_of
from gateway.tagging.spans import CATEGORIES, TOPICS
from gateway.web.pages import listed
from gateway.web.pages.history import History
from gateway.web.pages.plan import ALLOWED, STALE, Plan, state
from gateway.web.pages.preview import DAYS, MOST, look
from gateway.web.room import PARENT, Room, Visitor

if TYPE_CHECKING:
    from gateway.web.parts import House

HERE: Final = "/rules"
NOTHING: Final = "Nothing would change: that is how it is already."
BY_HAND: Final = "This change is not undone here. Change it under Settings, or ask whoever runs Breakwater."
STATES: Final = {
    "forwarded": "comes through",
    "withheld": "kept back",
    "held": "waits for a look",
    "alarm": "an alarm",
}
CHANNELS: Final = {"email": "email", "sms": "text message", "voice": "voicemail"}


class Rules:
    """Topics, what may be shown, words, people."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._history = History(house.store)

    def rooms(self) -> list[Room]:
        """For the guard."""
        return [
            Room("rules", HERE, self.show, PARENT, menu="Rules", place=55),
            Room("rules preview", "/rules/preview", self.preview, PARENT, methods=("POST",), stands=HERE),
            Room("listed people preview", "/rules/people", self.people, PARENT, methods=("POST",), stands=HERE),
            Room("rules in force", "/rules/put", self.put, PARENT, methods=("POST",)),
            Room("rules undo", "/rules/undo", self.undo, PARENT, methods=("POST",)),
        ]

    def show(self, request: Request, visitor: Visitor) -> Response:
        """The page; ``?changed=NUMBER`` names the change that was just made, ``?before=NUMBER`` goes back in the history."""
        return self._page(
            visitor,
            changed=_number(request.query_params.get("changed")),
            before=_number(request.query_params.get("before")),
        )

    def preview(self, _request: Request, visitor: Visitor) -> Response:
        """What the form would change."""
        family, typed = visitor.home, _typed(visitor)
        values, mistakes = _values(family, typed)
        if mistakes:
            return self._page(visitor, typed=typed, mistakes=mistakes, status=422)
        return self._planned(visitor, values, lambda lines: self._page(visitor, typed=typed, lines=lines, status=422))

    def people(self, _request: Request, visitor: Visitor) -> Response:
        """Add or take out a person: what it would change."""
        form = listed.typed(visitor)
        values, mistakes = listed.values(visitor.home, form)
        if mistakes:
            return self._page(visitor, person=form, mistakes=mistakes, status=422)
        return self._planned(visitor, values, lambda lines: self._page(visitor, person=form, lines=lines, status=422))

    def undo(self, _request: Request, visitor: Visitor) -> Response:
        """What taking a change back would change."""
        pair = self._history.pair(visitor.home.key, _number(visitor.field("change")))
        if pair is None:
            raise UserError("There is no such change.")
        values = undone(*pair, visitor.home.model_dump(mode="json"))
        if not set(values) <= ALLOWED:
            raise UserError(BY_HAND)
        return self._planned(visitor, values, lambda lines: self._page(visitor, lines=lines, status=422))

    def put(self, _request: Request, visitor: Visitor) -> Response:
        """Put a previewed change in force."""
        plan, family = Plan.read(visitor.field("plan", 200_000)), visitor.home
        if plan.base != state(family):
            again = Plan.of(family, plan.values)
            return self._planned(
                visitor, again.values, lambda lines: self._page(visitor, lines=lines, status=422), STALE
            )
        try:
            self._house.changes().make(family.key, plan.edit(), by_of(visitor))
        except UserError as error:
            return self._page(visitor, lines=mistakes_of(error), status=422)
        number = self._history.newest(family.key)
        return RedirectResponse(f"{HERE}?changed={number}", 303)

    def _planned(
        self, visitor: Visitor, values: Mapping[tuple[str, ...], Any], failed: Any, note: str = ""
    ) -> Response:
        family, house = visitor.home, self._house
        plan = Plan.of(family, values)
        try:
            after = house.changes().preview(family.key, plan.edit())
            found = differences(family.model_dump(mode="json"), after.model_dump(mode="json"))
            if not found:
                return failed((NOTHING,))  # type: ignore[no-any-return]
            seen = look(house.store, house.blobs, family, after, house.rules, house.clock())
        except UserError as error:
            return failed(mistakes_of(error))  # type: ignore[no-any-return]
        return visitor.show(
            "rules-preview.html", differences=found, seen=seen, plan=plan.carried(), states=STATES, channels=CHANNELS,
            days=DAYS, most=MOST, note=note, contact=str(after.contact), back=HERE,
        )  # fmt: skip

    def _page(
        self,
        visitor: Visitor,
        *,
        typed: Mapping[str, Any] | None = None,
        person: Mapping[str, str] | None = None,
        mistakes: Mapping[str, str] | None = None,
        lines: tuple[str, ...] = (),
        changed: int = 0,
        before: int = 0,
        status: int = 200,
    ) -> Response:
        family = visitor.home
        return visitor.show(
            "rules.html", status, topics=TOPICS_SAID, choices=CHOICES_SAID, categories=CATEGORIES_SAID, roles=ROLES_SAID,
            protected=PROTECTED_TOPICS, typed=typed or _standing(family), person=person or listed.EMPTY,
            mistakes=mistakes or {}, lines=lines, changes=self._history.page(family.key, before), changed=changed,
            zone=family.time_zone, at_once=family.deliver == "at once", longest=LONGEST_WORDS, may_undo=ALLOWED,
        )  # fmt: skip


def by_of(visitor: Visitor) -> str:
    """Who changes settings, as the log names them."""
    return f"{visitor.visit.role} {visitor.visit.account}"


def _standing(family: Family) -> dict[str, Any]:
    """The form as things are."""
    return {
        "topics": {topic: family.topics.get(topic, usual(topic)) for topic in TOPICS},
        "show": set(family.show_categories),
        "child_words": "\n".join(family.child_words),
        "withheld_words": "\n".join(family.withheld_words),
    }


def _typed(visitor: Visitor) -> dict[str, Any]:
    """The form as it was filled in."""
    shown = {value for value in visitor.form.getlist("show") if isinstance(value, str)}
    return {
        "topics": {topic: visitor.field(f"topic_{topic}", 20) or usual(topic) for topic in TOPICS},
        "show": {category for category in CATEGORIES if category in shown},
        "child_words": visitor.field("child_words", 30_000),
        "withheld_words": visitor.field("withheld_words", 30_000),
    }


def _values(family: Family, typed: Mapping[str, Any]) -> tuple[dict[tuple[str, ...], Any], dict[str, str]]:
    """What the form sets that is not so already, and the mistakes by field."""
    values: dict[tuple[str, ...], Any] = {}
    mistakes: dict[str, str] = {}
    for topic, choice in typed["topics"].items():
        if choice not in CHOICES_SAID:
            mistakes[f"topic_{topic}"] = "Please choose one of the list."
        elif topic in PROTECTED_TOPICS and choice == "withhold":
            mistakes[f"topic_{topic}"] = "This cannot be kept back: a child may need it."
        elif choice != family.topics.get(topic, usual(topic)):
            values["topics", topic] = choice
    shown = [category for category in CATEGORIES if category in typed["show"]]
    if set(shown) != set(family.show_categories):
        values["show_categories",] = shown
    for key in ("child_words", "withheld_words"):
        try:
            words = own_words([line for line in typed[key].splitlines() if line.strip()])
        except ValueError as error:
            mistakes[key] = f"One line for each; please write {error}."
            continue
        if words != getattr(family, key):
            values[key,] = list(words)
    return values, mistakes


def _number(value: str | None) -> int:
    """A number of a row; 0 for anything else."""
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 19 else 0
