"""What a child writes goes to the parent whole and is kept nowhere afterwards; who only claims to be the child is not believed."""

from __future__ import annotations

import base64
import hashlib
import smtplib
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select

from gateway.demo.carriers import Carrier, Mailbox
from gateway.demo.run import text_form
from gateway.demo.sample import EX_EMAIL, PARENT_EMAIL, PARENT_PHONE, Sample
from gateway.ledger import verify
from gateway.ledger.whole import handed_over
from gateway.provenance import FROM_A_CHILD, HANDED_OVER
from gateway.store import Blobs
from gateway.store.tables import DecisionRow, DeliveryRow, HandoverRow, MediaRow, MessageRow
from gateway.voices.handover import without_a_way
from tests.e2e.world import World, wait_until
from tests.intake.test_grouping import Hands
from tests.intake.test_voice import post
from tests.parsing.test_authentication import signed
from tests.voices.proved import AUNT_EMAIL, CHILD_EMAIL, CHILD_PHONE, bring, hand_in, kinds, mail, open_proved, to

SECRET = "quagga zeppelin"
WORDS = f"I hate it here, you are all stupid. Please get me early, {SECRET}. I will kill him if he is mean again."
PICTURE = b"\xff\xd8\xff\xe0 an invented picture"


def over(world: World) -> bool:
    with world.store.read() as session:
        states = session.scalars(select(HandoverRow.state)).all()
        return bool(states) and "waiting" not in states


def finish(world: World) -> None:
    wait_until(lambda: over(world), 30)


def everything_on_disk(world: World) -> bytes:
    """Every byte of the data folder: database, its journal, blobs."""
    return b"".join(file.read_bytes() for file in world.settings.data.rglob("*") if file.is_file())


def to_parent(world: World) -> list[EmailMessage]:
    return [message_from_bytes(raw, policy=policy.default) for _, raw in to(world, PARENT_EMAIL)]


def test_a_proved_mail_is_handed_over_whole_and_not_kept(tmp_path: Path) -> None:
    with open_proved(tmp_path) as world:
        came = mail(WORDS, CHILD_EMAIL, "mum", html=f"<p>{WORDS}</p>")
        came.add_attachment(PICTURE, "image", "jpeg", filename="drawing.jpg")
        assert bring(world, came) == "child"
        finish(world)
        (letter,) = to_parent(world)
        assert letter["Subject"] == "mum"
        assert letter["From"].addresses[0].display_name == "Emma"
        assert WORDS in letter.get_body(("plain",)).get_content().replace("\n", " ")
        (original,) = list(letter.iter_attachments())
        inner = message_from_bytes(original.get_content(), policy=policy.default)
        assert PICTURE in [part.get_content() for part in inner.iter_attachments()]
        assert world.cards() == []
        assert not [sms for sms in world.carrier.sent if sms["To"] != PARENT_PHONE]
        disk = everything_on_disk(world)
        for trace in (SECRET.encode(), PICTURE, base64.b64encode(PICTURE)):
            assert trace not in disk
        log = {e.kind: e.body for e in world.log()}
        assert log[FROM_A_CHILD] == {"message": 1, "received_entry": log[HANDED_OVER]["received_entry"]}
        assert log[HANDED_OVER]["bytes"] == "removed"
        assert "decided" not in log
        assert not [e for e in world.log() if CHILD_EMAIL in str(e.body) or "Emma" in str(e.body)]
        with world.store.read() as session:
            verify(iter(world.log()))
            assert len(handed_over(session)) == 1
            made = session.scalars(select(DecisionRow)).one()
            assert (made.new_text, made.detail) == ("", {"kind": FROM_A_CHILD})


def test_the_first_one_warns_and_the_others_do_not(tmp_path: Path) -> None:
    with open_proved(tmp_path) as world:
        for words in ("hi mum", "see you soon"):
            bring(world, mail(words, CHILD_EMAIL, words))
            finish(world)
        first, second = (str(letter.get_body(("plain",)).get_content()) for letter in to_parent(world))
        assert "can write as Emma" in first
        assert "can write as Emma" not in second
        assert "An answer to this mail does not reach Emma" in second


@pytest.mark.parametrize("by", ["", "example.net", "aunt.example.org"])
def test_who_only_claims_to_be_the_child_goes_the_ordinary_way(tmp_path: Path, by: str) -> None:
    with open_proved(tmp_path) as world:
        assert bring(world, mail(f"You are pathetic, {SECRET}.", CHILD_EMAIL), by=by) == "unsorted"
        card = world.cards()[-1].content
        assert SECRET not in str(card)
        assert any("in the name of Emma, your child" in note for note in card["notes"])
        assert "decided" in kinds(world)
        assert FROM_A_CHILD not in kinds(world)
        assert bring(world, mail("I will kill you tonight.", CHILD_EMAIL, "x"), by=by) == "danger"
        assert any("in the name of Emma" in note for note in world.cards()[-1].content["notes"])


