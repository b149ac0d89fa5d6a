"""Compose, never forward: a fresh message built from a card. Pure: templates in, text out.

Nothing of the other side reaches the parent but the exact words of forwarded spans, escaped: no header, markup, link
that can be followed, image or address. Web addresses inside a span are shown as the words that they are.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from gateway.data import folder
from gateway.delivery.card import Card, Item
from gateway.delivery.gsm import plain, segments
from gateway.policy.lane import Lane

SMS_SEGMENTS = 2


@dataclass(frozen=True, slots=True)
class Letter:
    """An email before it has addresses."""

    subject: str
    text: str
    html: str


@functools.cache
def environment(templates: Path | None = None) -> Environment:
    """The Jinja2 environment: HTML escaped, unknown names are errors."""
    return Environment(
        loader=FileSystemLoader(templates or folder("templates")),
        autoescape=select_autoescape(enabled_extensions=("html",), default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )


def subject(card: Card) -> str:
    """A neutral subject: no name, no quote. Only what must not wait looks different."""
    if card.lane in (Lane.EMERGENCY, Lane.DANGER):
        return "Please read now"
    if card.lane is Lane.LEGAL:
        return "Update, 1 document"
    count = max(1, len(card.items))
    return f"Update, {count} item" + ("s" if count > 1 else "")


def letter(card: Card, link: str | None = None) -> Letter:
    """The card as an email. `link` opens it in the browser."""
    values = {"card": card, "link": link, "subject": subject(card)}
    render = environment()
    return Letter(
        subject=subject(card),
        text=render.get_template("email/card.txt").render(values).strip() + "\n",
        html=render.get_template("email/card.html").render(values),
    )


def text_message(card: Card, link: str, code: str = "") -> str:
    """The card as a text of at most two segments; what does not fit waits behind `link`, and the text says so.

    The sender's words are never shortened inside an item and never respelled: an item is there whole or not at all.
    `code`: with which an answer by text begins, so that nobody else can answer.
    """
    if card.lane is Lane.DANGER:
        return plain(f"Please read now: {link}")
    sign = f"\nAnswer: {code}" if code else ""
    head = plain(f"{card.heading}: ")
    lines = [sms_line(item) for item in (*card.questions, *card.statements)]
    whole = head + "\n".join(lines)
    if lines and card.whole is None and not card.notes and not card.files and segments(whole + sign) <= SMS_SEGMENTS:
        return whole + sign
    shown: list[str] = []
    for line in lines:
        rest = len(lines) - len(shown) - 1
        tail = f"\n{'+' + str(rest) + ' more: ' if rest else 'Note: '}{link}"
        if segments(head + "\n".join([*shown, line]) + tail + sign) > SMS_SEGMENTS:
            break
        shown.append(line)
    rest = len(lines) - len(shown)
    if not shown:
        return plain(f"{card.heading}: {link}") + sign
    return head + "\n".join(shown) + f"\n{'+' + str(rest) + ' more: ' if rest else 'More: '}{link}" + sign


def sms_line(item: Item) -> str:
    """One fact in one line: child, the exact words, the date where it was read."""
    line = f"{item.child}: {item.text}" if item.child and item.child.lower() not in item.text.lower() else item.text
    if item.when_line:
        line += f" [{plain(item.when_line)}]"
    return line
