"""A child's mail that a mail host took and gives back: the words are not lost, nor kept any longer than they must be."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

from sqlalchemy import func, select

from gateway.delivery.returned import CHILD_AGAIN, CHILD_GONE
from gateway.demo.sample import PARENT_EMAIL, PARENT_PHONE
from gateway.store.tables import HandoverRow
from gateway.voices.handover import open_handovers
from tests.e2e.world import World, wait_until
from tests.intake.test_grouping import Hands
from tests.voices.proved import CHILD_EMAIL, bring, hand_in, kinds, mail, open_proved, to
from tests.voices.test_children import SECRET, WORDS, everything_on_disk, finish, over

KEPT = timedelta(days=6)


def report(raw: bytes, action: str = "failed", words: str = "The mailbox is full.") -> bytes:
    """A delivery report (RFC 3464) that returns all of the mail."""
    head = (
        "From: Mail Delivery System <MAILER-DAEMON@mx.example.org>\nTo: rivera@relay.example.org\nSubject: Undelivered Mail\n"
        "Message-ID: <1@mx.example.org>\nDate: Thu, 26 Nov 2026 12:00:00 -0600\nMIME-Version: 1.0\nAuto-Submitted: auto-replied\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        f"--b\nContent-Type: text/plain\n\n{words}\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n\n"
        f"Final-Recipient: rfc822; {PARENT_EMAIL}\nAction: {action}\nStatus: 5.2.2\n\n--b\nContent-Type: message/rfc822\n\n"
    )
    return head.replace("\n", "\r\n").encode() + raw + b"\r\n--b--\r\n"


def texts(world: World) -> list[str]:
    return [t["Body"] for t in world.carrier.sent if t["To"] == PARENT_PHONE]


def at_rest(world: World) -> bool:
    with world.store.read() as session:
        looked = session.scalar(select(func.max(HandoverRow.looks)))
        return bool(looked) and world.open_work() == 0


def test_a_childs_mail_that_comes_back_is_handed_over_again(tmp_path: Path) -> None:
    hands = Hands()
    with open_proved(tmp_path, hands, child_kept_days=6) as world:
        bring(world, mail(WORDS, CHILD_EMAIL, "mum"))
        wait_until(lambda: at_rest(world), 20)
        ((_, first),) = to(world, PARENT_EMAIL)
        with world.store.read() as session:
            assert open_handovers(session, hands() + timedelta(hours=2)) == 0  # it was taken: nothing for the doctor
        hands.on(2 * 86400)
        for count in (2, 3):  # the report comes twice
            hand_in(world, report(first), "")
            wait_until(lambda count=count: len(world.lanes()) == count, 20)
        wait_until(lambda: CHILD_AGAIN in texts(world), 20)
        assert texts(world).count(CHILD_AGAIN) == 1
        assert kinds(world).count("delivery failed") == 1
        assert world.cards() == []
        with world.store.read() as session:
            assert open_handovers(session, hands()) == 1

        def again() -> bool:
            hands.on(3600)
            return len(to(world, PARENT_EMAIL)) == 2

        wait_until(again, 40)
        letter = message_from_bytes(to(world, PARENT_EMAIL)[-1][1], policy=policy.default)
        assert WORDS in letter.get_body(("plain",)).get_content().replace("\n", " ")
        world.settle()
        assert SECRET.encode() in everything_on_disk(world)
        assert not over(world)
        hands.on(KEPT.total_seconds() + 3600)
        finish(world)
        assert SECRET.encode() not in everything_on_disk(world)  # neither the mail nor the reports that returned it


def test_it_stays_as_long_as_a_host_may_give_it_back_and_no_longer(tmp_path: Path) -> None:
    hands = Hands()
    with open_proved(tmp_path, hands, child_kept_days=6) as world:
        bring(world, mail(WORDS, CHILD_EMAIL))
        wait_until(lambda: at_rest(world), 20)
        hands.on(KEPT.total_seconds() - 3600)
        bring(world, mail("Pickup is at 6 pm on Friday at the library."))  # the worker goes round
        assert SECRET.encode() in everything_on_disk(world)
        hands.on(2 * 3600)
        finish(world)
        assert SECRET.encode() not in everything_on_disk(world)
        hand_in(world, report(to(world, PARENT_EMAIL)[0][1]), "")
        world.settle()
        finish(world)
        assert texts(world)[-1] == CHILD_GONE
        assert SECRET.encode() not in everything_on_disk(world)


def test_a_report_that_it_is_only_late_changes_nothing(tmp_path: Path) -> None:
    with open_proved(tmp_path) as world:
        bring(world, mail(WORDS, CHILD_EMAIL))
        finish(world)
        hand_in(world, report(to(world, PARENT_EMAIL)[0][1], "delayed"), "")
        world.settle()
        finish(world)
        assert "delivery failed" not in kinds(world)
        assert texts(world) == []
        assert SECRET.encode() not in everything_on_disk(world)
