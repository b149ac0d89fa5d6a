"""What an abusive other parent tries against answers, receipts and alarms, over real sockets."""

from __future__ import annotations

from email import message_from_bytes, policy
from pathlib import Path
from smtplib import SMTP

import httpx
import pytest

from gateway.demo.sample import EX_EMAIL, EX_PHONE, PARENT_EMAIL, RELAY_EMAIL, SAFETY_EMAIL, Sample, family
from gateway.family import Family
from tests.e2e.test_alarms import EMERGENCY, Play, play
from tests.e2e.test_replies import answer
from tests.e2e.world import World, open_world

__all__ = ["play"]
CONFESSION = "=?utf-8?q?a=0d=0aReply-To:_mark@example.net=0d=0a=0d=0aI_take_it_all_back.?="
"""A line that says, to whoever decodes it once too often: here the headers end, and these are the words."""
TWICE = "=?utf-8?b?" + "PT91dGYtOD9xP2E9MGQ9MGFSZXBseS1UbzpfeEB5PTBkPTBhPTBkPTBhSV90YWtlX2l0X2FsbF9iYWNrLj89" + "?="
"""The same as a subject: decoded, it is an encoded word again."""
LONG = "<" + "a1b2c3d4" * 12 + "@am0pr04mb1234.eurprd04.prod.outlook.com>"


def home(tmp_path: Path, **changes: object) -> Family:
    return Family.model_validate(family() | {"replies": "on"} | changes)


def raw_mail(
    world: World, headers: bytes, words: bytes = b"Is pickup at 6 on Friday fine with you?\r\n", sender: str = EX_EMAIL
) -> None:
    """A mail of the other parent's, byte for byte."""
    host, _, port = world.settings.server.smtp_listen.rpartition(":")
    with SMTP(host, int(port), timeout=30) as client:
        client.sendmail(
            sender, [RELAY_EMAIL], f"From: {sender}\r\nTo: {RELAY_EMAIL}\r\n".encode() + headers + b"\r\n" + words
        )
    world.settle()


@pytest.mark.parametrize(
    ("subject", "number"),
    [
        (TWICE, "<1@example.net>"),
        ("Friday", f"<{CONFESSION}@example.net>"),
        ("Friday", "<a\u2028b@example.net>"),
        ("Friday", "<\u00fc\u202e@example.net>"),
        ("=?utf-8?q?Friday=E2=80=A8Bcc:_mark@example.net?=", "<" + "x" * 3000 + "@example.net>"),
        ("Friday", LONG),
    ],
)  # fmt: skip
def test_an_answer_holds_what_the_parent_wrote_whatever_their_headers_say(
    tmp_path: Path, subject: str, number: str
) -> None:
    with open_world(tmp_path, families=(home(tmp_path),)) as world:
        raw_mail(world, f"Subject: {subject}\r\nMessage-ID: {number}\r\n".encode())
        answer(world, world.mails()[-1], "Six is fine.\n")
        (sent,) = [raw for _, tos, raw in world.mailbox.received if EX_EMAIL in tos]
    read = message_from_bytes(sent, policy=policy.default)
    wanted = {
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "MIME-Version",
        "Content-Type",
        "Content-Transfer-Encoding",
    }
    assert set(read) - {"In-Reply-To", "References", "DKIM-Signature"} == wanted
    assert read.get_content().split("\r\n") == ["Six is fine.", ""]
    if number == LONG:  # no longer than those of a large provider: the answer stays in its thread
        assert f"In-Reply-To: {LONG}\r\n".encode() in sent


def test_a_flood_of_threats_buries_no_emergency_and_leaves_no_alarm_out(play: Play) -> None:
    with play() as stage:
        for number in range(14):
            stage.bring(Sample("flood", "sms", f"I will kill you{'!' * number}", sender=EX_PHONE))
        assert (len(stage.texts()), len(stage.notes(PARENT_EMAIL)), len(stage.notes(SAFETY_EMAIL))) == (10, 10, 10)
        words = Sample("flood", "email", "Emma's dentist is Tuesday at 3:30. I will kill you.\n", "x")
        stage.bring(words)  # what it says of the children does not wait, on any way
        assert (len(stage.texts()), len(stage.notes(PARENT_EMAIL)), len(stage.notes(SAFETY_EMAIL))) == (11, 11, 10)
        assert "dentist" in stage.notes(PARENT_EMAIL)[-1]
        stage.bring(EMERGENCY)
        assert "ambulance" in stage.texts()[-1]
        assert stage.open() == 16
        httpx.post(stage.page(stage.texts()[0]))
        assert stage.open() == 15  # an answer to the first says nothing of the others
        stage.after(minutes=11)
        assert stage.kinds("alarm repeated") == ["alarm repeated"] * 15
        assert (len(stage.texts()), len(stage.notes(SAFETY_EMAIL))) == (13, 11)
        httpx.post(stage.page(stage.notes(PARENT_EMAIL)[-1]))
        stage.after(hours=1)
        stage.bring(Sample("later", "sms", "I will kill you tonight.", sender=EX_PHONE))
        assert stage.texts()[-1].startswith("Please read now")
        assert len(stage.notes(SAFETY_EMAIL)) > 11
