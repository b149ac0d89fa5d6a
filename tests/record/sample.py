"""A family's months in a store: messages of the corpus and odd ones, received, read, delivered, with a clock that is set."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.delivery import outbox
from gateway.demo.sample import RELAY_EMAIL, RELAY_PHONE, family
from gateway.family import Directory, Family
from gateway.intake.keep import Arrival, Keeper
from gateway.ledger.checkpoints import Checkpoints, signing_key
from gateway.lifetime import note_start
from gateway.policy import load_rules
from gateway.settings import Settings, load
from gateway.store import Blobs, Store
from gateway.tagging import open_tagger
from gateway.worker import Worker
from training.data import corpus_files
from training.score import plain

START = datetime(2026, 1, 5, 14, 0, tzinfo=UTC)
EX_MAIL, EX_PHONE = "mark.rivera@example.net", "+15550100199"
ODD = (
    "",
    "ok",
    "Emma's recital is Saturday at 3 \U0001f469\u200d\U0001f469\u200d\U0001f467 \u2764\ufe0f \U0001f1ec\U0001f1e7 1\ufe0f\u20e3 \U0001f926\U0001f3fd\u200d\u2642\ufe0f",
    "\u05d0\u05de\u05d0 \u05e9\u05dc 123 Emma pickup 5:30 \u05de\u05d7\u05e8",
    "\u0645\u0648\u0639\u062f \u0627\u0644\u0637\u0628\u064a\u0628 10:30 Noah",
    "\u0907\u092e\u094d\u092e\u093e \u0915\u0940 \u0926\u0935\u093e 5 ml \u0915\u094d\u0937\u0924\u094d\u0930\u093f\u092f",
    "\u660e\u5929\u63a5\u5b69\u5b50 \uc624\ud6c4 3\uc2dc \u3053\u3093\u306b\u3061\u306f Emma",
    "pay \u202eevil\u202c and \u200bzero\u200b width \x07 bell, tab\there, [brackets] #hash *star* _under_ $math$ @at <tag> \\back `tick` ~tilde",
    "Donaudampfschiffahrtsgesellschaft" * 12,
    "https://example.com/" + "a1b2c3" * 60,
    "Private use \ue000 and unassigned \U0003fffd and lone \ufffd",
    "Z\u0351\u0343\u030d\u0352a\u0300\u0301\u0302lgo and combining e\u0301",
)


@dataclass
class World:
    """An installation in a folder, with what a test needs of it."""

    folder: Path
    settings: Settings
    store: Store
    blobs: Blobs
    family: Family
    signer: Checkpoints

    def close(self) -> None:
        """Let go of the files."""
        self.blobs.close()
        self.store.close()


def texts(count: int) -> Iterator[tuple[str, str, str]]:
    """Channel, subject and text of messages of the corpus, in an order that never changes."""
    lines = [json.loads(line) for file in corpus_files() for line in file.read_text(encoding="utf8").splitlines()]
    random.Random(7).shuffle(lines)
    for number in range(count):
        record = lines[number % len(lines)]
        yield record["channel"], plain(record.get("subject") or "")[0], plain(record["text"])[0]


def make(folder: Path, count: int = 60, *, odd: tuple[str, ...] = ODD, words: int = 0) -> World:
    """`count` messages over some months, the odd ones first; `words`: one of so many characters too."""
    folder.mkdir(parents=True, exist_ok=True)
    values = family() | {
        "coparent": {"name": "Mark Rivera", "emails": [EX_MAIL], "phones": [EX_PHONE]},
    }
    lines = ['[server]\nhost_name = "relay.example.org"\n', "[senders]\ncheck = false\n", toml(values)]
    (folder / "breakwater.toml").write_text("\n".join(lines), encoding="utf8")
    settings = load(folder)
    settings.data.mkdir(exist_ok=True)
    store = Store(settings.database_url)
    blobs = Blobs(settings.data / "blobs", store)
    store.migrate()
    (settings.data / "log.key").write_bytes(KEY)
    signer = Checkpoints(store, signing_key(settings.data), settings.server.host_name)
    world = World(folder, settings, store, blobs, settings.families[0], signer)
    clock = [START]
    directory = settings.families_by_address()
    note_start(store, directory, clock[0])
    worker = Worker(
        store, blobs, directory, open_tagger(), load_rules(), lambda: clock[0], public_url="https://relay.example.org"
    )
    keeper = Keeper(store, blobs)
    dice = random.Random(3)
    long = (("sms", "", "Emma has a cough. " * (words // 18)),) if words else ()
    rows = [*(("sms", "", text) for text in odd), *long, *texts(max(count - len(odd) - len(long), 0))]
    for number, (channel, subject, text) in enumerate(rows):
        clock[0] += timedelta(minutes=dice.randint(20, 4000))
        keeper.submit(arrival(world.family, number, channel, subject, text, clock[0])).result()
        clock[0] += timedelta(seconds=2)
        while worker.step():
            pass
        send(world, directory, clock[0])
        signer.make_due(clock[0])
    keeper.close()
    return world


def arrival(home: Family, number: int, channel: str, subject: str, text: str, now: datetime) -> Arrival:
    """One message as its transport brings it."""
    if channel == "sms":
        form = {"MessageSid": f"SM{number:032x}", "From": EX_PHONE, "To": RELAY_PHONE, "Body": text, "NumMedia": "0"}
        return Arrival(
            family=home.key,
            zone=home.time_zone,
            channel="sms",
            raw=urlencode(form).encode(),
            envelope={"mail_from": EX_PHONE, "rcpt_to": [RELAY_PHONE]},
            received_at=now,
            provider_id=form["MessageSid"],
        )
    message = EmailMessage()
    message["From"] = f"Mark Rivera <{EX_MAIL}>"
    message["To"] = RELAY_EMAIL
    message["Subject"] = " ".join(subject.split()) or "Kids"
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{number}@example.net>"
    message.set_content(text, cte="quoted-printable")
    return Arrival(
        family=home.key,
        zone=home.time_zone,
        channel="email",
        raw=message.as_bytes(),
        envelope={"mail_from": EX_MAIL, "rcpt_to": [RELAY_EMAIL], "peer": "192.0.2.7", "helo": "mail.example.net"},
        received_at=now,
    )


def send(world: World, directory: Directory, now: datetime) -> None:
    """Every delivery that is due goes out."""
    for parcel in outbox.due(world.store, now + timedelta(days=1), limit=100):
        outbox.mark_sending(world.store, parcel, now)
        outbox.mark_sent(world.store, parcel, now, provider_id=None, zone=world.family.time_zone)


def toml(values: dict[str, Any]) -> str:
    """The family as the settings file has it (TOML takes JSON's text, numbers and lists as they are)."""
    lines, tables = ["[[family]]"], []
    for name, value in values.items():
        if isinstance(value, dict):
            tables.append(f"[family.{name}]\n" + "\n".join(f"{k} = {_inline(v)}" for k, v in value.items()))
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            tables += [
                f"[[family.{name}]]\n" + "\n".join(f"{k} = {_inline(v)}" for k, v in one.items()) for one in value
            ]
        else:
            lines.append(f"{name} = {_inline(value)}")
    return "\n".join([*lines, *tables]) + "\n"


def _inline(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _key() -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    private = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


KEY = _key()
