"""STOP and its kin over real sockets: kept as content, kept as state, told to the parent, and nothing is sent in vain."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from gateway.demo.sample import EX_PHONE, PARENT_EMAIL, PARENT_PHONE, RELAY_PHONE, SAMPLES, Sample
from gateway.doctor.texts import opt_outs
from gateway.store.tables import DecisionRow, DeliveryRow, OptOutRow
from tests.e2e.world import World, open_world, wait_until


@pytest.fixture
def world(tmp_path) -> Iterator[World]:
    with open_world(tmp_path) as opened:
        yield opened


def text(world: World, words: str, sender: str = EX_PHONE) -> None:
    assert world.send(Sample("", "sms", words, sender=sender)) == "HTTP 200"
    world.settle()


def states(world: World) -> dict[str, str]:
    with world.store.read() as session:
        rows = session.scalars(select(OptOutRow)).all()
        assert {row.relay for row in rows} <= {RELAY_PHONE}
        return {row.number: row.state for row in rows}


def words_to_parent(world: World) -> list[str]:
    return [mail.get_body(("plain",)).get_content() for mail in world.mails()]


def log(world: World, kind: str) -> list[dict]:
    return [dict(e.body) for e in world.log() if e.kind == kind]


def test_a_lone_stop_is_kept_and_the_parent_is_told_once(world: World) -> None:
    text(world, "Stop")
    text(world, "STOP")
    assert states(world) == {EX_PHONE: "out"}
    assert world.lanes() == ["withheld", "withheld"]
    with world.store.read() as session:
        assert list(session.scalars(select(DecisionRow.new_text))) == ["Stop", "STOP"]
    (note,) = words_to_parent(world)
    assert "Mark's phone sent the word STOP." in note.replace("\n", " ")
    assert "will not deliver" in note.replace("\n", " ")
    assert [b["word"] for b in log(world, "opted out")] == ["STOP", "STOP"]
    assert EX_PHONE not in str(world.log())
    finding = opt_outs(world.settings)
    assert finding.good is None
    assert "rivera: the phone of Mark takes no texts" in finding.said


def test_start_ends_it(world: World) -> None:
    text(world, "unsubscribe")
    text(world, "yes")
    assert states(world) == {EX_PHONE: "in"}
    assert [b["word"] for b in log(world, "opted in")] == ["YES"]
    assert "are delivered again" in words_to_parent(world)[1].replace("\n", " ")
    assert opt_outs(world.settings).good is True


def test_a_yes_of_a_number_that_never_left_is_an_answer(world: World) -> None:
    text(world, "yes")
    assert states(world) == {}
    assert log(world, "opted in") == []


def test_a_lone_cancel_is_both_a_command_and_perhaps_an_answer(world: World) -> None:
    text(world, "Cancel")
    assert states(world) == {EX_PHONE: "out"}
    (card,) = world.cards()
    assert card.lane == "unsorted"
    assert any("sent the word CANCEL" in note for note in card.content["notes"])
    assert len(card.content["notes"]) >= 2


def test_cancel_in_an_answer_is_an_answer(world: World) -> None:
    text(world, "cancel, I can't do Friday")
    assert states(world) == {}
    assert " ".join(i["text"] for c in world.cards() for i in c.content["items"]) == "cancel, I can't do Friday"
    assert log(world, "opted out") == []


def test_help_is_logged_and_changes_nothing(world: World) -> None:
    text(world, "INFO")
    assert states(world) == {}
    assert [b["word"] for b in log(world, "help asked")] == ["INFO"]


def test_a_strangers_stop_is_state_but_no_news(world: World) -> None:
    text(world, "STOP", sender="+15005550077")
    assert states(world) == {"+15005550077": "out"}
    assert "an unknown number" in opt_outs(world.settings).said
    assert not any("sent the word" in words for words in words_to_parent(world))


def test_nothing_is_sent_to_a_parents_phone_that_left_and_mail_takes_its_place(world: World) -> None:
    text(world, "stop", sender=PARENT_PHONE)
    assert states(world) == {PARENT_PHONE: "out"}
    assert [t for t in world.carrier.sent if t["To"] == PARENT_PHONE] == []
    assert "you send START to the relay number" in words_to_parent(world)[0].replace("\n", " ")
    world.send(SAMPLES[0])
    world.settle()
    assert [t for t in world.carrier.sent if t["To"] == PARENT_PHONE] == []
    assert "Pickup is at 6 pm on Friday at the library." in words_to_parent(world)[1]
    assert len(words_to_parent(world)) == 2
    with world.store.read() as session:
        failed = session.scalars(select(DeliveryRow).where(DeliveryRow.channel == "sms")).all()
    assert {row.state for row in failed} == {"failed"}
    assert {row.last_error for row in failed} == {
        "that number has opted out of texts of the relay number; they go again once START is sent from it"
    }
    finding = opt_outs(world.settings)
    assert (finding.good, "send START from it" in finding.said) == (False, True)


def test_the_carriers_own_refusal_is_believed(world: World) -> None:
    """The word came while nothing listened: the first refusal says so, and no second text is tried."""
    world.carrier.refused.add(PARENT_PHONE)
    world.send(SAMPLES[0])
    wait_until(lambda: states(world) == {PARENT_PHONE: "out"}, 20)
    world.settle()
    assert [set(b) for b in log(world, "opted out")] == [{"delivery"}]
    world.carrier.refused.clear()
    world.send(SAMPLES[1])
    world.settle()
    assert [t for t in world.carrier.sent if t["To"] == PARENT_PHONE] == []
    assert {to for _, tos, _ in world.mailbox.received for to in tos} == {PARENT_EMAIL}


def test_an_alarm_for_a_phone_that_left_goes_by_mail(tmp_path, make_family) -> None:
    with open_world(tmp_path, families=(make_family(cards_by=["email"]),)) as world:
        text(world, "stop", sender=PARENT_PHONE)
        before = len(world.mails())
        text(world, "I know where you park now. Keep this up and I will kill you.")
        world.settle()
        subjects = [m["Subject"] for m in world.mails()[before:]]
        assert sorted(subjects) == ["Please read now"]
        assert world.carrier.sent == []
