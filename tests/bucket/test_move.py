"""`breakwater blobs move`: everything is there and was read back before anything goes, whatever breaks on the way; the gateway starts on
neither place while bytes may lie in the other one."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from typer.testing import CliRunner

from gateway.cli import app
from gateway.clock import utc_now
from gateway.errors import SettingsError, StoreError, UserError
from gateway.lifetime import lock
from gateway.many.locks import Locks
from gateway.many.presence import Presence
from gateway.many.roles import ALL
from gateway.settings import Settings, load
from gateway.store import Blobs, Store
from gateway.store.bucket import Bucket
from gateway.store.folder import Folder
from gateway.store.moving import move, refuse_to_start
from gateway.store.place import BucketPlace
from gateway.store.tables import HandoverRow, MessageRow
from tests.bucket.server import S3, Between
from tests.many.server import Server

run = CliRunner()
WORDS = [b"pickup at %d" % number for number in range(70)]


def write(home: Path, place: BucketPlace, store: str, **more: Any) -> Settings:
    """The settings, as an operator would write them."""
    home.mkdir(exist_ok=True)
    (home / "access").write_text(f"{place.access_key}\n")
    (home / "secret").write_text(f"{place.secret_key}\n")
    blobs = {
        "store": store, "endpoint": place.endpoint, "bucket": place.bucket, "prefix": place.prefix,
        "access_key_file": "access", "secret_key_file": "secret", "tls": False,
    }  # fmt: skip
    (home / "breakwater.toml").write_text(tomlkit.dumps({"sealing": {}, "blobs": blobs, **more}))
    return load(home)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def store(home: Path, place: BucketPlace) -> Iterator[Store]:
    settings = write(home, place, "folder")
    settings.data.mkdir()
    made = Store(settings.database_url, settings.master)
    made.migrate()
    yield made
    made.close()


@pytest.fixture
def hashes(home: Path, store: Store) -> list[str]:
    """Sealed ones of two families, and a plain one that an older version left."""
    blobs = Blobs(load(home).blob_folder, store)
    found = blobs.put_all("rivera", WORDS)
    blobs.put("quinn", WORDS[0])
    blobs.folder.put_all([(hashlib.sha256(b"old").hexdigest(), b"old")])
    blobs.close()
    return found


def all_there(settings: Settings, store: Store, hashes: list[str]) -> bool:
    blobs = Blobs(settings.blobs_at, store)
    try:
        old = blobs.get("rivera", hashlib.sha256(b"old").hexdigest())
        return (
            [blobs.get("rivera", one) for one in hashes] == WORDS
            and blobs.get("quinn", hashes[0]) == WORDS[0]
            and old == b"old"
        )
    finally:
        blobs.close()


def folder_names(settings: Settings) -> list[str]:
    return list(Folder(settings.blob_folder).names())


def test_the_way_into_the_bucket_and_back(
    home: Path, store: Store, place: BucketPlace, hashes: list[str], s3: S3
) -> None:
    settings = write(home, place, "folder")
    first = run.invoke(app, ["blobs", "move", "s3", "--dir", str(home)])
    assert first.exit_code == 0, first.output
    assert "72 copied and read back, 0 were there" in first.output
    assert "Now stop it, set" in first.output
    refuse_to_start(settings)  # it may go on where it was
    with pytest.raises(UserError, match="still uses the other place"):
        move(settings, "s3", remove=True)

    settings = write(home, place, "s3")
    with pytest.raises(SettingsError, match="breakwater blobs move s3"):
        refuse_to_start(settings)
    last = run.invoke(app, ["blobs", "move", "s3", "--dir", str(home)])
    assert "0 copied and read back, 72 were there" in last.output
    refuse_to_start(settings)
    assert all_there(settings, store, hashes)
    assert len(folder_names(settings)) == 72  # nothing was deleted without a word
    assert "72 deleted" in run.invoke(app, ["blobs", "move", "s3", "--remove", "--dir", str(home)]).output
    assert folder_names(settings) == []
    assert all_there(settings, store, hashes)

    settings = write(home, place, "folder")
    with pytest.raises(SettingsError, match="breakwater blobs move folder"):
        refuse_to_start(settings)
    back = run.invoke(app, ["blobs", "move", "folder", "--remove", "--dir", str(home)])
    assert back.exit_code == 0, back.output
    refuse_to_start(settings)
    assert all_there(settings, store, hashes)
    assert s3.objects(place) == {}


def test_a_bucket_that_is_not_the_one_that_holds_everything_is_refused(
    home: Path, store: Store, place: BucketPlace, hashes: list[str], s3: S3
) -> None:
    move(write(home, place, "s3"), "s3")
    with pytest.raises(SettingsError, match="what is kept lies in the bucket"):
        refuse_to_start(write(home, s3.place(), "s3"))


def test_broken_off_at_any_object_it_goes_on(
    home: Path, store: Store, place: BucketPlace, hashes: list[str], between: Between
) -> None:
    through = between.place(place)
    settings, puts = write(home, through, "s3"), []

    def script(method: str, path: str) -> str:
        puts.append(path) if method == "PUT" else None
        return "cut" if method == "PUT" and len(puts) > 20 else ""

    between.script = script
    with pytest.raises(StoreError, match="Run it again"):
        move(settings, "s3", remove=True)
    held = len(folder_names(settings))
    assert 72 - 20 <= held < 72
    with pytest.raises(SettingsError):
        refuse_to_start(settings)
    between.script = lambda _method, _path: ""
    write(home, through, "s3")
    done = move(settings, "s3", remove=True)
    assert done.there + done.copied == held == done.removed
    assert all_there(settings, store, hashes)


def test_a_copy_that_comes_back_otherwise_deletes_nothing(
    home: Path, store: Store, place: BucketPlace, hashes: list[str], between: Between
) -> None:
    settings = write(home, between.place(place), "s3")
    between.script = lambda method, path: "alter" if method == "GET" and "/home/" in path and "?" not in path else ""
    with pytest.raises(StoreError, match="did not come back as it was given"):
        move(settings, "s3", remove=True)
    assert len(folder_names(settings)) == 72


KILLED = """
import os, signal, sys
from pathlib import Path
from gateway.settings import load
from gateway.store import moving
done = []
def step():
    done.append(1)
    if len(done) == 30:
        os.kill(os.getpid(), signal.SIGKILL)
