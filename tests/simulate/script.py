"""What happens in the year: the family's settings by time, outages, and every message. Seeded; all times are UTC.

    01.01. ── 08:00, 18:00 ── 01.03. nights ── 15.03. 08:00, 18:00 ── 01.07. at once ── 20.10. ── 25.10. nights ── 08.11. ──

The nights have a chosen hour inside the one that the clock change skips (02:30) or repeats (01:30). Some phases hold the rest
until a court day is over. Texts of one sender within two minutes are read together. On some days the text carrier goes away
before it answers, and mail to the parent comes back.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.demo.sample import family as sample_family
from gateway.family import Family
from tests.simulate.routes import Span

ZONE = "America/New_York"
PAUSE, HARD = {"from": "2026-08-10", "to": "2026-08-16"}, ("2026-05-10", "2026-10-14")
SKIPPED, TWICE = (
    Span(datetime(2026, 3, 8, 6, 30, tzinfo=UTC), datetime(2026, 3, 8, 7, 30, tzinfo=UTC)),
    Span(datetime(2026, 11, 1, 5, 0, tzinfo=UTC), datetime(2026, 11, 1, 7, 0, tzinfo=UTC)),
)
FLOOD_AT = datetime(2026, 10, 10, 19, 3, tzinfo=UTC)
OFF = (
    Span(datetime(2026, 4, 20, 9, 0, tzinfo=UTC), datetime(2026, 4, 20, 15, 0, tzinfo=UTC)),
    Span(datetime(2026, 11, 18, 10, 0, tzinfo=UTC), datetime(2026, 11, 18, 17, 30, tzinfo=UTC)),
)
MAIL_DEAD = (Span(datetime(2026, 10, 5, 4, 0, tzinfo=UTC), datetime(2026, 10, 6, 4, 0, tzinfo=UTC)),)
SMS_DEAD = (Span(datetime(2026, 10, 20, 14, 0, tzinfo=UTC), datetime(2026, 10, 20, 20, 0, tzinfo=UTC)),)
MAIL_REFUSES = (Span(datetime(2026, 9, 28, 12, 0, tzinfo=UTC), datetime(2026, 9, 28, 14, 0, tzinfo=UTC)),)
SMS_DROPS = (
    Span(datetime(2026, 6, 9, 4, 0, tzinfo=UTC), datetime(2026, 6, 11, 4, 0, tzinfo=UTC)),
    Span(datetime(2026, 10, 15, 4, 0, tzinfo=UTC), datetime(2026, 10, 17, 4, 0, tzinfo=UTC)),
)
MAIL_BOUNCES = (
    Span(datetime(2026, 7, 14, 4, 0, tzinfo=UTC), datetime(2026, 7, 16, 4, 0, tzinfo=UTC)),
    Span(datetime(2026, 9, 30, 4, 0, tzinfo=UTC), datetime(2026, 10, 2, 4, 0, tzinfo=UTC)),
)
BOUNCE_AFTER = timedelta(minutes=10)
TEXT_WAIT, BURST = timedelta(minutes=2), timedelta(seconds=25)
MOST_TEXTS = 25
"""Texts an hour; the flood goes over it."""
HOLDS = {
    datetime(2026, 3, 15, 15, 0, tzinfo=UTC): "2026-05-21T17:00:00",
    datetime(2026, 7, 1, 15, 0, tzinfo=UTC): "2026-07-30T09:30:00",
    datetime(2026, 11, 8, 15, 0, tzinfo=UTC): "2026-11-17T12:00:00",
}
"""By the phase that has it: until when the rest is held, local time."""
PHASES: tuple[tuple[datetime, Any], ...] = (
    (datetime(2026, 1, 1, tzinfo=UTC), ["08:00", "18:00"]),
    (datetime(2026, 3, 1, 15, 0, tzinfo=UTC), ["02:30", "14:00"]),
    (datetime(2026, 3, 15, 15, 0, tzinfo=UTC), ["08:00", "18:00"]),
    (datetime(2026, 7, 1, 15, 0, tzinfo=UTC), "at once"),
    (datetime(2026, 10, 22, 15, 0, tzinfo=UTC), ["08:00", "18:00"]),
    (datetime(2026, 10, 25, 15, 0, tzinfo=UTC), ["01:30", "14:00"]),
    (datetime(2026, 11, 8, 15, 0, tzinfo=UTC), ["08:00", "18:00"]),
)
SEED = 20260101
REPEAT, HOURLY = (10, 30, 60), 1
ANSWER_BY = ("link", "text", "card", "contact")
ANSWER_AFTER = (0.5, 2, 5, 9, 11, 25, 45, 70, 150, 400)
"""Minutes."""
LANES = ("facts",) * 78 + ("unsorted",) * 9 + ("legal",) * 3 + ("emergency",) * 5 + ("danger",) * 5


@dataclass(frozen=True, slots=True)
class Piece:
    """One message. `sent`: when the other side sent it; `imported`: it is read from an archive afterwards."""

    sent: datetime
    channel: str
    lane: str
    item: dict[str, Any]
    imported: bool = False
    answer_after: timedelta | None = None
    read_by: tuple[str, timedelta] | None = None
    """Of an alarm: over which way somebody says that they have read it, and when; None: nobody ever does."""


@dataclass(frozen=True, slots=True)
class Script:
    """A stretch of the year."""

    begin: datetime
    end: datetime
    pieces: tuple[Piece, ...]
    off: tuple[Span, ...] = OFF
    restarts: tuple[datetime, ...] = field(default=())


def family_at(moment: datetime) -> Family:
    """The settings of that time."""
    since, deliver = [phase for phase in PHASES if phase[0] <= moment][-1]
    children = [{"name": "Emma"}, {"name": "Noah"}, {"name": "Lily"}]
    people = [
        {"name": "Ruth", "role": "safety contact", "emails": ["ruth@example.org"], "phones": ["+15005550007"]},
        {"name": "Owen", "role": "safety contact", "emails": ["owen@example.org"]},
        {"name": "Aunt Jo", "role": "relative", "phones": ["+15005550008"]},
    ]
    return Family.model_validate(
        sample_family()
        | {"time_zone": ZONE, "deliver": deliver, "child": children, "person": people, "pause": [PAUSE]}
        | {"hard_days": list(HARD), "quiet_notice": True, "hold_until": HOLDS.get(since)}
        | {"alarms": {"repeat_minutes": list(REPEAT), "hourly": HOURLY, "also": ["Aunt Jo"]}}
    )


def script(begin: datetime, end: datetime, *, messages: int, flood: int, share: float = 1, seed: int = SEED) -> Script:
    """Messages over the stretch, more where something is to be seen (`share` of them)."""
    dice = random.Random(seed)
    length = (end - begin).total_seconds()
    moments = [begin + timedelta(seconds=dice.randrange(60, int(length) - 86400 * 3)) for _ in range(messages)]
    busy = (
        (SKIPPED, 12),
        (TWICE, 16),
        (MAIL_REFUSES[0], 8),
        *((s, 10) for s in (*OFF, *SMS_DROPS, *MAIL_BOUNCES)),
        (MAIL_DEAD[0], 20),
        (SMS_DEAD[0], 20),
    )
    for span, count in busy:
        seconds = (span.end - span.start).total_seconds()
        moments += [span.start + timedelta(seconds=dice.uniform(1, seconds - 1)) for _ in range(int(count * share))]
    pieces = [_piece(dice, moment) for moment in moments if begin <= moment < end]
    for span in (*MAIL_DEAD, *SMS_DEAD, *OFF, SKIPPED, TWICE, *SMS_DROPS, *MAIL_BOUNCES):
        for lane in ("danger", "emergency") * 3:
            moment = span.start + timedelta(seconds=dice.uniform(60, (span.end - span.start).total_seconds() - 60))
            pieces.append(Piece(moment, "sms", lane, {"text": "now", "topic": "Emergency"}))
    for n in range(flood):
        pieces.append(_piece(dice, FLOOD_AT + timedelta(seconds=n * 3600 / flood), "sms"))
    for _ in range(int(40 * share)):
        moment = begin + timedelta(seconds=dice.randrange(60, int(length) - 86400 * 3))
        for n in range(dice.choice((2, 3, 4))):
            item = {"text": f"Piece {dice.randrange(10**9)}.", "topic": "School"}
            pieces.append(Piece(moment + n * BURST, "sms", "facts", item))
    for span in OFF:
        for n in range(5):
            moment = span.start + timedelta(minutes=7 * n + 3)
            pieces.append(Piece(moment, "sms", "danger", {"text": "old", "topic": "Emergency"}, imported=True))
    chosen = _read(sorted((p for p in pieces if begin <= p.sent < end), key=lambda p: p.sent), seed)
    restarts = tuple(since for since, _ in PHASES if begin < since < end)
    return Script(begin, end, tuple(chosen), tuple(s for s in OFF if begin < s.start and s.end < end), restarts)


def stretches(whole: Script, border: datetime, after: timedelta) -> tuple[Script, Script]:
    """The same year in two parts that can be played beside each other.

    The first is played for `after` longer, until nothing of its own is open; so nothing may be held over the border.
    """
    ends = ((whole.begin, border, border + after), (border, whole.end, whole.end))
    first, second = (
        Script(
            since,
            end,
            tuple(piece for piece in whole.pieces if since <= piece.sent < until),
            tuple(span for span in whole.off if since < span.start and span.end < end),
            tuple(moment for moment in whole.restarts if since < moment < end),
        )
        for since, until, end in ends
    )
    return first, second


def asking(begin: datetime, end: datetime, *, messages: int, seed: int) -> Script:
    """Only what asks something, and nothing that goes wrong."""
    whole = script(begin, end, messages=messages, flood=0, share=0, seed=seed)
    return replace(whole, pieces=tuple(piece for piece in whole.pieces if piece.item.get("asks")), off=())


def _read(pieces: list[Piece], seed: int) -> list[Piece]:
    """Eleven of twelve alarms are answered at some time, the others never."""
    dice = random.Random(seed + 1)
    out = []
    for piece in pieces:
        if piece.lane in ("danger", "emergency") and not piece.imported and dice.random() < 0.92:
            read = dice.choice(ANSWER_BY), timedelta(minutes=dice.choice(ANSWER_AFTER), seconds=dice.randrange(30))
            piece = replace(piece, read_by=read)
        out.append(piece)
    return out


def _piece(dice: random.Random, moment: datetime, channel: str = "") -> Piece:
    lane, channel = dice.choice(LANES), channel or dice.choice(("email", "sms"))
    item: dict[str, Any] = {"text": f"Thing {dice.randrange(10**9)}.", "topic": dice.choice(("School", "Activities"))}
    answer = None
    roll, ahead = dice.random(), timedelta(hours=dice.choice((1, 3, 5, 8, 14, 20, 30, 50, 72, 130, 200)))
    local = (moment + ahead - timedelta(hours=5)).replace(tzinfo=None, second=0, microsecond=0)
    if roll < 0.15:
        item["when"] = local.isoformat(timespec="minutes")
    elif roll < 0.22:
        item["when"] = local.date().isoformat()
    elif roll < 0.27:
        item["topic"] = "Medical"
    elif roll < 0.45 and lane == "facts" and channel == "email":
        item["asks"] = True
        by = dice.random()
        if by < 0.4:
            item["answer_by"] = local.isoformat(timespec="minutes")
        elif by < 0.6:
            item["answer_by"] = local.date().isoformat()
        if dice.random() < 0.4:
            answer = timedelta(hours=dice.choice((0.2, 2, 10, 30)))
    return Piece(moment, channel, lane, item, answer_after=answer)
