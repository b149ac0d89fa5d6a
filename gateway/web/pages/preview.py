"""What a planned change would make of the messages of the last 90 days: looked up in the store, bounded in number and time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.engine import Row

from gateway.contact import IN_A_PROFESSIONALS_NAME
from gateway.errors import StoreError
from gateway.family import Family, Role, normal_email, normal_phone
from gateway.intake.archives.kept import parse_kept
from gateway.parsing.authentication import Verdict
from gateway.policy.again import PARENTS, Kept, Scope, Shift, shifts
from gateway.policy.ruleset import Ruleset
from gateway.provenance import RECEIVED
from gateway.store import Blobs, Store
from gateway.store.tables import DecisionRow, MessageRow

DAYS: Final = 90
MOST: Final = 1000
SECONDS: Final = 5.0
LISTED: Final = 50
PASSAGES: Final = 12
WORDS: Final = 400
"""Signs of a passage that the list shows."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A message that would come out otherwise. `more`: passages beyond those listed."""

    number: int
    received_at: datetime
    channel: str
    shifts: tuple[Shift, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Preview:
    """`count` messages would change, the first of them in `changed`; `looked` of them were looked at. `whole`: those are all of the
    time. `sooner`: messages that would have come at once and not at the hours, `later` the other way round.
    """

    changed: tuple[Changed, ...]
    count: int
    looked: int
    whole: bool
    sooner: int
    later: int


def look(
    store: Store,
    blobs: Blobs,
    before: Family,
    after: Family,
    rules: Ruleset,
    now: datetime,
    running: Callable[[], float] = time.monotonic,
) -> Preview:
    """Compare the two. `rules`: the default ones. Raises StoreError, RulesError."""
    was, then = (family.model_dump(mode="json") for family in (before, after))
    scope = Scope.of(was, then)
    people = was["people"] != then["people"]
    times = _times(before, after)
    if scope.empty and not people and not times:
        return Preview((), 0, 0, True, 0, 0)
    asked = rules.for_family(before), rules.for_family(after)
    found: list[Changed] = []
    count = looked = sooner = later = 0
    end, seen, whole = running() + SECONDS, 0, True
    for row in _rows(store, before.key, now - timedelta(days=DAYS)):
        if row.id == seen:
            continue
        if looked >= MOST or running() > end:
            whole = False
            break
        seen, looked = row.id, looked + 1
        kept = Kept.of(row.new_text, row.channel, row.detail)
        if kept is None:
            continue
        sooner, later = sooner + _moves(row.detail, times, "now"), later + _moves(row.detail, times, "digest")
        roles = _roles(row, kept, before, after, blobs) if people else (kept.role, kept.role)
        if roles[0] == roles[1] and (scope.empty or not scope.touches(kept)):
            continue
        made = shifts(kept, *asked, roles)
        if made:
            count += 1
            if len(found) < LISTED:
                found.append(
                    Changed(row.id, row.received_at, row.channel, made[:PASSAGES], max(0, len(made) - PASSAGES))
                )
    return Preview(tuple(found), count, looked, whole, sooner, later)


def _rows(store: Store, key: str, since: datetime) -> Iterator[Row[Any]]:
    """The decided messages since then, newest first; of one that was decided twice, the last decision first."""
    query = (
        select(
            MessageRow.id, MessageRow.received_at, MessageRow.channel, MessageRow.envelope, MessageRow.family, MessageRow.sha256,
            DecisionRow.new_text, DecisionRow.detail,
        )
        .join(DecisionRow, DecisionRow.message_id == MessageRow.id)
        .where(
            MessageRow.family == key, MessageRow.provenance == RECEIVED, MessageRow.received_at >= since,
            DecisionRow.who == "gateway",
        )
        .order_by(MessageRow.id.desc(), DecisionRow.id.desc())
        .limit(MOST + 1)
    )  # fmt: skip
    with store.read() as session, session.execute(query.execution_options(yield_per=100)) as found:
        yield from found


def _times(before: Family, after: Family) -> Mapping[str, str]:
    """Topics whose hour changes."""
    if before.deliver == "at once" and after.deliver == "at once":
        return {}
    changed = {t for t in {*before.topics, *after.topics} if before.topics.get(t) != after.topics.get(t)}
    pairs = {topic: (before.topics.get(topic, "digest"), after.topics.get(topic, "digest")) for topic in changed}
    return {topic: pair[1] for topic, pair in pairs.items() if set(pair) == {"now", "digest"}}


def _moves(detail: Mapping[str, Any], times: Mapping[str, str], to: str) -> bool:
    labels = {f"F:{topic}" for topic, choice in times.items() if choice == to}
    return any(c["label"] in labels and c["action"] == "forward" for c in detail["choices"])


def _roles(row: Row[Any], kept: Kept, before: Family, after: Family, blobs: Blobs) -> tuple[str, str]:
    """Who the sender is, as things are and with the change; the same twice where that does not matter or is not proved."""
    same = (kept.role, kept.role)
    proof = row.detail.get("authentication")
    unproved = proof is not None and proof.get("verdict") != Verdict.VERIFIED
    if kept.role in PARENTS or unproved or row.detail.get(IN_A_PROFESSIONALS_NAME):
        return same
    addresses = _addresses(row, blobs)
    if len(addresses) != 1:
        return same
    day = row.received_at.date()
    one, other = ((family.who(addresses[0], day) or (Role.OTHER, ""))[0] for family in (before, after))
    return same if one is other else (str(one), str(other))


def _addresses(row: Row[Any], blobs: Blobs) -> tuple[str, ...]:
    with suppress(StoreError, ValueError):
        if row.channel == "email":
            return tuple(normal_email(one) for one in parse_kept("email", blobs.get(row.family, row.sha256)).from_)
        return (normal_phone(str(row.envelope.get("mail_from", ""))),)
    return ()
