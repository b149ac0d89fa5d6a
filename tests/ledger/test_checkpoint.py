"""Signed checkpoints and proof files: what they prove, and every way to tamper with them."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.errors import LogError, UserError
from gateway.ledger import append
from gateway.ledger.checkpoint import make, origin_of, read
from gateway.ledger.checkpoints import Checkpoints, signing_key
from gateway.ledger.leaf import Opening, commitment, new_seed, salt_of
from gateway.ledger.note import Key, open_note, sign
from gateway.ledger.proof import check
from gateway.store import Store

NOW = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
HOST = "relay.example.org"


@pytest.fixture
def signer(store: Store) -> Checkpoints:
    with store.write() as session:
        for number in range(9):
            body = {"sha256": f"{number:064x}", "size": number, "channel": "email"}
            append(session, "rivera", "received", body, now=NOW, zone="America/Chicago")
        append(session, "osei", "received", {"sha256": "f" * 64}, now=NOW)
    return Checkpoints(store, Ed25519PrivateKey.generate(), HOST)


def test_a_note_is_signed_and_opens() -> None:
    private = Ed25519PrivateKey.generate()
    key = Key("example.org/log", private.public_key().public_bytes_raw())
    note = sign("example.org/log\n3\nAAAA\n", "example.org/log", private)
    assert note.split("\n\n")[1].startswith("\u2014 example.org/log ")
    assert open_note(note, key) == "example.org/log\n3\nAAAA\n"
    assert Key.read(str(key)) == key
    for broken in (note.replace("3", "4"), note.replace("\n\n", "\n"), note.replace("\u2014", "-"), ""):
        with pytest.raises(LogError):
            open_note(broken, key)
    with pytest.raises(LogError):
        open_note(note, Key("example.org/log", Ed25519PrivateKey.generate().public_key().public_bytes_raw()))


def test_a_known_key_of_the_format() -> None:
    """The example of Go's sumdb note: name, hash and key as its documentation has them."""
    text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    key = Key.read(text)
    assert (key.name, key.hash.hex(), str(key)) == ("PeterNeumann", "c74f20a3", text)
    note = (
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
        "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )
    assert open_note(note, key).startswith("If you think")


@pytest.mark.parametrize(
    "text", ["", "a+b", "name+00000000+AAAA", "x+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"]
)
def test_what_is_no_key(text: str) -> None:
    with pytest.raises(LogError, match="name\\+hash\\+base64"):
        Key.read(text)


def test_an_origin_names_no_family() -> None:
    assert "rivera" not in origin_of(HOST, "rivera")
    assert origin_of(HOST, "rivera") != origin_of(HOST, "osei")


def test_checkpoints_are_made_when_due(signer: Checkpoints) -> None:
    assert len(signer.make_due(NOW)) == 2
    assert signer.make_due(NOW + timedelta(minutes=59)) == []
    with signer._store.write() as session:
        append(session, "rivera", "decided", {"message": 1}, now=NOW)
    assert signer.make_due(NOW + timedelta(minutes=59)) == []
    (note,) = signer.make_due(NOW + timedelta(hours=1))
    assert read(note, signer.key("rivera")).size == 10
    assert len(signer.make_due(NOW + timedelta(hours=25))) == 2, "silence is signed too, once a day"
    assert signer.verify("rivera") == 3


def test_one_entry_proves_itself_and_says_nothing_of_its_neighbours(signer: Checkpoints) -> None:
    signer.make_due(NOW)
    text = signer.prove("rivera", 4, ["body.sha256", "at"])
    shown = check(text, signer.key("rivera").fingerprint)
    assert (shown.seq, shown.checkpoint.size) == (4, 9)
    assert next((o.field, o.value) for o in shown.openings) == ("body.sha256", f"{3:064x}")
    assert "America" not in text
    assert "rivera" not in text
    assert '"size"' not in text.replace("body.size", "")
    assert f"{4:064x}" not in text
    assert len(text) < 4000


def test_every_flipped_bit_of_a_proof_is_caught_or_free(signer: Checkpoints) -> None:
    """Free are only the white space of the JSON, and the key hash in the signature line that names no other key."""
    signer.make_due(NOW)
    text = signer.prove("rivera", 4)
    fingerprint = signer.key("rivera").fingerprint
    whole = check(text, fingerprint)
    for place in range(len(text)):
        flipped = text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :]
        try:
            found = check(flipped, fingerprint)
        except LogError:
            continue
        assert (found.seq, found.openings, found.checkpoint) == (whole.seq, whole.openings, whole.checkpoint), place


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda c: c["openings"][0].update(value="x"), "was not what the file says"),
        (lambda c: c["openings"][0].update(field="kind"), "was not what the file says"),
        (lambda c: c["openings"][0].update(salt=""), "was not what the file says"),
        (lambda c: c["openings"][0].update(field="none"), "was not what the file says"),
        (lambda c: c.update(leaf=c["leaf"].replace('"seq":4', '"seq":5')), "not in the log"),
        (lambda c: c.update(proof=c["proof"].replace("index 3", "index 2")), "not in the log"),
        (lambda c: c.update(proof=c["proof"].replace("\n9\n", "\n8\n")), "signature does not fit"),
        (lambda c: c.update(proof=""), "cannot be read"),
        (lambda c: c.update(format="other"), "not a proof file"),
        (lambda c: c.update(openings=[1]), "not a proof file"),
        (lambda c: c.pop("key"), "not a proof file"),
    ],
)
def test_what_was_tampered_with_is_named(signer: Checkpoints, change, why: str) -> None:
    signer.make_due(NOW)
    content = json.loads(signer.prove("rivera", 4))
    change(content)
    with pytest.raises(LogError, match=why):
        check(json.dumps(content))


