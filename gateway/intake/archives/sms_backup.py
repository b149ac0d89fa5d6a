"""The XML of "SMS Backup & Restore" (Android), and of the programs that write the same form.

    <smses count="2"> <sms address= date= type= body= .../> <mms date= msg_box= ...><parts>…</parts><addrs>…</addrs></mms>

A backup with pictures runs to gigabytes, so the file is cut at its tags as it is read, and each element is parsed alone:
memory stays at one element, and a broken one spoils no other. Cutting at ``<`` is safe, since XML allows none inside a
value. Emoji are often written as two surrogate references (``&#55357;&#56832;``), which no XML parser takes; they are joined
first. Field meanings: synctech.com.au/sms-backup-restore/fields-in-xml-backup-files and Android's Telephony provider.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Final
from xml.etree import ElementTree

from gateway.intake.archives.found import LONGEST, ArchiveError, Found, Problem
from gateway.parsing.charsets import whole_characters

CHUNK: Final = 1024 * 1024
RECEIVED: Final = "1"
DRAFT: Final = "3"
NOT_SENT: Final = {"4": "was waiting to be sent", "5": "could not be sent", "6": "was waiting to be sent"}
FROM: Final = "137"
TO_CC_BCC: Final = frozenset({"151", "130", "129"})
OWN: Final = "insert-address-token"
_REFERENCE: Final = re.compile(r"&#(x[0-9a-fA-F]{1,8}|[0-9]{1,9});")
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Element:
    """The bytes of one ``sms`` or ``mms``, where it begins, and how far the file has been read."""

    raw: bytes
    line: int
    done: int


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an MMS."""

    type: str
    name: str
    text: str
    data: str


def messages(stream: IO[bytes], name: str) -> Iterator[Found | Problem]:
    """Every message of the backup. Raises ArchiveError when it is none."""
    for element in elements(stream, name):
        if isinstance(element, Problem):
            yield element
            continue
        try:
            root = parse(element.raw)
        except ElementTree.ParseError:
            yield Problem(element.line, "this entry is not well-formed XML; make the backup again", element.done)
            continue
        found = _sms(root, element) if root.tag == "sms" else _mms(root, element)
        if found is not None:
            yield found


def elements(stream: IO[bytes], name: str) -> Iterator[Element | Problem]:
    """Cut the file into its elements without reading it whole."""
    line, done, opened, kind, open_line, comment = 1, 0, bytearray(), b"", 0, False
    begun = ended = False
    for token in tokens(stream):
        here, line, done = line, line + token.count(b"\n"), done + len(token) + 1
        if comment or (not opened and token.startswith(b"!--")):
            comment = b"-->" not in token
            continue
        tag = re.match(rb"/?[A-Za-z]+", token)
        word = tag.group() if tag else b""
        if not begun and word:
            begun = _is_root(token, word, name, here)
            continue
        if word in (b"sms", b"mms"):
            if opened:
                yield Problem(open_line, "this entry has no end; make the backup again", done)
            opened, kind, open_line = bytearray(), word, here
        if kind and (opened or word == kind):
            opened += b"<" + token
            if len(opened) > LONGEST:
                yield Problem(open_line, "this entry is larger than anything that can be kept", done)
                opened, kind = bytearray(), b""
            elif word == b"/" + kind or (word == kind and token.rstrip().endswith(b"/>")):
                yield Element(bytes(opened).rstrip(), open_line, done)
                opened, kind = bytearray(), b""
        ended = ended or word == b"/smses"
    if not begun:
        raise ArchiveError(f"{name} line 1: {WRONG}")
    if opened:
        yield Problem(open_line, "the file ends in the middle of this entry; copy it from the phone again", done)
    elif not ended:
        yield Problem(line, "the file ends before its closing tag, so more may be missing; copy it again", done)


WRONG: Final = (
    "this is no backup of SMS Backup & Restore (it should begin with <smses>).\n"
    "In the app choose Back up, tick Messages, and give the sms-….xml file."
)


def _is_root(token: bytes, word: bytes, name: str, line: int) -> bool:
    if word == b"smses":
        return True
    if word == b"calls":
        raise ArchiveError(f"{name} line {line}: this is a backup of calls; give the file whose name begins with sms-")
    raise ArchiveError(f"{name} line {line}: {WRONG}")


def tokens(stream: IO[bytes]) -> Iterator[bytes]:
    """What stands between one ``<`` and the next; the first is what stands before any."""
    first, held = True, []
    while chunk := stream.read(CHUNK):
        pieces = chunk.split(b"<")
        held.append(pieces[0])
        if len(pieces) > 1:
            if not first:
                yield b"".join(held)
            first = False
            yield from pieces[1:-1]
            held = [pieces[-1]]
    if not first:
        yield b"".join(held)


