"""Answers over real sockets: the parent's words reach the other parent, nothing else of the parent does, and nobody else can answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from smtplib import SMTP

import pytest
from sqlalchemy import select

from gateway.demo.sample import EX_EMAIL, EX_PHONE, PARENT_EMAIL, PARENT_PHONE, RELAY_EMAIL, RELAY_PHONE, Sample, family
from gateway.family import Family
from gateway.reply.rows import ACCEPTED, ASKED, REFUSED
from gateway.store.tables import DeliveryRow, ReplyRow
from tests.e2e.world import World, open_world

SECRETS = (
    PARENT_EMAIL,
    PARENT_PHONE,
    "Pixel",
    "10.1.2.3",
    "Kowalski",
    "Elm Street",
    "X-Mailer",
    "Received",
    "iPhone",
    "dana-laptop",
)


@pytest.fixture(params=["ask", "on"])
def world(request: pytest.FixtureRequest, tmp_path) -> Iterator[World]:
    one = Family.model_validate(family() | {"replies": request.param})
    with open_world(tmp_path, families=(one,)) as opened:
        yield opened


def card_by_mail(
    world: World, words: str = "Is pickup at 6 on Friday fine with you?", subject: str = "Friday"
) -> EmailMessage:
    """The other parent writes a mail; the card that the parent gets for it."""
    world.send(Sample("x", "email", words + "\n", subject))
    world.settle()
    return world.mails()[-1]


def answer(world: World, to: EmailMessage, body: str, sender: str = PARENT_EMAIL, **headers: str) -> None:
    """As a mail program writes an answer: quoted card, signature, headers full of the parent."""
    mail = EmailMessage()
    mail["From"] = f"Dana Kowalski <{sender}>"
    mail["To"] = RELAY_EMAIL
    mail["Subject"] = f"Re: {to['Subject']}"
    mail["Message-ID"] = f"<{len(world.lanes())}.dana-laptop@example.org>"
    mail["X-Mailer"] = "Pixel Mail 3"
    mail["X-Originating-IP"] = "[10.1.2.3]"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail["In-Reply-To"] = mail["References"] = str(to["Message-ID"])
    mail.set_content(body)
    host, _, port = world.settings.server.smtp_listen.rpartition(":")
    with SMTP(host, int(port), timeout=30) as client:
        client.sendmail(sender, [RELAY_EMAIL], mail.as_bytes())
    world.settle()


def sent_by(world: World) -> str:
    return world.settings.families[0].replies


def to_the_ex(world: World) -> list[str]:
    mails = [raw.decode("utf8", "replace") for _, tos, raw in world.mailbox.received if EX_EMAIL in tos]
    return mails + [str(text) for text in world.carrier.sent if text["To"] == EX_PHONE]


def text(world: World, words: str, sender: str = PARENT_PHONE) -> None:
    world.send(Sample("x", "sms", words, sender=sender))
    world.settle()


def kinds(world: World) -> list[str]:
    return [entry.kind for entry in world.log()]


BODY = """Six is fine.

-- \nDana Kowalski
12 Elm Street

On Fri, 27 Nov 2026 at 10:00 Updates <rivera@relay.example.org> wrote:
> Update from Mark
> "Is pickup at 6 on Friday fine with you?"

