"""Any bytes as an archive of each format that `breakwater import` takes: first the format, then the bytes.

What must hold: the reader says in two lines at most what is wrong, or goes on; what it finds can be read again and has a time with a zone;
it never goes back; a packed chat gives no file larger than it says.
"""

from __future__ import annotations

import io
import random
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from gateway.demo.sample import family as sample_family
from tests.fuzz.machine import instrumented, main, scramble

with instrumented("gateway.intake.archives", "gateway.parsing"):
    from gateway.family import Family
    from gateway.intake.archives.found import ArchiveError, Found, Problem
    from gateway.intake.archives.kept import parse_kept
    from gateway.intake.archives.people import Cast
    from gateway.intake.archives.sources import open_archive
    from gateway.ledger.leaf import canonical
from tests.intake.archives.samples import ANDROID, IMAZING, IPHONE, MBOX, SMS_BACKUP
from tests.intake.archives.test_anything import ODD

FORMATS = (
    ("mbox", "m.mbox"), ("eml", "m.eml"), ("eml", "m.emlx"), ("whatsapp", "c.txt"), ("whatsapp", "c.zip"), ("sms-backup", "s.xml"),
    ("imessage", "i.csv"),
)  # fmt: skip
PIECES = [
    *ODD,
    b"PK\x03\x04",
    b"PK\x01\x02",
    b"PK\x05\x06",
    b"<!DOCTYPE x [<!ENTITY a 'b'>]>",
    b"&a;",
    b"\xef\xbb\xbf",
    b"\x1a",
    b'date="-9"',
    b"1e400",
]
PLACE = Path(tempfile.mkdtemp(prefix="fuzz-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
CAST = Cast(Family.model_validate(sample_family()), ("Mark",), ("Dana",), (), by_name=True)


def one(raw: bytes) -> None:
    """What must hold for every archive."""
    if not raw:
        return
    format_, name = FORMATS[raw[0] % len(FORMATS)]
    file, body = PLACE / name, raw[1:]
    file.write_bytes(body)
    items: list[Found | Problem] = []
    said = ""
    try:
        archive = open_archive(format_, file, CAST, zone="America/Chicago", order=None, today=date(2026, 11, 26))
        items.extend(archive.items())
    except ArchiveError as error:
        said = str(error)
        assert said
    assert said.count("\n") <= 2
    said.encode("utf8")
    for item in items:
        assert item.line >= 1
        if isinstance(item, Found):
            reading = parse_kept(item.channel, item.raw)
            canonical({"words": reading.new_text, "subject": reading.subject}).encode("utf8")
            assert item.written_at is None or item.written_at.utcoffset() is not None
    assert [item.done for item in items] == sorted(item.done for item in items)


def change(raw: bytes, dice: random.Random) -> bytes:
    """Another archive; of a packed chat mostly the text in it, so that it can still be unpacked."""
    if len(raw) > 1 and FORMATS[raw[0] % len(FORMATS)][1] == "c.zip" and dice.random() < 0.7:
        try:
            with zipfile.ZipFile(io.BytesIO(raw[1:])) as packed:
                name = packed.namelist()[0]
                if packed.getinfo(name).file_size < 100_000:
                    return raw[:1] + _packed(scramble(packed.read(name), dice, PIECES), dice.choice(NAMES))
        except Exception:  # a packed chat that another change broke
            return raw[:1] + _packed(scramble(IPHONE.encode(), dice, PIECES), dice.choice(NAMES))
    return scramble(raw or b"\0", dice, PIECES)


NAMES = ("_chat.txt", "WhatsApp Chat with Mark.txt", "../_chat.txt", "a/b/_chat.txt", "x.jpg", "")


def _packed(text: bytes, name: str) -> bytes:
    place = io.BytesIO()
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(zipfile.ZipInfo(name or "x"), text)
        packed.writestr(zipfile.ZipInfo("00000012-PHOTO-2026-11-24-19-42-10.jpg"), b"\xff\xd8\xff")
    return place.getvalue()


def seeds() -> Iterator[bytes]:
    """One of each format, and one of each under the name of another."""
    letter = b"From: Mark <mark@example.net>\r\nTo: dana@example.org\r\nDate: Tue, 24 Nov 2026 12:00:00 +0000\r\n\r\nPickup is at 6.\r\n"
    samples = [
        MBOX,
        letter,
        b"%d\n" % len(letter) + letter,
        ANDROID,
        _packed(IPHONE.encode(), "_chat.txt"),
        SMS_BACKUP,
        IMAZING,
        IPHONE,
    ]
    for number in range(len(FORMATS)):
        for sample in samples:
            yield bytes([number]) + (sample.encode() if isinstance(sample, str) else sample)


if __name__ == "__main__":
    main(one, seeds(), change)
