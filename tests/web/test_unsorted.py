"""Passages that wait for a person: shown folded, sorted by one tap, taken back, on a card in the exact words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import select

from gateway.accounts import Role
from gateway.accounts.opened import Opening, What, choose
from gateway.clock import utc_now
from gateway.demo.sample import EX_PHONE, STRANGER_EMAIL, Sample
from gateway.settings import load
from gateway.sorting.forward import FORWARDED, PLACES, Forwarder
from gateway.sorting.rows import SORTED, TAKEN_BACK, UNDO
from gateway.store import Blobs
from gateway.store.tables import AccountRow, PassageRow, QuestionRow
from tests.e2e.world import World, open_world
from tests.web.test_today import come, home, neighbours, visit, words
from tests.web.visiting import Browser, filled

HELD = "the inhaler thing is your fault again, she coughed all night because of you"
INHALER = Sample("held", "sms", HELD, sender=EX_PHONE)
COSTUME = Sample(
    "own word",
    "email",
    "You are hopeless. Can you bring the costume on 12 December at 5 pm? Emma has soccer at 10 on 13 December.\n",
    "Plans",
)
STRANGER = Sample(
    "a stranger",
    "email",
    "Hey, you do not know me but Mark is a good man and you should call him.\n",
    "about Mark",
    sender=STRANGER_EMAIL,
    name="Sunny",
)
DANGER = Sample("danger", "sms", "I know where you park now. Keep this up and I will kill you.", sender=EX_PHONE)
LEGAL = Sample(
    "legal",
    "email",
    "The hearing is on 14 December at 9:30.\n",
    "Hearing",
    sender="office@okafor-law.example.com",
    name="A. Okafor",
)


def forward(world: World, after: timedelta = timedelta(0)) -> int:
    """What the gateway does once a minute, as if it were so much later."""
    settings, blobs = world.settings, Blobs(world.settings.data / "blobs", world.store)
    with world.store.write() as session:
        for row in session.scalars(select(PassageRow).where(PassageRow.due_at.is_not(None))):
            row.due_at = (row.due_at or datetime.now(UTC)) - after
    try:
        made = Forwarder(world.store, blobs, settings.families_by_address(), utc_now, settings.server.public_url)
        return made.step()
    finally:
        blobs.close()


def press(browser: Browser, act: str, number: int = 1, **fields: str) -> int:
    form = filled(browser.page("/").css("header form")[0])["form"]
    return browser.http.post(f"/unsorted/{number}", data={"form": form, "act": act, **fields}).status_code


def test_what_waits_is_folded_counted_and_sorted_by_one_tap(world: World, parent: Browser) -> None:
    come(world, INHALER)
    assert "1 passage could not be sorted for sure." in words(parent.page("/"))
    assert "fault" not in parent.get("/").text  # the words stand only where they are looked for
    page = parent.page("/unsorted")
    assert [d.attributes.get("open", "folded") for d in page.css("details")] == ["folded"]
    assert page.css_first("details mark").text() == HELD  # type: ignore[union-attr]
    assert [b.text() for b in page.css("details button")] == ["About the children", "Not about the children"]
    assert "tagger" not in words(page)
    assert "open" in parent.page("/unsorted?all=1").css("details")[0].attributes
    assert parent.send("/unsorted", "/unsorted/1", button="act=other").url.path == "/unsorted"
    assert "Nothing waits to be sorted." in words(parent.page("/unsorted"))
    press(parent, "other")
    press(parent, "children")  # it counts once
    sorted_ = [dict(e.body) for e in world.log() if e.kind == SORTED]
    assert sorted_ == [{"passage": 1, "message": 1, "as": "other", "account": 1}]
    assert "fault" not in str(sorted_)
    assert forward(world, UNDO * 2) == 0
    assert len(world.cards()) == 1


def test_a_passage_about_the_children_comes_as_a_card_in_the_exact_words(world: World, parent: Browser) -> None:
    come(world, INHALER)
    before = len(world.mails())
    press(parent, "children")
    assert "It comes as a card after 5 minutes." in words(parent.page("/unsorted"))
    assert forward(world) == 0  # it can still be taken back
    assert forward(world, UNDO) == 1
    assert forward(world, UNDO) == 0
    world.settle()
    (mail,) = world.mails()[before:]
    text = mail.get_body(("plain",)).get_content()
    assert HELD in " ".join(text.split())
    assert "This passage was sorted by hand on" in text
    assert HELD in words(parent.page("/"), "blockquote")
    assert [dict(e.body) for e in world.log() if e.kind == FORWARDED] == [{"passage": 1, "message": 1, "card": 2}]
    assert press(parent, "back") == 303  # too late: it has come
    assert not [e for e in world.log() if e.kind == TAKEN_BACK]
    assert "It came as a card." in words(parent.page("/unsorted"))


def test_a_choice_can_be_taken_back_for_a_while(world: World, parent: Browser) -> None:
    come(world, INHALER)
    for act in ("children", "other"):
        press(parent, act)
        assert parent.send("/unsorted", "/unsorted/1", button="act=back").status_code == 200
        assert "Show the words" in words(parent.page("/unsorted"))
    assert [e.kind for e in world.log() if e.kind in (SORTED, TAKEN_BACK)] == [SORTED, TAKEN_BACK] * 2
    assert forward(world, UNDO * 2) == 0
    press(parent, "other")
    with world.store.write() as session:
        row = session.get_one(PassageRow, 1)
        row.sorted_at = datetime.now(UTC) - timedelta(days=2)
    assert not parent.page("/unsorted").css("button[value=back]")
    press(parent, "back")
    assert "Nothing waits to be sorted." in words(parent.page("/unsorted"))


def test_the_passage_stands_in_its_context_with_gaps_for_what_is_kept_back(tmp_path: Path) -> None:
    with open_world(tmp_path, families=(home(withheld_words=["costume"]),)) as world, visit(world) as parent:
        come(world, COSTUME)
        page = parent.page("/unsorted")
        assert "It has one of the words that you do not want to read." in words(page)
        said = words(page, "details blockquote")
        assert said.startswith("[kept back]")
        assert "hopeless" not in page.html  # type: ignore[operator]
        assert "Emma has soccer at 10 on 13 December." in said
        assert page.css_first("mark").text().strip() == "Can you bring the costume on 12 December at 5 pm?"  # type: ignore[union-attr]
        press(parent, "children")
        forward(world, UNDO)
        world.settle()
        with world.store.read() as session:  # what is asked in it has its clock, like any question
            (question,) = session.scalars(select(QuestionRow)).all()
            assert (question.words, question.place) == ("Can you bring the costume on 12 December at 5 pm?", PLACES + 1)
        assert "5:00 pm (UTC-06:00)" in words(parent.page("/calendar?view=month&on=2026-12-01"), "#day-2026-12-12") or (
            datetime.now(UTC).year != 2026
        )
        answered = parent.send("/questions/1", "/questions/1/answer", button="act=send", words="Yes, I will.")
        assert answered.status_code == 200
        world.settle()
        assert "Nothing waits for an answer." in words(parent.page("/"))


def test_what_is_held_for_its_sender_and_what_could_not_be_read_wait_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_world(tmp_path) as world, visit(world) as parent:
        come(world, STRANGER)
        monkeypatch.setattr("gateway.worker.parse_kept", lambda *_: 1 / 0)
        come(world, Sample("odd", "email", "Emma <script>x</script> needs her coat & hat.\n", "Coat"))
        monkeypatch.undo()
        page = parent.page("/unsorted")
        said = words(page)
        assert "The sender is not on your list of people." in said
        assert "you should call him" in said
        assert "The program could not read this message." in said
        assert "Subject: Coat" in said
        assert not page.css("main script")
        press(parent, "children", 2)
        forward(world, UNDO)
        world.settle()
        assert "needs her coat & hat." in words(parent.page("/"), "blockquote")


def test_danger_and_legal_mail_are_neither_here_nor_hidden(world: World, parent: Browser) -> None:
    come(world, DANGER, LEGAL)
    assert "Nothing waits to be sorted." in words(parent.page("/unsorted"))
    said = words(parent.page("/"))
    assert "A message needs your attention" in said
    assert "Ms Okafor" in said


def test_a_word_is_proposed_and_added_only_by_the_button(world: World, parent: Browser) -> None:
    come(world, INHALER)
    assert parent.get("/unsorted/1/words").status_code == 404  # sorted first
    press(parent, "children")
    page = parent.page("/unsorted/1/words")
    proposed = [str(i.attributes["value"]) for i in page.css("input[name=word]")]
    assert "inhaler" in proposed
    assert page.css_first("input[name=list][checked]").attributes["value"] == "child_words"  # type: ignore[union-attr]
    assert load(world.settings.directory).families[0].child_words == ()
    empty = parent.send("/unsorted/1/words", button="list=child_words")
    assert empty.status_code == 422
    assert "Please choose a word" in empty.text
    for _ in range(2):
        assert parent.send("/unsorted/1/words", word="inhaler").url.path == "/unsorted"
    parent.send("/unsorted/1/words", own="  Swim   MEET ", list="withheld_words")
    changed = load(world.settings.directory).families[0]
    assert (changed.child_words, changed.withheld_words) == (("inhaler",), ("swim meet",))
    by = [e.body.get("by") for e in world.log() if e.kind == "settings changed"]
    assert by[-2:] == ["parent 1"] * 2
    assert "inhaler" in words(parent.page("/unsorted/1/words"), "dd")
    form = filled(parent.page("/").css("header form")[0])["form"]
    wrong = parent.http.post("/unsorted/1/words/add", data={"form": form, "word": "x", "list": "coparent"})
    assert wrong.status_code == 404


def test_a_reviewer_sees_it_only_while_it_is_opened(tmp_path: Path) -> None:
    def give(world: World, *what: What) -> None:
        with world.store.write() as session:
            row = session.get_one(AccountRow, 1)
            choose(session, row, {one: Opening(one) for one in what}, utc_now(), zone="UTC")

    with open_world(tmp_path) as world, visit(world, role=Role.REVIEWER) as reviewer:
        come(world, INHALER)
        assert reviewer.get("/unsorted").status_code == 404
        assert press(reviewer, "children") == 404
        give(world, What.UNSORTED)
        assert "1 passage waits to be sorted." in words(reviewer.page("/"))
        page = reviewer.page("/unsorted")
        assert HELD in words(page)
        assert "open" in page.css("details")[0].attributes
        assert "/card/" not in str(page.html)
        assert press(reviewer, "other") == 303
        (entry,) = [dict(e.body) for e in world.log() if e.kind == SORTED]
        assert entry["account"] == 1
        assert reviewer.get("/unsorted/1/words").status_code == 404
        with visit(world) as parent:
            assert "by Somebody, reviewer" in words(parent.page("/unsorted"))
            press(parent, "back")
            press(parent, "other")
        assert "Sorted lately" not in words(reviewer.page("/unsorted"))  # that one is the parent's
        press(reviewer, "back")
        with world.store.read() as session:
            assert session.get_one(PassageRow, 1).state == "other"
        give(world)
        assert press(reviewer, "back") == 404


def test_other_roles_and_other_families_find_nothing(tmp_path: Path) -> None:
    with open_world(tmp_path, families=neighbours()) as world, visit(world, 1) as other:
        come(world, INHALER)
        assert "Nothing waits to be sorted." in words(other.page("/unsorted"))
        for act in ("children", "other", "back"):
            assert press(other, act) == 404
        assert other.get("/unsorted/1/words").status_code == 404
        with visit(world) as parent:
            assert parent.http.post("/unsorted/1", data={"act": "other"}).status_code == 403
            assert press(parent, "nothing") == 303
        with world.store.read() as session:
            assert session.get_one(PassageRow, 1).state == "open"


@pytest.mark.parametrize("role", [Role.PROFESSIONAL, Role.OPERATOR])
def test_neither_professional_nor_operator_sorts(enter: Callable[[Role], Browser], role: Role) -> None:
    browser = enter(role)
    assert browser.get("/unsorted").status_code == 404
    assert press(browser, "other") == 404


def test_old_passages_are_found_when_the_tables_are_made(world: World, parent: Browser) -> None:
    """An installation of before has held passages, dates and sums: the migration reads them anew."""
    from gateway.store.migrations.versions.m0019_expenses import _read_anew
    from gateway.store.tables import DateRow, ExpenseRow

    come(world, INHALER, Sample("fee", "email", "Noah's soccer fee is $85.00, due 3 December.\n", "Fee"))

    def rows() -> list[list[tuple[object, ...]]]:
        with world.store.read() as session:
            tables = (PassageRow, DateRow, ExpenseRow)
            return [
                [
                    tuple(getattr(r, c.name) for c in t.__table__.columns if c.name not in ("id", "made_at"))
                    for r in session.scalars(select(t))
                ]
                for t in tables
            ]

    made = rows()
    assert [len(found) for found in made] == [1, 1, 1]
    with world.store.write() as session:
        for table in (PassageRow, DateRow, ExpenseRow):
            session.query(table).delete()
        _read_anew(session.connection())
    assert rows() == made
    assert LexborHTMLParser(parent.get("/unsorted").text).css("mark")
