"""Who gets nothing: without a token, with a wrong one, one that has ended, one for something else, one of another family; and hostile requests."""

from __future__ import annotations

import base64
import contextlib
import json
import logging
import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from gateway.api import tokens
from gateway.api.call import Call
from gateway.api.scopes import Scope
from gateway.clock import utc_now
from gateway.store.tables import AccountRow, KnockRow, ToolTokenRow
from tests.api.asking import ROOT, program, token
from tests.e2e.world import World, open_world
from tests.web.visiting import sign_in

KEY = "0123456789abcdef"
BODIES: dict[str, dict[str, Any]] = {
    "note": {"kind": "call", "words": "He called.", "happened_at": "2026-11-01T10:00:00Z"},
    "look": {"card": 1, "words": "Yes."},
    "reply": {"card": 1, "words": "Yes."},
}
QUERIES = {"calendar": "?first=2026-11-01&last=2026-11-30", "consistency": "?old=1&new=2"}


def calls(world: World) -> tuple[Call, ...]:
    assert world.gateway is not None
    return world.gateway.api.calls


def ask(http: httpx.Client, call: Call, number: int = 1, **headers: str) -> httpx.Response:
    """The call as a program makes it."""
    path = call.path.replace("{number}", str(number)) + QUERIES.get(call.name, "")
    more = {"Idempotency-Key": KEY} if call.once else {}
    body = BODIES.get(call.name)
    return http.request(call.method, path, json=body, headers=more | headers)


@pytest.fixture
def http(filled: World) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=filled.settings.server.public_url + ROOT, timeout=30) as made:
        yield made


def problem(answer: httpx.Response, status: int, name: str) -> dict[str, Any]:
    said = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, said["status"], said["type"]) == (status, status, f"/api/v1/problems#{name}"), said
    return dict(said)


def test_each_scope_opens_its_own_calls_and_no_other(filled: World) -> None:
    """Every call with a token for every single scope, and with none of them."""
    assert {call.scope for call in calls(filled)} == set(Scope)
    for scope in Scope:
        tool = program(filled, scope)
        for call in calls(filled):
            answer = ask(tool.http, call)
            if call.scope is scope:
                assert answer.status_code not in (401, 403, 405, 500), (call.name, answer.text)
            else:
                assert problem(answer, 403, "no-scope")["scope"] == call.scope
                assert answer.headers["www-authenticate"] == f'Bearer error="insufficient_scope", scope="{call.scope}"'
    with filled.store.write() as session:
        row = session.scalars(select(ToolTokenRow).order_by(ToolTokenRow.id.desc()).limit(1)).one()
        row.scopes = ["everything", "vault:read"]
    for call in calls(filled):
        problem(ask(tool.http, call), 403, "no-scope")


def test_without_a_good_token_nothing_is_said(filled: World, http: httpx.Client) -> None:
    good = token(filled)
    tries = {
        "none": {}, "empty": {"Authorization": ""}, "basic": {"Authorization": "Basic ZGFuYTpzZWNyZXQ="},
        "another word": {"Authorization": f"Token {good}"}, "cut": {"Authorization": f"Bearer {good[:-1]}"},
        "longer": {"Authorization": f"Bearer {good}x"}, "as a cookie": {"Cookie": f"visit={good[5:]}; token={good}"},
        "another header": {"X-Api-Key": good},
    }  # fmt: skip
    for call in calls(filled):
        for name, headers in tries.items():
            answer = ask(http, call, **headers)
            problem(answer, 401, "no-token")
            assert answer.headers["www-authenticate"].startswith("Bearer"), name
    made_up = "tool_" + "x" * 43
    said = problem(http.get("/cards", headers={"Authorization": f"Bearer {made_up}"}), 401, "no-token")
    assert made_up not in json.dumps(said)
    twice = [("Authorization", f"Bearer {good}"), ("Authorization", f"Bearer {good}")]
    problem(http.get("/cards", headers=twice), 401, "no-token")


def test_a_token_in_an_address_opens_nothing(filled: World, http: httpx.Client) -> None:
    good = token(filled)
    for name in ("access_token", "token", "key"):
        problem(http.get("/cards", params={name: good}), 401, "no-token")
        problem(http.get("/cards", params={name: good}, headers={"Authorization": f"Bearer {good}"}), 400, "invalid")


