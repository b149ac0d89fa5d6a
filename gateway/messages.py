"""`breakwater message …`: what came and what became of it; the bytes of one message, as they came.

What is saved is what any other program needs to look at a message without this one: its bytes, the records of the keys
that its signatures were checked with, and the hash by which the log knows it.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.clock import for_people
from gateway.delivery.outbox import DIGEST
from gateway.errors import UserError
from gateway.ledger.command import opened
from gateway.policy import Lane
from gateway.settings import load
from gateway.store import Blobs
from gateway.store.tables import CardRow, DecisionRow, DeliveryRow, MessageRow

app = typer.Typer(help="Stored messages: list them, save one.", no_args_is_help=True)
Dir = Annotated[Path, typer.Option("--dir", help="The folder with breakwater.toml.")]
ENDINGS = {"email": ".eml", "sms": ".form"}


@app.command("list")
def message_list(
    directory: Dir = Path(), last: Annotated[int, typer.Option(min=1, max=100_000, help="How many, newest first.")] = 30
) -> None:
    """Each message: number, when it came, how, its log entry, its lane, and where its card has got to."""
    zones = {family.key: family.time_zone for family in load(directory).families}
    with opened(directory) as store, store.read() as session:
        rows = session.scalars(select(MessageRow).order_by(MessageRow.id.desc()).limit(last)).all()
        for row in rows:
            made = session.scalars(select(DecisionRow).where(DecisionRow.message_id == row.id)).first()
            card = session.scalars(select(CardRow).where(CardRow.message_id == row.id).order_by(CardRow.id)).first()
            waiting = (
                card
                and session.scalars(
                    select(DeliveryRow).where(DeliveryRow.card_id == card.id).order_by(DeliveryRow.id)
                ).all()
            )
            zone = zones.get(row.family, "UTC")
            lane = made.lane if made else f"not read yet ({row.state})"
            sent = "; ".join(_state(session, d, zone) for d in waiting or ()) or "no card"
            typer.echo(
                f"{row.id:6}  {for_people(row.received_at, zone)}  {row.channel:8}  {row.family}/{row.entry_seq}  {lane}  {sent}"
            )
        if not rows:
            typer.echo("No message yet.")


@app.command("save")
def message_save(
    number: Annotated[int, typer.Argument(min=1, max=2**63 - 1, help="The number that `message list` shows.")],
    directory: Dir = Path(),
    out: Annotated[Path, typer.Option("--out", help="A folder.")] = Path(),
) -> None:
    """Write a message's bytes as they came, and the DNS records that its signatures were checked with."""
    with opened(directory) as store:
        blobs = Blobs(load(directory).blobs_at, store)
    try:
        with opened(directory) as store, store.read() as session:
            row = session.get(MessageRow, number)
            if row is None:
                raise UserError(f"there is no message {number}; `breakwater message list` shows them")
            made = session.scalars(select(DecisionRow).where(DecisionRow.message_id == number)).first()
            if made is not None and made.lane == Lane.CHILD:
                raise UserError(f"message {number} was a child's: it is handed over to the parent and not kept")
            records = (made.detail.get("authentication") or {}).get("records", {}) if made else {}
            raw, name = blobs.get(row.family, row.sha256), f"message-{number}{ENDINGS.get(row.channel, '.bin')}"
            sha256, entry = row.sha256, f"{row.family}/{row.entry_seq}"
    finally:
        blobs.close()
    try:
        out.mkdir(exist_ok=True)
        (out / name).write_bytes(raw)
    except OSError as error:
        raise UserError(f"--out: {out} cannot be written to: {error.strerror}; name a folder") from None
    typer.echo(f"{out / name}: {len(raw)} bytes, SHA-256 {sha256}, log entry {entry}")
    if records:
        file = out / f"message-{number}-records.json"
        file.write_text(json.dumps(records, indent=1) + "\n", encoding="utf8")
        typer.echo(f"{file}: check it with breakwater parse {out / name} --records {file}")


def _state(session: Session, delivery: DeliveryRow, zone: str) -> str:
    if delivery.state == "merged":
        brings = (DeliveryRow.digest_id == delivery.digest_id, DeliveryRow.kind == DIGEST)
        digest = session.scalars(select(DeliveryRow).where(*brings)).first()
        return f"in a {_state(session, digest, zone)}" if digest else "in a digest"
    due: datetime = delivery.next_at
    at = f", due {for_people(due, zone)}" if delivery.state == "pending" else ""
    return f"{delivery.kind} by {delivery.channel}: {delivery.state}{at}"