Sent from my iPhone
"""


def test_mail_to_mail_and_only_the_new_words(world: World) -> None:
    card = card_by_mail(world)
    answer(world, card, BODY)
    if sent_by(world) == "ask":
        assert to_the_ex(world) == []
        asked = world.mails()[-1]
        assert asked["Subject"] == "Not sent yet"
        assert "  Six is fine." in asked.get_body(("plain",)).get_content()
        answer(world, asked, "SEND\n\nOn Fri Updates wrote:\n> This goes to Mark\n")
    (mail,) = to_the_ex(world)
    assert "Six is fine." in mail
    assert "Subject: Re: Friday" in mail
    assert f"From: Dana <{RELAY_EMAIL}>" in mail
    assert not [secret for secret in (*SECRETS, "Update from", "SEND") if secret.lower() in mail.lower()], mail
    assert "Auto-Submitted" not in mail
    assert kinds(world).count("reply sent") == 1
    assert ACCEPTED in kinds(world)


def test_text_to_text_with_the_code_of_the_card(world: World) -> None:
    world.send(Sample("x", "sms", "is pickup at 6 on friday ok?", sender=EX_PHONE))
    world.settle()
    card = next(t for t in reversed(world.carrier.sent) if t["To"] == PARENT_PHONE)
    code = re.search(r"Answer: (\w{4})", card["Body"])
    assert code is not None
    text(world, f"{code[1].lower()} six is fine")
    if sent_by(world) == "ask":
        asked = next(t for t in reversed(world.carrier.sent) if t["To"] == PARENT_PHONE)["Body"]
        draft = re.search(r"SEND (\w{4})", asked)
        assert draft is not None
        assert to_the_ex(world) == []
        text(world, f"send {draft[1]}")
        text(world, f"send {draft[1]}")  # again: nothing goes twice
    (out,) = [t for t in world.carrier.sent if t["To"] == EX_PHONE]
    assert (out["Body"], out["From"]) == ("six is fine", RELAY_PHONE)


def test_text_in_mail_out(world: World) -> None:
    """A card that came from a mail is answered by text; the answer goes out by mail."""
    card_by_mail(world)
    card = next(t for t in reversed(world.carrier.sent) if t["To"] == PARENT_PHONE)["Body"]
    code = re.search(r"Answer: (\w{4})", card)
    assert code is not None
    text(world, f"{code[1]} Six is fine")
    if sent_by(world) == "ask":
        asked = next(t for t in reversed(world.carrier.sent) if t["To"] == PARENT_PHONE)["Body"]
        text(world, f"SEND {re.search(r'SEND (....)', asked)[1]}")  # type: ignore[index]
    (mail,) = to_the_ex(world)
    assert "Six is fine" in mail
    assert PARENT_PHONE not in mail


def test_an_edit_takes_the_place_of_the_draft(tmp_path) -> None:
    one = Family.model_validate(family() | {"replies": "ask"})
    with open_world(tmp_path, families=(one,)) as world:
        answer(world, card_by_mail(world), "You never asked before.")
        answer(world, world.mails()[-1], "EDIT\nSix is fine.")
        asked = world.mails()[-1]
        assert to_the_ex(world) == []
        answer(world, asked, "send")
        (mail,) = to_the_ex(world)
        assert "Six is fine." in mail
        assert "never asked" not in mail
        with world.store.read() as session:
            assert sorted(session.scalars(select(ReplyRow.state))) == ["replaced", "sent", "sent"]
        assert kinds(world).count(ASKED) == 2


def test_nothing_goes_without_send(tmp_path) -> None:
    one = Family.model_validate(family() | {"replies": "ask"})
    with open_world(tmp_path, families=(one,)) as world:
        card = card_by_mail(world)
        answer(world, card, "Six is fine.")
        answer(world, card, "SEND")  # an answer to the card, not to the question
        assert to_the_ex(world) == []
        assert "nothing that waits" in world.mails()[-1].get_body(("plain",)).get_content()


def test_who_answers_no_card_is_refused_and_the_parent_told(world: World) -> None:
    card = card_by_mail(world)
    del card["Message-ID"]
    card["Message-ID"] = "<0123456789abcdef0123456789abcdef@relay.example.org>"
    before = len(world.carrier.sent)
    answer(world, card, "I give up the house.")
    assert to_the_ex(world) == []
    assert REFUSED in kinds(world)
    told = [t["Body"] for t in world.carrier.sent[before:] if t["To"] == PARENT_PHONE]
    assert any("nothing proves that it is yours" in words for words in told)


def test_the_other_parent_cannot_answer_as_the_parent(world: World) -> None:
    """He knows the relay's address and the parent's, but no Message-ID of a card: he forges From, and guesses."""
    card_by_mail(world)
    forged = EmailMessage()
    forged["Message-ID"], forged["Subject"] = f"<x@{RELAY_EMAIL.partition('@')[2]}>", "Update, 1 item"
    answer(world, forged, "I agree to everything.", References="<a@b>" * 3)
    assert to_the_ex(world) == []
    for guess in ("AAA2 ok", "2222 ok", "ZZZ9 SEND", "I agree", "9999 I agree"):
        text(world, guess)
    assert to_the_ex(world) == []
    text(world, "BBB2 sixth guess")
    assert "too many wrong codes in a day" in str([e.body for e in world.log() if e.kind == REFUSED])
    with world.store.read() as session:
        assert not session.scalars(select(DeliveryRow).where(DeliveryRow.kind == "reply")).all()


LEAKS = [
    "Six is fine.\n\n--\u0020\nDana Kowalski\n12 Elm Street\n",
    "Six is fine.\n\nSent from my iPhone\n",
    "Six is fine.\n\nGet Outlook for Android\n",
    "Six is fine.\n\nOn Fri, 27 Nov 2026 at 10:00 Updates wrote:\n> Mark: call 500 555 0002\n",
    "Six is fine.\n\n-----Original Message-----\nFrom: Updates\nSent: Friday\nTo: dana@example.org\nSubject: Update, 1 item\n\nUpdate from Mark\n",
    "Six is fine.\n\n________________________________\nFrom: Updates <rivera@relay.example.org>\nSent: Friday, November 27, 2026 10:00 AM\nTo: Dana Kowalski <dana@example.org>\nSubject: Update, 1 item\n\nUpdate from Mark\n",
    "> Update from Mark\n> pickup at 6\n\nSix is fine.\n",
    "Six is fine.\u200b\u200c\u2060\n",
    "Le ven. 27 nov. 2026 à 10:00, Updates <rivera@relay.example.org> a écrit :\n> Update from Mark\n\nSix is fine.\n",
]


@pytest.mark.parametrize("body", LEAKS)
def test_nothing_of_the_parent_leaks(tmp_path, body: str) -> None:
    one = Family.model_validate(family() | {"replies": "on"})
    with open_world(tmp_path, families=(one,)) as world:
        answer(world, card_by_mail(world), body, X_Phone=PARENT_PHONE, Reply_To=PARENT_EMAIL, User_Agent="dana-laptop")
        (mail,) = to_the_ex(world)
        assert "Six is fine." in mail
        leaked = [
            s
            for s in (*SECRETS, "Update", "Outlook", "Original Message", "wrote", "écrit")
            if s.lower() in mail.lower()
        ]
        assert not leaked, mail
        headers = mail.partition("\r\n\r\n")[0]
        names = {line.partition(":")[0] for line in headers.split("\r\n") if line[:1] not in (" ", "\t")}
        assert names <= {
            "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
            "In-Reply-To", "References", "DKIM-Signature",
        }  # fmt: skip


def test_html_pictures_files_and_cards_of_the_parents_do_not_leave(tmp_path) -> None:
    one = Family.model_validate(family() | {"replies": "on"})
    with open_world(tmp_path, families=(one,)) as world:
        card = card_by_mail(world)
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = f"Dana Kowalski <{PARENT_EMAIL}>", RELAY_EMAIL, "Re: Update"
        mail["Message-ID"], mail["In-Reply-To"] = "<1.html@example.org>", str(card["Message-ID"])
        mail.set_content("Six is fine.\n")
        mail.add_alternative(
            "<p>Six is fine.</p><img src='https://tracker.example.org/dana-laptop.gif'><!-- Elm Street -->",
            subtype="html",
        )
        mail.add_attachment(
            b"BEGIN:VCARD\nFN:Dana Kowalski\nEND:VCARD", maintype="text", subtype="vcard", filename="Kowalski.vcf"
        )
        mail.add_attachment(b"\xff\xd8\xff\xe1 Exif Pixel", maintype="image", subtype="jpeg", filename="Elm Street.jpg")
        host, _, port = world.settings.server.smtp_listen.rpartition(":")
        with SMTP(host, int(port), timeout=30) as client:
            client.sendmail(PARENT_EMAIL, [RELAY_EMAIL], mail.as_bytes())
        world.settle()
        (out,) = to_the_ex(world)
        assert "Six is fine." in out
        assert not [s for s in (*SECRETS, "tracker", "vcf", "jpg", "<p>", "multipart") if s.lower() in out.lower()], out


@pytest.mark.parametrize("headers", [{"Auto_Submitted": "auto-replied"}, {"Precedence": "auto_reply"}])
def test_an_out_of_office_of_the_parent_never_leaves(tmp_path, headers: dict[str, str]) -> None:
    one = Family.model_validate(family() | {"replies": "on"})
    with open_world(tmp_path, families=(one,)) as world:
        answer(world, card_by_mail(world), "I am at the lake house until Monday.", **headers)
        assert to_the_ex(world) == []


def test_a_number_of_the_parents_own_is_asked_about_first(tmp_path) -> None:
    one = Family.model_validate(family() | {"replies": "on"})
    with open_world(tmp_path, families=(one,)) as world:
        answer(world, card_by_mail(world), f"Call me on {PARENT_PHONE} then.")
        assert to_the_ex(world) == []
        asked = world.mails()[-1].get_body(("plain",)).get_content()
        assert "an address, number or name of your own" in asked


def test_replies_can_be_switched_off(tmp_path) -> None:
    one = Family.model_validate(family() | {"replies": "off"})
    with open_world(tmp_path, families=(one,)) as world:
        card = card_by_mail(world)
        answer(world, card, "Six is fine.")
        assert to_the_ex(world) == []
        assert not any("Answer:" in t["Body"] for t in world.carrier.sent)
        assert "It was not sent on" in world.mails()[-1].get_body(("plain",)).get_content()


def test_an_answer_that_cannot_be_delivered_is_told(tmp_path) -> None:
    one = Family.model_validate(family() | {"replies": "on"})
    with open_world(tmp_path, families=(one,)) as world:
        card = card_by_mail(world)
        world.mailbox.answers = ["550 no such user"]
        answer(world, card, "Six is fine.")
        world.settle()
        assert "could not be delivered to the other parent" in str(world.mailbox.received[-1][2])
        assert "delivery failed" in kinds(world)


def test_the_coach_shows_what_is_worth_a_look_before_it_goes(world):
    """Even where answers go at once: a draft with a hint waits for the parent's SEND, and goes in the parent's own words."""
    card = card_by_mail(world)
    answer(world, card, "Yes. I am home alone all evening, and you are pathetic.")
    assert not to_the_ex(world)
    asked = world.mails()[-1]
    assert "home alone" in asked.get_body(("plain",)).get_content().split("Before you send it:")[1]
    answer(world, asked, "SEND")
    assert "home alone all evening" in to_the_ex(world)[-1]


def on() -> Family:
    return Family.model_validate(family() | {"replies": "on"})


FOR_US = [
    ("Don't send", False), ("do not send that!", False), ("Cancel.", False), ("No, never mind", False), ("Delete it", False), ("No", False),
    ("Yes", False), ("Is it gone?", False), ("SEND but make it seven", False), ("SEND\nbut make it seven please", False),
    ("SEND", True), ("Send it please", True), ("Yes, send", True), ("ok send it now, thanks", True), ("SEND\nDana", True), ("SEND\n\nwritten on my way", True),
]  # fmt: skip


@pytest.mark.parametrize(("said", "goes"), FOR_US)
def test_what_is_said_to_our_question_never_goes_to_the_other_parent(tmp_path, said: str, goes: bool) -> None:
    """Even where answers go at once: the draft goes, as it was shown, or nothing does."""
    with open_world(tmp_path, families=(on(),)) as world:
        answer(world, card_by_mail(world), f"Six is fine. My number is {PARENT_PHONE}.")
        asked = world.mails()[-1]
        assert asked["Subject"] == "Not sent yet"
        answer(world, asked, said)
        sent = to_the_ex(world)
        assert ["Six is fine." in mail for mail in sent] == ([True] if goes else [])
        answer(world, world.mails()[-1], "Cancel")  # to whatever we told the parent last
        answer(world, asked, "No!")  # and once more to the mail of before
        assert to_the_ex(world) == sent


def test_more_words_behind_send_by_text_send_nothing(tmp_path) -> None:
    with open_world(tmp_path) as world:
        world.send(Sample("x", "sms", "is pickup at 6 on friday ok?", sender=EX_PHONE))
        world.settle()
        text(world, f"{world.carrier.sent[-1]['Body'].rsplit('Answer: ', 1)[1]} yes six is fine")
        code = re.search(r"SEND (\w{4})", world.carrier.sent[-1]["Body"])
        assert code is not None
        for words in (f"SEND {code[1]} but make it seven", f"{code[1]} send at eight"):
            text(world, words)
            assert to_the_ex(world) == []
            assert world.carrier.sent[-1]["Body"].startswith("Nothing was sent. SEND with more words")
        text(world, f"{code[1]} send it, please")
        assert "yes six is fine" in to_the_ex(world)[0]
        text(world, f"SEND {code[1]}")  # twice: nothing more goes, and it is no wrong code
        assert len(to_the_ex(world)) == 1
        assert REFUSED not in kinds(world)


def test_a_card_can_be_answered_with_words_like_ours(tmp_path) -> None:
    with open_world(tmp_path, families=(on(),)) as world:
        for number, words in enumerate(
            ("No.", "Yes, send it please.", "Send her coat with her.", "Cancel it, she is ill.")
        ):
            answer(world, card_by_mail(world, f"Is pickup at {number + 4} on Friday fine with you?"), words)
            assert words in to_the_ex(world)[-1]
            assert len(to_the_ex(world)) == number + 1


def test_no_subject_of_ours_leaves_whatever_is_answered(tmp_path) -> None:
    """The other parent must not learn that an answer was held overnight, nor how the parent's updates are called."""
    one = Family.model_validate(family() | {"replies": "on", "coach": {"hold_heated": True}})
    with open_world(tmp_path, families=(one,)) as world:
        answer(
            world,
            card_by_mail(world, "Is pickup at 6 on 14 January 2028 fine with you?"),
            "You never listen, you idiot. I am so angry.",
        )
        held = world.mails()[-1]
        assert held["Subject"] == "Held until the morning"
        answer(world, held, "SEND")
        answer(world, held, "She has a cold.")
        answer(world, world.mails()[-1], "SEND")
        first, second = to_the_ex(world)
        assert "She has a cold." in second
        assert "Subject: Re: Friday" in second
        assert "held" not in (first + second).lower()