def test_who_is_signed_in_finds_no_api_and_a_token_opens_no_page(filled: World) -> None:
    url = filled.settings.server.public_url
    browser = sign_in(url, filled.store, filled.settings.families[0], login="dana at the api")
    with contextlib.closing(browser.http):
        assert browser.get("/tools").status_code == 200
        assert browser.http.get(f"{ROOT}/cards").status_code == 401
    good = token(filled)
    for named in ({"Authorization": f"Bearer {good}"}, {"Cookie": f"visit={good}"}, {"Cookie": f"visit={good[5:]}"}):
        for path in ("/", "/journal", "/vault", "/record", "/tools"):
            answer = httpx.get(url + path, headers=named)
            assert (answer.status_code, answer.headers["location"][:12]) == (303, "/sign-in?to="), path


def test_a_token_that_ended_opens_nothing_and_its_use_is_noted_once_a_day(fresh: World) -> None:
    tool, url = program(fresh), fresh.settings.server.public_url
    tool.get("/cards")
    with fresh.store.write() as session:
        row = session.scalars(select(ToolTokenRow)).one()
        tokens.end(session, row, 1, utc_now(), "UTC")
    for _ in range(3):
        problem(tool.http.get("/cards"), 401, "no-token")
    strange = problem(
        httpx.get(url + ROOT + "/cards", headers={"Authorization": "Bearer tool_" + "y" * 43}), 401, "no-token"
    )
    assert tool.http.get("/cards").json() == strange, "an ended one and a made-up one read the same"
    assert [e.kind for e in fresh.log() if "token" in e.kind] == ["token made", "token ended", "ended token used"]


@pytest.mark.parametrize("how", ["its end date", "the account", "the account's role"])
def test_a_token_ends(fresh: World, how: str) -> None:
    tool, past = program(fresh), utc_now() - timedelta(seconds=1)
    tool.get("/cards")
    with fresh.store.write() as session:
        if how == "its end date":
            session.execute(update(ToolTokenRow).values(ends_at=past))
        elif how == "the account":
            session.execute(update(AccountRow).values(ends_at=past))
        else:
            session.execute(update(AccountRow).values(role="reviewer"))
    problem(tool.http.get("/cards"), 401, "no-token")


def test_guessing_gets_slow_for_the_network_and_not_for_a_good_token(fresh: World) -> None:
    tool, url = program(fresh), fresh.settings.server.public_url
    codes = []
    for number in range(25):
        bad = {"Authorization": f"Bearer tool_{number:043}"}
        answer = httpx.get(url + ROOT + "/cards", headers=bad)
        codes.append(answer.status_code)
    assert codes == [401] * 20 + [429] * 5
    assert int(answer.headers["retry-after"]) > 0
    tool.get("/cards")
    with fresh.store.read() as session:
        assert len(session.scalars(select(KnockRow.id)).all()) == 20, "what is refused unheard costs no row"
    browser = sign_in(url, fresh.store, fresh.settings.families[0])
    browser.http.close()


def test_a_token_has_so_many_calls_in_a_minute(tmp_path: Any) -> None:
    with open_world(tmp_path, tools={"calls_per_minute": 3}) as world:
        tool, other = program(world), program(world)
        answers = [tool.http.get("/cards") for _ in range(9)]
        codes = [answer.status_code for answer in answers]
        assert codes.count(200) in (3, 6), "one minute, or the end of one and the beginning of the next"
        late = next(answer for answer in answers if answer.status_code != 200)
        problem(late, 429, "too-many")
        assert 1 <= int(late.headers["retry-after"]) <= 60
        other.get("/cards")


