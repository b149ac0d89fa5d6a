"""Any bytes of a client in a conversation with the real server: first the number of bytes that come at once, then the bytes.

What must hold: every answer is one of SMTP; what is acknowledged was kept, once, byte for byte as it was sent, and nothing else was;
only a message that is too large is refused for good once it was sent; no fault of ours; the memory of one dialogue is bounded.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import random
import re
import ssl
from typing import Any

from gateway.demo.sample import RELAY_EMAIL
from gateway.demo.sample import family as sample_family
from tests.fuzz.machine import event_loop, instrumented, main, scramble

with instrumented("gateway.intake.smtp", "aiosmtpd.smtp"):
    from gateway.family import Directory, Family
    from gateway.intake.keep import Arrival, Receipt
    from gateway.intake.smtp import Conversation, Handler
    from tests.conftest import NOON

LIMIT = 20_000
TO = RELAY_EMAIL.encode()
HELLO = b"EHLO mail.example.net\r\n"
ENVELOPE = b"MAIL FROM:<mark@example.net>\r\nRCPT TO:<" + TO + b">\r\nDATA\r\n"
BODY = b"Subject: Friday\r\n\r\nPickup is at 6.\r\n.\r\n"
PIECES = [
    b"\r\n", b"\n", b"\r", b"\0", b".\r\n", b"\r\n.\r\n", b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\n", b"\r\n.\r", b"\r\n..\r\n",
    HELLO, ENVELOPE, BODY, ENVELOPE + BODY, b"HELO x\r\n", b"RSET\r\n", b"NOOP\r\n", b"QUIT\r\n", b"STARTTLS\r\n", b"VRFY <a@b>\r\n",
    b"BDAT 10 LAST\r\n0123456789", b"AUTH PLAIN AGEAYg==\r\n", b"AUTH LOGIN\r\n", b"EXPN x\r\n", b"HELP MAIL\r\n", b"DATA\r\n",
    b"RCPT TO:<" + TO + b">\r\n", b"RCPT TO:<dana%example.org@relay.example.org>\r\n", b"RCPT TO:<@a,@b:dana@example.org>\r\n",
    b"MAIL FROM:<> SIZE=99999999\r\n", b"MAIL FROM:<m@x> BODY=8BITMIME SMTPUTF8\r\n", b'RCPT TO:<"a b"@relay.example.org>\r\n',
    b"x" * 2100, b"x" * 1001 + b"\r\n", b"\xc3\xa9", b"\xff", b"SIZE=\xc2\xb2", b"<", b">", b'"', b"\\", b"(", b"@", b"\x1b[2J",
]  # fmt: skip
ANSWER = re.compile(rb"[2345][0-9]{2}[ -][\x20-\x7e\x80-\xff]*\r\n")
GOOD = b"250 2.0.0 Kept as "


class Wire(asyncio.Transport):
    """Takes what the server says."""

    def __init__(self) -> None:
        super().__init__()
        self.said, self.closed, self.protocol = bytearray(), False, None

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return ("192.0.2.1", 40_000) if name == "peername" else default

    def write(self, data: Any) -> None:
        self.said += data

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            LOOP.call_soon(self.protocol.connection_lost, None)  # type: ignore[attr-defined]

    abort = close

    def _force_close(self, _error: object) -> None:
        self.close()

    def is_closing(self) -> bool:
        return self.closed

    def set_protocol(self, protocol: Any) -> None:
        self.protocol = protocol

    def get_protocol(self) -> Any:
        return self.protocol

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


class Memory:
    """Keeps in memory what the keeper would put on the disk."""

    def __init__(self) -> None:
        self.kept: list[Arrival] = []

    async def keep(self, arrival: Arrival) -> Receipt:
        self.kept.append(arrival)
        return Receipt(f"{len(self.kept):020x}", len(self.kept))


class Quiet:
    """A log of refusals that nobody reads."""

    def record(self, why: str, channel: str, **_: Any) -> None: ...


class Faults(logging.Handler):
    """Faults of ours that were answered as temporary: each is a finding."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(record.getMessage())


LOOP = event_loop()
FAULTS = Faults()
logging.getLogger("gateway.intake.smtp").addHandler(FAULTS)
FAMILIES = Directory([Family.model_validate(sample_family())])
TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)


