"""Words are found in every message of one's own family and nowhere else, whatever is typed, on every database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import column, insert, table, text
from sqlalchemy.orm import Session

from gateway.clock import Clock
from gateway.concluded import Conclusion, Stored, write
from gateway.demo.sample import EX_EMAIL, EX_PHONE, PARENT_EMAIL, RELAY_EMAIL, RELAY_PHONE, STRANGER_EMAIL, Sample
from gateway.family import Directory, Family
from gateway.intake.keep import Arrival, Keeper
from gateway.policy import Lane, load_rules
from gateway.provenance import FROM_THE_PARENT, IMPORTED
from gateway.store import Blobs, Store
from gateway.store.tables import DecisionRow, MessageRow, VaultRow
from gateway.store.unit_of_work import MIGRATIONS
from gateway.tagging.fallback import Fallback
from gateway.vault import rows
from gateway.vault.choices import Choices, choices_of
from gateway.vault.terms import MOST_PHRASES, Terms, terms_of, words_of
from gateway.worker import Worker
from tests.e2e.world import World
from tests.web.visiting import Browser

NOON = datetime(2026, 11, 26, 18, 0, tzinfo=UTC)
ZONE = "America/Chicago"


@pytest.mark.parametrize(
    ("typed", "phrases"),
    [
        ("school bus", (("school",), ("bus",))),
        ('"school bus" late', (("school", "bus"), ("late",))),
        ("“school bus” «le café»", (("school", "bus"), ("le", "cafe"))),
        ("JOSÉ Zoë straße", (("jose",), ("zoe",), ("strasse",))),
        ("don’t DON'T dont", (("dont",),)),
        ("pick-up 3:30", (("pick", "up"), ("3", "30"))),
        ('never "closed quote', (("never",), ("closed",), ("quote",))),
        ("a AND b OR NOT c*", (("a",), ("and",), ("b",), ("or",), ("not",), ("c",))),
        ("你好 世界", (("你", "好"), ("世", "界"))),
        ("Ωμέγα Łódź", (("ωμεγα",), ("lodz",))),
        ('"" “ ” * ( ) : ^ - !', ()),
        ("", ()),
    ],
)
def test_what_is_typed_is_read_as_words_and_phrases(typed: str, phrases: tuple[tuple[str, ...], ...]) -> None:
    assert terms_of(typed).phrases == phrases


def test_too_much_is_cut_and_said() -> None:
    many = terms_of(" ".join(f"w{n}" for n in range(100)))
    assert (len(many.phrases), many.cut) == (MOST_PHRASES, True)
    assert terms_of("x" * 10_001).cut
    assert not terms_of("a few words").cut


def add(session: Session, words: str, family: str = "rivera", minutes: int = 0, **detail: Any) -> int:
    """A message as it is kept, decided and noted."""
    at = NOON + timedelta(minutes=minutes)
    message = MessageRow(
        family=family, channel="sms", received_at=at, sha256="0" * 64, size=3, envelope={}, fingerprint=f"{at}{words[:20]}",
        entry_seq=1, state="done",
    )  # fmt: skip
    session.add(message)
    session.flush()
    lane = str(detail.pop("lane", "withheld"))
    session.add(
        DecisionRow(
            message_id=message.id, family=family, made_at=at, who="gateway", lane=lane, outcome="withhold", new_text=words,
            detail={"role": "co-parent", "kind": "message"} | detail,
        )
    )  # fmt: skip
    rows.note(session, message.id)
    return message.id


def find(store: Store, typed: str, family: str = "rivera", **choices: Any) -> list[int]:
    """The messages that hold it, newest first; their count says the same."""
    terms = terms_of(typed)
    with store.read() as session:
        found = [line.message_id for line in rows.lines(session, family, Choices(**choices), ZONE, terms)]
        assert rows.count(session, family, Choices(**choices), ZONE, terms) == len(found)
    return found


def test_words_phrases_and_accents(store: Store) -> None:
    with store.write() as session:
        one = add(session, "The school bus comes at 7. José has soccer.", subject="Café on Monday")
        two = add(session, "The bus to school was late; don't wait", minutes=1)
        three = add(session, "Nothing of it", minutes=2)
    assert find(store, "school bus") == [two, one]
    assert find(store, '"school bus"') == [one]
    assert find(store, "jose cafe") == [one]
    assert find(store, "JOSÉ") == [one]
    assert find(store, "dont WAIT") == [two]
    assert find(store, "nothing") == [three]
    assert find(store, "schoo") == []
    assert find(store, "the", since=datetime(2026, 11, 27).date()) == []


def test_another_family_is_never_found(store: Store) -> None:
    with store.write() as session:
        mine = add(session, "the secret place")
        add(session, "the secret place", family="other", minutes=1)
    assert find(store, "secret") == [mine]
    with store.read() as session:
        signs = session.execute(text("SELECT words FROM vault_words")).scalars().all()
    homes = {
        word for sign in signs for word in str(sign).replace("'", " ").replace(":", " ").split() if len(word) == 33
    }
    assert len(homes) == 2
    assert all(set(find(store, home)) <= {mine} for home in homes)


HOSTILE = [
    "' OR 1=1 --", '"', '""', '"""', "'", "a'b", "\\", "\\' & |", "a & b | !c <-> d", ":*", "NEAR(a b, 2)", "words : a", "a*", "^a", "-a",
    "(((((", "{a b} : c", "%s %(x)s", "\x00", "a\x00b", "\ud800", "\u202e\u2066", "𝕴𝖓𝖍𝖆𝖑𝖊𝖗", "é" * 5000, "x" * 10_000,
    '"' * 10_000, "a " * 5_000, "'a' " * 2_000, "ﬁ ﷺ ẞ İ", "👩‍👧", "AND", "OR", "NOT", "a AND", "NOT a",
]  # fmt: skip


