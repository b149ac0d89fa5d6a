"""Puts what was typed before back into the forms of a page. Pure: HTML in, HTML out.

Only what a person types or chooses is put back; what the page carries for itself (hidden fields) and whatever is secret is the page's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

Fields = Mapping[str, Sequence[str]]
SECRET: Final = frozenset({"form", "password", "old", "again", "code", "secret", "ticket", "half", "answer"})
"""Fields that are never kept: passwords, codes, and what binds a form to its page."""
TYPED: Final = frozenset({"text", "email", "tel", "number", "date", "time", "search", "url", ""})


def refilled(html: str, action: str, fields: Fields, note: str) -> str | None:
    """The page with these fields in its form that posts to `action`, under a note; None where it has no such form."""
    page = LexborHTMLParser(html)
    forms = [form for form in page.css("form") if form.attributes.get("action") == action]
    form = next((one for one in forms if _is_same(one, fields)), None)
    if form is None:
        return None
    for field in form.css("input[name],textarea[name],select[name]"):
        name = str(field.attributes["name"])
        if name in fields and name not in SECRET:
            _fill(field, fields[name])
    for field in form.css("input[type=checkbox][name]"):
        if field.attributes["name"] not in fields and field.attributes["name"] not in SECRET:
            _mark(field, "checked", False)
    said = LexborHTMLParser('<p class="note" role="status" id="kept"></p>').css_first("p")
    if said is not None:
        said.insert_child(note)
        form.insert_before(said)
    return page.html


def _is_same(form: LexborNode, fields: Fields) -> bool:
    """Whether it is about the same thing: where several forms post to one address, hidden fields tell them apart."""
    for hidden in form.css("input[type=hidden][name]"):
        name, value = str(hidden.attributes["name"]), hidden.attributes.get("value") or ""
        if name in ("channel", "draft", "address", "child_1_was") and list(fields.get(name, ())) != [value]:
            return False
    return any(str(one.attributes["name"]) in fields for one in form.css("textarea[name],select[name],input[name]:not([type=hidden])"))  # fmt: skip


def _fill(field: LexborNode, values: Sequence[str]) -> None:
    kind = field.attributes.get("type") or ""
    if field.tag == "textarea":
        for child in list(field.iter(include_text=True)):
            child.decompose()
        field.insert_child("\n" + values[0])
    elif field.tag == "select":
        for option in field.css("option"):
            value = option.attributes.get("value")
            _mark(option, "selected", (option.text() if value is None else value) in values)
    elif kind in ("radio", "checkbox"):
        _mark(field, "checked", (field.attributes.get("value") or "on") in values)
    elif kind in TYPED:
        field.attrs["value"] = values[0]


def _mark(node: LexborNode, name: str, on: bool) -> None:
    if on:
        node.attrs[name] = name
    elif name in node.attributes:
        del node.attrs[name]
