"""Bundles: what is in them, that anybody can check them, and that they are whole or not there."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pyrage
import pytest
from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from gateway.errors import RecordError, UserError
from gateway.ledger import entries
from gateway.record.make import Order, make
from gateway.record.verifier.report import FAILED, PROVED
from gateway.record.verifier.run import unpacked, verify_bundle
from gateway.store.blobs import digest
from tests.record.conftest import NOW, Bundle
from tests.record.sample import World


def pyz(bundle: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the verifier of a bundle with a Python that has no package of ours."""
    file = bundle / "data" / "verify.pyz"
    return subprocess.run(
        [sys.executable, "-I", "-S", str(file), *words], capture_output=True, text=True, check=False, timeout=60
    )


def test_everything_that_was_promised_is_there(bundle: Bundle) -> None:
    names = {str(p.relative_to(bundle.data)) for p in bundle.data.rglob("*") if p.is_file()}
    wanted = "transcript.pdf transcript.json index.csv load.dat load.opt README.md LIMITS.md SPECIFICATION.md verify.pyz cover-sheet.md"
    assert set(wanted.split()) <= names
    assert {"native/000001.form", "proofs/000001.json", "decisions/000001.json", "log/leaves.txt"} <= names
    assert sum(name.startswith("declaration-") for name in names) == 4
    assert all(bundle.made.fingerprint in (bundle.data / n).read_text() for n in names if n.startswith("declaration-"))
    england = (bundle.data / "declaration-england-and-wales.md").read_text()
    assert ", Dana, say:" in england
    assert bundle.made.manifest == digest((bundle.folder / "manifest-sha256.txt").read_bytes())
    assert bundle.made.verifier == digest((bundle.data / "verify.pyz").read_bytes())


def test_the_verifier_runs_alone_and_says_what_is_proved(bundle: Bundle) -> None:
    done = pyz(bundle.folder, str(bundle.folder), "--key", bundle.made.fingerprint)
    assert done.returncode == 0, done.stdout
    for said in (
        "signed by the key whose fingerprint you gave",
        "the bundle is complete: the log kept 60 messages",
        "Nothing failed.",
    ):
        assert said in done.stdout
    assert FAILED not in done.stdout
    assert "OPERATOR'S WORD: that every message which reached the gateway was kept" in done.stdout


def test_another_key_is_refused(bundle: Bundle) -> None:
    done = pyz(bundle.folder, str(bundle.folder), "--key", "00" * 32)
    assert (done.returncode, "signed by another key" in done.stdout) == (1, True)


def test_a_single_proof_is_taken_by_the_same_verifier(bundle: Bundle) -> None:
    done = pyz(bundle.folder, str(bundle.data / "proofs" / "000005.json"), "--key", bundle.made.fingerprint)
    assert done.returncode == 0
    assert "its field body.sha256 was" in done.stdout


