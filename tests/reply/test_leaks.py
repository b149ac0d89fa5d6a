"""Every byte that the other parent gets, taken apart at every level: the new words exactly, and nothing else of the parent's.

Each probe goes the real way: SMTP or the signed webhook in, the desk, SMTP or the carrier's API out.
"""

from __future__ import annotations

import base64
import binascii
import html
import itertools
import quopri
import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from smtplib import SMTP
from urllib.parse import unquote_to_bytes

import pytest

from gateway.demo.sample import EX_EMAIL, EX_PHONE, PARENT_EMAIL, PARENT_PHONE, RELAY_EMAIL, RELAY_PHONE, Sample, family
from gateway.family import Family
from tests.e2e.world import World, open_world
from tests.reply.probes import MAILS, SECRETS, TEXTS, Probe

NUMBERS = itertools.count(1)
HEADERS = {
    "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "MIME-Version", "Content-Type",
    "Content-Transfer-Encoding",
}  # fmt: skip
BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{8,}={0,2}")
HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){6,}")
DEPTH = 4


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A family whose answers go at once, with a card that came by mail and one that came by text."""
    home = Family.model_validate(family() | {"replies": "on"})
    with open_world(tmp_path_factory.mktemp("leaks"), families=(home,)) as opened:
        opened.send(Sample("x", "email", "Is pickup at 6 on Friday fine with you?\n", "Friday"))
        opened.settle()
        opened.send(Sample("x", "sms", "is pickup at 6 on friday ok?", sender=EX_PHONE))
        opened.settle()
        yield opened


def levels(data: bytes, depth: int = DEPTH) -> Iterator[bytes]:
    """The bytes, and everything that they say once taken apart: encodings, parts, names, other alphabets."""
    yield data
    if not depth:
        return
    found = {html.unescape(data.decode("utf8", "replace")).encode(), unquote_to_bytes(data), quopri.decodestring(data)}
    for charset in ("utf-16", "utf-16-le", "utf-16-be", "utf-7"):
        found.add(data.decode(charset, "ignore").encode("utf8", "replace"))
    for run in BASE64.findall(data):
        for start in range(4):
            cut = run.rstrip(b"=")[start:].translate(bytes.maketrans(b"-_", b"+/"))
            whole = cut[:-1] if len(cut) % 4 == 1 else cut
            found.add(binascii.a2b_base64(whole + b"=" * (-len(whole) % 4)))
    found |= {bytes.fromhex(run[: len(run) // 2 * 2].decode()) for run in HEX.findall(data)}
    for one in found - {data, b""}:
        yield from levels(one, depth - 1 if len(one) > 24 else 1 if depth > 1 else 0)


def said(data: bytes) -> str:
    """All of that as one text in small letters, and its digits alone."""
    parsed = message_from_bytes(data, policy=policy.default)
    more = [str(value).encode("utf8", "replace") for value in parsed.values()]
    more += [part.get_payload(decode=True) or b"" for part in parsed.walk() if not part.is_multipart()]
    words = b"\n".join(one for piece in (data, *more) for one in levels(piece, 2)).decode("utf8", "replace").lower()
    return words + "\n" + re.sub(r"[\s().+-]", "", "\n".join(p.decode("utf8", "replace") for p in (data, *more)))


def leaked(data: bytes) -> list[str]:
    words = said(data)
    tags = "".join(chr(ord(c) - 0xE0000) for c in words if 0xE0000 <= ord(c) < 0xE0080)
    return [secret for secret in SECRETS if secret.lower() in words or secret.lower() in tags.lower()]


def to_the_ex(world: World) -> list[tuple[str, list[str], bytes]]:
    return [one for one in world.mailbox.received if EX_EMAIL in one[1]]


def texts_to_the_ex(world: World) -> list[dict[str, str]]:
    return [text for text in world.carrier.sent if text["To"] == EX_PHONE]


def bring(world: World, probe: Probe, card: str) -> None:
    raw = probe.raw.replace(b"{card}", card.encode()).replace(b"{unique}", str(next(NUMBERS)).encode())
    host, _, port = world.settings.server.smtp_listen.rpartition(":")
    with SMTP(host, int(port), local_hostname="dana-laptop", timeout=30) as client:
        client.sendmail(PARENT_EMAIL, [RELAY_EMAIL], raw)
    world.settle()


@pytest.mark.parametrize("probe", MAILS, ids=lambda probe: probe.name)
def test_by_mail(world: World, probe: Probe) -> None:
    mails, texts = len(to_the_ex(world)), len(texts_to_the_ex(world))
    bring(world, probe, str(world.mails()[0]["Message-ID"]))
    assert len(texts_to_the_ex(world)) == texts
    went = to_the_ex(world)[mails:]
    if probe.words is None:
        assert went == []
        return
    ((sender, to, raw),) = went
    assert to == [EX_EMAIL]
    assert sender.endswith("@" + RELAY_EMAIL.partition("@")[2])
    assert leaked(raw + b"\n" + sender.encode()) == [], raw.decode("utf8", "replace")
    mail = message_from_bytes(raw, policy=policy.default)
    assert set(mail.keys()) <= HEADERS
    assert (mail["Subject"], mail["From"]) == ("Re: Friday", f"Dana <{RELAY_EMAIL}>")
    assert mail["Date"].datetime.utcoffset().total_seconds() == 0
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content() == probe.words + "\r\n"


@pytest.mark.parametrize("probe", TEXTS, ids=lambda probe: probe.name)
def test_by_text(world: World, probe: Probe) -> None:
    card = next(text["Body"] for text in world.carrier.sent if text["To"] == PARENT_PHONE and "Answer:" in text["Body"])
    last = [text["Body"] for text in world.carrier.sent if "friday ok" in text["Body"]][-1]
    code = re.search(r"Answer: (\w{4})", last or card)
    assert code is not None
    mails, texts = len(to_the_ex(world)), len(texts_to_the_ex(world))
    world.send(Sample("x", "sms", f"{code[1]} {probe.raw.decode()}", sender=PARENT_PHONE))
    world.settle()
    assert len(to_the_ex(world)) == mails
    went = texts_to_the_ex(world)[texts:]
    if probe.words is None:
        assert went == []
        return
    (text,) = went
    assert (text["Body"], text["From"], set(text)) == (
        probe.words,
        RELAY_PHONE,
        {"sid", "at", "To", "From", "Body", "StatusCallback"},
    )
    assert leaked(repr(text).encode()) == []


def test_the_detector_sees_what_is_hidden_at_every_level() -> None:
    hidden = (
        b"Kowalski",
        base64.b64encode(b"x" + base64.b64encode(b"Dana Kowalski")),
        "Kowalski".encode("utf-16"),
        quopri.encodestring("Elm Street".encode("utf-16")),
        b"=?utf-8?B?" + base64.b64encode(b"Dana Kowalski") + b"?=",
        b"%4B%6F%77alski",
        b"K&#111;walski",
        b"4b6f77616c736b69",
        b"1 (500) 555-0002",
        "".join(chr(0xE0000 + ord(c)) for c in "Kowalski").encode(),
    )
    for one in hidden:
        assert leaked(b"Subject: x\r\n\r\n" + one), one