def test_another_family_finds_what_does_not_exist(filled: World) -> None:
    """Numbers of the first family, asked for by the second one's program: the same bytes as for numbers of nobody."""
    mine, theirs = program(filled), program(filled, family=filled.settings.families[1])
    mine.get("/cards")
    for call in calls(filled):
        if "{number}" in call.path and call.name != "proof":
            nowhere = ask(theirs.http, call, 10**12)
            assert nowhere.status_code == 404, call.name
            for number in range(1, 20):
                answer = ask(theirs.http, call, number)
                assert (answer.status_code, answer.content) == (404, nowhere.content), (call.name, number)
        elif call.method == "GET" and call.name not in ("proof", "entries", "checkpoints", "consistency"):
            assert ask(theirs.http, call).json()["items"] == [], call.name
    for number in [card["number"] for card in mine.get("/cards")["items"]]:
        body = {"card": number, "words": "Yes."}
        nowhere = theirs.http.post("/replies/look", json=body | {"card": 10**12})
        assert theirs.http.post("/replies/look", json=body).content == nowhere.content
    kinds = {entry["kind"] for entry in theirs.get("/log/entries", limit=200)["items"]}
    assert "received" not in kinds
    assert [e for e in filled.log("lindqvist") if e.kind == "tool read"]


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"", 400), (b"null", 400), (b"[]", 400), (b'"x"', 400), (b"{", 400), (b"\xff\xfe{}", 400), (b'{"words":"\xff"}', 400),
        (b"[" * 100_000, 400), (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, 400), (b'{"card":1e400,"words":"x"}', 400),
        (b'{"card":' + b"9" * 5000 + b',"words":"x"}', 400), (b'{"card":NaN,"words":"x"}', 400), (b'{"card":1.5,"words":"x"}', 400),
        (b'{"card":-1,"words":"x"}', 400), (b'{"card":true,"words":"x"}', 400), (b'{"card":"1","words":"x"}', 400),
        (b'{"card":1,"words":"\\u0000"}', 400), (b'{"card":1,"words":"\\ud800"}', 400), (b'{"card":1,"words":""}', 400),
        (b'{"card":1,"words":"' + b"x" * 600_000 + b'"}', 413), (b'{"card":1,"words":"x","route":"fax"}', 400),
        (b'{"card":9007199254740993,"words":"x"}', 400), (b'\x00', 400), (b'{"card":1,"words":"x","__proto__":{}}', 400),
    ],
)  # fmt: skip
def test_hostile_bodies_are_refused(filled: World, raw: bytes, status: int) -> None:
    tool = program(filled, Scope.REPLIES)
    for path in ("/replies/look", "/replies"):
        headers = {"Content-Type": "application/json", "Idempotency-Key": KEY}
        answer = tool.http.post(path, content=raw, headers=headers)
        problem(answer, status, {400: "invalid", 413: "too-long"}[status])
        assert len(answer.content) < 4000


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
                                  "application/json; charset=utf-16", "application/jsonp"])  # fmt: skip
def test_only_json_is_taken(filled: World, kind: str) -> None:
    tool = program(filled, Scope.REPLIES)
    answer = tool.http.post("/replies/look", content=b'{"card":1,"words":"x"}', headers={"Content-Type": kind})
    problem(answer, 415, "not-json")


@pytest.mark.parametrize("key", ["", "short", "x" * 101, "with a blank", "é" * 10, 'quo"ted-key', "a\tb-c-d-e-f"])
def test_a_key_must_be_one(filled: World, key: str) -> None:
    tool = program(filled, Scope.REPLIES)
    body = {"card": 1, "words": "x"}
    problem(tool.http.post("/replies", json=body, headers=[("Idempotency-Key", key.encode())]), 400, "invalid")
    twice = [("Idempotency-Key", KEY), ("Idempotency-Key", KEY)]
    problem(tool.http.post("/replies", json=body, headers=twice), 400, "invalid")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("limit=0", 400), ("limit=201", 400), ("limit=-1", 400), ("limit=1.0", 400), ("limit=1_0", 400), ("limit=%2B1", 400),
        ("limit=%D9%A1", 400), ("limit=" + "9" * 400, 400), ("limit=", 400), ("limit=1&limit=2", 400), ("page=1", 400),
        ("after=", 400), ("after=%00", 400), ("after=" + "A" * 300, 400), ("after=%FF", 400), ("after=abc", 422), ("after=W10", 422),
        ("after=WyJjYXJkcyIsLTFd", 422), ("after=WyJjYXJkcyIsInRydWUiXQ", 422), ("after=WyJzdW1zIiwxXQ", 422),
        ("after=WyJjYXJkcyIsOTAwNzE5OTI1NDc0MDk5Mzk5XQ", 422), ("x" * 5000, 400),
    ],
)  # fmt: skip
def test_odd_queries_are_refused(filled: World, query: str, status: int) -> None:
    tool = program(filled, Scope.CARDS)
    problem(tool.http.get(f"/cards?{query}"), status, {400: "invalid", 422: "refused"}[status])


