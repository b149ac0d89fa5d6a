"""Alarms over real sockets, with the clock passed in: they come again until somebody answers, and go round what is dead."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import select

from gateway.demo.carriers import Carrier, Mailbox
from gateway.demo.sample import (
    EX_EMAIL,
    EX_PHONE,
    PARENT_EMAIL,
    PARENT_PHONE,
    RELAY_EMAIL,
    SAFETY_EMAIL,
    SAMPLES,
    Sample,
)
from gateway.demo.sample import family as sample_family
from gateway.family import Family
from gateway.store.tables import AlarmRow, DeliveryRow
from tests.e2e.world import World, open_world, wait_until

NOON = datetime(2026, 11, 26, 18, 0, tzinfo=UTC)
DANGER = Sample("danger", "sms", "I know where you park now. Keep this up and I will kill you.", sender=EX_PHONE)
EMERGENCY = next(sample for sample in SAMPLES if sample.about == "emergency")
PLAIN = SAMPLES[0]


class Stage:
    """A world with a clock that stands until it is moved."""

    def __init__(self, world: World, now: list[datetime]) -> None:
        self.world, self.now = world, now

    def after(self, **time: float) -> None:
        """Let time pass, and all that is due with it."""
        before = self.beats()
        self.now[0] += timedelta(**time)
        wait_until(lambda: self.beats() > before + 1, 30)  # the lookout has looked twice since
        self.world.settle()

    def beats(self) -> int:
        return self.world.looked()  # type: ignore[attr-defined,no-any-return]

    def texts(self, to: str = PARENT_PHONE) -> list[str]:
        return [text["Body"] for text in self.world.carrier.sent if text["To"] == to]

    def notes(self, to: str) -> list[str]:
        return [mail.get_body(("plain",)).get_content() for mail in self.world.mails(to)]

    def kinds(self, *wanted: str) -> list[str]:
        return [e.kind for e in self.world.log() if not wanted or e.kind in wanted]

    def page(self, text: str) -> str:
        """The alarm's link in a message."""
        found = re.search(r"http://\S+/alarm/[\w-]{43}", text)
        assert found is not None, text
        return found[0]

    def bring(self, sample: Sample = DANGER) -> None:
        self.world.send(sample)
        self.world.settle()

    def open(self) -> int:
        with self.world.store.read() as session:
            return len(session.scalars(select(AlarmRow).where(AlarmRow.acknowledged_at.is_(None))).all())


Play = Callable[..., AbstractContextManager[Stage]]


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Play:
    """Opens a stage. `settings`: other sections; `changes` are the family's."""
    import contextlib

    from gateway.alarms import lookout
    from gateway.alarms.lookout import Lookout

    looked = [0]
    step = Lookout.step

    def counted(self: Lookout) -> None:
        step(self)
        looked[0] += 1

    monkeypatch.setattr(Lookout, "step", counted)
    monkeypatch.setattr(lookout, "LOOK_SECONDS", 0.05)

    @contextlib.contextmanager
    def opened(
        now: datetime = NOON,
        outside: tuple[Mailbox, Carrier] | None = None,
        settings: dict[str, object] | None = None,
        **changes: object,
    ) -> Iterator[Stage]:
        family, moment = Family.model_validate(sample_family() | changes), [now]
        with open_world(tmp_path, lambda: moment[0], outside, families=(family,), **(settings or {})) as world:
            world.looked = lambda: looked[0]  # type: ignore[attr-defined]
            yield Stage(world, moment)

    return opened


def test_it_comes_again_and_farther_until_the_button_is_pressed(play: Play) -> None:
    person = [*sample_family()["person"], {"name": "Aunt Jo", "role": "relative", "emails": ["jo@example.org"]}]
    with play(person=person, alarms={"also": ["Aunt Jo"]}) as stage:
        stage.bring()
        counts = [(len(stage.texts()), len(stage.notes(SAFETY_EMAIL)), len(stage.notes("jo@example.org")))]
        for minutes in (9, 1, 20, 30, 60):
            stage.after(minutes=minutes)
            counts.append((len(stage.texts()), len(stage.notes(SAFETY_EMAIL)), len(stage.notes("jo@example.org"))))
        assert counts == [(1, 1, 0), (1, 1, 0), (2, 2, 0), (3, 3, 0), (4, 4, 1), (5, 5, 2)]
        assert "Nobody has said yet that they have read it." in stage.notes(SAFETY_EMAIL)[1]

        for address in (stage.page(stage.texts()[-1]), stage.page(stage.notes(SAFETY_EMAIL)[0])):
            assert httpx.get(address).status_code == 200  # a mail scanner looks
            assert httpx.head(address).status_code == 200
        assert "alarm acknowledged" not in stage.kinds()
        stage.after(minutes=60)
        assert len(stage.texts()) == 6

        done = httpx.post(stage.page(stage.texts()[-1]))
        assert "It will not come again." in done.text
        sent = len(stage.world.carrier.sent), len(stage.world.mailbox.received)
        stage.after(hours=30)
        assert (len(stage.world.carrier.sent), len(stage.world.mailbox.received)) == sent
        (entry,) = [e for e in stage.world.log() if e.kind == "alarm acknowledged"]
        assert (entry.body["by"], entry.body["via"], entry.body["channel"]) == ("parent", "link", "sms")
        assert stage.kinds("alarm repeated") == ["alarm repeated"] * 5


