"""Compose, never forward: a fresh message built from a card. Pure: templates in, text out.

Nothing of the other side reaches the parent but the exact words of forwarded spans, escaped: no header, markup, link
that can be followed, image or address. Web addresses inside a span are shown as the words that they are.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from gateway.attachments.settle import said_of
from gateway.data import folder
from gateway.delivery.card import Card, Item
from gateway.delivery.gsm import is_gsm, plain, segments
from gateway.language import SOURCE, Part, Said, Speech, install, joined, said, speech, texting
from gateway.policy.lane import Lane

SMS_SEGMENTS = 2
ALARM_SEGMENTS = 4
"""What is urgent brings the words with which it is answered along; they must not push a fact out."""
PARENT_LINE = "Please read now"
NOT_A_SERVICE = "This is not an emergency service."
ONE_ITEM, MANY_ITEMS, ONE_DOCUMENT = "Update, 1 item", "Update, {count} items", "Update, 1 document"
MOST_TOPICS, FURTHER_TOPICS = 5, "more"
HOW_TO_ANSWER = {
    "on": "You can answer this mail: your words go to {name}, without your address.",
    "ask": "You can answer this mail: your words go to {name}, without your address. You are asked once before they go.",
}
READ_THERE = "When you have read this, tap there or answer OK."
READ_HERE = "When you have read this, tap here: {link}\nor answer OK."
NUMBERS = "Numbers: {link}"
ANSWER, ANSWER_BY = "Answer: {code}", "answer by {when}"
MORE, SO_MANY_MORE = "More: {link}", "+{count} more: {link}"
SHORT = (
    PARENT_LINE,
    ONE_ITEM,
    MANY_ITEMS,
    ONE_DOCUMENT,
    FURTHER_TOPICS,
    NUMBERS,
    ANSWER,
    ANSWER_BY,
    MORE,
    SO_MANY_MORE,
    READ_HERE,
)
"""Words of ours that are no sentence by themselves."""
OFFSET = re.compile(r"(?:\d{1,2}:\d\d (?:[ap]m|[ap]\.\u00a0m\.) )?\(UTC[+-]\d\d:\d\d\)")
"""As `gateway.clock.for_people` writes it, in each language."""


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


def asking(ask: Ask, *, linked: bool = False) -> Said:
    """How to answer an alarm, what it is not, and where the numbers are. `linked`: the link was named just before."""
    read = said(READ_THERE) if linked else said(READ_HERE, link=ask.link)
    return joined(read, said(NOT_A_SERVICE), said(NUMBERS, link=ask.numbers))


@functools.cache
def environment(language: str = SOURCE, templates: Path | None = None) -> Environment:
    """The Jinja2 environment of a language: HTML escaped, unknown names are errors, ``_()`` and ``{% trans %}`` translated."""
    made = Environment(
        loader=FileSystemLoader(templates or folder("templates")),
        autoescape=select_autoescape(enabled_extensions=("html",), default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        extensions=["jinja2.ext.i18n"],
    )
    spoken = speech(language)
    install(made, spoken.language)
    made.filters |= {"moment": moment, "file": lambda line: said_of(line, spoken)}
    return made


def moment(words: str) -> Markup:
    """Words with times in them as HTML. An hour stays on one line with its offset: browsers break it behind the minus sign."""
    return Markup(OFFSET.sub(r'<span class="zone">\g<0></span>', str(escape(words))))  # noqa: S704 (escaped just now)


def subject(card: Card, *, topics: bool = False) -> Part:
    """A neutral subject: no name, no quote. Only what must not wait looks different. `topics`: the family chose them."""
    if card.lane in (Lane.EMERGENCY, Lane.DANGER):
        return said(PARENT_LINE)
    if card.lane is Lane.LEGAL:
        return said(ONE_DOCUMENT)
    return counted(max(1, len(card.items)), (item.topic for item in card.items) if topics else ())


def counted(count: int, topics: Iterable[str] = ()) -> Part:
    """``Update, 3 items``; with `topics` ``Update, 3 items: Medical, School``. A quiet hour has the same shape."""
    named = sorted(set(topics))
    more = [] if len(named) <= MOST_TOPICS else [FURTHER_TOPICS]
    head = said(ONE_ITEM) if count == 1 else said(MANY_ITEMS, count=str(count))
    tail = joined(*(said(topic) for topic in [*named[:MOST_TOPICS], *more]), by=", ")
    return joined(head, tail, by=": ") if named else head


def letter(
    card: Card,
    link: str | None = None,
    *,
    topics: bool = False,
    ask: Ask | None = None,
    answer: Part = "",
    language: str = SOURCE,
) -> Letter:
    """The card as an email. `link` opens it in the browser; `topics`: the subject names them; `ask`: it is an alarm;
    `answer`: how it is answered; `language`: the reader's.
    """
    values: dict[str, object] = {
        "card": card,
        "link": link,
        "ask": ask,
        "answer": speech(language).say(answer),
        "not_a_service": NOT_A_SERVICE,
    }
    return rendered("card", subject(card, topics=topics), values, language)


def how_to_answer(replies: str, name: str) -> Part:
    """The sentence under a card or a digest that can be answered. `replies`: as the family chose; `name`: who gets it."""
    return said(HOW_TO_ANSWER[replies], name=name) if replies in HOW_TO_ANSWER else ""


def rendered(name: str, line: Part, values: dict[str, object], language: str = SOURCE) -> Letter:
    """The letter of a pair of templates. `line`: its subject."""
    render, title = environment(language), speech(language).say(line)
    values = {**values, "subject": title}
    return Letter(
        subject=title,
        text=render.get_template(f"email/{name}.txt").render(values).strip() + "\n",
        html=render.get_template(f"email/{name}.html").render(values),
    )


def text_message(card: Card, link: str, code: str = "", ask: Ask | None = None, language: str = SOURCE) -> str:
    """The card as a text of at most two segments; what does not fit waits behind `link`, and the text says so.

    `code`: with which an answer by text begins, so that nobody else can answer. `ask`: it is an alarm, so its one link leads to
    the page that answers it and from there to the card; then it may be longer.
    """
    if card.lane is Lane.DANGER:
        first = joined(said(PARENT_LINE), ask.link if ask else link, by=": ")
        return plain(texting(language).say(joined(first, asking(ask, linked=True), by="\n") if ask else first))

    def made(spoken: Speech, most_lines: int | None) -> Text:
        lines = [sms_line(item, spoken) for item in (*card.questions, *card.statements)]
        heading = spoken.text(card.heading)
        if ask is not None:
            end = f"\n{plain(spoken.say(asking(ask, linked=True)))}"
            return fitted(
                heading,
                lines,
                ask.link,
                spoken,
                complete=False,
                code=code,
                end=end,
                most=ALARM_SEGMENTS,
                most_lines=most_lines,
            )
        complete = card.whole is None and not card.notes and not card.files
        return fitted(heading, lines, link, spoken, complete=complete, code=code, most_lines=most_lines)

    return worded(made, language)


@dataclass(frozen=True, slots=True)
class Text:
    """A text, and how many lines of it are the sender's."""

    words: str
    lines: int