def test_odd_days_are_refused(filled: World) -> None:
    tool = program(filled, Scope.CALENDAR, Scope.QUESTIONS)
    for first, last, status in (
        ("2026-11-30", "2026-11-01", 422), ("2026-01-01", "2027-12-31", 422), ("0001-01-01", "0001-01-02", 422), ("2026-02-30", "2026-03-01", 400),
        ("1700000000", "2026-03-01", 400), ("2026-11-01T00:00:00Z", "2026-11-02", 400), ("", "", 400),
    ):  # fmt: skip
        assert tool.http.get("/calendar", params={"first": first, "last": last}).status_code == status, first
    assert tool.http.get("/calendar").status_code == 400
    assert tool.http.get("/calendar?first=2026-11-01&last=2026-11-02&child=Zoe").status_code == 422
    for parts in (["questions", "soon", 1], ["questions", "2026-11-01", 1], ["questions", "2026-11-01T00:00:00", 1]):
        after = base64.urlsafe_b64encode(json.dumps(parts).encode()).rstrip(b"=").decode()
        assert tool.http.get(f"/questions?after={after}").status_code == 422


def test_odd_numbers_and_addresses_lead_nowhere(filled: World) -> None:
    tool = program(filled)
    nowhere = tool.http.get("/cards/999999999")
    problem(nowhere, 404, "not-here")
    for number in ("0", "-1", "1.0", "abc", "01", "%00", "9" * 30, str(2**53), str(2**63), "१", "1%2F2"):
        assert tool.http.get(f"/cards/{number}").content == nowhere.content, number
    root = filled.settings.server.public_url
    for path in (
        "/api",
        "/api/",
        "/api/v1",
        "/api/v1/",
        "/api/v2/cards",
        "/api/v1/cards/",
        "/api/v1/../v1/nothing",
        "/api/v1/vault",
    ):
        answer = httpx.get(root + path)
        assert answer.status_code == 404, path


def test_other_methods_are_told_which_ones_there_are(filled: World) -> None:
    tool = program(filled)
    for path, allow in (
        ("/cards", "GET, HEAD"),
        ("/replies", "POST"),
        ("/cards/1", "GET, HEAD"),
        ("/openapi.json", "GET, HEAD"),
    ):
        for method in (
            "PUT",
            "PATCH",
            "DELETE",
            "OPTIONS",
            "TRACE",
            "PROPFIND",
            *(["POST"] if allow != "POST" else ["GET"]),
        ):
            answer = tool.http.request(method, path)
            problem(answer, 405, "no-method")
            assert answer.headers["allow"] == allow
    head = tool.http.head("/cards")
    assert (head.status_code, head.content) == (200, b"")


def test_a_body_that_breaks_off_keeps_nothing_waiting(filled: World) -> None:
    host, port = filled.settings.server.web_listen.split(":")
    good = token(filled, (Scope.REPLIES,))
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(
            f"POST {ROOT}/replies/look HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {good}\r\n"
            "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{".encode()
        )
    program(filled).get("/cards")


def test_a_token_stands_in_no_log_and_no_table(fresh: World, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        tool = program(fresh)
        tool.get("/cards")
        tool.http.get("/cards", params={"token": tool.token})
        tool.http.get("/nothing")
    assert tool.token not in "\n".join(
        r.getMessage() for r in caplog.records if r.name.partition(".")[0] not in ("httpx", "httpcore", "uvicorn")
    )
    assert tool.token.encode() not in fresh.settings.data.joinpath("breakwater.db").read_bytes()
    assert tool.token.encode() not in fresh.settings.data.joinpath("breakwater.db-wal").read_bytes()
    assert tool.token not in json.dumps([dict(e.body) for e in fresh.log()])


def test_a_fault_says_nothing_of_itself(filled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = program(filled)
    number = tool.get("/cards")["items"][0]["number"]

    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("the words of a card")

    monkeypatch.setattr("gateway.api.reading.card_shape", broken)
    answer = tool.http.get(f"/cards/{number}")
    assert "words" not in json.dumps(problem(answer, 500, "fault"))
