"""The other parent, and bad luck: what has to hold where alarms, outages, bounces, caps and answers meet. Over real sockets."""

from __future__ import annotations

import re
from datetime import timedelta
from smtplib import SMTP

import httpx
import pytest
from sqlalchemy import func, select

from gateway.delivery.caps import Caps, Limit
from gateway.demo.carriers import Carrier, Mailbox
from gateway.demo.sample import EX_EMAIL, EX_PHONE, PARENT_EMAIL, PARENT_PHONE, RELAY_EMAIL, SAFETY_EMAIL, Sample
from gateway.outages import routes
from gateway.store.tables import AlarmRow, DeliveryRow
from tests.e2e.test_alarms import DANGER, EMERGENCY, NOON, Choosy, Play, Stage, play
from tests.e2e.test_bounces import FAILED
from tests.e2e.world import wait_until

__all__ = ["play"]
RUTH_PHONE = "+15005550007"


def come_back(stage: Stage, to: str, raw: bytes = FAILED, sender: str = "") -> None:
    host, _, port = stage.world.settings.server.smtp_listen.rpartition(":")
    with SMTP(host, int(port), timeout=30) as client:
        client.sendmail(sender, [to], raw)
    stage.world.settle()


def path_to(stage: Stage, to: str) -> str:
    return next(sender for sender, tos, _ in reversed(stage.world.mailbox.received) if to in tos)


def look(stage: Stage) -> None:
    before = stage.beats()
    wait_until(lambda: stage.beats() > before + 2, 30)
    stage.world.settle()


def test_a_note_to_the_contact_that_comes_back_is_told_once(play: Play) -> None:
    with play() as stage:
        stage.bring()
        texts, mails = len(stage.texts()), len(stage.notes(PARENT_EMAIL))
        come_back(stage, path_to(stage, SAFETY_EMAIL))
        look(stage)
        assert (len(stage.texts()) - texts, len(stage.notes(PARENT_EMAIL)) - mails) == (1, 0)
        assert stage.texts()[-1].startswith("Your contact could not be reached the usual way.")


def test_an_alarm_that_comes_back_while_the_other_way_had_it_rings_nobody_again(play: Play) -> None:
    with play() as stage:
        stage.bring(EMERGENCY)
        texts = len(stage.texts())
        come_back(stage, path_to(stage, PARENT_EMAIL))
        look(stage)
        new = stage.texts()[texts:]
        assert len(new) == 1
        assert "could not be delivered" in new[0]


def test_an_alarm_that_comes_back_with_no_other_way_is_told_once(play: Play) -> None:
    parent = {"name": "Dana", "emails": [PARENT_EMAIL]}
    with play(parent=parent, cards_by=["email"], relay_phone=None) as stage:
        stage.bring(Sample("x", "email", "Noah fell, we are in an ambulance to St Luke's hospital right now\n", "now"))
        come_back(stage, path_to(stage, PARENT_EMAIL))
        look(stage)
        assert len(stage.notes(SAFETY_EMAIL)) == 1


def test_a_contact_answers_only_what_the_contact_was_told(play: Play) -> None:
    """The emergency of a minute before went to the parent alone: nobody has read it."""
    with play() as stage:
        stage.bring(EMERGENCY)
        stage.now[0] += timedelta(minutes=1)
        stage.bring(DANGER)
        (note,) = stage.notes(SAFETY_EMAIL)
        httpx.post(stage.page(note))
        with stage.world.store.read() as session:
            open_ = session.scalars(select(AlarmRow.kind).where(AlarmRow.acknowledged_at.is_(None))).all()
        assert list(open_) == ["emergency"]


def failures(stage: Stage) -> list[str]:
    return [text for text in stage.texts() if "could not be delivered" in text]


def test_what_a_dead_mailbox_is_told_by_waits_at_a_cap_and_does_not_go_to_that_mailbox(play: Play) -> None:
    capped = {"caps": Caps(family=Limit(texts_per_hour=1))}
    with play(outside=(Choosy(PARENT_EMAIL), Carrier()), settings=capped, cards_by=["email"]) as stage:
        for hour in (8, 9, 10):
            stage.world.send(Sample("x", "sms", f"Noah has soccer at {hour} on Saturday", sender=EX_PHONE))
        wait_until(lambda: len(failures(stage)) == 1 and len(stage.kinds("told otherwise")) == 3, 30)
        for count in (2, 3):
            stage.now[0] += timedelta(hours=1, minutes=1)
            wait_until(lambda count=count: len(failures(stage)) == count, 30)
        told = failures(stage)
        assert len(set(re.findall(r"/card/[\w-]{43}", " ".join(told)))) == 3
        with stage.world.store.read() as session:
            assert (session.scalar(select(func.count()).select_from(DeliveryRow)) or 0) < 10


