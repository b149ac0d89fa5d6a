"""The form with which a person is added to the family's list, or taken out. The list itself stands on ``/rules``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from gateway.family import Family, normal_email, normal_phone
from gateway.family.said import ROLES_SAID
from gateway.family.voices import normal_domain
from gateway.web.room import Visitor

EMPTY: Final = {"name": "", "role": "professional", "email": "", "phone": "", "domain": "", "remove": ""}
CHECKS: Final[Mapping[str, Callable[[str], str]]] = {
    "email": normal_email,
    "phone": normal_phone,
    "domain": normal_domain,
}


def typed(visitor: Visitor) -> dict[str, str]:
    """The form as it was filled in."""
    return {name: visitor.field(name, 300).strip() for name in EMPTY}


def values(family: Family, form: Mapping[str, str]) -> tuple[dict[tuple[str, ...], Any], dict[str, str]]:
    """The list of people with the change, and the mistakes by field."""
    known = family.model_dump(mode="json")["people"]
    if form["remove"]:
        place = form["remove"]
        if (
            not (place.isascii() and place.isdigit() and int(place) < len(known))
            or form["name"] != known[int(place)]["name"]
        ):
            return {}, {"remove": "The list is another by now. Please choose again."}
        return {("people",): [*known[: int(place)], *known[int(place) + 1 :]]}, {}
    mistakes: dict[str, str] = {}
    found: dict[str, str] = {}
    if not 0 < len(form["name"]) <= 200 or not form["name"].isprintable():
        mistakes["name"] = "Please give a name."
    if form["role"] not in ROLES_SAID:
        mistakes["role"] = "Please choose one of the list."
    for field, check in CHECKS.items():
        try:
            found[field] = check(form[field]) if form[field] else ""
        except ValueError as error:
            mistakes[field] = f"Please write {error}."
    if not mistakes and not any(found.values()):
        mistakes["email"] = "Please give at least one address, so that it is known who writes."
    if mistakes:
        return {}, mistakes
    new = {
        "name": form["name"],
        "role": form["role"],
        "emails": [{"address": found["email"], "since": None, "until": None}] if found["email"] else [],
        "phones": [{"address": found["phone"], "since": None, "until": None}] if found["phone"] else [],
        "domains": [found["domain"]] if found["domain"] else [],
    }
    return {("people",): [*known, new]}, {}
