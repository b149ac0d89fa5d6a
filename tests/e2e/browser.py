"""A browser without scripts: it opens pages, reads forms and presses their buttons, over real sockets."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.message import EmailMessage

import httpx
from selectolax.lexbor import LexborHTMLParser, LexborNode


@dataclass
class Form:
    """A form with what stands in it."""

    action: str
    fields: dict[str, str]
    buttons: list[tuple[str, str, str]]


@dataclass
class Browser:
    """One page at a time. `said`: the words of the page."""

    base: str
    page: httpx.Response = field(init=False)

    def open(self, link: str) -> Browser:
        self.page = httpx.get(link, follow_redirects=True, timeout=30)
        return self

    @property
    def said(self) -> str:
        body = LexborHTMLParser(re.sub("</?span[^>]*>", "", self.page.text)).body  # a span parts no words
        assert body is not None
        return " ".join(body.text(separator=" ").split())

    def forms(self) -> list[Form]:
        return [_form(node) for node in LexborHTMLParser(self.page.text).css("form")]

    def box(self) -> Form:
        """The form with the box to write in."""
        return next(form for form in self.forms() if "words" in form.fields)

    def press(self, label: str, form: Form | None = None, **fields: str) -> Browser:
        """Fill in and press the button that says so."""
        mine = form or next(f for f in self.forms() if any(words == label for *_, words in f.buttons))
        name, value = next((n, v) for n, v, words in mine.buttons if words == label)
        data = {**mine.fields, **fields, name: value}
        self.page = httpx.post(f"{self.base}{mine.action}", data=data, follow_redirects=True, timeout=30)
        return self


def link_in(mail: EmailMessage, what: str = "card") -> str:
    """The first link of that kind in a mail."""
    found = re.search(rf"http://\S+/{what}/\S+", mail.get_body(("plain",)).get_content())
    assert found is not None
    return found[0]


def _form(node: LexborNode) -> Form:
    fields: dict[str, str] = {}
    for one in node.css("input, textarea"):
        name = one.attributes.get("name") or ""
        if one.attributes.get("type") == "radio" and "checked" not in one.attributes:
            continue
        # A line break behind the opening tag is not part of the words (HTML, 13.2.6.4.7).
        fields[name] = (one.attributes.get("value") or "") if one.tag == "input" else one.text().removeprefix("\n")
    buttons = [
        (b.attributes.get("name") or "", b.attributes.get("value") or "", b.text().strip()) for b in node.css("button")
    ]
    return Form(node.attributes.get("action") or "", fields, buttons)
