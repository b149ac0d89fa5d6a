"""Over real sockets: what came during the day goes out as one mail and one text at the chosen hour."""

from datetime import UTC, datetime
from pathlib import Path

import httpx

from gateway.demo.sample import EX_PHONE, PARENT_PHONE, Sample, family
from gateway.family import Family
from gateway.ledger import entries
from gateway.record.gather import _Log
from tests.e2e.world import open_world, wait_until

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
            sent = _Log(session, "rivera").sent
            assert [[s.kind for s in sent[number]] for number in (1, 2)] == [["digest", "digest"]] * 2