moving.move(load(Path(sys.argv[1])), "s3", remove=True, step=step)
"""


def test_killed_in_the_middle_nothing_is_lost(home: Path, store: Store, place: BucketPlace, hashes: list[str]) -> None:
    settings = write(home, place, "s3")
    done = subprocess.run([sys.executable, "-c", KILLED, str(home)], timeout=60, env=dict(os.environ), check=False)
    assert done.returncode == -signal.SIGKILL
    assert 0 < len(folder_names(settings)) < 72
    move(settings, "s3", remove=True)
    assert all_there(settings, store, hashes)
    assert folder_names(settings) == []


def test_what_is_damaged_is_named_copied_and_never_deleted(
    home: Path, store: Store, place: BucketPlace, hashes: list[str], s3: S3
) -> None:
    settings = write(home, place, "s3")
    blobs = Blobs(settings.blob_folder, store)
    name = f"{blobs.name('rivera', hashes[3])}.sealed"
    blobs.folder.put_all([(name, b"altered")])
    blobs.close()
    done = run.invoke(app, ["blobs", "move", "s3", "--remove", "--dir", str(home)])
    assert done.exit_code == 1
    assert f"blob {name.removesuffix('.sealed')} is not what it was" in done.output
    assert folder_names(settings) == [name]
    assert s3.objects(place)[f"home/sealed/{name}"] == b"altered"
    refuse_to_start(settings)


def test_beside_a_running_gateway_the_last_run_is_refused(
    home: Path, store: Store, place: BucketPlace, hashes: list[str]
) -> None:
    held = lock(load(home))
    move(write(home, place, "folder"), "s3")  # ahead of it is fine
    with pytest.raises(UserError, match="stop that one first"):
        move(write(home, place, "s3"), "s3")
    assert held is not None
    held.close()
    move(write(home, place, "s3"), "s3")


def test_beside_a_process_on_postgresql_too(home: Path, place: BucketPlace, server: Server) -> None:
    with server.database() as url:
        settings = write(home, place, "s3", server={"database": url})
        settings.data.mkdir()
        store = Store(url, settings.master)
        store.migrate()
        locks = Locks(store)
        presence = Presence(store, locks, ALL, utc_now)
        presence.enter()
        with pytest.raises(UserError, match="stop every `breakwater serve` first"):
            move(settings, "s3")
        presence.leave()
        locks.close()
        move(settings, "s3")
        store.close()


def test_what_a_child_wrote_and_is_gone_does_not_stay_in_the_copy(
    home: Path, store: Store, place: BucketPlace, hashes: list[str]
) -> None:
    """Copied ahead, then handed over and removed, while the gateway still used the folder; and the same bytes, needed by another message."""
    settings = write(home, place, "folder")
    move(settings, "s3")
    blobs = Blobs(settings.blob_folder, store)
    with store.write() as session:
        for number, (state, sha256) in enumerate([("removed", hashes[1]), ("removed", hashes[2]), ("", hashes[2])], 1):
            session.add(MessageRow(**_row(number, sha256)))
            session.flush()
            if state:
                session.add(
                    HandoverRow(message_id=number, family="rivera", state=state, made_at=utc_now(), next_at=utc_now())
                )
        for sha256 in hashes[1:3]:
            blobs.remove(session, "rivera", sha256)
    blobs.close()
    done = move(write(home, place, "s3"), "s3")
    assert done.forgotten == 1
    bucket = Bucket(place)
    there = Blobs(place, store)
    assert not bucket.has(f"{there.name('rivera', hashes[1])}.sealed")
    assert bucket.has(f"{there.name('rivera', hashes[2])}.sealed")
    bucket.close()
    there.close()


def _row(number: int, sha256: str) -> dict[str, object]:
    return {
        "family": "rivera", "channel": "email", "received_at": utc_now(), "sha256": sha256, "size": 1, "envelope": {}, "fingerprint": str(number),
        "entry_seq": number, "provenance": "", "state": "done", "starts": 0,
    }  # fmt: skip


def test_settings_say_what_would_be_right(home: Path, place: BucketPlace) -> None:
    write(home, place, "s3")
    good = (home / "breakwater.toml").read_text()
    for old, new, said in [
        ('endpoint = "127', 'endpoint = "http://127', "host or host:port"),
        (f'bucket = "{place.bucket}"', "", "endpoint and bucket"),
        ('access_key_file = "access"', "", "BREAKWATER_BLOBS__ACCESS_KEY"),
        ('prefix = "home/"', 'prefix = "/home"', "prefix"),
        ('store = "s3"', 'store = "azure"', "'folder' or 's3'"),
    ]:
        assert old in good
        (home / "breakwater.toml").write_text(good.replace(old, new))
        with pytest.raises(SettingsError, match=said):
            load(home)
    (home / "breakwater.toml").write_text(good)
    (home / "secret").unlink()
    with pytest.raises(SettingsError, match="secret_key_file: secret cannot be read") as told:
        _ = load(home).blobs_at
    assert place.access_key not in str(told.value)


def test_the_key_may_come_from_the_environment(home: Path, place: BucketPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    write(home, place, "s3")
    text = (home / "breakwater.toml").read_text()
    (home / "breakwater.toml").write_text(
        text.replace('access_key_file = "access"', "").replace('secret_key_file = "secret"', "")
    )
    monkeypatch.setenv("BREAKWATER_BLOBS__ACCESS_KEY", "one")
    monkeypatch.setenv("BREAKWATER_BLOBS__SECRET_KEY", "two")
    found = load(home).blobs_at
    assert isinstance(found, BucketPlace)
    assert (found.access_key, found.secret_key) == ("one", "two")
