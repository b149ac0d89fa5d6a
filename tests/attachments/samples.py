"""Files as they come, good and hostile, built byte by byte. Everybody and everything in them is invented."""

from __future__ import annotations

import hashlib
import struct
import zipfile
import zlib
from io import BytesIO

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base
from PIL.PngImagePlugin import PngInfo

from gateway.parsing import Attachment
from gateway.parsing.files import describe_file

SECRETS = (b"SecretPhone 9", b"Secret Maker", b"secret comment", b"secret-xmp", b"secret tail", b"Exif", b"GPS")
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
PROGRAM = b"MZ\x90\x00" + b"\x00" * 200
TYPES = {
    "docx": ("word/document.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "xlsx": ("xl/workbook.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


def file(data: bytes, name: str = "", claimed: str = "application/octet-stream", *, inline: bool = False) -> Attachment:
    return describe_file(data, name, claimed, inline=inline)


def photo(width: int = 400, height: int = 300, orientation: int = 1) -> bytes:
    """A JPEG with place, device, thumbnail, XMP and comment, and something behind its end. Left half red, right blue."""
    picture = Image.new("RGB", (width, height), (220, 10, 10))
    picture.paste((10, 10, 220), (width // 2, 0, width, height))
    exif = Image.Exif()
    exif[Base.Make], exif[Base.Model], exif[Base.Orientation] = "Secret Maker", "SecretPhone 9", orientation
    exif.get_ifd(IFD.GPSInfo)[GPS.GPSLatitude] = (41.0, 52.0, 41.0)
    exif.get_ifd(IFD.GPSInfo)[GPS.GPSLatitudeRef] = "N"
    out = BytesIO()
    picture.save(out, "JPEG", exif=exif, comment=b"secret comment", xmp=b"<x:xmpmeta>secret-xmp</x:xmpmeta>")
    return out.getvalue() + b"secret tail" + packed({"evil.exe": PROGRAM})


def png(width: int = 40, height: int = 30, **more: object) -> bytes:
    info = PngInfo()
    info.add_text("Comment", "secret comment")
    info.add_itxt("XML:com.adobe.xmp", "secret-xmp")
    out = BytesIO()
    Image.new("RGBA", (width, height), (0, 255, 0, 128)).save(out, "PNG", pnginfo=info, **more)
    return out.getvalue()


def png_that_claims(width: int, height: int) -> bytes:
    """A PNG whose head says one size while there is nothing behind it: a bomb of a few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


def real_bomb(side: int) -> bytes:
    """A PNG of one colour with that many pixels a side, written line by line: small to send, large to decode."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    squeeze, row = zlib.compressobj(9), b"\0" * (side * 4 + 1)
    body = b"".join(squeeze.compress(row) for _ in range(side)) + squeeze.flush()
    head = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def pdf(extra: bytes = b"", tail: bytes = b"") -> bytes:
    """A small PDF. `extra` goes into its catalogue."""
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R" + extra + b">>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj\n"
        b"trailer<</Root 1 0 R" + tail + b">>\n%%EOF\n"
    )


def pdf_with_packed(content: bytes, name: bytes = b"/ObjStm", filter_: bytes = b"/FlateDecode") -> bytes:
    """A PDF whose objects lie in a packed stream."""
    squeezed = zlib.compress(content)
    head = b"5 0 obj<</Type" + name + b"/N 1/First 4/Filter" + filter_ + b"/Length " + str(len(squeezed)).encode()
    return pdf().replace(b"trailer", head + b">>stream\r\n" + squeezed + b"\nendstream endobj\ntrailer")


def packed(files: dict[str, bytes], *, locked: bool = False) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    data = bytearray(out.getvalue())
    if locked:  # general purpose bit 0 of the central folder (APPNOTE 4.4.4)
        at = data.find(b"PK\x01\x02")
        while at >= 0:
            data[at + 8] |= 1
            at = data.find(b"PK\x01\x02", at + 4)
    return bytes(data)


def office(kind: str = "docx", more: dict[str, bytes] | None = None, rels: str = "", **options: bool) -> bytes:
    """A Word or Excel file of today. `rels`: relationships of the main part."""
    main, _ = TYPES[kind]
    folder, _, name = main.partition("/")
    files = {
        "[Content_Types].xml": b"<Types/>",
        main: b"<w:document>hello</w:document>",
        f"{folder}/_rels/{name}.rels": f"<Relationships>{rels}</Relationships>".encode(),
        **(more or {}),
    }
    return packed(files, **options)


def relation(type_: str, target: str = "http://tracker.example.net/t.dotm", mode: str = "External") -> str:
    return f'<Relationship Id="r1" Type="http://x/relationships/{type_}" Target="{target}" TargetMode="{mode}"/>'


def compound(*names: str, flags: int = 0) -> bytes:
    """A compound file (old office) with those names in its folder; its first sector begins a Word document."""
    entries = b""
    for name in ("Root Entry", *names):
        written = name.encode("utf-16-le") + b"\0\0"
        kind = 5 if name == "Root Entry" else 2
        entries += written.ljust(64, b"\0") + struct.pack("<HB", len(written), kind) + b"\0" * 61
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0")
    word = (b"\xec\xa5" + b"\0" * 8 + struct.pack("<H", flags)).ljust(512, b"\0")
    return head + word + entries.ljust(-(-len(entries) // 512) * 512, b"\0")


def open_document(kind: str = "text", manifest: bytes = b"<m/>", **more: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        made.writestr("content.xml", "<c/>")
        made.writestr("META-INF/manifest.xml", manifest)
        for name, content in more.items():
            made.writestr(name.replace("__", "/"), content)
    return out.getvalue()


INVITATION = b"""BEGIN:VCALENDAR\r
METHOD:REQUEST\r
PRODID:-//Secret Maker//EN\r
X-WR-CALNAME:secret comment\r
BEGIN:VTIMEZONE\r
TZID:America/Chicago\r
BEGIN:STANDARD\r
DTSTART:20261101T020000\r
TZOFFSETFROM:-0500\r
TZOFFSETTO:-0600\r
END:STANDARD\r
END:VTIMEZONE\r
BEGIN:VEVENT\r
UID:secret-uid@mark.example.net\r
ORGANIZER;CN=Mark:mailto:mark@example.net\r
ATTENDEE;RSVP=TRUE;CN="Dana: x":mailto:dana@example.org\r
DTSTART;TZID="America/Chicago";X-SECRET=1:20261201T153000\r
DTEND;TZID=America/Chicago:20261201T163000\r
SUMMARY:Dentist for Em\r
 ma\r
LOCATION:Main St\r
DESCRIPTION:call mailto:mark@example.net\r
URL:http://tracker.example.net/x\r
ATTACH;VALUE=BINARY;ENCODING=BASE64:AAAA\r
BEGIN:VALARM\r
ACTION:EMAIL\r
SUMMARY:secret alarm\r
END:VALARM\r
END:VEVENT\r
END:VCALENDAR\r
"""


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
