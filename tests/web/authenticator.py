"""A passkey in software: makes and uses ES256 credentials as a browser would hand them on (WebAuthn Level 3, sections 6.1 and 6.5)."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

PRESENT, VERIFIED, ATTESTED = 1, 4, 64


@dataclass
class Authenticator:
    """`origin`: what the browser says that the page is; `verified`: whether the user was asked for PIN or finger."""

    origin: str
    verified: bool = True
    counter: int = 0
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    handle: str = ""
    party: str = ""

    def create(self, asked: str) -> str:
        """The answer to navigator.credentials.create()."""
        options = json.loads(asked)
        self.handle, self.party = options["user"]["id"], options["rp"]["id"]
        numbers = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        data = self._data(ATTESTED) + bytes(16) + len(self.id).to_bytes(2) + self.id + cbor2.dumps(public)
        made = {"fmt": "none", "attStmt": {}, "authData": data}
        return self._answer(
            {"clientDataJSON": self._client("webauthn.create", options), "attestationObject": cbor2.dumps(made)}
        )

    def get(self, asked: str) -> str:
        """The answer to navigator.credentials.get()."""
        options = json.loads(asked)
        self.counter += 1
        data, client = self._data(0), self._client("webauthn.get", options)
        signature = self.key.sign(data + sha256(client).digest(), ec.ECDSA(SHA256()))
        response = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        return self._answer({**response, "userHandle": base64url_to_bytes(self.handle)})

    def _data(self, flags: int) -> bytes:
        flags |= PRESENT | (VERIFIED if self.verified else 0)
        return sha256(self.party.encode()).digest() + bytes([flags]) + self.counter.to_bytes(4)

    def _client(self, kind: str, options: Any) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _answer(self, response: dict[str, bytes]) -> str:
        name = bytes_to_base64url(self.id)
        encoded = {key: bytes_to_base64url(value) for key, value in response.items()}
        made = {"id": name, "rawId": name, "type": "public-key", "clientExtensionResults": {}, "response": encoded}
        return json.dumps(made)