def test_it_ends_where_nobody_answers_and_the_log_says_so(play: Play) -> None:
    with play(alarms={"repeat_minutes": [5], "hourly": 1}) as stage:
        stage.bring(EMERGENCY)
        for minutes in (5, 60, 60, 600):
            stage.after(minutes=minutes)
        assert [e.body.get("last", False) for e in stage.world.log() if e.kind == "alarm repeated"] == [False, True]
        assert len(stage.texts()) == 3
        assert stage.notes(SAFETY_EMAIL)  # an emergency reaches the safety contact when it is not answered
        httpx.post(stage.page(stage.texts()[-1]))  # a late answer still counts
        assert stage.open() == 0


def test_ok_by_text_answers_and_is_confirmed_to_the_parents_own_ways(play: Play) -> None:
    with play() as stage:
        stage.bring()
        stage.bring(Sample("ex", "sms", "ok", sender=EX_PHONE))  # the other parent cannot answer it
        stage.bring(Sample("stranger", "sms", "OK", sender="+15005550099"))
        assert stage.open() == 1
        stage.bring(Sample("own", "sms", "Ok.", sender=PARENT_PHONE))
        (entry,) = [e for e in stage.world.log() if e.kind == "alarm acknowledged"]
        assert (entry.body["by"], entry.body["via"]) == ("parent", "text")
        assert stage.texts()[-1].startswith("Noted: the note of Thu 26 Nov 2026, 12:00 pm")
        assert "If that was not you, open: http" in stage.notes(PARENT_EMAIL)[-1]
        stage.bring(Sample("again", "sms", "OK", sender=PARENT_PHONE))  # once more harms nothing
        assert "reply refused" not in stage.kinds()
        stage.after(hours=3)
        assert "alarm repeated" not in stage.kinds()
        assert not any(t["To"] == EX_PHONE for t in stage.world.carrier.sent)
        assert not any(EX_EMAIL in tos for _, tos, _ in stage.world.mailbox.received)


def test_ok_by_mail_from_the_safety_contact_answers_and_the_parent_is_told(play: Play) -> None:
    with play() as stage:
        stage.bring()
        (note,) = stage.world.mails(SAFETY_EMAIL)
        write(stage, "OK", "<made-up@relay.example.org>")
        assert stage.open() == 1  # an answer to nothing of ours proves nothing
        write(stage, "OK, thanks\n\nOn Thu Updates wrote:\n> Please check on Dana soon.", str(note["Message-ID"]))
        (entry,) = [e for e in stage.world.log() if e.kind == "alarm acknowledged"]
        assert (entry.body["by"], entry.body["via"]) == ("safety contact", "mail")
        assert stage.texts()[-1].startswith("Your contact has said that they read the note")
        assert len(stage.world.cards()) == 2  # the alarm's, and that of the unproved mail; none of the answer


def write(stage: Stage, words: str, answers: str) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = SAFETY_EMAIL, RELAY_EMAIL, "Re: Please read now"
    mail["In-Reply-To"] = answers
    mail["Message-ID"] = f"<{abs(hash(words + answers))}@example.org>"
    mail.set_content(words)
    host, _, port = stage.world.settings.server.smtp_listen.rpartition(":")
    with smtplib.SMTP(host, int(port), timeout=30) as client:
        client.sendmail(SAFETY_EMAIL, [RELAY_EMAIL], mail.as_bytes())
    stage.world.settle()


def test_the_button_on_the_card_answers_and_looking_at_it_does_not(play: Play) -> None:
    with play() as stage:
        stage.bring(EMERGENCY)
        (card,) = stage.world.cards()
        page = f"{stage.world.settings.server.public_url}/card/{card.token}"
        assert "I have read this" in httpx.get(page).text
        assert stage.open() == 1
        assert "I have read this" not in httpx.post(page + "/read").text
        assert stage.open() == 0
        assert httpx.get(page + "/read").status_code == 405
        text = stage.texts()[0]
        assert "Noah fell off the climbing frame" in text
        assert "This is not an emergency service." in text


