"""A backup of a running gateway, and the way back: everything comes back, nothing can be read, every fault is told."""

import base64
import contextlib
import errno
import hashlib
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyrage
import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from gateway.backup.make import make
from gateway.backup.repository import Reader, stamps_in
from gateway.backup.restore import restore
from gateway.cli import app
from gateway.demo.sample import EX_EMAIL, PARENT_EMAIL, SAMPLES
from gateway.errors import BackupError, BreakwaterError, LogError, StoreError, UserError
from gateway.intake.keep import Arrival, Keeper
from gateway.ledger import append, entries
from gateway.provenance import HANDED_OVER
from gateway.sealing.master import new_key
from gateway.store import Blobs, Store
from gateway.store.tables import DeliveryRow, FreshRow, HandoverRow, MessageRow
from tests.conftest import SERVER, path_of, refusing
from tests.conftest import _created as created
from tests.e2e.world import World, open_world

NOW = datetime(2026, 11, 27, 22, 10, tzinfo=UTC)
SECRET = pyrage.x25519.Identity.generate()
PUBLIC = str(SECRET.to_public())
run = CliRunner()


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with open_world(tmp_path_factory.mktemp("world")) as made:
        for sample in SAMPLES:
            made.send(sample)
        made.settle(120)
        yield made


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return tmp_path / "backup"


def back(folder: Path, into: Path, **options):
    return restore(Reader(folder, str(SECRET)), into, **{"master": copy_of_the_key(into.parent), **options})


def copy_of_the_key(place: Path) -> str:
    """The copy that somebody kept of the master key of `home`."""
    file = place / "home" / "data" / "master.key"
    return file.read_text() if file.exists() else ""


def with_the_key(home: Path) -> list[str]:
    return ["--master-key", str(home / "data" / "master.key")]


def objects(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("objects/??/*")}


def test_everything_comes_back(world: World, repository: Path, tmp_path: Path) -> None:
    told = make(world.settings, repository, PUBLIC, NOW)
    found = back(repository, tmp_path / "new")
    with world.store.read() as session:
        messages = session.scalar(select(func.count()).select_from(MessageRow))
        logs = {e.log for e in entries(session)}
    assert told.blobs == found.blobs
    assert found.held.messages == messages == len(SAMPLES)
    assert set(found.held.entries) == logs
    assert found.stamp == told.stamp == "20261127T221000Z"
    store = Store(found.database)
    with store.read() as session, world.store.read() as before:
        here = [(e.name, e.hash) for e in entries(session, "rivera")]
        assert here == [(e.name, e.hash) for e in entries(before, "rivera")][: len(here)]
    store.close()
    for name in ("log.key", "accounts.key", "backup.key"):
        old = world.settings.data / name
        if old.exists():
            assert (tmp_path / "new" / "data" / name).read_bytes() == old.read_bytes()
            assert (tmp_path / "new" / "data" / name).stat().st_mode & 0o077 == 0


def test_nothing_in_it_can_be_read(world: World, repository: Path) -> None:
    """Neither a word nor an address nor the hash of a message stands anywhere in the folder, names included."""
    make(world.settings, repository, PUBLIC, NOW)
    everything = b"".join(
        str(path.relative_to(repository)).encode() + path.read_bytes()
        for path in repository.rglob("*")
        if path.is_file()
    )
    with world.store.read() as session:
        hashes = session.scalars(select(MessageRow.sha256)).all()
    for secret in (EX_EMAIL, PARENT_EMAIL, "rivera", "Emma", "pickup", "SQLite format", "PRIVATE KEY", *hashes):
        assert secret.encode() not in everything
        assert secret.encode().lower() not in everything.lower()


def test_the_second_backup_writes_only_what_is_new(world: World, repository: Path, tmp_path: Path) -> None:
    first = make(world.settings, repository, PUBLIC, NOW)
    kept = objects(repository)
    second = make(world.settings, repository, PUBLIC, NOW + timedelta(hours=1))
    assert second.new_objects <= 1 + first.new_objects // 10
    assert {name: objects(repository)[name] for name in kept} == kept, "an object was written anew"
    world.send(SAMPLES[0])
    world.settle(60)
    third = make(world.settings, repository, PUBLIC, NOW + timedelta(hours=2))
    assert 0 < third.new_bytes < first.new_bytes
    assert (
        back(repository, tmp_path / "old", at="20261127T2210").held.messages + 1
        == back(repository, tmp_path / "new").held.messages
    )


