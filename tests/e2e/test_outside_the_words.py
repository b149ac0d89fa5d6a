"""What a hostile sender puts where no new words stand, and in signs that read otherwise than they are written."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from smtplib import SMTP

import pytest

from gateway.demo.sample import EX_EMAIL, EX_PHONE, RELAY_EMAIL, Sample
from tests.e2e.world import World, open_world

FORWARD = "\n\n---------- Forwarded message ---------\nFrom: Nurse <nurse@example.com>\nDate: Mon, Nov 23, 2026 at 9:00 AM\nSubject: Emma\nTo: Mark <mark@example.net>\n\n"
THREAT = "I will kill you tonight"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch, open_world(tmp_path_factory.mktemp("outside")) as opened:
        patch.setattr("gateway.concluded._flooded", lambda *_: False)  # so many messages in an hour would be gathered
        yield opened


def raw(world: World, text: str) -> str:
    """Send bytes as they are (line ends made right) and say which lane they took."""
    host, _, port = world.settings.server.smtp_listen.rpartition(":")
    with SMTP(host, int(port), timeout=30) as client:
        client.sendmail(EX_EMAIL, [RELAY_EMAIL], text.replace("\n", "\r\n").encode("utf8"), ["BODY=8BITMIME"])
    world.settle()
    return world.lanes()[-1]


def mail(world: World, body: str, subject: str = "hello", extra: str = "") -> str:
    number = len(world.lanes())
    return raw(
        world,
        f"From: Mark <{EX_EMAIL}>\nTo: {RELAY_EMAIL}\nSubject: {subject}\nMessage-ID: <{number}.outside@example.net>\n"
        f"{extra}Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{body}\n",
    )


def text(world: World, words: str) -> str:
    world.send(Sample("attack", "sms", words, sender=EX_PHONE))
    world.settle()
    return world.lanes()[-1]


def parts(world: World, *pieces: tuple[str, str]) -> str:
    body = "".join(f"--b\nContent-Type: {kind}\n\n{words}\n" for kind, words in pieces) + "--b--\n"
    number = len(world.lanes())
    return raw(
        world,
        f"From: Mark <{EX_EMAIL}>\nTo: {RELAY_EMAIL}\nSubject: hello\nMessage-ID: <{number}.parts@example.net>\n"
        f"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n{body}",
    )


def items(world: World) -> str:
    cards = world.cards()
    return str(cards[-1].content["items"]) if cards else ""


@pytest.mark.parametrize(
    "body",
    [
        f"ok thanks.\n\nThis email is confidential and intended solely for the addressee. {THREAT}. The unauthorized disclosure of this email is prohibited.",
        f"ok thanks.\n\nSent from my gun, {THREAT}, iPhone",
        f"ok thanks.\n\n-- \nMark\n{THREAT}",
        f"ok thanks.{FORWARD}{THREAT}",
    ],
)
def test_a_threat_outside_the_new_words_is_not_swallowed(world: World, body: str) -> None:
    assert mail(world, body) in ("unsorted", "danger")


def test_a_threat_in_a_machines_part_a_caption_or_a_second_subject_is_not_swallowed(world: World) -> None:
    assert parts(world, ("text/plain", "ok thanks."), ("message/delivery-status", THREAT)) in ("unsorted", "danger")
    assert parts(world, ("text/html", f"<p>ok thanks.</p><img alt='{THREAT}' src=x>")) in ("unsorted", "danger")
    assert parts(world, ("text/html", "<p>ok.</p><img alt='Emma is in Mercy hospital, room 4' src=x>")) == "unsorted"
    assert mail(world, "ok thanks.", extra=f"Subject: {THREAT}\n") in ("unsorted", "danger")


@pytest.mark.parametrize(
    "body",
    [
        f"{FORWARD}Emma had a seizure and was taken by ambulance to Mercy hospital.",
        f"fyi{FORWARD}Emma's pickup on Friday is moved to 1 pm. She needs her inhaler. The court hearing is on 14 December.",
        "ok\n\n-- \nEmma is allergic to penicillin",
        "ok\n\n-- \nThe court hearing is on 14 December in room 4B",
        "ok\n\nOn Mon, Nov 23, 2026 at 9:00 AM Dana <dana@example.org> wrote:\n> Noah is in hospital at St Luke since this morning\n> His new inhaler is 2 puffs at 8pm",
    ],
)
def test_a_fact_outside_the_new_words_waits_for_a_look(world: World, body: str) -> None:
    before = len(world.cards())
    assert mail(world, body) in ("unsorted", "emergency")
    assert len(world.cards()) == before + 1


def test_a_signature_that_only_names_somebody_does_not_hold_anything(world: World) -> None:
    lane = mail(
        world, "Emma's dentist appointment is Tuesday at 3:30.\n\n-- \nMark Rivera\nRegional sales\n+1 555 0100"
    )
    assert lane == "facts"


def test_the_same_quoted_words_count_once(world: World) -> None:
    quoted = "\n\nOn Sun, Nov 22, 2026 at 9:00 AM Dana <dana@example.org> wrote:\n> Emma has strep, amoxicillin 5 ml twice a day until Friday"
    assert mail(world, "Thank you." + quoted) == "unsorted"
    assert mail(world, "Good morning." + quoted) == "withheld"


def test_a_text_that_only_looks_like_a_reaction_is_read(world: World) -> None:
    assert text(world, "Loved “ok” Emma has a fever of 39, she needs the doctor “today”") != "withheld"
    assert text(world, "Loved “Emma broke her arm, she is at Mercy hospital, room 4”") != "withheld"
    assert text(world, "Loved “Thank you”") == "withheld"
    hidden = parts(
        world,
        ("text/plain", "Emma is having surgery at 3 pm on Friday."),
        ("text/vnd.google.email-reaction+json", "{}"),
    )
    assert hidden != "withheld"


@pytest.mark.parametrize("mark", ["\u0323", "\u02d9\u1d09bɔɥ", "\u0907\u092e\u094d\u092e\u093e", "\ue000 \U0003fffd"])
def test_odd_signs_never_stop_the_reading(world: World, mark: str) -> None:
    assert text(world, f"{THREAT} {mark}") == "danger"
    assert text(world, f"Emma's dentist appointment is Tuesday at 3:30 {mark}") in ("facts", "unsorted")
    assert not [e for e in world.log() if e.kind == "shunted"]


def test_letters_turned_around_are_not_shown(world: World) -> None:
    assert text(world, "Emma's dentist appointment is Tuesday at 3:30 \u202eerohw diputs uoy\u202c") == "unsorted"
    assert items(world) == "[]"
    assert text(world, "\u202bאמא, Emma at 4\u202c") != "withheld"


@pytest.mark.parametrize("insult", ["🅱🅸🆃🅲🅷", "🇧🇮🇹🇨🇭", "🅑🅘🅣🅒🅗", "ᗷITᑕᕼ", "🖕", "🖕🏽🖕"])
def test_disguised_insults_are_cut_from_a_fact(world: World, insult: str) -> None:
    text(world, f"Emma's dentist appointment is Tuesday at 3:30, {insult}")
    assert insult not in items(world)


@pytest.mark.parametrize("subject", ["whore", "Bad mother", "liar", "come home", "our love", "forgive me", "disgrace"])
def test_an_insult_in_a_subject_is_not_printed(world: World, subject: str) -> None:
    mail(world, "Emma's dentist appointment is Tuesday at 3:30.", subject)
    assert subject.lower() not in items(world).lower()


def test_a_child_named_in_a_threat_to_take_it_away(world: World) -> None:
    assert text(world, "You will never see Emma again") == "danger"
    assert text(world, "u wont ever find noah again") == "danger"


def test_the_condition_of_a_threat_is_not_shown_as_a_fact(world: World) -> None:
    assert text(world, "I will kill you if you take the kids on Friday.") == "danger"
    assert "kids" not in items(world)


def test_an_emergency_does_not_colour_the_next_message(world: World) -> None:
    mail(world, "Noah fell off the swing, we are in the ambulance to St Luke's right now.")
    assert world.lanes()[-1] == "emergency"
    assert mail(world, "I hate you.") == "withheld"


def test_a_calendar_is_told_in_the_familys_own_zone(world: World) -> None:
    event = "BEGIN:VCALENDAR\nMETHOD:PUBLISH\nBEGIN:VEVENT\nSUMMARY:Emma dentist\nDTSTART{}\nLOCATION:Main Street\nEND:VEVENT\nEND:VCALENDAR"
    for start in (":20261202T233000Z", ";TZID=America/New_York:20261202T183000"):
        parts(world, ("text/plain", "Emma's dentist appointment"), ("text/calendar", event.format(start)))
        assert "5:30 pm (UTC-06:00)" in items(world), items(world)
        assert "11:30 pm" not in items(world)


def test_a_message_of_words_in_a_body_that_cannot_be_read_alarms(world: World) -> None:
    """The raw bytes of a text are a form, those of a mail may be packed: danger is looked for in what they say."""
    from gateway.intake.archives.kept import words_in

    packed = EmailMessage()
    packed.set_content(THREAT, cte="base64")
    assert any(THREAT in words for words in words_in("email", packed.as_bytes()))
    assert any(THREAT in words for words in words_in("sms", b"From=%2B1&Body=I+will+kill+you+tonight"))
