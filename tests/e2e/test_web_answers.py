"""Answers written on a page, over real sockets: they reach the other parent once, by the chosen way, and only from the parent's link."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from gateway.demo.sample import EX_EMAIL, EX_PHONE, PARENT_EMAIL, PARENT_PHONE, RELAY_EMAIL, RELAY_PHONE, Sample, family
from gateway.family import Family
from gateway.reply.rows import ACCEPTED, HELD, RELEASED
from gateway.store.tables import MessageRow, QuestionRow, ReplyRow
from gateway.web import forms
from tests.e2e.browser import Browser, link_in
from tests.e2e.test_replies import SECRETS, card_by_mail, kinds, text, to_the_ex
from tests.e2e.test_replies import answer as by_mail
from tests.e2e.world import World, open_world, wait_until

TEXT = Sample("x", "sms", "is pickup at 6 on friday ok?", sender=EX_PHONE)


def home(**changes: object) -> Family:
    return Family.model_validate(family() | changes)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path, families=(home(),)) as opened:
        yield opened


def browser(world: World) -> Browser:
    return Browser(world.settings.server.public_url)


def card_page(world: World, words: str = "Is pickup at 6 on Friday fine with you?") -> Browser:
    return browser(world).open(link_in(card_by_mail(world, words)))


def text_page(world: World, sample: Sample = TEXT) -> Browser:
    world.send(sample)
    world.settle()
    return browser(world).open(f"{world.settings.server.public_url}/card/{world.cards()[-1].token}")


def test_a_mail_is_answered_by_mail_and_shown_with_its_time(world: World) -> None:
    page = card_page(world)
    assert page.box().fields["route"] == "email"
    page.press("Send", words="Six is fine.\r\n")
    world.settle()
    (mail,) = to_the_ex(world)
    assert "Six is fine." in mail
    assert "Subject: Re: Friday" in mail
    assert f"From: Dana <{RELAY_EMAIL}>" in mail
    assert not [s for s in (*SECRETS, "127.0.0.1", "python-httpx", "card/") if s.lower() in mail.lower()], mail
    page.open(str(page.page.url))
    assert re.search(r"Sent \w{3} \d+ \w{3} \d{4}, \d+:\d\d [ap]m \(UTC-0[56]:00\), by email", page.said), page.said
    assert "Six is fine." in page.said
    assert [k for k in kinds(world) if k.startswith("reply")] == [ACCEPTED, "reply sent"]
    with world.store.read() as session:
        assert session.scalars(select(QuestionRow.answer_id)).one() is not None


def test_a_text_is_answered_by_text(world: World) -> None:
    page = text_page(world)
    assert page.box().fields["route"] == "sms"
    page.press("Send", words="six is fine")
    world.settle()
    (out,) = [t for t in world.carrier.sent if t["To"] == EX_PHONE]
    assert (out["Body"], out["From"]) == ("six is fine", RELAY_PHONE)
    assert "by text message" in page.open(str(page.page.url)).said


@pytest.mark.parametrize("way", ["email", "sms"])
def test_the_parent_chooses_another_way(world: World, way: str) -> None:
    page = text_page(world) if way == "email" else card_page(world)
    page.press("Send", words="Six is fine.", route=way)
    world.settle()
    mails = [raw.decode() for _, to, raw in world.mailbox.received if EX_EMAIL in to]
    texts = [t for t in world.carrier.sent if t["To"] == EX_PHONE]
    assert (len(mails), len(texts)) == ((1, 0) if way == "email" else (0, 1))
    if way == "email":
        assert "Subject: About the children" in mails[0]
        assert PARENT_PHONE not in mails[0]
        assert PARENT_EMAIL not in mails[0]


def test_hints_are_shown_with_reasons_and_it_is_sent_anyway(world: World) -> None:
    page = card_page(world)
    words = "Yes. I am home alone all evening, and you are pathetic."
    page.press("Send", words=words)
    assert not to_the_ex(world)
    assert "home alone" in page.said
    assert "where you are, where you work" in page.said  # the reason
    assert page.box().fields["words"] == words
    page.press("Send it as it is")
    world.settle()
    (mail,) = to_the_ex(world)
    assert "home alone all evening" in mail
    (entry,) = [e for e in world.log() if e.kind == ACCEPTED]
    assert entry.body["hints"] >= 1


def test_other_words_are_looked_at_anew(world: World) -> None:
    page = card_page(world)
    page.press("Look it over", words="You are pathetic.")
    page.press("Send it as it is", words="You are an idiot. Six is fine.")
    assert not to_the_ex(world)
    assert "idiot" in page.said


def test_looking_keeps_nothing_and_ready_answers_go_under_the_words(world: World) -> None:
    page = card_page(world)
    before = len(world.log())
    page.press("Look it over", words="You never ask. Six is fine.")
    ready = [words for name, _, words in page.box().buttons if name == "pick"]
    assert ready
    page.press(ready[0])
    assert page.box().fields["words"] == f"You never ask. Six is fine.\n{ready[0]}"
    assert "blank" in page.said
    assert len(world.log()) == before
    assert not to_the_ex(world)


def test_a_form_sent_twice_goes_once(world: World) -> None:
    page = card_page(world)
    box, address = page.box(), f"{page.base}{page.box().action}"
    data = {**box.fields, "words": "Six is fine.", "act": "send"}
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda: answers.append(httpx.post(address, data=data, timeout=30).status_code))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    world.settle()
    assert answers == [303] * 8
    assert len(to_the_ex(world)) == 1
    assert kinds(world).count(ACCEPTED) == 1


def test_other_words_in_a_form_that_was_sent_are_not_lost(world: World) -> None:
    page = card_page(world)
    box = page.box()
    page.press("Send", form=box, words="Six is fine.")
    world.settle()
    page.press("Send", form=box, words="No, seven.")
    assert "were not sent" in page.said
    assert page.box().fields["words"] == "No, seven."
    assert len(to_the_ex(world)) == 1
    page.press("Send")
    world.settle()
    assert len(to_the_ex(world)) == 2


@pytest.mark.parametrize("how", ["none", "guess", "of another card", "made with another token", "cross-site"])
def test_a_forged_form_is_refused(world: World, how: str) -> None:
    other = text_page(world).box()
    page = card_page(world)
    box = page.box()
    headers = {"Sec-Fetch-Site": "cross-site"} if how == "cross-site" else {}
    form = {
        "none": "",
        "guess": "A" * 22 + ".1." + "0" * 64,
        "of another card": other.fields["form"],
        "made with another token": forms.make("x" * 43, datetime.now(UTC)),
        "cross-site": box.fields["form"],
    }[how]
    data = {**box.fields, "form": form, "words": "I agree to everything.", "act": "send"}
    refused = httpx.post(f"{page.base}{box.action}", data=data, headers=headers)
    assert refused.status_code == 403
    assert to_the_ex(world) == []
    with world.store.read() as session:
        assert session.scalars(select(MessageRow).where(MessageRow.channel == "web")).all() == []


@pytest.mark.parametrize(
    "odd", [{"act": "pick"}, {"act": "send", "answers": "9" * 6000}, {"act": "go", "draft": "9" * 6000}]
)
def test_a_form_that_no_page_of_ours_made_is_no_fault(world: World, odd: dict[str, str]) -> None:
    page = card_page(world)
    box = page.box()
    answer = httpx.post(f"{page.base}{box.action}", data={**box.fields, "words": "", **odd})
    assert answer.status_code < 400
    assert to_the_ex(world) == []


def test_a_link_that_leads_nowhere_takes_nothing(world: World) -> None:
    page = card_page(world)
    box = page.box()
    for token in ("A" * 43, "short", "../admin"):
        answer = httpx.post(f"{page.base}/card/{token}/answer", data={**box.fields, "words": "x", "act": "send"})
        assert answer.status_code == 404
    digest = httpx.post(f"{page.base}{box.action.replace('card', 'digest')}", data={**box.fields, "words": "x"})
    assert digest.status_code == 404


def test_old_forms_and_old_links_take_nothing(tmp_path: Path) -> None:
    now = [datetime.now(UTC)]
    with open_world(tmp_path, clock=lambda: now[0], families=(home(),)) as world:
        page = card_page(world)
        box, link = page.box(), str(page.page.url)
        now[0] += timedelta(days=2)
        page.press("Send", words="Six is fine.")
        assert "Nothing was sent" in page.said
        assert page.box().fields["words"] == "Six is fine."
        now[0] += timedelta(days=31)
        page.open(link)
        assert "Six" not in page.said
        assert all("words" not in form.fields for form in page.forms())
        fresh = {**box.fields, "form": forms.make(link.rsplit("/", 1)[1].partition("#")[0], now[0]), "words": "x"}
        for form in (box.fields["form"], fresh["form"]):
            answer = httpx.post(f"{page.base}{box.action}", data={**fresh, "form": form, "act": "send"})
            assert answer.status_code == 410
        assert to_the_ex(world) == []


def test_there_is_no_box_where_nothing_can_be_answered(tmp_path: Path) -> None:
    with open_world(tmp_path, families=(home(),)) as world:
        danger = text_page(world, Sample("x", "sms", "I know where you park now. I will kill you.", sender=EX_PHONE))
        assert all("words" not in form.fields for form in danger.forms())
        court = Sample(
            "x",
            "email",
            "The hearing is set for 14 December at 9:30.\n",
            "Hearing",
            "office@okafor-law.example.com",
            name="A. Okafor",
        )
        lawyer = text_page(world, court)
        assert "Okafor" in lawyer.said
        assert all("words" not in form.fields for form in lawyer.forms())
    off = tmp_path / "off"
    off.mkdir()
    with open_world(off, families=(home(replies="off"),)) as world:
        page = card_page(world)
        assert all("words" not in form.fields for form in page.forms())


def test_an_answer_to_somebody_elses_card_does_not_go_to_the_other_parent(world: World) -> None:
    """The lawyer's card names a Message-ID of ours too; what the parent tells the lawyer must not reach the other side."""
    world.send(
        Sample(
            "x",
            "email",
            "The hearing is set for 14 December at 9:30. Can you bring the school records?\n",
            "Hearing",
            "office@okafor-law.example.com",
            name="A. Okafor",
        )
    )
    world.settle()
    by_mail(world, world.mails()[-1], "Yes, and I have proof of everything he hid.")
    assert to_the_ex(world) == []
    assert "is not from Mark" in world.mails()[-1].get_body(("plain",)).get_content()
    code = re.search(r"Answer: (\w{4})", str(world.carrier.sent[-1]["Body"]))
    if code:
        text(world, f"{code[1]} Yes")
        assert to_the_ex(world) == []


