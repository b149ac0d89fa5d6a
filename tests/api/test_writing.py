"""Notes and answers from programs: each once for its key, by the rules of the pages."""

from __future__ import annotations

import time
import uuid
from typing import Any

import pytest
from sqlalchemy import func, select

from gateway.api.scopes import Scope
from gateway.demo.sample import EX_EMAIL, SAMPLES, Sample
from gateway.demo.sample import family as sample_family
from gateway.family import Family
from gateway.store.tables import MessageRow, NoteRow, ReplyRow
from tests.api.asking import Program, program
from tests.e2e.world import World, open_world

NOTE = {
    "kind": "exchange",
    "words": "Mark came at 6:40.\r\nEmma was <b>tired</b>.",
    "happened_at": "2026-11-01T18:40:00-06:00",
    "child": "Emma",
}
ANSWER = "Yes, 5 pm works."
HEATED = "You are a pathetic liar and you always ruin everything for the kids, I hate you."


@pytest.fixture
def tool(filled: World) -> Program:
    return program(filled)


def key() -> str:
    return str(uuid.uuid4())


def count(world: World, table: Any) -> int:
    with world.store.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_note_is_written_once_for_each_key(filled: World, tool: Program) -> None:
    once, before = key(), count(filled, NoteRow)
    made = tool.post("/journal/notes", NOTE, 201, once)
    assert tool.post("/journal/notes", NOTE, 201, once) == made
    assert count(filled, NoteRow) == before + 1
    with filled.store.read() as session:
        row = session.get_one(NoteRow, made["number"])
        assert row.content["words"] == "Mark came at 6:40.\nEmma was <b>tired</b>."
        assert row.content["happened_at"] == "2026-11-02T00:40:00.000000Z"
        assert (row.family, row.sha256, row.entry) == ("rivera", made["sha256"], made["entry"])
    other = tool.post("/journal/notes", NOTE | {"words": "Something else."}, 422, once)
    assert other["type"].endswith("#used-key")
    assert count(filled, NoteRow) == before + 1
    assert program(filled).post("/journal/notes", NOTE, 201, once)["number"] != made["number"], (
        "a key is one token's own"
    )
    tool.post("/journal/notes", NOTE, 400)
    (done, *_) = [e for e in filled.log() if e.kind == "tool done"]
    assert done.body["of"] == {"note": made["number"]}


def test_a_note_says_what_is_wrong_with_it(tool: Program) -> None:
    for change, said in (
        ({"happened_at": "2199-01-01T00:00:00Z"}, "future"), ({"child": "Zoe"}, "children"), ({"corrects": 10**9}, "not there"),
        ({"words": "\n \t"}, "few words"),
    ):  # fmt: skip
        assert said in tool.post("/journal/notes", NOTE | change, 422, key())["detail"]
    for change in (
        {"kind": "gossip"}, {"happened_at": "2026-11-01"}, {"happened_at": "2026-11-01T10:00:00"}, {"happened_at": 1700000000},
        {"words": 7}, {"words": "a\x00b"}, {"words": "x" * 20_001}, {"more": 1}, {"corrects": "1"}, {"corrects": True},
    ):  # fmt: skip
        problem = tool.post("/journal/notes", NOTE | change, 400, key())
        assert problem["mistakes"][0]["at"] == next(iter(change)), (change, problem)
    assert tool.post("/journal/notes", NOTE | {"happened_at": "9999-12-31T23:59:59-12:00"}, 422, key())["mistakes"]


def question(tool: Program, words: str = "pick Emma up") -> int:
    found = [one for one in tool.get("/questions")["items"] if words in one["words"]]
    return int(found[0]["card"])


def settled(world: World, number: int) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with world.store.read() as session:
            if session.get_one(MessageRow, number).state != "stored":
                break
        time.sleep(0.05)
    world.settle()


