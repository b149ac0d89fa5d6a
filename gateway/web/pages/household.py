"""Who is who: ``/settings/you``, ``/settings/other``, ``/settings/children``, ``/settings/orders``.

Each change asks for the password, is in force at once, stands in the log, and is told to the parent by every way that is theirs, so that
nobody with the parent's phone changes it unseen. A new address of the parent's own counts only once it is confirmed (`gateway.moves`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.accounts.proofs import Proofs
from gateway.clock import local
from gateway.errors import UserError
from gateway.family import normal_email, normal_phone
from gateway.family.difference import Difference, differences
from gateway.mistakes import lines
from gateway.settings_people import (
    NAME,
    ORDER,
    OTHER,
    Asked,
    Typed,
    former,
    other_parent,
    parents_name,
    rows,
    standing_children,
    standing_order,
    standing_other,
    the_children,
    the_order,
)
from gateway.web.pages.rules import NOTHING, by_of
from gateway.web.room import PARENT, Room, Visitor
from gateway.web.untouched import merged

if TYPE_CHECKING:
    from gateway.web.parts import House

HERE: Final = "/settings"
LONGEST: Final = 5000
NOT_YOURS: Final = "This is not your password. Nothing was changed."
CHANGED: Final = {
    "you": "What is known of you was changed on your pages.",
    "other": "What is known of the other parent was changed on your pages.",
    "children": "What is known of the children was changed on your pages.",
    "orders": "Your answers about orders were changed on your pages.",
}
"""What the parent is told, by the page on which it was changed."""

Follows = tuple[Sequence[Difference], Sequence[str]]
"""What would change, and what the parent is told of it."""


class Household:
    """Of the family of the visitor. `proofs`: who checks the password."""

    def __init__(self, house: House, proofs: Proofs) -> None:
        self._house, self._proofs, self._moves = house, proofs, house.moves()

    def rooms(self) -> list[Room]:
        """For the guard."""
        both, post = ("GET", "POST"), ("POST",)
        return [
            Room("settings you", f"{HERE}/you", self.you, PARENT, methods=both),
            Room("settings address", f"{HERE}/you/address", self.address, PARENT, methods=post, stands=f"{HERE}/you"),
            Room("settings address code", f"{HERE}/you/code", self.code, PARENT, methods=post),
            Room("settings other", f"{HERE}/other", self.other, PARENT, methods=both),
            Room("settings children", f"{HERE}/children", self.children, PARENT, methods=both),
            Room("settings orders", f"{HERE}/orders", self.orders, PARENT, methods=both),
        ]

    def you(self, request: Request, visitor: Visitor) -> Response:
        """The parent's name, and where updates go."""
        if request.method == "GET":
            wrong = ""
            try:
                self._moves.settle(visitor.home.key)
            except UserError as error:
                wrong = " ".join(lines(error))
            return self._you(self._fresh(visitor), {"address": wrong} if wrong else {}, status=200)
        typed = merged({"name": visitor.field("name", LONGEST)}, visitor.form, {"name": visitor.home.parent.name})
        return self._change(visitor, "you", parents_name(typed), lambda wrong: self._you(visitor, wrong, typed))

    def address(self, _request: Request, visitor: Visitor) -> Response:
        """A new address or number, or none of it any more."""
        channel = "sms" if visitor.field("channel", 10) == "sms" else "email"
        typed = {name: visitor.field(name, 300) for name in ("email", "sms")}
        try:
            self._password(visitor)
            if visitor.field("act", 10) == "out":
                self._moves.take_out(visitor.home, channel, by_of(visitor))
                return RedirectResponse(f"{HERE}?changed=you", 303)
            address = _normal(channel, typed[channel])
            self._moves.ask(visitor.home, channel, address, by_of(visitor))
        except UserError as error:
            said = " ".join(lines(error))
            return self._you(visitor, {"address-password" if said == NOT_YOURS else channel: said}, typed)
        return RedirectResponse(f"{HERE}/you#waiting", 303)

    def code(self, _request: Request, visitor: Visitor) -> Response:
        """The code that came to the new address, or leave it as it was."""
        if visitor.field("act", 10) == "drop":
            self._moves.drop(visitor.home)
            return RedirectResponse(f"{HERE}/you", 303)
        code = "".join(visitor.field("code", 40).split())
        try:
            self._moves.confirm(visitor.home, code)
        except UserError as error:
            return self._you(visitor, {"code": " ".join(lines(error))}, {"code": code})
        return RedirectResponse(f"{HERE}?changed=you", 303)

    def other(self, request: Request, visitor: Visitor) -> Response:
        """The other parent's name, addresses and numbers."""
        family, today = visitor.home, self._house.clock().date()
        old = former((*family.coparent.emails, *family.coparent.phones), today)
        stands = standing_other(family, today)

        def page(wrong: Mapping[str, str], typed: Typed) -> Response:
            return self._page(
                visitor, "settings-other.html", wrong, fields=OTHER, values=typed, former=old, standing=stands
            )

        if request.method == "GET":
            return page({}, stands)
        typed = {field.key: visitor.field(field.key, LONGEST).replace("\r\n", "\n") for field in OTHER}
        typed = merged(typed, visitor.form, stands)
        return self._change(visitor, "other", other_parent(family, typed, today), lambda wrong: page(wrong, typed))

    def children(self, request: Request, visitor: Visitor) -> Response:
        """The children: change, add, leave out."""
        family, today = visitor.home, self._house.clock().date()
        found = rows(family)

        empty = {field.key: "" for _, _, fields in found for field in fields}
        stands = empty | standing_children(family, today)

        def page(wrong: Mapping[str, str], typed: Typed) -> Response:
            return self._page(visitor, "settings-children.html", wrong, rows=found, values=typed, standing=stands)

        if request.method == "GET":
            return page({}, stands)
        keys = [f"child_{number}_{part}" for number, _, _ in found for part in ("was", "out")]
        typed = {key: visitor.field(key, LONGEST) for key in (*empty, *keys)}
        typed = merged({key: typed[key] for key in empty}, visitor.form, stands) | {key: typed[key] for key in keys}
        return self._change(visitor, "children", the_children(family, typed, today), lambda wrong: page(wrong, typed))

    def orders(self, request: Request, visitor: Visitor) -> Response:
        """What orders say. What follows from the answers is shown first, and put in force with a second press."""
        family = visitor.home
        stands = standing_order(family)

        def page(wrong: Mapping[str, str], typed: Typed, follows: Follows = ((), ())) -> Response:
            values = {"fields": ORDER, "values": typed, "follows": follows[0], "notes": follows[1], "standing": stands}
            return self._page(
                visitor, "settings-orders.html", wrong, seen=_mark(follows) if follows[0] else "", **values
            )

        if request.method == "GET":
            return page({}, stands)
        typed = merged({field.key: visitor.field(field.key, LONGEST) for field in ORDER}, visitor.form, stands)
        asked = the_order(family, typed)
        follows: Follows = ((), ())
        if asked.edit is not None:
            try:
                after = self._house.changes().preview(family.key, asked.edit)
            except UserError as error:
                return page({"": " ".join(lines(error))}, typed)
            follows = (differences(family.model_dump(mode="json"), after.model_dump(mode="json")), asked.notes)
            if follows[0] and visitor.field("seen", 64) != _mark(follows):
                return page({}, typed, follows)  # not shown yet, or something else follows by now
        return self._change(visitor, "orders", asked, lambda wrong: page(wrong, typed, follows))

    def _change(
        self, visitor: Visitor, page: str, asked: Asked, again: Callable[[Mapping[str, str]], Response]
    ) -> Response:
        """Put it in force, or the form again with what is wrong."""
        family = visitor.home
        if asked.edit is None:
            return again(asked.mistakes)
        try:
            after = self._house.changes().preview(family.key, asked.edit)
            if after == family:
                return again({"": NOTHING})
            self._password(visitor)
            now = self._house.clock()
            self._house.changes().make(
                family.key,
                asked.edit,
                by_of(visitor),
                lambda session, _after: self._moves.tell(session, family, CHANGED[page], now),
            )
        except UserError as error:
            said = " ".join(lines(error))
            return again({"password" if said == NOT_YOURS else "": said})
        return RedirectResponse(f"{HERE}?changed={page}", 303)

    def _password(self, visitor: Visitor) -> None:
        if not self._proofs.same(visitor.visit.account, visitor.field("password", 300)):
            raise UserError(NOT_YOURS)

    def _you(
        self, visitor: Visitor, wrong: Mapping[str, str], typed: Typed = MappingProxyType({}), status: int = 422
    ) -> Response:
        family, today = visitor.home, self._house.clock().date()
        values = {"name": family.parent.name, "email": "", "sms": "", "code": ""} | dict(typed)
        used = {"email": family.parent.email_on(today), "sms": family.parent.phone_on(today)}
        listed = (*family.parent.emails, *family.parent.phones)
        also = [one for one in listed if one.address not in used.values()]
        return visitor.show(
            "settings-you.html", status if wrong else 200, mistakes=wrong, values=values, name=NAME, used=used, also=also,
            standing={"name": family.parent.name}, waiting=self._moves.waiting(family), may_text=family.relay_phone is not None,
        )  # fmt: skip

    def _page(self, visitor: Visitor, template: str, wrong: Mapping[str, str], **values: Any) -> Response:
        today = local(self._house.clock(), visitor.home.time_zone).date()
        return visitor.show(template, 422 if wrong else 200, mistakes=wrong, today=today, **values)

    def _fresh(self, visitor: Visitor) -> Visitor:
        """With the family as it is by now."""
        found = self._house.directory.family(visitor.home.key)
        return visitor if found is None else replace(visitor, family=found)


def _mark(follows: Follows) -> str:
    """What was shown, so that it is what is put in force."""
    return hashlib.sha256(repr(follows).encode("utf8", "surrogatepass")).hexdigest()


def _normal(channel: str, text: str) -> str:
    try:
        return normal_email(text) if channel == "email" else normal_phone(text)
    except ValueError as error:
        raise UserError(f"Please write {error}.") from None
