"""What a parent can change about who is who: themselves, the other parent, the children, the answers about orders. Pure.

An address is never taken away from somebody: it gets a last day, so that what came from it before is still known to be theirs. A form
becomes an edit of the family's table in `breakwater.toml` (`gateway.changes`), and is checked again as at a start.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import tomlkit

from gateway.changes import Edit, put
from gateway.errors import UserError
from gateway.family import Family, normal_email, normal_phone
from gateway.family.order import Order, demands, for_a_lawyer
from gateway.family.people import Address, ChildOf
from gateway.settings_sections import lines_of
from gateway.setup_family import named
from gateway.setup_questions import NOTES, too_late
from gateway.setup_steps import BY_KEY as STEPS
from gateway.setup_steps import LONGEST, MOST_CHILDREN, YES_NO, Field, child_fields, mistake, one_name

STALE: Final = "The list is another by now. Please choose again."
ONE_LEFT: Final = "A family has at least one child; please leave this one in."
WAYS: Final = ("emails", "phones")
CHECKS: Final[Mapping[str, Callable[[str], str]]] = {"emails": normal_email, "phones": normal_phone}

NAME: Final = Field("name", "Your first name", needed=True, check=one_name, complete="given-name")
OTHER: Final = (
    Field("name", "The other parent’s first name", needed=True, check=one_name),
    Field("emails", "The email addresses that they write from, one a line", "area", "What comes from an address that does not stand here is only announced. One that you take out stays known for what came before."),
    Field("phones", "The numbers that they text from, one a line", "area", "With the country code, such as +15550100123."),
)  # fmt: skip
ORDER: Final = (
    *STEPS["order"].fields,
    Field("recording", "May a call be recorded where you both live?", "radio", "Only if there is a relay phone number. Some places want the consent of all.", YES_NO),
    Field("cleared", "Has a lawyer said that other settings may be used than those that follow from here? On which day?", hint="Such as 2026-12-01. Leave it empty if none has.", check=lambda text: _day(text)),
)  # fmt: skip
Typed = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form asks for. `edit`: None where something is wrong; `mistakes`: by field; `notes`: what follows from it, for the parent."""

    edit: Edit | None
    mistakes: Mapping[str, str]
    notes: tuple[str, ...] = ()


def current(listed: Sequence[Address], today: date) -> list[str]:
    """The addresses that are theirs beyond today."""
    return [one.address for one in listed if one.until is None or one.until > today]


def former(listed: Sequence[Address], today: date) -> list[Address]:
    """The addresses that were theirs until some day, today at the latest."""
    return [one for one in listed if one.until is not None and one.until <= today]


def kept(listed: Sequence[Address], wanted: Sequence[str], today: date, last: date) -> list[Address]:
    """The same addresses with those of `wanted` in force and the others ended on `last`; new ones behind them. None is lost."""
    found: list[Address] = []
    for one in listed:
        holds = one.until is None or one.until > today
        if one.address in wanted:
            found.append(one if holds else one.model_copy(update={"until": None}))
        else:
            found.append(one.model_copy(update={"until": last}) if holds else one)
    known = {one.address for one in listed}
    return found + [Address(address=address) for address in dict.fromkeys(wanted) if address not in known]


def put_addresses(table: Any, key: str, listed: Sequence[Address]) -> None:
    """Write them into a person's table: a plain text, or a small table where there are days."""
    if not listed:
        table.pop(key, None)
        return
    array = tomlkit.array()
    for one in listed:
        days = {name: day for name in ("since", "until") if (day := getattr(one, name)) is not None}
        if days:
            dated = tomlkit.inline_table()
            dated.update({"address": one.address, **days})
            array.append(dated)
        else:
            array.append(one.address)
    table[key] = array


def parents_name(typed: Typed) -> Asked:
    """The parent's own name."""
    mistakes = _wrong((NAME,), typed)
    return Asked(None if mistakes else lambda table: put(table, ("parent", "name"), _one_line(typed["name"])), mistakes)


def parents_way(family: Family, channel: str, address: str | None, today: date) -> Edit:
    """Another address in place of the one that updates go to by that channel, or none of it any more (`address` None).

    What else the parent listed stays. The new one stands last, so that it is the one that is used. One that is taken out, such as
    that of a phone that somebody has, gets nothing from this moment on.
    """
    key = "emails" if channel == "email" else "phones"
    listed = getattr(family.parent, key)
    used = family.parent.email_on(today) if channel == "email" else family.parent.phone_on(today)
    wanted = [one for one in current(listed, today) if one != used and address is not None]
    last = today if address is not None else today - timedelta(days=1)
    after = [one for one in kept(listed, wanted, today, last) if one.address != address]
    after += [Address(address=address)] if address is not None else []

    def edit(table: Any) -> None:
        put_addresses(table["parent"], key, after)

    return edit


