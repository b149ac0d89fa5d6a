"""The other parent, and bad luck: what has to hold where alarms, outages, bounces, caps and answers meet. Over real sockets."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from smtplib import SMTP

import httpx
import pytest
from sqlalchemy import func, select

from gateway.delivery.caps import Caps, Limit
from gateway.demo.carriers import Carrier, Mailbox
from gateway.demo.sample import EX_EMAIL, EX_PHONE, PARENT_EMAIL, PARENT_PHONE, RELAY_EMAIL, SAFETY_EMAIL, Sample
from gateway.store.tables import AlarmRow, DeliveryRow
from tests.e2e.test_alarms import DANGER, EMERGENCY, NOON, Choosy, Play, Stage, play
from tests.e2e.test_bounces import FAILED
from tests.e2e.world import wait_until

__all__ = ["play"]


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


def test_a_note_to_the_contact_that_comes_back_is_told_once_by_each_way(play: Play) -> None:
    with play() as stage:
        stage.bring()
        texts, mails = len(stage.texts()), len(stage.notes(PARENT_EMAIL))
        come_back(stage, path_to(stage, SAFETY_EMAIL))
        look(stage)
        assert (len(stage.texts()) - texts, len(stage.notes(PARENT_EMAIL)) - mails) == (1, 1)


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


def test_what_a_dead_mailbox_is_told_by_waits_at_a_cap_and_does_not_go_to_that_mailbox(play: Play) -> None:
    capped = {"caps": Caps(family=Limit(texts_per_hour=1))}
    with play(outside=(Choosy(PARENT_EMAIL), Carrier()), settings=capped, cards_by=["email"]) as stage:
        for hour in (8, 9, 10):
            stage.world.send(Sample("x", "sms", f"Noah has soccer at {hour} on Saturday", sender=EX_PHONE))
        wait_until(lambda: len(stage.kinds("card sent", "delivery failed")) >= 3, 30)
        for _ in range(4):
            stage.now[0] += timedelta(hours=1, minutes=1)
            before = stage.beats()
            wait_until(lambda before=before: stage.beats() > before + 12, 30)
        told = [text for text in stage.texts() if "could not be delivered" in text]
        assert len(told) == 3
        assert len(set(re.findall(r"/card/[\w-]{43}", " ".join(told)))) == 3
        with stage.world.store.read() as session:
            assert (session.scalar(select(func.count()).select_from(DeliveryRow)) or 0) < 10
