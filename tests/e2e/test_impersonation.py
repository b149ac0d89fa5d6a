"""Somebody writes as the parent: what is tried, and that it is refused, logged, and told over another way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from smtplib import SMTP

import pytest

from gateway.clock import utc_now
from gateway.demo.sample import EX_EMAIL, EX_PHONE, PARENT_EMAIL, PARENT_PHONE, RELAY_EMAIL, RELAY_PHONE, Sample, family
from gateway.family import Family
from gateway.reply.refusing import MOST_WRONG
from gateway.reply.rows import ACCEPTED, REFUSED
from gateway.settings import Senders
from gateway.store.tables import CardRow
from tests.e2e.test_senders import Names
from tests.e2e.world import World, open_world
from tests.parsing.test_authentication import key, signed

OTHER_RELAY, OTHER_PHONE, OTHER_EX = "okoye@relay.example.org", "+15005550011", "+15005550013"
OTHER = family() | {
    "key": "okoye",
    "relay_email": OTHER_RELAY,
    "relay_phone": OTHER_PHONE,
    "parent": {"name": "Ada", "emails": ["ada@example.org"], "phones": ["+15005550012"]},
    "coparent": {"name": "Ben", "emails": ["ben@example.net"], "phones": [OTHER_EX]},
    "person": [],
}
ASK = "Is pickup at 6 on Friday fine with you?"


@pytest.fixture
def world(tmp_path) -> Iterator[World]:
    """Two families whose answers go at once; nothing vouches for a mail but the card that it answers."""
    homes = tuple(Family.model_validate(one | {"replies": "on"}) for one in (family(), OTHER))
    with open_world(tmp_path, families=homes) as opened:
        yield opened


@pytest.fixture
def checked(tmp_path) -> Iterator[World]:
    """A family with checked senders: its domains' keys are in the DNS."""
    names = Names()
    names.records["s1._domainkey.example.org."] = key()[1]
    home = Family.model_validate(family() | {"replies": "on"})
    with open_world(tmp_path, families=(home,), senders=Senders(nameservers=(names.address,))) as opened:
        yield opened
    names.close()


def mail(
    words: str, *, sender: str = PARENT_EMAIL, to: str = RELAY_EMAIL, answers: str = "", age: int = 0, number: int = 1
) -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = f"Dana <{sender}>", to, "Re: Update, 1 item"
    made["Date"] = format_datetime(utc_now() - timedelta(days=age))
    made["Message-ID"] = f"<{number}@example.org>"
    if answers:
        made["In-Reply-To"] = made["References"] = answers
    made.set_content(words)
    return made.as_bytes().replace(b"\n", b"\r\n")


def bring(world: World, raw: bytes, to: str = RELAY_EMAIL) -> None:
    host, _, port = world.settings.server.smtp_listen.rpartition(":")
    with SMTP(host, int(port), timeout=30) as client:
        client.sendmail("someone@elsewhere.example", [to], raw)
    world.settle()


def text(world: World, words: str, sender: str = PARENT_PHONE) -> None:
    world.send(Sample("x", "sms", words, sender=sender))
    world.settle()


def went(world: World) -> list[str]:
    """What either ex got."""
    mails = [raw.decode() for _, tos, raw in world.mailbox.received if {EX_EMAIL, "ben@example.net"} & set(tos)]
    return mails + [t["Body"] for t in world.carrier.sent if t["To"] in (EX_PHONE, OTHER_EX)]


def refusals(world: World, log: str = "rivera") -> list[str]:
    return [entry.body["why"] for entry in world.log(log) if entry.kind == REFUSED]


def told(world: World, to: str = PARENT_PHONE) -> list[str]:
    texts = [t["Body"] for t in world.carrier.sent if t["To"] == to]
    mails = [m.get_body(("plain",)).get_content() for m in world.mails(to)]
    return [words for words in texts + mails if "somebody writes as you" in words.replace("\r\n", " ")]


def card_by_mail(world: World) -> str:
    world.send(Sample("x", "email", ASK + "\n", "Friday"))
    world.settle()
    return str(world.mails()[-1]["Message-ID"])


def code_by_text(world: World) -> str:
    text(world, "is pickup at 6 on friday ok?", EX_PHONE)
    body = next(t["Body"] for t in reversed(world.carrier.sent) if t["To"] == PARENT_PHONE)
    found = re.search(r"Answer: (\w{4})", body)
    assert found is not None
    return found[1]


def test_the_ex_answers_the_address_of_a_card(world: World) -> None:
    """He has the relay's address and a guess at a card's number: it is a message of his own, and nothing else."""
    card_by_mail(world)
    raw = mail("Yes, take her all summer.", sender=EX_EMAIL, answers=f"<{'0' * 32}@relay.example.org>")
    bring(world, raw)
    assert went(world) == []
    assert ACCEPTED not in [entry.kind for entry in world.log()]


def test_a_forged_from_without_the_card(world: World) -> None:
    card_by_mail(world)
    bring(world, mail("I give up the house."))
    assert (went(world), refusals(world)) == ([], ["nothing proves that the parent wrote it"])
    assert len(told(world)) == 1


