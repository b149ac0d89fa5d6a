"""The parent's own notes in a record: pages and files of their own, each held against the log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pypdfium2
import pytest

from gateway.accounts import Role
from gateway.accounts.invite import invite
from gateway.journal.notes import Note, Photo, keep
from gateway.ledger.checkpoints import signing_key
from gateway.record.again import check_again
from gateway.record.make import Order, make
from gateway.record.verifier.report import Report
from gateway.record.verifier.run import verify_bundle
from tests.record.attack import Target, reseal
from tests.record.conftest import Bundle
from tests.record.sample import START, World
from tests.record.sample import make as make_world

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
WORDS = "Emma came home at 6:40 with a fever of 38.4 \u00b0C. \u05e9\u05dc\u05d5\u05dd \u202eabc\nShe told him at noon."
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108020000009077"
    "53de0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)


@dataclass
class Kept:
    world: World
    bundle: Bundle


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    world = make_world(tmp_path_factory.mktemp("journal") / "family", 3, odd=())
    with world.store.write() as session:
        account = invite(session, world.family, Role.PARENT, "Dana", NOW - timedelta(hours=4))[0].id
    world.blobs.put_all("rivera", [PNG])
    for number, words in enumerate((WORDS, "He came at six.", "A correction: at seven.")):
        photos = (Photo("fever.png", "image/png", PNG),) if number == 0 else ()
        note = Note("health", "Emma", words, START + timedelta(days=number), 2 if number == 2 else None, photos)
        with world.store.write() as session:
            keep(session, world.family, account, note, f"n{number}", NOW - timedelta(hours=3 - number))
    folder = tmp_path_factory.mktemp("bundles") / "with"
    yield Kept(world, Bundle(folder, make(world.folder, folder, Order(journal=True), NOW)))
    world.close()


def checked(folder: Path, fingerprint: str) -> Report:
    report = verify_bundle(folder, fingerprint, None, ())
    if not report.failures:
        check_again(folder / "data", report)
    return report


def text_of(file: Path) -> str:
    with pypdfium2.PdfDocument(file) as pdf:
        return "\n".join(page.get_textpage().get_text_bounded() for page in pdf)


def test_notes_are_pages_of_their_own_and_proved(kept: Kept) -> None:
    report = checked(kept.bundle.folder, kept.bundle.made.fingerprint)
    assert not report.failures, report.text()
    assert "3 of the 3 notes that the log holds are here" in report.text()
    assert "journal.pdf, made again" in report.text()
    words = text_of(kept.bundle.data / "journal.pdf")
    assert "He came at six." in words
    assert "as the parent says" in words
    assert "Dana" in words, "whose notes they are"
    assert "He came at six." not in text_of(kept.bundle.data / "transcript.pdf")
    assert (kept.bundle.data / "journal" / "000001-1.png").read_bytes() == PNG
    assert "journal.pdf" in (kept.bundle.data / "README.md").read_text()


def test_without_the_choice_there_are_none(kept: Kept, tmp_path: Path) -> None:
    made = make(kept.world.folder, tmp_path / "plain", Order(), NOW)
    assert not (tmp_path / "plain" / "data" / "journal").exists()
    assert not checked(tmp_path / "plain", made.fingerprint).failures
    originals = make(kept.world.folder, tmp_path / "theirs", Order(journal=True, originals=True), NOW)
    assert "He came at six." not in "".join(
        f.read_text("utf8", "replace") for f in (tmp_path / "theirs").rglob("*") if f.is_file()
    )
    assert not checked(tmp_path / "theirs", originals.fingerprint).failures


def test_a_period_leaves_notes_out_and_says_so(kept: Kept, tmp_path: Path) -> None:
    day = f"{START + timedelta(days=1):%Y-%m-%d}"
    made = make(kept.world.folder, tmp_path / "part", Order(journal=True, until=day), NOW)
    report = checked(tmp_path / "part", made.fingerprint)
    assert not report.failures, report.text()
    assert "2 of the 3 notes" in report.text()
    assert "2 of 3 notes" in text_of(tmp_path / "part" / "data" / "journal.pdf")


def edit(folder: Path) -> None:
    file = folder / "data" / "journal" / "000002.json"
    file.write_text(file.read_text("utf8").replace("at six", "at ten"), "utf8")


def drop_photo(folder: Path) -> None:
    (folder / "data" / "journal" / "000001-1.png").unlink()


def swap_photo(folder: Path) -> None:
    (folder / "data" / "journal" / "000001-1.png").write_bytes(PNG + b"x")


def add_note(folder: Path) -> None:
    (folder / "data" / "journal" / "000009.json").write_text('{"photos":[]}')


def add_file(folder: Path) -> None:
    (folder / "data" / "journal" / "000001-7.png").write_bytes(PNG)


@pytest.mark.parametrize("change", [edit, drop_photo, swap_photo, add_note, add_file])
def test_what_is_changed_behind_the_seal_is_caught(kept: Kept, tmp_path: Path, change: Callable[[Path], None]) -> None:
    """Even by somebody who can sign the bag anew: the log speaks against it."""
    folder = kept.bundle.copy(tmp_path / "copy")
    change(folder)
    key = kept.world.signer.key(kept.world.family.key)
    private = signing_key(kept.world.settings.data)
    aim = Target(kept.bundle.folder, kept.bundle.made.fingerprint, private, key)
    reseal(folder, aim)
    assert verify_bundle(folder, kept.bundle.made.fingerprint, None, ()).failures
