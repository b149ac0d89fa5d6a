"""Blobs of an installation that seals: no word on the disk, the same hashes in the log, old plain ones sealed in quiet moments."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from gateway.errors import SealError, SettingsError, StoreError
from gateway.intake import keep
from gateway.intake.keep import Arrival, Keeper
from gateway.ledger import append
from gateway.sealing.master import COMMAND, ENVIRONMENT, FILE, MasterPlace, keys_in, new_key
from gateway.sealing.quiet import Quiet
from gateway.sealing.rotate import rotate
from gateway.store import Blobs, Store, fresh
from gateway.store.blobs import SEALED, digest
from gateway.store.folder import Folder
from gateway.store.tables import DataKeyRow, FreshRow
from tests.conftest import path_of
from tests.e2e.world import wait_until

WORDS = b"Subject: pickup\r\n\r\nzebrafinch at 6 on Friday"
LARGE = b"zebrafinch " * 9000


@pytest.fixture
def place(tmp_path: Path) -> MasterPlace:
    return MasterPlace(FILE, file=tmp_path / "keys" / "master.key")


@pytest.fixture
def sealed(database_url: str, place: MasterPlace) -> Iterator[Store]:
    store = Store(database_url, place)
    store.migrate()
    yield store
    store.close()


@pytest.fixture
def blobs(sealed: Store, tmp_path: Path) -> Iterator[Blobs]:
    made = Blobs(tmp_path / "blobs", sealed)
    yield made
    made.close()


def on_disk(blobs: Blobs) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in blobs.folder.root.glob("??/*")}


def kept(store: Store, blobs: Blobs, clock, *raws: bytes, family: str = "rivera") -> None:
    keeper = Keeper(store, blobs)
    for raw in raws:
        keeper.submit(Arrival(family, "UTC", "email", raw, {"mail_from": "a@b.example"}, clock())).result()
    keeper.close()


def test_nothing_lies_there_plain_and_everything_comes_back(sealed, blobs, clock) -> None:
    kept(sealed, blobs, clock, WORDS, LARGE)
    assert [blobs.get("rivera", digest(raw)) for raw in (WORDS, LARGE)] == [WORDS, LARGE]
    for name, content in on_disk(blobs).items():
        assert name.endswith(SEALED)
        assert digest(WORDS) not in name
        assert b"zebrafinch" not in content
    assert len(on_disk(blobs)) == 2


def test_what_waits_in_the_database_is_sealed_too(sealed, blobs, clock, monkeypatch) -> None:
    monkeypatch.setattr(keep, "QUIET", 3600.0)
    monkeypatch.setattr(keep, "LAST", 0.0)
    kept(sealed, blobs, clock, WORDS)
    with sealed.read() as session:
        row = session.scalars(select(FreshRow)).one()
        assert b"zebrafinch" not in row.content
        assert row.sha256 != digest(WORDS)
    assert blobs.get("rivera", digest(WORDS)) == WORDS
    assert fresh.settle(sealed, blobs) == 1
    assert blobs.get("rivera", digest(WORDS)) == WORDS


def test_families_have_keys_of_their_own_and_no_file_in_common(sealed, blobs) -> None:
    for family in ("rivera", "quinn"):
        blobs.put(family, WORDS)
    assert len(on_disk(blobs)) == 2
    one, other = (path_of(blobs, family, digest(WORDS)) for family in ("rivera", "quinn"))
    one.write_bytes(other.read_bytes())
    with pytest.raises(StoreError, match="another family"):
        blobs.get("rivera", digest(WORDS))
    assert blobs.get("quinn", digest(WORDS)) == WORDS


def test_pieces_that_were_swapped_or_altered_are_told(sealed, blobs) -> None:
    one, two = blobs.put_all("rivera", [b"at 6", b"at 7"])
    path_of(blobs, "rivera", one).write_bytes(path_of(blobs, "rivera", two).read_bytes())
    with pytest.raises(StoreError, match="not what it was"):
        blobs.get("rivera", one)
    path_of(blobs, "rivera", two).write_bytes(path_of(blobs, "rivera", two).read_bytes()[:-1])
    with pytest.raises(StoreError, match="not what it was"):
        blobs.get("rivera", two)


def test_bytes_altered_in_the_database_stay_there_and_are_told(sealed, blobs, clock, monkeypatch) -> None:
    monkeypatch.setattr(keep, "QUIET", 3600.0)
    monkeypatch.setattr(keep, "LAST", 0.0)
    kept(sealed, blobs, clock, WORDS)
    with sealed.write() as session:
        row = session.scalars(select(FreshRow)).one()
        row.content = row.content[:-1] + bytes([row.content[-1] ^ 1])
    assert fresh.settle(sealed, blobs) == 0
    with pytest.raises(StoreError, match="not what it was"):
        blobs.get("rivera", digest(WORDS))


def test_what_is_removed_is_removed_sealed_and_plain(sealed, blobs) -> None:
    blobs.put("rivera", WORDS)
    blobs.folder.put_all([(digest(WORDS), WORDS)])
    with sealed.write() as session:
        blobs.remove(session, "rivera", digest(WORDS))
    assert on_disk(blobs) == {}


def test_an_installation_that_was_plain_is_sealed_in_quiet_moments(database_url, place, tmp_path, clock) -> None:
    """One blob of two families, files of both kinds, one that no row names; then the log holds as before."""
    plain = Store(database_url)
    plain.migrate()
    before = Blobs(tmp_path / "blobs", plain)
    for family in ("rivera", "quinn"):
        kept(plain, before, clock, WORDS, family=family)
    kept(plain, before, clock, LARGE)
    before.put("nobody", b"an orphan")
    body = {"sha256": "0" * 64, "files": [digest(b"a photo")], "channel": "whatsapp"}
    before.put("rivera", b"a photo")
    with plain.write() as session:
        append(session, "rivera", "imported", body, now=clock())
    assert len(on_disk(before)) == 4
    before.close()
    plain.close()
    store = Store(database_url, place)
    store.migrate()
    blobs = Blobs(tmp_path / "blobs", store)
    everything = [("rivera", WORDS), ("quinn", WORDS), ("rivera", LARGE), ("rivera", b"a photo")]
    assert [blobs.get(family, digest(raw)) for family, raw in everything] == [raw for _, raw in everything]
    keeper = Keeper(store, blobs)
    wait_until(lambda: not list(blobs.plain()), 20)
    keeper.close()
    assert [blobs.get(family, digest(raw)) for family, raw in everything] == [raw for _, raw in everything]
    assert not any(b"zebrafinch" in content or b"orphan" in content for content in on_disk(blobs).values())
    assert len(on_disk(blobs)) == 5
    blobs.close()
    store.close()


def test_what_no_family_names_yet_is_found_all_the_same(sealed, blobs) -> None:
    blobs.folder.put_all([(digest(WORDS), WORDS)])
    assert Quiet(sealed, blobs).step() == 1
    assert list(blobs.plain()) == []
    assert blobs.get("rivera", digest(WORDS)) == WORDS
    with sealed.write() as session:
        blobs.remove(session, "rivera", digest(WORDS))
    assert on_disk(blobs) == {}


def test_a_plain_blob_that_was_altered_is_left_as_it_is(sealed, blobs) -> None:
    blobs.folder.put_all([(digest(WORDS), b"altered"), (digest(b"good"), b"good")])
    quiet = Quiet(sealed, blobs)
    assert [quiet.step(), quiet.step()] == [2, 0]
    assert list(blobs.plain()) == [digest(WORDS)]
    with pytest.raises(StoreError, match="not what it was"):
        blobs.get("rivera", digest(WORDS))


KILLED = """
import os, signal, sys
from pathlib import Path
from gateway.sealing.master import FILE, MasterPlace
from gateway.sealing.quiet import Quiet
from gateway.store import Blobs, Store
from gateway.store.folder import Folder
store = Store(sys.argv[1], MasterPlace(FILE, file=Path(sys.argv[2])))
blobs = Blobs(Path(sys.argv[3]), store)
when, _, what = sys.argv[4].partition(" ")
whole = getattr(Folder, what)
def dying(self, *arguments):
    if when == "after":
        whole(self, *arguments)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(Folder, what, dying)
