"""Every command as a person types it: exit status, plain lines, no traceback; and the README's own commands."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.conclusion import Story, card_of
from gateway.delivery.compose import how_to_answer, letter
from gateway.ledger import append
from gateway.parsing import parse_email
from gateway.pipeline import context_of, judge
from gateway.policy import load_rules
from gateway.store import Store
from gateway.tagging import open_tagger
from tests.conftest import NOON
from tests.parsing.test_authentication import key, signed

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf8")


def breakwater(*words: str, stdin: bytes = b"", cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    code = "from gateway.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *words], input=stdin, capture_output=True, cwd=cwd, timeout=100, check=False
    )


def test_the_commands_of_the_readme_work(tmp_path: Path) -> None:
    block = re.search(r"<!-- commands -->\n```sh\n(.*?)```", README, re.DOTALL)
    assert block is not None
    for line in block[1].strip().split("\n"):
        done = breakwater(*shlex.split(line)[1:], cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, b""), line


def test_the_card_of_the_readme_is_what_comes_out(make_family) -> None:
    picture = re.search(r"<!-- card -->\n```text\n(.*?)```", README, re.DOTALL)
    assert picture is not None
    written = " ".join(line.removeprefix("> ") for line in README.split("\n") if line.startswith("> "))
    reading = parse_email(f"From: mark@example.net\r\n\r\n{written}\r\n".encode())
    family = make_family()
    context = context_of(reading, family, sender_role="co-parent", channel="email", received_at=NOON, previous=())
    judged = judge(reading.new_text, None, context, open_tagger(), load_rules())
    card = card_of(Story(family, "co-parent", "Mark", "email", NOON), reading, judged)
    assert card is not None
    assert letter(card, "https://relay.example.org/card/...", answer=how_to_answer("ask", "Mark")).text == picture[1]


LINE = {
    "id": "1",
    "channel": "sms",
    "sent_at": "2026-11-24T19:40:00-05:00",
    "children": ["Emma"],
    "sender_name": "Mark",
    "recipient_name": "Dana",
    "subject": None,
    "text": "Emma’s 😀 dentist is Thursday at 3",
}


def test_filter_keeps_order_and_goes_on_after_a_bad_line() -> None:
    bad = [b"{", b'{"id": "2"}', b"[]", b"\xff\xfe", json.dumps(LINE | {"id": "3", "sent_at": "noon"}).encode()]
    lines = [json.dumps(LINE).encode(), *bad, json.dumps(LINE | {"id": "4"}).encode()]
    done = breakwater("filter", stdin=b"\n".join(lines) + b"\n")
    answers = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert (done.returncode, done.stderr) == (1, b"")
    assert [a.get("id") for a in answers] == ["1", None, "2", None, None, "3", "4"]
    assert [("error" in a) for a in answers] == [False, True, True, True, True, True, False]
    first = answers[0]
    assert first["outcome"] == "forward"
    assert first["facts"][0]["when"] == "2026-11-26T15:00"
    ((start, end),) = first["forwarded"]
    assert LINE["text"][start:end].startswith("Emma’s 😀 dentist")
    assert set(first["spans"][0]) == {"start", "end", "label", "score", "action", "rule"}


def test_parse_prints_json(tmp_path: Path) -> None:
    (tmp_path / "m.eml").write_bytes(b"From: Mark <mark@example.net>\r\nSubject: x\r\n\r\nPickup at 6.\r\n")
    done = breakwater("parse", str(tmp_path / "m.eml"))
    read = json.loads(done.stdout)
    assert (read["from"], read["new_text"], read["kind"]) == (["mark@example.net"], "Pickup at 6.", "message")
    assert {"to", "cc", "date", "message_id", "segments", "attachments", "authentication", "defects"} <= set(read)


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["serve", "--dir", "nowhere"], 2, "there is no settings file; make one with: breakwater init"),
        (["log", "verify", "--dir", "nowhere"], 2, "there is no settings file"),
        (["parse", "nothing.eml"], 2, "nothing.eml: cannot be opened: No such file or directory"),
        (["explain"], 2, "say what to explain"),
        (["explain", "--text", "x", "--sent-at", "noon"], 2, "--sent-at: found 'noon'"),
        (["explain", "--message", "1"], 2, "--message needs --dir"),
        (["rules", "check", "nowhere"], 2, "no such folder"),
        (["init", "x"], 2, "still needed: --parent-name"),
        (["nonsense"], 2, "No such command"),
    ],
)
def test_bad_usage_is_one_or_two_plain_lines(tmp_path: Path, words: list[str], status: int, said: str) -> None:
    done = breakwater(*words, cwd=tmp_path)
    text = done.stderr.decode()
    assert (done.returncode, "Traceback" in text) == (status, False)
    assert said in text


def test_init_for_the_pages_writes_the_machines_part_and_a_link_that_can_be_renewed(tmp_path: Path) -> None:
    words = (
        "init",
        "f",
        "--pages",
        "--public-url",
        "https://relay.example.org/",
        "--relay-domain",
        "relay.example.org",
    )
    first = breakwater(*words, cwd=tmp_path)
    assert (first.returncode, first.stderr) == (0, b"")
    link = first.stdout.decode().splitlines()[-1]
    assert re.fullmatch(r"https://relay\.example\.org/setup/[A-Za-z0-9_-]{43}", link)
    written = (tmp_path / "f" / "breakwater.toml").read_text("utf8")
    assert "[[family]]" not in written.replace("# ", "")
    assert 'dkim_domain = "relay.example.org"' in written
    assert link.rpartition("/")[2] not in written
    again = breakwater("init", "f", "--pages", cwd=tmp_path)
    assert again.stdout.decode().splitlines()[-1] not in ("", link)
    assert (tmp_path / "f" / "breakwater.toml").read_text("utf8") == written
    wrong = breakwater("init", "g", "--pages", "--relay-domain", "a b", cwd=tmp_path)
    assert (wrong.returncode, b"should be a domain, such as relay.example.org" in wrong.stderr) == (2, True)


def test_a_broken_log_is_status_one(tmp_path: Path) -> None:
    import sqlite3

    options = shlex.split(
        "init f --parent-name D --parent-email d@example.org --coparent-name M --coparent-email m@example.net --child E "
        "--time-zone Europe/London --relay-email r@relay.example.org"
    )
    assert breakwater(*options, cwd=tmp_path).returncode == 0
    database = sqlite3.connect(tmp_path / "f" / "data" / "breakwater.db")
    database.execute(
        "INSERT INTO entry VALUES (1, 'x', 1, '2026-01-01T00:00:00Z', '+00:00', 'received', '{}', 'p', 'h')"
    )
    database.commit()
    database.close()
    done = breakwater("log", "verify", "--dir", "f", cwd=tmp_path)
    assert (done.returncode, done.stderr.decode()) == (
        1,
        "the log does not hold: x/1: does not follow the entry before it\n",
    )


def test_parse_checks_a_signature_with_kept_records(tmp_path: Path) -> None:
    (tmp_path / "mail.eml").write_bytes(signed())
    (tmp_path / "records.json").write_text(json.dumps({"s1._domainkey.example.net": key()[1]}))
    done = breakwater("parse", str(tmp_path / "mail.eml"), "--records", str(tmp_path / "records.json"))
    assert json.loads(done.stdout)["sender"]["verdict"] == "verified"
    (tmp_path / "records.json").write_text("[]")
    done = breakwater("parse", str(tmp_path / "mail.eml"), "--records", str(tmp_path / "records.json"))
    assert done.returncode == 2
    assert b"should be JSON such as" in done.stderr


INIT = (
    "init f --parent-name D --parent-email d@example.org --coparent-name M --coparent-email m@example.net --child E "
    "--time-zone Europe/London --relay-email r@relay.example.org"
)


def test_a_log_is_signed_and_one_entry_proved(tmp_path: Path) -> None:
    assert breakwater(*INIT.split(), cwd=tmp_path).returncode == 0
    store = Store(f"sqlite:///{tmp_path / 'f' / 'data' / 'breakwater.db'}")
    with store.write() as session:
        append(session, "family-e", "decided", {"sha256": "ab" * 32}, now=NOON)
    store.close()
    done = breakwater("log", "proof", "family-e/1", "--dir", "f", cwd=tmp_path)
    assert (done.returncode, b"no checkpoint covers" in done.stderr) == (2, True)
    signed_log = breakwater("log", "checkpoint", "--dir", "f", cwd=tmp_path).stdout.decode()
    fingerprint = signed_log.split("Fingerprint of the key: ")[1].strip()
    assert breakwater("log", "checkpoint", "--dir", "f", cwd=tmp_path).stdout.decode() == signed_log
    (tmp_path / "kept.txt").write_text(signed_log, encoding="utf8")
    done = breakwater("log", "compare", "kept.txt", "--dir", "f", cwd=tmp_path)
    assert (done.returncode, b"are what they were" in done.stdout) == (0, True)
    done = breakwater("log", "show", "--log", "nosuch", "--dir", "f", cwd=tmp_path)
    assert (done.returncode, b"there is no such log. There are: family-e" in done.stderr) == (2, True)
    assert breakwater("message", "list", "--dir", "f", cwd=tmp_path).stdout == b"No message yet.\n"
    done = breakwater(
        "log", "proof", "family-e/1", "--dir", "f", "--open", "body.sha256", "--out", "p.json", cwd=tmp_path
    )
    assert done.returncode == 0
    done = breakwater("verify", "p.json", "--key", fingerprint, cwd=tmp_path)
    assert done.returncode == 0
    assert b"PROVED" in done.stdout
    assert ("ab" * 32).encode() in done.stdout
    assert breakwater("verify", "p.json", "--key", "00" * 32, cwd=tmp_path).returncode == 1
    (tmp_path / "p.json").write_text((tmp_path / "p.json").read_text().replace("ab" * 32, "cd" * 32))
    done = breakwater("verify", "p.json", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, b"FAILED: the field 'body.sha256' was not what the file says\n")
    assert b"1 checkpoints, all fit" in breakwater("log", "verify", "--dir", "f", cwd=tmp_path).stdout


def test_a_log_without_messages_can_be_exported(tmp_path: Path) -> None:
    options = (
        "--parent-name Dana --parent-email dana@example.org --coparent-name Mark --coparent-email mark@example.net"
    )
    more = "--child Emma --time-zone America/Chicago --relay-email rivera@relay.example.org"
    assert breakwater("init", "family", *options.split(), *more.split(), cwd=tmp_path).returncode == 0
    empty = breakwater("export", "--dir", "family", "--out", "empty.zip", cwd=tmp_path)
    assert (empty.returncode, empty.stderr) == (2, b"the log of this family is empty; there is nothing to export yet\n")
    breakwater("alarm", "test", "--dir", "family", "--wait", "0", cwd=tmp_path)
    done = breakwater("export", "--dir", "family", "--out", "one.zip", "--exhibit", "medical", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert b"0 of 0 messages, 1 entries of the log" in done.stdout
    assert breakwater("verify", "one.zip", cwd=tmp_path).stdout.endswith(b"Nothing failed.\n")
    done = breakwater("export", "--dir", "family", "--out", "es", "--language", "es", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "# Expediente de mensajes" in (tmp_path / "es" / "data" / "README.md").read_text(encoding="utf8")


def test_an_empty_list_says_so(tmp_path: Path) -> None:
    options = (
        "--parent-name Dana --parent-email dana@example.org --coparent-name Mark --coparent-email mark@example.net"
    )
    more = "--child Emma --time-zone America/Chicago --relay-email rivera@relay.example.org"
    breakwater("init", "family", *options.split(), *more.split(), cwd=tmp_path)
    for words in ("shunt list", "files list", "message list", "alarm list", "log show"):
        done = breakwater(*words.split(), "--dir", "family", cwd=tmp_path)
        assert (done.returncode, bool(done.stdout.strip())) == (0, True), words
