"""The words in a file, as far as they can be had cheaply: for the rules of danger and emergencies alone. Pure.

Nothing of them is ever shown. Texts, contact cards, calendars, pages and RTF are read, each up to `MOST_OF_A_FILE` bytes, all files of
a message up to `MOST`; what is packed, drawn or spoken is not opened.
"""

from __future__ import annotations

import html
import quopri
import re
from collections.abc import Iterator, Sequence
from typing import Final

from gateway.attachments.kinds import CLAIM_BY_ENDING, ending_of
from gateway.attachments.names import stem_of, words_of
from gateway.parsing import Attachment
from gateway.parsing.charsets import decode_text
from gateway.parsing.rich import read_rtf
from gateway.parsing.work import Work

MOST_OF_A_FILE: Final = 100_000
MOST: Final = 300_000
MOST_NAMES: Final = 20_000
"""Code points of the names of all files of a message."""
_TAG: Final = re.compile(r"<[^<>]*>")
_FOLDED: Final = re.compile(r"\n[ \t]")
_WITHIN: Final = re.compile(r"(?<!\n)[ \t]*\n[ \t>]*(?!\n)")
_ESCAPES: Final = {"\\n": "\n", "\\N": "\n", "\\,": ",", "\\;": ";", "\\\\": "\\"}
_ESCAPED: Final = re.compile(r"\\[nN,;\\]")


def words_of_names(files: Sequence[Attachment]) -> str:
    """The words of all names, a line each; an ending may be one of them."""
    return "\n".join(f"{words_of(stem_of(file.name))}\n{words_of(file.name)}" for file in files)[:MOST_NAMES]


def words_of_files(files: Sequence[Attachment]) -> Iterator[str]:
    """The words of each file that has some, in every way that they may be written."""
    left = MOST
    for file in files:
        data = file.data[: min(MOST_OF_A_FILE, left)]
        found = _text_of(file, data)
        if found:
            left -= len(data)
            yield from ways(found)


def ways(text: str) -> Iterator[str]:
    """A text line by line, and with the lines of each paragraph as one: a sentence may be wrapped anywhere."""
    yield text
    one = _WITHIN.sub(" ", text)
    if one != text:
        yield one


def bare(text: str) -> str:
    """The words of markup."""
    return html.unescape(_TAG.sub(" ", text))


def _text_of(file: Attachment, data: bytes) -> str:
    if file.type == "application/rtf":
        return read_rtf(data, Work())[0]
    by_name = CLAIM_BY_ENDING.get(ending_of(file.name)) in ("text", "page")
    if not (by_name or any(kind.startswith("text/") for kind in (file.type, file.claimed_type))):
        return ""
    text = decode_text(data, None, Work()).replace("\r\n", "\n").replace("\r", "\n")
    if "BEGIN:V" in text[:2_000].upper():
        return _of_fields(text)
    return bare(text) if "<" in text else text


def _of_fields(text: str) -> str:
    """Contact cards and calendars (RFC 6350, RFC 5545): lines put together again, escapes undone, also those of vCard 2.1."""
    if "QUOTED-PRINTABLE" in text.upper():
        text = quopri.decodestring(text.encode("utf8", "replace")).decode("utf8", "replace").replace("\r", "")
    return _ESCAPED.sub(lambda found: _ESCAPES[found[0]], _FOLDED.sub("", text))
