"""The folder of blobs turns read-only under a running gateway: nothing that was accepted is lost, nothing else waits, and a person is told."""

from __future__ import annotations

import json
import smtplib
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import func, select
from starlette.applications import Starlette
from starlette.testclient import TestClient
from typer.testing import CliRunner

from gateway.cli import app
from gateway.demo.sample import EX_EMAIL, RELAY_EMAIL
from gateway.doctor.storage import blobs as examined
from gateway.family import Directory
from gateway.intake.keep import Arrival, Keeper
from gateway.intake.media import MAX_ATTEMPTS, MediaFetcher
from gateway.intake.refusals import Refusals
from gateway.intake.sms import Webhooks
from gateway.settings import Twilio
from gateway.store import Blobs, Store, fresh
from gateway.store.tables import AttachmentRow, MediaRow, MessageRow
from gateway.store.writable import refusal
from tests.conftest import refusing
from tests.e2e.world import World, open_world, wait_until
from tests.intake.test_sms import TOKEN, URL, Phone, form

run = CliRunner()


def letter(words: str, *, file: bytes = b"") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = EX_EMAIL, RELAY_EMAIL, "Friday"
    message.set_content(words)
    if file:
        message.add_attachment(file, "application", "pdf", filename="schedule.pdf")
    return message


def bring(world: World, message: EmailMessage) -> int:
    """The answer to its end."""
    host, _, port = world.settings.server.smtp_listen.rpartition(":")
    with smtplib.SMTP(host, int(port), timeout=30) as client:
        try:
            client.send_message(message)
        except smtplib.SMTPDataError as error:
            return error.smtp_code
    return 250


def states(world: World) -> list[str]:
    with world.store.read() as session:
        return list(session.scalars(select(MessageRow.state).order_by(MessageRow.id)))


def status(world: World) -> tuple[str, dict[str, object]]:
    folder = str(world.settings.directory)
    said = run.invoke(app, ["status", "--dir", folder]).output
    return said, json.loads(run.invoke(app, ["status", "--json", "--dir", folder]).output)


def test_mail_goes_on_and_nothing_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.worker.LATER", timedelta(seconds=0.5))
    large = letter("Pickup is at 6.", file=b"%PDF-1.4\n" + b"x" * fresh.SMALL)
    pdf = b"%PDF-1.4\nThe summer schedule.\n%%EOF\n"
    with open_world(tmp_path) as world:
        folder = world.settings.data / "blobs"
        with refusing(folder):
            assert bring(world, large) == 451
            assert bring(world, letter("The new schedule is attached.", file=pdf)) == 250
            assert bring(world, letter("Emma's dentist is Tuesday at 3:30.")) == 250
            wait_until(lambda: states(world)[1:] == ["done"], 30)  # it does not wait for the one before it
            assert states(world)[0] == "stored"
            said, numbers = status(world)
            assert f"BAD  Messages folder {folder}: cannot be written (Read-only file system): make it writable" in said
            assert (numbers["messages_folder_writable"], numbers["well"]) == (0, False)
            found = examined(world.settings)
            assert (found.good, "make it writable again" in found.said) == (False, True)
        world.settle()
        assert states(world) == ["done", "done"]
        with world.store.read() as session:
            sha256 = session.scalars(select(AttachmentRow.sha256)).one()
        assert Blobs(folder, world.store).get("rivera", str(sha256)) == pdf
        assert bring(world, large) == 250
        said, numbers = status(world)
        assert (f"ok   Messages folder {folder}: can be written" in said, numbers["messages_folder_writable"]) == (
            True,
            1,
        )
        assert examined(world.settings).good


def test_a_text_is_tried_again_by_the_carrier(
    store: Store, blobs: Blobs, directory: Directory, clock: Callable, tmp_path: Path
) -> None:
    """One that must not pass through the database, as a child's."""
    keeper = Keeper(store, blobs, apart=lambda _: True)
    twilio = Twilio(account_sid="AC1", auth_token=TOKEN)
    hooks = Webhooks(directory, keeper, store, Refusals(store, clock), clock, twilio=twilio, public_url=URL)
    with TestClient(Starlette(routes=hooks.routes())) as client:
        phone = Phone(client, store, blobs)
        with refusing(tmp_path / "blobs"):
            answer = phone.post(form())
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
        assert phone.rows(MessageRow) == []
        assert phone.post(form()).status_code == 200
        assert len(phone.rows(MessageRow)) == 1
    keeper.close()


def test_a_file_of_a_text_is_not_given_up_because_of_our_own_disk(
    store: Store, blobs: Blobs, clock: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = Keeper(store, blobs)
    url = "https://api.twilio.com/media/1"
    keeper.submit(
        Arrival(
            "rivera", "America/New_York", "sms", b"Body=x", {}, clock(), provider_id="SM1", media=((url, "image/jpeg"),)
        )
    ).result()
    keeper.close()
    monkeypatch.setattr("gateway.intake.media.OUR_DISK", timedelta(0))
    fetcher = MediaFetcher(store, blobs, Twilio(account_sid="AC1", auth_token=TOKEN), clock, limit=1000)
    monkeypatch.setattr(fetcher, "fetch", lambda _: b"a picture")
    with refusing(tmp_path / "blobs"):
        assert all(fetcher.step() for _ in range(2 * MAX_ATTEMPTS))
    assert fetcher.step()
    fetcher.close()
    with store.read() as session:
        row = session.scalars(select(MediaRow)).one()
        assert (row.state, row.attempts, session.scalar(select(func.count(MediaRow.id)))) == ("kept", 1, 1)
        assert blobs.get("rivera", str(row.sha256)) == b"a picture"


def test_looking_leaves_nothing_behind_and_names_what_the_system_says(tmp_path: Path, blobs: Blobs) -> None:
    assert refusal(tmp_path / "blobs") == ""
    assert [file for file in (tmp_path / "blobs").rglob("*") if file.is_file()] == []
    with refusing(tmp_path / "blobs"):
        assert refusal(tmp_path / "blobs") == "Read-only file system"
    assert refusal(tmp_path / "unmounted") == "No such file or directory"
