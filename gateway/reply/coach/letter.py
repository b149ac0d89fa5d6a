"""The one message about a draft that goes back to the parent. Pure.

It says what is worth a look and how to send anyway. By text it fits two segments and quotes nothing of the draft: a text
shows on a lock screen (requirement 19). By email it quotes the parent's own words, and offers ready answers.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.delivery.gsm import plain, segments
from gateway.reply.coach.draft import Advice, Draft, Hint

SMS_SEGMENTS = 2
HEAD = "Not sent yet."
ANSWER = "Answer SEND to send it as it is, or EDIT with new words."
SUBJECT = "Not sent yet"
MOST_QUOTED = 160
"""Code points of the parent's words that are shown for one hint."""


@dataclass(frozen=True, slots=True)
class HintLetter:
    """An email before it has addresses: neutral subject, plain text."""

    subject: str
    text: str


def hint_text(advice: Advice, held_until: str | None = None) -> str:
    """The message by text: at most two segments in the seven-bit alphabet, most important first.

    Whole hints only; how many more there are is said. `held_until` is what a person reads, for instance ``8:00 am``, when
    the parent chose to let heated drafts wait; it is left out before a hint is.
    """
    words = [plain(w) for w in _said(advice)]
    hold = [] if held_until is None else [plain(f"It waits until {held_until}.")]
    for shown in range(len(words), 0, -1):
        left = len(words) - shown
        more = [f"{left} more." if left > 1 else "One more."] if left else []
        for wait in (hold, []) if hold else ([],):
            text = " ".join([HEAD, *words[:shown], *more, *wait, ANSWER])
            if segments(text) <= SMS_SEGMENTS:
                return text
    return " ".join([HEAD, *hold, ANSWER])


def hint_letter(draft: Draft, advice: Advice, held_until: str | None = None) -> HintLetter:
    """The message by email: each hint with the words that it speaks of, and the ready answers."""
    lines = [HEAD, ""]
    for hint in advice.hints:
        quoted = _quoted(draft.text, hint)
        lines += [f"- {hint.words}", *([f'  "{quoted}"'] if quoted else [])]
    if held_until is not None:
        lines += ["", f"You chose to let a heated draft wait: it waits until {held_until}."]
    lines += ["", ANSWER]
    if advice.templates:
        lines += ["", "Ready answers, if one helps:"]
        lines += [f"- {t.title}: {t.text}" for t in advice.templates]
    return HintLetter(SUBJECT, "\n".join(lines) + "\n")


def _said(advice: Advice) -> list[str]:
    """What the hints say, each once; notes only when nothing else is left to say."""
    serious = [h.words for h in advice.hints if not h.note] or [h.words for h in advice.hints]
    return list(dict.fromkeys(serious))


def _quoted(text: str, hint: Hint) -> str:
    """The words of one hint on one line; nothing when the hint speaks of the whole draft."""
    words = " ".join(text[hint.start : hint.end].split())
    if not words or words == " ".join(text.split()):
        return ""
    return words if len(words) <= MOST_QUOTED else words[: MOST_QUOTED - 3].rstrip() + "..."
