"""What a program is shown: what the pages show, in pages of a list, and never what was kept back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select, update

from gateway.api.scopes import Scope
from gateway.clock import utc_now
from gateway.demo.sample import EX_EMAIL, EX_PHONE, PARENT_EMAIL, RELAY_EMAIL, SAMPLES
from gateway.ledger.proof import check
from gateway.store.tables import CardRow, DeliveryRow, ExpenseRow
from tests.api.asking import Program, program
from tests.e2e.world import World

KEPT_BACK = (
    "You always make everything so hard", "we would still be a family", "nobody will ever put up with you", "I miss us", "I will kill you",
    "the whole school knows", "Mark is a good man", "Since you never listen",
)  # fmt: skip


@pytest.fixture
def tool(filled: World) -> Program:
    return program(filled)


def every(tool: Program, path: str, limit: int = 2, **query: Any) -> list[dict[str, Any]]:
    """All pages of a list."""
    found: list[dict[str, Any]] = []
    after: dict[str, Any] = {}
    for _ in range(200):
        page = tool.get(path, limit=limit, **after, **query)
        found += page["items"]
        assert len(page["items"]) <= limit
        if not page["more"]:
            return found
        after = {"after": page["next"]}
    raise AssertionError("the list has no end")


def test_cards_hold_the_words_that_came_through_and_no_other(filled: World, tool: Program) -> None:
    cards = every(tool, "/cards")
    assert [card["number"] for card in cards] == [row.id for row in filled.cards()]
    text = json.dumps(cards, ensure_ascii=False)
    assert "Emma's dentist appointment is Tuesday at 3:30." in text
    assert not [words for words in KEPT_BACK if words in text]
    assert not [one for one in (EX_EMAIL, EX_PHONE, PARENT_EMAIL, RELAY_EMAIL, "tracker.example.net") if one in text]
    assert not [row.token for row in filled.cards() if row.token in text]
    legal = next(card for card in cards if card["lane"] == "legal")
    assert legal["more"]
    assert "Dear Ms Rivera" not in json.dumps(legal)
    one = cards[0]
    assert tool.get(f"/cards/{one['number']}") == one


def test_a_list_goes_on_where_it_ended(fresh: World) -> None:
    tool = program(fresh)
    page = tool.get("/cards")
    assert page == {"items": [], "more": False, "next": page["next"]}
    fresh.send(SAMPLES[0])
    fresh.settle()
    first = tool.get("/cards", after=page["next"])
    assert len(first["items"]) == 1
    assert tool.get("/cards", after=first["next"])["items"] == []
    fresh.send(SAMPLES[1])
    fresh.settle()
    second = tool.get("/cards", after=first["next"])
    assert [card["number"] for card in second["items"]] == [fresh.cards()[1].id]


def test_a_card_that_waited_comes_behind_those_that_came_meanwhile(fresh: World) -> None:
    """The hours protect the parent from programs too, and nothing is lost for it."""
    tool = program(fresh)
    for sample in SAMPLES[:2]:
        fresh.send(sample)
    fresh.settle()
    waits, shown = fresh.cards()
    later = {"state": "pending", "planned_at": utc_now().replace(year=2099), "next_at": utc_now().replace(year=2099)}
    with fresh.store.write() as session:
        session.execute(update(DeliveryRow).where(DeliveryRow.card_id == waits.id).values(later))
    page = tool.get("/cards")
    assert [card["number"] for card in page["items"]] == [shown.id]
    assert tool.http.get(f"/cards/{waits.id}").status_code == 404
    assert not [
        one for one in every(tool, "/calendar", first="2026-01-01", last="2026-12-31") if one["card"] == waits.id
    ]
    with fresh.store.write() as session:
        session.execute(update(DeliveryRow).where(DeliveryRow.card_id == waits.id).values(state="sent"))
    assert [card["number"] for card in tool.get("/cards", after=page["next"])["items"]] == [waits.id]
    assert tool.get(f"/cards/{waits.id}")["number"] == waits.id


def test_questions_come_by_their_time_and_one_that_is_closed_is_told_as_such(filled: World, tool: Program) -> None:
    questions = every(tool, "/questions", limit=1)
    assert len(questions) >= 2
    assert questions == sorted(questions, key=lambda one: (one["answer_by"], one["number"]))
    asked = questions[0]
    assert asked["answered_at"] is None
    card = tool.get(f"/cards/{asked['card']}")
    assert asked["words"] in [fact["words"] for fact in card["facts"] if fact["asks"]]
    assert tool.get(f"/questions/{asked['number']}") == asked


def test_dates_and_sums(filled: World, tool: Program) -> None:
    first = min(e["day"] for e in every(tool, "/calendar", first="2026-01-01", last="2026-12-31", limit=1))
    dates = every(tool, "/calendar", limit=3, first=first, last="2027-01-01")
    assert dates == every(tool, "/calendar", limit=200, first=first, last="2027-01-01")
    assert len(dates) == len({one["number"] for one in dates}) >= 3
    assert all(
        one["child"] == "Emma"
        for one in (d["fact"] for d in every(tool, "/calendar", first=first, last="2027-01-01", child="Emma"))
    )
    (fee,) = every(tool, "/expenses")
    assert (fee["amount"], fee["cents"], fee["currency"], fee["state"]) == ("$85.00", 8500, "USD", "open")
    assert every(tool, "/expenses", state="settled") == []
    with filled.store.read() as session:
        assert session.scalars(select(ExpenseRow.id)).all() == [fee["number"]]


def test_the_log_is_shown_without_what_its_entries_say_and_each_can_be_proved(filled: World, tool: Program) -> None:
    before = filled.log()
    entries = every(tool, "/log/entries", limit=50)[: len(before)]
    assert [(e["seq"], e["kind"], e["hash"], e["prev"]) for e in entries] == [
        (e.seq, e.kind, e.hash, e.prev) for e in before
    ]
    assert {key for entry in entries for key in entry} == {"seq", "at", "offset", "kind", "prev", "hash"}
    assert filled.gateway is not None
    filled.gateway.checkpoints.make_due(utc_now(), at_once=True)
    checkpoint = every(tool, "/log/checkpoints", limit=1)[-1]
    proof = tool.get("/log/entries/3/proof")
    shown = check(proof["file"])
    assert (shown.seq, str(shown.key)) == (3, checkpoint["key"])
    assert {one.field: one.value for one in shown.openings} == {
        "at": before[2].at, "offset": before[2].offset, "kind": before[2].kind, "hash": before[2].hash,
    }  # fmt: skip
    consistent = tool.get("/log/consistency", old=2, new=checkpoint["size"])
    assert consistent["hashes"]
    newest = filled.log()[-1].seq
    assert tool.get(f"/log/entries/{newest + 1}/proof", 404)["title"] == "There is nothing at this address"
    assert tool.get(f"/log/entries/{newest}/proof", 409)["type"].endswith("#not-covered")
    assert tool.get("/log/consistency", 422, old=5, new=2)["detail"]
    assert tool.get("/log/consistency", 422, old=5, new=10**9)["detail"]


def test_what_was_read_is_an_entry_and_what_was_not_is_none(filled: World) -> None:
    tool = program(filled, Scope.CARDS, Scope.EXPENSES)
    start = len(filled.log())
    answer = tool.http.get("/cards?limit=3")
    tool.get("/expenses", state="settled")  # empty
    again = tool.http.get("/cards?limit=3", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    tool.http.get("/log/entries")  # not for this token
    said = [(e.kind, dict(e.body)) for e in filled.log()[start:]]
    with filled.store.read() as session:
        number = session.scalar(select(CardRow.id).order_by(CardRow.id).limit(1))
    tool.get(f"/cards/{number}")
    assert [kind for kind, _ in said] == ["tool read"]
    assert said[0][1]["call"] == "cards"
    assert said[0][1]["count"] == 3
    last = filled.log()[-1]
    assert (last.kind, last.body["of"]) == ("tool read", {"number": number})


def test_answers_are_kept_nowhere_and_read_by_no_page(filled: World, tool: Program) -> None:
    answer = tool.http.get("/cards")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert "access-control-allow-origin" not in answer.headers
    assert "set-cookie" not in answer.headers
