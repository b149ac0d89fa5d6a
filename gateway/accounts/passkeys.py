"""Passkeys (WebAuthn Level 3): a key in the phone, the computer or a stick, unlocked there with a finger, a face or a PIN.

It is asked to verify its user and to be found without a name, so it stands alone at sign-in: something one has and something one
is or knows. It is bound to the site's own name, so no false page can ask for it. Browsers offer it under ``https://`` and
``http://localhost`` only. A challenge is a ticket of ours, bound to the browser, good for five minutes, and older than the last use
of the passkey it counts no more.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session
from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException

from gateway.accounts.key import AccountKey
from gateway.errors import UserError
from gateway.store.tables import AccountRow, PasskeyRow

HOLDS = timedelta(minutes=5)
MOST = 10
"""Passkeys of one account."""
ALGORITHMS = (-8, -7, -257)
"""EdDSA, ES256, RS256 (COSE): what the verifier reads."""
NOT_READ = "This passkey could not be read. Nothing was changed. Please try again."


@dataclass(frozen=True, slots=True)
class Place:
    """Where passkeys hold: `name` (the relying party's id) and `origin` of the site."""

    name: str
    origin: str


def place_of(public_url: str) -> Place | None:
    """Of a site at this address; None where browsers offer no passkeys."""
    parts = urlsplit(public_url)
    name = parts.hostname or ""
    if parts.scheme != "https" and name != "localhost":
        return None
    try:
        ip_address(name)
    except ValueError:
        return Place(name, f"{parts.scheme}://{parts.netloc}")
    return None


def challenge(key: AccountKey, purpose: str, bound: str, now: datetime) -> str:
    """A new one. `purpose`: sign-in or add; `bound`: what only this browser has."""
    return key.ticket(f"passkey {purpose}", secrets.token_urlsafe(24), bound, now)


def asked_to_sign_in(place: Place, ticket: str) -> str:
    """What the script asks the browser for, as JSON: any passkey of this site."""
    options = {"challenge": _ticket(ticket), "rpId": place.name, "userVerification": "required", "timeout": 300_000}
    return json.dumps(options)


def asked_to_add(place: Place, ticket: str, account: AccountRow, handle: str, there: list[PasskeyRow]) -> str:
    """What the script asks the browser to make, as JSON. `handle`: says nothing about the account; `there`: are not made twice."""
    options: dict[str, Any] = {
        "challenge": _ticket(ticket),
        "rp": {"id": place.name, "name": "Planner"},
        "user": {"id": handle, "name": account.login or "", "displayName": account.login or ""},
        "pubKeyCredParams": [{"type": "public-key", "alg": one} for one in ALGORITHMS],
        "excludeCredentials": [{"type": "public-key", "id": bytes_to_base64url(row.credential)} for row in there],
        "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": True,
            "userVerification": "required",
        },
        "attestation": "none",
        "timeout": 300_000,
    }
    return json.dumps(options)


def add(
    session: Session,
    place: Place,
    key: AccountKey,
    account: AccountRow,
    answer: str,
    ticket: str,
    bound: str,
    name: str,
    now: datetime,
) -> PasskeyRow:
    """Keep a new passkey, in the caller's unit of work. Raises UserError."""
    if key.read(ticket, "passkey add", bound, now, HOLDS) is None:
        raise UserError("This took too long. Please load the page again.")
    if len(of_account(session, account.id)) >= MOST:
        raise UserError(f"There are {MOST} passkeys already. Please remove one first.")
    try:
        made = verify_registration_response(
            credential=answer, expected_challenge=ticket.encode(), expected_rp_id=place.name,
            expected_origin=place.origin, require_user_verification=True,
        )  # fmt: skip
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise UserError(NOT_READ) from error
    if session.scalar(select(PasskeyRow.id).where(PasskeyRow.credential == made.credential_id)) is not None:
        raise UserError("This passkey is there already.")
    row = PasskeyRow(
        account_id=account.id, name=name, credential=made.credential_id, public_key=made.credential_public_key,
        counter=made.sign_count, created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def check(
    session: Session, place: Place, key: AccountKey, answer: str, ticket: str, bound: str, now: datetime
) -> AccountRow | None:
    """Whose passkey it is, in the caller's unit of work; None where anything does not fit."""
    asked = key.read(ticket, "passkey sign-in", bound, now, HOLDS)
    if asked is None:
        return None
    try:
        credential = parse_authentication_credential_json(answer)
        row = session.scalar(select(PasskeyRow).where(PasskeyRow.credential == credential.raw_id).with_for_update())
        if row is None or (row.used_at is not None and asked[1] <= row.used_at):
            return None
        proof = verify_authentication_response(
            credential=credential, expected_challenge=ticket.encode(), expected_rp_id=place.name,
            expected_origin=place.origin, credential_public_key=row.public_key,
            credential_current_sign_count=row.counter, require_user_verification=True,
        )  # fmt: skip
    except (WebAuthnException, ValueError, TypeError, KeyError):
        return None
    handle = credential.response.user_handle
    if handle is not None and handle != base64url_to_bytes(user_handle(key, row.account_id)):
        return None
    row.counter, row.used_at = proof.new_sign_count, now
    return session.get_one(AccountRow, row.account_id)


def of_account(session: Session, account: int) -> list[PasskeyRow]:
    """In the order in which they were added."""
    return list(session.scalars(select(PasskeyRow).where(PasskeyRow.account_id == account).order_by(PasskeyRow.id)))


def user_handle(key: AccountKey, account: int) -> str:
    """What a passkey knows the account by: 32 bytes, base64url."""
    return key.token("user handle", str(account))


def _ticket(ticket: str) -> str:
    return bytes_to_base64url(ticket.encode())
