"""A gateway over a bucket: nothing is acknowledged before it lies there, what fails is "try again", and everything that works on blobs works."""

from __future__ import annotations

import hashlib
import io
import json
import multiprocessing.process
import os
import shutil
import signal
import smtplib
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyrage
import pytest
import tomlkit
from sqlalchemy import func, select
from typer.testing import CliRunner

from gateway.backup.make import make
from gateway.backup.repository import Reader
from gateway.backup.restore import restore
from gateway.cli import app
from gateway.demo.sample import EX_EMAIL, SAMPLES
from gateway.doctor import storage
from gateway.errors import BlobError, SettingsError
from gateway.intake.keep import Arrival, Keeper
from gateway.sealing.master import MasterPlace
from gateway.sealing.quiet import Quiet
from gateway.settings import load
from gateway.store import Blobs, Store, fresh
from gateway.store import bucket as client
from gateway.store.blobs import digest
from gateway.store.chosen import Keeping
from gateway.store.fresh import SMALL
from gateway.store.moving import move, refuse_to_start
from gateway.store.place import BucketPlace
from gateway.store.tables import FreshRow, MessageRow
from tests.bucket.server import S3, Between, running
from tests.bucket.test_move import write
from tests.e2e.world import World, open_world, wait_until
from tests.many.installation import Installation, installation, mail
from tests.many.server import Server

LARGE = b"From: Mark <mark@example.net>\r\nSubject: Emma\r\n\r\n" + b"Pickup is at 6 on Friday. " * 4000
run = CliRunner()


def table(place: BucketPlace) -> dict[str, Any]:
    """``[blobs]`` of the settings; a test's key may stand there."""
    given = {key: value for key, value in asdict(place).items() if value is not None}
    return {"store": "s3", **given}


def over(place: BucketPlace) -> dict[str, Any]:
    return {"blobs": Keeping(**table(place))}


@pytest.fixture
def sealed(database_url: str, tmp_path: Path) -> Iterator[Store]:
    made = Store(database_url, MasterPlace("file", file=tmp_path / "master.key"))
    made.migrate()
    yield made
    made.close()


def send(world: World, raw: bytes) -> tuple[int, bytes]:
    """Over real SMTP; the answer to DATA."""
    host, _, port = world.settings.server.smtp_listen.rpartition(":")
    with smtplib.SMTP(host, int(port), timeout=60) as smtp:
        smtp.ehlo("mail.example.net")
        smtp.mail(EX_EMAIL)
        smtp.rcpt("rivera@relay.example.org")
        return smtp.data(raw)


def messages(store: Store) -> int:
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(MessageRow)) or 0


def settled(store: Store) -> bool:
    with store.read() as session:
        return not session.scalar(select(func.count()).select_from(FreshRow))


def test_a_day_over_a_bucket_a_backup_of_it_and_the_way_back(tmp_path: Path, place: BucketPlace, s3: S3) -> None:
    secret = pyrage.x25519.Identity.generate()
    with open_world(tmp_path / "home", **over(place)) as world:
        for sample in SAMPLES:
            world.send(sample)
        assert send(world, LARGE)[0] == 250
        world.settle(120)
        wait_until(lambda: settled(world.store), 60)
        assert world.mails()
        assert sum(key.startswith("home/plain/") for key in s3.objects(place)) >= len(SAMPLES)
        assert not list((tmp_path / "home" / "data").glob("blobs/??/*"))
        written = tomlkit.parse((tmp_path / "home" / "breakwater.toml").read_text())
        written["blobs"] = table(place)
        (tmp_path / "home" / "breakwater.toml").write_text(tomlkit.dumps(written))
        now = datetime(2026, 11, 28, 12, tzinfo=UTC)
        told = make(world.settings, tmp_path / "backup", str(secret.to_public()), now)
        assert told.blobs == len(s3.objects(place))
        assert not told.damaged
        assert make(world.settings, tmp_path / "backup", str(secret.to_public()), now).new_objects < told.new_objects
    back = restore(Reader(tmp_path / "backup", str(secret)), tmp_path / "new")
    assert back.blobs == told.blobs
    assert back.held.messages == len(SAMPLES) + 1
    assert messages(Store(back.database)) == len(SAMPLES) + 1

    before = s3.objects(place)
    (tmp_path / "new" / "breakwater.toml").write_text(
        (tmp_path / "new" / "breakwater.toml").read_text().replace("home/", "new/")
    )
    settings = load(tmp_path / "new")  # what came back lies in the folder: no start before it is where the settings say
    with pytest.raises(SettingsError, match="breakwater blobs move s3"):
        refuse_to_start(settings)
    assert move(settings, "s3", remove=True).copied == told.blobs
    refuse_to_start(settings)
    assert {key.replace("new/", "home/"): value for key, value in s3.objects(place).items()} == before
    assert run.invoke(app, ["log", "verify", "--dir", str(tmp_path / "new")]).exit_code == 0