def test_a_second_name_in_from_is_not_the_child(tmp_path: Path) -> None:
    with open_proved(tmp_path) as world:
        for other in (EX_EMAIL, AUNT_EMAIL):
            both = mail(f"You are pathetic, {SECRET}.", CHILD_EMAIL, other, From=f"Emma <{CHILD_EMAIL}>, <{other}>")
            assert bring(world, both, by="example.com") != "child"


def test_where_senders_are_not_checked_nobody_is_the_child(tmp_path: Path) -> None:
    from gateway.settings import Senders
    from tests.e2e.world import open_world
    from tests.voices.proved import household

    with open_world(tmp_path, senders=Senders(check=False), families=(household(),)) as world:
        assert bring(world, mail("hi mum", CHILD_EMAIL)) == "unsorted"
        assert "senders are not checked here" in str(world.cards()[-1].content)


def test_a_text_of_the_child_comes_by_text_and_mail(tmp_path: Path) -> None:
    with open_proved(tmp_path) as world:
        world.send(Sample("", "sms", WORDS, sender=CHILD_PHONE))
        world.settle()
        finish(world)
        (sms,) = [t for t in world.carrier.sent if t["To"] == PARENT_PHONE]
        assert sms["Body"] == f"Emma: {WORDS}"
        (letter,) = to_parent(world)
        assert WORDS in letter.get_body(("plain",)).get_content().replace("\n", " ")
        assert SECRET.encode() not in everything_on_disk(world)
        assert CHILD_PHONE not in str([e.body for e in world.log()])


def test_a_picture_of_the_childs_comes_along_and_goes(tmp_path: Path) -> None:
    with open_proved(tmp_path) as world:
        world.carrier.media["drawing"] = PICTURE
        form = text_form(Sample("", "sms", "look what i made", sender=CHILD_PHONE), 1) | {
            "NumMedia": "2",
            "MediaUrl0": f"{world.carrier.base}/media/drawing",
            "MediaContentType0": "image/jpeg",
            "MediaUrl1": f"{world.carrier.base}/media/gone",
            "MediaContentType1": "image/jpeg",
        }
        assert post(world, "/sms/incoming", form).status_code == 200
        finish(world)
        (letter,) = to_parent(world)
        assert [part.get_content() for part in letter.iter_attachments()] == [PICTURE]
        assert "1 of its files could not be had" in letter.get_body(("plain",)).get_content()
        assert PICTURE not in everything_on_disk(world)
        assert world.cards() == []


def test_an_answer_to_the_childs_mail_goes_to_nobody(tmp_path: Path) -> None:
    with open_proved(tmp_path, replies="on") as world:
        bring(world, mail("hi mum", CHILD_EMAIL))
        finish(world)
        asked = str(to_parent(world)[-1]["Message-ID"])
        bring(
            world,
            mail("I love you, see you on Friday.", PARENT_EMAIL, "Re: Friday", In_Reply_To=asked, References=asked),
        )
        assert to(world, EX_EMAIL) == []
        assert to(world, CHILD_EMAIL) == []
        assert "You answered a message of your child's" in str(to_parent(world)[-1])


def test_the_same_bytes_again_are_not_handed_over_twice(tmp_path: Path) -> None:
    with open_proved(tmp_path) as world:
        raw = signed(mail(WORDS, CHILD_EMAIL).as_bytes(policy=policy.SMTP), b"example.com")
        for _ in range(2):
            hand_in(world, raw, CHILD_EMAIL)
            world.settle()
        finish(world)
        assert len(to_parent(world)) == 1
        assert SECRET.encode() not in everything_on_disk(world)
        assert kinds(world).count(HANDED_OVER) == 2


def test_a_copy_of_one_that_was_held_is_handed_over(tmp_path: Path) -> None:
    """The DNS was silent at first, so that the mail went the ordinary way; its repetition must not be taken for known."""
    from gateway.settings import Senders
    from tests.e2e.test_senders import Names
    from tests.e2e.world import open_world
    from tests.parsing.test_authentication import key
    from tests.voices.proved import household

    names = Names()
    names.records["s1._domainkey.example.com."] = key()[1]
    raw = signed(mail("hi mum", CHILD_EMAIL).as_bytes(policy=policy.SMTP), b"example.com")
    with open_world(tmp_path, senders=Senders(nameservers=(names.address,)), families=(household(),)) as world:
        for silent, lane in ((True, "unsorted"), (False, "child")):
            names.silent = silent
            hand_in(world, raw, CHILD_EMAIL)
            world.settle(60)
            assert world.lanes()[-1] == lane
        finish(world)
        assert "hi mum" in str(to_parent(world)[-1].get_body(("plain",)).get_content())
        assert {e.body["bytes"] for e in world.log() if e.kind == HANDED_OVER} == {"shared"}
    names.close()


