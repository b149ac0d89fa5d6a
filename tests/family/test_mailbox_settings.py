"""The table of a family's mailbox: every mistake is named with file, key and remedy, and no secret is shown."""

import json
import os
from datetime import date
from pathlib import Path

import pytest

from gateway.credential import Credential
from gateway.errors import SettingsError
from gateway.settings import load
from tests.family.test_settings import made

GOOD = {"host": "imap.example.org", "username": "rivera@relay.example.org", "secret_file": "secret"}


def with_mailbox(folder: Path, **values: object) -> Path:
    """A settings file with a mailbox; None leaves a key out."""
    file = made(folder)
    lines = [f"{k} = {json.dumps(v)}" for k, v in values.items() if v is not None and not isinstance(v, dict)]
    lines += [
        f"[family.mailbox.{name}]\n" + "\n".join(f"{k} = {json.dumps(v)}" for k, v in table.items())
        for name, table in values.items()
        if isinstance(table, dict)
    ]
    file.write_text(file.read_text("utf8") + "\n[family.mailbox]\n" + "\n".join(lines) + "\n", "utf8")
    return file


def test_a_whole_table(tmp_path: Path) -> None:
    file = with_mailbox(tmp_path, **GOOD, folders=["INBOX", "Junk"], submission={"host": "smtp.example.org"})
    text = file.read_text("utf8").replace('secret_file = "secret"', 'secret_file = "secret"\nsince = 2026-11-01')
    file.write_text(text, "utf8")
    box = load(tmp_path).families[0].mailbox
    assert box is not None
    assert (box.port, box.security, box.login, box.since) == (993, "tls", "password", date(2026, 11, 1))
    assert (box.submission.port, box.submission.security, box.poll_minutes) == (587, "starttls", 5)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"host": "imaps://imap.example.org"},
            "host: found 'imaps://imap.example.org'; should be the name of a server",
        ),
        ({"host": None}, "mailbox › host: is missing; add it"),
        ({"port": 0}, "port: found 0"),
        ({"security": "none"}, "security: found 'none'; should be 'tls' or 'starttls'"),
        ({"login": "plain"}, "login: found 'plain'; should be 'password' or 'xoauth2'"),
        ({"secret_file": None}, "mailbox: needs either secret_file or secret_env"),
        ({"secret_env": "BOX"}, "mailbox: needs either secret_file or secret_env"),
        (
            {"secret_file": None, "secret_env": "my box"},
            "secret_env: found 'my box'; should be the name of an environment",
        ),
        ({"folders": []}, "folders: found a list"),
        ({"folders": ["INBOX", "inbox"]}, "folders names one folder twice"),
        ({"folders": ["In\r\nbox"]}, "folders 1: found"),
        ({"move_to": "Inbox"}, "move_to must not be one of the folders that are read"),
        ({"poll_minutes": 30}, "poll_minutes: found 30; input should be less than or equal to 29"),
        ({"idle": True}, "mailbox › idle: is not a setting; check the spelling or remove it"),
        ({"submission": {"host": "x y"}}, "mailbox › submission › host: found 'x y'; should be the name of a server"),
        ({"submission": {"host": "h", "security": "none"}}, "submission › security: found 'none'; should be"),
    ],
)
def test_mistakes(tmp_path: Path, change: dict[str, object], said: str) -> None:
    file = with_mailbox(tmp_path, **(GOOD | change))
    with pytest.raises(SettingsError) as caught:
        load(tmp_path)
    assert said in str(caught.value)
    assert str(caught.value).startswith(f"{file}: family 1 › mailbox")


@pytest.mark.parametrize("key", ["password", "app_password", "token"])
def test_a_secret_in_the_file_is_refused_and_not_shown(tmp_path: Path, key: str) -> None:
    with_mailbox(tmp_path, **GOOD, **{key: "hunter-two-three"})
    with pytest.raises(SettingsError) as caught:
        load(tmp_path)
    assert f"{key} must not stand in this file; put it in a file of its own" in str(caught.value)
    assert "hunter" not in str(caught.value)


def test_two_families_cannot_read_one_folder(tmp_path: Path) -> None:
    file = with_mailbox(tmp_path, **GOOD)
    text = file.read_text("utf8")
    again = text[text.index("[[family]]") :].replace('"Rivera@relay.example.org"', '"other@relay.example.org"')
    again = again.replace('key = "family-emma"', 'key = "other"').replace('"INBOX"', '"inbox"')
    file.write_text(text + again, "utf8")
    with pytest.raises(SettingsError, match=r"INBOX of one account is read for 'family-emma' and 'other'"):
        load(tmp_path)


def credential(tmp_path: Path, **where: object) -> Credential:
    with_mailbox(tmp_path / "f", **(GOOD | {"secret_file": None} | where))
    (family,) = load(tmp_path / "f").families
    assert family.mailbox is not None
    return Credential.of(family.key, family.mailbox, tmp_path / "f")


def test_the_secret_is_read_anew_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = credential(tmp_path, secret_file="secret")
    for text in ("one two\n", " kept as it is \r\n"):
        (tmp_path / "f" / "secret").write_text(text, newline="")
        assert found.secret() == text.rstrip("\r\n")
    other = credential(tmp_path / "env", secret_env="BOX_SECRET")
    monkeypatch.setenv("BOX_SECRET", "wörd")
    assert other.secret() == "wörd"
    assert "wörd" not in repr(other)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be opened: No such file"),
        (b"\n", "is empty; put the app password or the token there"),
        (b"one\ntwo\n", "should hold one line"),
        (b"\xff\xfe", "is not text"),
        (b"x" * 20_000, "should hold one line"),
    ],
)
def test_a_secret_that_cannot_be_used(tmp_path: Path, content: bytes | None, said: str) -> None:
    found = credential(tmp_path, secret_file="secret")
    if content is not None:
        (tmp_path / "f" / "secret").write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        found.secret()
    assert said in str(caught.value)
    assert str(caught.value).startswith("family family-emma › mailbox › secret_file: ")


def test_a_variable_that_is_not_set(tmp_path: Path) -> None:
    assert "BOX_SECRET" not in os.environ
    with pytest.raises(SettingsError, match="secret_env: the variable BOX_SECRET: is not set"):
        credential(tmp_path, secret_env="BOX_SECRET").secret()
