"""The desk on a real database: media that come later, rows that are filled again, and what is imported."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from gateway.attachments.desk import RETRY, Desk
from gateway.attachments.rows import FIRST_RETRY, rows_of, write_rows
from gateway.attachments.scanner import Scan, ScanState
from gateway.intake.keep import Arrival, Keeper
from gateway.ledger import entries
from gateway.policy import Lane, load_rules
from gateway.store import Blobs, Store
from gateway.store.tables import AttachmentRow, DecisionRow, MediaRow
from tests.attachments.samples import file, pdf, photo

DETAIL = {"role": "co-parent", "kind": "message", "choices": [{"label": "F:school", "action": "forward"}]}


class Sick:
    """A scanner that answers what it is told to."""

    def __init__(self) -> None:
        self.state, self.asked = ScanState.AWAY, 0

    def scan(self, data: bytes) -> Scan:
        self.asked += 1
        return Scan(self.state)


class Hand:
    """A clock that is turned by hand."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def hand(clock: Callable[[], datetime]) -> Hand:
    return Hand(clock())


@pytest.fixture
def scanner() -> Sick:
    return Sick()


@pytest.fixture
def desk(store: Store, blobs: Blobs, directory, hand: Hand, scanner: Sick) -> Desk:
    rules = load_rules()
    known = {family.key: rules.for_family(family) for family in directory}
    return Desk(store, blobs, directory, known, hand, lambda _key, _words: True, scanner)


def concluded(store: Store, blobs: Blobs, desk: Desk, now: datetime, *files, media=()) -> int:
    """A message with its files and media, as the worker leaves it; its number."""
    keeper = Keeper(store, blobs)
    channel = "sms" if media else "email"
    number = (
        keeper.submit(Arrival("rivera", "UTC", channel, b"x", {"mail_from": "a"}, now, media=media))
        .result(10)
        .message_id
    )
    keeper.close()
    made = desk.settle_all("rivera", channel, Lane.FACTS, DETAIL, files)
    desk.keep("rivera", made)
    with store.write() as session:
        session.add(DecisionRow(message_id=number, family="rivera", made_at=now, who="gateway", lane="facts",
                                outcome="forward", new_text="", detail=DETAIL))  # fmt: skip
        write_rows(session, number, "rivera", made, now=now, zone="UTC", media=bool(media))
    return number


def found(store: Store, number: int) -> list[AttachmentRow]:
    with store.read() as session:
        rows = rows_of(session, number)
        session.expunge_all()
        return rows


def told(store: Store) -> list[dict]:
    with store.read() as session:
        return [f for e in entries(session, "rivera") if e.kind == "files" for f in e.body["files"]]


def test_one_try_tells_for_all_that_wait_and_messages_are_not_stopped(store, blobs, desk, hand, scanner) -> None:
    number = concluded(store, blobs, desk, hand.now, *(file(pdf(b"/N %d" % n), "a form.pdf") for n in range(5)))
    assert scanner.asked == 1
    assert [r.rule for r in found(store, number)] == ["file.unscanned"] * 5
    assert desk.step() is False
    hand.now += FIRST_RETRY
    assert desk.step() is True
    assert (desk.step(), scanner.asked) == (False, 2)
    assert {r.next_at for r in found(store, number)} == {hand.now + RETRY}
    scanner.state = ScanState.CLEAN
    hand.now += RETRY
    assert [desk.step() for _ in range(6)] == [True] * 5 + [False]
    assert [(r.state, r.next_at, r.shown_name) for r in found(store, number)] == [("listed", None, "a form")] * 5
    assert [f["state"] for f in told(store)] == ["held"] * 5 + ["listed"] * 5


@pytest.mark.parametrize(
    ("state", "wanted"), [("kept", ("step", "file.picture")), ("refused", ("held", "file.missing")), ("failed", ("held", "file.missing"))]
)  # fmt: skip
def test_a_medium_is_settled_when_its_fetching_has_ended(store, blobs, desk, hand, scanner, state, wanted) -> None:
    scanner.state = ScanState.CLEAN
    number = concluded(store, blobs, desk, hand.now, media=(("http://x/1", "image/jpeg"),))
    assert [(r.state, r.words) for r in found(store, number)] == [("waiting", "picture")]
    assert desk.step() is False
    with store.write() as session:
        medium = session.scalars(select(MediaRow)).one()
        medium.state = state
        if state == "kept":
            medium.sha256, medium.size = blobs.put("rivera", photo()), len(photo())
    assert desk.step() is True
    assert desk.step() is False
    (row,) = found(store, number)
    assert (row.state, row.rule) == wanted
    assert (row.sha256 is not None, row.size is not None) == (state == "kept", state == "kept")
    assert [f["sha256"] for f in told(store)] == [row.sha256]


def test_a_medium_whose_bytes_are_gone_is_held_and_stops_nothing(store, blobs, desk, hand, scanner) -> None:
    scanner.state = ScanState.CLEAN
    number = concluded(store, blobs, desk, hand.now, media=(("http://x/1", "image/jpeg"),))
    with store.write() as session:
        medium = session.scalars(select(MediaRow)).one()
        medium.state, medium.sha256, medium.size = "kept", "0" * 64, 5
    assert (desk.step(), desk.step()) == (True, False)
    assert [(r.state, r.rule) for r in found(store, number)] == [("held", "file.damaged")]


def test_what_is_imported_is_neither_scanned_nor_named(desk, scanner) -> None:
    made = desk.settle_all("rivera", "email", Lane.FACTS, DETAIL, [file(pdf(), "a form.pdf")], imported=True)
    assert [(f.rule, f.on_card, f.shown_name, f.scan.state) for f in made] == [("file.imported", False, "", "none")]
    assert scanner.asked == 0


def test_time_for_scanning_is_bounded(desk, scanner, monkeypatch) -> None:
    scanner.state = ScanState.CLEAN
    monkeypatch.setattr("gateway.attachments.desk.SCAN_SECONDS", -1.0)
    made = desk.settle_all("rivera", "email", Lane.FACTS, DETAIL, [file(pdf(), "a.pdf")])
    assert [f.rule for f in made] == ["file.unscanned"]


def test_a_retry_waits_longer_than_the_first() -> None:
    assert timedelta(0) < FIRST_RETRY < RETRY
