"""What the parent reads about a message of their own: asked once before it goes, refused, or told why it did not go. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.delivery.gsm import plain, segments

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
NO_DRAFT = "There is nothing that waits to be sent. Answer a card with the words that are to go."


def ask_mail(
    words: str,
    to: str,
    hints: Sequence[str],
    ready: Sequence[str] = (),
    *,
    files: bool,
    waited: str = "",
    held: str = "",
    link: str | None = None,
    subject: str = "",
) -> str:
    """The mail that shows what would go, and asks. `waited`: since when it waited; `held`: until when it is held from now on;
    `link`: the page on which it can be answered too; `subject`: one of the parent's own, that goes with it.
    """
    shown = f"Subject: {subject}\n\n{words}" if subject else words
    quoted = "\n".join(f"  {line}" for line in shown.split("\n"))
    said = "".join(f"\n- {hint}" for hint in hints)
    if held:
        first = f"This waits until {held}. Then you are asked once more. It goes to {to} now when you answer SEND:"
    elif waited:
        first = f"You wrote this on {waited}, and it waited overnight. It goes to {to} when you answer SEND:"
    else:
        first = f"This goes to {to} when you answer SEND:"
    parts = [f"{first}\n\n{quoted}\n"]
    if hints:
        parts.append(f"Before you send it:{said}\n")
    if ready:
        parts.append("Short answers that would fit:" + "".join(f"\n- {one}" for one in ready) + "\n")
    if files:
        parts.append("Pictures and files are not sent on.\n")
    parts.append(
        "Answer SEND to send it as it is, or EDIT and new words under it. If you do nothing, nothing is sent.\n"
    )
    if link:
        parts.append(f"On a page: {link}\n")
    return "\n".join(parts)


def ask_text(words: str, code: str, hints: Sequence[str], *, held: str = "") -> str:
    """The same within two segments; the words are shortened, never respelled, for they are known to who wrote them."""
    hint = f" {hints[0]}" if hints else ""
    if held:
        hint = f" Held until {held}; SEND sends it now.{hint}"
    tail = f'"{hint} Answer SEND {code} or EDIT {code} and new words.'
    for length in range(min(len(words), 160), 9, -10):
        shown = words if length >= len(words) else words[:length].rstrip() + "..."
        text = plain(f'Not sent yet: "{shown}{tail}')
        if segments(text) <= SMS_SEGMENTS:
            return text
    told = plain(f"Not sent yet.{hint} Answer SEND {code} or EDIT {code} and new words.")
    until = f" Held until {held}." if held else ""
    return (
        told
        if segments(told) <= SMS_SEGMENTS
        else plain(f"Not sent yet.{until} Answer SEND {code} or EDIT {code} and new words.")
    )
