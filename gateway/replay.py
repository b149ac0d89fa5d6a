"""Decide a message again, loose or stored, and explain it. A stored one must come out as it did."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.text import Text
from sqlalchemy import select

from gateway.clock import for_people, stamp
from gateway.conclusion import Story, summary
from gateway.delivery.card import Card
from gateway.delivery.compose import letter
from gateway.errors import UserError
from gateway.explain import show
from gateway.family import Family, Role
from gateway.grouping import read_with
from gateway.intake.archives.kept import parse_kept
from gateway.parsing import parse_email
from gateway.pipeline import context_of, judge
from gateway.policy import load_rules
from gateway.provenance import AS_GIVEN, IMPORTED
from gateway.settings import Settings, load
from gateway.store import Blobs, Store
from gateway.store.tables import CardRow, DecisionRow, MessageRow
from gateway.tagging import open_tagger
from gateway.together import read_together

COMPARED = ("choices", "subject_choices", "facts", "hits", "misses", "ruleset", "tagger")


def letter_of(text: str, sent_at: datetime) -> bytes:
    """Loose words as a message, so that they walk the same way as mail does."""
    message = EmailMessage()
    message["From"] = "someone@example.org"
    message["Date"] = sent_at
    message.set_content(text)
    return message.as_bytes()


def loose(
    console: Console, raw: bytes, sent_at: datetime | None, now: datetime, children: list[str], directory: Path | None
) -> None:
    """Explain a message that is in no store, with the family of `directory` or an invented one.

    `sent_at`: as told; else the message's own date counts, else `now`. In the family's zone all the same.
    """
    family = load(directory).families[0] if directory else sample_family(children)
    reading = parse_email(raw)
    sent_at = sent_at or reading.date or now
    console.print(Text(f"Dates are counted from {for_people(sent_at, family.time_zone)}.", style="dim"))
    rules = load_rules().for_family(family)
    context = context_of(
        reading, family, sender_role=str(Role.COPARENT), channel="email", received_at=sent_at, previous=()
    )
    context = replace(context, sent_at=sent_at.astimezone(ZoneInfo(family.time_zone)))
    judged = judge(reading.new_text, reading.subject, context, open_tagger(), rules)
    story = Story(family, "co-parent", family.coparent.name, "email", sent_at)
    show(console, judged, rules, story, reading)


def stored(console: Console, directory: Path, message_id: int) -> bool:
    """Explain a stored message and compare with what was decided then. False when it comes out differently."""
    settings = load(directory)
    with (
        closing(Store(settings.database_url, settings.master)) as store,
        closing(Blobs(settings.blobs_at, store)) as blobs,
    ):
        return _again(console, settings, store, blobs, message_id)


def _again(console: Console, settings: Settings, store: Store, blobs: Blobs, message_id: int) -> bool:
    with store.read() as session:
        row = session.get(MessageRow, message_id)
        made = session.scalars(
            select(DecisionRow).where(DecisionRow.message_id == message_id).order_by(DecisionRow.id.desc()).limit(1)
        ).first()
        if row is not None and row.provenance == IMPORTED:
            console.print(Text(origin_of(row), style="bold"))
        if row is not None and made is not None and row.provenance == IMPORTED and "choices" not in made.detail:
            console.print(f"Kept, not sorted by tagger and rules: {made.detail.get('why') or made.detail['kind']}.")
            return True
        if row is None:
            raise UserError(f"there is no message {message_id}; `breakwater message list` shows them")
        if made is None:
            raise UserError(f"message {message_id} was not read yet; `breakwater serve` does that")
        if "choices" not in made.detail:
            console.print(f"Not sorted by tagger and rules: {made.detail.get('why') or made.detail['kind']}.")
            kept = session.scalars(select(CardRow).where(CardRow.message_id == message_id).order_by(CardRow.id)).first()
            _what_was_done(console, made.detail, made.lane, Card.from_json(kept.content) if kept else None)
            return True
        family = settings.families_by_address().family(row.family)
        if family is None:
            raise UserError(f"message {message_id}: its family is no longer in the settings")
        raw, then, channel, lane = blobs.get(row.family, row.sha256), made.detail, row.channel, made.lane
        kept = session.scalars(select(CardRow).where(CardRow.message_id == message_id).order_by(CardRow.id)).first()
        card = Card.from_json(kept.content) if kept is not None else None
        group = [session.get_one(MessageRow, number) for number in read_with(session, message_id)]
        received_at, imported = group[0].written_at or group[0].received_at, row.provenance == IMPORTED
        texts = [parse_kept(one.channel, blobs.get(one.family, one.sha256)) for one in group]
    reading = parse_kept(channel, raw)
    rules = load_rules().for_family(family)
    role = then.get("role", "co-parent")
    context = context_of(
        reading,
        family,
        sender_role=role,
        channel=channel,
        received_at=received_at,
        previous=tuple(then.get("previous", ())),
    )
    # Some reasons to hold were seen in other messages of that day; they are part of what was decided on.
    context = replace(context, holds=tuple(then.get("holds", ())))
    if len(texts) > 1:
        place = int(then["group"]["place"])
        console.print(f"Text {place} of {len(texts)} that were read together.")
        judged = read_together(texts, context, open_tagger(), rules)[2][place - 1]
    else:
        judged = judge(reading.new_text, reading.subject, context, open_tagger(), rules)
    story = Story(family, role, family.coparent.name, channel, received_at)
    show(console, judged, rules, story, reading, imported=imported, with_card=False)
    if not imported:
        _what_was_done(console, then, lane, card)
    return compare(console, then, summary(judged, reading))


def _what_was_done(console: Console, then: dict[str, Any], lane: str, card: Card | None) -> None:
    """The lane, the proof of the sender and the card as they were kept: what tagger and rules say is only a part of it."""
    console.print(f"What was done then: lane {lane}.")
    proof = then.get("authentication")
    if proof is not None:
        console.print(Text(f"Who it is from: {proof['verdict']} ({proof['why']})."))
        for found in proof.get("findings", ()):
            console.print(Text(f"  {found['method']} {found['domain']}: {found['result']}", style="dim"))
    console.print()
    console.print(Text(letter(card).text if card else "No card: nothing of this is for the parent."))


def origin_of(row: MessageRow) -> str:
    """Where an imported message comes from, for a person."""
    archive = row.envelope.get("archive", {})
    written = stamp(row.written_at) if row.written_at else "at an unknown time"
    odd = "".join(f"; {odd}" for odd in row.envelope.get("odd", ()))
    return (
        f"{AS_GIVEN[0].upper()}{AS_GIVEN[1:]}: {row.envelope.get('direction')}, written {written} as the archive says, "
        f"from {archive.get('name')} ({archive.get('format')}), line {archive.get('line')}{odd}."
    )


def compare(console: Console, then: dict[str, Any], now: dict[str, Any]) -> bool:
    """Say whether the two decisions are the same, and if not, which parts changed."""
    changed = [name for name in COMPARED if then.get(name) != now.get(name)]
    if not changed:
        console.print("The same as decided then.")
        return True
    versions = [name for name in ("ruleset", "tagger") if name in changed]
    why = f"; the {' and the '.join(versions)} changed since" if versions else ""
    console.print(f"Not the same as decided then: {', '.join(changed)}{why}.")
    return False


def sample_family(children: list[str]) -> Family:
    """A family for words that come without one."""
    return Family.model_validate(
        {
            "key": "sample",
            "time_zone": "America/Chicago",
            "relay_email": "sample@relay.example.org",
            "parent": {"name": "Dana", "emails": ["dana@example.org"]},
            "coparent": {"name": "Mark", "emails": ["mark@example.net"]},
            "child": [{"name": name} for name in children or ["Emma", "Noah"]],
        }
    )