def standing_other(family: Family, today: date) -> dict[str, str]:
    """The form about the other parent as things are."""
    ways = {key: "\n".join(current(getattr(family.coparent, key), today)) for key in WAYS}
    return {"name": family.coparent.name, **ways}


def other_parent(family: Family, typed: Typed, today: date) -> Asked:
    """Name, addresses and numbers of the other parent."""
    mistakes = _wrong(OTHER, typed)
    wanted: dict[str, list[str]] = {}
    for key, check in CHECKS.items():
        wanted[key] = []
        for line in lines_of(typed.get(key, "")):
            try:
                wanted[key].append(check(line))
            except ValueError as error:
                mistakes[key] = f"Please write {error}."
    if not mistakes and not any(wanted.values()):
        mistakes["emails"] = "Please give at least one address, so that it is known who writes."

    def edit(table: Any) -> None:
        put(table, ("coparent", "name"), _one_line(typed["name"]))
        for key in WAYS:
            put_addresses(table["coparent"], key, kept(getattr(family.coparent, key), wanted[key], today, today))

    return Asked(None if mistakes else edit, mistakes)


def standing_children(family: Family, today: date) -> dict[str, str]:
    """The form about the children as things are. ``child_1_was`` holds the name, so that a form of another list changes nobody."""
    found: dict[str, str] = {}
    for number, child in enumerate(family.children, 1):
        own = [*current(child.emails, today), *current(child.phones, today)]
        found |= {
            f"child_{number}_was": child.name, f"child_{number}_name": child.name, f"child_{number}_out": "",
            f"child_{number}_nicknames": ", ".join(child.nicknames), f"child_{number}_pronouns": child.pronouns or "",
            f"child_{number}_addresses": ", ".join(own),
        }  # fmt: skip
    return found


def rows(family: Family) -> list[tuple[int, str, tuple[Field, ...]]]:
    """The rows of the form: number, the child's name now (empty for the row of a new one), fields."""
    known = [(number, child.name) for number, child in enumerate(family.children, 1)]
    free = [(len(known) + 1, "")] if len(known) < MOST_CHILDREN else []
    return [(number, name, child_fields(number)) for number, name in (*known, *free)]


def the_children(family: Family, typed: Typed, today: date) -> Asked:
    """Change, leave out, add. A child's own address ends yesterday: what comes from there from now on is sorted like any other."""
    mistakes: dict[str, str] = {}
    after: list[tuple[int | None, ChildOf]] = []
    for number, name, fields in rows(family):
        if typed.get(f"child_{number}_was", "") != name:
            return Asked(None, {"": STALE})
        if name and typed.get(f"child_{number}_out"):
            continue
        filled = [field for field in fields if typed.get(field.key, "").strip()]
        if not name and not filled:
            continue
        found = _wrong(fields, typed, needed=(f"child_{number}_name",))
        mistakes |= found
        if not found:
            before = family.children[number - 1] if name else None
            after.append((number - 1 if name else None, _child(before, number, typed, today)))
    if not after and not mistakes:
        mistakes["child_1_out"] = ONE_LEFT
    return Asked(None if mistakes else _children_edit(family, after), mistakes)


def _child(before: ChildOf | None, number: int, typed: Typed, today: date) -> ChildOf:
    own = [one.strip() for one in typed.get(f"child_{number}_addresses", "").split(",") if one.strip()]
    wanted = {"emails": [normal_email(one) for one in own if "@" in one], "phones": [normal_phone(one) for one in own if "@" not in one]}  # fmt: skip
    ways = {key: kept(getattr(before, key) if before else (), wanted[key], today, today - timedelta(days=1)) for key in WAYS}  # fmt: skip
    nicknames = [_one_line(one) for one in typed.get(f"child_{number}_nicknames", "").split(",") if one.strip()]
    return ChildOf.model_validate({
        "name": _one_line(typed[f"child_{number}_name"]), "nicknames": nicknames,
        "pronouns": typed.get(f"child_{number}_pronouns") or None,
        **{key: [one.model_dump() for one in listed] for key, listed in ways.items()},
    })  # fmt: skip


