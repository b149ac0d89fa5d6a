"""How a child's message reaches the parent. Pure."""

from __future__ import annotations

from typing import Any, Final

from gateway.conclusion import CHANNELS, whole_of
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
TOO_LONG: Final = "{who} sent a long text. It comes to you by email."


def by_mail(
    who: str, channel: str, reading: Reading, raw: bytes, files: list[dict[str, Any]], *, first: bool, missing: int
) -> dict[str, Any]:
    """The mail to the parent: the words as text; the original beside them, so that nothing of it is lost."""
    notes = [HANDED.format(who=who, channel=CHANNELS[channel]), ANSWER.format(who=who)]
    if first:
        notes.append(WARNING.format(who=who))
    if missing:
        notes.append(MISSING.format(count=missing))
    words = reading.body if channel == "email" else whole_of(reading)
    if channel == "email":
        files = [{"name": "original.eml", "type": "application/octet-stream", "data": raw}]
    subject = " ".join((reading.subject or "").split()) or f"A message from {who}"
    return {
        "subject": subject[:200],
        "text": f"{words.strip()}\n\n--\n" + "\n".join(notes) + "\n",
        "from_name": who,
        "files": files,
    }


def by_text(who: str, reading: Reading) -> dict[str, Any]:
    """The text to the parent."""
    said = f"{who}: {reading.body.strip()}"
    return {"text": said if len(said) <= LONGEST_TEXT else TOO_LONG.format(who=who)}