def test_the_natives_are_the_bytes_that_came(bundle: Bundle, world: World) -> None:
    with (bundle.data / "index.csv").open(encoding="utf8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert len(rows) == 60
    for row in rows:
        assert (bundle.data / row["native"]).read_bytes() == world.blobs.get("rivera", row["native_sha256"])
    assert all(not row["words"].startswith(("=", "+", "-", "@")) for row in rows)


def test_the_load_file_names_pages_and_natives(bundle: Bundle) -> None:
    lines = (bundle.data / "load.dat").read_bytes().decode("utf-8-sig").split("\r\n")
    assert lines[0].startswith("\u00feBEGDOC\u00fe\u0014\u00feENDDOC\u00fe")
    cells = [cell.strip("\u00fe") for cell in lines[1].split("\u0014")]
    assert cells[0] == "3"
    assert cells[-1] == "native/000001.form"
    pages = (bundle.data / "load.opt").read_text().split("\n")
    assert pages[2].startswith("3,RECORD,transcript.pdf,Y")


def test_the_pages_are_signed_once_and_unchanged_before_it(bundle: Bundle) -> None:
    pdf = (bundle.data / "transcript.pdf").read_bytes()
    reader = PdfFileReader(io.BytesIO(pdf))
    assert len(reader.embedded_signatures) == 1
    from cryptography import x509 as certificates
    from cryptography.hazmat.primitives.serialization import Encoding

    pem = (bundle.data / "transcript-certificate.pem").read_bytes()
    root = x509.Certificate.load(certificates.load_pem_x509_certificate(pem).public_bytes(Encoding.DER))
    status = validate_pdf_signature(reader.embedded_signatures[0], ValidationContext(trust_roots=[root]))
    assert status.intact
    assert status.valid
    flipped = bytearray(pdf)
    flipped[len(pdf) // 3] ^= 1
    changed = PdfFileReader(io.BytesIO(bytes(flipped))).embedded_signatures[0]
    assert not validate_pdf_signature(changed, ValidationContext(trust_roots=[root])).intact


def test_an_installation_makes_the_pages_again_byte_for_byte(bundle: Bundle) -> None:
    from gateway.record.again import check_again

    report = verify_bundle(bundle.folder, bundle.made.fingerprint, None)
    check_again(bundle.data, report)
    assert report.failures == 0
    assert any(v == PROVED and "made again" in s and "same byte for byte" in s for v, s in report.findings)
    assert any(v == PROVED and "index, load files, papers and verify.pyz" in s for v, s in report.findings)


def test_an_extract_opens_no_more_than_it_must(world: World, tmp_path: Path) -> None:
    target = tmp_path / "extract.zip"
    made = make(world.folder, target, Order(since="2026-02-01", until="2026-02-28", style="us", prefix="RIV"), NOW)
    assert 0 < made.messages < made.total
    with unpacked(target) as folder:
        report = verify_bundle(folder, made.fingerprint, None)
        assert report.failures == 0
        assert any(f"{made.messages} of the {made.total} messages that this log kept" in s for _, s in report.findings)
        opened = [json.loads(line) for line in (folder / "data" / "log" / "openings.jsonl").read_text().splitlines()]
        named = [{o["field"] for o in e["openings"]} for e in opened]
        assert {"log", "at", "offset", "kind", "hash"} in named
        assert sum("body.sha256" in n for n in named) == made.messages
        assert len(list((folder / "data" / "native").iterdir())) == made.messages
        assert (folder / "data" / "transcript.pdf").read_bytes().count(b"Extract") >= 0
        with (folder / "data" / "load.dat").open(encoding="utf-8-sig") as load:
            assert "\u00feRIV000003\u00fe" in load.readlines()[1]


def test_the_other_parents_own_messages_and_nothing_else(world: World, tmp_path: Path) -> None:
    target = tmp_path / "originals"
    made = make(world.folder, target, Order(originals=True), NOW)
    names = {p.relative_to(target / "data").parts[0] for p in (target / "data").rglob("*") if p.is_file()}
    assert names == {"native", "proofs", "key.txt", "verify.pyz", "README.md", "LIMITS.md", "SPECIFICATION.md"}
    done = pyz(target, str(target), "--key", made.fingerprint)
    assert done.returncode == 0, done.stdout
    assert "60 messages have proofs of their own" in done.stdout
    everything = " ".join((target / "data" / "proofs" / f"{n:06d}.json").read_text() for n in (3, 20, 40))
    assert "dana@example.org" not in everything
    assert "lane" not in json.loads((target / "data" / "proofs" / "000003.json").read_text())["openings"][0]["field"]
    (target / "data" / "native" / "000003.form").write_bytes(b"From=x&Body=other")
    assert verify_bundle(target, made.fingerprint, None).failures


def test_that_a_record_was_made_is_in_the_log(world: World, tmp_path: Path) -> None:
    made = make(world.folder, tmp_path / "again", Order(), NOW)
    with world.store.read() as session:
        last = [e for e in entries(session, "rivera") if e.kind == "exported"][-1]
    assert last.body["manifest_sha256"] == made.manifest
    assert (last.body["messages"], last.body["of"]) == (60, 60)


def test_a_zip_is_the_same_each_time(world: World, tmp_path: Path) -> None:
    """But for the signature, which has its time, and the checkpoint that the export before it made due."""
    first, second = tmp_path / "a.zip", tmp_path / "b.zip"
    for target in (first, second):
        make(world.folder, target, Order(until="2026-01-31"), NOW)
    names = [[i.filename.partition("/")[2] for i in zipfile.ZipFile(f).infolist()] for f in (first, second)]
    assert names[0][:40] == names[1][:40]


def test_a_bundle_is_encrypted_for_those_who_may_open_it(world: World, tmp_path: Path) -> None:
    from gateway.record.bundle import encrypt

    target, identity = tmp_path / "case.zip", pyrage.x25519.Identity.generate()
    make(world.folder, target, Order(until="2026-01-31"), NOW)
    locked = encrypt(target, [str(identity.to_public())])
    assert not target.exists()
    plain = tmp_path / "open.zip"
    plain.write_bytes(pyrage.decrypt(locked.read_bytes(), [identity]))
    with unpacked(plain) as folder:
        assert verify_bundle(folder, None, None).failures == 0
    make(world.folder, target, Order(until="2026-01-31"), NOW)
    with pytest.raises(RecordError, match="could not be encrypted"):
        encrypt(target, ["age1nonsense"])


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (Order(since="yesterday"), "--from: found 'yesterday'; should be a day such as"),
        (Order(since="2026-03-01", until="2026-02-01"), "should not lie before"),
        (Order(about=("weather",)), "--about: found 'weather'; known are"),
        (Order(style="fr"), "--style: found 'fr'; should be us, ew, plain"),
        (Order(prefix="../x"), "--prefix"),
        (Order(language="fr"), "--language: found 'fr'; should be en or es"),
        (Order(exhibit=("noise",)), "--exhibit: found 'noise'; known are"),
        (Order(family="smith"), "--family: found 'smith'; there are rivera"),
        (Order(since="2030-01-01"), "no message fits"),
        (Order(people=("nobody",)), "no message fits"),
    ],
)
def test_an_order_that_makes_no_sense_says_what_would(world: World, tmp_path: Path, order: Order, said: str) -> None:
    with pytest.raises(UserError, match=said):
        make(world.folder, tmp_path / "x", order, NOW)
    assert not (tmp_path / "x").exists()
    assert not list(tmp_path.glob(".breakwater-*"))


def test_what_is_there_is_never_written_over(world: World, tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    with pytest.raises(RecordError, match="is there already"):
        make(world.folder, tmp_path / "x", Order(), NOW)
