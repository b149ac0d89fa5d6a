"""A child's bytes go after the database says so: whatever breaks off in between, no row counts on bytes that are gone, and they go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from gateway.clock import Clock
from gateway.errors import StoreError
from gateway.family import Directory, Family
from gateway.intake.keep import Arrival, Keeper
from gateway.ledger.whole import handed_over
from gateway.store import Blobs, Store
from gateway.store.blobs import digest
from gateway.store.tables import DeliveryRow, HandoverRow, MessageRow
from gateway.voices.handover import Handovers

RAW = b"From: emma.r@example.com\r\nSubject: mum\r\n\r\nPlease get me early, quagga zeppelin.\r\n"


class KilledError(BaseException):
    """The process ends here."""


@dataclass
class Place:
    store: Store
    blobs: Blobs
    keeper: Keeper
    clock: Clock
    directory: Directory

    def arrived(self, raw: bytes = RAW, *, sender: str = "emma.r@example.com") -> int:
        """One message kept; its number."""
        came = Arrival("rivera", "America/New_York", "email", raw, {"mail_from": sender}, self.clock())
        return self.keeper.submit(came).result().message_id

    def taken(self, number: int, *, days: int = 0) -> None:
        """It is a child's, and the parent's mail host took it so many days ago."""
        at = self.clock() - timedelta(days=days)
        with self.store.write() as session:
            message = session.get_one(MessageRow, number)
            session.add(
                DeliveryRow(
                    family="rivera", message_id=number, kind="child", channel="email", address="dana@example.org", content={},
                    out_id=f"o{number}", state="sent", next_at=at, sent_at=at,
                )
            )  # fmt: skip
            session.add(HandoverRow(message_id=message.id, family="rivera", made_at=at, next_at=at))

    def handovers(self) -> Handovers:
        return Handovers(self.store, self.blobs, self.directory, self.clock)

    def state(self, number: int = 1) -> str:
        with self.store.read() as session:
            return session.get_one(HandoverRow, number).state

    def there(self, raw: bytes = RAW) -> bool:
        try:
            return self.blobs.get("rivera", digest(raw)) == raw
        except StoreError:
            return False

    def fits(self) -> None:
        """Whatever the log does not call handed over has its bytes."""
        with self.store.read() as session:
            gone = handed_over(session)
            for message in session.scalars(select(MessageRow)):
                assert self.there() or f"{message.family}/{message.entry_seq}" in gone


@pytest.fixture
def place(
    store: Store, blobs: Blobs, clock: Clock, make_family: Callable[..., Family], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Place]:
    monkeypatch.setattr("gateway.voices.handover.FIRST_LOOK", timedelta(0))  # no waiting between two tries
    keeper = Keeper(store, blobs, apart=lambda _: True)
    yield Place(store, blobs, keeper, clock, Directory([make_family(child_kept_days=0)]))
    keeper.close()


def killed(blobs: Blobs, monkeypatch: pytest.MonkeyPatch, when: str) -> pytest.MonkeyPatch:
    """The process ends in the middle of the next removal, before or after the file went."""
    remove = Blobs.remove

    def dying(*given: object) -> None:
        if when == "after":
            remove(*given)  # type: ignore[arg-type]
        raise KilledError

    monkeypatch.setattr(blobs, "remove", lambda *given: dying(blobs, *given))
    return monkeypatch


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_removal_that_broke_off_is_taken_up_again(place: Place, when: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place.taken(place.arrived())
    assert place.handovers().step()
    assert (place.state(), place.there()) == ("removing", True)
    place.fits()
    with monkeypatch.context() as patch, pytest.raises(KilledError):
        killed(place.blobs, patch, when)
        place.handovers().step()
    assert (place.state(), place.there()) == ("removing", when == "before")
    place.fits()
    assert place.handovers().step()
    assert (place.state(), place.there()) == ("removed", False)
    assert not place.handovers().step()
    with place.store.read() as session:
        assert len(handed_over(session)) == 1


def test_the_same_bytes_that_come_between_the_two_are_kept(place: Place) -> None:
    place.taken(place.arrived())
    assert place.handovers().step()
    place.arrived(sender="mark@example.net")
    assert place.handovers().step()
    assert (place.state(), place.there()) == ("shared", True)


def test_the_same_bytes_that_come_after_a_removal_that_broke_off_are_kept(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.taken(place.arrived())
    assert place.handovers().step()
    with monkeypatch.context() as patch, pytest.raises(KilledError):
        killed(place.blobs, patch, "after")
        place.handovers().step()
    place.arrived(sender="mark@example.net")
    assert place.handovers().step()
    assert (place.state(), place.there()) == ("shared", True)


def test_a_disk_that_refuses_holds_nothing_else_up(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.taken(place.arrived())
    assert place.handovers().step()

    def refuse(*_: object) -> None:
        raise StoreError("a blob cannot be removed: Read-only file system")

    with monkeypatch.context() as patch:
        patch.setattr(place.blobs, "remove", refuse)
        patch.setattr("gateway.voices.handover.FIRST_LOOK", timedelta(hours=1))
        assert place.handovers().step()
        assert not place.handovers().step()  # looked at later
    assert (place.state(), place.there()) == ("removing", True)
    assert place.handovers().forget() == 1
    assert (place.state(), place.there()) == ("removed", False)


def test_forgetting_sends_nothing_and_takes_nothing_that_is_still_kept(
    place: Place, make_family: Callable[..., Family]
) -> None:
    """One that was taken three days ago and one that nobody has taken yet."""
    other = RAW + b"Soon.\r\n"
    place.taken(place.arrived(), days=3)
    waits = place.arrived(other)
    place.taken(waits)
    with place.store.write() as session:
        session.scalars(select(DeliveryRow).where(DeliveryRow.message_id == waits)).one().state = "pending"
    six = Handovers(place.store, place.blobs, Directory([make_family(child_kept_days=6)]), place.clock)
    assert six.forget() == 0
    assert place.handovers().forget() == 1
    assert (place.state(1), place.there()) == ("removed", False)
    assert (place.state(waits), place.there(other)) == ("waiting", True)
    with place.store.read() as session:
        assert len(session.scalars(select(DeliveryRow)).all()) == 2


def test_who_is_no_longer_in_the_settings_is_forgotten_too(place: Place) -> None:
    place.taken(place.arrived())
    assert place.handovers().step()
    place.directory = Directory([])
    assert place.handovers().step()
    assert (place.state(), place.there()) == ("removed", False)


def test_the_folder_has_no_trace_of_it(place: Place, tmp_path: Path) -> None:
    place.taken(place.arrived())
    while place.handovers().step():
        pass
    assert [file for file in tmp_path.rglob("*") if file.is_file() and b"quagga zeppelin" in file.read_bytes()] == []
