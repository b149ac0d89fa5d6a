"""A mail of the parent's own, read for what the parent typed: the other way round from everybody else's.

What is read for the parent must lose nothing, so calendars, nested mails and files shown in the text count
as words there. What leaves in the parent's name must hold nothing that the parent did not type, so here only the text
itself counts: no event, no file, no text with a name of its own, no mail inside the mail, no form but plain text and HTML.
A signed mail is read inside. Whatever is not sure is named in `hold`, and the parent is asked before it goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from gateway.parsing import phrases, unread
from gateway.parsing.body import Body
from gateway.parsing.devices import without_device
from gateway.parsing.headers import read_headers
from gateway.parsing.leaf import is_text
from gateway.parsing.lines import plain_lines
from gateway.parsing.mail import read_email
from gateway.parsing.markup import HIDDEN
from gateway.parsing.reading import Kind, Reading, Segment
from gateway.parsing.sealed import PKCS7, is_encrypted_type
from gateway.parsing.segments import Thread, mark_lines
from gateway.parsing.texts import parse_sms
from gateway.parsing.tree import Part
from gateway.parsing.words import decode_words
from gateway.parsing.work import Work

MOST_HEADERS: Final = 100_000
LEAST: Final = 4
"""Letters of a word by which somebody may be known."""
_REACTION: Final = "text/vnd.google.email-reaction+json"
_ANSWERS: Final = ("REPLY", "COUNTER", "REQUEST", "CANCEL", "ADD", "DECLINECOUNTER")


class OwnBody(Body):
    """Collects the typed text alone; all else is a file, which never leaves."""

    def _visit(self, part: Part, *, is_root: bool) -> Sequence[Part]:
        if self.work.is_spent:
            return []
        self.has_reaction = self.has_reaction or part.type == _REACTION
        calendar = part.type in ("text/calendar", "application/ics")
        self.has_invitation = self.has_invitation or (
            calendar and part.parameters.get("method", "").upper() in _ANSWERS
        )
        signed = part.type == "multipart/signed" or part.type in PKCS7
        sealed = is_encrypted_type(part.type, part.parameters)
        typed = is_text(part) and (is_root or (part.disposition != "attachment" and not part.name))
        if signed or sealed or typed or (part.type.startswith("multipart/") and part.type != "multipart/report"):
            return super()._visit(part, is_root=is_root)
        self.attach(part)
        return []


def parse_own(raw: bytes) -> Reading:
    """The parent's own mail. `kind` is stricter than elsewhere: what a machine may have sent is no message. Never raises."""
    work = Work()
    try:
        reading = read_email(raw, work, OwnBody)
    except Exception as error:  # noqa: BLE001 (a reader that fails must not stop the mail; it is just not sent on)
        return Reading(defects=(f"the reader failed: {type(error).__name__}",), hold=(unread.FAILED,))
    reading = replace(reading, hold=tuple(why for why in reading.hold if why != HIDDEN))  # hidden words just stay here
    before, colon, _ = (reading.subject or "").lower().replace("：", ":").partition(":")
    if reading.kind is Kind.MESSAGE and before.strip() in phrases.AUTO_SUBJECTS:
        return replace(reading, kind=Kind.AUTO_REPLY)
    if reading.kind is Kind.MESSAGE and colon and before.strip() in phrases.RECEIPT_SUBJECTS:
        return replace(reading, kind=Kind.RECEIPT)
    return without_device(reading, _head_of(raw))


def _head_of(raw: bytes) -> str:
    """The headers as they were written."""
    return raw[:MOST_HEADERS].decode("utf8", "replace").replace("\r\n", "\n").partition("\n\n")[0]


def own_text(form: bytes) -> Reading:
    """A text of the parent's own: without the line of a device, a signature under its mark, and quoted lines. Never raises."""
    reading = parse_sms(form)
    if reading.kind is not Kind.MESSAGE:
        return reading
    work = Work()
    lines = plain_lines(reading.body, work)
    segments: list[Segment] = []
    at = 0
    for line, kind in zip(lines, mark_lines(lines, Thread(is_reply=True), work), strict=True):
        segments.append(Segment(at, at + len(line.text) + 1, kind))
        at = segments[-1].end
    body = "".join(line.text + "\n" for line in lines)
    whole = replace(reading, body=body, segments=tuple(segments), hold=(*reading.hold, *work.holds))
    return without_device(whole)


def names_in(raw: bytes) -> tuple[str, ...]:
    """Words of the headers by which the writer may be known: the name in From, the place of work. Lower case."""
    quiet = Work()
    headers, _ = read_headers(raw, 0, len(raw), quiet)
    said = [decode_words(value, quiet) for name in ("organization", "organisation") for value in headers.all(name)]
    said += [decode_words(value.partition("<")[0], quiet) for value in headers.all("from")[:5]]
    words = "".join(c if c.isalnum() or c in "-'’@." else " " for c in " ".join(said).lower()).split()
    return tuple(dict.fromkeys(word for word in words if len(word) >= LEAST and "@" not in word))
