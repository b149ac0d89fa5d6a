"""Stamps by time-stamping authorities: what holds, what is refused, and that no failure is silent."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from gateway.errors import AnchorError, SettingsError
from gateway.family import Directory, Family
from gateway.ledger import append, entries
from gateway.ledger.anchor import ask, certificates, check
from gateway.ledger.anchors import Anchors, Stamper, by_http, stampers
from gateway.ledger.checkpoints import Checkpoints
from gateway.settings import load
from gateway.store import Store
from gateway.store.tables import AnchorRow, CheckpointRow, DeliveryRow
from tests.ledger.authority import Authority

NOTE = "relay.example.org/log/1\n3\nAAAA\nat x\n\n\u2014 relay BBBB\n"


@pytest.fixture(scope="module")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Authority, Authority]]:
    folder = tmp_path_factory.mktemp("authorities")
    made = Authority(folder / "one"), Authority(folder / "two", "Another")
    yield made
    for one in made:
        one.close()


@pytest.fixture
def authority(authorities: tuple[Authority, Authority]) -> Authority:
    authorities[0].breaks, authorities[0].asked = None, 0
    return authorities[0]


def test_a_stamp_holds_and_openssl_agrees(authority: Authority, tmp_path: Path) -> None:
    request = ask(NOTE)
    reply = by_http(authority.url, request.as_bytes())
    moment = check(reply, NOTE, certificates(authority.roots.read_bytes()), request)
    assert abs(datetime.now(UTC) - moment) < timedelta(minutes=1)
    (tmp_path / "note").write_text(NOTE, encoding="utf8")
    (tmp_path / "reply").write_bytes(reply)
    second = subprocess.run(
        ["openssl", "ts", "-verify", "-data", tmp_path / "note", "-in", tmp_path / "reply", "-CAfile", authority.roots],
        capture_output=True,
        check=False,
    )
    assert second.returncode == 0, second.stderr


def test_what_is_refused(authorities: tuple[Authority, Authority]) -> None:
    one, two = authorities
    request = ask(NOTE)
    reply = one.stamp(request.as_bytes())
    roots, others = (certificates(a.roots.read_bytes()) for a in authorities)
    with pytest.raises(AnchorError, match="does not hold"):
        check(reply, NOTE + "x", roots)
    with pytest.raises(AnchorError, match="does not hold"):
        check(reply, NOTE, others)
    with pytest.raises(AnchorError, match="does not hold"):
        check(reply, NOTE, roots, ask(NOTE))  # the answer to another request: its number is not ours
    for broken in (b"", b"\x00" * 40, reply[:-9], b"<html>busy</html>", b"x" * 200_000):
        with pytest.raises(AnchorError):
            check(broken, NOTE, roots)
    assert check(two.stamp(request.as_bytes()), NOTE, others, request)


def test_every_flipped_byte_of_a_stamp_is_refused_or_says_the_same(authority: Authority) -> None:
    roots = certificates(authority.roots.read_bytes())
    reply = authority.stamp(ask(NOTE).as_bytes())
    right = check(reply, NOTE, roots)
    for at in range(0, len(reply), 7):
        flipped = bytearray(reply)
        flipped[at] ^= 0x55
        try:
            assert check(bytes(flipped), NOTE, roots) == right
        except AnchorError:
            continue


class World:
    """A store with a log that grows, a clock that is set, and two authorities."""

    def __init__(self, store: Store, family: Family, authorities: tuple[Authority, ...]) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.store = store
        self.signer = Checkpoints(store, Ed25519PrivateKey.generate(), "relay.example.org")
        made = [
            Stamper(f"tsa-{i}", a.url, tuple(certificates(a.roots.read_bytes()))) for i, a in enumerate(authorities)
        ]
        self.anchors = Anchors(store, Directory([family]), made, lambda: self.now, self.signer.key)
        self.log = family.key

    def event(self, kind: str = "received") -> None:
        with self.store.write() as session:
            append(session, self.log, kind, {}, now=self.now)

    def turn(self, **later: float) -> int:
        self.now += timedelta(**later)
        self.signer.make_due(self.now)
        return self.anchors.step()

    def rows(self, table: Any) -> list[Any]:
        with self.store.read() as session:
            return list(session.scalars(select(table).order_by(table.id)))

    def kinds(self) -> list[str]:
        with self.store.read() as session:
            return [entry.kind for entry in entries(session, self.log)]


@pytest.fixture
def world(store: Store, make_family: Callable[..., Family], authorities: tuple[Authority, Authority]) -> World:
    for one in authorities:
        one.breaks, one.asked = None, 0
    return World(store, make_family(checkpoints_to=["lawyer@example.com"]), authorities)


def test_each_checkpoint_is_stamped_by_both_and_stamps_make_no_new_one(world: World) -> None:
    world.event()
    assert world.turn() == 2
    rows = world.rows(AnchorRow)
    assert [(r.authority, r.state, r.late) for r in rows] == [("tsa-0", "stamped", False), ("tsa-1", "stamped", False)]
    assert world.kinds() == ["received", "anchored", "anchored"]
    for _ in range(5):
        assert world.turn(hours=2) == 0, "the stamps' own entries made a new checkpoint due"
    world.event()
    assert world.turn(hours=2) == 2
    assert world.turn(hours=25) == 2, "a quiet day is stamped too"
    assert len(world.rows(CheckpointRow)) == 3


def test_a_failure_is_logged_once_and_a_late_stamp_says_so(world: World, authority: Authority) -> None:
    world.event()
    authority.breaks = 503
    world.turn()
    assert world.kinds().count("anchor failed") == 1
    world.turn(minutes=1)
    assert authority.asked == 1, "asked again before its time"
    authority.breaks = b"<html>"
    world.turn(minutes=10)
    assert world.kinds().count("anchor failed") == 1
    authority.breaks = None
    world.turn(hours=1)
    late = next(r for r in world.rows(AnchorRow) if r.authority == "tsa-0")
    assert (late.state, late.late) == ("stamped", True)
    with world.store.read() as session:
        said = [entry.body for entry in entries(session, world.log) if entry.kind == "anchored"]
    assert [body["late"] for body in said] == [False, True]


def test_an_authority_that_is_gone_is_given_up_and_never_backfilled(world: World, authority: Authority) -> None:
    world.event()
    authority.breaks = 404
    world.turn()
    for _ in range(20):
        world.event()
        world.turn(hours=2)
    authority.breaks = None
    world.turn(hours=3)
    states = [r.state for r in world.rows(AnchorRow) if r.authority == "tsa-0"]
    assert states[0] == "failed"
    assert states[-1] == "stamped"
    with world.store.read() as session:
        given_up = [e.body for e in entries(session, world.log) if e.kind == "anchor failed" and e.body["given_up"]]
    assert given_up
    assert given_up[0]["why"] == "the authority answered 404"


def test_a_checkpoint_is_mailed_once_a_day(world: World) -> None:
    world.event()
    for _ in range(50):
        world.event()
        world.turn(hours=1)
    mails = world.rows(DeliveryRow)
    assert {(m.kind, m.address, m.channel) for m in mails} == {("checkpoint", "lawyer@example.com", "email")}
    assert len(mails) in (3, 4)
    notes = [r.note for r in world.rows(CheckpointRow)]
    assert all(any(note in m.content["text"] for note in notes) for m in mails)
    words = " ".join(m.content["text"] + m.content["subject"] for m in mails)
    assert not any(name in words for name in ("Rivera", "rivera", "Emma"))


def test_settings_name_authorities(tmp_path: Path, authority: Authority) -> None:
    def settings(text: str) -> list[Stamper]:
        (tmp_path / "breakwater.toml").write_text(text, encoding="utf8")
        return stampers(load(tmp_path))

    good = f'[[anchor]]\nname = "one"\nurl = "{authority.url}"\nroots = "{authority.roots}"\n'
    assert [(s.name, s.url, len(s.roots)) for s in settings(good)] == [("one", authority.url, 1)]
    for text, said in (
        (good + good, "different names"),
        (good.replace("http://", "ftp://"), "tsa.example.org"),
        (good.replace("root.pem", "none.pem"), "cannot be opened"),
        (good.replace("root.pem", "config"), "no certificate"),
    ):
        with pytest.raises(SettingsError, match=said):
            settings(text)
