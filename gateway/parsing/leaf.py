"""One text part as lines: bytes decoded, charset found, HTML or flowed text laid out, old wrappings opened."""

from __future__ import annotations

import re
from typing import Final

from gateway.parsing import unread
from gateway.parsing.armour import open_armour
from gateway.parsing.charsets import codec_name, decode_text
from gateway.parsing.flowed import unflow
from gateway.parsing.lines import Line, plain_lines
from gateway.parsing.markup import read_markup
from gateway.parsing.patterns import byte_pattern
from gateway.parsing.transfer import decode_transfer, guess_transfer
from gateway.parsing.tree import Part
from gateway.parsing.work import MAX_TEXT_BYTES, Work

_META: Final = byte_pattern(rb"(?i)<meta[^>]*charset\s*=\s*[\"']?([a-z0-9_:.-]+)")
_DATA_URI: Final = byte_pattern(rb"(?i)data:[a-z]+/[a-z0-9.+-]+;base64,[A-Za-z0-9+/=\s]*")
_HTML: Final = byte_pattern(rb"(?i)^\s*(?:<!doctype html|<html[\s>]|<head[\s>]|<body[\s>]|<div[\s>]|<table[\s>])")
_NOT_READ: Final = frozenset((
    "text/calendar", "text/csv", "text/vcard", "text/x-vcard", "text/directory", "text/css", "text/javascript",
    "text/xml", "text/rtf", "text/richtext", "text/x-amp-html", "text/rfc822-headers", "text/x-patch", "text/x-diff",
    "text/vnd.google.email-reaction+json", "text/x-moz-deleted",
))  # fmt: skip
REPORTS: Final = frozenset(("message/delivery-status", "message/disposition-notification", "text/rfc822-headers"))


def is_text(part: Part) -> bool:
    """Whether the part is made to be read as words."""
    return part.type.startswith("text/") and part.type not in _NOT_READ


def part_data(part: Part, work: Work) -> bytes:
    """The decoded bytes of a part."""
    work.spend((part.end - part.start) // 1024 + 1)
    return decode_transfer(part.data, part.headers.first("content-transfer-encoding"), work, is_text=is_text(part))


def text_lines(part: Part, work: Work) -> list[Line]:
    """The lines of a text part. Never raises."""
    data = part_data(part, work)
    if not part.headers.first("content-transfer-encoding"):
        data = guess_transfer(data, work)
    if part.type == "text/html" and b"base64," in data:
        data = _DATA_URI.sub(b"data:", data)  # pictures inside the HTML, longer than all its words
    if len(data) > MAX_TEXT_BYTES:
        work.hold(unread.TOO_LONG)
        data = data[:MAX_TEXT_BYTES]
    return lines_of(data, part.type, part.parameters, work)


def lines_of(data: bytes, kind: str, parameters: dict[str, str], work: Work) -> list[Line]:
    """The lines of decoded bytes of a text type."""
    label = parameters.get("charset")
    is_html = kind in ("text/html", "text/xhtml")
    if kind == "text/plain" and _HTML.match(data[:500]) and b"</" in data:
        work.odd("declared plain text but HTML; read as HTML")
        is_html = True
    if is_html and not (label and codec_name(label)) and (meta := _META.search(data[:4_000])):
        label = meta.group(1).decode("ascii")
    lines = _laid_out(decode_text(data, label, work), kind, parameters, is_html=is_html, work=work)
    work.spend(6 * len(lines))
    return lines


def _laid_out(text: str, kind: str, parameters: dict[str, str], *, is_html: bool, work: Work) -> list[Line]:
    if _is_rubbish(text[:20_000]):
        work.hold(unread.RUBBISH)
    if is_html or kind == "text/enriched":
        return read_markup(text, work)
    lines = open_armour(plain_lines(text, work), work)
    if parameters.get("format", "").lower() == "flowed":
        return unflow(lines, delete_space=parameters.get("delsp", "").lower() == "yes")
    return lines


_STRANGE = re.compile(r"[\ufffd\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f-\x9f]")


def _is_rubbish(text: str) -> bool:
    """More than one in ten is no sign that people write: binary data, or another charset than declared."""
    strange = len(_STRANGE.findall(text))
    return strange * 10 > len(text)
