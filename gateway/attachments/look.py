"""What can be said of a file from its bytes, its name and its claimed type, without opening it. Pure; never raises.

The result is a kind and traits (`gateway.policy.rule.TRAITS`), which the rules of scope ``file`` go by. The bytes decide
what it is; name and claimed type can only speak against it. Marks are looked for in the whole file, so a document may be
held for bytes that only look like a mark; one that is handed out has none.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field
from typing import Final

from gateway.attachments import kinds, office
from gateway.attachments.kinds import FileKind, claim_of_type, ending_of, kind_of
from gateway.attachments.picture import MAX_PIXELS, PictureError, size_of
from gateway.parsing import Attachment

ORNAMENT_PIXELS: Final = 160
MAX_SIGNATURE: Final = 20_000
LARGEST_INFLATED: Final = 64 * 1024 * 1024
MOST_OBJECT_STREAMS: Final = 5_000
_SIGNATURES: Final = ("application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature")
_SEALED: Final = ("pgp-encrypted", "pkcs7-mime", "rpmsg")
_SEALED_ENDINGS: Final = frozenset(["gpg", "pgp", "p7m", "rpmsg", "age", "enc"])
# ISO 32000-1: 12.6.4 actions, 7.11.4 embedded files, 13.6/13.7 media; 7.6 encryption.
_PDF_ACTS: Final = re.compile(
    rb"/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia|GoToE|SubmitForm|ImportData|Rendition|XFA)\b"
)
_OBJECT_STREAM: Final = re.compile(rb"/(?:O|#4[fF])(?:b|#62)(?:j|#6[aA])(?:S|#53)(?:t|#74)(?:m|#6[dD])")
_PAGE: Final = re.compile(rb"(?i)<(?:script|html|!doctype|iframe|svg|body|object|embed|meta)\b|javascript:")


@dataclass(frozen=True, slots=True)
class Look:
    """What a file is. `words` is neutral, `ending` goes behind a safe name."""

    kind: FileKind
    traits: frozenset[str] = field(default_factory=frozenset)

    @property
    def words(self) -> str:
        """What a card calls it."""
        return self.kind.words

    @property
    def ending(self) -> str:
        """For a safe name."""
        return self.kind.ending


def look(file: Attachment) -> Look:
    """Look at one file."""
    try:
        found = _look(file)
    except Exception:  # noqa: BLE001 (whatever breaks the look is held, and the message goes on)
        return Look(kinds.UNKNOWN, frozenset(["damaged"]))
    return Look(found.kind, found.traits | _by_claim(file, found.kind))


def _look(file: Attachment) -> Look:
    kind, data = kind_of(file.type), file.data
    if _is_sealed(file):
        return Look(kinds.UNKNOWN, frozenset(["encrypted"]))
    if kind.trait == "picture":
        return Look(kind, _of_picture(file))
    if kind is kinds.PDF:
        return Look(kind, _of_pdf(data))
    if file.type == "application/x-ole-storage":
        return Look(*office.of_ole(data))
    if kind.ending == "rtf":
        return Look(kind, office.of_rtf(data))
    if kind.claim == "office":
        return Look(*office.of_zip(data, kind))
    if kind.claim == "text" and _PAGE.search(data[:65_536]):
        return Look(kinds.PAGE, frozenset(["page"]))
    return Look(kind, frozenset([kind.trait]))


def _is_sealed(file: Attachment) -> bool:
    return (
        any(word in file.claimed_type.lower() for word in _SEALED)
        or ending_of(file.name) in _SEALED_ENDINGS
        or b"-----BEGIN PGP MESSAGE-----" in file.data[:1_000]
    )


def _of_picture(file: Attachment) -> frozenset[str]:
    try:
        width, height = size_of(file.data)
    except PictureError:
        return frozenset(["damaged"])
    if width * height > MAX_PIXELS:
        return frozenset(["bomb"])
    if file.inline and max(width, height) <= ORNAMENT_PIXELS:
        return frozenset(["ornament"])
    return frozenset(["picture"])


def _of_pdf(data: bytes) -> frozenset[str]:
    """A name may be written with ``#xx`` for any letter (ISO 32000-1 7.3.5), and objects may lie in packed streams."""
    traits = {"document"}
    plain = _unhashed(data)
    packed, whole = _object_streams(data)
    if b"/Encrypt" in plain:
        traits.add("encrypted")
    elif not whole or _PDF_ACTS.search(plain) or _PDF_ACTS.search(packed) or _is_two(data):
        traits.add("active")
    return frozenset(traits)


def _unhashed(data: bytes) -> bytes:
    return re.sub(rb"#([0-9A-Fa-f]{2})", lambda m: bytes([int(m[1], 16)]), data)


def _object_streams(data: bytes) -> tuple[bytes, bool]:
    """What stands in packed object streams (ISO 32000-1 7.5.7), and whether all of them could be unpacked."""
    out = bytearray()
    for count, mark in enumerate(_OBJECT_STREAM.finditer(data)):
        begin = data.find(b"stream", mark.end(), mark.end() + 2_000)
        if begin < 0 or count > MOST_OBJECT_STREAMS:
            return bytes(out), False
        begin += len(b"stream")
        begin += 2 if data[begin : begin + 2] == b"\r\n" else 1
        try:
            unpack = zlib.decompressobj()
            room = LARGEST_INFLATED - len(out)
            out += unpack.decompress(memoryview(data)[begin:], max(1, room))
        except zlib.error:
            return bytes(out), False
        if len(out) >= LARGEST_INFLATED:
            return bytes(out), False
    return _unhashed(bytes(out)), True


def _is_two(data: bytes) -> bool:
    """A packed folder behind a document, or a page before it: two files in one."""
    return (b"PK\x05\x06" in data[-70_000:] and b"PK\x03\x04" in data) or bool(_PAGE.search(data[:1_024]))


def _by_claim(file: Attachment, kind: FileKind) -> frozenset[str]:
    """What name and claimed type say against it."""
    ending = ending_of(file.name)
    traits = set()
    if file.claimed_type.lower() in _SIGNATURES and len(file.data) <= MAX_SIGNATURE and kind.trait != "program":
        return frozenset(["signature"])
    if ending in kinds.PROGRAM_ENDINGS or claim_of_type(file.claimed_type) == "program":
        traits.add("program")
    if ending in kinds.MACRO_ENDINGS or "macroenabled" in file.claimed_type.lower():
        traits.add("macros")
    claims = {kinds.CLAIM_BY_ENDING.get(ending, ""), claim_of_type(file.claimed_type)} - {"", "program"}
    if kind.claim and any(claim != kind.claim and (claim, kind.claim) not in kinds.FITTING for claim in claims):
        traits.add("mismatch")
    if not kind.claim and kind is not kinds.EMPTY and claims & {"picture", "pdf", "office"}:
        traits.add("mismatch")
    return frozenset(traits)