def test_another_key_is_named(signer: Checkpoints) -> None:
    signer.make_due(NOW)
    text = signer.prove("rivera", 1)
    with pytest.raises(LogError, match="another key"):
        check(text, "00" * 32)


def test_a_log_built_anew_does_not_fit_a_checkpoint_that_somebody_kept(signer: Checkpoints) -> None:
    signer.make_due(NOW)
    other = make(origin_of(HOST, "rivera"), [b"\0" * 32] * 9, NOW, signer._private)
    kept = read(other, signer.key("rivera"))
    (mine,) = [n for n in signer.make_due(NOW + timedelta(days=2)) if origin_of(HOST, "rivera") in n]
    assert read(mine, signer.key("rivera")).root != kept.root


def test_a_salt_opens_one_field_only() -> None:
    seed = new_seed()
    assert salt_of(seed, "at") != salt_of(seed, "kind")
    leaf = {"fields": {"kind": commitment(salt_of(seed, "kind"), "received")}}
    assert Opening("kind", "received", salt_of(seed, "kind").hex()).fits(leaf)
    assert not Opening("kind", "received", salt_of(seed, "at").hex()).fits(leaf)
    assert not Opening("kind", "received", "zz").fits(leaf)


def test_what_cannot_be_proved_says_why(signer: Checkpoints) -> None:
    with pytest.raises(UserError, match="no checkpoint covers"):
        signer.prove("rivera", 1)
    signer.make_due(NOW)
    with pytest.raises(UserError, match="there is no entry rivera/99"):
        signer.prove("rivera", 99)
    with pytest.raises(UserError, match="no field 'colour'; it has log, at"):
        signer.prove("rivera", 1, ["colour"])


def test_a_kept_checkpoint_is_compared_with_the_log(signer: Checkpoints, store: Store) -> None:
    note = next(n for n in signer.make_due(NOW) if signer.key("rivera").name in n)
    with store.write() as session:
        append(session, "rivera", "received", {"sha256": "e" * 64}, now=NOW)
    log, seen, size = signer.compare(note)
    assert (log, seen.size, size) == ("rivera", 9, 10)
    with pytest.raises(LogError, match="signature does not fit"):
        signer.compare(note.replace("at 2026", "at 2025"))
    with pytest.raises(UserError, match="not a checkpoint of a log"):
        signer.compare("hello\n9\n")
    rewritten = Checkpoints(store, signer._private, "relay.example.org")
    other = make(signer.key("rivera").name, [b"x" * 32] * 9, NOW, signer._private)
    with pytest.raises(LogError, match="is not what it was"):
        rewritten.compare(other)
    longer = make(signer.key("rivera").name, [b"x" * 32] * 30, NOW, signer._private)
    with pytest.raises(LogError, match="only 10 are here"):
        rewritten.compare(longer)


def test_the_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    first = signing_key(tmp_path).public_key().public_bytes_raw()
    assert signing_key(tmp_path).public_key().public_bytes_raw() == first
    assert (tmp_path / "log.key").stat().st_mode & 0o777 == 0o600
    (tmp_path / "log.key").write_bytes(b"rubbish")
    with pytest.raises(LogError, match="put it back from a backup"):
        signing_key(tmp_path)


def test_the_root_in_a_checkpoint_is_base64(signer: Checkpoints) -> None:
    note = signer.make_due(NOW)[0]
    assert len(base64.b64decode(note.split("\n")[2])) == 32
