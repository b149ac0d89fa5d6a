"""Today: what is urgent, what needs an answer, what is new, what is coming; and answers that are written there, over real sockets."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import select

from gateway.accounts import Role
from gateway.demo.sample import EX_EMAIL, EX_PHONE, RELAY_EMAIL, Sample, family
from gateway.family import Family
from gateway.questions import CLOSED
from gateway.reply.rows import ACCEPTED, HELD
from gateway.store.tables import DeliveryRow, QuestionRow
from gateway.web.pages.shown import Left, left
from tests.e2e.test_replies import SECRETS, to_the_ex
from tests.e2e.world import World, open_world, wait_until
from tests.web.visiting import Browser, filled, sign_in

SOON = Sample("soon", "email", "Can Noah sleep over at Sam's on 12 December?\n", "Sleepover")
LATER = Sample("later", "email", "Is pickup at 6 on Friday fine with you? Please let me know by Friday.\n", "Friday")
TOLD = Sample("told", "email", "You ruin everything. Emma's dentist appointment is tomorrow at 3:30.\n", "Dentist")
URGENT = Sample(
    "ambulance", "sms", "Noah fell, we are in an ambulance to St Luke's hospital right now", sender=EX_PHONE
)
DANGER = Sample("danger", "sms", "I know where you park now. Keep this up and I will kill you.", sender=EX_PHONE)
MARKUP = Sample(
    "markup", "email", "Emma's bag is at school & <img src=x onerror=alert(1)> on Monday at 8.\n", "<b>Bag</b>"
)
CRUEL = ("You ruin everything", "where you park", "kill you")


def home(**changes: object) -> Family:
    return Family.model_validate(family() | changes)


def neighbours() -> tuple[Family, Family]:
    """Two families of one installation."""
    other = {"key": "okafor", "relay_email": "okafor@relay.example.org", "relay_phone": "+15005550011"}
    return home(), home(**other)


def words(page: LexborHTMLParser, selector: str = "main") -> str:
    return " ".join(" ".join(node.text(separator=" ") for node in page.css(selector)).split()).replace(" ,", ",")


@contextmanager
def visit(world: World, family: int = 0, login: str = "", role: Role = Role.PARENT) -> Iterator[Browser]:
    """Somebody of the family, signed in."""
    browser = sign_in(world.settings.server.public_url, world.store, world.settings.families[family], role, login)
    try:
        yield browser
    finally:
        browser.http.close()


def come(world: World, *samples: Sample) -> None:
    for sample in samples:
        world.send(sample)
    world.settle()


@pytest.mark.parametrize(("seconds", "told"), [
    (59, Left(0, "minutes")), (3599, Left(59, "minutes")), (3600, Left(1, "hours")), (72_000, Left(20, "hours")),
    (2 * 86_400 - 1, Left(47, "hours")), (3 * 86_400, Left(3, "days")), (-60, Left(1, "minutes", True)),
    (-90_000, Left(25, "hours", True)),
])  # fmt: skip
def test_nobody_is_told_of_more_time_than_there_is(seconds: int, told: Left) -> None:
    now = datetime(2026, 12, 2, 4, 0, tzinfo=UTC)
    assert left(now + timedelta(seconds=seconds), now) == told


def test_the_page_says_what_is_urgent_asked_new_and_coming(tmp_path: Path) -> None:
    now = datetime(2026, 10, 26, 18, 0, tzinfo=UTC)  # a Monday; on Sunday the clocks go back
    with open_world(tmp_path, clock=lambda: now, families=(home(),)) as world, visit(world) as parent:
        come(world, LATER, SOON, TOLD, MARKUP, URGENT, DANGER)
        page = parent.page("/")
        said = words(page)
        assert [h.text() for h in page.css("h1")] == ["Today"]
        assert [h.text() for h in page.css(".urgent h2")] == ["A message needs your attention", "Urgent: please read"]
        section = LexborHTMLParser(str(page.css("main > section:not(.urgent)")[0].html))
        assert [node.text() for node in section.css("blockquote")] == [SOON.text.strip(), LATER.text.strip()]
        assert "An answer is usual by Wed 28 Oct 2026, 1:00 pm (UTC-05:00), 2 days left" in said
        assert "Asked to be answered by Fri 30 Oct 2026, 6:00 pm (UTC-05:00), 4 days left" in said
        assert [h.text() for h in page.css("h3")][:2] == ["Emma", "Noah"]
        assert "Emma's dentist appointment is tomorrow at 3:30." in words(page, "section.day")
        assert not [cruel for cruel in CRUEL if cruel in str(page.html)]
        assert "onerror=alert(1)&gt;" in parent.get("/").text
        assert not page.css("main img, main b")
        assert len(str(page.html)) < 100_000


def test_what_was_seen_is_not_new_for_that_account_alone(world: World, parent: Browser) -> None:
    come(world, TOLD)
    assert "Nothing new." not in words(parent.page("/"))
    before = len(world.log())
    assert parent.page("/").css("form[action='/seen']")  # looking changed nothing
    assert parent.send("/", "/seen").url.path == "/"
    assert "Nothing new." in words(parent.page("/"))
    assert [e.kind for e in world.log()[before:] if e.kind == "page done"] == ["page done"]
    with visit(world, login="second parent") as mate:
        assert "Nothing new." not in words(mate.page("/"))
        odd = {
            "form": filled(mate.page("/").css("main form")[0])["form"],
            "cards": "1,999999,x,²,-1,99999999999999999999",
        }
        assert mate.http.post("/seen", data=odd).status_code == 303


def test_what_waits_for_an_hour_waits_here_too(tmp_path: Path) -> None:
    now = [datetime(2026, 11, 26, 18, 0, tzinfo=UTC)]
    later = Sample("later", "email", "Emma's dentist appointment is on 14 December at 3:30.\n", "Dentist")
    with open_world(tmp_path, clock=lambda: now[0], families=(home(deliver=["18:00"]),)) as world:
        world.send(later)
        wait_until(lambda: len(world.cards()) == 1, 30)
        with visit(world) as parent:
            said = words(parent.page("/"))
            assert "dentist" not in said
            assert "1 update waits for your next hour, Thu 26 Nov 2026, 6:00 pm (UTC-06:00)." in said
            assert "dentist" not in words(parent.page("/calendar?on=2026-12-01"))
            assert "dentist" in words(parent.page("/?early=1"))
        now[0] += timedelta(hours=6)
        world.settle()
        with visit(world, login="later") as parent:
            assert "dentist" in words(parent.page("/"))
            with world.store.write() as session:  # what could not be delivered is shown all the same
                for row in session.scalars(select(DeliveryRow)):
                    row.state = "failed"
            assert "dentist" in words(parent.page("/"))


def test_an_answer_from_today_goes_out_once_and_settles_its_question(world: World, parent: Browser) -> None:
    come(world, SOON)
    answer = parent.send("/", "/questions/1/answer", button="act=send", words="Yes, that is fine.\r\n")
    assert answer.url.path == "/questions/1"
    world.settle()
    (mail,) = to_the_ex(world)
    assert "Yes, that is fine." in mail
    assert f"From: Dana <{RELAY_EMAIL}>" in mail
    assert "Subject: Re: Sleepover" in mail
    assert not [s for s in (*SECRETS, "127.0.0.1", "python-httpx", "questions/") if s.lower() in mail.lower()], mail
    said = words(parent.page("/questions/1"))
    assert "Yes, that is fine." in said
    assert "by email" in said
    assert "Settled" in said
    assert "Nothing waits for an answer." in words(parent.page("/"))
    assert [e.kind for e in world.log() if e.kind == ACCEPTED] == [ACCEPTED]


def test_hints_and_ready_sentences_stand_beside_the_box(world: World, parent: Browser) -> None:
    come(world, LATER)
    text = "Fine. I am home alone all evening, 100% sure, and you are pathetic."
    shown = LexborHTMLParser(parent.send("/questions/1", "/questions/1/answer", button="act=send", words=text).text)
    assert not to_the_ex(world)
    assert "home alone" in words(shown, ".hints")
    assert "where you are, where you work" in words(shown, ".hints")
    form = shown.css_first("form[action='/questions/1/answer']")
    assert form is not None
    fields = filled(form)
    assert fields["words"].strip() == text
    ready = [str(b.attributes["value"]) for b in form.css("button[name=pick]")]
    assert ready
    picked = LexborHTMLParser(parent.http.post("/questions/1/answer", data={**fields, "pick": ready[0]}).text)
    form = picked.css_first("form[action='/questions/1/answer']")
    assert form is not None
    assert filled(form)["words"].strip() == f"{text}\n{ready[0]}"
    parent.http.post("/questions/1/answer", data={**filled(form), "act": "send"})
    world.settle()
    (mail,) = to_the_ex(world)
    assert "home alone all evening" in mail
    assert ready[0].split("[")[0].strip() in mail


def test_a_form_that_is_sent_many_times_is_one_answer(world: World, parent: Browser) -> None:
    come(world, SOON)
    form = parent.page("/questions/1").css_first("form[action='/questions/1/answer']")
    assert form is not None
    data = {**filled(form), "words": "Yes.", "act": "send"}
    cookies, url = dict(parent.http.cookies), f"{world.settings.server.public_url}/questions/1/answer"
    answers: list[int] = []
    threads = [
        threading.Thread(
            target=lambda: answers.append(httpx.post(url, data=data, cookies=cookies, timeout=60).status_code)
        )
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) == {303}
    world.settle()
    assert len(to_the_ex(world)) == 1
    other = parent.http.post("/questions/1/answer", data={**data, "words": "No."})
    assert "An answer was sent from this page before" in other.text
    world.settle()
    assert len(to_the_ex(world)) == 1


def test_heated_words_wait_for_the_morning_and_can_be_changed_or_dropped(tmp_path: Path) -> None:
    heated = "You are pathetic. You always lie. Six is fine."
    one = home(coach={"hold_heated": True})
    with open_world(tmp_path, families=(one,)) as world, visit(world) as parent:
        come(world, Sample("x", "email", "Is pickup at 6 on 14 November next year fine with you?\n", "Pickup"))
        looked = parent.send("/questions/1", "/questions/1/answer", button="act=look", words=heated)
        assert "it waits until" in looked.text
        form = LexborHTMLParser(looked.text).css_first("form[action='/questions/1/answer']")
        assert form is not None
        held = parent.http.post("/questions/1/answer", data={**filled(form), "act": "send"}, follow_redirects=True)
        assert "Held until" in held.text
        assert to_the_ex(world) == []
        assert [e.kind for e in world.log() if e.kind == HELD] == [HELD]
        draft = next(f for f in LexborHTMLParser(held.text).css("main form") if f.css("input[name=draft]"))
        changed = parent.http.post("/questions/1/answer", data={**filled(draft), "act": "change"})
        assert "New words to Mark" in changed.text
        assert "Six is fine." in changed.text
        draft = next(f for f in parent.page("/questions/1").css("main form") if f.css("input[name=draft]"))
        parent.http.post("/questions/1/answer", data={**filled(draft), "act": "go"})
        world.settle()
        assert len(to_the_ex(world)) == 1


def test_a_question_that_needs_no_answer_is_closed_once(world: World, parent: Browser) -> None:
    come(world, SOON)
    for _ in range(2):
        form = filled(parent.page("/").css("header form")[0])["form"]
        assert parent.http.post("/questions/1/close", data={"form": form}).status_code == 303
    assert "Nothing waits for an answer." in words(parent.page("/"))
    (entry,) = [e for e in world.log() if e.kind == CLOSED]
    assert dict(entry.body) == {"message": 1, "place": 0, "account": 1}
    with world.store.read() as session:
        row = session.scalars(select(QuestionRow)).one()
        assert (row.remind_at, row.answer_id) == (None, None)
    assert to_the_ex(world) == []


def test_an_alarm_is_answered_from_today(world: World, parent: Browser) -> None:
    come(world, URGENT)
    assert parent.send("/", "/alarm-read").url.path == "/"
    assert not parent.page("/").css(".urgent")
    assert [e.body["via"] for e in world.log() if e.kind == "alarm acknowledged"] == ["card page"]
    form = filled(parent.page("/").css("header form")[0])["form"]
    assert parent.http.post("/alarm-read", data={"form": form, "alarm": "²"}).status_code == 303


def test_another_family_finds_nothing(tmp_path: Path) -> None:
    with (
        open_world(tmp_path, families=neighbours()) as world,
        visit(world, 1) as other,
        visit(world, 0) as first,
    ):
        come(world, SOON, URGENT)
        assert "sleep over" not in str(other.page("/").html)
        form = filled(other.page("/").css("header form")[0])["form"]
        missing = [other.get(path) for path in ("/questions/1", "/questions/999")]
        assert {(a.status_code, a.text) for a in missing} == {(404, "There is nothing at this address.")}
        for path, data in (
            ("/questions/1/answer", {"words": "Yes.", "act": "send"}),
            ("/questions/1/close", {}),
            ("/questions/999/answer", {"words": "Yes.", "act": "send"}),
        ):
            assert other.http.post(path, data={"form": form, **data}).status_code == 404
        other.http.post("/alarm-read", data={"form": form, "alarm": "1"})
        other.http.post("/seen", data={"form": form, "cards": "1,2"})
        assert first.page("/").css(".urgent")
        assert "sleep over" in words(first.page("/"))
        assert to_the_ex(world) == []


def test_nobody_else_sees_a_word_of_the_family(world: World, enter: Callable[[Role], Browser]) -> None:
    come(world, SOON, TOLD, URGENT)
    for role in (Role.REVIEWER, Role.PROFESSIONAL, Role.OPERATOR):
        browser = enter(role)
        page = browser.page("/")
        assert not [w for w in ("sleep", "dentist", "Noah", "Emma", "ambulance", EX_EMAIL) if w in str(page.html)], role
        for path in ("/questions", "/questions/1", "/expenses", "/unsorted/1/words"):
            assert browser.get(path).status_code == 404, (role, path)
        assert not [w for w in ("dentist", "Noah") if w in browser.get("/calendar").text], role
        form = filled(page.css("header form")[0])["form"]
        for path in (
            "/questions/1/answer",
            "/questions/1/close",
            "/seen",
            "/alarm-read",
            "/calendar/address",
            "/expenses/1",
        ):
            assert browser.http.post(path, data={"form": form, "act": "send", "words": "x"}).status_code == 404, path