def test_a_number_may_be_written_with_a_point(tool: Program) -> None:
    """Found by Schemathesis: ``12.0`` is an integer in JSON Schema, and some languages write every number so."""
    first = tool.post("/journal/notes", NOTE, 201, key())["number"]
    assert tool.post("/journal/notes", NOTE | {"corrects": float(first)}, 201, key())["number"] > first
    for odd in (1.5, 2.0**53, -1.0, True, "1"):
        assert tool.post("/journal/notes", NOTE | {"corrects": odd}, 400, key())["mistakes"]


def test_an_answer_goes_out_once_like_one_from_the_page(fresh: World) -> None:
    tool = program(fresh)
    fresh.send(Sample("asks", "email", "Can you pick Emma up at 5 pm tomorrow?", "pickup"))
    fresh.settle()
    card, once = question(tool), key()
    body = {"card": card, "words": ANSWER}
    look = tool.post("/replies/look", body, 200)
    assert look["hints"] == []
    assert count(fresh, ReplyRow) == 0, "a look keeps nothing"
    made = tool.post("/replies", body, 201, once)
    settled(fresh, made["number"])
    again = tool.post("/replies", body, 201, once)
    assert again["number"] == made["number"]
    assert again["state"] in ("sent", "delivered")
    assert tool.get(f"/replies/{made['number']}") == again
    assert len([m for m in fresh.mails(EX_EMAIL) if ANSWER in m.get_content()]) == 1
    assert tool.post("/replies", body | {"words": "No."}, 422, once)["type"].endswith("#used-key")
    assert tool.get("/questions")["items"] == [], "its question is answered"
    one = next(e for e in fresh.log() if e.kind == "tool done")
    assert (one.body["call"], one.body["of"]) == ("reply", {"card": card, "message": made["number"]})


def test_what_the_coach_says_must_have_been_seen(fresh: World) -> None:
    tool = program(fresh)
    fresh.send(Sample("asks", "email", "Can you pick Emma up at 5 pm tomorrow?", "pickup"))
    fresh.settle()
    body, once = {"card": question(tool), "words": HEATED}, key()
    refused = tool.post("/replies", body, 409, once)
    assert refused["type"].endswith("#look-first")
    assert refused["look"]["hints"]
    look = tool.post("/replies/look", body, 200)
    assert look["hints"] == refused["look"]["hints"]
    assert count(fresh, ReplyRow) == 0
    assert tool.post("/replies", body | {"seen": "0" * 64}, 409, key())["type"].endswith("#look-first")
    assert tool.post("/replies", body | {"words": HEATED + " And more.", "seen": look["seen"]}, 409, key())["look"]
    made = tool.post("/replies", body | {"seen": look["seen"]}, 201, once)
    settled(fresh, made["number"])
    assert tool.get(f"/replies/{made['number']}")["state"] in ("sent", "held")


def test_what_is_not_answered_on_its_page_is_not_answered_here(filled: World, tool: Program) -> None:
    cards = {card["lane"]: card["number"] for card in tool.get("/cards")["items"]}
    for lane in ("danger", "legal"):
        for path, more in (("/replies/look", ""), ("/replies", key())):
            problem = tool.post(path, {"card": cards[lane], "words": ANSWER}, 409, more)
            assert problem["type"].endswith("#closed"), lane
    assert tool.post("/replies", {"card": 10**9, "words": ANSWER}, 404, key())
    assert tool.post("/replies", {"card": question(tool), "words": "\u200b\u200b"}, 422, key())["detail"]
    assert tool.http.get("/replies/1").status_code == 404, "a message of the other side is none of a program's"


def test_where_answers_are_off_none_goes(tmp_path: Any) -> None:
    home = Family.model_validate(sample_family() | {"replies": "off"})
    with open_world(tmp_path, families=(home,)) as world:
        tool = program(world, Scope.REPLIES, Scope.CARDS)
        world.send(SAMPLES[1])
        world.settle()
        number = tool.get("/cards")["items"][0]["number"]
        assert tool.post("/replies", {"card": number, "words": ANSWER}, 409, key())["type"].endswith("#closed")
        assert count(world, ReplyRow) == 0