def test_a_forged_from_with_the_card_but_without_a_signature(checked: World) -> None:
    """Where senders are checked even a stolen Message-ID is not enough."""
    answers = _checked_card(checked)
    bring(checked, mail("I give up the house.", answers=answers))
    bring(checked, signed(mail("I give up the house.", answers=answers, number=2), b"example.net"))
    assert went(checked) == []
    assert ACCEPTED not in [entry.kind for entry in checked.log()]
    assert checked.lanes()[-2:] == ["unsorted", "unsorted"]
    assert "someone who writes as Dana (not proved)" in str(checked.cards()[-1].content)


def test_a_signed_answer_goes(checked: World) -> None:
    bring(checked, signed(mail("Six is fine.", answers=_checked_card(checked)), b"example.org"))
    assert len(went(checked)) == 1


def _checked_card(world: World) -> str:
    raw = mail(ASK, sender=EX_EMAIL, number=99)
    bring(world, signed(raw, b"example.net"))
    return str(world.mails()[-1]["Message-ID"])


@pytest.mark.parametrize(("to", "age"), [(EX_EMAIL, 0), (RELAY_EMAIL, 400)])
def test_an_old_signed_mail_of_the_parents_is_no_answer(checked: World, to: str, age: int) -> None:
    """He brings a true mail that the parent once wrote to him, or long ago: the signature holds, and says nothing."""
    _checked_card(checked)
    bring(checked, signed(mail("Yes. I agree to everything.", to=to, age=age), b"example.org"))
    assert went(checked) == []
    assert refusals(checked) == ["nothing proves that the parent wrote it"]


def test_an_answer_is_not_taken_twice(world: World) -> None:
    answers = card_by_mail(world)
    raw = mail("Six is fine.", answers=answers)
    bring(world, raw)
    assert len(went(world)) == 1
    bring(world, raw)
    bring(world, raw.replace(b"Six", b"Ten"))
    assert len(went(world)) == 1
    assert refusals(world) == ["the same mail came before"]


def test_guessing_codes_is_stopped_and_told_once(world: World) -> None:
    code = code_by_text(world)
    before = len(went(world))
    guesses = [c + d + "K2" for c in "ABCDEF" for d in "GHJ" if c + d + "K2" != code]
    for guess in guesses[: MOST_WRONG + 7]:
        text(world, f"{guess} I agree")
    assert len(went(world)) == before
    assert refusals(world).count("nothing proves that the parent wrote it") == MOST_WRONG
    assert refusals(world).count("too many wrong codes in a day") == 7
    mails = told(world, PARENT_EMAIL)
    assert len(mails) == 2  # that a code is missing, and that texts are locked: each once a day
    assert sum("switched off for a day" in words.replace("\r\n", " ") for words in mails) == 1
    text(world, f"{code} six is fine")  # a true code does not count now
    assert len(went(world)) == before
    bring(world, mail("Six is fine.", answers=str(world.mails()[0]["Message-ID"])))
    assert len(went(world)) == before + 1  # by mail the parent can still answer


def test_mail_that_is_refused_does_not_lock_texts(world: World) -> None:
    """Otherwise anybody could switch the parent's answers by text off, and an out-of-office could too."""
    code = code_by_text(world)
    for number in range(MOST_WRONG + 1):
        bring(world, mail("I give up the house.", number=number))
        away = mail("I am away.", number=number + 50).replace(
            b"Subject: Re:", b"Auto-Submitted: auto-replied\r\nSubject:"
        )
        bring(world, away)
    text(world, f"{code} six is fine")
    assert went(world) == ["six is fine"]


def test_a_code_of_another_family_opens_nothing(world: World) -> None:
    code = code_by_text(world)
    with world.store.read() as session:
        assert session.query(CardRow).filter_by(family="okoye").count() == 0
    form = Sample("x", "sms", f"{code} six is fine", sender="+15005550012")
    _text_to(world, form, OTHER_PHONE)
    assert went(world) == []
    assert refusals(world, "okoye") == ["nothing proves that the parent wrote it"]
    assert refusals(world) == []
    assert len(told(world, "ada@example.org")) == 1


def test_a_card_of_another_family_opens_nothing(world: World) -> None:
    answers = card_by_mail(world)
    bring(world, mail("Six is fine.", sender="ada@example.org", to=OTHER_RELAY, answers=answers), OTHER_RELAY)
    assert went(world) == []
    assert refusals(world, "okoye") == ["nothing proves that the parent wrote it"]
    assert len(told(world, "+15005550012")) == 1


def _text_to(world: World, sample: Sample, relay: str) -> None:
    import httpx
    from twilio.request_validator import RequestValidator

    from gateway.demo.run import TOKEN, text_form

    url = f"{world.settings.server.public_url}/sms/incoming"
    form = text_form(sample, 9000) | {"To": relay}
    signature = RequestValidator(TOKEN).compute_signature(url, form)
    assert relay != RELAY_PHONE
    assert httpx.post(url, data=form, headers={"X-Twilio-Signature": signature}).status_code == 200
    world.settle()
