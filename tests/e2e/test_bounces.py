"""Our own mail comes back, and texts do not arrive: marked, logged, told by another way; nobody can pretend it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from smtplib import SMTP, SMTPRecipientsRefused
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from twilio.request_validator import RequestValidator

from gateway.delivery.return_path import untagged
from gateway.demo.run import TOKEN
from gateway.demo.sample import (
    EX_EMAIL,
    EX_PHONE,
    PARENT_EMAIL,
    PARENT_PHONE,
    RELAY_EMAIL,
    SAFETY_EMAIL,
    SAMPLES,
    Sample,
    family,
)
from gateway.family import Family
from gateway.store.tables import DeliveryRow, MessageRow
from tests.e2e.world import World, open_world, wait_until
from tests.parsing.bounce_samples import ID, MTA, REPORTS, report, words

DANGER, EMERGENCY = SAMPLES[5], SAMPLES[6]
FAILED = REPORTS["Postfix, no such user"][0]


@pytest.fixture
def open_home(tmp_path) -> Iterator[Callable[..., World]]:
    """Opens a world with a family that differs from the sample one."""
    opened: list[Any] = []

    def home(**changes: Any) -> World:
        manager = open_world(tmp_path, families=(Family.model_validate(family() | changes),))
        opened.append(manager)
        return manager.__enter__()

    yield home
    for manager in opened:
        manager.__exit__(None, None, None)


@pytest.fixture
def world(open_home: Callable[..., World]) -> World:
    return open_home(replies="on")


def card(world: World, sample: Sample = SAMPLES[0], to: str = PARENT_EMAIL) -> tuple[str, str]:
    """Return path and number of the mail that a message makes."""
    world.send(sample)
    world.settle()
    return last(world, to)


def last(world: World, to: str) -> tuple[str, str]:
    path = next(sender for sender, tos, _ in reversed(world.mailbox.received) if to in tos)
    return path, str(world.mails(to)[-1]["Message-ID"]).strip("<>").partition("@")[0]


def come_back(world: World, raw: bytes, to: str, sender: str = "") -> None:
    host, _, port = world.settings.server.smtp_listen.rpartition(":")
    with SMTP(host, int(port), timeout=30) as client:
        client.sendmail(sender, [to], raw)
    world.settle()


def row(world: World, number: str) -> DeliveryRow:
    with world.store.read() as session:
        found = session.scalars(select(DeliveryRow).where(DeliveryRow.out_id == number)).one()
        session.expunge_all()
        return found


def log(world: World, kind: str) -> list[dict[str, Any]]:
    return [dict(entry.body) for entry in world.log() if entry.kind == kind]


def texts(world: World, to: str = PARENT_PHONE) -> list[str]:
    return [t["Body"] for t in world.carrier.sent if t["To"] == to]


def said(world: World, to: str = PARENT_EMAIL) -> list[str]:
    return [" ".join(m.get_body(("plain",)).get_content().split()) for m in world.mails(to)]


@pytest.mark.parametrize("name", [name for name, (_, outcome, _) in REPORTS.items() if outcome == "failed"])
def test_a_card_that_comes_back_is_told_by_text(world: World, name: str) -> None:
    path, number = card(world)
    before = len(world.cards())
    come_back(world, REPORTS[name][0], path)
    assert (row(world, number).state, row(world, number).last_error[:9]) == ("failed", "came back")
    (told,) = [t for t in texts(world) if "could not be delivered" in t]
    assert "Open: http" in told
    assert len(world.cards()) == before
    assert [(b["delivery"], b["by"], b["outcome"]) for b in log(world, "bounce")] == [(number, "return path", "failed")]
    assert log(world, "told otherwise")[0]["by"] == ["sms"]
    assert PARENT_EMAIL not in str(world.log())


def test_without_a_return_path_the_number_in_it_tells(world: World) -> None:
    """As out of a polled mailbox, whose provider takes no return path of ours."""
    _, number = card(world)
    come_back(world, FAILED.replace(ID.encode(), number.encode()), RELAY_EMAIL)
    assert row(world, number).state == "failed"
    assert log(world, "bounce")[0]["by"] == "message id"


def test_the_same_report_twice_tells_once(world: World) -> None:
    path, _ = card(world)
    come_back(world, FAILED, path)
    come_back(world, FAILED.replace(b"sorry", b"so sorry"), path)
    assert len([t for t in texts(world) if "could not be delivered" in t]) == 1
    assert len(log(world, "bounce")) == 2


def test_a_forged_return_path_is_refused(world: World) -> None:
    path, number = card(world)
    plain, _ = untagged(path) or ("", "")
    user, _, domain = plain.partition("@")
    with pytest.raises(SMTPRecipientsRefused):
        come_back(world, FAILED, f"{user}+b-{'0' * 20}@{domain}")
    assert row(world, number).state == "sent"
    assert [e.body["why"] for e in world.log("installation") if e.kind == "refused"] == ["unknown recipient"]


def test_a_forged_report_says_nothing(world: World) -> None:
    """He has the relay's address alone: it is a stranger's mail, kept, and shown as one."""
    _, number = card(world)
    before = len(world.cards())
    come_back(world, FAILED, RELAY_EMAIL)
    come_back(world, words("failure notice", "I wasn't able to deliver your message."), RELAY_EMAIL, EX_EMAIL)
    assert row(world, number).state == "sent"
    assert log(world, "bounce") == []
    assert len(world.cards()) == before + 2


def test_a_message_to_a_return_path_is_a_message(world: World) -> None:
    """Who answers a mail of ours to its return path is not lost."""
    path, _ = card(world)
    come_back(
        world,
        f"From: Mark <{EX_EMAIL}>\r\nSubject: Friday\r\n\r\nNoah has soccer at 10 on Saturday.\r\n".encode(),
        path,
    )
    assert world.lanes()[-1] == "facts"


def test_late_is_noted_and_nobody_is_told(world: World) -> None:
    path, number = card(world)
    before = len(texts(world))
    come_back(world, REPORTS["Postfix, late"][0], path)
    assert (row(world, number).state, row(world, number).last_error) == (
        "sent",
        "late: their mail system does not answer",
    )
    assert len(texts(world)) == before


def test_arrived_is_noted(world: World) -> None:
    path, number = card(world)
    come_back(world, REPORTS["a success that nobody asked for"][0], path)
    assert row(world, number).state == "delivered"


def test_a_late_alarm_that_came_by_text_too_is_no_news(open_home: Callable[..., World]) -> None:
    world = open_home(cards_by=["email"])
    path, number = card(world, EMERGENCY)
    before = len(texts(world))
    come_back(world, REPORTS["Postfix, late"][0], path)
    assert row(world, number).last_error == "late: their mail system does not answer"
    assert len(texts(world)) == before


def test_an_alarm_that_comes_back_and_came_by_text_rings_nobody_again(open_home: Callable[..., World]) -> None:
    """The parent has it; that the address is dead is an ordinary note."""
    world = open_home(cards_by=["email"])
    path, _ = card(world, EMERGENCY)
    come_back(world, FAILED, path)
    with world.store.read() as session:
        kinds = session.execute(select(DeliveryRow.kind, DeliveryRow.channel).order_by(DeliveryRow.id)).all()
    assert tuple(kinds[-1]) == ("notice", "sms")
    assert "(the address does not exist there)" in texts(world)[-1]


@pytest.mark.parametrize("report", [FAILED, REPORTS["Postfix, late"][0]])
def test_an_alarm_with_no_other_way_goes_to_the_safety_contact_once(
    open_home: Callable[..., World], report: bytes
) -> None:
    world = open_home(cards_by=["email"], parent={"name": "Dana", "emails": [PARENT_EMAIL]}, relay_phone=None)
    path, _ = card(
        world, Sample("x", "email", "Noah fell, we are in an ambulance to St Luke's hospital right now\n", "now")
    )
    assert said(world, SAFETY_EMAIL) == []
    come_back(world, report, path)
    wait_until(lambda: bool(said(world, SAFETY_EMAIL)), 20)
    come_back(world, FAILED.replace(b"sorry", b"so sorry"), path)  # at last it is given up
    (told,) = said(world, SAFETY_EMAIL)
    assert told.startswith("Dana could not be reached the usual way. Please check on Dana soon.")


def test_cards_with_no_other_way_are_told_to_the_safety_contact_once_a_day(open_home: Callable[..., World]) -> None:
    world = open_home(cards_by=["email"], parent={"name": "Dana", "emails": [PARENT_EMAIL]}, relay_phone=None)
    for n in range(3):
        path, _ = card(world, Sample("x", "email", f"Noah has soccer at {n + 8} on Saturday.\n", "soccer"))
        come_back(world, FAILED.replace(b"sorry", b"sorry" * (n + 1)), path)
    assert said(world, SAFETY_EMAIL) == [
        "Messages to Dana do not arrive. Please ask Dana to look at their mail and phone."
    ]


def test_a_note_to_the_safety_contact_that_comes_back_is_told_to_the_parent(world: World) -> None:
    path, _ = card(world, DANGER, SAFETY_EMAIL)
    come_back(world, FAILED, path)
    wait_until(lambda: any("Your contact could not be reached" in t for t in texts(world)), 20)


def test_an_answer_that_the_other_parent_did_not_get_is_told_in_plain_words(world: World) -> None:
    card(world, Sample("x", "email", "Is pickup at 6 on Friday fine with you?\n", "Friday"))
    answer = f"From: Dana <{PARENT_EMAIL}>\r\nTo: {RELAY_EMAIL}\r\nSubject: Re: Update\r\nMessage-ID: <1@x>\r\nIn-Reply-To: {world.mails()[-1]['Message-ID']}\r\n\r\nSix is fine.\r\n"
    come_back(world, answer.encode(), RELAY_EMAIL, PARENT_EMAIL)
    path, number = last(world, EX_EMAIL)
    come_back(world, REPORTS["Gmail, mailbox full, the code in the diagnostics alone"][0], path)
    assert row(world, number).state == "failed"
    assert (
        said(world)[-1] == "Your answer could not be delivered to the other parent (the mailbox is full). It is kept."
    )


def test_a_threat_in_a_report_is_a_threat(world: World) -> None:
    path, number = card(world)
    threat = report("I will kill you tonight.", f"{MTA}Action: failed\nStatus: 5.1.1")
    come_back(world, threat, path)
    assert world.lanes()[-1] == "danger"
    assert row(world, number).state == "failed"
    assert said(world, SAFETY_EMAIL) != []


@pytest.mark.parametrize(
    "words",
    [
        "Noah has a fever of 103 and needs his amoxicillin at 8 tonight.",
        "Noah fell, we are in an ambulance to the hospital right now.",
    ],
)
def test_what_the_other_side_hides_in_a_report_is_not_lost(world: World, words: str) -> None:
    """He has the return path of an answer, and dresses a message up as its bounce: sent, and never seen."""
    answered(world)
    path, number = last(world, EX_EMAIL)
    before = len(world.cards())
    come_back(world, report(words, f"{MTA}Action: failed\nStatus: 5.1.1"), path)
    assert row(world, number).state == "failed"
    assert len(world.cards()) == before + 1


def test_an_answer_that_comes_back_with_its_own_words_makes_no_card(world: World) -> None:
    answered(world, "Noah takes his amoxicillin at 8 tonight.")
    path, number = last(world, EX_EMAIL)
    before = len(world.cards())
    returned = "I wasn't able to deliver your message.\n\n> Noah takes his amoxicillin at 8 tonight.\n"
    come_back(world, report(returned, f"{MTA}Action: failed\nStatus: 5.1.1"), path)
    assert row(world, number).state == "failed"
    assert len(world.cards()) == before


def answered(world: World, words: str = "Six is fine.") -> None:
    """The parent's answer has reached the other parent's mail host."""
    card(world, Sample("x", "email", "Is pickup at 6 on Friday fine with you?\n", "Friday"))
    answer = f"From: Dana <{PARENT_EMAIL}>\r\nTo: {RELAY_EMAIL}\r\nSubject: Re: Update\r\nMessage-ID: <1@x>\r\nIn-Reply-To: {world.mails()[-1]['Message-ID']}\r\n\r\n{words}\r\n"
    come_back(world, answer.encode(), RELAY_EMAIL, PARENT_EMAIL)


@pytest.mark.parametrize("sender", ["", PARENT_EMAIL])
def test_an_out_of_office_of_the_parents_is_no_answer(world: World, sender: str) -> None:
    path, number = card(world, Sample("x", "email", "Is pickup at 6 on Friday fine with you?\n", "Friday"))
    before = len(world.mailbox.received) + len(world.carrier.sent)
    away = f"From: Dana <{PARENT_EMAIL}>\r\nSubject: Away\r\nMessage-ID: <2@x>\r\nIn-Reply-To: <{number}@relay.example.org>\r\n\r\nI am at the lake house.\r\n"
    marked = away if not sender else away.replace("Subject", "Auto-Submitted: auto-replied\r\nSubject")
    come_back(world, marked.encode(), path, sender)
    assert len(world.mailbox.received) + len(world.carrier.sent) == before
    assert row(world, number).state == "sent"
    assert "it is no message of a person" in log(world, "reply refused")[0]["why"]


def test_it_is_in_the_list_of_messages_as_what_it_is(world: World) -> None:
    path, _ = card(world)
    come_back(world, FAILED, path)
    with world.store.read() as session:
        found = session.scalars(select(MessageRow).order_by(MessageRow.id.desc())).first()
        assert found is not None
        assert (found.state, found.envelope["mail_from"], found.envelope["rcpt_to"]) == ("done", "", [path])
    assert world.lanes()[-1] == "withheld"


def status(world: World, text: dict[str, str], word: str, code: str = "") -> None:
    url = f"{world.settings.server.public_url}/sms/status"
    form = {"MessageSid": text["sid"], "MessageStatus": word} | ({"ErrorCode": code} if code else {})
    signature = RequestValidator(TOKEN).compute_signature(url, form)
    assert httpx.post(url, data=form, headers={"X-Twilio-Signature": signature}).status_code == 204
    world.settle()


@pytest.mark.parametrize(
    ("code", "why"), [("30003", "cannot be reached"), ("30007", "filtered"), ("30034", "10DLC"), ("30006", "landline")]
)
def test_a_text_that_does_not_arrive_is_told_by_mail(open_home: Callable[..., World], code: str, why: str) -> None:
    world = open_home(cards_by=["sms"])
    world.send(SAMPLES[0])
    world.settle()
    assert said(world) == []
    status(world, world.carrier.sent[-1], "undelivered", code)
    (told,) = said(world)
    assert told.startswith("An update could not be delivered the usual way (")
    assert why in told
    assert "/card/" in told
    (failed,) = log(world, "delivery failed")
    assert failed["why"] == row(world, failed["delivery"]).last_error


def test_where_the_card_comes_by_mail_too_a_dead_phone_is_told_once_a_day(world: World) -> None:
    for n in range(3):
        world.send(Sample("x", "sms", f"Noah has soccer at {n + 8} on Saturday", sender=EX_PHONE))
        world.settle()
        status(world, world.carrier.sent[-1], "undelivered", "30003")
    assert len([w for w in said(world) if "could not be delivered" in w]) == 1
    assert len(log(world, "delivery failed")) == 3


def test_an_alarm_by_text_that_does_not_arrive_and_came_by_mail_is_told_once_a_day(
    open_home: Callable[..., World],
) -> None:
    world = open_home(cards_by=["email"])
    for n in range(2):
        world.send(
            Sample(
                "x",
                "sms",
                f"Noah fell, we are in an ambulance to St Luke's hospital right now, room {n}",
                sender=EX_PHONE,
            )
        )
        world.settle()
        alarm = next(t for t in reversed(world.carrier.sent) if t["Body"].startswith("Please read now"))
        status(world, alarm, "failed", "30005")
    told = [m for m in world.mails() if "could not be delivered" in m.get_body(("plain",)).get_content()]
    assert [m["Subject"] for m in told] == ["Update, 1 item"]


def test_a_status_that_comes_before_the_answer_counts_too(open_home: Callable[..., World]) -> None:
    world = open_home(cards_by=["sms"])
    status(world, {"sid": f"SM{len(world.carrier.sent):032x}"}, "undelivered", "30005")
    world.send(SAMPLES[0])
    wait_until(lambda: len(said(world)) == 1, 20)
    assert "not in use any more" in said(world)[0]


def test_a_stop_that_never_came_here_is_told_by_mail_with_the_way_back(world: World) -> None:
    world.send(SAMPLES[0])
    world.settle()
    status(world, world.carrier.sent[-1], "undelivered", "21610")
    assert said(world)[-1].endswith("To get texts again, send the one word START from that phone to +15005550001.")
    before = len(texts(world))
    world.send(SAMPLES[1])
    world.settle()
    assert len(texts(world)) == before


def test_an_answer_by_text_that_does_not_arrive_is_told(world: World) -> None:
    card(world, Sample("x", "sms", "is pickup at 6 on friday ok?", sender=EX_PHONE))
    answer = f"From: Dana <{PARENT_EMAIL}>\r\nTo: {RELAY_EMAIL}\r\nSubject: Re: Update\r\nMessage-ID: <1@x>\r\nIn-Reply-To: {world.mails()[-1]['Message-ID']}\r\n\r\nSix is fine.\r\n"
    come_back(world, answer.encode(), RELAY_EMAIL, PARENT_EMAIL)
    (sent,) = [t for t in world.carrier.sent if t["To"] == EX_PHONE]
    status(world, sent, "undelivered", "30004")
    assert (
        "Your answer could not be delivered to the other parent (the phone, or its phone company, blocks texts"
        in said(world)[-1]
    )
