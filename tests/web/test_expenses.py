"""Sums for the children: as told, with the parent's marks."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from gateway.demo.sample import EX_PHONE, Sample
from gateway.expenses import MARKED
from gateway.store.tables import ExpenseRow
from tests.e2e.world import World, open_world
from tests.web.test_today import come, neighbours, visit, words
from tests.web.visiting import Browser, filled

FEE = Sample("fee", "email", "Noah's soccer fee is $85.00.\n", "Soccer fee")
ASKED = Sample("half", "email", "Can you pay $42.50 for the school lunches by 3 December?\n", "Lunches")
GLASSES = Sample("glasses", "sms", "Emma's glasses cost £1,120.00, receipt is with the school nurse", sender=EX_PHONE)
OTHER = Sample("money", "email", "You still owe me $900 for the car. I miss us.\n", "car")


def totals(parent: Browser, path: str = "/expenses") -> list[list[str]]:
    return [[cell.text() for cell in row.css("th, td")] for row in parent.page(path).css("tbody tr")]


def test_sums_stand_in_exact_words_with_child_date_and_state(world: World, parent: Browser) -> None:
    come(world, ASKED, FEE, GLASSES, OTHER)
    page = parent.page("/expenses")
    lines = [words_of.text() for words_of in page.css("article blockquote")]
    assert lines == [
        "Emma's glasses cost £1,120.00, receipt is with the school nurse",
        "Noah's soccer fee is $85.00.",
        "Can you pay $42.50 for the school lunches by 3 December?",
    ]
    said = words(page)
    assert "900" not in said
    assert "No child named · asked" in said
    assert "(UTC-0" in said
    assert totals(parent) == [["GBP", "£1,120.00", "£0.00"], ["USD", "$127.50", "$0.00"]]
    assert totals(parent, "/expenses?child=Noah") == [["USD", "$85.00", "$0.00"]]
    assert totals(parent, "/expenses?child=none") == [["USD", "$42.50", "$0.00"]]
    assert len(parent.page("/expenses?child=<b>&state=x&before=-1").css("article")) == 3


def test_a_mark_is_a_row_and_one_entry_and_can_be_undone(world: World, parent: Browser) -> None:
    come(world, ASKED, FEE)
    answer = parent.send("/expenses", "/expenses/1", button="act=settled")
    assert answer.url.path == "/expenses"
    assert totals(parent) == [["USD", "$85.00", "$42.50"]]
    assert "settled, marked" in words(parent.page("/expenses"))
    form = filled(parent.page("/expenses").css("header form")[0])["form"]
    for _ in range(2):
        parent.http.post("/expenses/1", data={"form": form, "act": "settled"})
    marked = [dict(e.body) for e in world.log() if e.kind == MARKED]
    assert marked == [{"expense": 1, "message": 1, "state": "settled", "account": 1}]
    assert len(parent.page("/expenses?state=settled").css("article")) == 1
    assert len(parent.page("/expenses?state=open").css("article")) == 1
    parent.send("/expenses?state=settled", "/expenses/1", button="act=open")
    assert totals(parent) == [["USD", "$127.50", "$0.00"]]
    assert [e.body["state"] for e in world.log() if e.kind == MARKED] == ["settled", "open"]
    assert not [t for t in world.carrier.sent if t["To"] == EX_PHONE]


def test_an_answered_sum_says_so(world: World, parent: Browser) -> None:
    come(world, ASKED, FEE)
    parent.send("/questions/1", "/questions/1/answer", button="act=send", words="I will pay 42.50 on Friday.")
    world.settle()
    states = [words_of.text().strip() for words_of in parent.page("/expenses").css("dd")]
    assert states == ["$85.00", "open", "$42.50", "answered"]


def test_wrong_forms_and_another_family_change_nothing(tmp_path: Path) -> None:
    with open_world(tmp_path, families=neighbours()) as world, visit(world) as own, visit(world, 1) as other:
        come(world, ASKED, FEE)
        assert "No sums here." in words(other.page("/expenses"))
        for browser, path, act in (
            (other, "/expenses/1", "settled"),
            (own, "/expenses/999", "settled"),
            (own, "/expenses/1", "x"),
        ):
            form = filled(browser.page("/").css("header form")[0])["form"]
            assert browser.http.post(path, data={"form": form, "act": act}).status_code == 404
        assert own.http.post("/expenses/1", data={"act": "settled"}).status_code == 403
        with world.store.read() as session:
            assert [row.settled_at for row in session.scalars(select(ExpenseRow))] == [None, None]


def test_many_sums_are_listed_by_fifty(world: World, parent: Browser) -> None:
    come(world, ASKED, FEE)
    with world.store.write() as session:
        first = session.get_one(ExpenseRow, 1)
        values = {c.name: getattr(first, c.name) for c in ExpenseRow.__table__.columns if c.name != "id"}
        session.add_all([ExpenseRow(**values) for _ in range(60)])
    page = parent.page("/expenses")
    assert len(page.css("article")) == 50
    assert len(str(page.html)) < 100_000
    older = [str(a.attributes["href"]) for a in page.css("a.button") if a.text() == "Older"]
    assert len(parent.page(older[0]).css("article")) == 12
    assert totals(parent) == [["USD", "$2,677.50", "$0.00"]]
