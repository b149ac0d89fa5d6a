"""How a child's message reaches the parent. Pure."""

from __future__ import annotations

from typing import Any, Final

from gateway.conclusion import CHANNELS, whole_of
from gateway.language import SOURCE, Part, joined, said, speech, texting
from gateway.parsing import Reading

LONGEST_TEXT: Final = 1_500
"""Code points of one text; the carrier takes 1,600."""
A_CHILD: Final = "your child"
HANDED: Final = "From {who}, by {channel}. It is handed over as it came; it is neither sorted nor kept here."
ANSWER: Final = "An answer to this mail does not reach {who}. Write to {who} the way that you always do."
WARNING: Final = (
    "It came from {who}'s own address, which is all that is known. Whoever has {who}'s phone or password can write as {who}. If "
    "it does not sound like {who}, ask {who} another way, and keep this mail: nothing of it is kept here."
)
MISSING: Final = "{count} of its files could not be had from the phone company."
A_MESSAGE: Final = "A message from {who}"
TOO_LONG: Final = "{who} sent a long text. It comes to you by email."


def by_mail(
    who: str,
    channel: str,
    reading: Reading,
    raw: bytes,
    files: list[dict[str, Any]],
    *,
    first: bool,
    missing: int,
    language: str = SOURCE,
) -> dict[str, Any]:
    """The mail to the parent: the words as text; the original beside them, so that nothing of it is lost."""
    spoken, name = speech(language), who_of(who)
    notes = [said(HANDED, who=name, channel=said(CHANNELS[channel])), said(ANSWER, who=name)]
    if first:
        notes.append(said(WARNING, who=name))
    if missing:
        notes.append(said(MISSING, count=str(missing)))
    words = reading.body if channel == "email" else whole_of(reading)
    if channel == "email":
        files = [{"name": "original.eml", "type": "application/octet-stream", "data": raw}]
    subject = " ".join((reading.subject or "").split()) or spoken.say(said(A_MESSAGE, who=name))
    return {
        "subject": subject[:200],
        "text": f"{words.strip()}\n\n--\n" + spoken.say(joined(*notes, by="\n")) + "\n",
        "from_name": spoken.say(name),
        "files": files,
    }


def by_text(who: str, reading: Reading, language: str = SOURCE) -> dict[str, Any]:
    """The text to the parent."""
    spoken, name = texting(language), who_of(who)
    words = f"{spoken.say(name)}: {reading.body.strip()}"
    return {"text": words if len(words) <= LONGEST_TEXT else spoken.say(said(TOO_LONG, who=name))}


def who_of(who: str) -> Part:
    """The child's name, or words of ours where it is not known."""
    return said(A_CHILD) if who == A_CHILD else who
