"""What a webhook says, and how it is signed: the Standard Webhooks scheme, version v1. Pure but for `new_secret`.

    webhook-id: evt_…                      the same for each try, so that what came twice counts once
    webhook-timestamp: 1795716000          seconds (UTC) of this try
    webhook-signature: v1,BASE64           HMAC-SHA256 over "ID.TIMESTAMP.BODY", with the secret behind ``whsec_``

The body names kind and time of the news and nothing else: who listens there, invited or not, learns no word, name or number.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
import secrets
from datetime import datetime
from typing import Final

from gateway.clock import stamp

PREFIX: Final = "whsec_"
SECRET: Final = re.compile(r"whsec_[A-Za-z0-9+/]{43}=")


def new_secret() -> bytes:
    """32 random bytes, as many as the hash has."""
    return secrets.token_bytes(32)


def written(secret: bytes) -> str:
    """A secret as it is shown."""
    return PREFIX + base64.b64encode(secret).decode()


def body_of(kind: str, at: datetime) -> bytes:
    """What a webhook says of news."""
    return json.dumps({"type": kind, "timestamp": stamp(at), "data": {}}, separators=(",", ":")).encode()


def signature(secret: bytes, event: str, seconds: int, body: bytes) -> str:
    """The value of ``webhook-signature``."""
    words = f"{event}.{seconds}.".encode() + body
    return f"v1,{base64.b64encode(hmac.digest(secret, words, 'sha256')).decode()}"


def headers_of(secret: bytes, event: str, now: datetime, body: bytes) -> dict[str, str]:
    """The headers of one try."""
    seconds = int(now.timestamp())
    return {
        "content-type": "application/json",
        "webhook-id": event,
        "webhook-timestamp": str(seconds),
        "webhook-signature": signature(secret, event, seconds, body),
        "user-agent": "planner",
    }
