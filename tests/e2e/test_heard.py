"""Danger and emergencies in words that no card shows: of a message that cannot be read, of a file, of a file's name."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from smtplib import SMTP
from typing import Any

import pytest
from sqlalchemy import select

import gateway.worker
from gateway.demo.sample import EX_EMAIL, EX_PHONE, RELAY_EMAIL, Sample
from gateway.parsing import Reading, unread
from gateway.store.tables import AlarmRow
from tests.e2e.world import World, open_world

THREAT = "I will kill you tonight"
EMERGENCY = "Emma is not breathing, the ambulance is on its way"
CARD = "BEGIN:VCARD\nVERSION:3.0\nFN:{name}\nNOTE:{note}\nEND:VCARD\n"
EVENT = "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nDTSTART:20270102T100000Z\nSUMMARY:{title}\nDESCRIPTION:{note}\nEND:VEVENT\nEND:VCALENDAR\n"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch, open_world(tmp_path_factory.mktemp("heard")) as opened:
        patch.setattr("gateway.concluded._flooded", lambda *_: False)
        patch.setattr("gateway.alarms.rows._crowded", lambda *_: frozenset())
        yield opened


def bring(world: World, mail: EmailMessage) -> str:
    """Send a mail of the other parent's; the lane that it took."""
    mail["From"], mail["To"], mail["Subject"] = EX_EMAIL, RELAY_EMAIL, "hello"
    mail["Message-ID"] = f"<{len(world.lanes())}.heard@example.net>"
    host, _, port = world.settings.server.smtp_listen.rpartition(":")
    with SMTP(host, int(port), timeout=30) as client:
        client.sendmail(EX_EMAIL, [RELAY_EMAIL], mail.as_bytes(), ["BODY=8BITMIME"])
    world.settle()
    return world.lanes()[-1]


def with_file(data: bytes, name: str, kind: str = "application/octet-stream", words: str = "Thanks.") -> EmailMessage:
    mail = EmailMessage()
    mail.set_content(words)
    main, _, sub = kind.partition("/")
    mail.add_attachment(data, maintype=main, subtype=sub, filename=name)
    return mail


def alarms(world: World) -> list[str]:
    with world.store.read() as session:
        return list(session.scalars(select(AlarmRow.kind).order_by(AlarmRow.id)))


def heard(world: World) -> dict[str, Any]:
    """What the log says was heard in the last message."""
    body = next(e.body for e in reversed(world.log()) if e.kind in ("decided", "shunted"))
    found: dict[str, Any] = body.get("heard", {})
    return found


def said(world: World) -> str:
    """All that went out last, and the whole log: nothing of the words may be there."""
    log = " ".join(str(entry.body) for entry in world.log())
    return f"{world.mails()[-1]} {world.carrier.sent[-1]} {world.cards()[-1].content} {log}"


FILES = {
    "text": (b"%s", "note.txt", "text/plain"),
    "text that calls itself something else": (b"%s", "note.txt", "application/octet-stream"),
    "wrapped": (b"well well\n%s\n", "note.txt", "text/plain"),
    "table": (b"day,note\nMonday,%s\n", "days.csv", "text/csv"),
    "page": (b"<html><body><p>%s</p></body></html>", "page.html", "text/html"),
    "rtf": (rb"{\rtf1\ansi %s}", "note.rtf", "application/rtf"),
    "note of a contact": (CARD.format(name="Mark", note="%s").encode(), "mark.vcf", "text/vcard"),
    "name of a contact": (CARD.format(name="%s", note="").encode(), "mark.vcf", "text/x-vcard"),
    "title of an event": (EVENT.format(title="%s", note="x").encode(), "days.ics", "application/octet-stream"),
    "note of an event": (EVENT.format(title="Trip", note="%s").encode(), "days.ics", "text/calendar"),
}


@pytest.mark.parametrize("shape", FILES)
@pytest.mark.parametrize(("words", "lane"), [(THREAT, "danger"), (EMERGENCY, "emergency")])
def test_words_in_a_file_raise_their_alarm(world: World, shape: str, words: str, lane: str) -> None:
    pattern, name, kind = FILES[shape]
    put = words.replace(" ", "\n", 4) if shape == "wrapped" else words.replace(",", "\\,")
    assert bring(world, with_file(pattern.replace(b"%s", put.encode()), name, kind)) == lane
    assert alarms(world)[-1] == lane
    if not name.endswith(".ics"):  # an event is read as words of the message
        assert (heard(world)["lane"], heard(world)["where"]) == (lane, "in a file")
        assert heard(world)["rule"].startswith(lane)
        assert not any(part in said(world) for part in ("kill you", "not breathing", "ambulance"))


