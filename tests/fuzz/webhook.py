"""Any request to the carrier's webhooks: first where it goes and how it is signed, then the body.

What must hold: what the carrier signed is kept, byte for byte, and acknowledged; what it did not sign is not; no fault of ours.
"""

from __future__ import annotations

import random
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote_plus

from twilio.request_validator import RequestValidator

from gateway.demo.sample import EX_PHONE, RELAY_PHONE
from gateway.demo.sample import family as sample_family
from tests.fuzz.machine import event_loop, instrumented, main, scramble
from tests.fuzz.smtp import Memory, Quiet

with instrumented("gateway.intake", "gateway.delivery.carrier_status", "gateway.web"):
    from starlette.applications import Starlette

    from gateway.family import Directory, Family
    from gateway.intake.signed import SignedForms
    from gateway.intake.sms import Webhooks
    from gateway.intake.voice import VoiceHooks
    from gateway.settings import Twilio, Voice
    from gateway.store import Store
    from tests.conftest import NOON

URL, TOKEN = "https://relay.example.org", "test-token"
PATHS = (
    "/sms/incoming", "/sms/status", "/voice/incoming", "/voice/after", "/voice/recording", "/voice/transcript",
    "/sms/incoming?a=b", "/sms/../sms/incoming",
)  # fmt: skip
KINDS = (
    b"application/x-www-form-urlencoded",
    b"multipart/form-data; boundary=x",
    b"application/json",
    b"\xff\x00",
    b"",
)
FIELDS = (
    "MessageSid", "From", "To", "Body", "NumMedia", "MediaUrl0", "MediaContentType0", "MessageStatus", "ErrorCode", "CallSid",
    "RecordingSid", "RecordingUrl", "RecordingDuration", "RecordingStatus", "TranscriptionSid", "TranscriptionText",
    "TranscriptionStatus", "OptOutType", "CallStatus",
)  # fmt: skip
VALUES = (
    "SM1", EX_PHONE, RELAY_PHONE, "", "1", "99999999999999999999", "²", "\0", "😀", "\u202e", "x" * 3000, "https://127.0.0.1/",
    "completed", "delivered", "failed", "a\r\nb", "<Say>", "-1", "NaN", "1e9", "+1", "\ud800",
)  # fmt: skip
PIECES = [b"&", b"=", b"%", b"%00", b"%ff", b"+", b";", b"&Body=", b"\0", b"\xff", b"NumMedia=10&MediaUrl9=x"]


class Desk:
    """The hooks over a store of their own, without a network."""

    def __init__(self) -> None:
        place = Path(tempfile.mkdtemp(prefix="fuzz-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
        self.store, self.memory = Store(f"sqlite:///{place / 'x.db'}"), Memory()
        self.store.migrate()
        home, account = Directory([Family.model_validate(sample_family())]), Twilio(account_sid="AC1", auth_token=TOKEN)
        rest: tuple[Any, ...] = (self.store, Quiet(), lambda: NOON)
        hooks = Webhooks(home, self.memory, *rest, twilio=account, public_url=URL)  # type: ignore[arg-type]
        forms = SignedForms(account, Quiet(), URL)  # type: ignore[arg-type]
        voice = VoiceHooks(home, self.memory, self.store, forms, lambda: NOON, Voice())  # type: ignore[arg-type]
        self.app = Starlette(routes=[*hooks.routes(), *voice.routes()])


LOOP = event_loop()
DESK: list[Desk] = []


async def ask(
    app: Any, method: str, path: str, headers: list[tuple[bytes, bytes]], parts: list[bytes]
) -> tuple[int, dict, bytes]:
    """Status, headers and body of an answer, without a socket (ASGI)."""
    said: list[dict[str, Any]] = []
    bare, _, query = path.partition("?")
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "https", "path": bare,
        "raw_path": bare.encode("utf8", "replace"), "query_string": query.encode("utf8", "replace"), "root_path": "",
        "headers": headers, "client": ("192.0.2.1", 40_000), "server": ("relay.example.org", 443), "app": app,
    }  # fmt: skip
    waiting = list(parts) or [b""]

    async def receive() -> dict[str, Any]:
        return (
            {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting)}
            if waiting
            else {"type": "http.disconnect"}
        )

    async def send(message: Any) -> None:
        said.append(message)

    await app(scope, receive, send)
    start = next(one for one in said if one["type"] == "http.response.start")
    body = b"".join(one.get("body", b"") for one in said if one["type"] == "http.response.body")
    return start["status"], {name.lower(): value for name, value in start["headers"]}, body