def test_a_flood_of_threats_is_no_flood_of_notes_and_one_answer_is_enough(play: Play) -> None:
    with play() as stage:
        for n in range(4):
            stage.bring(Sample(f"danger {n}", "sms", f"Keep this up and I will kill you. {n}", sender=EX_PHONE))
        assert len(stage.texts()) == 4
        stage.after(minutes=10)
        assert len(stage.texts()) == 5
        assert stage.kinds("alarm repeated") == ["alarm repeated"] * 4
        httpx.post(stage.page(stage.texts()[3]))
        assert stage.open() == 0
        assert stage.kinds("alarm acknowledged") == ["alarm acknowledged"] * 4


class Choosy(Mailbox):
    """A mail host that takes nothing for some addresses."""

    def __init__(self, *refused: str) -> None:
        super().__init__()
        self.refused = set(refused)

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"


def test_a_contact_with_one_dead_way_is_gone_round(play: Play) -> None:
    with play(outside=(Choosy(SAFETY_EMAIL), Carrier())) as stage:
        stage.bring()
        wait_until(lambda: "alarm went round" in stage.kinds(), 20)
        stage.world.settle()
        assert stage.notes(SAFETY_EMAIL) == []
        assert stage.texts()[-1].startswith("Your contact could not be reached the usual way. Please read now: http")
        (entry,) = [e for e in stage.world.log() if e.kind == "alarm went round"]
        assert entry.body["of"] == {"who": "safety contact", "by": "email"}
        assert entry.body["to"] == [{"who": "parent", "by": "sms"}]
        shown = httpx.get(stage.page(stage.texts()[-1])).text
        assert "Ruth, by mail: could not be delivered" in shown
        assert "You, by text: sent, in place of a way that failed" in shown


def test_what_waits_on_a_dead_route_is_tried_again_and_neither_doubled_nor_given_up(play: Play) -> None:
    outside = Mailbox(), Carrier()
    outside[0].answers = ["451 4.3.0 later"] * 1000
    with play(outside=outside, alarms={"repeat_minutes": list(range(1, 10)), "hourly": 0}) as stage:
        stage.world.send(EMERGENCY)
        wait_until(lambda: "delivery delayed" in stage.kinds(), 20)
        for _ in range(9):
            stage.now[0] += timedelta(minutes=1)
            before = stage.beats()
            wait_until(lambda before=before: stage.beats() > before + 3, 20)
        with stage.world.store.read() as session:
            rows = session.scalars(select(DeliveryRow).where(DeliveryRow.address == PARENT_EMAIL)).all()
            assert [(row.kind, row.state) for row in rows] == [("card", "pending")]
            assert rows[0].attempts < 8
        outside[0].answers.clear()
        stage.after(hours=1)
        assert [mail["Subject"] for mail in stage.world.mails()] == ["Please read now"]


def test_a_parent_who_cannot_be_reached_has_the_contact_told_of_an_emergency(play: Play) -> None:
    person = [{"name": "Ruth", "role": "safety contact", "phones": ["+15005550007"]}]
    parent = {"name": "Dana", "emails": [PARENT_EMAIL]}
    outside = Choosy(PARENT_EMAIL), Carrier()
    with play(outside=outside, parent=parent, person=person, cards_by=["email"]) as stage:
        stage.bring(EMERGENCY)
        wait_until(lambda: bool(stage.texts("+15005550007")), 20)
        (text,) = stage.texts("+15005550007")
        assert text.startswith("Dana could not be reached the usual way. Please check on Dana soon.")
        assert "climbing frame" not in text
        assert "/card/" not in text  # the original is nobody's but the parent's
        shown = httpx.get(stage.page(text)).text
        assert "/card/" not in shown
        assert "Who was told" not in shown


def test_an_outage_is_told_by_the_other_way_once_and_so_is_its_end(play: Play) -> None:
    outside = Mailbox(), Carrier()
    outside[0].answers = ["451 4.3.0 later"] * 1000
    with play(outside=outside, cards_by=["email"]) as stage:
        stage.world.send(PLAIN)
        wait_until(lambda: "delivery delayed" in stage.kinds(), 20)
        for _ in range(3):
            stage.now[0] += timedelta(minutes=15)
            before = stage.beats()
            wait_until(lambda before=before: stage.beats() > before + 2, 20)
        wait_until(lambda: len(stage.texts()) == 1, 20)
        assert stage.texts()[0].startswith("Mail from this service has not gone out since Thu 26 Nov 2026")
        outside[0].answers.clear()
        stage.after(hours=2)
        stage.after(minutes=2)
        wait_until(lambda: len(stage.texts()) == 2, 20)
        assert stage.texts()[1].startswith("Mail from this service goes out again.")
        assert stage.kinds("outage", "outage over") == ["outage", "outage over"]
        assert len(stage.notes(PARENT_EMAIL)) == 1


