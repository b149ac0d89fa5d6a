"""Time stamps in a bundle: by whom, of when, and what is not taken for one."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from asn1crypto import x509 as asn1
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from sqlalchemy import select

from gateway.errors import AnchorError
from gateway.family import Directory
from gateway.ledger.anchor import ask, certificates
from gateway.ledger.anchors import Anchors, Stamper, by_http
from gateway.ledger.checkpoint import make as make_checkpoint
from gateway.record.make import Order, make
from gateway.record.pages import pages
from gateway.record.signing import sign, signer_of
from gateway.record.verifier.report import FAILED, PROVED, WORD, Report
from gateway.record.verifier.run import verify_bundle
from gateway.store.tables import AnchorRow
from tests.ledger.authority import Authority
from tests.record.attack import Target, reseal, target
from tests.record.sample import World

Stamped = tuple[World, Target, Authority, Authority]


@pytest.fixture(scope="module")
def stamped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stamped]:
    place = tmp_path_factory.mktemp("stamps")
    world, aim = target(place)
    one, other = Authority(place / "one"), Authority(place / "old", "Old Authority", ran_out=True)
    now = datetime.now(UTC)
    world.signer.make_due(now, at_once=True)
    made = [Stamper("one", one.url, tuple(certificates(one.roots.read_bytes())))]
    Anchors(world.store, Directory([world.family]), made, lambda: now, world.signer.key).step()
    with world.store.read() as session:
        assert list(session.scalars(select(AnchorRow.state))) == ["stamped"] * 2
    folder = place / "stamped"
    make(world.folder, folder, Order(), datetime.now(UTC))
    yield world, Target(folder, aim.fingerprint, aim.private, aim.key), one, other
    world.close()
    one.close()
    other.close()


def said(report: Report, verdict: str) -> str:
    return "\n".join(sentence for v, sentence in report.findings if v == verdict)


def changed(aim: Target, act: Callable[[Path], object]) -> Path:
    """A copy in which something was done to the stamp, sealed anew."""
    folder = aim.copy()
    act(next(iter((folder / "data" / "log" / "checkpoints").glob("*.one.tsr"))))
    reseal(folder, aim)
    return folder


def note_of(stamp: Path) -> Path:
    return stamp.with_name(stamp.name.partition(".")[0] + ".note")


def test_a_stamp_is_proved_with_the_roots_of_its_authority(stamped: Stamped) -> None:
    _, aim, one, _ = stamped
    report = verify_bundle(aim.folder, aim.fingerprint, one.roots)
    assert report.failures == 0, report.text()
    assert "1 time stamps hold: entries 1 to" in said(report, PROVED)


def test_without_roots_a_stamp_is_only_a_word(stamped: Stamped) -> None:
    _, aim, _, _ = stamped
    report = verify_bundle(aim.folder, aim.fingerprint, None)
    assert report.failures == 0
    assert "1 time stamps lie beside the checkpoints and were not checked; give --tsa-roots" in said(report, WORD)


def test_another_authoritys_roots_do_not_do(stamped: Stamped) -> None:
    _, aim, _, other = stamped
    report = verify_bundle(aim.folder, aim.fingerprint, other.roots)
    assert "does not hold for its checkpoint, or another authority gave it" in said(report, FAILED)


def test_a_stamp_of_another_checkpoint_is_refused(stamped: Stamped) -> None:
    _, aim, one, _ = stamped
    folder = changed(aim, lambda stamp: shutil.move(stamp, stamp.with_name("000001.one.tsr")))
    report = verify_bundle(folder, aim.fingerprint, one.roots)
    assert "000001.one.tsr does not hold for its checkpoint" in said(report, FAILED)


def test_a_stamp_of_an_authority_whose_certificate_had_run_out_is_refused(stamped: Stamped) -> None:
    _, aim, _, other = stamped

    def again(stamp: Path) -> None:
        stamp.write_bytes(other.stamp(ask(note_of(stamp).read_text(encoding="utf8")).as_bytes()))

    report = verify_bundle(changed(aim, again), aim.fingerprint, other.roots)
    assert "does not hold for its checkpoint" in said(report, FAILED)


def test_a_checkpoint_that_claims_a_time_after_its_stamp_is_refused(stamped: Stamped) -> None:
    """The clock of the gateway stood in the future when the checkpoint was signed."""
    _, aim, one, _ = stamped

    def later(stamp: Path) -> None:
        file = note_of(stamp)
        leaves = [bytes.fromhex(x) for x in (file.parents[1] / "leaves.txt").read_text().split()]
        size = int(file.read_text(encoding="utf8").split("\n")[1])
        note = make_checkpoint(aim.key.name, leaves[:size], datetime(2031, 1, 1, tzinfo=UTC), aim.private)
        file.write_text(note, encoding="utf8")
        stamp.write_bytes(one.stamp(ask(note).as_bytes()))

    report = verify_bundle(changed(aim, later), aim.fingerprint, one.roots)
    assert "before the time that its checkpoint claims: a clock was wrong" in said(report, FAILED)


def test_rubbish_for_a_stamp_is_named(stamped: Stamped) -> None:
    _, aim, one, _ = stamped
    report = verify_bundle(changed(aim, lambda stamp: stamp.write_bytes(b"\x30\x03abc")), aim.fingerprint, one.roots)
    assert "does not hold for its checkpoint" in said(report, FAILED)


def test_the_pages_bear_a_stamp_inside_their_signature(stamped: Stamped, tmp_path: Path) -> None:
    _, _, one, _ = stamped
    now = datetime.now(UTC)
    plain = pages({"title": "x", "style": "plain", "prefix": "", "extract": None}, now, fingerprint="ab" * 32)
    signed = sign(plain, signer_of(tmp_path, "relay.example.org", now), reason="x", authority=(one.url, by_http))
    embedded = PdfFileReader(io.BytesIO(signed)).embedded_signatures[0]
    roots = [asn1.Certificate.load(c.public_bytes(Encoding.DER)) for c in certificates(one.roots.read_bytes())]
    own = asn1.Certificate.load(signer_of(tmp_path, "", now).certificate)
    status = validate_pdf_signature(
        embedded, ValidationContext(trust_roots=[own]), ValidationContext(trust_roots=roots)
    )
    assert status.intact
    assert status.valid
    assert status.timestamp_validity is not None
    assert status.timestamp_validity.valid
    one.breaks = 503
    with pytest.raises(AnchorError):
        sign(plain, signer_of(tmp_path, "", now), reason="x", authority=(one.url, by_http))
    one.breaks = None