def _children_edit(family: Family, after: Sequence[tuple[int | None, ChildOf]]) -> Edit:
    def edit(table: Any) -> None:
        tables = list(table.get("child", ()))
        if [one.get("name") for one in tables] != [child.name for child in family.children]:
            raise UserError(STALE)  # somebody changed the file by hand, and it is not in force yet
        made = tomlkit.aot()
        for place, child in after:
            one = tables[place] if place is not None else tomlkit.table()
            if place is None or child != family.children[place]:
                one["name"], one["nicknames"] = child.name, list(child.nicknames)
                put(one, ("pronouns",), child.pronouns)
                for key in WAYS:
                    put_addresses(one, key, getattr(child, key))
            made.append(one)
        table["child"] = made

    return edit


def standing_order(family: Family) -> dict[str, str]:
    """The form about orders as things are."""
    order = family.order
    said = {"order": order.there_is, "no_contact": order.no_contact, "recording": order.recording}
    hours, cleared = order.answer_hours, order.cleared
    return {
        **{key: "" if value == "not asked" else value for key, value in said.items()},
        "order_app": order.app, "order_hours": str(hours) if hours else "", "cleared": cleared.isoformat() if cleared else "",
    }  # fmt: skip


def the_order(family: Family, typed: Typed) -> Asked:
    """The answers, and with them the settings that they demand; what was demanded before and was chosen otherwise stays chosen."""
    mistakes = _wrong(ORDER, typed, needed=("order", "no_contact"))
    if mistakes:
        return Asked(None, mistakes)
    order = Order.model_validate({
        "there_is": typed["order"], "app": _one_line(typed.get("order_app", "")), "no_contact": typed["no_contact"],
        "recording": typed.get("recording") or "not asked",
        "answer_hours": int(typed["order_hours"]) if typed.get("order_hours", "").strip() else None,
        "cleared": _day(typed["cleared"]) if typed.get("cleared", "").strip() else None,
    })  # fmt: skip
    values, notes = _demanded(family, order)

    def edit(table: Any) -> None:
        for key, value in order.model_dump().items():
            put(table, ("order", key), value)
        for path, value in values.items():
            put(table, path, value)

    return Asked(edit, {}, notes)


def _demanded(family: Family, order: Order) -> tuple[dict[tuple[str, ...], Any], tuple[str, ...]]:
    """Settings that follow from the answers, by their path, and what the parent is told of them."""
    chosen = {
        "contact": str(family.contact), "receipt": family.receipt.kind, "replies": family.replies,
        "voicemail": family.voicemail, "answer_hours": str(family.answer_hours),
    }  # fmt: skip
    values: dict[tuple[str, ...], Any] = {}
    notes: list[str] = []
    before = {(one.key, one.value) for one in demands(family.order)}
    for demand in demands(order) if order.cleared is None else ():
        if chosen[demand.key] == demand.value or not (demand.must or (demand.key, demand.value) not in before):
            continue
        path = ("receipt", "kind") if demand.key == "receipt" else (demand.key,)
        values[path] = int(demand.value) if demand.key == "answer_hours" else demand.value
        notes.append(named(f'{demand.key} is set to "{demand.value}": {demand.why}.'))
    silent = values.get(("receipt", "kind")) == "silent"
    if values.get(("contact",)) == "no-contact" and family.receipt.kind != "silent" and not silent:
        values["receipt", "kind"], silent = "silent", True
        notes.append(named(f'receipt is set to "silent": {NOTES["silent"]}.'))
    if silent and family.receipt.answer_hours is not None:
        values["receipt", "answer_hours"] = None
    hours = [f"{hour:%H:%M}" for hour in family.deliver] if not isinstance(family.deliver, str) else family.deliver
    if order.answer_hours is not None and too_late(hours, order.answer_hours):
        values["deliver",] = "at once"
        notes.append(named(f'deliver is set to "at once": {NOTES["late"]}.'))
    notes += [f"Ask a lawyer: {question}" for question in for_a_lawyer(order)]
    return values, tuple(notes)


def _wrong(fields: Sequence[Field], typed: Typed, needed: Sequence[str] = ()) -> dict[str, str]:
    said = {
        field.key: mistake(
            field,
            typed.get(field.key, "").strip(),
            field.needed or field.key in needed,
            LONGEST * (10 if field.kind == "area" else 1),
        )
        for field in fields
    }
    return {key: why for key, why in said.items() if why is not None}


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise ValueError("a day such as 2026-12-24") from None
