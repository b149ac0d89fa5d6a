"""Parts that are neither words nor mere files: nested messages, signatures, seals, invitations, Outlook's wrapping.

`open_special` looks at one part. Where it is one of these, it reads what can be read into the body and returns the
parts that are still to be visited; where it is not, it returns None.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from gateway.parsing import unread
from gateway.parsing.addresses import read_addresses
from gateway.parsing.armour import SIGNED
from gateway.parsing.charsets import decode_text
from gateway.parsing.files import describe_file
from gateway.parsing.invitations import invitation_lines
from gateway.parsing.leaf import REPORTS, lines_of, part_data
from gateway.parsing.lines import Line, plain_lines
from gateway.parsing.reading import SegmentKind
from gateway.parsing.rich import read_rtf, unpack_rtf
from gateway.parsing.sealed import PKCS7, is_encrypted_type, signed_content
from gateway.parsing.segments import mark_lines
from gateway.parsing.tree import MESSAGES, Part, split_message
from gateway.parsing.winmail import Winmail, open_winmail
from gateway.parsing.words import decode_words
from gateway.parsing.work import MAX_DEPTH, Work

if TYPE_CHECKING:
    from gateway.parsing.body import Body

ASKS: Final = frozenset(("REQUEST", "CANCEL", "COUNTER", "REPLY", "ADD", "DECLINECOUNTER"))


def open_special(body: Body, part: Part) -> Sequence[Part] | None:
    """Read a part that needs its own reader; None when it is an ordinary one."""
    if is_encrypted_type(part.type, part.parameters):
        body.work.hold(unread.SEALED)
        return _attach_all(body, part)
    reader = _READERS.get(part.type)
    if reader is None and part.name.lower() in ("winmail.dat", "win.dat"):
        reader = _winmail
    if reader is None and part.name.lower().endswith(".ics"):
        reader = _calendar
    return reader(body, part) if reader else None


def _attach_all(body: Body, part: Part) -> Sequence[Part]:
    for child in part.children:
        body.attach(child)
    if not part.children:
        body.attach(part)
    return []


def _signed(body: Body, part: Part) -> Sequence[Part] | None:
    if not part.children:
        return None
    body.work.odd(SIGNED)
    return part.children


def _cms(body: Body, part: Part) -> Sequence[Part]:
    """An opaque signature: the message inside is read as if it stood here."""
    data = part_data(part, body.work)
    content = signed_content(data)
    if content is None or part.depth >= MAX_DEPTH:
        body.work.hold(unread.SEALED)
        body.attach(part)
        return []
    body.work.odd(SIGNED)
    body.attachments.append(describe_file(data, part.name or "smime.p7m", part.type))
    return [split_message(content, body.work, part.depth + 1)]


def _nested(body: Body, part: Part) -> Sequence[Part]:
    """A message inside the message: forwarded text under the headers that a reader sees."""
    from gateway.parsing.body import Body as Inner  # the two modules need each other only here

    if part.children:
        root = part.children[0]
    elif part.depth < MAX_DEPTH:
        root = split_message(part_data(part, body.work), body.work, part.depth + 1)
    else:
        body.work.hold(unread.TOO_DEEP)
        body.attach(part)
        return []
    inner = Inner(body.thread, body.work, forwarded=True)
    inner.read(root)
    quiet = Work()
    subject = decode_words(root.headers.first("subject"), quiet)
    head = [
        ("From", ", ".join(read_addresses(root.headers.all("from"), quiet))),
        ("Date", root.headers.first("date")),
        ("Subject", subject),
    ]
    body.add([Line(f"{name}: {value}") for name, value in head if value], SegmentKind.FORWARDED)
    if inner.lines:
        body.add([line for line, _ in inner.lines], SegmentKind.FORWARDED)
    body.attachments.extend(inner.attachments)
    return []


def _partial(body: Body, part: Part) -> Sequence[Part]:
    body.work.hold(unread.ONE_PIECE)
    body.attach(part)
    return []


def _elsewhere(body: Body, part: Part) -> Sequence[Part]:
    body.work.odd("a file is only named; it lies elsewhere and was not fetched")
    body.attach(part)
    return []


def _report(body: Body, part: Part) -> Sequence[Part]:
    """The machine's part of a bounce or receipt."""
    text = decode_text(part_data(part, body.work), "utf-8", body.work)
    body.add([Line(line.text, plain=True) for line in plain_lines(text.strip(), body.work)], SegmentKind.FOOTER)
    return []


