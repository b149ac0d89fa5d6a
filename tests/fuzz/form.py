"""Any bytes as the body of a text webhook that was kept: it is read, its segments cover, and it can be shown."""

from __future__ import annotations

from tests.fuzz.machine import instrumented, main

with instrumented("gateway.parsing"):
    from gateway.parsing import parse_sms
    from gateway.parsing.describe import as_json


def seeds() -> list[bytes]:
    """Texts as the carrier sends them."""
    return [
        b"MessageSid=SM1&From=%2B15005550003&To=%2B15005550001&Body=pickup+at+6+%26+don%E2%80%99t+be+late&NumMedia=0",
        b"MessageSid=SM2&From=x&Body=Loved+%E2%80%9CEmma+has+swimming+at+4%E2%80%9D&NumMedia=1&MediaUrl0=https%3A%2F%2Fx",
        b"Body=STOP&OptOutType=STOP",
        b"Body=%f0%9f%98%80+%ff%fe&ToCountry=US",
    ]


def one(raw: bytes) -> None:
    """It is read, its segments cover, and it can be shown."""
    reading = parse_sms(raw)
    assert "".join(reading.body[s.start : s.end] for s in reading.segments) == reading.body
    str(as_json(reading)).encode("utf-8")


if __name__ == "__main__":
    main(one, seeds())
