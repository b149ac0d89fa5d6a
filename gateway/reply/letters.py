"""What the parent reads about a message of their own: asked once before it goes, refused, or told why it did not go. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.delivery.gsm import plain, segments
from gateway.language import Part, Speech, joined, said

SUBJECT_ASK = "Not sent yet"
SUBJECT_REFUSED = "Something was not sent"
SUBJECT_HELD = "Held until the morning"
SMS_SEGMENTS = 2
REFUSED_TEXT = (
    "A text came in your name without its code, and was not sent on. If it was yours, begin it with the code that "
    "stands under the card, such as 4KQ7. If it was not, somebody writes as you: tell your lawyer."
)
REFUSED_MAIL = (
    "A mail came in your name that answers none of the cards, and nothing proves that it is yours. It was kept and not sent "
    "on. If it was yours, answer a card. If it was not, somebody writes as you: tell your lawyer."
)
LOCKED = (
    "Several texts came in your name with wrong codes. Answers by text are switched off for a day. Answer by email, or wait. "
    "If the texts were not yours, somebody writes as you: tell your lawyer."
)
NO_WORDS = "Your message has no words that could be sent on. It is kept. Pictures and files are not sent on."
NO_ADDRESS = "There is no address of the other parent to which this could go. It is kept."
NO_PERSON = (
    "You pressed a button on a card (an answer to a calendar, or a thumbs up). Such answers are not sent on, because they "
    "hold your address. If you want to answer, write a few words."
)
TO_A_CHILD = (
    "You answered a message of your child's. The relay sends nothing to your child, and what you wrote went to nobody. Write to "
    "your child the way that you always do."
)
NOT_THEIRS = (
    "That card is not from {name}. What you write here goes to {name} and to nobody else, so it was kept and not sent on. "
    "Answer whoever wrote it directly."
)
SEVERAL = (
    "several messages of that update ask something, and this answers none of them by itself. Begin it with the number of the "
    "one that it answers, as 2: yes. You can also answer on the page of the update"
)
ONE_AT_A_TIME = "Your message answers several numbers. Each answer goes by itself: write one message for each, as 2: yes. Nothing was sent."
TWO_CODES = (
    "Two updates have the code that you wrote, so it cannot be told which one you answer. Nothing was sent. Please answer on the page "
    "of the update, or by email."
)
SEND_ALONE = (
    "Nothing was sent. SEND with more words behind it could mean two things. Answer SEND alone to send what was shown, or EDIT and the "
    "words that are to go."
)
DROPPED = "It was not sent, and is not asked about any more. Your words are kept."
GOES = "This goes to {name} by {channel} when you answer SEND:"
GOES_AFTER = (
    "You wrote this on {written}, and it waited overnight. It goes to {name} by {channel} when you answer SEND:"
)
GOES_LATER = (
    "This waits until {held}. Then you are asked once more. It goes to {name} by {channel} now when you answer SEND:"
)
WITH_SUBJECT = "Subject: {subject}"
BEFORE, WOULD_FIT = "Before you send it:", "Short answers that would fit:"
NO_FILES = "Pictures and files are not sent on."
HOW = "Answer SEND to send it as it is, or EDIT and new words under it. If you do nothing, nothing is sent."
ON_A_PAGE = "On a page: {link}"
NOT_YET, UNTIL = "Not sent yet: {words}", "Held until {held}."
UNTIL_OR_NOW = "Held until {held}; SEND sends it now."
HOW_BY_TEXT = "Answer SEND {code} or EDIT {code} and new words."
NOT_SENT_YET = "Not sent yet."
NO_DRAFT = "There is nothing that waits to be sent. Answer a card with the words that are to go."


@dataclass(frozen=True, slots=True)
class To:
    """Whom an answer goes to, and by which channel."""

    name: str
    channel: str


def ask_mail(
    spoken: Speech,
    words: str,
    to: To,
    hints: Sequence[str],
    ready: Sequence[str] = (),
    *,
    files: bool,
    waited: Part = "",
    held: Part = "",
    link: str | None = None,
    subject: str = "",
) -> str:
    """The mail that shows what would go, and asks. `waited`: since when it waited; `held`: until when it is held from now on;
    `link`: the page on which it can be answered too; `subject`: one of the parent's own, that goes with it.
    """
    shown = f"{spoken.say(said(WITH_SUBJECT, subject=subject))}\n\n{words}" if subject else words
    quoted = "\n".join(f"  {line}" for line in shown.split("\n"))
    listed = "".join(f"\n- {spoken.hint(hint)}" for hint in hints)
    whom: dict[str, Part] = {"name": to.name, "channel": said(to.channel)}
    if held:
        first = said(GOES_LATER, held=held, **whom)
    elif waited:
        first = said(GOES_AFTER, written=waited, **whom)
    else:
        first = said(GOES, **whom)
    parts = [f"{spoken.say(first)}\n\n{quoted}\n"]
    if hints:
        parts.append(f"{spoken.text(BEFORE)}{listed}\n")
    if ready:
        parts.append(spoken.text(WOULD_FIT) + "".join(f"\n- {one}" for one in ready) + "\n")
    if files:
        parts.append(f"{spoken.text(NO_FILES)}\n")
    parts.append(f"{spoken.text(HOW)}\n")
    if link:
        parts.append(f"{spoken.say(said(ON_A_PAGE, link=link))}\n")
    return "\n".join(parts)


def ask_text(spoken: Speech, words: str, code: str, hints: Sequence[str], *, held: Part = "") -> str:
    """The same within two segments; the words are shortened, never respelled, for they are known to who wrote them."""
    hint = spoken.hint(hints[0]) if hints else ""
    how = said(HOW_BY_TEXT, code=code)
    tail = joined(said(UNTIL_OR_NOW, held=held) if held else "", hint, how)
    for length in range(min(len(words), 160), 9, -10):
        shown = words if length >= len(words) else words[:length].rstrip() + "..."
        text = plain(spoken.say(joined(said(NOT_YET, words=f'"{shown}"'), tail)))
        if segments(text) <= SMS_SEGMENTS:
            return text
    told = plain(spoken.say(joined(said(NOT_SENT_YET), tail)))
    if segments(told) <= SMS_SEGMENTS:
        return told
    return plain(spoken.say(joined(said(NOT_SENT_YET), said(UNTIL, held=held) if held else "", how)))