async def talk(raw: bytes, step: int) -> tuple[bytes, list[Arrival], int]:
    """What the server says to these bytes, what it kept, and the most bytes that it held unread."""
    wire, keeper, most = Wire(), Memory(), 0
    handler = Handler(FAMILIES, keeper, Quiet(), lambda: NOON, limit=LIMIT)  # type: ignore[arg-type]
    conversation = Conversation(handler, host_name="relay.example.org", tls=TLS, idle_seconds=60)
    wire.set_protocol(conversation)
    conversation.connection_made(wire)
    for at in range(0, len(raw), step):
        if wire.closed:
            break
        _feed(wire.protocol, raw[at : at + step])
        for _ in range(4):
            await asyncio.sleep(0)
        most = max(most, len(conversation._reader._buffer))
    for _ in range(40):
        await asyncio.sleep(0)
    said = bytes(wire.said)
    if not wire.closed:
        conversation.connection_lost(None)
    await asyncio.gather(conversation._handler_coroutine, return_exceptions=True)
    return said, keeper.kept, most


def _feed(protocol: Any, data: bytes) -> None:
    """As a transport does: TLS has a buffer of its own."""
    if not isinstance(protocol, asyncio.BufferedProtocol):
        protocol.data_received(data)
        return
    while data:
        room = protocol.get_buffer(len(data))
        taken = min(len(room), len(data))
        room[:taken] = data[:taken]
        protocol.buffer_updated(taken)
        data = data[taken:]


def one(raw: bytes) -> None:
    """What must hold for every conversation."""
    if not raw:
        return
    step, sent = 1 + raw[0] * 16, raw[1:]
    FAULTS.found.clear()
    said, kept, most = LOOP.run_until_complete(talk(sent, step))
    assert FAULTS.found == []
    assert most <= 2 * Conversation.line_length_limit + 5000
    plain = said.partition(b"220 Ready to start TLS\r\n")[0] if b"220 Ready to start TLS\r\n" in said else said
    lines = plain.splitlines(keepends=True)
    assert all(ANSWER.fullmatch(line) for line in lines), lines
    assert all(len(line) <= 512 for line in lines)
    assert sum(line.startswith(GOOD) for line in lines) == len(kept)
    for before, after in itertools.pairwise(lines):
        if before.startswith(b"354"):
            assert after.startswith((GOOD, b"451", b"552")), after
    for arrival in kept:
        assert _was_sent(arrival.raw, sent)
        assert len(arrival.raw) <= LIMIT
        assert arrival.envelope["rcpt_to"]


def _was_sent(kept: bytes, sent: bytes) -> bool:
    """Whether some stretch of what was sent, ended by CRLF . CRLF and freed of its first dots, is the message (RFC 5321 section 4.5.2)."""
    if kept == b"":
        return re.search(rb"(?<=\n)\.\r\n", sent) is not None
    lines = kept.split(b"\r\n")
    places = [found.start() for found in re.finditer(rb"(?<=\r\n)\.\r\n", sent)]
    for end in places:
        before = sent[:end].split(b"\r\n")[-len(lines) :]
        plain = [line.removeprefix(b".") for line in before[:-1]]
        # The command before a message may end with LF alone; the message itself not.
        if plain[1:] == lines[1:-1] and (
            plain[:1] == lines[:1] or before[0].endswith((b"\n" + lines[0], b"\n." + lines[0]))
        ):
            return True
    return False


def change(raw: bytes, dice: random.Random) -> bytes:
    """Another conversation: pieces of one put in, taken out, doubled."""
    return scramble(raw or b"\x10", dice, PIECES)


def seeds() -> list[bytes]:
    """Conversations that go well, and the known ways to break one."""
    start = HELLO + ENVELOPE
    talks = [
        start + BODY + b"QUIT\r\n",
        HELLO + (ENVELOPE + BODY) * 3,
        start + b"a\n.\nMAIL FROM:<x@y>\r\n" + BODY,
        start + b"a\r\n.\nMAIL FROM:<x@y>\r\n" + BODY,
        start + b"a\n.\r\n" + ENVELOPE + BODY,
        start + b"a\r.\r" + BODY,
        start + b"..\r\n.a\r\n\0\xff\r\n.\r\n",
        start + b".\r\n",
        start + b"z" * (LIMIT * 4) + b"\r\n" + BODY,
        HELLO + b"STARTTLS\r\n" + ENVELOPE + BODY,
        HELLO + b"BDAT 20 LAST\r\n" + ENVELOPE + BODY,
        HELLO + b"AUTH PLAIN AGEAYg==\r\nAUTH LOGIN\r\nYQ==\r\nYg==\r\n" + ENVELOPE + BODY,
        b"HELO x\r\n" + ENVELOPE + BODY,
        HELLO + b"NOOP\r\n" * 50,
        b"x" * 5000 + b"\r\n" + start + BODY,
        HELLO + "MAIL FROM:<márk@exämple.net> SMTPUTF8\r\n".encode() + ENVELOPE[29:] + BODY,
        HELLO + b"RCPT TO:<a@b>\r\nDATA\r\n" + BODY,
    ]
    return [bytes([255 if number % 2 else 1]) + one for number, one in enumerate(talks)]


if __name__ == "__main__":
    main(one, seeds(), change)