def worded(make: Callable[[Speech, int | None], Text], language: str) -> str:
    """The text in the alphabet of texts; where the sender's words leave that anyway, with our own accents in the same room."""
    made = make(texting(language), None)
    if language == SOURCE or is_gsm(made.words):
        return made.words
    return make(speech(language), made.lines).words


def fitted(
    heading: str,
    lines: Sequence[str],
    link: str,
    spoken: Speech,
    *,
    complete: bool,
    besides: int = 0,
    code: str = "",
    end: str = "",
    most: int = SMS_SEGMENTS,
    most_lines: int | None = None,
) -> Text:
    """As many lines as `most` segments hold. `complete`: nothing else is to be seen; `besides`: so many things beside them.

    `end`: our own words that close the text; `most_lines`: so many lines are known to fit, and no more.

    The sender's words are never shortened inside a line and never respelled: a line is there whole or not at all.
    """
    head = plain(f"{heading}: ")
    whole = head + "\n".join(lines)
    sign = ("\n" + plain(spoken.say(said(ANSWER, code=code))) if code else "") + end
    if lines and complete and (segments(whole + sign) <= most if most_lines is None else most_lines == len(lines)):
        return Text(whole + sign, len(lines))
    shown: list[str] = []
    for line in lines[:most_lines]:
        rest = len(lines) - len(shown) - 1 + besides
        text = head + "\n".join([*shown, line]) + _tail(rest, link, spoken) + sign
        if most_lines is None and segments(text) > most:
            break
        shown.append(line)
    if not shown:
        return Text(plain(f"{heading}: {link}") + sign, 0)
    tail = _tail(len(lines) - len(shown) + besides, link, spoken)
    return Text(head + "\n".join(shown) + tail + sign, len(shown))


def _tail(rest: int, link: str, spoken: Speech) -> str:
    more = said(SO_MANY_MORE, count=str(rest), link=link) if rest else said(MORE, link=link)
    return f"\n{plain(spoken.say(more))}"


def sms_line(item: Item, spoken: Speech) -> str:
    """One fact in one line: child, the exact words, the date where it was read."""
    line = f"{item.child}: {item.text}" if item.child and item.child.lower() not in item.text.lower() else item.text
    if item.when_line:
        line += f" [{plain(spoken.times(item.when_line))}]"
    return line
