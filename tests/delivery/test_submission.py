"""Mail of a family goes out through its own account, at a real server with TLS and a login."""

import asyncio
from email import message_from_bytes
from pathlib import Path

import pytest

from gateway.delivery.outbox import Parcel
from gateway.delivery.submission import ByFamily, accounts
from gateway.delivery.ways import senders
from gateway.demo.sample import PARENT_EMAIL, RELAY_EMAIL, family
from gateway.errors import SendError, SettingsError, TemporarySendError
from gateway.settings import Settings
from tests.conftest import NOON
from tests.delivery.submission_server import SubmissionServer
from tests.intake.dovecot import make_certificate

SECRET = "four word app pass"


def parcel(key: str = "rivera") -> Parcel:
    content = {"subject": "Update, 1 item", "text": "Pickup is at 6."}
    return Parcel(1, key, "card", "email", PARENT_EMAIL, content, "ab" * 16, 0, False, NOON)


def settings(folder: Path, server: SubmissionServer, **changes: object) -> Settings:
    way = {"host": "localhost", "port": server.port, "security": "tls" if server.implicit_tls else "starttls"}
    box = {
        "host": "localhost",
        "username": RELAY_EMAIL,
        "secret_env": "BOX_SECRET",
        "ca_file": "cert.pem",
        "submission": way,
    } | changes
    other = family() | {
        "key": "other",
        "relay_email": "other@relay.example.org",
        "relay_phone": None,
        "cards_by": ["email"],
    }
    return Settings(directory=folder, family=[family() | {"mailbox": box}, other], mail_out={"port": 1})


def send(made: Settings, key: str = "rivera") -> list[str]:
    steps: list[str] = []
    way = senders(made)["email"]
    sender = RELAY_EMAIL if key == "rivera" else "other@relay.example.org"

    async def run() -> None:
        try:
            await way.send(parcel(key), sender=sender, now=NOON, hand_over=lambda: steps.append("handed over"))
        finally:
            await asyncio.sleep(0.2)  # the loop of a running gateway lives on and lets the connection close

    asyncio.run(run())
    return steps


@pytest.mark.parametrize("implicit_tls", [True, False])
@pytest.mark.parametrize("login", ["password", "xoauth2"])
def test_mail_goes_out_over_the_own_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, implicit_tls: bool, login: str
) -> None:
    make_certificate(tmp_path / "cert.pem")
    monkeypatch.setenv("BOX_SECRET", SECRET + "\n")
    with SubmissionServer(tmp_path / "cert.pem", RELAY_EMAIL, SECRET, implicit_tls) as server:
        assert send(settings(tmp_path, server, login=login)) == ["handed over"]
    ((bounces, to, raw),) = server.received
    assert (bounces, to, message_from_bytes(raw)["From"]) == (RELAY_EMAIL, [PARENT_EMAIL], f"Updates <{RELAY_EMAIL}>")
    assert server.mechanisms[0] == ("XOAUTH2" if login == "xoauth2" else "PLAIN")


@pytest.mark.parametrize("login", ["password", "xoauth2"])
def test_a_refused_login_is_temporary_and_says_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, login: str
) -> None:
    make_certificate(tmp_path / "cert.pem")
    monkeypatch.setenv("BOX_SECRET", "of yesterday")
    with SubmissionServer(tmp_path / "cert.pem", RELAY_EMAIL, SECRET) as server, pytest.raises(SendError) as caught:
        send(settings(tmp_path, server, login=login))
    assert isinstance(caught.value, TemporarySendError)
    assert "yesterday" not in caught.value.reason
    assert server.received == []


def test_a_secret_that_is_gone_waits(tmp_path: Path) -> None:
    make_certificate(tmp_path / "cert.pem")
    with SubmissionServer(tmp_path / "cert.pem", RELAY_EMAIL, SECRET) as server:
        with pytest.raises(TemporarySendError, match="password or token of the mailbox cannot be read"):
            send(settings(tmp_path, server))
        assert server.mechanisms == []


def test_another_family_goes_the_common_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_certificate(tmp_path / "cert.pem")
    monkeypatch.setenv("BOX_SECRET", SECRET)
    with SubmissionServer(tmp_path / "cert.pem", RELAY_EMAIL, SECRET) as server:
        made = settings(tmp_path, server)
        assert isinstance(senders(made)["email"], ByFamily)
        assert set(accounts(made, made.families_by_address())) == {"rivera"}
        with pytest.raises(TemporarySendError, match="the smart host cannot be reached"):
            send(made, "other")
    assert server.received == []


def test_a_certificate_that_is_not_there_is_named(tmp_path: Path) -> None:
    box = {"host": "h", "username": "u", "secret_env": "X", "ca_file": "none.pem", "submission": {"host": "h"}}
    bad = Settings(directory=tmp_path, family=[family() | {"mailbox": box}])
    with pytest.raises(SettingsError, match=r"family rivera › mailbox › ca_file: .*none\.pem: cannot be used"):
        accounts(bad, bad.families_by_address())
