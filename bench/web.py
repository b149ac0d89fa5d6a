"""Answer times of the parent's pages in a family of 10,000 messages, over real HTTP.

    python bench/web.py [--messages 10000] [--others 0] [--rounds 30] [--only vault]

A gateway runs with real ports. Samples walk through it; then their rows (message, entries, decision, files' count, card, vault,
search index) are written again and again, spread over two years, by the functions that write them in the product. `--others`: so many
messages of other families in the same installation. Each page is asked for `--rounds` times by somebody who is signed in; p50 and p95
in milliseconds: of the whole answer, of the server's part of it (from the request's arrival to the last byte given to the socket), of
the processor time of server and client together; and the size in kB. Exits with 1 where the server's p95 is over the limit (100 ms),
or a page over 100 kB.

To add a page: a line in `PAGES` (what is asked for with GET), or a function in `FORMS` (what sends a form).
"""

from __future__ import annotations

import argparse
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import httpx
from sqlalchemy import insert, select, text
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from gateway.clock import utc_now
from gateway.demo.sample import SAMPLES
from gateway.ledger.log import Event, append_all
from gateway.store import Store
from gateway.store.tables import CardRow, DecisionRow, DeliveryRow, MessageRow, QuestionRow, VaultRow
from gateway.vault import rows
from gateway.vault.search import _home, _vector
from tests.e2e.world import World, open_world
from tests.web.visiting import Browser, filled, sign_in

LIMIT_MS, LIMIT_KB = 100.0, 100
KEY, DAYS, GROUP = "rivera", 730, 100
WORDS = "school swim nurse coat zoo bus spelling inhaler piano dentist form lunch tent bike".split()

PAGES: dict[str, str] = {
    "today": "/",
    "vault": "/vault",
    "vault, far back": "/vault?before={middle}",
    "vault, one lane": "/vault?lane=danger",
    "vault, a topic and a child": "/vault?topic=medical&child=Emma",
    "vault, one message": "/vault/{message}",
    "patterns, 13 weeks": "/patterns",
    "patterns, 104 weeks": "/patterns?weeks=104",
    "questions": "/questions",
    "unsorted": "/unsorted",
    "calendar": "/calendar",
    "expenses": "/expenses",
    "journal": "/journal",
    "rules": "/rules",
    "settings": "/settings",
    "does it arrive": "/settings/tests",
    "record": "/record",
    "people": "/people",
    "account": "/account",
}


def look(path: str, browser: Browser) -> httpx.Response:
    """A page that is only looked at."""
    return browser.http.get(path)


def search_for(words: str) -> Callable[[Browser], httpx.Response]:
    """A search as the page sends it; the form is asked for before and not measured."""

    def ask(browser: Browser) -> httpx.Response:
        form = browser.page("/vault").css_first('form[action="/vault/search"]')
        assert form is not None
        data = filled(form) | {"words": words}
        start, worked = time.perf_counter(), time.process_time()
        answer = browser.http.post("/vault/search", data=data)
        answer.extensions["took"] = time.perf_counter() - start, time.process_time() - worked
        return answer

    return ask


FORMS: dict[str, Callable[[Browser], httpx.Response]] = {
    "search, a rare word": search_for("number4711"),
    "search, a common word": search_for("dentist"),
    "search, a word of every message": search_for("told"),
    "search, a phrase": search_for('"told about the coat"'),
}


def fill(world: World, count: int) -> None:
    """So many messages, as the samples were concluded."""
    for sample in SAMPLES:
        world.send(sample)
    world.settle(120)
    with world.store.read() as session:
        messages = session.scalars(select(MessageRow).order_by(MessageRow.id)).all()
        decisions = {d.message_id: d for d in session.scalars(select(DecisionRow))}
        cards = {c.message_id: c for c in session.scalars(select(CardRow))}
        session.expunge_all()
    start = utc_now() - timedelta(days=DAYS)
    for first in range(0, count, GROUP):
        with world.store.write() as session:
            for n in range(first, min(first + GROUP, count)):
                old = messages[n % len(messages)]
                at = start + timedelta(days=DAYS) * (n / count) + timedelta(minutes=7 * (n % 13))
                again(session, old, decisions[old.id], cards.get(old.id), n, at)


