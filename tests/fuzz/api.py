"""Any request to the API with a token that is good: first the call, then numbers of the address, then the query or the JSON of the body.

What must hold: an answer of the document, JSON where it says so, never a fault; a note or an answer is kept once for each key.
"""

from __future__ import annotations

import json
import logging
import random
import secrets
import tempfile
from pathlib import Path
from typing import Any

from gateway.demo.sample import family as sample_family
from tests.fuzz.machine import event_loop, instrumented, main, scramble
from tests.fuzz.webhook import ask

with instrumented("gateway.api"):
    from starlette.applications import Starlette

    from gateway.accounts import Role
    from gateway.accounts.invite import invite
    from gateway.accounts.key import account_key
    from gateway.api import tokens
    from gateway.api.calls import calls
    from gateway.api.door import Desk
    from gateway.api.rooms import ROOT, Api
    from gateway.api.scopes import Scope
    from gateway.family import Directory, Family
    from gateway.intake.keep import Keeper
    from gateway.ledger.checkpoints import Checkpoints, signing_key
    from gateway.reply.desk import ReplyDesk
    from gateway.store import Blobs, Store
    from gateway.web.pages.taking import Taking
    from tests.conftest import NOON
    from tests.fuzz.smtp import Faults

WORDS = (
    "", "a", "Emma has soccer at 4", "x" * 20_001, "\0", "\ud800", "\u202e", "😀", "2026-11-26", "2026-13-45", "2026-11-26T12:00:00Z",
    "9999-12-31T23:59:59+14:00", "0001-01-01", "email", "sms", "-1", "1e400", "null", "[]", "<script>", "a\r\nb: c",
)  # fmt: skip
ODD = (*WORDS, None, True, -1, 0, 1, 2**31, 2**53, 2**63, 2**64, 1e308, 1.5, [], {}, [[]], {"a": 1})
KEYS = (
    "words",
    "text",
    "card",
    "question",
    "to",
    "channel",
    "look",
    "day",
    "at",
    "labels",
    "after",
    "limit",
    "number",
    "said",
    "anyway",
)


class House:
    """The API over a store of its own, without a network."""

    def __init__(self) -> None:
        place = Path(tempfile.mkdtemp(prefix="fuzz-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
        self.faults = Faults()
        logging.getLogger("gateway.api.door").addHandler(self.faults)
        store = Store(f"sqlite:///{place / 'x.db'}")
        store.migrate()
        home = Family.model_validate(sample_family() | {"replies": "on"})
        directory, blobs = Directory([home]), Blobs(place / "blobs", store)
        keeper = Keeper(store, blobs)
        with store.write() as session:
            account = invite(session, home, Role.PARENT, "Dana", NOON)[0]
            self.token = tokens.PREFIX + secrets.token_urlsafe(32)
            tokens.make(session, account, self.token, "x", tuple(Scope), NOON.replace(year=2027), NOON, home.time_zone)
        taking = Taking(store, lambda: NOON, keeper, ReplyDesk(store, lambda: NOON))
        signer = Checkpoints(store, signing_key(place), "relay.example.org")
        self.calls = calls(store, taking, signer, place)
        desk = Desk(store, directory, lambda: NOON, account_key(place), 10**9)
        self.app = Starlette(routes=Api(desk, self.calls).routes())


LOOP = event_loop()
HOUSE: list[House] = []


def one(raw: bytes) -> None:
    """What must hold for every request."""
    if len(raw) < 3:
        return
    if not HOUSE:
        HOUSE.append(House())
    house, body = HOUSE[0], raw[3:]
    call = house.calls[raw[0] % len(house.calls)]
    number = ("1", "0", "-1", "x", "99999999999999999999", "%00", "1", "2")[raw[1] % 8]
    path = ROOT + call.path.replace("{number}", number)
    headers = [
        (b"authorization", f"Bearer {house.token}".encode()),
        (b"content-type", (b"application/json", b"text/plain")[raw[2] & 1]),
    ]
    if call.once:
        headers.append((b"idempotency-key", f"k-{raw[2]:03d}-0123456789abcdef".encode()))
    if call.method == "GET":
        path += "?" + body.decode("latin1")
        body = b""
    house.faults.found.clear()
    status, said, content = LOOP.run_until_complete(ask(house.app, call.method, path, headers, [body]))
    assert house.faults.found == [], house.faults.found
    assert status < 500, (status, call.name)
    if status != 304 and content:
        assert said[b"content-type"].startswith(
            (b"application/json", b"application/problem+json", b"application/zip")
        ), said
        if b"json" in said[b"content-type"]:
            json.loads(content)
    if status >= 400:
        assert said[b"content-type"].startswith(b"application/problem+json")


def change(raw: bytes, dice: random.Random) -> bytes:
    """Another request: one value of the JSON, or one parameter, is another."""
    head = bytes([dice.randrange(256), dice.randrange(8), dice.randrange(256) & 0xFE])
    if len(raw) < 3 or dice.random() < 0.3:
        return scramble(
            raw or head,
            dice,
            [
                b"{",
                b"}",
                b"[",
                b'"',
                b"\\u0000",
                b"\\ud800",
                b"&",
                b"=",
                b"%00",
                b"after=",
                b"limit=",
                b"9" * 400,
                b"[" * 3000,
            ],
        )
    try:
        value = json.loads(raw[3:])
    except (ValueError, RecursionError):
        pairs = "&".join(f"{dice.choice(QUERY)}={dice.choice(WORDS[4:])!s}" for _ in range(dice.randint(0, 3)))
        return raw[:3] + pairs.encode("utf8", "replace")
    if not isinstance(value, dict):
        value = {}
    name = dice.choice([*value, *KEYS])
    if dice.random() < 0.3:
        value.pop(name, None)
    else:
        value[name] = dice.choice(ODD)
    return (head if dice.random() < 0.2 else raw[:3]) + json.dumps(value).encode()


QUERY = ("after", "limit", "first", "last", "from", "to", "since", "until", "days", "old", "new", "size", "x")


def seeds() -> list[bytes]:
    """Each call with each number, as a program asks it."""
    if not HOUSE:
        HOUSE.append(House())
    made = [bytes([call, number, 0]) for call in range(len(HOUSE[0].calls)) for number in range(3)]
    for place, call in enumerate(HOUSE[0].calls):
        if call.body is not None:
            fields: dict[str, Any] = dict.fromkeys(call.body.model_fields, "Emma has soccer at 4")
            made += [
                bytes([place, 0, 0]) + json.dumps(fields).encode(),
                bytes([place, 0, 2]) + json.dumps(fields | {"card": 1}).encode(),
            ]
        names = list(call.query.model_fields)
        made += [
            bytes([place, 0, 0]) + "&".join(f"{name}={value}" for name in names).encode()
            for value in ("1", "2026-11-26", "")
        ]
    return made


if __name__ == "__main__":
    main(one, seeds(), change)
