"""The parent's settings: ``/settings``, a page for each section. A change is in force at once, logged, and can be undone on ``/rules``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from gateway.errors import UserError
from gateway.family import Family
from gateway.mistakes import lines
from gateway.restart import waits_for_restart
from gateway.settings import load
from gateway.settings_sections import BY_KEY, LONGEST, SECTIONS, Section, shown, standing, values
from gateway.web.guard import NOT_HERE
from gateway.web.pages.plan import Plan
from gateway.web.pages.rules import NOTHING, by_of
from gateway.web.room import PARENT, Room, Visitor
from gateway.web.untouched import merged

if TYPE_CHECKING:
    from gateway.web.parts import House

HERE: Final = "/settings"
WHO: Final = {"you": "You", "other": "The other parent", "children": "The children", "orders": "Orders"}
"""Pages about who is who, by their address."""


class SettingsPages:
    """Hours, times to be left alone, receipts, contact mode, answers, alarms."""

    def __init__(self, house: House) -> None:
        self._house = house

    def rooms(self) -> list[Room]:
        """For the guard."""
        return [
            Room("settings", HERE, self.show, PARENT, menu="Settings", place=85),
            Room("settings section", HERE + "/of/{section}", self.section, PARENT, methods=("GET", "POST")),
        ]

    def show(self, request: Request, visitor: Visitor) -> Response:
        """The overview; ``?changed=SECTION`` says that it was."""
        family = visitor.home
        told = [(section, [(one.field, shown(one, family)) for one in section.settings]) for section in SECTIONS]
        key = request.query_params.get("changed", "")
        changed = BY_KEY[key].title if key in BY_KEY else WHO.get(key)
        names = {
            "you": family.parent.name,
            "other": family.coparent.name,
            "children": ", ".join(c.name for c in family.children),
        }
        who = [(key, title, names.get(key)) for key, title in WHO.items()]
        return visitor.show(
            "settings.html", told=told, changed=changed, waits=waits(self._house), contacts=family.safety_contacts(), who=who
        )  # fmt: skip

    def section(self, request: Request, visitor: Visitor) -> Response:
        """One section, and its form."""
        section, family = BY_KEY.get(request.path_params["section"]), visitor.home
        if section is None:
            return PlainTextResponse(NOT_HERE, 404)
        if request.method == "GET":
            return self._page(visitor, section, standing(section, family))
        typed = {one.field.key: visitor.field(one.field.key, LONGEST * 2) for one in section.settings}
        typed = {key: text.replace("\r\n", "\n") for key, text in typed.items()}
        typed = merged(typed, visitor.form, standing(section, family))
        found, mistakes = values(section, typed, family)
        if mistakes:
            return self._page(visitor, section, typed, mistakes)
        if not found:
            return self._page(visitor, section, typed, {"": NOTHING})
        try:
            plan = Plan.of(family, found)
            self._house.changes().make(family.key, plan.edit(), by_of(visitor))
        except UserError as error:
            said = " ".join(lines(error))
            return self._page(visitor, section, typed, {self._culprit(section, family, found): said})
        return RedirectResponse(f"{HERE}?changed={section.key}", 303)

    def _culprit(self, section: Section, family: Family, found: Mapping[tuple[str, ...], Any]) -> str:
        """The field without whose change the rest would be taken."""
        for one in section.settings:
            rest = {path: value for path, value in found.items() if path != one.path}
            if one.path not in found:
                continue
            try:
                self._house.changes().preview(family.key, Plan.of(family, rest).edit())
            except UserError:
                continue
            return one.field.key
        return ""

    def _page(
        self, visitor: Visitor, section: Section, typed: Mapping[str, str], mistakes: Mapping[str, str] | None = None
    ) -> Response:
        return visitor.show(
            "settings-section.html", 422 if mistakes else 200, section=section, values=typed, mistakes=mistakes or {},
            standing=standing(section, visitor.home),
        )  # fmt: skip


def waits(house: House) -> tuple[str, ...]:
    """What stands in the settings file and counts only after a restart; nothing where the file cannot be read."""
    try:
        return waits_for_restart(house.settings, load(house.folder))
    except UserError:
        return ()
