"""`breakwater doctor` looks at a family's mailbox over the real connection and says in plain words what is wrong."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.demo.sample import RELAY_EMAIL, family
from gateway.doctor import Finding, examine
from gateway.settings import Settings
from tests.delivery.submission_server import SubmissionServer
from tests.intake.dovecot import NAME, PASSWORD, WITHOUT_IDLE, Dovecot, dovecot


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot() as running:
        yield running


@pytest.fixture
def look(tmp_path: Path, server: Dovecot) -> Callable[..., dict[str, Finding]]:
    def examined(**changes: object) -> dict[str, Finding]:
        file = tmp_path / "secret"
        if not file.exists():
            file.write_text(PASSWORD, encoding="utf8")
            file.chmod(0o600)
        box = {"host": "localhost", "port": server.port, "username": NAME, "secret_file": "secret"}
        made = box | {"ca_file": str(server.certificate)} | changes
        settings = Settings(directory=tmp_path, family=[family() | {"mailbox": made}])
        return {finding.what: finding for finding in examine(settings)}

    return examined


def test_a_mailbox_that_works(look: Callable[..., dict[str, Finding]], server: Dovecot) -> None:
    server.deliver(b"From: mark@example.net\r\n\r\nOk.\r\n")
    found = look(folders=["INBOX", "Junk"])["mailboxes"]
    assert (found.good, found.said) == (True, "rivera: localhost takes the login")
    assert server.flags() == [set()], "looking changes nothing"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"username": "nobody@relay.example.org"},
            "the mail server refuses the login; check username, and that the secret",
        ),
        ({"port": 1}, "cannot be reached (ConnectionRefusedError); check host, port and security"),
        ({"ca_file": None}, "its certificate is not trusted"),
        ({"ca_file": "none.pem"}, "mailbox › ca_file: "),
        ({"secret_file": "other"}, "secret_file: "),
        ({"folders": ["INBOX", "Spam"]}, "the folder Spam cannot be opened; is its name right? There are: INBOX, Junk"),
    ],
)
def test_what_is_wrong_is_said(look: Callable[..., dict[str, Finding]], change: dict[str, object], said: str) -> None:
    found = look(**change)["mailboxes"]
    assert found.good is False
    assert said in found.said
    assert PASSWORD not in found.said


def test_spam_that_nobody_reads_is_mentioned(look: Callable[..., dict[str, Finding]]) -> None:
    found = look()["mailboxes"]
    assert found.good is True
    assert "what the provider takes for spam lies in Junk and is not read: add it to folders" in found.said


def test_a_secret_that_others_can_read(look: Callable[..., dict[str, Finding]], tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(PASSWORD, encoding="utf8")
    (tmp_path / "secret").chmod(0o644)
    found = look()["mailboxes"]
    assert found.good is False
    assert f"chmod 600 {tmp_path / 'secret'}" in found.said


def test_a_server_without_idle_is_mentioned(look: Callable[..., dict[str, Finding]]) -> None:
    with dovecot(capability=WITHOUT_IDLE) as other:
        found = look(port=other.port, ca_file=str(other.certificate))["mailboxes"]
    assert found.good is True
    assert "it is asked every 5 minutes" in found.said


@pytest.mark.parametrize("login", ["password", "xoauth2"])
@pytest.mark.parametrize("implicit_tls", [True, False])
def test_the_submission_server(
    look: Callable[..., dict[str, Finding]], server: Dovecot, implicit_tls: bool, login: str, tmp_path: Path
) -> None:
    security = "tls" if implicit_tls else "starttls"
    (tmp_path / "secret").write_text("plain words", encoding="utf8")
    with SubmissionServer(server.certificate, RELAY_EMAIL, "plain words", implicit_tls) as out:
        way = {"host": "localhost", "port": out.port, "security": security}
        found = look(submission=way, login=login)
        good = found["mail out of mailboxes"]
        assert (good.good, good.said) == (True, f"rivera: localhost:{out.port} takes the login")
        assert "[mail_out] is not used" in found["mail out"].said
        out.secret = "changed"
        bad = look(submission=way, login=login)["mail out of mailboxes"]
        assert bad.good is False
        assert "refuses the login; check username" in bad.said
        assert "changed" not in bad.said
    assert out.received == []
    gone = look(submission=way)["mail out of mailboxes"]
    assert gone.good is False
    assert "does not work (ConnectionRefusedError); check [family.mailbox.submission]" in gone.said