def test_a_draft_of_a_mail_is_finished_on_the_page(world: World) -> None:
    card = card_by_mail(world)
    by_mail(world, card, "You never asked before. Six is fine.")
    page = browser(world).open(link_in(card))
    assert "Not sent. Written" in page.said
    page.press("Change it")
    assert page.box().fields["words"] == "You never asked before. Six is fine."
    page.press("Send", words="Six is fine.")
    world.settle()
    (mail,) = to_the_ex(world)
    assert "never asked" not in mail
    with world.store.read() as session:
        assert sorted(session.scalars(select(ReplyRow.state))) == ["replaced", "sent"]
    by_mail(world, world.mails()[-1], "SEND")
    assert len(to_the_ex(world)) == 1


def test_a_draft_can_be_dropped(world: World) -> None:
    card = card_by_mail(world)
    by_mail(world, card, "Six is fine.")
    page = browser(world).open(link_in(card)).press("Do not send it")
    assert "Six is fine." not in page.said
    by_mail(world, world.mails()[-1], "SEND")
    assert to_the_ex(world) == []
    assert "reply dropped" in kinds(world)


def test_a_disk_that_is_full_loses_no_words(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from gateway.errors import StoreError
    from gateway.intake.keep import Keeper

    page = card_page(world)

    def refuse(*_: object) -> None:
        raise StoreError("full")

    with monkeypatch.context() as patch:
        patch.setattr(Keeper, "_keep", refuse)
        page.press("Send", words="Six is fine.")
    assert page.page.status_code == 503
    assert "could not be kept" in page.said
    assert page.box().fields["words"] == "Six is fine."
    page.press("Send")
    world.settle()
    assert len(to_the_ex(world)) == 1


@pytest.mark.parametrize("way", ["page", "mail", "text"])
def test_a_private_word_is_noticed_whatever_the_way(tmp_path: Path, way: str) -> None:
    private = {"home": ["418 Alder Court"], "work": ["Lakeside Dental"], "people": ["Jason"], "other": ["blue door"]}
    one = home(replies="on", coach={"private": private})
    with open_world(tmp_path, families=(one,)) as world:
        card = card_by_mail(world)
        words = "Six is fine, bring her to Alder Court, Jason is there."
        if way == "page":
            told = browser(world).open(link_in(card)).press("Send", words=words).said
        elif way == "mail":
            by_mail(world, card, words)
            told = world.mails()[-1].get_body(("plain",)).get_content()
        else:
            body = next(t for t in reversed(world.carrier.sent) if t["To"] == PARENT_PHONE)["Body"]
            text(world, f"{body.rsplit('Answer: ', 1)[1]} {words}")
            told = next(t for t in reversed(world.carrier.sent) if t["To"] == PARENT_PHONE)["Body"]
        assert to_the_ex(world) == []
        assert "Alder Court" in told
        assert "can be left out" in told


HEATED = "You never listen, you idiot. I am so angry. Friday at six."


@pytest.mark.parametrize("way", ["page", "mail", "text"])
def test_a_heated_answer_waits_over_the_night_of_the_clock_change(tmp_path: Path, way: str) -> None:
    """Saturday 31 October 2026, 21:00 in Chicago; the clocks go back at night, and 8:00 is then 14:00 UTC."""
    now, morning = [datetime(2026, 11, 1, 2, 0, tzinfo=UTC)], datetime(2026, 11, 1, 14, 0, tzinfo=UTC)
    one = home(coach={"hold_heated": True})
    with open_world(tmp_path, clock=lambda: now[0], families=(one,)) as world:
        card = card_by_mail(world, "Is pickup at 6 on 14 November fine with you?")
        short = world.carrier.sent[-1]["Body"]
        now[0] += timedelta(hours=1)
        if way == "page":
            page = browser(world).open(link_in(card)).press("Send", words=HEATED)
            assert "it waits until Sun 1 Nov 2026, 8:00 am (UTC-06:00)" in page.said
            told = page.press("Let it wait until the morning").said
        elif way == "mail":
            by_mail(world, card, HEATED)
            told = world.mails()[-1].get_body(("plain",)).get_content()
        else:
            text(world, f"{short.rsplit('Answer: ', 1)[1]} {HEATED}")
            told = world.carrier.sent[-1]["Body"]
        assert "until Sun 1 Nov 2026, 8:00 am (UTC-06:00)" in told
        with world.store.read() as session:
            (row,) = session.scalars(select(ReplyRow)).all()
            assert (row.state, row.held_until) == ("held", morning)
        (entry,) = [e for e in world.log() if e.kind == HELD]
        assert entry.body["until"] == "2026-11-01T14:00:00.000000Z"
        now[0] = morning - timedelta(minutes=1)
        assert world.held.step() == 0
        now[0] = morning
        assert [world.held.step(), world.held.step()] == [1, 0]
        world.settle()
        assert RELEASED in kinds(world)
        assert to_the_ex(world) == []
        if way == "text":
            code = re.search(r"SEND (\w{4})", world.carrier.sent[-1]["Body"])
            assert code is not None
            text(world, f"SEND {code[1]}")
        else:
            asked = world.mails()[-1]
            assert "it waited overnight" in asked.get_body(("plain",)).get_content()
            by_mail(world, asked, "SEND")
        assert "Friday at six." in to_the_ex(world)[0]


def test_words_that_were_slept_over_are_not_held_again(tmp_path: Path) -> None:
    now = [datetime(2026, 11, 1, 2, 0, tzinfo=UTC)]
    with open_world(tmp_path, clock=lambda: now[0], families=(home(coach={"hold_heated": True}),)) as world:
        card = card_by_mail(world, "Is pickup at 6 on 14 November fine with you?")
        by_mail(world, card, HEATED)
        by_mail(
            world, world.mails()[-1], f"EDIT\n{HEATED} Really."
        )  # still that evening: it waits as long as the first
        now[0] = datetime(2026, 11, 1, 14, 0, tzinfo=UTC)
        assert world.held.step() == 1
        world.settle()
        by_mail(world, world.mails()[-1], f"EDIT\n{HEATED} Now.")
        assert world.mails()[-1]["Subject"] == "Not sent yet"
        assert kinds(world).count(HELD) == 2
        by_mail(world, world.mails()[-1], "SEND")
        assert "Now." in to_the_ex(world)[0]


def by_mail_now(world: World, words: str, answers: str) -> None:
    from tests.e2e.test_digest_walk import mail

    mail(world, words, {"In-Reply-To": answers})


@pytest.mark.parametrize("how", ["page", "page at once", "mail"])
def test_the_parent_overrides_the_hold_in_one_step(tmp_path: Path, how: str) -> None:
    one = home(coach={"hold_heated": True})
    with open_world(tmp_path, families=(one,)) as world:
        card = card_by_mail(world, "Is pickup at 6 on 14 November next year fine with you?")
        if how == "mail":
            by_mail(world, card, HEATED)
            assert to_the_ex(world) == []
            assert "Held until the morning" in world.mails()[-1]["Subject"]
            by_mail(world, world.mails()[-1], "SEND")
        else:
            page = browser(world).open(link_in(card)).press("Look it over", words=HEATED)
            if how == "page":
                page.press("Let it wait until the morning")
                assert to_the_ex(world) == []
                assert "Held until" in page.said
            page.press("Send it now")
        world.settle()
        assert len(to_the_ex(world)) == 1
        (entry,) = [e for e in world.log() if e.kind == ACCEPTED]
        assert "not_held" in entry.body


@pytest.mark.parametrize(
    "asked",
    [
        "Noah fell, we are in an ambulance to St Luke's hospital right now. Are you coming?",
        "Can you take Noah tomorrow at 7? Tell me by tomorrow 8 am.",
        "Noah has a fever, how much of the medicine does he get?",
    ],
)
def test_what_is_urgent_is_never_held(tmp_path: Path, asked: str) -> None:
    one = home(replies="on", coach={"hold_heated": True})
    with open_world(
        tmp_path, families=(one,), clock=lambda: NOON
    ) as world:  # after midnight, "tomorrow" is past the morning
        page = text_page(world, Sample("x", "sms", asked, sender=EX_PHONE))
        page.press("Look it over", words=HEATED)
        assert "it waits until" not in page.said
        page.press("Send it as it is")
        world.settle()
        assert len(to_the_ex(world)) == 1
        assert HELD not in kinds(world)


def test_nothing_is_held_unless_the_family_chose_it(world: World) -> None:
    page = card_page(world).press("Look it over", words=HEATED)
    assert "waits until" not in page.said
    page.press("Send it as it is")
    world.settle()
    assert len(to_the_ex(world)) == 1


SEVERAL = (
    Sample("a", "email", "Can you take Noah to soccer on 12 December?\n", "soccer"),
    Sample("b", "email", "Can you sign Emma's school form by 14 December?\n", "form"),
    Sample("c", "email", "Emma's recital is on 19 December at 5.\n", "recital"),
)
NOON, SIX = datetime(2026, 11, 26, 18, 0, tzinfo=UTC), datetime(2026, 11, 27, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize("how", ["mail", "text", "page", "edit", "no number", "two numbers"])
def test_in_a_digest_with_several_questions_the_number_chooses(tmp_path: Path, how: str) -> None:
    now = [NOON]
    one = home(deliver=["18:00"], replies="on")
    with open_world(tmp_path, clock=lambda: now[0], families=(one,)) as world:
        for sample in SEVERAL:
            world.send(sample)
        wait_until(lambda: len(world.lanes()) == 3, 30)
        now[0] = SIX
        world.settle()
        (digest,) = world.mails()
        body = digest.get_body(("plain",)).get_content()
        assert "1: Noah" in body
        assert "2: Emma" in body
        assert "as 2: yes" in body
        short = world.carrier.sent[0]["Body"]
        if how == "mail":
            by_mail_now(world, "2: Yes, it is signed.", str(digest["Message-ID"]))
        elif how == "text":
            code = re.search(r"Answer: (\w{4}) NUMBER: words", short)
            assert code is not None
            world.send(Sample("x", "sms", f"{code[1]} 2: Yes, it is signed.", sender=PARENT_PHONE))
        elif how == "page":
            page = browser(world).open(link_in(digest, "digest"))
            page.press("Send", words="Yes, it is signed.")
            assert "Choose which of the messages" in page.said
            page.press("Send", answers="2")
            assert "It answers “2: Can you sign" in page.said
        elif how == "two numbers":
            by_mail_now(world, "1: Yes.\n2: No.", str(digest["Message-ID"]))
            wait_until(lambda: len(world.mails()) == 2, 30)
            assert "one message for each" in world.mails()[-1].get_body(("plain",)).get_content()
        else:
            by_mail_now(world, "Yes, it is signed.", str(digest["Message-ID"]))
            wait_until(lambda: len(world.mails()) == 2, 30)
            asked = world.mails()[-1]
            assert "Begin it with the number" in asked.get_body(("plain",)).get_content()
            words = "SEND" if how == "no number" else "EDIT\n2: Yes, it is signed."
            by_mail_now(world, words, str(asked["Message-ID"]))
        if how == "two numbers":
            assert to_the_ex(world) == []
            return
        wait_until(lambda: len(to_the_ex(world)) == 1, 30)
        (mail,) = to_the_ex(world)
        assert "Yes, it is signed." in mail
        assert "2: Yes" not in mail
        with world.store.read() as session:
            answered = {q.message_id: q.answer_id is not None for q in session.scalars(select(QuestionRow))}
        assert answered == {1: False, 2: how != "no number"}
        assert ("Subject: Re: form" in mail) is (how != "no number")