def test_bytes_that_another_family_needs_stay(tmp_path: Path) -> None:
    """The same mail to two families, to only one of which the sender is a child."""
    from gateway.family import Family
    from gateway.settings import Senders
    from tests.e2e.test_senders import Names
    from tests.e2e.world import open_world
    from tests.parsing.test_authentication import key
    from tests.voices.proved import household

    names = Names()
    names.records["s1._domainkey.example.com."] = key()[1]
    other = Family.model_validate(
        {
            "key": "osei", "time_zone": "Europe/London", "relay_email": "osei@relay.example.org",
            "parent": {"name": "Ama", "emails": ["ama@example.org"]}, "coparent": {"name": "Kofi", "emails": [CHILD_EMAIL]},
            "child": [{"name": "Yaa"}],
        }
    )  # fmt: skip
    with open_world(tmp_path, senders=Senders(nameservers=(names.address,)), families=(household(), other)) as world:
        raw = signed(mail(WORDS, CHILD_EMAIL).as_bytes(policy=policy.SMTP), b"example.com")
        host, _, port = world.settings.server.smtp_listen.rpartition(":")
        with smtplib.SMTP(host, int(port), timeout=30) as client:
            client.sendmail(CHILD_EMAIL, ["rivera@relay.example.org", "osei@relay.example.org"], raw)
        world.settle()
        finish(world)
        assert Blobs(world.settings.data / "blobs", world.store).get("rivera", hashlib.sha256(raw).hexdigest()) == raw
        assert {e.body["bytes"] for e in world.log() if e.kind == HANDED_OVER} == {"shared"}
    names.close()


def test_what_cannot_be_handed_over_is_kept_and_tried_again(tmp_path: Path) -> None:
    hands = Hands()
    with open_proved(tmp_path, hands, cards_by=["email"]) as world:
        world.mailbox.answers = ["550 no such user"]
        bring(world, mail(WORDS, CHILD_EMAIL))
        wait_until(lambda: "delivery failed" in kinds(world), 20)
        for _ in range(3):
            hands.on(3600)
        assert not over(world)
        assert SECRET.encode() in everything_on_disk(world)
        wait_until(lambda: next_day(world), 30)
        hands.on(26 * 3600)

        def later() -> bool:
            hands.on(60)
            return over(world)

        wait_until(later, 30)
        assert WORDS in str(to_parent(world)[-1].get_body(("plain",)).get_content()).replace("\n", " ")
        assert SECRET.encode() not in everything_on_disk(world)


def next_day(world: World) -> bool:
    """Whether the next try is in the outbox."""
    with world.store.read() as session:
        return len(session.scalars(select(DeliveryRow).where(DeliveryRow.kind == "child")).all()) == 2


def test_no_mode_stands_between_parent_and_child(tmp_path: Path) -> None:
    for number, mode in enumerate(({"contact": "no-contact"}, {"contact": "archive-only", "archive": "keep"})):
        with open_proved(tmp_path / str(number), **mode) as world:
            assert bring(world, mail(WORDS, CHILD_EMAIL)) == "child"
            finish(world)
            assert SECRET in str(to_parent(world)[-1].get_body(("plain",)).get_content()).replace("\n", " ")


def test_a_mail_host_that_is_away_delays_and_loses_nothing(tmp_path: Path) -> None:
    outside = Mailbox(), Carrier()
    with open_proved(tmp_path, outside=outside) as world:
        world.mailbox.answers = ["451 later"] * 2
        bring(world, mail(WORDS, CHILD_EMAIL), settle=False)
        wait_until(lambda: kinds(world).count("delivery delayed") >= 1, 30)
        assert SECRET.encode() in everything_on_disk(world)
        with world.store.read() as session:
            assert session.scalars(select(MessageRow.state)).all() == ["done"]
            assert session.scalars(select(MediaRow.id)).all() == []


def test_an_address_that_is_taken_out_keeps_nothing_back(tmp_path: Path) -> None:
    """It was the child's when the message came; whoever changed the settings did not mean to keep it from the parent."""
    outside = Mailbox(), Carrier()
    outside[0].answers = ["451 4.3.0 later"]
    hands = Hands()
    with open_proved(tmp_path, hands, outside) as world:
        bring(world, mail(WORDS, CHILD_EMAIL), settle=False)
        wait_until(lambda: "delivery delayed" in kinds(world), 20)
    hands.on(3600)
    again = Mailbox(), Carrier()
    with open_proved(tmp_path, hands, again, child=[{"name": "Emma"}, {"name": "Noah"}]) as world:
        wait_until(lambda: bool(to_parent(world)), 20)
        (handed,) = to_parent(world)
        assert "From Emma, by email." in str(handed.get_body(("plain",)).get_content())


def test_the_doctor_names_families_whose_childrens_messages_have_no_way(tmp_path: Path) -> None:
    outside = Mailbox(), Carrier()
    outside[0].answers = ["451 4.3.0 later"] * 100
    with open_proved(tmp_path, outside=outside) as world:
        bring(world, mail(WORDS, CHILD_EMAIL), settle=False)
        wait_until(lambda: "delivery delayed" in kinds(world), 20)
        with world.store.read() as session:
            assert without_a_way(session, world.settings.families) == set()
            assert without_a_way(session, ()) == {"rivera"}