def again(session: Any, old: MessageRow, made: DecisionRow, card: CardRow | None, n: int, at: datetime) -> None:
    """One message more."""
    kept = append_all(session, KEY, [Event("received", {"channel": old.channel, "sha256": old.sha256}, at)])[0]
    message = MessageRow(
        family=KEY, channel=old.channel, received_at=at, sha256=old.sha256, size=old.size, envelope=old.envelope,
        fingerprint=secrets.token_hex(32), entry_seq=kept.seq, state="done", provenance=old.provenance,
    )  # fmt: skip
    session.add(message)
    session.flush()
    words = f"{made.new_text}\nI told about the {WORDS[n % len(WORDS)]}, number{n}, to {WORDS[n * 7 % len(WORDS)]}"
    session.add(
        DecisionRow(
            message_id=message.id, family=KEY, made_at=at, who=made.who, lane=made.lane, outcome=made.outcome, new_text=words,
            detail=made.detail,
        )
    )  # fmt: skip
    append_all(session, KEY, [Event("decided", {"message": message.id, "lane": made.lane}, at)])
    if card is not None:
        token = secrets.token_urlsafe(32)
        session.add(
            CardRow(message_id=message.id, family=KEY, lane=card.lane, token=token, made_at=at, content=card.content)
        )
        if any(item.get("asks") for item in card.content["items"]):
            by, answered = at + timedelta(hours=48), at + timedelta(hours=n % 60) if n % 5 else None
            session.add(
                QuestionRow(
                    family=KEY, message_id=message.id, place=0, words="", asked_at=at, answer_by=by, named=False, answered_at=answered
                )
            )  # fmt: skip
    rows.note(session, message.id)


def crowd(store: Store, count: int) -> None:
    """Messages of 100 other families straight into the database, with what hangs on them: decision, vault, search, card, question,
    delivery. As many rows a message as a family has that gets a card for every second one.
    """
    if not count:
        return
    at = datetime(2025, 1, 1, tzinfo=UTC)
    with store.read() as session:
        base = session.execute(select(MessageRow.id).order_by(MessageRow.id.desc()).limit(1)).scalar_one()
        cards = session.execute(select(CardRow.id).order_by(CardRow.id.desc()).limit(1)).scalar_one()
        card = session.execute(select(CardRow.content).limit(1)).scalar_one()
    for first in range(0, count, 5_000):
        many = range(base + 1 + first, base + 1 + min(first + 5_000, count))
        with store.write_rows() as rows:
            rows.execute(insert(MessageRow.__table__), [message_of(n, at) for n in many])
            rows.execute(insert(DecisionRow.__table__), [decision_of(n, at) for n in many])
            rows.execute(insert(VaultRow.__table__), [vault_of(n, at) for n in many])
            shown = [n for n in many if n % 2]
            made = [card_of(n, cards + n, at) | {"content": card} for n in shown]
            rows.execute(insert(CardRow.__table__), made)
            rows.execute(insert(DeliveryRow.__table__), [delivery_of(n, cards + n, at) for n in shown])
            rows.execute(insert(QuestionRow.__table__), [question_of(n, at) for n in shown if n % 5 == 0])
            note_words(rows, many, sqlite=store.url.startswith("sqlite"))


def family_of(n: int) -> str:
    """The family of that message."""
    return f"family{n % 100}"


def message_of(n: int, at: datetime) -> dict[str, Any]:
    return {
        "id": n, "family": family_of(n), "received_at": at, "fingerprint": str(n), "provenance": "received", "channel": "sms",
        "sha256": "0" * 64, "size": 9, "envelope": {}, "entry_seq": 1, "state": "done", "starts": 1,
    }  # fmt: skip


def decision_of(n: int, at: datetime) -> dict[str, Any]:
    return {
        "message_id": n, "family": family_of(n), "made_at": at, "who": "co-parent", "lane": "withheld", "outcome": "withhold",
        "new_text": f"I told about the {WORDS[n % len(WORDS)]} n{n}", "detail": {},
    }  # fmt: skip


def vault_of(n: int, at: datetime) -> dict[str, Any]:
    return {
        "message_id": n, "family": family_of(n), "at": at + timedelta(seconds=n), "channel": "sms", "side": "coparent",
        "lane": "withheld", "provenance": "received", "topics": "", "children": "", "files": 0, "signs": 9, "about": 0,
        "late": False, "asks": False, "sent": False,
    }  # fmt: skip


def card_of(n: int, number: int, at: datetime) -> dict[str, Any]:
    return {"id": number, "message_id": n, "family": family_of(n), "lane": "facts", "token": f"{n:043}", "made_at": at}