def parse(raw: bytes) -> ElementTree.Element:
    """One element, with surrogate references joined and forbidden characters replaced. Raises ParseError."""
    try:
        text = raw.decode("utf-8", "surrogatepass")  # some programs write each half of an emoji as three bytes
    except UnicodeDecodeError:
        text = raw.decode("utf-8", "replace")
    text = _FORBIDDEN.sub("�", whole_characters(_REFERENCE.sub(_character, text)))
    return ElementTree.fromstring(text)  # noqa: S314 (a fragment: see the import)


def _character(match: re.Match[str]) -> str:
    """Surrogates become themselves, to be joined with their other half; what XML has no room for is replaced."""
    written = match.group(1)
    number = int(written[1:], 16) if written[0] == "x" else int(written)
    if 0xD800 <= number <= 0xDFFF:
        return chr(number)
    if number in (9, 10, 13) or (32 <= number < 0xFFFE) or 0x10000 <= number <= 0x10FFFF:
        return match.group()
    return "�"


def _sms(root: ElementTree.Element, element: Element) -> Found | Problem | None:
    kind = root.get("type", "")
    if kind == DRAFT:
        return None
    moment = _moment(root.get("date", ""))
    if moment is None:
        return Problem(element.line, "this entry has no possible date; make the backup again", element.done)
    mine = kind != RECEIVED
    address, contact = _value(root, "address"), _value(root, "contact_name")
    return Found(
        channel="sms",
        raw=element.raw,
        key=("sms", "out" if mine else "in", _digits(address), root.get("date", ""), root.get("body", "")),
        written_at=moment,
        sender=() if mine else (address,),
        others=(address,) if mine else (),
        line=element.line,
        done=element.done,
        mine=mine,
        names=((address, contact),) if contact else (),
        odd=(NOT_SENT[kind],) if kind in NOT_SENT else (),
    )


def _mms(root: ElementTree.Element, element: Element) -> Found | Problem | None:
    box = root.get("msg_box", "")
    if box == DRAFT:
        return None
    moment = _moment(root.get("date", ""))
    if moment is None:
        return Problem(element.line, "this entry has no possible date; make the backup again", element.done)
    mine = box != RECEIVED
    listed = tuple(a for a in _value(root, "address").split("~") if a)
    said = [(a.get("type", ""), a.get("address", "")) for a in root.iter("addr")]
    sender = tuple(a for kind, a in said if kind == FROM and a != OWN)
    others = tuple(a for kind, a in said if kind in TO_CC_BCC and a != OWN)
    content = hashlib.sha256(repr([(p.type, p.text, p.data) for p in parts_of(root)]).encode("utf8")).hexdigest()
    contact = _value(root, "contact_name")
    return Found(
        channel="sms",
        raw=element.raw,
        key=("mms", "out" if mine else "in", *sorted(map(_digits, listed)), root.get("date", ""), content),
        written_at=moment,
        sender=() if mine else sender or listed[:1],
        others=tuple(dict.fromkeys(listed + others)) if mine else tuple(a for a in others if a not in sender),
        line=element.line,
        done=element.done,
        mine=mine,
        names=((listed[0], contact),) if contact and len(listed) == 1 else (),
    )


def parts_of(root: ElementTree.Element) -> list[Part]:
    """Text and files of an MMS, without the layout."""
    out = []
    for part in root.iter("part"):
        kind = _value(part, "ct").lower()
        if kind != "application/smil":
            name = next((v for a in ("cl", "name", "fn") if (v := _value(part, a))), "")
            out.append(Part(kind, name, _value(part, "text"), part.get("data", "")))
    return out


def _value(element: ElementTree.Element, name: str) -> str:
    """An attribute; the app writes the word null where there is none."""
    value = element.get(name, "")
    return "" if value == "null" or (name == "contact_name" and value == "(Unknown)") else value


def _digits(address: str) -> str:
    """A number without its dress; an address of letters stays as it is."""
    return re.sub(r"[^0-9]", "", address) or address.lower()


def _moment(written: str) -> datetime | None:
    """Milliseconds since 1970, or seconds in old backups of MMS."""
    try:
        number = int(written)
        return datetime.fromtimestamp(number / 1000 if number > 10**11 else number, UTC) if number > 0 else None
    except (ValueError, OverflowError, OSError):
        return None