@pytest.mark.parametrize("typed", HOSTILE)
def test_odd_input_is_no_error(store: Store, typed: str) -> None:
    with store.write() as session:
        add(session, f"{typed[:2000].encode('utf8', 'ignore').decode().replace(chr(0), ' ')} and some words")
    terms = terms_of(typed)
    with store.read() as session:
        if terms:
            found = rows.lines(session, "rivera", Choices(), ZONE, terms)
            assert len(found) == rows.count(session, "rivera", Choices(), ZONE, terms)
            shorter = Terms(tuple(p for p in terms.phrases if len(" ".join(p)) < 50))
            if shorter and not terms.cut and len(typed) < 2000:
                assert len(rows.lines(session, "rivera", Choices(), ZONE, shorter)) == 1


def test_a_long_message_is_found_by_its_beginning_and_never_refused(store: Store) -> None:
    words = "inhaler " + " ".join(f"{n:x}ü" * 9 for n in range(200_000)) + " ending"
    assert len(words_of(words)) < 40_001
    with store.write() as session:
        number = add(session, words)
        again = add(session, "word " * 60_000 + "ending", minutes=1)
    assert find(store, "inhaler") == [number]
    assert find(store, "word") == [again]
    assert find(store, "ending") == []


def test_filters_go_with_words(store: Store) -> None:
    choice = {"start": 0, "end": 6, "label": "F:school", "action": "forward", "rule": "facts"}
    with store.write() as session:
        fact = add(session, "school", lane="facts", choices=[choice], facts=[{"child": "Emma"}])
        cruel = add(session, "school you fool", minutes=1)
        own = add(session, "school yes", minutes=2, kind=FROM_THE_PARENT)
    assert find(store, "school") == [own, cruel, fact]
    assert find(store, "school", lane="facts") == [fact]
    assert find(store, "school", topic="school", child="Emma") == [fact]
    assert find(store, "school", topic="scho") == []
    assert find(store, "school", topic="%") == []
    assert find(store, "school", side="parent") == [own]
    assert find(store, "school", channel="email") == []


