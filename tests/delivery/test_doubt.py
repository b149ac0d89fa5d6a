"""A text in doubt is looked up at the carrier: found where it went, sent again where it did not, never taken for another."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import timedelta

import pytest

from gateway.clock import utc_now
from gateway.delivery.outbox import Parcel
from gateway.delivery.sms import CLOCKS_APART, Texts
from gateway.demo.carriers import Carrier
from gateway.demo.sample import RELAY_PHONE
from gateway.settings import Twilio
from tests.harness import Loop

RUTH = "+15005550007"
WORDS = "Please check on Dana soon. Something came that may need you. You agreed to get this note."


@pytest.fixture
def carrier() -> Iterator[Carrier]:
    loop, opened = Loop(), Carrier()
    loop.do(opened.open())
    yield opened
    loop.do(opened.close())
    loop.close()


def parcel(number: int) -> Parcel:
    return Parcel(
        number, "rivera", "alarm", "sms", RUTH, {"text": WORDS}, f"{number:032}", 1, True, utc_now(), None, utc_now()
    )


def texts(carrier: Carrier) -> Texts:
    account = Twilio(account_sid="AC" + "0" * 32, auth_token="t", api_base=carrier.base)
    return Texts(account, public_url="http://127.0.0.1")


def test_the_same_words_to_the_same_number_belong_to_the_one_that_sent_them(carrier: Carrier) -> None:
    loop = Loop()
    way, now = texts(carrier), utc_now()
    first = loop.do(way.send(parcel(1), sender=RELAY_PHONE, now=now, hand_over=lambda: None))
    assert first is not None
    assert loop.do(way.find(parcel(1), now=now, known=set())) == first
    assert loop.do(way.find(parcel(2), now=now, known={first})) is None
    second = loop.do(way.send(parcel(2), sender=RELAY_PHONE, now=now, hand_over=lambda: None))
    assert loop.do(way.find(parcel(2), now=now, known={first})) == second
    loop.close()


def test_a_text_of_long_before_is_not_it(carrier: Carrier) -> None:
    loop = Loop()
    way, now = texts(carrier), utc_now()
    loop.do(way.send(parcel(1), sender=RELAY_PHONE, now=now, hand_over=lambda: None))
    later = dataclasses.replace(parcel(2), handed_at=now + CLOCKS_APART + timedelta(minutes=1))
    assert loop.do(way.find(later, now=now, known=set())) is None
    loop.close()
