"""What reaches the parent in each lane and contact mode, and that every change of the mode is told and logged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select

from gateway.contact_changes import CALLED_BACK, CONTACT, ORDER
from gateway.counts import COUNT
from gateway.demo.carriers import Carrier, Mailbox
from gateway.demo.sample import EX_EMAIL, EX_PHONE, LAWYER_EMAIL, PARENT_EMAIL, SAFETY_EMAIL, Sample
from gateway.family.contact import told
from gateway.store.tables import DecisionRow, DeliveryRow
from tests.e2e.world import World, wait_until
from tests.intake.test_grouping import Hands
from tests.voices.proved import AUNT_EMAIL, bring, kinds, mail, open_proved, to

FACT = "Pickup is at 6 pm on Friday at the library."
INSULT = "You are pathetic. Nobody will ever want you."
MIXED = "You always make everything so hard. Emma's dentist appointment is Tuesday at 3:30."
DANGER = "I know where you park now. I will kill you."
EMERGENCY = "Noah fell, we are in an ambulance to the hospital right now."
TWO_BODIES = "<p>See you at the recital. And the whole school knows what you are.</p>"
QUOTED = "ok\n\nOn Mon, 23 Nov 2026 at 18:02, Mark <mark@example.net> wrote:\n> I will kill you tonight.\n"
WAYS = {
    "facts": lambda: mail(FACT),
    "mixed": lambda: mail(MIXED),
    "withheld": lambda: mail(INSULT),
    "unsorted": lambda: mail("See you at the recital.", html=TWO_BODIES),
    "stranger": lambda: mail("Emma's swimming is on Monday at 5.", "mark2@new.example.net"),
    "relative": lambda: mail("Emma's swimming is on Monday at 5.", AUNT_EMAIL),
    "auto-reply": lambda: mail("I am out of the office until Monday.", Auto_Submitted="auto-replied"),
    "danger": lambda: mail(DANGER),
    "quoted danger": lambda: mail(QUOTED, subject="Re: Friday", In_Reply_To="<1@x.example>"),
    "emergency": lambda: mail(EMERGENCY),
    "legal": lambda: mail("The hearing is on 14 December.", LAWYER_EMAIL, "Hearing"),
}
MODES = {
    "modified-contact": {"contact": "modified-contact"},
    "no-contact": {"contact": "no-contact"},
    "whole": {"contact": "archive-only", "archive": "whole"},
    "keep": {"contact": "archive-only", "archive": "keep"},
}
# What the parent gets: "-" nothing, "card" a card without the words, or the words that must be shown. The lane as logged.
TABLE = {
    ("facts", "modified-contact"): ("facts", "6 pm on Friday"),
    ("facts", "no-contact"): ("facts", "-"),
    ("facts", "whole"): ("whole", "6 pm on Friday"),
    ("facts", "keep"): ("archived", "-"),
    ("mixed", "modified-contact"): ("facts", "dentist"),
    ("mixed", "no-contact"): ("facts", "-"),
    ("mixed", "whole"): ("whole", "so hard"),
    ("mixed", "keep"): ("archived", "-"),
    ("withheld", "modified-contact"): ("withheld", "-"),
    ("withheld", "no-contact"): ("withheld", "-"),
    ("withheld", "whole"): ("whole", "pathetic"),
    ("withheld", "keep"): ("archived", "-"),
    ("unsorted", "modified-contact"): ("unsorted", "card"),
    ("unsorted", "no-contact"): ("unsorted", "-"),
    ("unsorted", "whole"): ("whole", "recital"),
    ("unsorted", "keep"): ("archived", "-"),
    ("stranger", "modified-contact"): ("facts", "swimming"),
    ("stranger", "no-contact"): ("facts", "-"),
    ("stranger", "whole"): ("whole", "swimming"),
    ("stranger", "keep"): ("archived", "-"),
    ("relative", "modified-contact"): ("facts", "swimming"),
    ("relative", "no-contact"): ("facts", "-"),
    ("relative", "whole"): ("whole", "May carry a message for Mark"),
    ("relative", "keep"): ("archived", "-"),
    ("auto-reply", "modified-contact"): ("withheld", "-"),
    ("auto-reply", "no-contact"): ("withheld", "-"),
    ("auto-reply", "whole"): ("whole", "out of the office"),
    ("auto-reply", "keep"): ("archived", "-"),
    ("danger", "modified-contact"): ("danger", "card"),
    ("danger", "no-contact"): ("danger", "card"),
    ("danger", "whole"): ("danger", "I will kill you"),
    ("danger", "keep"): ("danger", "card"),
    ("quoted danger", "modified-contact"): ("unsorted", "card"),
    ("quoted danger", "no-contact"): ("unsorted", "card"),
    ("quoted danger", "whole"): ("whole", "I will kill you tonight"),
    ("quoted danger", "keep"): ("archived", "card"),
    ("emergency", "modified-contact"): ("emergency", "ambulance"),
    ("emergency", "no-contact"): ("emergency", "ambulance"),
    ("emergency", "whole"): ("emergency", "ambulance"),
    ("emergency", "keep"): ("emergency", "ambulance"),
    ("legal", "modified-contact"): ("legal", "14 December"),
    ("legal", "no-contact"): ("legal", "14 December"),
    ("legal", "whole"): ("legal", "14 December"),
    ("legal", "keep"): ("legal", "14 December"),
}
HIDDEN = {"danger": "kill you", "quoted danger": "kill you", "unsorted": "school knows"}


@pytest.mark.parametrize("mode", MODES)
def test_what_reaches_the_parent(tmp_path: Path, mode: str) -> None:
    with open_proved(tmp_path, cards_by=["email"], **MODES[mode]) as world:
        world.settle()  # the notice that the mode began
        for way in dict.fromkeys(w for w, m in TABLE if m == mode):
            lane, shown = TABLE[way, mode]
            before = len(world.mails()), len(to(world, SAFETY_EMAIL))
            assert (way, bring(world, WAYS[way]())) == (way, lane)
            new = world.mails()[before[0] :]
            assert (way, len(new)) == (way, 0 if shown == "-" else 1)
            text = " ".join(str(m.get_body(("plain",)).get_content()) for m in new).replace("\n", " ")
            assert shown in ("-", "card") or shown in text, (way, text)
            assert shown not in ("-", "card") or way not in HIDDEN or HIDDEN[way] not in text, (way, text)
            alarms = len(to(world, SAFETY_EMAIL)) - before[1]
            assert (way, alarms) == (way, int(lane == "danger"))
        noted = [e.body.get("mode") for e in world.log() if e.kind == "decided"]
        assert set(noted) == {MODES[mode]["contact"]}


def test_nothing_sorted_is_kept_where_nothing_is_sorted(tmp_path: Path) -> None:
    with open_proved(tmp_path, **MODES["whole"]) as world:
        bring(world, mail(MIXED))
        with world.store.read() as session:
            detail = session.scalars(select(DecisionRow.detail)).one()
        assert not {"choices", "facts", "hits", "misses"} & detail.keys()
        assert any("nothing is sorted" in note for note in world.cards()[-1].content["notes"])


def test_whole_comes_at_once_whatever_the_hours_and_one_by_one(tmp_path: Path) -> None:
    hands = Hands()
    with open_proved(tmp_path, hands, deliver=["08:00"], **MODES["whole"]) as world:
        bring(world, mail(FACT), settle=False)
        for words in ("you are", "pathetic"):
            assert world.send(Sample("", "sms", words, sender=EX_PHONE)) == "HTTP 200"
        wait_until(lambda: len(world.mails()) == 3, 20)
        assert len(world.cards()) == 3


def test_what_cannot_be_read_is_told_in_every_mode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object) -> None:
        raise RuntimeError

    with open_proved(tmp_path, cards_by=["email"], **MODES["no-contact"]) as world:
        monkeypatch.setattr("gateway.worker.earlier", broken)
        bring(world, mail(FACT))
        (card,) = world.cards()
        assert "could not be read by the program" in str(card.content)


def test_a_stop_of_the_other_parents_is_not_told_in_no_contact(tmp_path: Path) -> None:
    with open_proved(tmp_path, **MODES["no-contact"]) as world:
        world.send(Sample("", "sms", "STOP", sender=EX_PHONE))
        world.settle()
        assert world.cards() == []
        assert "opted out" in kinds(world)


def test_a_change_is_an_entry_and_told_once(tmp_path: Path) -> None:
    for number, mode in enumerate(
        ("modified-contact", "no-contact", "no-contact", "whole", "keep", "modified-contact")
    ):
        with open_proved(tmp_path, cards_by=["email"], **MODES[mode]) as world:
            world.settle()
            entries = [e.body for e in world.log() if e.kind == CONTACT]
            assert [e["mode"] for e in entries] == [
                "modified-contact", "no-contact", "archive-only", "archive-only", "modified-contact",
            ][: (1, 2, 2, 3, 4, 5)[number]]  # fmt: skip
            notices = [str(m.get_body(("plain",)).get_content()).strip() for m in world.mails()]
            contact, archive = world.settings.families[0].contact, world.settings.families[0].archive
            assert notices == ([] if number in (0, 2) else [str(told(contact, archive))])
    assert entries[1] == {"mode": "no-contact", "before": "modified-contact"}
    assert entries[3] == {"mode": "archive-only", "archive": "keep", "before": "archive-only"}


def test_answers_about_orders_are_entries(tmp_path: Path) -> None:
    app = {"order": {"there_is": "yes", "app": "OurFamilyWizard"}, "replies": "off", **MODES["whole"]}
    for changes in ({}, app, app):
        with open_proved(tmp_path, **changes) as world:
            found = [e.body for e in world.log() if e.kind == ORDER]
    assert [body["app"] for body in found] == ["OurFamilyWizard"]


def counts(world: World) -> list[str]:
    said = [str(m.get_body(("plain",)).get_content()).strip() for m in world.mails()]
    return [words for words in said if "not shown here" in words]


def test_a_neutral_count_comes_each_week(tmp_path: Path) -> None:
    hands = Hands()
    hands.now = datetime(2026, 11, 26, 18, 0, tzinfo=UTC)  # a Thursday
    with open_proved(tmp_path, hands, cards_by=["email"], count_every="week", contact="no-contact") as world:
        for words in (FACT, INSULT, DANGER):
            bring(world, mail(words))
        hands.on(4 * 86400)
    with open_proved(tmp_path, hands, cards_by=["email"], count_every="week", contact="no-contact") as world:
        wait_until(lambda: bool(counts(world)), 20)
        assert counts(world) == ["Mon 23 Nov to Sun 29 Nov: 2 messages kept, not shown here."]
    with open_proved(tmp_path, hands, cards_by=["email"], count_every="week", contact="no-contact") as world:
        world.settle()
        assert counts(world) == []
        assert [e.body["count"] for e in world.log() if e.kind == COUNT] == [2]


def test_no_count_in_modified_contact_nor_unwished(tmp_path: Path) -> None:
    hands = Hands()
    hands.now += timedelta(days=10)
    for changes in ({"count_every": "month"}, {"contact": "no-contact"}):
        with open_proved(tmp_path, hands, **changes) as world:
            world.settle()
            assert COUNT not in kinds(world)


def test_nothing_goes_to_the_other_parent_in_no_contact(tmp_path: Path) -> None:
    with open_proved(tmp_path, **MODES["no-contact"]) as world:
        for way in ("facts", "danger", "emergency"):
            bring(world, WAYS[way]())
        assert {address for _, tos, _ in world.mailbox.received for address in tos} <= {PARENT_EMAIL, SAFETY_EMAIL}


PAPERS = {
    "a lawyer whom nothing proves": (lambda: mail("The hearing is on 14 December.", LAWYER_EMAIL, "Hearing"), ""),
    "a court on no list": (lambda: mail("You are served. The court hearing is on 14 December.", "clerk@new.example.net", "Summons"), None),
    "a court on no list, not proved": (
        lambda: mail("You are served. The court hearing is on 14 December.", "clerk@court.example.gov", "Summons"), "",
    ),
    "papers of the other parent's": (
        lambda: mail("You are served with a motion to modify custody; the hearing is on 14 December.", subject="Motion"), None,
    ),
    "an automatic answer of the lawyer's": (
        lambda: mail("I am away until Monday.", LAWYER_EMAIL, "Away", Auto_Submitted="auto-replied"), None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("mode", ["no-contact", "keep"])
def test_what_may_be_legal_is_announced_in_every_mode_and_shows_no_word(tmp_path: Path, mode: str) -> None:
    with open_proved(tmp_path, cards_by=["email"], **MODES[mode]) as world:
        world.settle()
        for name, (make, by) in PAPERS.items():
            before = len(world.mails())
            bring(world, make(), by=by)
            new = [m.get_body(("plain",)).get_content() for m in world.mails()[before:]]
            assert (name, len(new)) == (name, 1)
            assert "It may be legal mail" in new[0], name
            assert "Unsorted message" in new[0], name
            assert not [word for word in ("14 December", "served", "Monday") if word in new[0]], name


@pytest.mark.parametrize("replies", ["off", "on"])
def test_what_still_waits_for_the_other_parent_is_called_back_when_no_contact_begins(
    tmp_path: Path, replies: str
) -> None:
    """The mail host was away; meanwhile an order came. Neither the receipt nor, where the parent answers no more, the answer goes."""
    outside = Mailbox(), Carrier()
    with open_proved(tmp_path, outside=outside, receipt={"kind": "neutral"}, replies="on") as world:
        bring(world, mail("Is pickup at 6 on Friday fine with you?"), settle=False)
        wait_until(lambda: len(to(world, PARENT_EMAIL)) == 1 and len(to(world, EX_EMAIL)) == 1, 20)
        asked = str(message_from_bytes(to(world, PARENT_EMAIL)[0][1], policy=policy.default)["Message-ID"])
        world.mailbox.answers = ["451 later"] * 50
        answer = mail("Six is fine.", PARENT_EMAIL, "Re: Friday", In_Reply_To=asked, References=asked)
        bring(world, answer, settle=False)
        wait_until(lambda: "delivery delayed" in kinds(world), 20)
        with world.store.write() as session:  # as if the receipt had met the same host
            receipt = session.scalars(select(DeliveryRow).where(DeliveryRow.kind == "receipt")).one()
            receipt.state, receipt.next_at = "pending", receipt.next_at + timedelta(minutes=5)
    outside[0].answers.clear()
    outside[0].received.clear()
    with open_proved(tmp_path, outside=outside, contact="no-contact", replies=replies) as world:
        called = {e.body["kind"] for e in world.log() if e.kind == CALLED_BACK}
        assert called == ({"receipt", "reply"} if replies == "off" else {"receipt"})
        with world.store.read() as session:
            states = {d.kind: d.state for d in session.scalars(select(DeliveryRow)) if d.kind in ("receipt", "reply")}
        assert states["receipt"] == "withdrawn"
        assert (states["reply"] == "withdrawn") == (replies == "off")


FORWARDED = "I am taking the kids to my brother overseas and we are not coming back.\n"
SEALED = "-----BEGIN PGP MESSAGE-----\n\nhQEMA0dq\n=abcd\n-----END PGP MESSAGE-----\n"
UNREADABLE = {
    "encrypted": lambda: mail(SEALED),
    "encrypted part": lambda: with_type(
        mail("x"), b'application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"'
    ),
    "longer than any": lambda: mail("Nobody was ever so let down as I was by you. " * 600),
    "rubbish": lambda: mail("\x01\x02\x03\x04\x05\x06\x07" * 300),
    "a piece": lambda: with_type(mail("x"), b'message/partial; id="a@b"; number=2; total=3'),
}


def with_type(message: EmailMessage, kind: bytes) -> EmailMessage:
    return message_from_bytes(message.as_bytes().replace(b'text/plain; charset="utf-8"', kind), policy=policy.default)  # type: ignore[return-value]


@pytest.mark.parametrize("what", UNREADABLE)
@pytest.mark.parametrize("mode", ["no-contact", "keep"])
def test_what_could_not_be_read_is_announced_without_a_word(tmp_path: Path, what: str, mode: str) -> None:
    """A sign of danger, or a child's emergency, may be in it: silence would be a guess."""
    with open_proved(tmp_path, **MODES[mode]) as world:
        bring(world, UNREADABLE[what]())
        (card,) = world.cards()
        assert card.lane == "unsorted"
        assert not card.content["items"]
        assert card.content["whole"] is None
        assert any("nobody can say that no sign of danger" in note for note in card.content["notes"])


def test_a_danger_that_only_the_tagger_sees_in_forwarded_words_is_announced(tmp_path: Path) -> None:
    words = (
        "fyi\n\n---------- Forwarded message ---------\nFrom: Lee <lee@example.net>\nSubject: tonight\n\n" + FORWARDED
    )
    with open_proved(tmp_path, contact="no-contact") as world:
        bring(world, mail(words, subject="Fwd: tonight"))
        (card,) = world.cards()
        assert card.lane == "unsorted"
        assert not card.content["items"]
