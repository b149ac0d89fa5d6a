"""Codes of an app (TOTP, RFC 6238): six digits, thirty seconds, SHA-1, as every app knows them. Pure but for `new_secret`.

The secret is shown once, when it is set up; kept it is sealed. A code of the step before and after counts too (RFC 6238 section
5.2), and each counts once: none that is not newer than the last one that was used.
"""

from __future__ import annotations

import base64
import hmac
import re
from datetime import datetime

import pyotp
import segno

from gateway.accounts.key import AccountKey

ISSUER = "Planner"
"""The name in the app: as neutral as the title of the pages."""
SECONDS = 30
SECRET = re.compile(r"[A-Z2-7]{32}")
_CODE = re.compile(r"[0-9]{6}")


def new_secret() -> str:
    """20 random bytes (RFC 4226 section 4, R6), base32."""
    return pyotp.random_base32()


def picture(secret: str, login: str) -> str:
    """The QR code that an app reads, as a ``data:`` address of a PNG, dark on light in every colour scheme."""
    address = pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)
    return segno.make(address, error="m", micro=False).png_data_uri(scale=5, border=4, dark="#000", light="#fff")


def typed(code: str) -> str:
    """What was typed, without the blanks that apps show in codes."""
    return re.sub(r"[\s-]", "", code)[:40]


def step_of(secret: str, code: str, now: datetime, last: int | None) -> int | None:
    """The step of a code that counts; None for a wrong one, and for one that is not newer than `last`."""
    if not _CODE.fullmatch(code):
        return None
    step, app = int(now.timestamp()) // SECONDS, pyotp.TOTP(secret)
    for one in (step - 1, step, step + 1):
        if hmac.compare_digest(app.generate_otp(one), code) and (last is None or one > last):
            return one
    return None


def sealed(key: AccountKey, account: int, secret: str) -> str:
    """What is kept of a secret."""
    return key.seal(base64.b32decode(secret), f"totp of account {account}")


def unsealed(key: AccountKey, account: int, kept: str) -> str | None:
    """The secret again; None where the key of the installation is another one."""
    raw = key.unseal(kept, f"totp of account {account}")
    return base64.b32encode(raw).decode() if raw is not None else None
