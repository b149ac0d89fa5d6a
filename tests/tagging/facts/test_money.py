"""Sums of money as people write them, and numbers that are none."""

from __future__ import annotations

from datetime import datetime

import pytest

from gateway.tagging.facts import Fact, read_facts
from gateway.tagging.facts.sums import number

SENT = datetime.fromisoformat("2026-11-24T19:40:00-05:00")


def fact(text: str, topic: str = "expense", currency: str = "USD") -> Fact:
    return read_facts(text, [(0, len(text), topic)], SENT, [], day_first=False, currency=currency)[0]


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("it was $42.50", 42.5),
        ("half of the 180", 180),
        ("60 bucks for cleats", 60),
        ("a tenner for the raffle", 10),
        ("he needs a fiver", 5),
        ("braces are 2k", 2000),
        ("braces are $2k down", 2000),
        ("Rs 2,250 by the 12th", 2250),
        ("Rs. 38,500 for the term", 38500),
        ("£1,200.00 for the trip", 1200),
        ("30 quid each", 30),
        ("forty dollars", 40),
        ("a hundred dollars", 100),
        ("two hundred and fifty dollars", 250),
        ("twenty-five pounds", 25),
        ("1.250,00 € for the camp", 1250),
        ("72,50 € each", 72.5),
        ("€145 for the two of them", 145),
        ("copay was 75 so u owe me 37.50", 37.5),
        ("your half is 72.50", 72.5),
        ("send me 107 please", 107),
        ("Swim camp is 340, your half 170, deadline June 6", 170),
        ("it comes to sixty", 60),
        ("deposit of four fifty", 450),
        ("R1 200 by Monday", 1200),
        ("R575 each", 575),
        ("5 pounds 30 left", 5.3),
        ("2.4 lakh for the operation", 240000),
        ("$193.20, e-transfer by July 25 please", 193.2),
        ("CA$80 a month", 80),
        ("80 CAD a month", 80),
        ("school photo 16", 16),
        ("book is 6 pounds", 6),
        ("3 shirts at $12", 12),
        ("it was a twenty", 20),
        ("dentist: $118", 118),
        ("Bike's mended. 65. Halves.", 65),
        ("Half. 2,500", 2500),
        ("it came to 410, leave it", 410),
        ("shoes were thirty eight quid so nineteen from you", 19),
        ("hundred and ten all in, so fifty five each", 55),
        ("dues 185, I put 100 down so the other 85 is you", 85),
        ("2400 left so 1200 you 1200 me", 1200),
        ("$95 a visit, the plan gives $60, so $17.50 for each of us", 17.5),
        ("the clinic was $860 and that leaves you $344", 344),
        ("18,400 in all, kindly clear the 8,400", 8400),
        ("costume is 65, so put in the 25", 25),
        ("rental is a hundred and eighty, you could do ninety", 90),
        ("hat is $14, put in seven", 7),
        ("the tour is two and a half thousand rand", 2500),
        ("your half is one thirty-one", 131),
    ],
)
def test_a_sum(text: str, want: float) -> None:
    assert fact(text).amount == want


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("boots were £58, so £29 from you", 29),
        ("It's $900 down, so $450 from each of us by that day.", 450),
        ("I have paid $465. Your half is $232.50, reference VAC0725.", 232.5),
        ("It's £14 a head for ten, so £70 each please.", 70),
        ("coat 64, swim term 90, total 154, your half is 77", 77),
        ("coat 64 and boots 26 so half is 45", 45),
        ("we split that too so 15 from you", 15),
        ("your share is £70 of the £140", 70),
        ("Camp is $180, drop off at 9, bus leaves 7.30", 180),
        ("uniform came to R640. you pay half", 640),
        ("club is 32 a day, 28 days booked", 32),
    ],
)
def test_the_readers_share_counts_where_it_is_named(text: str, want: float) -> None:
    assert fact(text).amount == want


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("pickup at 5 on Friday", "schedule"),
        ("room 12, Mr. Ortega", "school"),
        ("his fever is 102.4", "medical"),
        ("5 ml at 8", "medical"),
        ("she needs size 13 shoes", "belongings"),
        ("send the receipt please", "expense"),
        ("I pay it by Dec 15", "expense"),
        ("due 12/4", "expense"),
        ("the bill comes on the 3rd", "expense"),
        ("half 5 at the library", "schedule"),
        ("half of everything", "expense"),
        ("bring 2 towels", "belongings"),
        ("grade 4 fee", "expense"),
        ("paid in 2026", "expense"),
        ("40% is yours", "expense"),
        ("5k run on Sunday", "activity"),
        ("she wants 2 chat 2 u", "contact"),
    ],
)
def test_no_sum(text: str, topic: str) -> None:
    assert fact(text, topic).amount is None


@pytest.mark.parametrize(
    ("text", "currency", "want"),
    [
        ("$5", "CAD", "CAD"),
        ("£5", "USD", "GBP"),
        ("5 euros", "USD", "EUR"),
        ("owe me 50", "AUD", "AUD"),
        ("hello", "USD", None),
    ],
)
def test_the_currency_is_the_familys_unless_the_sign_says_otherwise(text: str, currency: str, want: str | None) -> None:
    assert fact(text, currency=currency).currency == want


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("1,250.00", 1250.0),
        ("1.250,00", 1250.0),
        ("38,500", 38500.0),
        ("1.250", 1250.0),
        ("72,50", 72.5),
        ("72.5", 72.5),
        ("1,00,000", 100000.0),
        ("", None),
        ("12:30", None),
        ("9" * 12, None),
    ],
)
def test_number(text: str, want: float | None) -> None:
    assert number(text) == want