def test_while_messages_come_in(world: World, repository: Path, tmp_path: Path) -> None:
    stop, sent = threading.Event(), []

    def bring() -> None:
        while not stop.is_set():
            world.send(SAMPLES[len(sent) % 2])
            sent.append(1)

    thread = threading.Thread(target=bring)
    thread.start()
    try:
        for number in range(4):
            make(world.settings, repository, PUBLIC, NOW + timedelta(minutes=number))
    finally:
        stop.set()
        thread.join()
    for number, stamp in enumerate(stamps_in(repository)):
        assert back(repository, tmp_path / str(number), at=stamp).held.messages > 0
    assert sent
    world.settle(120)


CUT = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from gateway.backup import make, repository
from gateway.settings import load
count, whole = [0], repository._write
def dying(path, content):
    count[0] += 1
    if count[0] == int(sys.argv[4]):
        os.kill(os.getpid(), signal.SIGKILL)
    whole(path, content)
repository._write = dying
make.make(load(Path(sys.argv[1])), Path(sys.argv[2]), sys.argv[3], datetime.now(UTC))
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An installation by itself that has kept a message."""
    folder = tmp_path / "home"
    done = run.invoke(
        app,
        ["init", str(folder), "--parent-name", "Dana", "--parent-email", "dana@example.org", "--coparent-name", "Mark",
         "--coparent-email", "mark@example.net", "--child", "Emma", "--time-zone", "America/New_York",
         "--relay-email", "r@relay.example.org"],
    )  # fmt: skip
    if done.exit_code:
        raise AssertionError(done.output)
    archive = tmp_path / "old.mbox"
    archive.write_bytes(
        b"From mark@example.net Thu Jan  1 00:00:00 2026\nFrom: mark@example.net\nTo: dana@example.org\n"
        b"Date: Thu, 01 Jan 2026 10:00:00 -0500\nMessage-ID: <1@x>\nSubject: pickup\n\nPickup is at 6 on Friday.\n"
    )
    done = run.invoke(app, ["import", "mbox", str(archive), "--dir", str(folder), "--later"])
    assert done.exit_code == 0, done.output
    return folder


@pytest.mark.parametrize("moment", [1, 2, 4, 6])
def test_killed_at_any_moment_there_is_no_backup_and_the_next_one_is_whole(
    home: Path, repository: Path, tmp_path: Path, moment: int
) -> None:
    command = [sys.executable, "-c", CUT, str(home), str(repository), PUBLIC, str(moment)]
    done = subprocess.run(command, timeout=60, env=dict(os.environ), check=False)
    assert done.returncode == -signal.SIGKILL
    assert stamps_in(repository) == []
    written = run.invoke(app, ["backup", "--dir", str(home), "--to", str(repository), "--recipient", PUBLIC])
    assert written.exit_code == 0, written.output
    assert back(repository, tmp_path / "new").held.messages == 1
    assert not list((home / "data").glob(".backup-*"))


def test_what_was_handed_over_while_the_backup_was_made_is_no_loss(
    home: Path, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database was copied before, the folder was listed after: the bytes are in neither."""
    from gateway.backup import make as making
    from gateway.settings import load

    settings = load(home)
    store = Store(settings.database_url, settings.master)
    blobs = Blobs(settings.data / "blobs", store)
    with store.write() as session:
        message = session.scalars(select(MessageRow)).one()
        session.add(HandoverRow(message_id=message.id, family=message.family, made_at=NOW, next_at=NOW))
    copy = making.copy_database

    def handing_over(*args):
        part = copy(*args)
        with store.write() as session:
            row = session.scalars(select(HandoverRow)).one()
            blobs.remove(session, row.family, session.get_one(MessageRow, row.message_id).sha256)
            row.state, row.done_at = "removed", NOW
        return part

    with monkeypatch.context() as patch:
        patch.setattr(making, "copy_database", handing_over)
        make(settings, repository, PUBLIC, NOW)
    assert back(repository, tmp_path / "new").blobs == 0
    blobs.close()
    store.close()


