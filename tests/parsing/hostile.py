"""Messages made to break a reader: far too deep, too many, too long. Made here, since they are too large to keep."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable, Mapping
from typing import Final

MIB: Final = 1024 * 1024
TOP: Final = "From: a@example.org\nTo: b@example.net\nSubject: x\nMIME-Version: 1.0\n"


def _mail(kind: str, body: bytes, extra: str = "") -> bytes:
    return f"{TOP}Content-Type: {kind}\n{extra}\n".encode() + body


def nested_multiparts(depth: int = 1_200) -> bytes:
    """Python's email package: RecursionError."""
    opening = "".join(f"Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n" for i in range(depth))
    return (TOP + opening + "\nPick Mia up at 5.\n").encode()


def nested_messages(depth: int = 1_200) -> bytes:
    """A message in a message in a message."""
    return (TOP + "Content-Type: message/rfc822\n\n" * depth + "\nPick Mia up at 5.\n").encode()


def _html(body: str) -> bytes:
    return _mail("text/html", body.encode())


def _winmail_of_values() -> bytes:
    values = struct.pack("<HHI", 0x001E, 0x1000, 60_000) + struct.pack("<I", 0) * 2_000
    properties = struct.pack("<I", 2_000) + values * 200
    attribute = struct.pack("<BHHI", 1, 0x9003, 6, len(properties)) + properties + bytes(2)
    return b"\x78\x9f\x3e\x22\x01\x00" + attribute * 10


