"""Over real sockets: what came during the day goes out as one mail and one text at the chosen hour."""

from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from smtplib import SMTP

import httpx
import pytest
from sqlalchemy import select

from gateway.demo.sample import EX_EMAIL, EX_PHONE, PARENT_EMAIL, PARENT_PHONE, RELAY_EMAIL, Sample, family
from gateway.family import Family
from gateway.ledger import entries
from gateway.record.told import Told
from gateway.store.tables import QuestionRow, ReplyRow
from tests.e2e.world import World, open_world, wait_until

NOON = datetime(2026, 11, 26, 18, 0, tzinfo=UTC)
SIX = datetime(2026, 11, 27, 0, 0, tzinfo=UTC)
PLAIN = (
    Sample("dentist", "email", "Emma's dentist appointment is on 8 December at 3:30.\n", "Dentist"),
    Sample("soccer", "sms", "Noah has soccer at 10 on 12 December", sender=EX_PHONE),
    Sample("insult", "sms", "you are pathetic", sender=EX_PHONE),
)
NOW = Sample("ambulance", "sms", "Noah fell, we are in an ambulance to St Luke's hospital right now", sender=EX_PHONE)


def test_a_day_makes_one_message_for_each_channel(tmp_path: Path) -> None:
    now = [NOON]
    home = Family.model_validate(family() | {"deliver": ["08:00", "18:00"]})
    with open_world(tmp_path, clock=lambda: now[0], families=(home,)) as world:
        for sample in (*PLAIN, NOW):
            world.send(sample)
        wait_until(lambda: len(world.mails()) == 1 and len(world.carrier.sent) == 1, 30)
        assert world.mails()[0]["Subject"] == "Please read now"
        wait_until(lambda: len(world.lanes()) == 4, 30)
        now[0] = SIX
        world.settle()
        (digest,) = world.mails()[1:]
        assert digest["Subject"] == "Update, 2 items"
        text = digest.get_body(("plain",)).get_content()
        assert "Emma's dentist appointment is on 8 December at 3:30." in text
        assert "Noah has soccer at 10 on 12 December" in text
        assert "pathetic" not in text
        assert [part.get_content_type() for part in digest.iter_attachments()] == ["text/calendar"]
        (short,) = [t["Body"] for t in world.carrier.sent if t["To"] == PARENT_PHONE][1:]
        assert short.startswith("Updates: ")
        (link,) = [word for word in text.split() if "/digest/" in word]
        page = httpx.get(link)
        assert "Noah has soccer at 10 on 12 December" in page.text
        assert page.text.count('href="/card/') == 2
        with world.store.read() as session:
            assert [e.body["messages"] for e in entries(session, "rivera") if e.kind == "digest sent"] == [[1, 2]] * 2
            # The record of each message says that its card went out in the digest.
            log = Told()
            for e in entries(session, "rivera"):
                log.take(e.seq, e.kind, e.at, e.hash, e.body)
            sent = log.sent
            assert [[s.kind for s in sent[number]] for number in (1, 2)] == [["digest", "digest"]] * 2


@pytest.mark.parametrize("by", ["text", "mail"])
def test_an_answer_to_a_digest_answers_what_it_asks(tmp_path: Path, by: str) -> None:
    """A digest has a code and a Message-ID of its own. Of its messages the one that asks is answered, and its clock stops."""
    now = [NOON]
    home = Family.model_validate(family() | {"deliver": ["18:00"], "replies": "on"})
    asks = Sample("cleats", "sms", "Can you send Noah's cleats for soccer on 12 December?", sender=EX_PHONE)
    with open_world(tmp_path, clock=lambda: now[0], families=(home,)) as world:
        for sample in (PLAIN[0], asks, PLAIN[1]):
            world.send(sample)
        wait_until(lambda: len(world.lanes()) == 3, 30)
        now[0] = SIX
        world.settle()
        (digest,) = world.mails()
        if by == "text":
            (short,) = [t["Body"] for t in world.carrier.sent if t["To"] == PARENT_PHONE]
            code = short.rsplit("Answer: ", 1)[1]
            world.send(Sample("yes", "sms", f"{code} Yes, they are in his bag.", sender=PARENT_PHONE))
        else:
            headers = {"In-Reply-To": str(digest["Message-ID"]), "References": str(digest["Message-ID"])}
            mail(world, "Yes, they are in his bag.", headers)
        world.settle()
        with world.store.read() as session:
            (reply,) = session.scalars(select(ReplyRow)).all()
            (question,) = session.scalars(select(QuestionRow)).all()
            assert reply.answers_id == question.message_id
            assert question.answer_id is not None
        there = (
            [raw for _, to, raw in world.mailbox.received if EX_EMAIL in to],
            [t for t in world.carrier.sent if t["To"] == EX_PHONE],
        )
        assert sum(map(len, there)) == 1


def mail(world: World, words: str, headers: dict[str, str], subject: str = "Re: Update, 3 items") -> None:
    """An answer of the parent's mail program."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = PARENT_EMAIL, RELAY_EMAIL, subject
    for name, value in headers.items():
        message[name] = value
    message.set_content(words)
    host, _, port = world.settings.server.smtp_listen.rpartition(":")
    with SMTP(host, int(port), timeout=30) as client:
        client.sendmail(PARENT_EMAIL, [RELAY_EMAIL], message.as_bytes())


def test_the_subject_of_a_digest_never_reaches_the_other_side(tmp_path: Path) -> None:
    """Two of its messages ask, so the answer belongs to neither: it has no subject of theirs, and must not have ours."""
    now = [NOON]
    home = Family.model_validate(family() | {"deliver": ["18:00"], "replies": "on", "cards_by": ["email"]})
    asks = [
        Sample("a", "email", f"Can you take Noah to {where} on 12 December?\n", "x") for where in ("soccer", "chess")
    ]
    with open_world(tmp_path, clock=lambda: now[0], families=(home,)) as world:
        for sample in asks:
            world.send(sample)
        wait_until(lambda: len(world.lanes()) == 2, 30)
        now[0] = SIX
        world.settle()
        (digest,) = world.mails()
        mail(world, "Yes to both.", {"In-Reply-To": str(digest["Message-ID"])}, f"Re: {digest['Subject']}")
        wait_until(lambda: len(world.mails()) == 2, 30)
        asked = world.mails()[-1]
        assert "Begin it with the number" in asked.get_body(("plain",)).get_content()
        mail(world, "SEND", {"In-Reply-To": str(asked["Message-ID"])}, f"Re: {asked['Subject']}")
        wait_until(lambda: any(EX_EMAIL in to for _, to, _ in world.mailbox.received), 30)
        (raw,) = [raw.decode() for _, to, raw in world.mailbox.received if EX_EMAIL in to]
        assert "Yes to both." in raw
        assert "Update, " not in raw
        assert "Subject: About the children" in raw