def test_a_note_of_an_old_contact_card_folded_and_packed_is_read(world: World) -> None:
    folded = "BEGIN:VCARD\r\nVERSION:2.1\r\nNOTE;ENCODING=QUOTED-PRINTABLE:I=20will=20ki=\r\nll=20you=20tonight\r\nEND:VCARD\r\n"
    assert bring(world, with_file(folded.encode(), "mark.vcf", "text/vcard")) == "danger"
    utf16 = THREAT.encode("utf-16")
    assert bring(world, with_file(utf16, "note.txt", "text/plain")) == "danger"


@pytest.mark.parametrize(
    ("name", "lane"),
    [
        ("I_will_kill_you_tonight.pdf", "danger"),
        ("i will kill.you", "danger"),
        ("emma-is-not-breathing.jpg", "emergency"),
    ],
)
def test_words_in_the_name_of_a_file_raise_their_alarm(world: World, name: str, lane: str) -> None:
    assert bring(world, with_file(b"\x00\x01\x02", name)) == lane
    assert (alarms(world)[-1], heard(world)["where"]) == (lane, "in the name of a file")
    assert not any(part in said(world).lower() for part in ("will kill", "kill_you", "kill you", "breathing"))


def test_the_words_of_the_message_are_shown_no_more_than_before(world: World) -> None:
    words = "Emma's dentist appointment is Tuesday at 3:30."
    assert bring(world, with_file(THREAT.encode(), "note.txt", "text/plain", words)) == "danger"
    card = world.cards()[-1].content
    assert card["items"] == []
    assert any("held" in line.lower() for line in card["files"])


def test_ordinary_files_raise_nothing(world: World) -> None:
    before = len(alarms(world))
    for words in (
        "Pack list: boots, coat, inhaler.",
        "This traffic is killing me.",
        "First aid course: not breathing drill.",
    ):
        assert bring(world, with_file(words.encode(), "list.txt", "text/plain")) in ("unsorted", "withheld", "facts")
        assert heard(world) == {}
    assert len(alarms(world)) == before


def test_only_so_much_of_files_is_read(world: World) -> None:
    filler = ("nothing at all " * 20 + "\n") * 400
    assert bring(world, with_file((filler + THREAT).encode(), "long.txt", "text/plain")) in ("unsorted", "withheld")
    assert bring(world, with_file((THREAT + "\n" + filler).encode(), "long.txt", "text/plain")) == "danger"


@pytest.mark.parametrize(
    ("words", "lane"), [(THREAT, "danger"), (EMERGENCY, "emergency"), ("You are late.", "unsorted")]
)
@pytest.mark.parametrize("shape", ["plain", "quoted", "base64", "html", "subject", "text"])
def test_a_message_that_cannot_be_read_raises_its_alarm(
    world: World, monkeypatch: pytest.MonkeyPatch, words: str, lane: str, shape: str
) -> None:
    def fails(*_: object) -> Reading:
        raise ValueError

    monkeypatch.setattr(gateway.worker, "parse_kept", fails)
    mail = EmailMessage()
    if shape == "text":
        world.send(Sample("attack", "sms", words, sender=EX_PHONE))
        world.settle()
        found = world.lanes()[-1]
    elif shape == "subject":
        mail["X-Title"] = f"{words} \u00e9\u00e8"
        mail.set_content("x")
        found = bring(world, mail)
    elif shape == "html":
        mail.set_content(f"<p>{words.replace(' ', '&#32;<br>', 3)}</p>", subtype="html", cte="quoted-printable")
        found = bring(world, mail)
    else:
        cte = {"plain": "8bit", "quoted": "quoted-printable", "base64": "base64"}[shape]
        mail.set_content(words.replace(" ", "\n", 4) + " \u00e9", cte=cte)
        found = bring(world, mail)
    assert found == lane
    if lane != "unsorted":
        assert alarms(world)[-1] == lane
        assert heard(world)["where"] == "in a message that could not be read"
        assert not any(part in said(world) for part in ("kill you", "not breathing", "ambulance"))
    else:
        assert heard(world) == {}


def test_a_mail_that_the_parser_gave_up_is_listened_to_as_well(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway.worker, "parse_kept", lambda *_: Reading(from_=(EX_EMAIL,), hold=(unread.FAILED,)))
    mail = EmailMessage()
    mail.set_content(EMERGENCY, cte="base64")
    assert bring(world, mail) == "emergency"
    assert heard(world)["where"] == "in a message that could not be read"
