"""Read a kept message again, whatever way it came: by mail, by a carrier's webhook, or out of an archive.

The bytes tell which: a webhook's form begins with a field's name, a text of a backup with ``<sms`` or ``<mms``.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import unquote, unquote_plus

from gateway.attachments.inside import bare, ways
from gateway.intake.archives import imessage, sms_backup
from gateway.intake.archives.found import SYSTEM, clean
from gateway.intake.archives.whatsapp_lines import LEFT_OUT, head_of, said, type_of
from gateway.intake.archives.whatsapp_lines import bare as line_of
from gateway.parsing import Attachment, Kind, Reading, Segment, SegmentKind, parse_email, parse_sms, parse_voicemail
from gateway.parsing.files import describe_file
from gateway.parsing.reactions import is_reaction
from gateway.parsing.words import decode_words
from gateway.parsing.work import Work
from gateway.reply import posted

__all__ = ["SYSTEM", "parse_kept", "whole", "words_in"]
RAW_LOOK = 100_000
"""Bytes of a message that cannot be read in which danger is looked for all the same."""
_BASE64 = re.compile(rb"(?m)^(?:[A-Za-z0-9+/=]{4,998}(?:\r?\n|\Z)){1,2000}")
_FOLDED = re.compile(r"\n[ \t]+")


def parse_kept(channel: str, raw: bytes) -> Reading:
    """What can be read in a kept message of that channel. Never raises for mail and texts of the carrier."""
    if channel == "email":
        return parse_email(raw)
    if channel == posted.CHANNEL:
        return posted.read_posted(raw)
    if channel == "voice":
        return parse_voicemail(raw)
    if channel == "whatsapp":
        return _whatsapp(raw)
    if channel == "imessage":
        cells = imessage.cells_of(raw)
        file = cells.get("file", "").strip()
        media = ((clean(file), type_of(file)),) if file else ()
        return _reading(cells["text"], subject=cells.get("subject", ""), media=media)
    if raw.startswith((b"<sms", b"<mms")):
        return _backup(raw)
    return parse_sms(raw)


def whole(raw: bytes, channel: str) -> str:
    """All words of a stored message: subject and body; where it cannot be read, the bytes as they came."""
    try:
        reading = parse_kept(channel, raw)
        words = f"Subject: {reading.subject}\n\n{reading.body}" if reading.subject else reading.body
    except Exception:  # noqa: BLE001 (the parser failed on it before; the bytes are still shown)
        words = ""
    return words if words.strip() else raw.decode("utf8", "replace")


def words_in(channel: str, raw: bytes) -> Iterator[str]:
    """The words of a message whose reading failed, in every way that they may be written in its bytes."""
    raw = raw[:RAW_LOOK]
    plain = raw.decode("utf8", "replace").replace("\r\n", "\n")
    yield plain
    if channel != "email":
        yield from ways(unquote_plus(plain, errors="replace"))
        return
    head = _FOLDED.sub(" ", plain.partition("\n\n")[0])
    yield "\n".join([decode_words(head, Work()), unquote(head, errors="replace")])
    for unpacked in (quopri.decodestring(raw), b"\n".join(_unpacked(raw))):
        text = unpacked.decode("utf8", "replace").replace("\r\n", "\n")
        yield from ways(text)
        if "<" in text:
            yield from ways(bare(text))


def _unpacked(raw: bytes) -> Iterator[bytes]:
    """What stands in base64, as far as it is any."""
    for block in _BASE64.findall(raw):
        with suppress(binascii.Error, ValueError):
            packed = b"".join(block.split())
            yield base64.b64decode(packed[: len(packed) // 4 * 4])


def _whatsapp(raw: bytes) -> Reading:
    text = raw.decode("utf-8", "replace")
    head = head_of(text)
    if head is None:
        return _reading(line_of(text))
    told = said(head.rest)
    media = ((clean(told.file), type_of(told.file)),) if told.file else ()
    defects = ("a file was left out of the export",) if told.file == LEFT_OUT else ()
    return _reading("\n".join(told.words.splitlines()), media=media, defects=defects)


def _backup(raw: bytes) -> Reading:
    root = sms_backup.parse(raw)
    subject = root.get("subject") or root.get("sub") or ""
    if root.tag == "sms":
        return _reading(root.get("body", ""), subject=subject)
    parts = sms_backup.parts_of(root)
    words = [p.text for p in parts if p.type == "text/plain" and p.text]
    files = [_attachment(p) for p in parts if p.type != "text/plain"]
    defects = tuple("a file of the message is not in the backup" for f in files if f is None)
    return _reading("\n".join(words), subject=subject, files=tuple(f for f in files if f), defects=defects)


def _attachment(part: sms_backup.Part) -> Attachment | None:
    if not part.data:
        return None
    try:
        content = base64.b64decode(part.data)
    except (binascii.Error, ValueError):
        return None
    return describe_file(content, clean(part.name), part.type[:100])


def _reading(
    words: str,
    *,
    subject: str = "",
    media: tuple[tuple[str, str], ...] = (),
    files: tuple[Attachment, ...] = (),
    defects: tuple[str, ...] = (),
) -> Reading:
    body = clean(words)
    return Reading(
        kind=Kind.REACTION if is_reaction(body) else Kind.MESSAGE,
        subject=clean(subject) if subject and subject != "null" else None,
        body=body,
        segments=(Segment(0, len(body), SegmentKind.NEW),) if body else (),
        attachments=files,
        media=media,
        defects=defects,
    )
