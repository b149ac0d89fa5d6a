"""Texts of one sender that come within minutes: read together, kept apart.

    a text comes ─► read alone at once, and with those that wait ─► alarm? ─► concluded now
                                                                └─ else ─► waits (a row, committed) ─► due: read together

A text waits only where nothing of it is urgent: danger, an emergency, court papers, a reaction, a text to a group, one
without words and a command to the carrier are concluded on arrival, each by itself. What waits is a row of
`waiting_text`, written in one transaction with its log entry; a restart finds it there and the hour still stands. When
the first text of a group falls due, or when a text that comes makes an alarm of all of them, the group is concluded in
one transaction: a decision and an entry for each text, naming the group, and one card.

A group that cannot be read, or that has stopped the program before, is read text by text.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gateway.carrier_words import with_lateness
from gateway.clock import Clock, stamp
from gateway.concluded import Conclusion, Stored, stored_of
from gateway.conclusion import Story, announced, summary
from gateway.errors import StoreError
from gateway.family import Directory
from gateway.ledger import append
from gateway.parsing import Kind, Reading
from gateway.pipeline import context_of
from gateway.policy import Lane, Ruleset
from gateway.policy.lane import AT_ONCE
from gateway.store import Store
from gateway.store.tables import DecisionRow, MessageRow, WaitingRow
from gateway.tagging.spans import Tagger
from gateway.together import read_together

log = logging.getLogger(__name__)
TRIES_TOGETHER = 2
"""Starts after which a text is read by itself: one of its group may be what stops the program."""

Made = tuple[tuple[Stored, Conclusion], ...]


class Texts:
    """Decides whether a stored message is concluded now, waits, or is concluded with others.

    `wait`: how long after the first text of a group it is read; zero reads each text by itself. `directory`: for the
    time zone of each family. `alone` and `together` conclude one message, or several texts in order.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        wait: timedelta,
        directory: Directory,
        *,
        alone: Callable[[Stored], Conclusion],
        together: Callable[[Sequence[Stored]], tuple[Conclusion, ...]],
    ) -> None:
        self._store, self._clock, self._wait, self._directory = store, clock, wait, directory
        self._alone, self._together = alone, together

    def conclude(self, stored: Stored) -> Made:
        """What to write now, all of it in one transaction; empty when the text waits. Raises StoreError."""
        if stored.channel != "sms" or stored.imported or stored.starts > TRIES_TOGETHER:
            return ((stored, self._alone(stored)),)
        group = self._group_of(stored)
        if len(group) > 1:
            return self._all(group) or ((stored, self._alone(stored)),)
        conclusion = self._alone(stored)
        if group or not self._wait or not may_wait(conclusion):
            return ((stored, conclusion),)
        others = self._open_for(stored)
        made = self._all([*others, stored]) if others else ()
        if made and any(c.lane in AT_ONCE or (c.card and c.card.lane in AT_ONCE) for _, c in made):
            return made
        self._hold_back(stored, others)
        return ()

    def _all(self, group: Sequence[Stored]) -> Made:
        try:
            return tuple(zip(group, self._together(group), strict=True))
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 (each is then read by itself, where a fault ends in a record)
            log.error("texts %s cannot be read together (%s)", [s.id for s in group], type(error).__name__)
            return ()

    def _group_of(self, stored: Stored) -> list[Stored]:
        """The texts with which this one waited, itself among them; none where it has not waited."""
        with self._store.read() as session:
            first = session.scalar(select(WaitingRow.first_id).where(WaitingRow.message_id == stored.id))
            return [] if first is None else _members(session, first)

    def _open_for(self, stored: Stored) -> list[Stored]:
        """The texts that wait now and that this one belongs to."""
        with self._store.read() as session:
            first = session.scalar(
                select(WaitingRow.first_id)
                .join(MessageRow, MessageRow.id == WaitingRow.message_id)
                .where(
                    MessageRow.state == "stored",
                    WaitingRow.family == stored.family,
                    WaitingRow.sender == stored.mail_from,
                    WaitingRow.opened_at <= stored.moment,
                    WaitingRow.opened_at >= stored.moment - self._wait,
                )
                .order_by(WaitingRow.first_id.desc())
                .limit(1)
            )
            return [] if first is None else [s for s in _members(session, first) if s.id != stored.id]

    def _hold_back(self, stored: Stored, others: Sequence[Stored]) -> None:
        """Commit that the text waits. Its start is not counted: nothing was concluded."""
        now = self._clock()
        with self._store.write() as session:
            first = others[0].id if others else stored.id
            opened = session.get(WaitingRow, first)
            row = WaitingRow(
                message_id=stored.id,
                family=stored.family,
                sender=stored.mail_from,
                first_id=first,
                opened_at=opened.opened_at if opened else stored.moment,
                due_at=opened.due_at if opened else stored.received_at + self._wait,
            )
            session.add(row)
            session.execute(update(MessageRow).where(MessageRow.id == stored.id).values(starts=0))
            body = {"message": stored.id, "group": first, "until": stamp(row.due_at)}
            append(session, stored.family, "text waits", body, now=now, zone=self._zone(stored.family))

    def _zone(self, key: str) -> str:
        family = self._directory.family(key)
        return family.time_zone if family else "UTC"