def test_pages_follow_one_another_without_gap_or_repeat(store: Store) -> None:
    with store.write() as session:
        every = [add(session, "same words", minutes=n // 3) for n in range(120)]
    got: list[int] = []
    choices = Choices()
    while True:
        with store.read() as session:
            found = rows.lines(session, "rivera", choices, ZONE, terms_of("same"))
        got += [line.message_id for line in found[: rows.PAGE]]
        if len(found) <= rows.PAGE:
            break
        choices = choices_of(choices.after(rows.place_of(found[rows.PAGE - 1])), ())
    assert got == every[::-1]


def test_what_is_forgotten_is_found_nowhere(store: Store) -> None:
    with store.write() as session:
        number, stays = add(session, "unspeakable words"), add(session, "other words", minutes=1)
    with store.write() as session:
        rows.forget(session, number)
    assert find(store, "unspeakable") == []
    assert find(store, "words") == [stays]
    with store.read() as session:
        assert session.get(VaultRow, number) is None
        assert "unspeakable" not in str(session.execute(text("SELECT words FROM vault_words")).all())


def test_a_message_that_turns_out_to_be_a_childs_leaves_the_vault(
    store: Store, make_family: Callable[..., Family]
) -> None:
    family = make_family()
    with store.write() as session:
        number = add(session, "mum can you come")
        row = session.get_one(MessageRow, number)
        row.state = "stored"
    stored = Stored(number, family.key, "sms", NOON, "0" * 64, EX_PHONE, 1, 1, "x")
    with store.write() as session:
        made = Conclusion(Lane.CHILD, "forward", "", {"kind": "from a child"}, None)
        write(session, stored, made, family, public_url="https://relay.example.org", now=NOON)
    assert find(store, "mum") == []


def test_a_newer_decision_takes_the_place_of_the_older(store: Store) -> None:
    with store.write() as session:
        number = add(session, "old words")
        decision = {"message_id": number, "family": "rivera", "made_at": NOON, "who": "reviewer", "outcome": "forward"}
        session.add(DecisionRow(**decision, lane="facts", new_text="new words", detail={"role": "co-parent"}))
        rows.note(session, number)
    assert find(store, "old") == []
    assert find(store, "new", lane="facts") == [number]


def test_messages_of_before_are_filled_in(empty_database_url: str) -> None:
    store = Store(empty_database_url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with store.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0015_accounts")
    with store.write() as session:
        for number in range(1, 1203):
            session.add(
                MessageRow(
                    id=number, family="rivera", channel="sms", received_at=NOON + timedelta(minutes=number), sha256="0" * 64,
                    size=3, envelope={}, fingerprint=f"{number % 601}", entry_seq=number, state="done",
                )
            )  # fmt: skip
        session.flush()
        columns = "message_id family made_at who lane outcome new_text detail".split()
        of_then = table("decision", *(column(name, DecisionRow.__table__.c[name].type) for name in columns))
        for number in range(1, 1202):
            copy = number > 601
            detail = {"kind": "the same bytes came before"} if copy else {"role": "relative", "subject": "Añejo"}
            said = (number, "rivera", NOON, "gateway", "withheld", "withhold", f"word number{number}", detail)
            session.execute(insert(of_then).values(dict(zip(columns, said, strict=True))))
    store.migrate()
    assert len(find(store, "number7 anejo")) == 1
    assert find(store, "number700") == [700]
    with store.read() as session:
        assert session.query(VaultRow).count() == 1201
        assert {row.side for row in session.query(VaultRow)} == {"other"}
        assert session.get_one(VaultRow, 700).lane == "copy"
        assert session.get_one(VaultRow, 7).at == NOON + timedelta(minutes=7)
    store.close()


@pytest.fixture
def desk(store: Store, blobs: Blobs, directory: Directory, clock: Clock) -> Iterator[Callable[..., None]]:
    """Keeps messages as intake does and concludes them with the worker."""
    keeper = Keeper(store, blobs)
    worker = Worker(
        store, blobs, directory, Fallback(), load_rules(), clock, public_url="https://relay.example.org",
        text_wait=timedelta(seconds=30),
    )  # fmt: skip

    def bring(*arrivals: Arrival) -> None:
        for future in [keeper.submit(arrival) for arrival in arrivals]:
            future.result()
        while worker.step():
            pass

    yield bring
    keeper.close()


def mail(words: str, sender: str = EX_EMAIL) -> Arrival:
    raw = f"From: {sender}\r\nTo: {RELAY_EMAIL}\r\nSubject: Übergabe\r\n\r\n{words}\r\n".encode()
    return Arrival("rivera", ZONE, "email", raw, {"mail_from": sender, "rcpt_to": [RELAY_EMAIL]}, NOON)


def sms(words: str, at: datetime = NOON) -> Arrival:
    raw = urlencode({"From": EX_PHONE, "To": RELAY_PHONE, "Body": words}).encode()
    return Arrival("rivera", ZONE, "sms", raw, {"mail_from": EX_PHONE}, at)


def test_every_way_in_is_found(store: Store, desk: Callable[..., None]) -> None:
    forwarded = (
        "See below.\r\n\r\n---------- Forwarded message ---------\r\nFrom: Oak School <office@oak.example.org>\r\n"
        "Date: Tue, 24 Nov 2026 at 09:10\r\nSubject: Lice\r\nTo: Mark <mark@example.net>\r\n\r\nThe nurse found lice today."
    )
    quoting = "Yes.\r\n\r\nOn Mon, 23 Nov 2026 at 18:02, Updates <rivera@relay.example.org> wrote:\r\n> Could Wednesday do for the zoo?\r\n"
    old = {"role": "co-parent", "kind": "message", "direction": "from the co-parent", "mail_from": EX_EMAIL}
    kept = {"provenance": IMPORTED, "written_at": datetime(2020, 5, 1, tzinfo=UTC)}
    imported = mail("an ancient umbrella")
    desk(
        mail("received trampoline"),
        mail(forwarded),
        mail(quoting),
        mail("own xylophone", PARENT_EMAIL),
        mail("strange kangaroo", STRANGER_EMAIL),
        sms("first giraffe", NOON - timedelta(minutes=5)),
        sms("second hippo", NOON - timedelta(minutes=5) + timedelta(seconds=5)),
        Arrival("rivera", ZONE, "email", imported.raw, old, NOON, **kept),
    )
    for typed, side in (
        ("trampoline", "coparent"), ("nurse lice", "coparent"), ("xylophone", "parent"), ("kangaroo", "other"),
        ("giraffe", "coparent"), ("hippo", "coparent"), ("umbrella", "coparent"),
    ):  # fmt: skip
        assert len(find(store, typed, side=side)) == 1, typed
    assert find(store, "zoo") == []
    assert len(find(store, "ubergabe")) == 6
    assert len(find(store, "umbrella", until=datetime(2020, 5, 1).date())) == 1
    with store.read() as session:
        assert session.query(VaultRow).filter(VaultRow.provenance == IMPORTED).count() == 1
        assert session.query(DecisionRow).count() == session.query(VaultRow).count() == 8


def test_the_page_says_how_many_and_shows_no_word(world: World, parent: Browser) -> None:
    for n in range(3):
        world.send(Sample("cruel", "email", f"You are pathetic, number{n}.\n", "Emma"))
    world.settle()
    answer = parent.send("/vault", "/vault/search", words="PATHÉTIC")
    assert "Found in 3 messages." in answer.text
    shown = answer.text.replace('value="PATHÉTIC"', "").split("<main")[1]
    assert "pathetic" not in shown.lower()
    assert "number1" not in shown
    assert "Found in 1 message." in parent.send("/vault", "/vault/search", words='"pathetic number1"').text
    assert "Found in 0 messages." in parent.send("/vault?channel=sms", "/vault/search", words="pathetic").text
    assert "There is no word in that" in parent.send("/vault", "/vault/search", words='"?!*').text
    assert parent.send("/vault", "/vault/search", words="x " * 5000).status_code == 200
    assert "<b>" not in parent.send("/vault", "/vault/search", words='"><b>bold').text
    assert parent.get("/vault/search").status_code in (404, 405)
    assert all("PATH" not in str(e.body).upper() for e in world.log() if e.kind.startswith("page"))


def test_older_results_come_by_a_form_so_that_no_address_holds_the_words(world: World, parent: Browser) -> None:
    with world.store.write() as session:
        for n in range(60):
            add(session, "umbrella", minutes=n)
    answer = parent.send("/vault", "/vault/search", words="umbrella")
    assert answer.url.query == b""
    assert answer.text.count("<tr>") == 51
    from selectolax.lexbor import LexborHTMLParser

    from tests.web.visiting import filled

    older = LexborHTMLParser(answer.text).css_first('form[action="/vault/search#content"]')
    assert older is not None
    second = parent.http.post("/vault/search", data=filled(older))
    assert second.text.count("<tr>") == 11
    assert "Older messages" not in second.text