@pytest.mark.parametrize(
    ("taken", "state", "stays"), [("sent", "waiting", False), ("sent", "removing", False), ("pending", "waiting", True)]
)
def test_a_restore_brings_back_nothing_of_a_child_s_that_is_kept_no_longer(
    home: Path, repository: Path, tmp_path: Path, taken: str, state: str, stays: bool
) -> None:
    """With `child_kept_days = 0`, the bytes still lay there when the backup was made. What nobody had taken then is not lost."""
    from gateway.settings import load

    text = (home / "breakwater.toml").read_text()
    (home / "breakwater.toml").write_text(
        re.sub(r"(?m)^#? *child_kept_days.*\n", "", text).replace("[[family]]\n", "[[family]]\nchild_kept_days = 0\n")
    )
    settings = load(home)
    assert settings.families[0].child_kept_days == 0
    store = Store(settings.database_url, settings.master)
    blobs = Blobs(settings.data / "blobs", store)
    keeper = Keeper(store, blobs, apart=lambda _: True)
    family = settings.families[0].key
    raw = b"From: emma@example.com\r\n\r\nquagga zeppelin\r\n"
    number = keeper.submit(Arrival(family, "America/New_York", "email", raw, {}, NOW)).result().message_id
    keeper.close()
    with store.write() as session:
        message = session.get_one(MessageRow, number)
        sha256, entry = message.sha256, message.entry_seq
        session.add(
            DeliveryRow(
                family=family, message_id=message.id, kind="child", channel="email", address="dana@example.org", content={}, out_id="o1",
                state=taken, next_at=NOW, sent_at=NOW if taken == "sent" else None,
            )
        )  # fmt: skip
        session.add(HandoverRow(message_id=message.id, family=family, state=state, made_at=NOW, next_at=NOW))
        if state == "removing":
            append(session, family, HANDED_OVER, {"received_entry": entry}, now=NOW)
    blobs.close()
    store.close()
    make(settings, repository, PUBLIC, NOW)
    (tmp_path / "key.txt").write_text(str(SECRET))
    new = tmp_path / "new"
    done = run.invoke(
        app, ["restore", str(repository), "--key", str(tmp_path / "key.txt"), "--dir", str(new), *with_the_key(home)]
    )
    assert (done.exit_code, "removed again" in done.output) == (0, not stays), done.output
    again = Store(load(new).database_url, load(new).master)
    came = Blobs(new / "data" / "blobs", again)
    with contextlib.nullcontext() if stays else pytest.raises(StoreError, match="cannot be read: No such file"):
        assert came.get(family, sha256) == raw
    assert len(list(came.folder.names())) == 1 + stays  # the other one is of the message that `home` has
    came.close()
    with again.read() as session:
        assert session.scalars(select(HandoverRow.state)).one() == ("waiting" if stays else "removed")
        assert session.scalars(select(DeliveryRow.state)).one() == taken
        assert session.get_one(MessageRow, number).sha256 == sha256
    again.close()
    verified = run.invoke(app, ["log", "verify", "--dir", str(new)])
    assert verified.exit_code == 0, verified.output