def _calendar(body: Body, part: Part) -> Sequence[Part]:
    """An event as readable lines; an invitation when it asks or answers (RFC 5546) and is no mere file."""
    data = part_data(part, body.work)
    text = decode_text(data[:2_000_000], part.parameters.get("charset") or "utf-8", body.work, "the calendar")
    method = next(
        (line[7:].strip().upper() for line in text.splitlines()[:200] if line.upper().startswith("METHOD:")), ""
    )
    if method in ASKS:
        body.has_invitation = True
    if part.disposition == "attachment" or part.name:
        body.attach(part)
    digest = hashlib.sha256(data).hexdigest()
    if digest not in body.calendars:
        body.calendars.add(digest)
        body.add([Line(line, plain=True) for line in invitation_lines(text, body.work)], SegmentKind.NEW)
    return []


def _reaction(body: Body, part: Part) -> Sequence[Part]:
    """Gmail's reaction: one emoji in JSON. Anything else under that type is a file that nobody can read."""
    try:
        said = json.loads(part_data(part, body.work)[:1_000])
        emoji = said["emoji"]
        good = isinstance(emoji, str) and 0 < len(emoji) <= 16 and not any(c.isalnum() and c.isascii() for c in emoji)
    except (ValueError, KeyError, TypeError, RecursionError):
        good = False
    if good:
        body.has_reaction = True
    else:
        body.work.hold("a part calls itself a reaction and holds none")
        body.attach(part)
    return []


def _amp(body: Body, part: Part) -> Sequence[Part]:
    body.work.hold(unread.AMP)
    body.attach(part)
    return []


def _rtf(body: Body, part: Part) -> Sequence[Part] | None:
    if part.disposition == "attachment" or part.name:
        return None
    body.add(_rtf_lines(part_data(part, body.work), body.work))
    return []


def _rtf_lines(data: bytes, work: Work) -> list[Line]:
    text, is_html = read_rtf(data, work)
    if is_html:
        return lines_of(text.encode("utf-8", "replace"), "text/html", {"charset": "utf-8"}, work)
    return plain_lines(text, work)


def _winmail(body: Body, part: Part) -> Sequence[Part]:
    data = part_data(part, body.work)
    found = open_winmail(data, body.work)
    if found is None:
        body.work.hold(unread.WINMAIL)
        body.attach(part)
        return []
    if not found.whole:
        body.work.hold(unread.WINMAIL)
        body.attach(part)
    _add_winmail_text(body, found)
    for name, content in found.files:
        if content.startswith(b"\x78\x9f\x3e\x22"):
            body.work.hold(unread.UNOPENED)
        body.attachments.append(describe_file(content, name, "application/ms-tnef"))
    return []


def _add_winmail_text(body: Body, found: Winmail) -> None:
    lines: list[Line] = []
    if found.html.strip():
        lines = lines_of(found.html, "text/html", {}, body.work)
    elif found.text.strip():
        lines = plain_lines(found.text, body.work)
    elif found.rtf:
        unpacked = unpack_rtf(found.rtf)
        if unpacked is None:
            body.work.hold(unread.WINMAIL)
            return
        lines = _rtf_lines(unpacked, body.work)
    if not any(line.text.strip() for line in lines):
        return
    if not body.has_words():
        body.add(lines)
        return
    theirs = list(zip(lines, mark_lines(lines, body.thread, Work()), strict=True))
    body.note_difference(list(body.lines), theirs)


_READERS: Final[dict[str, Callable[[Body, Part], Sequence[Part] | None]]] = {
    **dict.fromkeys(MESSAGES, _nested),
    **dict.fromkeys(PKCS7, _cms),
    **dict.fromkeys(REPORTS, _report),
    "multipart/signed": _signed,
    "message/partial": _partial,
    "message/external-body": _elsewhere,
    "text/calendar": _calendar,
    "application/ics": _calendar,
    "text/vnd.google.email-reaction+json": _reaction,
    "text/x-amp-html": _amp,
    "text/rtf": _rtf,
    "text/richtext": _rtf,
    "application/rtf": _rtf,
    "application/ms-tnef": _winmail,
    "application/vnd.ms-tnef": _winmail,
}
