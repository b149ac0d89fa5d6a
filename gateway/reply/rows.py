"""What is written about a message of the parent's, in the worker's one transaction: the draft, what goes, what is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from gateway.delivery import outbox
from gateway.family import Family
from gateway.ledger import append
from gateway.questions import settle
from gateway.reply.outgoing import Outgoing
from gateway.store.blobs import digest
from gateway.store.tables import ReplyRow

REFUSED, ACCEPTED, ASKED, DROPPED = "reply refused", "reply", "reply asked", "reply dropped"


@dataclass(frozen=True, slots=True)
class Told:
    """Words of ours to the parent: over which channel, to which address."""

    channel: str
    address: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Replied:
    """What becomes of a message of the parent's.

    ``goes``: what leaves now. ``draft``: what waits, with its secret. ``replaces``: an older draft that is over.
    ``told``: what the parent reads. ``refused``: why it is not taken as the parent's; ``wrong_code``: for its code. ``drafted``:
    number of a draft of before that goes now.
    """

    goes: Outgoing | None = None
    draft: Outgoing | None = None
    token: str = ""
    answers_id: int | None = None
    replaces: int | None = None
    drafted: int | None = None
    hints: tuple[str, ...] = ()
    told: tuple[Told, ...] = ()
    refused: str = ""
    from_name: str = ""
    wrong_code: bool = False


def write_reply(session: Session, message_id: int, reply: Replied, family: Family, now: datetime) -> None:
    """All of it in the caller's unit of work."""
    zone = family.time_zone
    for number in (reply.replaces, reply.drafted):
        if number is not None:
            state = "sent" if number == reply.drafted else "replaced"
            session.execute(
                update(ReplyRow).where(ReplyRow.id == number, ReplyRow.state == "asked").values(state=state)
            )
    ask_id = None
    for told in reply.told:
        row = outbox.put(
            session,
            family=family.key,
            message_id=None,
            card_id=None,
            kind="ask" if reply.draft else "notice",
            channel=told.channel,
            address=told.address,
            content={"subject": told.subject, "text": told.text, "link": None},
            due=now,
        )
        ask_id = ask_id or row.out_id
    what = reply.goes or reply.draft
    if what is not None:
        session.add(_row(message_id, reply, what, family, ask_id, now))
    if reply.goes is not None:
        settle(session, family, reply.answers_id, message_id, now)
        outbox.put(
            session,
            family=family.key,
            message_id=message_id,
            card_id=None,
            kind="reply",
            channel=reply.goes.channel,
            address=reply.goes.address,
            content=_content(reply.goes, reply.from_name),
            due=now,
        )
    body: dict[str, Any] = {"message": message_id}
    if what is not None:
        body |= {"channel": what.channel, "words_sha256": digest(what.text.encode("utf8")), "answers": reply.answers_id}
    if reply.hints:
        body["hints"] = len(reply.hints)
    if reply.refused:
        body["why"] = reply.refused
    if reply.wrong_code:
        body["wrong_code"] = True
    kind = REFUSED if reply.refused else ACCEPTED if reply.goes else ASKED if reply.draft else DROPPED
    append(session, family.key, kind, body, now=now, zone=zone)


def _row(
    message_id: int, reply: Replied, what: Outgoing, family: Family, ask_id: str | None, now: datetime
) -> ReplyRow:
    return ReplyRow(
        family=family.key,
        message_id=message_id,
        answers_id=reply.answers_id,
        channel=what.channel,
        address=what.address,
        content=_content(what, reply.from_name),
        hints={"hints": list(reply.hints)},
        state="sent" if reply.goes else "asked",
        token=reply.token,
        out_id=ask_id if reply.draft else None,
        made_at=now,
    )


def _content(what: Outgoing, from_name: str) -> dict[str, Any]:
    if what.channel == "sms":
        return {"text": what.text, "link": None}
    return {
        "subject": what.subject,
        "text": what.text + "\n",
        "html": "",
        "link": None,
        "answers": what.answers,
        "from_name": from_name,
    }