def test_a_test_alarm_is_marked_sent_over_each_way_and_answered_way_by_way(play: Play) -> None:
    with play(now=datetime(2026, 12, 7, 15, 59, tzinfo=UTC)) as stage:  # a minute before ten on the first Monday
        stage.after(minutes=1)
        assert [text.splitlines()[0][:40] for text in stage.texts()] == ["This is only a test. Nothing has happene"]
        assert len(stage.notes(SAFETY_EMAIL)) == len(stage.notes(PARENT_EMAIL)) == 1
        assert stage.world.mails()[0]["Subject"] == "Test, please answer"
        httpx.post(stage.page(stage.texts()[0]))
        stage.bring(Sample("own", "sms", "ok", sender=PARENT_PHONE))
        stage.after(minutes=20)
        (result,) = [e for e in stage.world.log() if e.kind == "alarm test result"]
        assert result.body["routes"] == [
            {"who": "parent", "by": "email", "handed_over": True, "answered": False},
            {"who": "parent", "by": "sms", "handed_over": True, "answered": True},
            {"who": "safety contact", "by": "email", "handed_over": True, "answered": False},
        ]
        assert stage.kinds("alarm test acknowledged") == ["alarm test acknowledged"]
        assert "alarm repeated" not in stage.kinds()


def test_a_long_silence_is_told_at_the_next_start(play: Play) -> None:
    with play():
        pass
    with play(now=NOON + timedelta(minutes=10)) as stage:
        stage.world.settle()
        assert stage.texts() == []
    with play(now=NOON + timedelta(hours=2, minutes=10)) as stage:
        stage.world.settle()
        (text,) = stage.texts()
        assert text.startswith(
            "This service was silent from Thu 26 Nov 2026, 12:10 pm (UTC-06:00) to Thu 26 Nov 2026, 2:10 pm (UTC-06:00)."
        )
        assert stage.kinds("silence told") == ["silence told"]


def test_what_came_due_in_a_silence_comes_once(play: Play) -> None:
    with play() as stage:
        stage.bring()
    with play(now=NOON + timedelta(hours=3)) as stage:
        wait_until(lambda: "alarm repeated" in stage.kinds(), 20)
        stage.world.settle()
        assert stage.kinds("alarm repeated") == ["alarm repeated"]
        assert sum("Please read now" in text for text in stage.texts()) == 1


@pytest.mark.parametrize(
    ("country", "zone", "first", "number"),
    [
        (None, "America/Chicago", "United States", "tel:911"),
        ("IE", "America/Chicago", "Ireland", "tel:1800341900"),
        (None, "Africa/Nairobi", "Kenya", "tel:1195"),
        ("SE", "Europe/Stockholm", "Sweden", "tel:112"),
    ],
)
def test_the_numbers_of_the_familys_country(
    play: Play, country: str | None, zone: str, first: str, number: str
) -> None:
    with play(country=country, time_zone=zone) as stage:
        stage.bring()
        address = re.search(r"http://\S+/numbers/[\w-]{43}", stage.texts()[0])
        assert address is not None
        answer = httpx.get(address[0])
        assert "<title>Numbers</title>" in answer.text
        assert re.findall(r"<h2>(.*?)</h2>", answer.text)[0] == first
        assert answer.text.index(number) < answer.text.index("Other countries")
        assert "Leave this page" in answer.text
        assert not re.search(r"<(?:script|img|iframe|link|object)|url\(|@import", answer.text)
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "<h2>France</h2>" in httpx.get(f"{address[0]}?country=fr").text
        base = stage.world.settings.server.public_url
        for guess in ("/numbers", "/numbers/", f"/numbers/{'A' * 43}", f"/alarm/{'A' * 43}", "/alarm/x"):
            assert httpx.get(base + guess).status_code == 404


def test_the_heartbeat_page_tells_the_time_and_nothing_else(play: Play) -> None:
    with play() as stage:
        address = f"{stage.world.settings.server.public_url}/heartbeat"
        wait_until(lambda: httpx.get(address).status_code == 200, 20)
        assert httpx.get(address).text == "2026-11-26T18:00:00.000000Z\n"