Quiet(store, blobs).step()
"""


@pytest.mark.parametrize("moment", ["before put_all", "after put_all", "before remove", "after remove"])
def test_killed_while_sealing_nothing_is_lost(sealed, blobs, place, clock, moment: str) -> None:
    blobs.folder.put_all([(digest(LARGE), LARGE)])
    command = [sys.executable, "-c", KILLED, sealed.url, str(place.file), str(blobs.folder.root), moment]
    with sealed.write() as session:
        append(session, "rivera", "imported", {"sha256": "0" * 64, "files": [digest(LARGE)]}, now=clock())
    done = subprocess.run(command, timeout=60, env=dict(os.environ), check=False)
    assert done.returncode == -signal.SIGKILL
    assert blobs.get("rivera", digest(LARGE)) == LARGE
    quiet = Quiet(sealed, blobs)
    wait_until(lambda: quiet.step() == 0, 10)
    assert list(blobs.plain()) == []
    assert blobs.get("rivera", digest(LARGE)) == LARGE


def test_a_disk_that_refuses_leaves_the_plain_one(sealed, blobs, monkeypatch) -> None:
    blobs.folder.put_all([(digest(WORDS), WORDS)])

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Folder, "_place", full)
        with pytest.raises(StoreError, match="No space"):
            Quiet(sealed, blobs).step()
    assert blobs.get("rivera", digest(WORDS)) == WORDS


def test_the_key_file_is_made_once_for_its_owner_only_and_never_in_place_of_a_lost_one(
    sealed, place, database_url
) -> None:
    assert place.file is not None
    assert place.file.stat().st_mode & 0o777 == 0o600
    place.file.rename(place.file.with_name("elsewhere"))
    again = Store(database_url, place)
    with pytest.raises(SettingsError, match="Put your copy of it back"):
        again.migrate()
    assert not place.file.exists()
    place.file.write_text(new_key().line())
    with pytest.raises(SealError, match="needs the master key"):
        again.migrate()
    again.close()
    off = Store(database_url)
    with pytest.raises(SettingsError, match=r"no \[sealing\]"):
        off.migrate()
    off.close()


def test_a_new_master_key_while_another_process_goes_on(sealed, blobs, place, database_url, tmp_path) -> None:
    """What was sealed opens; a family that comes after gets a key under the new one; the old key opens nothing any more."""
    assert place.file is not None
    blobs.put("rivera", WORDS)
    old = place.keys()[0]
    other = Store(database_url, place)
    assert other.keys is not None
    changed, new = rotate(other.keys)
    other.close()
    assert changed == 3
    assert keys_in(place.file.read_text()) == (new,)
    blobs.put("quinn", WORDS)
    with sealed.read() as session:
        assert set(session.scalars(select(DataKeyRow.master))) == {new.name}
    later = Store(database_url, place)
    later.migrate()
    reader = Blobs(tmp_path / "blobs", later)
    assert reader.get("rivera", digest(WORDS)) == reader.get("quinn", digest(WORDS)) == WORDS
    reader.close()
    later.close()
    place.file.write_text(old.line())
    stale = Store(database_url, place)
    with pytest.raises(SealError):
        stale.migrate()
    stale.close()


def test_a_rotation_that_was_cut_off_leaves_both_keys_and_all_opens(
    sealed, blobs, place, database_url, monkeypatch
) -> None:
    assert place.file is not None
    assert sealed.keys is not None
    blobs.put("rivera", WORDS)
    monkeypatch.setattr(sealed.keys, "rewrap", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        rotate(sealed.keys)
    monkeypatch.undo()
    assert len(place.keys()) == 2
    again = Store(database_url, place)
    again.migrate()
    assert again.keys is not None
    assert again.keys.newest("rivera").family == "rivera"
    again.close()
    assert rotate(sealed.keys)[0] == 3
    assert len(place.keys()) == 1


def test_the_master_key_from_the_environment_or_a_command(database_url, tmp_path, monkeypatch) -> None:
    key = new_key()
    file = tmp_path / "unwrapped"
    file.write_text(key.line())
    command = MasterPlace(COMMAND, command=("cat", str(file)))
    store = Store(database_url, command)
    store.migrate()
    store.close()
    monkeypatch.setenv("BREAKWATER_MASTER_KEY", key.line())
    store = Store(database_url, MasterPlace(ENVIRONMENT, variable="BREAKWATER_MASTER_KEY"))
    store.migrate()
    store.close()
    for place, said in (
        (MasterPlace(COMMAND, command=("false",)), "failed with status 1"),
        (MasterPlace(COMMAND, command=("/nowhere/kms",)), "is not there"),
        (MasterPlace(COMMAND, command=("echo", "hello")), "holds no master key"),
        (MasterPlace(ENVIRONMENT, variable="NOT_SET_HERE"), "is not set"),
    ):
        with pytest.raises(SettingsError, match=said):
            place.keys()
