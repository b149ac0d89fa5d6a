"""A record in which everything stands that a record can say: what was sent, imported, held, opened, asked, left out, noted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from gateway.record.items import File, Gap, Message, Note, Party, Passage, Record, Scope, Sent

AT = datetime(2026, 1, 5, 14, 0, tzinfo=UTC)
SHA = "ab" * 32


def everything(*, whole: bool = False) -> Record:
    """`whole`: nothing was left out."""
    messages = tuple(replace(m, number=n) for n, m in enumerate((*_received(), *_answered()), 1))
    scope = Scope(AT, AT + timedelta(days=90), ("Mark Rivera",), ("medical", "withheld", "danger"))
    return Record(
        log="rivera",
        zone="America/Chicago",
        currency="USD",
        parties=(
            Party("Mark Rivera", "co-parent", ("mark.rivera@example.net",)),
            Party("Dana", "parent, through the relay", ("rivera@relay.example.org", "+15550100100")),
            Party("Ruth Hall", "lawyer", ()),
        ),
        children=("Emma", "Noah"),
        scope=Scope() if whole else scope,
        messages=messages,
        total=len(messages) if whole else 1234,
        entries=4321,
        gaps=(Gap(AT, AT + timedelta(hours=2), clean=True), Gap(AT, AT + timedelta(hours=9), clean=False)),
        made_at=datetime(2026, 11, 1, 12, 0, tzinfo=UTC),
        version="1.0.0",
        fingerprint=SHA,
        rulesets=("rules 1.0",),
        taggers=("tagger 1.0",),
        left_out=()
        if whole
        else (("about other things", 1000), ("from or to other people", 2), ("outside the period", 3)),
        from_children=2,
        notes=_notes(),
        notes_total=3,
    )


def _received() -> list[Message]:
    dentist = (
        Passage("Emma's dentist is Tuesday.", "forward", "F:medical", "opt_out.alone", "A lone STOP"),
        Passage(
            "You are always late.",
            "withhold",
            "X:insult",
            "kind.not_a_message",
            "An automatic reply, bounce, receipt or reaction",
        ),
        Passage("We were late again.", "hold", "N", "opt_out.alone", "A lone STOP"),
    )
    facts: tuple[tuple[str, str | None, str | None, float | None, bool, str | None], ...]
    facts = (("medical", "Emma", "2026-01-06", 45.5, True, "2026-01-06"),)
    first = message(
        "email",
        "Emma's dentist is Tuesday. You are always late. We were late again.",
        passages=dentist,
        facts=facts,
        lane="facts",
        proof="verified: signed by example.net",
        sent=(Sent("card", "email", AT, 8), Sent("card", "sms", AT, 9), Sent("digest", "email", AT, 11)),
        viewed=tuple(AT + timedelta(hours=n) for n in range(4)),
        files=(
            File("x-ray.png", "image/png", 1234, SHA, "listed", "native/000001-1.png", is_picture=True),
            File("", "text/html", None, None, "held", None),
        ),
        mode="no-contact",
        subject="Dentist",
    )
    insult = Passage(
        "Loser.", "withhold", "X:insult", "kind.not_a_message", "An automatic reply, bounce, receipt or reaction"
    )
    return [
        first,
        message("sms", "Loser.", passages=(insult,), lane="withheld", at=AT + timedelta(days=40)),
        message("sms", "", lane="unsorted", holds=("the message could not be read",), mode="archive-only"),
        message(
            "whatsapp",
            "Noah has a cough. He needs 5 ml.",
            provenance="imported",
            written_at=AT - timedelta(days=9),
            lane="archived",
            proof="imported, as given by the parent: nothing proves who wrote it",
        ),
        message(
            "voice", "I will pay the bill.", kind="auto_reply", lane="not read yet", sender="not on the family's list", to=""
        ),
        message(
            "email",
            "Out of office.",
            kind="auto_reply",
            sender="not on the family's list",
            sender_address="",
            role="other",
            proof="unverified: nothing vouches for example.net",
            lane="danger",
        ),
        message("email", "No school on Friday.", facts=facts, passages=(dentist[0],), lane="emergency", proof="who sent it was not checked"),
    ]  # fmt: skip


def _answered() -> list[Message]:
    own = message(
        "email", "Thank you, we come.", provenance="sent", role="parent", kind="answer to No 1", lane="answer", sender="Dana",
        sender_address="through the relay", proof="the parent, by a card's secret or a code", at=AT + timedelta(days=3),
    )  # fmt: skip
    out = replace(own, kind="message", text="I was late.", sent=(Sent("reply", "sms", AT + timedelta(days=3), 12),))
    return [own, out, replace(own, kind="message", provenance="received", lane="whole")]


def _notes() -> tuple[Note, ...]:
    content = {
        "kind": "health", "child": "Emma", "happened_at": "2026-01-05T14:00:00.000000Z", "written_at": "2026-01-05T15:00:00.000000Z",
        "words": "A fever.", "corrects": None, "photos": [{"name": "fever.png", "size": 12, "sha256": SHA, "type": "image/png"}],
    }  # fmt: skip
    kinds = ("exchange", "health", "call", "contact", "school", "other")
    return tuple(
        Note(
            n,
            n,
            SHA,
            content | {"kind": kind, "corrects": 1 if kind == "other" else None, "child": "" if n == 2 else "Emma"},
            "{}",
            SHA,
        )
        for n, kind in enumerate(kinds, 1)
    )


def message(channel: str, text: str, /, **more: object) -> Message:
    """One from the other parent."""
    values: dict[str, object] = {
        "number": 0, "id": 0, "entry": 1, "entry_hash": SHA, "decided_entry": 2, "at": AT, "written_at": None, "channel": channel,
        "sender": "Mark Rivera", "sender_address": "mark.rivera@example.net", "to": "rivera@relay.example.org", "role": "co-parent",
        "subject": None, "text": text, "kind": "message", "lane": "facts", "outcome": "forward",
        "proof": "a number, as the carrier's signed call gave it", "provenance": "received", "raw_sha256": SHA, "raw_size": 4567,
        "native": "native/000001.eml",
    }  # fmt: skip
    return Message(**(values | more))  # type: ignore[arg-type]
