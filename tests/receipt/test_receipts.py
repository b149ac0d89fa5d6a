"""Receipts over real sockets: true, once a day for each route, never to a machine or a forger, and nothing of the parent in them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from sqlalchemy import select

from gateway.demo.sample import EX_EMAIL, EX_PHONE, PARENT_EMAIL, PARENT_PHONE, RELAY_EMAIL, RELAY_PHONE, Sample
from gateway.receipt.words import FROM_NAME, PROMISE, RECEIVED
from gateway.store.tables import DeliveryRow, QuestionRow
from tests.e2e.world import World
from tests.intake.test_grouping import Hands
from tests.voices.proved import AUNT_EMAIL, bring, kinds, mail, open_proved, to

FACT = "Emma's dentist appointment is Tuesday at 3:30."
NEUTRAL = {"receipt": {"kind": "neutral"}}
FULL = {"receipt": {"kind": "full"}}
SECRETS = (
    PARENT_EMAIL, PARENT_PHONE, PARENT_PHONE[-7:], "Dana", "Emma", "Noah", "Okafor", "Ruth", "Chicago", "America", "CST", "-0600", "-06:00",
    "12:00", "localhost", "Received:", "X-Mailer", "card", "Update", "dentist",
)  # fmt: skip
HEADERS = {
    "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Content-Transfer-Encoding", "In-Reply-To", "References",
    "Auto-Submitted", "X-Auto-Response-Suppress", "X-Loop",
}  # fmt: skip


def receipts(world: World) -> list[EmailMessage]:
    return [message_from_bytes(raw, policy=policy.default) for _, raw in to(world, EX_EMAIL)]


def texts(world: World) -> list[str]:
    return [t["Body"] for t in world.carrier.sent if t["To"] == EX_PHONE]


def text(world: World, words: str, sender: str = EX_PHONE) -> None:
    assert world.send(Sample("", "sms", words, sender=sender)) == "HTTP 200"
    world.settle()


def test_silent_is_the_default_and_says_nothing(tmp_path) -> None:
    with open_proved(tmp_path) as world:
        assert bring(world, mail(FACT)) == "facts"
        text(world, "is pickup at 6 on friday ok?")
        assert receipts(world) == []
        assert texts(world) == []
        assert "receipt" not in kinds(world)


@pytest.mark.parametrize("receipt", [NEUTRAL, FULL])
def test_every_byte_of_a_receipt(tmp_path, receipt) -> None:
    with open_proved(tmp_path, **receipt) as world:
        came = mail(FACT)
        assert bring(world, came) == "facts"
        ((sender, raw),) = to(world, EX_EMAIL)
        said = message_from_bytes(raw, policy=policy.default)
        body = said.get_content().strip()
    assert sender in ("", "<>")
    assert set(said.keys()) <= HEADERS
    assert said["Auto-Submitted"] == "auto-replied"
    assert said["In-Reply-To"] == said["References"] == came["Message-ID"]
    assert (said["From"], said["To"]) == (f"{FROM_NAME} <{RELAY_EMAIL}>", EX_EMAIL)
    assert said["Date"].endswith("+0000")
    whole = raw.decode("ascii").replace("=\r\n", "")
    assert not [secret for secret in SECRETS if secret.lower() in whole.lower()], whole
    assert body.startswith(RECEIVED)
    if receipt == NEUTRAL:
        assert body == RECEIVED
        assert not any(word in body.lower() for word in ("sort", "filter", "read", "device", "court"))
    else:
        assert "A program sorts it" in body
        assert "may be shown to a court" in body


def test_a_receipt_is_an_entry_and_a_delivery_like_any_other(tmp_path) -> None:
    with open_proved(tmp_path, **NEUTRAL) as world:
        bring(world, mail(FACT))
        entries = {e.kind: e.body for e in world.log() if e.kind.startswith("receipt")}
        assert entries["receipt"]["receipt"] == "neutral"
        assert entries["receipt sent"]["delivery"] == entries["receipt"]["delivery"]
        assert entries["receipt sent"]["message"] == entries["receipt"]["message"] == 1
        with world.store.read() as session:
            row = session.scalars(select(DeliveryRow).where(DeliveryRow.kind == "receipt")).one()
            assert (row.state, row.address) == ("sent", EX_EMAIL)


def test_one_a_day_across_midnight_where_the_family_lives(tmp_path) -> None:
    hands = Hands()
    hands.now = datetime(2026, 11, 27, 4, 0, tzinfo=UTC)  # 10 pm on the 26th in Chicago
    with open_proved(tmp_path, hands, **NEUTRAL) as world:
        for hours, count in ((0, 1), (1, 1), (1.5, 2), (10, 2), (23, 2), (24, 2), (26.5, 3)):
            hands.now = datetime(2026, 11, 27, 4, 30, tzinfo=UTC) + timedelta(hours=hours)
            bring(world, mail(f"Pickup is at {hours} on Friday at the library."))
            assert len(receipts(world)) == count, hours


def test_a_text_gets_one_by_its_own_route(tmp_path) -> None:
    with open_proved(tmp_path, **NEUTRAL) as world:
        text(world, "STOP")
        text(world, "Help")
        text(world, "you won", sender="72345")
        text(world, "is pickup at 6 on friday ok?", sender="+15005550099")
        assert texts(world) == []
        text(world, "START")
        text(world, "is pickup at 6 on friday ok?")
        text(world, "and the library book is due")
        assert texts(world) == [RECEIVED]
        assert [t["From"] for t in world.carrier.sent if t["To"] == EX_PHONE] == [RELAY_PHONE]
        assert not [t for t in world.carrier.sent if t["To"] in ("72345", "+15005550099")]
        bring(world, mail(FACT))
        assert len(receipts(world)) == 1
        assert kinds(world).count("receipt") == 2


def test_a_number_that_has_sent_stop_gets_none(tmp_path) -> None:
    with open_proved(tmp_path, **NEUTRAL) as world:
        text(world, "STOP")
        text(world, "is pickup at 6 on friday ok?")
        assert texts(world) == []
        assert not [m for m in world.mails() if "could not be delivered" in str(m)]


@pytest.mark.parametrize("header", ["auto-replied", ""])
def test_a_peer_that_answers_everything_is_answered_once(tmp_path, header: str) -> None:
    """With the header that RFC 3834 asks for, or by a responder so old that it sets none."""
    with open_proved(tmp_path, **NEUTRAL) as world:
        bring(world, mail(FACT))
        for turn in range(5):
            last = receipts(world)[-1]
            answer = mail(f"I am away. {turn}", subject=f"Auto: {last['Subject']}", In_Reply_To=str(last["Message-ID"]))
            if header:
                answer["Auto-Submitted"] = header
            bring(world, answer)
        assert len(receipts(world)) == 1


def test_a_responder_alone_never_gets_the_first_one(tmp_path) -> None:
    with open_proved(tmp_path, **NEUTRAL) as world:
        bring(world, mail("I am away until Monday.", Auto_Submitted="auto-replied"))
        bring(world, mail("Emma's list.", List_Id="<x.example.net>", Precedence="list"))
        bring(world, mail(FACT), mail_from="")
        bring(world, mail("Pickup is at 6 on Friday.", To="other@example.net"))
        assert receipts(world) == []


def test_a_forger_and_everybody_else_gets_none(tmp_path) -> None:
    with open_proved(tmp_path, **FULL) as world:
        assert bring(world, mail(FACT), by="") == "unsorted"
        assert bring(world, mail("Noah has soccer at 10 on Saturday."), by="example.org") == "unsorted"
        bring(world, mail("Noah has soccer at 9 on Saturday.", AUNT_EMAIL))
        bring(world, mail("Noah has soccer at 8 on Saturday.", "someone@new.example.net"))
        bring(world, mail("Noah has soccer at 7 on Saturday.", "ex@oakschool.example.edu"))
        answered = {address for _, tos, _ in world.mailbox.received for address in tos}
        assert answered == {PARENT_EMAIL}
        assert "receipt" not in kinds(world)


def test_danger_and_emergencies_are_never_answered_by_a_machine(tmp_path) -> None:
    with open_proved(tmp_path, **FULL) as world:
        assert bring(world, mail("I know where you park. I will kill you tonight.")) == "danger"
        assert bring(world, mail("Noah fell, we are in an ambulance to the hospital right now.")) == "emergency"
        text(world, "i will kill myself tonight and it is your fault")
        assert receipts(world) == []
        assert texts(world) == []
        bring(world, mail(FACT))
        assert len(receipts(world)) == 1


def test_a_promise_stands_only_while_it_is_kept(tmp_path) -> None:
    hands = Hands()
    with open_proved(tmp_path, hands, receipt={"kind": "neutral", "answer_hours": 48}) as world:
        bring(world, mail("Is pickup at 6 on Friday fine with you?"))
        promise = PROMISE.format(day="Sat 28 Nov 2026")
        assert receipts(world)[-1].get_content().strip() == f"{RECEIVED} {promise}"
        with world.store.read() as session:
            assert session.scalar(select(QuestionRow.id)) is not None
        hands.now += timedelta(days=3)  # the question is overdue: the promise would not be true
        bring(world, mail("The library book is due on Monday."))
        assert receipts(world)[-1].get_content().strip() == RECEIVED


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"contact": "archive-only", "archive": "whole"}, "It is passed on whole."),
        ({"contact": "archive-only", "archive": "keep"}, "It is not passed on, but for emergencies"),
    ],
)
def test_full_disclosure_is_true_in_the_mode(tmp_path, changes, said) -> None:
    with open_proved(tmp_path, receipt={"kind": "full", "answer_hours": 24}, **changes) as world:
        bring(world, mail(FACT))
        body = receipts(world)[-1].get_content()
        assert said in body
        assert "sorts" not in body
        assert "answered by" not in body


def test_a_kind_word_and_a_cruel_one_get_the_same_receipt(tmp_path) -> None:
    bodies = []
    for number, words in enumerate((FACT, "You are pathetic. Nobody will ever want you.")):
        with open_proved(tmp_path / str(number), **NEUTRAL) as world:
            bring(world, mail(words))
            bodies.append(receipts(world)[0].get_content())
    assert bodies[0] == bodies[1]