def delivery_of(n: int, card: int, at: datetime) -> dict[str, Any]:
    return {
        "out_id": f"crowd{n}", "message_id": n, "card_id": card, "family": family_of(n), "kind": "card", "channel": "email",
        "address": f"{family_of(n)}@example.org", "content": {}, "state": "delivered", "attempts": 1, "next_at": at, "sent_at": at,
    }  # fmt: skip


def question_of(n: int, at: datetime) -> dict[str, Any]:
    return {
        "family": family_of(n), "message_id": n, "place": 0, "words": "", "asked_at": at, "answer_by": at, "named": False,
        "remind_at": None, "answered_at": at,
    }  # fmt: skip


def note_words(connection: Any, many: Iterable[int], *, sqlite: bool) -> None:
    """The words of the search."""
    words = {n: [_home(family_of(n)), "i", "told", "about", "the", WORDS[n % len(WORDS)], f"n{n}"] for n in many}
    if sqlite:
        statement = "INSERT INTO vault_words (rowid, words) VALUES (:id, :words)"
        connection.execute(text(statement), [{"id": n, "words": " ".join(w)} for n, w in words.items()])
    else:
        statement = "INSERT INTO vault_words (message_id, words) VALUES (:id, CAST(:words AS tsvector))"
        connection.execute(text(statement), [{"id": n, "words": _vector(w)} for n, w in words.items()])


class Served:
    """How long the server took for its last answer: around the application itself, inside of the HTTP library."""

    def __init__(self) -> None:
        self.seconds = 0.0
        whole = Starlette.__call__

        async def timed(app: Starlette, scope: Scope, receive: Receive, send: Send) -> None:
            start = time.perf_counter()
            await whole(app, scope, receive, send)
            if scope["type"] == "http":
                self.seconds = time.perf_counter() - start

        Starlette.__call__ = timed  # type: ignore[method-assign]


def measure(browser: Browser, served: Served, rounds: int, only: str, values: dict[str, str]) -> bool:
    """A line a page; whether all are within the limits."""
    good = True
    heads = (f"{what} {which}" for what in ("whole", "server", "cpu") for which in ("p50", "p95"))
    print(f"{'page':34} " + " ".join(f"{head:>10}" for head in heads) + f" {'kB':>7}")
    asked = {name: partial(look, path.format(**values)) for name, path in PAGES.items()}
    for name, ask in (asked | FORMS).items():
        if only not in name:
            continue
        took: list[tuple[float, float, float]] = []
        size = 0
        for _ in range(rounds + 1):
            start, worked = time.perf_counter(), time.process_time()
            answer = ask(browser)
            whole, cpu = answer.extensions.get("took", (time.perf_counter() - start, time.process_time() - worked))
            assert answer.status_code == 200, (name, answer.status_code)
            took.append((whole, served.seconds, cpu))
            size = len(answer.content)
        figures = [p for times in zip(*took[1:], strict=True) for p in middle_and_most(times)]  # the first warms up
        print(f"{name:34} " + " ".join(f"{figure:10.1f}" for figure in figures) + f" {size / 1000:7.1f}")
        good = good and figures[3] <= LIMIT_MS and size <= LIMIT_KB * 1000
    return good


def middle_and_most(seconds: Sequence[float]) -> tuple[float, float]:
    """p50 and p95 in milliseconds."""
    ordered = sorted(1000 * s for s in seconds)
    return statistics.median(ordered), ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--others", type=int, default=0, help="messages of other families in the same installation")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--only", default="", help="only pages whose name holds this")
    given = parser.parse_args()
    served = Served()
    with tempfile.TemporaryDirectory(prefix="breakwater-web-") as name, open_world(Path(name)) as world:
        start = time.perf_counter()
        fill(world, given.messages)
        crowd(world.store, given.others)
        print(
            f"{given.messages:,} messages of the family, {given.others:,} of others, made in {time.perf_counter() - start:.0f} s"
        )
        with world.store.read() as session:
            middle = session.execute(
                select(VaultRow.at, VaultRow.message_id)
                .where(VaultRow.family == KEY)
                .order_by(VaultRow.at)
                .offset(given.messages // 2)
                .limit(1)
            ).one()
        micros = (middle.at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
        values = {"middle": f"{micros}-{middle.message_id}", "message": str(middle.message_id)}
        browser = sign_in(world.settings.server.public_url, world.store, world.settings.families[0])
        try:
            good = measure(browser, served, given.rounds, given.only, values)
        finally:
            browser.http.close()
        print(f"every page within {LIMIT_MS:.0f} ms of the server and {LIMIT_KB} kB: {'yes' if good else 'NO'}")
        return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