def one(raw: bytes) -> None:
    """What must hold for every request."""
    if len(raw) < 2:
        return
    if not DESK:
        DESK.append(Desk())
    desk, body = DESK[0], raw[2:]
    path, signed, kind = PATHS[raw[0] % len(PATHS)], raw[1] & 1, KINDS[(raw[1] >> 1) % len(KINDS)]
    pairs = None
    try:
        pairs = parse_qsl(body.decode("utf8"), keep_blank_values=True, max_num_fields=500)
        whole = len(dict(pairs)) == len(pairs)
        signature = RequestValidator(TOKEN).compute_signature(URL + path, dict(pairs)) if signed else "AAAA"
    except ValueError:
        whole, signature = False, "AAAA"
    desk.memory.kept.clear()
    headers = [(b"content-type", kind), (b"x-twilio-signature", signature.encode("utf8", "replace"))]
    status, _, _ = LOOP.run_until_complete(ask(desk.app, "POST", path, headers, [body[:100], body[100:]]))
    assert status in (200, 204, 400, 403, 404, 413), status
    good = bool(signed) and pairs is not None and whole
    if not good:
        assert desk.memory.kept == []
        assert status in (400, 403, 404, 413)
    elif path.startswith("/sms/incoming"):
        assert status == 200
        assert [arrival.raw for arrival in desk.memory.kept] == [body]
        assert all(len(url) > 0 for url, _ in desk.memory.kept[0].media) or b"MediaUrl" in body
    elif path == "/voice/transcript":
        assert status == 204
        assert [arrival.raw for arrival in desk.memory.kept] == [body]
    elif ".." not in path:
        assert status in (200, 204)


def change(raw: bytes, dice: random.Random) -> bytes:
    """Another form: fields of the carrier with odd values, or bytes that are none."""
    if len(raw) < 2 or dice.random() < 0.4:
        return scramble(raw or b"\0\1", dice, PIECES)
    fields = dice.sample(FIELDS, dice.randint(1, 8))
    body = "&".join(f"{name}={quote_plus(dice.choice(VALUES), errors='surrogatepass')}" for name in fields)
    return bytes([dice.randrange(8), dice.randrange(10) | 1]) + body.encode()


def seeds() -> list[bytes]:
    """A request to each address, signed and not."""
    dice = random.Random(1)
    forms = [
        f"MessageSid=SM1&From={quote_plus(EX_PHONE)}&To={quote_plus(RELAY_PHONE)}&Body=pickup+at+6&NumMedia=1&MediaUrl0=https%3A%2F%2Fx",
        "MessageSid=SM1&MessageStatus=delivered&ErrorCode=30006",
        f"CallSid=CA1&From={quote_plus(EX_PHONE)}&To={quote_plus(RELAY_PHONE)}&CallStatus=ringing",
        "CallSid=CA1&RecordingSid=RE1&RecordingUrl=https%3A%2F%2Fapi.twilio.com%2Fx&RecordingDuration=9&RecordingStatus=completed",
        "CallSid=CA1&RecordingSid=RE1&TranscriptionSid=TR1&TranscriptionStatus=completed&TranscriptionText=Emma+is+ill",
    ]
    made = [bytes([path, 1]) + form.encode() for path in range(len(PATHS)) for form in forms]
    return [
        *made,
        b"\0\0" + forms[0].encode(),
        b"\0\1%ff%fe",
        b"\0\1\xff",
        *(change(b"\0\1x", dice) for _ in range(20)),
    ]


if __name__ == "__main__":
    main(one, seeds(), change)