def may_wait(conclusion: Conclusion) -> bool:
    """Whether a text that was read alone may wait for the next ones."""
    detail = conclusion.detail
    urgent = conclusion.lane in AT_ONCE or (conclusion.card is not None and conclusion.card.lane in AT_ONCE)
    return (
        not urgent
        and not conclusion.shunted
        and conclusion.lane is not Lane.CHILD
        and detail.get("kind") == Kind.MESSAGE
        and not detail.get("holds")
        and not detail.get("opt_out")
        and bool(conclusion.new_text.strip())
    )


def conclusions(
    story: Story,
    group: Sequence[Stored],
    readings: Sequence[Reading],
    previous: tuple[str, ...],
    tagger: Tagger,
    rules: Ruleset,
) -> tuple[Conclusion, ...]:
    """A conclusion for each text of a group, in order; the first bears the card of all. Raises what the tagger raises."""
    context = context_of(
        readings[0],
        story.family,
        sender_role=story.role,
        channel=story.channel,
        received_at=group[0].moment,
        previous=previous,
    )
    joined, whole, parts = read_together(readings, context, tagger, rules)
    _, card = announced(story, joined.reading, whole)
    if card is not None:
        card = with_lateness(card, group[0], story.family) or card
        card = replace(card, channel=f"{card.channel}, {len(group)} texts read together")
    whens = tuple(when for f in whole.forwarded for when in (f.fact.when, f.fact.answer_by))
    ids = [stored.id for stored in group]
    made = []
    for place, (reading, part) in enumerate(zip(readings, parts, strict=True)):
        detail = summary(part, reading) | {
            "role": str(story.role),
            "previous": list(previous),
            "group": {"messages": ids, "place": place + 1, "lane": whole.decision.lane.value},
        }
        lane, _ = announced(story, reading, part)
        shown = (card, whens) if place == 0 else (None, ())
        made.append(
            Conclusion(lane, part.decision.outcome, reading.new_text, detail, shown[0], whens=shown[1])
        )  # fmt: skip
    return tuple(made)


def all_open(session: Session, ids: Sequence[int]) -> bool:
    """Whether none of the messages was concluded meanwhile (by another worker); locks them where the database can."""
    query = select(MessageRow.id).where(MessageRow.id.in_(ids), MessageRow.state == "stored").with_for_update()
    return len(session.scalars(query).all()) == len(ids)


def read_with(session: Session, message_id: int) -> list[int]:
    """The messages that were read together with this one, in order, itself among them."""
    detail = session.scalar(
        select(DecisionRow.detail)
        .where(DecisionRow.message_id == message_id)
        .order_by(DecisionRow.id.desc())
        .limit(1)
    )  # fmt: skip
    return list((detail or {}).get("group", {}).get("messages", [])) or [message_id]


def _members(session: Session, first: int) -> list[Stored]:
    query = (
        select(MessageRow)
        .join(WaitingRow, WaitingRow.message_id == MessageRow.id)
        .where(WaitingRow.first_id == first, MessageRow.state == "stored")
        .order_by(MessageRow.id)
    )
    return [stored_of(row) for row in session.scalars(query)]
