"""`breakwater disclose`: what the parent may tell the other parent once at the start, in words that are true for the family.

Nothing goes out without `--send`. It is in the outbox like any delivery; the running gateway sends it.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.errors import UserError
from gateway.family import Contact, Family

if TYPE_CHECKING:
    from gateway.store import Store

Dir = Annotated[Path, typer.Option("--dir", help="The folder with breakwater.toml.")]
KIND = "disclosure"
"""Kind of the delivery and of the entry."""
ONCE = "it was sent already; a second time needs --again"
FORBIDDEN = "in no-contact nothing is sent to the other parent: it may be contact that an order forbids"


def disclose(
    directory: Dir = Path(),
    send: Annotated[bool, typer.Option("--send", help="Send it; without this it is only shown.")] = False,
    by: Annotated[str, typer.Option(help="email or sms; when empty, email if there is an address.")] = "",
    again: Annotated[bool, typer.Option("--again", help="Send it although it was sent before.")] = False,
    family_key: Annotated[str, typer.Option("--family", help="Its key, where there are several.")] = "",
) -> None:
    """Show, and with --send send, what the other parent may be told about the relay."""
    from gateway.clock import utc_now
    from gateway.ledger.command import opened
    from gateway.receipt.words import disclosure
    from gateway.record.make import family_of
    from gateway.settings import load

    family = family_of(load(directory), family_key)
    now = utc_now()
    channel, address = _way(family, by, now.date())
    text = disclosure(channel, family.contact, family.archive)
    typer.echo(f"To {family.coparent.name} by {'text message' if channel == 'sms' else 'email'}:\n\n{text}\n")
    if not send:
        typer.echo(
            "Nothing was sent. Talk it over with somebody first if you are afraid of the answer; then add --send."
        )
        return
    if family.contact is Contact.NONE:
        raise UserError(FORBIDDEN)
    with opened(directory) as store:
        _put(store, family, channel, address, text, now, again=again)
    typer.echo("It goes out while `breakwater serve` runs.")


def _put(store: Store, family: Family, channel: str, address: str, text: str, now: datetime, *, again: bool) -> None:
    from gateway.contact_changes import last
    from gateway.delivery import outbox
    from gateway.ledger import append
    from gateway.receipt.words import DISCLOSURE_SUBJECT, FROM_NAME
    from gateway.store.blobs import digest

    content = {"subject": DISCLOSURE_SUBJECT, "text": text, "html": "", "link": None, "from_name": FROM_NAME}
    with store.write() as session:
        if last(session, family.key, KIND) is not None and not again:
            raise UserError(ONCE)
        row = outbox.put(
            session, family=family.key, message_id=None, card_id=None, kind=KIND, channel=channel, address=address,
            content=content, due=now,
        )  # fmt: skip
        body = {"delivery": row.out_id, "channel": channel, "words_sha256": digest(text.encode("utf8"))}
        append(session, family.key, KIND, body, now=now, zone=family.time_zone)


def _way(family: Family, by: str, day: date) -> tuple[str, str]:
    ways = {
        "email": family.coparent.email_on(day),
        "sms": family.coparent.phone_on(day) if family.relay_phone else None,
    }
    if by and by not in ways:
        raise UserError(f"--by: found {by!r}; should be email or sms")
    channel = by or ("email" if ways["email"] else "sms")
    address = ways[channel]
    if address is None:
        raise UserError(
            f"{family.coparent.name} has no address for {channel} in breakwater.toml; add one, or choose --by"
        )
    return channel, address