def test_a_forger_cannot_have_the_parent_told_without_end(tmp_path) -> None:
    with open_world(tmp_path) as world:
        for number in range(9):
            text(world, f"2222 a guess, {number}")
        assert [m["Subject"] for m in world.mails()] == [
            "Something was not sent"
        ] * 2  # the reason, and that texts are locked
        assert kinds(world).count(REFUSED) == 9
        before = len(world.carrier.sent)
        for number in range(4):
            answer(world, EmailMessage(), f"a guess, {number}")
        assert len(world.carrier.sent) - before == 1


def test_what_a_machine_of_the_parents_answers_does_not_lock_texts(tmp_path) -> None:
    with open_world(tmp_path) as world:
        card = card_by_mail(world)
        for number in range(6):
            answer(world, card, f"I am away until Monday. {number}", Auto_Submitted="auto-replied")
        world.send(Sample("x", "sms", "is pickup at 6 on friday ok?", sender=EX_PHONE))
        world.settle()
        text(world, f"{world.carrier.sent[-1]['Body'].rsplit('Answer: ', 1)[1]} yes six is fine")
        assert world.carrier.sent[-1]["Body"].startswith("Not sent yet")


def test_a_lock_ends_a_day_after_the_guesses_whatever_came_meanwhile(tmp_path) -> None:
    now = [datetime(2026, 11, 26, 18, 0, tzinfo=UTC)]
    with open_world(tmp_path, clock=lambda: now[0]) as world:
        for number in range(6):
            text(world, f"2222 a guess, {number}")
        for _ in range(3):  # the parent tries again and again
            now[0] += timedelta(hours=7)
            text(world, "is it on again?")
        now[0] += timedelta(hours=4)
        world.send(Sample("x", "sms", "is pickup at 6 on friday ok?", sender=EX_PHONE))
        world.settle()
        text(world, f"{world.carrier.sent[-1]['Body'].rsplit('Answer: ', 1)[1]} yes six is fine")
        assert world.carrier.sent[-1]["Body"].startswith("Not sent yet")


