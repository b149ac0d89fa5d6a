"""What must hold at the end: each accepted message whole in the log and accounted for, each delivery once at its sink, every log verified."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from email import message_from_bytes
from urllib.parse import parse_qs

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.demo.carriers import Carrier, Mailbox
from gateway.ledger import entries, verify
from gateway.ledger.checkpoints import Checkpoints, signing_key
from gateway.settings import Settings
from gateway.store import Blobs, Store
from gateway.store.tables import CardRow, DecisionRow, DeliveryRow, EntryRow, MessageRow
from tests.chaos.senders import Accepted

ARRIVED = ("sent", "delivered")
DOUBT = ("second copy", "sent again")


@dataclass(frozen=True)
class Result:
    """The figures. `lost`: accepted and not kept whole, or kept without an end; `doubled`: copies at a sink that the log does not
    tell of; `told`: copies that it tells of, which nobody could have known.
    """

    accepted: int
    lost: int
    doubled: int
    told: int
    shunted: int
    deliveries: int
    entries: int
    wrong: tuple[str, ...]

    @property
    def good(self) -> bool:
        return not (self.lost or self.doubled or self.wrong)


def result(settings: Settings, accepted: Accepted, mailbox: Mailbox, carrier: Carrier, most: int) -> Result:
    """Count. `most`: copies that there may be on each route, since no mail host and no carrier can be asked to take a thing once.

    Twilio knows no idempotency key, and SMTP none but the Message-ID. A delivery whose answer was lost is looked up at the carrier,
    and sent again where it is not found there, as it is not while the first request is still on its way. Each sending process has
    one delivery under way on each route; so a mishap that loses answers makes one copy for each of them at most. Whatever goes
    beyond that, or stands in no log, is a fault of ours.
    """
    store = Store(settings.database_url, settings.master)
    blobs = Blobs(settings.data / "blobs", store)
    try:
        with store.read() as session:
            lost, wrong = _lost(session, blobs, accepted)
            told = _told(session)
            words = _words(session)
            counts = verify(entries(session))
            shunted = len(session.scalars(select(MessageRow.id).where(MessageRow.state == "shunted")).all())
            sent = session.scalars(select(DeliveryRow).where(DeliveryRow.state.in_(ARRIVED))).all()
            wrong += _not_there(sent, mailbox)
        logs = Checkpoints(store, signing_key(settings.data), settings.server.host_name)
        for name in counts:
            logs.verify(name)
    finally:
        blobs.close()
        store.close()
    copies = _copies(mailbox, carrier, words)
    wrong += _too_many(copies, words, most)
    untold = {name: count - told.get(name, 0) for name, count in copies.items() if count > told.get(name, 0)}
    return Result(
        accepted.count, lost, sum(untold.values()), sum(copies.values()) - sum(untold.values()), shunted, len(sent),
        sum(counts.values()), tuple(wrong),
    )  # fmt: skip


def _lost(session: Session, blobs: Blobs, accepted: Accepted) -> tuple[int, list[str]]:
    """Accepted messages that are not in the log whole, or have no end: neither delivered, nor in a digest, nor withheld by decision."""
    lost, wrong = 0, []
    mails: dict[bytes, list[int]] = {}
    texts: dict[str, list[int]] = {}
    ends = _ends(session)
    logged = {(log, seq) for log, seq in session.execute(select(EntryRow.log, EntryRow.seq))}
    for row in session.scalars(select(MessageRow)):
        raw = blobs.get(row.family, row.sha256)
        if row.channel == "email":
            mails.setdefault(raw, []).append(row.id)
        else:
            sid = parse_qs(raw.decode())["MessageSid"][0]
            texts.setdefault(sid, []).append(row.id)
        if (row.family, row.entry_seq) not in logged:
            wrong.append(f"message {row.id} is in no log")
    for raw in accepted.mails.values():
        lost += not any(number in ends for number in mails.get(raw, ()))
    for sid in accepted.texts:
        lost += not any(number in ends for number in texts.get(sid, ()))
    wrong += [f"the text {sid} was kept {len(found)} times" for sid, found in texts.items() if len(found) > 1]
    wrong += [
        f"message {number} has no end"
        for found in (*mails.values(), *texts.values())
        for number in found
        if number not in ends
    ]
    return lost, wrong[:10]


def _ends(session: Session) -> set[int]:
    """Messages that came to an end: a card of which every delivery arrived or went in a digest that did; or a decision without a card."""
    digests = set(
        session.scalars(
            select(DeliveryRow.digest_id).where(DeliveryRow.kind == "digest", DeliveryRow.state.in_(ARRIVED))
        )
    )
    open_: set[int] = set()
    for row in session.scalars(select(DeliveryRow).where(DeliveryRow.card_id.is_not(None))):
        if (
            row.message_id is not None
            and row.state not in ARRIVED
            and not (row.state == "merged" and row.digest_id in digests)
        ):
            open_.add(row.message_id)
    carded = set(session.scalars(select(CardRow.message_id)))
    delivered = set(session.scalars(select(DeliveryRow.message_id).where(DeliveryRow.card_id.is_not(None))))
    decided = set(session.scalars(select(DecisionRow.message_id)))
    return {number for number in decided if number not in open_ and (number not in carded or number in delivered)}


def _told(session: Session) -> dict[str, int]:
    """How many copies of each delivery the log tells of, beyond the first: each time that it went out in doubt."""
    found: Counter[str] = Counter()
    for entry in entries(session):
        if any(words in str(entry.body.get("note", "")) for words in DOUBT):
            found[str(entry.body["delivery"])] += int(entry.body.get("attempt", 2)) - 1
    return found


def _words(session: Session) -> dict[tuple[str, str], str]:
    """The names of deliveries by text, by number and words: no two have the same, since each has a link of its own."""
    texts = session.scalars(select(DeliveryRow).where(DeliveryRow.channel == "sms"))
    return {(row.address, str(row.content["text"])): row.out_id for row in texts}


def _too_many(copies: dict[str, int], words: dict[tuple[str, str], str], most: int) -> list[str]:
    """What is wrong with the number of copies on each route."""
    texts = set(words.values())
    by_text = sum(count for name, count in copies.items() if name in texts)
    counts = {"text": by_text, "mail": sum(copies.values()) - by_text}
    return [
        f"{count} copies by {route}, and no more than {most} can have lost their answer"
        for route, count in counts.items()
        if count > most
    ]


def _copies(mailbox: Mailbox, carrier: Carrier, words: dict[tuple[str, str], str]) -> dict[str, int]:
    """Copies beyond the first at the sinks, by the name of the delivery: a mail has it in its Message-ID, a text is known by its words."""
    names = Counter(
        str(message_from_bytes(raw)["Message-ID"]).strip("<>").rpartition("@")[0] for _, _, raw in mailbox.received
    )
    names += Counter(words.get((text["To"], text["Body"]), "a text of nobody's") for text in carrier.sent)
    return {name: count - 1 for name, count in names.items() if count > 1}


def _not_there(sent: list[DeliveryRow] | object, mailbox: Mailbox) -> list[str]:
    """Deliveries by mail that are noted as sent and are not at the sink."""
    there = {
        str(message_from_bytes(raw)["Message-ID"]).strip("<>").rpartition("@")[0] for _, _, raw in mailbox.received
    }
    gone = [row.out_id for row in sent if row.channel == "email" and row.out_id not in there]  # type: ignore[attr-defined]
    return [f"{len(gone)} deliveries are noted as sent and arrived nowhere"] if gone else []