@pytest.mark.parametrize("moment", [1, 2, 3, 5, 6, 7])
def test_a_full_backup_disk_is_said_and_the_next_backup_is_whole(
    home: Path, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    """At each part of it: what the folder is, objects, the names, the manifest."""
    from gateway import durable

    earlier = tmp_path / "earlier"
    assert run.invoke(app, ["backup", "--dir", str(home), "--to", str(earlier), "--recipient", PUBLIC]).exit_code == 0
    whole, count = durable._written, [0]

    def full(file: Path, content: bytes, mode: int) -> Path:
        count[0] += 1
        if count[0] >= moment:
            file.with_name(f".{file.name}.cut").write_bytes(content[:3])  # what a kill may leave of it
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return whole(file, content, mode)

    with monkeypatch.context() as patch:
        patch.setattr(durable, "_written", full)
        with pytest.raises(
            BackupError, match=r"No space left on device. No backup was made; .*Make room there.*run it again"
        ):
            run.invoke(
                app,
                ["backup", "--dir", str(home), "--to", str(repository), "--recipient", PUBLIC],
                catch_exceptions=False,
            )
    assert stamps_in(repository) == []
    assert not list((home / "data").glob(".backup-*"))
    for to in (repository, earlier):
        done = run.invoke(app, ["backup", "--dir", str(home), "--to", str(to), "--recipient", PUBLIC])
        assert done.exit_code == 0, done.output
        assert back(to, tmp_path / f"of-{to.name}").held.messages == 1
    assert not list((repository / "backups").glob("*cut*.names"))


def test_a_full_data_disk_is_said_too(home: Path, repository: Path, tmp_path: Path) -> None:
    """There is no room for the copy of the database, or for the key that names the objects."""
    with (
        refusing(home / "data", errno.ENOSPC),
        pytest.raises(BackupError, match=r"backup.key: cannot be written: No space left.*Make room"),
    ):
        run.invoke(
            app, ["backup", "--dir", str(home), "--to", str(repository), "--recipient", PUBLIC], catch_exceptions=False
        )
    assert (
        run.invoke(app, ["backup", "--dir", str(home), "--to", str(repository), "--recipient", PUBLIC]).exit_code == 0
    )
    with pytest.MonkeyPatch.context() as patch:
        from gateway.backup import make as making

        def no_room(*_: object, **__: object) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        patch.setattr(making.tempfile, "TemporaryDirectory", no_room)
        with pytest.raises(BackupError, match=r"data: cannot be written: No space left.*Make room"):
            run.invoke(
                app,
                ["backup", "--dir", str(home), "--to", str(repository), "--recipient", PUBLIC],
                catch_exceptions=False,
            )
    assert len(stamps_in(repository)) == 1


def test_files_of_odd_names_and_kinds_come_back(home: Path, repository: Path, tmp_path: Path) -> None:
    """A name that is no text, an empty file; a key behind a link; what is no file is left alone."""
    from gateway.settings import load

    for name in (b"not text \xff", b"two\nlines", b"-"):
        (home / os.fsdecode(name)).write_bytes(name)
    (home / "empty").touch()
    os.mkfifo(home / "fifo")
    (home / "device").symlink_to("/dev/zero")
    (home / "nowhere").symlink_to("gone")
    for file in (home / "breakwater.toml", home / "data" / "dkim.pem"):
        file.rename(tmp_path / file.name)
        file.symlink_to(tmp_path / file.name)
    make(load(home), repository, PUBLIC, NOW)
    back(repository, tmp_path / "new")
    new = {os.fsencode(path.name): path.read_bytes() for path in (tmp_path / "new").iterdir() if path.is_file()}
    text = (home / "breakwater.toml").read_bytes()
    assert new == {
        **{name: name for name in (b"not text \xff", b"two\nlines", b"-")},
        b"empty": b"",
        b"breakwater.toml": text,
    }
    assert (tmp_path / "new" / "data" / "dkim.pem").read_bytes() == (home / "data" / "dkim.pem").read_bytes()


def test_an_installation_that_is_its_own_data_folder(home: Path, repository: Path, tmp_path: Path) -> None:
    from gateway.settings import load

    text = (home / "breakwater.toml").read_text()
    (home / "data" / "breakwater.toml").write_text(re.sub(r'(?m)^data = "data"', 'data = "."', text))
    (home / "data" / "data").mkdir()
    (home / "data" / "data" / "master.key").write_text(copy_of_the_key(tmp_path))
    make(load(home / "data"), home / "data" / "backup", PUBLIC, NOW)
    assert back(home / "data" / "backup", tmp_path / "new").held.messages == 1


def test_two_backups_into_two_folders_at_once(
    home: Path, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has its copy of the database in the data folder; neither is in the other, and what a killed one left goes."""
    from gateway.backup import make as making
    from gateway.settings import load

    left = home / "data" / ".backup-left"
    left.mkdir()
    (left / "breakwater.db").write_bytes(b"0" * 100)
    copy, found = making.copy_database, []

    def second_meanwhile(settings, folder):
        part = copy(settings, folder)
        if not found:
            found.append(folder)
            make(settings, tmp_path / "other", PUBLIC, NOW)
        return part

    monkeypatch.setattr(making, "copy_database", second_meanwhile)
    told = make(load(home), repository, PUBLIC, NOW)
    assert not list((home / "data").glob(".backup-*"))
    for number, folder in enumerate((repository, tmp_path / "other")):
        assert back(folder, tmp_path / f"new{number}").files == told.files
        assert not list((tmp_path / f"new{number}" / "data").glob(".backup-*"))


def test_the_newest_is_the_one_made_last_whatever_the_clock_says(home: Path, repository: Path, tmp_path: Path) -> None:
    """Two in one second, and one after the clock was set back: none is refused, none takes another's place."""
    from gateway.settings import load

    for number, moment in enumerate((NOW, NOW, NOW - timedelta(days=400))):
        (home / "note.txt").write_text(str(number))
        make(load(home), repository, PUBLIC, moment)
    assert stamps_in(repository) == ["20261127T221000Z", "20261127T221001Z", "20261127T221002Z"]
    back(repository, tmp_path / "new")
    assert (tmp_path / "new" / "note.txt").read_text() == "2"
    (repository / "backups" / "99991399T000000Z").touch()
    with pytest.raises(BackupError, match="remove that file"):
        make(load(home), repository, PUBLIC, NOW)


def test_files_of_others_in_the_folder_do_no_harm(home: Path, repository: Path, tmp_path: Path) -> None:
    """What a kill left before there was anything else; what a desktop or a cloud puts beside the backups."""
    from gateway.settings import load

    repository.mkdir()
    (repository / ".breakwater-backup.json.0a1b2c3d").touch()
    make(load(home), repository, f" {PUBLIC}\r\n", NOW)
    make(load(home), repository, PUBLIC, NOW + timedelta(days=1))
    for name in ("desktop.ini", ".DS_Store", "20261127T221000Z (1)", "20261127T221000Z.names (1)"):
        (repository / "backups" / name).touch()
    command = ["backup", "--dir", str(home), "--to", str(repository), "--recipient", PUBLIC, "--keep", "1"]
    done = run.invoke(app, command)
    assert (done.exit_code, len(stamps_in(repository))) == (0, 1), done.output
    assert back(repository, tmp_path / "new").held.messages == 1


def test_a_database_that_lay_elsewhere_is_not_opened_again(home: Path, repository: Path, tmp_path: Path) -> None:
    """The restored settings name the old one. A key file that Windows wrote is read."""
    from gateway.settings import load

    old = tmp_path / "old.db"
    (home / "data" / "breakwater.db").rename(old)
    toml = home / "breakwater.toml"
    toml.write_text(toml.read_text().replace("[server]", f'[server]\ndatabase = "sqlite:///{old}"', 1))
    make(load(home), repository, PUBLIC, NOW)
    key, new = tmp_path / "key.txt", tmp_path / "new"
    key.write_bytes(b"\xef\xbb\xbf" + f"{SECRET}\r\n".encode())
    done = run.invoke(app, ["restore", str(repository), "--key", str(key), "--dir", str(new), *with_the_key(home)])
    assert done.exit_code == 0, done.output
    assert f"[server] database still names sqlite:///{old}" in done.output


def test_by_command(home: Path, repository: Path, tmp_path: Path) -> None:
    keys = run.invoke(app, ["backup", "key"]).output
    public = next(word for word in keys.split() if word.startswith("age1"))
    file = tmp_path / "key.txt"
    file.write_text(keys)
    with (home / "breakwater.toml").open("a") as out:
        out.write(f'\n[backup]\nto = "{repository}"\nrecipient = "{public}"\nkeep = 2\n')
    assert run.invoke(app, ["backup", "--dir", str(home)]).exit_code == 0
    assert len(run.invoke(app, ["backup", "list", "--dir", str(home)]).output.split()) == 1
    checked = run.invoke(app, ["restore", str(repository), "--key", str(file), "--check", *with_the_key(home)])
    assert (checked.exit_code, "1 stored messages, all unchanged" in checked.output) == (0, True), checked.output
    new = tmp_path / "new"
    done = run.invoke(app, ["restore", str(repository), "--key", str(file), "--dir", str(new), *with_the_key(home)])
    assert done.exit_code == 0, done.output
    verified = run.invoke(app, ["log", "verify", "--dir", str(new)])
    assert (verified.exit_code, "all unchanged" in verified.output) == (0, True)
    assert "restored" in run.invoke(app, ["log", "show", "--dir", str(new)]).output


def test_old_ones_are_forgotten_and_the_others_stay_whole(home: Path, repository: Path, tmp_path: Path) -> None:
    from gateway.settings import load

    for day in range(4):
        (home / "note.txt").write_text(f"note {day}" * 100)
        make(load(home), repository, PUBLIC, NOW + timedelta(days=day))
    before = len(objects(repository))
    done = run.invoke(
        app, ["backup", "--dir", str(home), "--to", str(repository), "--recipient", PUBLIC, "--keep", "2"]
    )
    assert done.exit_code == 0, done.output
    assert len(stamps_in(repository)) == 2
    assert len(objects(repository)) < before
    for stamp in stamps_in(repository):
        assert back(repository, tmp_path / stamp, at=stamp).held.messages == 1


@pytest.mark.parametrize("where", ["object", "manifest", "name", "missing"])
def test_whatever_is_altered_is_told(home: Path, repository: Path, tmp_path: Path, where: str) -> None:
    from gateway.settings import load

    make(load(home), repository, PUBLIC, NOW)
    some = sorted(repository.glob("objects/??/*"))
    if where == "object":
        for path in some:
            path.write_bytes(pyrage.encrypt(b"x" + path.read_bytes(), [SECRET.to_public()]))
    elif where == "manifest":
        file = repository / "backups" / stamps_in(repository)[0]
        file.write_bytes(file.read_bytes()[:-1] + b"?")
    elif where == "name":  # two objects that were sealed rightly have changed places
        one, other = some[0].read_bytes(), some[1].read_bytes()
        some[0].write_bytes(other)
        some[1].write_bytes(one)
    else:
        some[0].unlink()
    with pytest.raises((BackupError, LogError, StoreError)):
        back(repository, tmp_path / "new")


def test_a_blob_that_was_altered_does_not_stop_the_backup_and_is_told(home: Path, repository: Path) -> None:
    from gateway.settings import load

    settings = load(home)
    blob = next(path for path in (home / "data" / "blobs").glob("??/*"))
    blob.write_bytes(b"altered")
    told = make(settings, repository, PUBLIC, NOW)
    assert told.damaged == [blob.stem]
    done = run.invoke(
        app, ["backup", "--dir", str(home), "--to", str(repository), "--recipient", PUBLIC, "--keep", "1"]
    )
    assert done.exit_code == 1
    assert len(stamps_in(repository)) == 2, "nothing older is cleared away"


def test_an_older_backup_keeps_the_good_bytes(home: Path, repository: Path, tmp_path: Path) -> None:
    from gateway.settings import load

    make(load(home), repository, PUBLIC, NOW)
    blob = next(path for path in (home / "data" / "blobs").glob("??/*"))
    blob.write_bytes(b"altered")
    make(load(home), repository, PUBLIC, NOW + timedelta(days=1))
    assert back(repository, tmp_path / "new").held.messages == 1


def test_wrong_words_get_a_clear_answer(home: Path, repository: Path, tmp_path: Path) -> None:
    from gateway.settings import load

    settings, other = load(home), pyrage.x25519.Identity.generate()
    with pytest.raises(UserError, match="begins with age1"):
        make(settings, repository, "me", NOW)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a").write_text("a")
    with pytest.raises(UserError, match="not empty and no backup folder"):
        make(settings, tmp_path / "full", PUBLIC, NOW)
    make(settings, repository, PUBLIC, NOW)
    with pytest.raises(UserError, match="sealed to another key"):
        make(settings, repository, str(other.to_public()), NOW)
    with pytest.raises(BackupError, match="this key does not open it"):
        restore(Reader(repository, str(other)), tmp_path / "new")
    with pytest.raises(UserError, match="AGE-SECRET-KEY-1"):
        Reader(repository, PUBLIC)
    with pytest.raises(UserError, match="is not empty"):
        back(repository, home)
    with pytest.raises(UserError, match="there is no backup 1999"):
        back(repository, tmp_path / "other", at="1999")
    with pytest.raises(UserError, match="no backup folder"):
        Reader(tmp_path, str(SECRET))


def test_two_at_once_do_not_mix(home: Path, repository: Path) -> None:
    from gateway.backup.repository import Repository
    from gateway.settings import load

    first = Repository(repository, PUBLIC, b"0" * 32)
    with pytest.raises(UserError, match="another backup is being made"):
        make(load(home), repository, PUBLIC, NOW)
    first.close()
    make(load(home), repository, PUBLIC, NOW)


def test_a_path_out_of_the_folder_is_refused(home: Path, repository: Path, tmp_path: Path) -> None:
    """Whoever holds the public key can write a manifest; it must not write outside the new folder."""
    from gateway.backup.repository import Repository

    writer = Repository(repository, PUBLIC, b"0" * 32)
    for number, path in enumerate(["../evil", "home/../../evil", "/evil", "data/../../../evil"]):
        name = writer.put(b"evil")
        file = {"path": path, "size": 4, "sha256": "0", "mode": 0o600, "objects": [name]}
        writer.finish(f"2026112{number}T000000Z", {"format": 1, "made_at": "", "data": "data", "files": [file]}, [name])
    writer.close()
    for number, stamp in enumerate(stamps_in(repository)):
        with pytest.raises(BreakwaterError, match="a path that cannot be"):
            back(repository, tmp_path / "in" / str(number), at=stamp)
    assert not list(tmp_path.rglob("evil"))


@pytest.mark.parametrize(
    "change",
    [
        {"files": None}, {"files": ["x"]}, {"files": [{}]}, {"made_at": 3}, {"made_at": "\x1b[2J"}, {"data": None},
        {"vanished": [["x"]]}, {"vanished": 3}, {"path": ""}, {"path": "."}, {"path": "home"}, {"path": "data"},
        {"path": "blobs/x"}, {"path": "breakwater.db/x"}, {"path": "home/a\0b"}, {"path": 3}, {"mode": "rw"}, {"mode": -1},
        {"mode": 0o4777}, {"size": -1}, {"sha256": "0"}, {"objects": ["/dev/zero"]}, {"objects": ["../" * 9 + "dev/zero"]},
        {"objects": 3}, {"objects": ["/" * 64]},
    ],
)  # fmt: skip
def test_a_manifest_of_anybody_is_believed_in_nothing(
    repository: Path, tmp_path: Path, change: dict[str, object]
) -> None:
    from gateway.backup.repository import Repository

    writer = Repository(repository, PUBLIC, b"0" * 32)
    name = writer.put(b"some")
    file = {
        "path": "home/a",
        "size": 4,
        "sha256": hashlib.sha256(b"some").hexdigest(),
        "mode": 0o600,
        "objects": [name],
    }
    manifest = {"format": 1, "made_at": "", "data": "data", "files": [file]}
    for key, value in change.items():
        (file if key in file else manifest)[key] = value
    writer.finish("20261127T000000Z", manifest, [name])
    writer.close()
    with pytest.raises(BackupError, match="its manifest cannot be right"):
        back(repository, tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("listed", [None, b"1" * 31, b"1" * 32 + b"\xff" * 4, b"1" * 32 + b"\0\0\0\1" + b"2" * 31])
def test_a_list_of_blobs_that_claims_more_than_it_holds(repository: Path, tmp_path: Path, listed: bytes | None) -> None:
    from gateway.backup.repository import Repository

    writer = Repository(repository, PUBLIC, b"0" * 32)
    content = listed or b"x"
    file = {"path": "blobs" if listed else "home/a", "size": len(content), "sha256": hashlib.sha256(content).hexdigest(),
            "mode": 0o600, "objects": [writer.put(content)]}  # fmt: skip
    writer.finish("20261127T000000Z", {"format": 1, "made_at": "", "data": "data", "files": [file]}, [])
    writer.close()
    with pytest.raises(BackupError, match="the list of blobs"):
        back(repository, tmp_path / "new")


@pytest.mark.parametrize("what", ["pipe", "device", "folder", "huge"])
def test_an_object_that_is_no_file(home: Path, repository: Path, tmp_path: Path, what: str) -> None:
    from gateway.settings import load

    make(load(home), repository, PUBLIC, NOW)
    for path in repository.glob("objects/??/*"):
        path.unlink()
        if what == "pipe":
            os.mkfifo(path)
        elif what == "device":
            path.symlink_to("/dev/zero")
        elif what == "folder":
            path.mkdir()
        else:
            with path.open("wb") as file:
                file.truncate(1 << 40)
    with pytest.raises(BackupError, match="cannot be read"):
        back(repository, tmp_path / "new")


def test_a_locked_or_busy_database_is_copied_whole(home: Path, repository: Path, tmp_path: Path) -> None:
    from gateway.settings import load

    other = sqlite3.connect(home / "data" / "breakwater.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute("INSERT INTO fresh (sha256, content) VALUES ('x', x'00')")
    make(load(home), repository, PUBLIC, NOW)
    other.execute("ROLLBACK")
    other.close()
    found = back(repository, tmp_path / "new")
    store = Store(found.database)
    with store.read() as session:
        assert session.scalars(select(FreshRow.sha256)).all() == []
    store.close()


def test_either_database_comes_back(home: Path, database_url: str, repository: Path, tmp_path: Path) -> None:
    """On PostgreSQL by a dump, into a database that must be empty."""
    from gateway.clock import utc_now
    from gateway.intake.keep import Arrival, Keeper
    from gateway.settings import load

    settings = load(home)
    settings = settings.model_copy(update={"server": settings.server.model_copy(update={"database": database_url})})
    store = Store(database_url, settings.master)
    store.migrate()
    blobs = Blobs(settings.data / "blobs", store)
    keeper = Keeper(store, blobs)
    family = settings.families[0]
    raws = [b"Subject: pickup\r\n\r\nat 6 on Friday", b"x" * 700_000]
    for raw in raws:
        keeper.submit(Arrival(family.key, family.time_zone, "email", raw, {"mail_from": EX_EMAIL}, utc_now())).result()
    keeper.close()
    blobs.close()
    store.close()
    make(settings, repository, PUBLIC, NOW)
    if database_url.startswith("sqlite"):
        assert back(repository, tmp_path / "new").held.messages == 2
        return
    assert SERVER is not None
    with pytest.raises(UserError, match="name an empty one"):
        back(repository, tmp_path / "none")
    with pytest.raises(UserError, match="the database is not empty"):
        back(repository, tmp_path / "full", database=database_url)
    with created(SERVER) as empty:
        assert back(repository, tmp_path / "new", database=empty).held.messages == 2


def test_without_the_master_key_a_backup_opens_to_no_word(home: Path, repository: Path, tmp_path: Path) -> None:
    """Whoever holds the backup and its own secret key, and not the master key, reads neither message nor address nor setting."""
    from gateway.settings import load

    made = make(load(home), repository, PUBLIC, NOW)
    assert made.blobs == 1
    key = copy_of_the_key(tmp_path).encode().strip()
    opened = [pyrage.decrypt(content, [SECRET]) for content in objects(repository).values()]
    manifest = zlib.decompress(pyrage.decrypt((repository / "backups" / made.stamp).read_bytes(), [SECRET]))
    assert len(opened) > 5
    for content in (manifest, *opened):
        with contextlib.suppress(zlib.error):
            content += zlib.decompress(content)
        for word in (
            b"Pickup",
            b"dana@example.org",
            b"mark@example.net",
            b"Emma",
            key,
            bytes.fromhex(key.decode()[5:69]),
        ):
            for form in (
                word,
                base64.b64encode(word)[:-4],
                word.hex().encode(),
                word.decode("latin-1").encode("utf-16-le"),
            ):
                assert form not in content
    assert b"master.key" not in manifest
    with pytest.raises(UserError, match="--master-key FILE"):
        back(repository, tmp_path / "none", master="")
    with pytest.raises(UserError, match="what was given holds"):
        back(repository, tmp_path / "none", master=new_key().line())
    assert not (tmp_path / "none").exists()
    assert back(repository, tmp_path / "new").held.messages == 1
    restored = tmp_path / "new" / "data" / "master.key"
    assert restored.read_bytes().strip() == key
    assert restored.stat().st_mode & 0o777 == 0o600


def test_the_next_backup_of_a_sealed_installation_writes_only_what_is_new(home: Path, repository: Path) -> None:
    from gateway.settings import load

    first = make(load(home), repository, PUBLIC, NOW)
    again = make(load(home), repository, PUBLIC, NOW + timedelta(days=1))
    assert first.new_objects > 5
    assert again.new_objects == 0


def test_a_backup_after_a_new_master_key_opens_with_it_and_the_one_before_with_the_old_one(
    home: Path, repository: Path, tmp_path: Path
) -> None:
    from gateway.settings import load

    old = copy_of_the_key(tmp_path)
    first = make(load(home), repository, PUBLIC, NOW)
    assert run.invoke(app, ["keys", "rotate", "--dir", str(home)]).exit_code == 0
    shown = run.invoke(app, ["keys", "show", "--dir", str(home)])
    new = copy_of_the_key(tmp_path)
    assert new.strip() in shown.output
    assert old != new
    second = make(load(home), repository, PUBLIC, NOW + timedelta(days=1))
    assert back(repository, tmp_path / "a", at=first.stamp, master=old).held.messages == 1
    assert back(repository, tmp_path / "b", at=second.stamp, master=new).held.messages == 1
    for stamp, wrong in ((first.stamp, new), (second.stamp, old)):
        with pytest.raises(UserError, match="--master-key FILE"):
            back(repository, tmp_path / "c", at=stamp, master=wrong)
    assert "master key changed" in run.invoke(app, ["log", "show", "--dir", str(home)]).output
    assert run.invoke(app, ["log", "verify", "--dir", str(home)]).exit_code == 0


def test_a_sealed_blob_of_several_chunks_comes_back_and_an_altered_one_is_told(
    home: Path, repository: Path, tmp_path: Path
) -> None:
    from gateway.settings import load

    settings = load(home)
    store = Store(settings.database_url, settings.master)
    blobs = Blobs(settings.data / "blobs", store)
    sha256 = blobs.put("family-emma", os.urandom(700_000))
    make(settings, repository, PUBLIC, NOW)
    assert back(repository, tmp_path / "new").blobs == 2
    file = path_of(blobs, "family-emma", sha256)
    assert (tmp_path / "new" / "data" / "blobs" / file.name[:2] / file.name).read_bytes() == file.read_bytes()
    file.write_bytes(file.read_bytes()[:-1])
    assert make(settings, repository, PUBLIC, NOW + timedelta(days=1)).damaged == [], (
        "what is there already is not read"
    )
    file.write_bytes(b"x" + file.read_bytes())
    assert make(settings, repository, PUBLIC, NOW + timedelta(days=2)).damaged == [file.stem]
    blobs.close()
    store.close()
