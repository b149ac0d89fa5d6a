"""Compose, never forward: a fresh message built from a card. Pure: templates in, text out.

Nothing of the other side reaches the parent but the exact words of forwarded spans, escaped: no header, markup, link
that can be followed, image or address. Web addresses inside a span are shown as the words that they are.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from gateway.data import folder
from gateway.delivery.card import Card, Item
from gateway.delivery.gsm import plain, segments
from gateway.policy.lane import Lane

SMS_SEGMENTS = 2
ALARM_SEGMENTS = 4
"""What is urgent brings the words with which it is answered along; they must not push a fact out."""
PARENT_LINE = "Please read now"
NOT_A_SERVICE = "This is not an emergency service."
MOST_TOPICS = 5
HOW_TO_ANSWER = {
    "on": "You can answer this mail: your words go to {name}, without your address.",
    "ask": "You can answer this mail: your words go to {name}, without your address. You are asked once before they go.",
    "off": "",
}
OFFSET = re.compile(r"(?:\d{1,2}:\d\d [ap]m )?\(UTC[+-]\d\d:\d\d\)")
"""As `gateway.clock.for_people` writes it."""


@dataclass(frozen=True, slots=True)
class Letter:
    """An email before it has addresses."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Ask:
    """What an alarm asks for. `link`: the page with the one button that answers it; `numbers`: the page of helplines."""

    link: str
    numbers: str


def asking(ask: Ask, *, linked: bool = False) -> str:
    """How to answer an alarm, what it is not, and where the numbers are. `linked`: the link was named just before."""
    where = "there" if linked else f"here: {ask.link}"
    stop = "" if linked else "\n"
    return f"When you have read this, tap {where}{stop or ' '}or answer OK. {NOT_A_SERVICE} Numbers: {ask.numbers}"


@functools.cache
def environment(templates: Path | None = None) -> Environment:
    """The Jinja2 environment: HTML escaped, unknown names are errors."""
    made = Environment(
        loader=FileSystemLoader(templates or folder("templates")),
        autoescape=select_autoescape(enabled_extensions=("html",), default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    made.filters["moment"] = moment
    return made


def moment(words: str) -> Markup:
    """Words with times in them as HTML. An hour stays on one line with its offset: browsers break it behind the minus sign."""
    return Markup(OFFSET.sub(r'<span class="zone">\g<0></span>', str(escape(words))))  # noqa: S704 (escaped just now)


def subject(card: Card, *, topics: bool = False) -> str:
    """A neutral subject: no name, no quote. Only what must not wait looks different. `topics`: the family chose them."""
    if card.lane in (Lane.EMERGENCY, Lane.DANGER):
        return PARENT_LINE
    if card.lane is Lane.LEGAL:
        return "Update, 1 document"
    return counted(max(1, len(card.items)), (item.topic for item in card.items) if topics else ())


def counted(count: int, topics: Iterable[str] = ()) -> str:
    """``Update, 3 items``; with `topics` ``Update, 3 items: Medical, School``. A quiet hour has the same shape."""
    named = sorted(set(topics))
    more = [] if len(named) <= MOST_TOPICS else ["more"]
    tail = f": {', '.join([*named[:MOST_TOPICS], *more])}" if named else ""
    return f"Update, {count} item{'' if count == 1 else 's'}{tail}"


def letter(
    card: Card, link: str | None = None, *, topics: bool = False, ask: Ask | None = None, answer: str = ""
) -> Letter:
    """The card as an email. `link` opens it in the browser; `topics`: the subject names them; `ask`: it is an alarm;
    `answer`: how it is answered.
    """
    line = subject(card, topics=topics)
    values: dict[str, object] = {
        "card": card,
        "link": link,
        "ask": ask,
        "answer": answer,
        "not_a_service": NOT_A_SERVICE,
    }
    return rendered("card", line, values)


def how_to_answer(replies: str, name: str) -> str:
    """The sentence under a card or a digest that can be answered. `replies`: as the family chose; `name`: who gets it."""
    return HOW_TO_ANSWER[replies].format(name=name)


def rendered(name: str, line: str, values: dict[str, object]) -> Letter:
    """The letter of a pair of templates. `line`: its subject."""
    render, values = environment(), {**values, "subject": line}
    return Letter(
        subject=line,
        text=render.get_template(f"email/{name}.txt").render(values).strip() + "\n",
        html=render.get_template(f"email/{name}.html").render(values),
    )


def text_message(card: Card, link: str, code: str = "", ask: Ask | None = None) -> str:
    """The card as a text of at most two segments; what does not fit waits behind `link`, and the text says so.

    `code`: with which an answer by text begins, so that nobody else can answer. `ask`: it is an alarm, so its one link leads to
    the page that answers it and from there to the card; then it may be longer.
    """
    if card.lane is Lane.DANGER:
        return plain(f"{PARENT_LINE}: {ask.link}\n{asking(ask, linked=True)}" if ask else f"{PARENT_LINE}: {link}")
    lines = [sms_line(item) for item in (*card.questions, *card.statements)]
    if ask is not None:
        end = f"\n{plain(asking(ask, linked=True))}"
        return fitted(card.heading, lines, ask.link, complete=False, code=code, end=end, most=ALARM_SEGMENTS)
    complete = card.whole is None and not card.notes and not card.files
    return fitted(card.heading, lines, link, complete=complete, code=code)


def fitted(
    heading: str,
    lines: Sequence[str],
    link: str,
    *,
    complete: bool,
    besides: int = 0,
    code: str = "",
    end: str = "",
    most: int = SMS_SEGMENTS,
) -> str:
    """As many lines as `most` segments hold. `complete`: nothing else is to be seen; `besides`: so many things beside them.

    `end`: our own words that close the text.

    The sender's words are never shortened inside a line and never respelled: a line is there whole or not at all.
    """
    head = plain(f"{heading}: ")
    whole = head + "\n".join(lines)
    sign = (f"\nAnswer: {code}" if code else "") + end
    if lines and complete and segments(whole + sign) <= most:
        return whole + sign
    shown: list[str] = []
    for line in lines:
        rest = len(lines) - len(shown) - 1 + besides
        if segments(head + "\n".join([*shown, line]) + _tail(rest, link) + sign) > most:
            break
        shown.append(line)
    if not shown:
        return plain(f"{heading}: {link}") + sign
    return head + "\n".join(shown) + _tail(len(lines) - len(shown) + besides, link) + sign


def _tail(rest: int, link: str) -> str:
    return f"\n+{rest} more: {link}" if rest else f"\nMore: {link}"


def sms_line(item: Item) -> str:
    """One fact in one line: child, the exact words, the date where it was read."""
    line = f"{item.child}: {item.text}" if item.child and item.child.lower() not in item.text.lower() else item.text
    if item.when_line:
        line += f" [{plain(item.when_line)}]"
    return line