def test_what_is_too_long_for_a_text_goes_by_mail_or_is_asked_about(tmp_path) -> None:
    """The carrier refuses a text of more than 1,600 signs for good."""
    words = "Noah can be picked up at six. " * 60
    for number, emails in enumerate(([EX_EMAIL], [])):
        people = {"coparent": {"name": "Mark", "emails": emails, "phones": [EX_PHONE]}}
        one = Family.model_validate(family() | {"replies": "on"} | people)
        with open_world(tmp_path / str(number), families=(one,)) as world:
            text(world, "is pickup at 6 on friday ok?", EX_PHONE)
            answer(world, world.mails()[-1], words)
            assert not any(sent["To"] == EX_PHONE for sent in world.carrier.sent)
            asked = " ".join(str(world.mails()[-1].get_body(("plain",)).get_content()).split())
            assert ("This goes to Mark by email" in asked) is bool(emails)
            assert ("longer than a text can be" in asked) is not bool(emails)


def test_what_is_said_after_send_belongs_to_the_same_message(tmp_path) -> None:
    """Such as "and bring her coat" to the question that was answered already: shown back first, and then sent in the same thread."""
    with open_world(tmp_path) as world:
        card = card_by_mail(world)
        answer(world, card, "Six is fine.\n")
        asked = world.mails()[-1]
        answer(world, asked, "SEND\n")
        answer(world, asked, "And please bring her coat.\n")
        assert len(to_the_ex(world)) == 1
        again = world.mails()[-1]
        assert "  And please bring her coat." in again.get_body(("plain",)).get_content()
        answer(world, again, "SEND\n")
        answer(world, again, "SEND\n")
        first, second = to_the_ex(world)
        assert "Subject: Re: Friday" in second
        assert re.findall(r"In-Reply-To: .+", first) == re.findall(r"In-Reply-To: .+", second)
