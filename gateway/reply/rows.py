"""What is written about a message of the parent's, in the worker's one transaction: the draft, what goes, what is asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from gateway.clock import stamp
from gateway.delivery import outbox
from gateway.family import Family
from gateway.language import Part, speech, texting
from gateway.ledger import append
from gateway.questions import settle
from gateway.reply.outgoing import Outgoing
from gateway.store.blobs import digest
from gateway.store.tables import ReplyRow

REFUSED, ACCEPTED, ASKED, DROPPED = "reply refused", "reply", "reply asked", "reply dropped"
HELD, RELEASED = "reply held", "reply asked again"
"""Kinds of entries: a heated answer waits until the morning; then the parent is asked once more."""


@dataclass(frozen=True, slots=True)
class Told:
    """Words of ours to the parent: over which channel, to which address. `about`: the draft that waits, of which they speak."""

    channel: str
    address: str
    subject: str
    text: str
    about: int | None = None


def tell(family: Family, channel: str, address: str, subject: str, text: Part, about: int | None = None) -> Told:
    """Words of ours in the family's language."""
    spoken = (texting if channel == "sms" else speech)(family.language)
    return Told(channel, address, spoken.text(subject), spoken.say(text), about)


@dataclass(frozen=True, slots=True)
class Replied:
    """What becomes of a message of the parent's.

    ``goes``: what leaves now. ``draft``: what waits, with its secret; until ``held_until`` (UTC) where it is held. ``replaces``:
    an older draft that is over. ``told``: what the parent reads. ``refused``: why it is not taken as the parent's;
    ``drafted``: number of a draft of before that goes now; ``drops``: of one that does not go.
    ``override``: the parent did not want it held. ``digest_id``: the digest that it answers. ``by``: the channel that the parent
    wrote by.
    """

    goes: Outgoing | None = None
    draft: Outgoing | None = None
    token: str = ""
    answers_id: int | None = None
    digest_id: int | None = None
    replaces: int | None = None
    drafted: int | None = None
    drops: int | None = None
    hints: tuple[str, ...] = ()
    ready: tuple[str, ...] = ()
    told: tuple[Told, ...] = ()
    refused: str = ""
    from_name: str = ""
    by: str = ""
    held_until: datetime | None = None
    override: bool = False


def write_reply(session: Session, message_id: int, reply: Replied, family: Family, now: datetime) -> None:
    """All of it in the caller's unit of work."""
    if not _end_drafts(session, reply):
        reply = replace(reply, goes=None)
    what, row = reply.goes or reply.draft, None
    if what is not None:
        row = _row(message_id, reply, what, family, now)
        session.add(row)
        session.flush()
    for told in reply.told:
        put = outbox.put(
            session,
            family=family.key,
            message_id=None,
            card_id=None,
            kind="ask" if reply.draft else "notice",
            channel=told.channel,
            address=told.address,
            content={"subject": told.subject, "text": told.text, "link": None},
            due=now,
            reply_id=row.id if row is not None and reply.draft is not None else told.about,
        )
        if row is not None and reply.draft is not None and row.out_id is None:
            row.out_id = put.out_id
    if reply.goes is not None:
        settle(session, family, reply.answers_id, message_id, now)
        outbox.put(
            session,
            family=family.key,
            message_id=message_id,
            card_id=None,
            kind=outbox.REPLY,
            channel=reply.goes.channel,
            address=reply.goes.address,
            content=_content(reply.goes, reply.from_name),
            due=now,
        )
    append(session, family.key, _kind(reply), _body(message_id, reply), now=now, zone=family.time_zone)


def _end_drafts(session: Session, reply: Replied) -> bool:
    """A draft that goes, is replaced or is dropped is not asked about any more; False where one that should go went already."""
    waited = True
    ends = ((reply.replaces, "replaced"), (reply.drafted, "sent"), (reply.drops, "dropped"))
    for number, state in ends:
        if number is not None:
            waits = (ReplyRow.id == number, ReplyRow.state.in_(("asked", "held")))
            changed = session.execute(update(ReplyRow).where(*waits).values(state=state))
            waited = waited and (number != reply.drafted or changed.rowcount == 1)  # type: ignore[attr-defined]
            outbox.withdraw(session, outbox.about_reply(number))
    return waited


def _kind(reply: Replied) -> str:
    if reply.refused:
        return REFUSED
    if reply.goes is not None:
        return ACCEPTED
    if reply.draft is None:
        return DROPPED
    return HELD if reply.held_until is not None else ASKED


def _body(message_id: int, reply: Replied) -> dict[str, Any]:
    what = reply.goes or reply.draft
    body: dict[str, Any] = {"message": message_id}
    if what is not None:
        body |= {"channel": what.channel, "words_sha256": digest(what.text.encode("utf8")), "answers": reply.answers_id}
    if reply.hints:
        body["hints"] = len(reply.hints)
    if reply.held_until is not None:
        body["until"] = stamp(reply.held_until)
    if reply.override:
        body["not_held"] = "the parent sent it at once"
    if reply.refused:
        body["why"] = reply.refused
    return body


def _row(message_id: int, reply: Replied, what: Outgoing, family: Family, now: datetime) -> ReplyRow:
    waits = "held" if reply.held_until is not None else "asked"
    return ReplyRow(
        family=family.key,
        message_id=message_id,
        answers_id=reply.answers_id,
        channel=what.channel,
        address=what.address,
        content=_content(what, reply.from_name),
        hints={"hints": list(reply.hints), "ready": list(reply.ready), "by": reply.by},
        state="sent" if reply.goes else waits,
        token=reply.token,
        made_at=now,
        digest_id=reply.digest_id,
        held_until=reply.held_until,
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