HOSTILE: Final[Mapping[str, Callable[[], bytes]]] = {
    "nested multiparts": nested_multiparts,
    "nested messages": nested_messages,
    "100,000 parts": lambda: _mail("multipart/mixed; boundary=b", b"--b\n\nx\n" * 100_000),
    "500 multiparts without their boundary in 20 MB": lambda: _mail(
        "multipart/mixed; boundary=b",
        b"--b\nContent-Type: multipart/mixed; boundary=none\n\nx\n" * 499 + b"word " * (4 * MIB),
    ),
    "25 MB of lines that look like delimiters": lambda: _mail("multipart/mixed; boundary=b", b"--b1\n" * (5 * MIB)),
    "25 MB of words": lambda: _mail("text/plain", b"Mia at five. " * (25 * MIB // 13)),
    "25 MB of empty lines": lambda: _mail("text/plain", b"\n" * (25 * MIB)),
    "25 MB of quotes": lambda: _mail("text/plain", b"> a\n" * (25 * MIB // 4)),
    "25 MB of base64 text": lambda: _mail(
        "text/plain", base64.encodebytes(b"Mia at five. " * (18 * MIB // 13)), "Content-Transfer-Encoding: base64\n"
    ),
    "25 MB of base64 in lines of one letter": lambda: _mail(
        "text/plain", b"TWlh"[:1].join([b"\n"]) + b"T\n" * (12 * MIB), "Content-Transfer-Encoding: base64\n"
    ),
    "25 MB file": lambda: _mail(
        "application/pdf; name=a.pdf",
        base64.encodebytes(b"%PDF-1.4" + bytes(18 * MIB)),
        "Content-Transfer-Encoding: base64\n",
    ),
    "25 MB of quoted-printable": lambda: _mail(
        "text/plain", b"M=C3=ADa=20at=\n" * (25 * MIB // 15), "Content-Transfer-Encoding: quoted-printable\n"
    ),
    "25 MB of HTML": lambda: _html("<p>Mia <b>at</b> five.</p>\n" * (25 * MIB // 27)),
    "HTML of 100,000 nested divs": lambda: _html("<div>" * 100_000 + "Pick-up at 5"),
    "HTML of 1,400 nested divs with paragraphs": lambda: _html("<div>" * 1_400 + "<p>a" * 100_000),
    "HTML with 200,000 attributes": lambda: _html(
        "<p " + " ".join(f"a{i}=1" for i in range(200_000)) + ">Pick-up at 5"
    ),
    "HTML of unclosed comments": lambda: _html("<!--" * 500_000),
    "HTML of unclosed brackets": lambda: _html("<a" * 1_000_000),
    "HTML of ampersands": lambda: _html("&" * 2_000_000),
    "HTML with a style sheet of braces": lambda: _html(
        "<style>" + "a{b:c}" * 100_000 + "@media{" * 50_000 + "</style>x"
    ),
    "HTML of misnested formatting": lambda: _html("<b><i><u><a>" * 300 + "<p>x</b></i></u></a>" * 5_000),
    "HTML of tables in tables": lambda: _html("<table><tr><td>" * 450 + "x"),
    "a header of 25 MB": lambda: f"{TOP}X: ".encode() + b"a" * (25 * MIB) + b"\n\nx\n",
    "300,000 headers": lambda: b"X-A: b\n" * 300_000 + TOP.encode() + b"\nx\n",
    "a header folded 300,000 times": lambda: TOP.encode() + b"References:" + b" <a@b>\n" * 300_000 + b"\nx\n",
    "60,000 encoded words": lambda: b"Subject: " + b"=?utf-8?Q?=C3=AD?= " * 3_000 + b"\n" + TOP.encode() + b"\nx\n",
    "an encoded word without end, often": lambda: (
        b"Subject: " + b"=?utf-8?Q?" * 6_000 + b"\n" + TOP.encode() + b"\nx\n"
    ),
    "60 KB of opening brackets in From": lambda: b"From: " + b'<("' * 20_000 + b"\n\nx\n",
    "20,000 addresses": lambda: b"To: " + b"a@b.c, " * 8_000 + b"\n\nx\n",
    "attributions without end": lambda: _mail("text/plain", b"On Mon 2026-03-09 17:12 D <d@e.fr> wrote:\n" * 30_000),
    "heads without end": lambda: _mail("text/plain", b"From: a\nSent: 1\nTo: b\n\n" * 8_000),
    "dividers without end": lambda: _mail("text/plain", b"-----Original Message-----\n" * 30_000),
    "signature marks without end": lambda: _mail("text/plain", b"-- \na\n\n" * 10_000, "In-Reply-To: <a@b>\n"),
    "disclaimers without end": lambda: _mail(
        "text/plain", b"This e-mail and any confidential privileged virus\n" * 29_000
    ),
    "calendar without end": lambda: _mail("text/calendar", b"BEGIN:VEVENT\nSUMMARY:a\n" * 500_000),
    "winmail of many attributes": lambda: _mail(
        "application/ms-tnef",
        b"\x78\x9f\x3e\x22\x01\x00" + (b"\x01\x0c\x80\x02\x00\x01\x00\x00\x00a\x61\x00" * 500_000),
    ),
    "winmail of many values": lambda: _mail("application/ms-tnef", _winmail_of_values()),
    "two forms of 20,000 lines that differ": lambda: _mail(
        "multipart/alternative; boundary=b",
        b"--b\n\n"
        + b"".join(b"p%d q%d\n" % (i, i) for i in range(19_000))
        + b"--b\nContent-Type: text/html\n\n"
        + b"".join(b"h%d i%d<br>" % (i, i) for i in range(19_000)),
    ),
    "20 parts of 20,000 attributions": lambda: _mail(
        "multipart/mixed; boundary=b",
        (b"--b\n\n" + b"On 2026-03-09 17:12 D <d@e.fr> wrote:\n" * 19_000) * 20,
        "In-Reply-To: <a@b>\n",
    ),
    "junk among the headers": lambda: b"X: y\n" + (b"j\n" * 1_900 + b"From: a@b.c\n") * 200 + b"\nx\n",
    "parts with long parameters": lambda: _mail(
        "multipart/mixed; boundary=b", (b"--b\nContent-Type: text/plain; " + b"a=b; " * 2_000 + b"\n\nx\n") * 499
    ),
    "HTML with 500 pictures inside": lambda: _html(
        ('<p>a<img src="data:image/png;base64,' + "iVBOR/w0K=" * 4_000 + '">') * 500
    ),
    "RTF of 1,000,000 groups": lambda: _mail("text/rtf", b"{\\rtf1" + b"{\\b x" * 500_000),
    "10,000 uuencoded beginnings": lambda: _mail("text/plain", b"begin 644 a\n#0V%T\n" * 14_000),
    "bare carriage returns": lambda: b"\r" * (25 * MIB),
    "NUL bytes": lambda: _mail("text/plain", b"\x00" * (25 * MIB)),
    "nothing": lambda: b"",
}
