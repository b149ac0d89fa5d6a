"""A change that a parent is about to make: the values that it sets, carried by the page that previews it, and the edit that makes it.

Only what stands in `ALLOWED` can be set; everything is checked again as at a start when it is put in force.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import tomlkit

from gateway.changes import Edit, put
from gateway.errors import UserError
from gateway.family import Family
from gateway.family.people import Person
from gateway.family.said import SETTINGS_SAID
from gateway.ledger.leaf import canonical
from gateway.store.blobs import digest
from gateway.tagging.spans import TOPICS

BY_HAND: Final = frozenset(
    {("mailbox",), ("relay_email",), ("relay_phone",), ("parent",), ("coparent",), ("children",), ("order",)}
)
"""What the machine around it must fit, and what says who everybody is, which has pages of its own (`household`)."""
ALLOWED: Final = frozenset(
    {
        *(("topics", topic) for topic in TOPICS),
        *(("coach", "private", kind) for kind in ("home", "work", "people", "other")),
        *((key,) for key in ("show_categories", "child_words", "withheld_words", "people")),
        *SETTINGS_SAID,
    }
    - BY_HAND
)
STALE: Final = "Something else was changed meanwhile. Please look at it again before you put it in force."
UNREADABLE: Final = "This change cannot be read. Please begin again."


@dataclass(frozen=True, slots=True)
class Plan:
    """Values by path; `base`: the settings that it was planned for."""

    values: Mapping[tuple[str, ...], Any]
    base: str

    @classmethod
    def of(cls, family: Family, values: Mapping[tuple[str, ...], Any]) -> Plan:
        """For the family as it is now. Raises UserError for what the pages do not change."""
        if not set(values) <= ALLOWED:
            raise UserError(UNREADABLE)
        return cls(values, state(family))

    def carried(self) -> str:
        """For a hidden field."""
        return json.dumps({"base": self.base, "set": [[list(path), value] for path, value in self.values.items()]})

    @classmethod
    def read(cls, text: str) -> Plan:
        """What `carried` wrote. Raises UserError."""
        try:
            raw = json.loads(text)
            values = {tuple(path): value for path, value in raw["set"]}
            base = str(raw["base"])
        except (ValueError, TypeError, KeyError):
            raise UserError(UNREADABLE) from None
        if not set(values) <= ALLOWED:
            raise UserError(UNREADABLE)
        return cls(values, base)

    def edit(self) -> Edit:
        """For `gateway.changes`."""

        def edit(table: Any) -> None:
            for path, value in self.values.items():
                if path == ("people",):
                    put_people(table, value)
                else:
                    put(table, *_in_the_file(path, value))

        return edit


def state(family: Family) -> str:
    """Names the settings as they are."""
    return digest(canonical(family.model_dump(mode="json")).encode("utf8"))


def put_people(table: Any, wanted: Sequence[Mapping[str, Any]]) -> None:
    """Make the ``[[family.person]]`` of the table those of `wanted`; what stays keeps its lines and comments."""
    left = list(wanted)
    kept = []
    for person in table.get("person", ()):
        known = Person.model_validate(person.unwrap()).model_dump(mode="json")
        if known in left:
            left.remove(known)
            kept.append(person)
    made = tomlkit.aot()
    for person in [*kept, *(_person(one) for one in left)]:
        made.append(person)
    if "person" in table:
        table.remove("person")
    if len(made):
        table["person"] = made


def _person(known: Mapping[str, Any]) -> Any:
    table = tomlkit.table()
    table["name"], table["role"] = known["name"], known["role"]
    for key in ("emails", "phones"):
        if known.get(key):
            table[key] = [_address(one) for one in known[key]]
    if known.get("domains"):
        table["domains"] = list(known["domains"])
    return table


def _address(one: Mapping[str, Any]) -> Any:
    dated = {name: one[name] for name in ("since", "until") if one.get(name)}
    return {"address": one["address"], **dated} if dated else one["address"]


def _in_the_file(path: tuple[str, ...], value: Any) -> tuple[tuple[str, ...], Any]:
    """Path and value as they stand in `breakwater.toml`."""
    if path == ("pause",):
        days = [{"from": one.get("first", one.get("from")), "to": one.get("last", one.get("to"))} for one in value]
        return path, [{name: date.fromisoformat(day) for name, day in one.items()} for one in days]
    if path == ("hard_days",):
        return path, [date.fromisoformat(day) for day in value]
    if path == ("hold_until",) and value is not None:
        return path, datetime.fromisoformat(value)
    if path == ("deliver",) and value != "at once":
        return path, [hour[:5] for hour in value]
    return path, value