def test_an_alarm_in_an_outage_of_both_ways_goes_round_as_soon_as_one_is_back(play: Play) -> None:
    """Both had failed when it came, so there was no way round; the parent's only way stays dead when the other is back."""
    person = [{"name": "Ruth", "role": "safety contact", "phones": [RUTH_PHONE]}]
    outside = Mailbox(), Carrier()
    outside[0].answers, outside[1].fail = ["451 4.3.0 later"] * 1000, [503] * 1000
    parent = {"name": "Dana", "emails": [PARENT_EMAIL]}
    slow = {"repeat_minutes": [600], "hourly": 0}
    with play(outside=outside, parent=parent, person=person, cards_by=["email"], alarms=slow) as stage:
        with stage.world.store.write() as session:
            for route in ("email", "sms"):
                routes.bad(session, "rivera", route, stage.now[0] - timedelta(minutes=30), "dead")
        stage.world.send(EMERGENCY)
        wait_until(lambda: "alarm cannot go round" in stage.kinds(), 20)
        outside[1].fail.clear()
        with stage.world.store.write() as session:
            routes.good(session, "rivera", "sms", stage.now[0])
        wait_until(lambda: len(stage.texts(RUTH_PHONE)) == 1, 20)
        assert stage.texts(RUTH_PHONE)[0].startswith("Dana could not be reached the usual way.")
        assert stage.kinds("alarm cannot go round", "alarm went round") == ["alarm cannot go round", "alarm went round"]


def test_a_contact_by_mail_only_that_is_dead_is_told_to_a_parent_by_mail_only(play: Play) -> None:
    parent = {"name": "Dana", "emails": [PARENT_EMAIL]}
    outside = Choosy(SAFETY_EMAIL), Carrier()
    with play(outside=outside, parent=parent, cards_by=["email"], relay_phone=None) as stage:
        stage.bring(Sample("x", "email", "I know where you park now. Keep this up and I will kill you.\n", "x"))
        wait_until(lambda: len(stage.notes(PARENT_EMAIL)) == 2, 20)
        look(stage)
        assert stage.notes(PARENT_EMAIL)[1].startswith("Your contact could not be reached the usual way.")
        assert len(stage.notes(PARENT_EMAIL)) == 2


def test_a_clock_that_is_put_back_silences_no_alarm_and_holds_no_text(play: Play) -> None:
    with play(now=NOON + timedelta(days=400), settings={"caps": Caps(family=Limit(texts_per_hour=2))}) as stage:
        stage.bring()
        stage.now[0] = NOON
        look(stage)
        stage.after(minutes=10)
        assert stage.kinds("alarm repeated") == ["alarm repeated"]
        assert len(stage.texts()) == 2
        stage.world.send(Sample("x", "sms", "Noah has soccer at 8 on Saturday", sender=EX_PHONE))
        wait_until(lambda: any("soccer" in text for text in stage.texts()), 20)


def test_an_answer_by_text_is_told_although_texts_are_capped(play: Play) -> None:
    """Or a flood up to the cap, and then a forged number, would answer an alarm unseen."""
    parent = {"name": "Dana", "phones": [PARENT_PHONE]}
    capped = {"caps": Caps(family=Limit(texts_per_hour=1))}
    with play(settings=capped, parent=parent, cards_by=["sms"]) as stage:
        stage.bring()
        stage.world.send(Sample("forged", "sms", "ok", sender=PARENT_PHONE))
        wait_until(lambda: any(text.startswith("Noted: the note of") for text in stage.texts()), 20)


def write(stage: Stage, words: str) -> None:
    """The parent answers the newest mail."""
    answered = stage.world.mails()[-1]["Message-ID"]
    raw = f"From: Dana <{PARENT_EMAIL}>\r\nTo: {RELAY_EMAIL}\r\nSubject: Re: Please read now\r\nMessage-ID: <1@x>\r\nIn-Reply-To: {answered}\r\n\r\n{words}\r\n"
    come_back(stage, RELAY_EMAIL, raw.encode(), PARENT_EMAIL)


@pytest.mark.parametrize("words", ["On my way, tell them I come.", "Yes"])
def test_an_answer_to_an_urgent_message_goes_and_ends_its_alarm(play: Play, words: str) -> None:
    """Whoever answers has read it: the contact must not be told that nobody has. And a yes may be meant for the other parent."""
    asked = "Noah fell, we are in an ambulance to St Luke's hospital right now. Can you come?"
    with play(replies="on") as stage:
        stage.bring(Sample("x", "email", asked + "\n", "now"))
        write(stage, words)
        assert stage.open() == 0
        assert words in "".join(raw.decode() for _, tos, raw in stage.world.mailbox.received if EX_EMAIL in tos)
        (entry,) = [e for e in stage.world.log() if e.kind == "alarm acknowledged"]
        assert (entry.body["by"], entry.body["via"]) == ("parent", "reply")


def test_a_lone_ok_says_that_it_was_read_and_goes_to_nobody(play: Play) -> None:
    asked = "Noah fell, we are in an ambulance to St Luke's hospital right now. Can you come?"
    with play(replies="on") as stage:
        stage.bring(Sample("x", "email", asked + "\n", "now"))
        write(stage, "OK")
        assert stage.open() == 0
        assert not any(EX_EMAIL in tos for _, tos, _ in stage.world.mailbox.received)