def test_mail_while_the_bucket_fails_is_try_again_and_nothing_is_half_there(
    tmp_path: Path, place: BucketPlace, between: Between
) -> None:
    """Large mail needs the bucket before it is acknowledged; small mail waits in the database and goes on."""
    with open_world(tmp_path / "home", **over(between.place(place))) as world:
        for number, said in enumerate(
            ("cut", "500 InternalError", "503 SlowDown", "hang", "403 AccessDenied", "404 NoSuchBucket")
        ):
            between.script = lambda _method, _path, said=said: said
            code, _ = send(world, LARGE + b"%d" % number)
            assert code == 451, said
            assert messages(world.store) == number
            assert send(world, b"Subject: Emma\r\n\r\nPickup is at 6. %d" % number)[0] == 250
            between.script = lambda _method, _path: ""
            assert world.gateway is not None
            world.gateway.blobs.folder._resting = 0.0  # type: ignore[attr-defined]
        assert send(world, LARGE)[0] == 250
        world.settle(60)
        wait_until(lambda: settled(world.store), 60)
        assert len(world.cards()) == messages(world.store)


def test_a_message_whose_bytes_cannot_be_read_now_is_read_later(
    tmp_path: Path, place: BucketPlace, between: Between, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no matter of the message: it is not set aside."""
    monkeypatch.setattr(client, "REST", 0.05)
    with open_world(tmp_path / "home", **over(between.place(place))) as world:
        between.script = lambda method, _path: "503 SlowDown" if method == "GET" else ""
        assert send(world, LARGE)[0] == 250
        wait_until(lambda: sum(method == "GET" for method, _ in between.seen) > 4, 30)
        with world.store.read() as session:
            assert list(session.scalars(select(MessageRow.state))) == ["stored"]
        between.script = lambda _method, _path: ""
        world.settle(60)
        assert len(world.cards()) == 1


def test_serve_refuses_to_start_where_the_bucket_does_not_answer(tmp_path: Path, place: BucketPlace) -> None:
    home = tmp_path / "home"
    with running() as own:
        there = own.place()
    for wrong, said in (
        (there, "does not answer"),
        (
            BucketPlace(place.endpoint, "no-such-bucket", "key", "secret", tls=False),
            "is not there: make it, or correct",
        ),
    ):
        write(home, wrong, "s3")
        done = subprocess.run(
            [sys.executable, "-c", "from gateway.cli import main; main()", "serve", "--dir", str(home)],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 1
        line = done.stderr.strip().splitlines()[-1]
        assert said in line
        assert "Nothing was started" in line
        assert "Traceback" not in done.stderr
        assert wrong.secret_key not in done.stderr


def test_doctor_and_status_tell(tmp_path: Path, place: BucketPlace, s3: S3) -> None:
    home = tmp_path / "home"
    settings = write(home, place, "s3")
    settings.data.mkdir()
    Store(settings.database_url, settings.master).migrate()
    found = storage.blobs(settings)
    assert found.good is None  # no TLS on loopback
    assert "can be written, read, listed and cleared, and strangers are refused" in found.said
    status = run.invoke(app, ["status", "--dir", str(home)]).output
    assert f"ok   Messages bucket {place.bucket} at {place.endpoint}: can be written" in status
    policy = {
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::*"]}]
    }
    s3.client.set_bucket_policy(place.bucket, json.dumps({"Version": "2012-10-17", **policy}))
    assert storage.blobs(settings).good is False
    assert "anybody on the network can read it" in storage.blobs(settings).said
    gone = write(home, BucketPlace(place.endpoint, "no-such-bucket", "key", "secret", tls=False), "s3")
    assert storage.blobs(gone).good is False
    status = run.invoke(app, ["status", "--dir", str(home), "--json"])
    assert json.loads(status.output)["messages_folder_writable"] == 0
    assert status.exit_code == 1


def test_altered_and_missing_objects_are_told(sealed: Store, place: BucketPlace, s3: S3) -> None:
    blobs = Blobs(place, sealed)
    one, two, three = blobs.put_all("rivera", [b"pickup at 6", b"pickup at 7", b"pickup at 8"])
    keys = [f"home/sealed/{blobs.name('rivera', each)}.sealed" for each in (one, two, three)]
    there = s3.objects(place)
    for key, content in ((keys[0], there[keys[0]][:-1]), (keys[1], there[keys[2]])):
        s3.client.put_object(place.bucket, key, io.BytesIO(content), len(content))
    s3.client.remove_object(place.bucket, keys[2])
    for each, said in ((one, "not what it was"), (two, "not what it was"), (three, "cannot be read")):
        with pytest.raises(BlobError, match=said):
            blobs.get("rivera", each)
    blobs.close()


def test_families_have_objects_of_their_own(sealed: Store, place: BucketPlace, s3: S3) -> None:
    blobs = Blobs(place, sealed)
    one = blobs.put("rivera", LARGE)
    assert blobs.put("quinn", LARGE) == one
    there = s3.objects(place)
    assert len(there) == 2
    assert not any(one in key for key in there)
    assert not any(b"Pickup" in content for content in there.values())
    mine, theirs = (f"home/sealed/{blobs.name(family, one)}.sealed" for family in ("rivera", "quinn"))
    s3.client.put_object(place.bucket, mine, io.BytesIO(there[theirs]), len(there[theirs]))
    with pytest.raises(BlobError, match="another family"):
        blobs.get("rivera", one)
    assert blobs.get("quinn", one) == LARGE
    blobs.close()


def test_what_is_plain_is_sealed_over_it(sealed: Store, place: BucketPlace, s3: S3, clock) -> None:
    plain = Store(sealed.url)
    before = Blobs(place)
    keeper = Keeper(plain, before)
    kept = [LARGE + b"%d" % number for number in range(20)]
    for raw in kept:
        keeper.submit(Arrival("rivera", "UTC", "email", raw, {"mail_from": "a@b.example"}, clock())).result()
    keeper.close()
    before.close()
    plain.close()
    blobs = Blobs(place, sealed)
    quiet = Quiet(sealed, blobs)
    while quiet.step():
        assert [blobs.get("rivera", digest(raw)) for raw in kept] == kept
    assert [key.split("/")[1] for key in s3.objects(place)] == ["sealed"] * 20
    assert [blobs.get("rivera", digest(raw)) for raw in kept] == kept
    blobs.close()


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from gateway.intake.keep import Arrival, Keeper
from gateway.settings import load
from gateway.store import Blobs, Store, fresh
from gateway.store.bucket import Bucket
settings = load(Path(sys.argv[1]))
store = Store(settings.database_url, settings.master)
blobs = Blobs(settings.blobs_at, store)
whole = Bucket.put_all
def dying(self, named):
    whole(self, named)
    os.kill(os.getpid(), signal.SIGKILL)
Bucket.put_all = dying
raw = sys.stdin.buffer.read()
arrival = Arrival("rivera", "UTC", "email", raw, {"mail_from": "a@b.example"}, datetime.now(UTC))
Keeper(store, blobs).submit(arrival).result()
fresh.settle(store, blobs)
"""


@pytest.mark.parametrize("raw", [LARGE, b"small"])
def test_killed_between_the_bucket_and_the_database(
    tmp_path: Path, place: BucketPlace, s3: S3, clock, raw: bytes
) -> None:
    """What lies there and no row names is harmless; what comes again is kept once, and whole."""
    settings = write(tmp_path / "home", place, "s3")
    settings.data.mkdir()
    store = Store(settings.database_url, settings.master)
    store.migrate()
    command = [sys.executable, "-c", KILLED, str(settings.directory)]
    done = subprocess.run(command, input=raw, timeout=60, env=dict(os.environ), check=False)
    assert done.returncode == -signal.SIGKILL
    assert len(s3.objects(place)) == 1
    known = 0 if len(raw) > SMALL else 1
    assert messages(store) == known
    blobs = Blobs(settings.blobs_at, store)
    if known:
        assert fresh.settle(store, blobs) == 1
    else:
        keeper = Keeper(store, blobs)
        keeper.submit(Arrival("rivera", "UTC", "email", raw, {"mail_from": "a@b.example"}, clock())).result()
        keeper.close()
    assert messages(store) == 1
    assert blobs.get("rivera", digest(raw)) == raw
    assert len(s3.objects(place)) == 1
    blobs.close()
    store.close()


def test_a_reader_finds_what_moves_at_every_moment(sealed: Store, place: BucketPlace, clock) -> None:
    """Out of the database into the bucket, by one process, while another reads."""
    here, there = Blobs(place, sealed), Blobs(place, sealed)
    keeper = Keeper(sealed, here)
    contents = [b"message %d" % number for number in range(60)]
    for raw in contents:
        keeper.submit(Arrival("rivera", "UTC", "email", raw, {"mail_from": "a@b.example"}, clock()))
    stop, faults = threading.Event(), []

    def read() -> None:
        while not stop.is_set():
            for raw in contents:
                try:
                    assert there.get("rivera", digest(raw)) == raw
                except Exception as error:
                    faults.append(error)

    wait_until(lambda: messages(sealed) == len(contents), 30)
    reader = threading.Thread(target=read)
    reader.start()
    wait_until(lambda: settled(sealed), 60)
    stop.set()
    reader.join()
    keeper.close()
    assert faults == []
    here.close()
    there.close()


def test_processes_that_share_nothing_but_database_and_bucket(
    tmp_path: Path, server: Server, place: BucketPlace, s3: S3
) -> None:
    """As two machines would: each process has a folder of its own with the settings and the keys, and no blob in it."""
    with server.database() as url, installation(tmp_path / "one", url, 2, blobs=table(place)) as one:
        one.start("intake+web-1")
        shutil.copytree(tmp_path / "one", tmp_path / "two", ignore=shutil.ignore_patterns("*.log"))
        two = Installation(load(tmp_path / "two"), one.store, one.mailbox, one.carrier, tmp_path / "two.log")
        processes: list[multiprocessing.process.BaseProcess] = []
        try:
            two.start("worker+delivery-2")
            processes = list(two.running.values())
            for number in range(6):
                one.send(
                    mail(
                        number,
                        number % 2,
                        f"Emma has a doctor's visit on Friday at {number + 1} pm. " * (3000 if number > 3 else 1),
                    ),
                    number % 2,
                )
            one.settle(110)
            wait_until(lambda: settled(one.store), 60)
            assert messages(one.store) == 6
            assert len(one.mailbox.received) >= 6
            assert len(s3.objects(place)) == 6
            assert not [path for home in ("one", "two") for path in (tmp_path / home / "data").glob("blobs/??/*")]
            two.stop()
            one.stop()
        finally:
            for process in processes:
                process.kill()
                process.join()


def test_hashes_are_those_of_the_folder(tmp_path: Path, place: BucketPlace) -> None:
    """What an installation is told of its bytes does not change with the place."""
    folder, bucket = Blobs(tmp_path / "blobs"), Blobs(place)
    assert (
        folder.put_all("rivera", [LARGE, b""])
        == bucket.put_all("rivera", [LARGE, b""])
        == [hashlib.sha256(x).hexdigest() for x in (LARGE, b"")]
    )
    assert bucket.get("rivera", digest(b"")) == b""
    folder.close()
    bucket.close()
