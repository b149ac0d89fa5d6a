"""What a dishonest operator, who holds the key, may print, add or leave out, and what a stranger may do to a bundle."""

from __future__ import annotations

import io
import json
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from gateway.record.again import check_again
from gateway.record.glyphs import runs
from gateway.record.make import Order, make
from gateway.record.pages import pages
from gateway.record.revisions import only_signed
from gateway.record.signing import sign, signer_of
from gateway.record.verifier.report import FAILED, WORD, Broken, Report
from gateway.record.verifier.run import unpacked, verify_bundle
from tests.harness import unknown_packing
from tests.record.attack import Target, index_column, reseal, target
from tests.record.conftest import NOW
from tests.record.sample import World
from tests.record.sample import make as make_world


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Target]]:
    place = tmp_path_factory.mktemp("operator")
    world, aim = target(place)
    make(world.folder, place / "with-exhibit", Order(exhibit=("medical",)), NOW)
    yield world, replace(aim, folder=place / "with-exhibit")
    world.close()


def judged(aim: Target, change: Callable[[Path], object], *, again: bool = True) -> Report:
    """The report on a copy that was changed and sealed anew with the true key."""
    folder = aim.copy()
    change(folder / "data")
    reseal(folder, aim)
    report = verify_bundle(folder, aim.fingerprint, None)
    if again and not report.failures:
        check_again(folder / "data", report)
    shutil.rmtree(folder.parent)
    return report


def failures(report: Report) -> str:
    return "\n".join(said for verdict, said in report.findings if verdict == FAILED)


def printed_otherwise(name: str, field: str, value: object) -> Callable[[Path], object]:
    """Change one value of the pages and draw them anew, as an operator can."""

    def change(data: Path) -> None:
        file = data / f"{name}.json"
        values = json.loads(file.read_text(encoding="utf8"))
        if field in values:
            values[field] = value
        else:
            values["messages"][0][field] = value
        file.write_text(json.dumps(values, ensure_ascii=False, sort_keys=True), encoding="utf8")
        (data / f"{name}.pdf").write_bytes(pages(values, NOW, fingerprint=values["fingerprint"]))

    return change


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("transcript", "at", "Mon 5 Oct 2025, 6:00 am (UTC-06:00)"),
        ("transcript", "from", ["Somebody else"]),
        ("transcript", "subject", ["I will kill you"]),
        ("transcript", "delivered", [["I will kill you"]]),
        ("transcript", "withheld", [["Withheld", "by nobody", ["nothing"]]]),
        ("transcript", "proof", ["verified: signed by example.net"]),
        ("transcript", "direction", "written by the parent"),
        ("transcript", "title", "Certified record"),
        ("transcript", "cover", [["Certified", ["by the County Court"]]]),
        ("transcript", "extract", "Extract: 1 of 900 messages"),
        ("exhibit", "text", ["I broke her arm and I will do it again."]),
        ("exhibit", "chronology", []),
    ],
)
def test_what_is_printed_must_follow_from_what_is_proved(
    small: tuple[World, Target], name: str, field: str, value: object
) -> None:
    report = judged(small[1], printed_otherwise(name, field, value))
    assert f"{name}.pdf says something else than log, bytes and decisions" in failures(report)


def test_other_pages_under_the_same_values_are_refused(small: tuple[World, Target]) -> None:
    def change(data: Path) -> None:
        values = json.loads((data / "transcript.json").read_text(encoding="utf8"))
        values["messages"][0]["text"] = ["Emma is fine"]
        (data / "transcript.pdf").write_bytes(pages(values, NOW, fingerprint=values["fingerprint"]))

    report = judged(small[1], change, again=False)
    assert report.failures == 0
    assert any(v == WORD and "no PDF was read here" in said for v, said in report.findings)
    assert "transcript.pdf is drawn otherwise than its words are" in failures(judged(small[1], change))


def test_what_is_drawn_behind_the_pages_is_refused(small: tuple[World, Target], tmp_path: Path) -> None:
    world, aim = small

    def change(data: Path) -> None:
        signed = (data / "transcript.pdf").read_bytes()
        end = signed.index(b"%%EOF") + 6
        (data / "transcript.pdf").write_bytes(
            sign(painted(signed[:end]), signer_of(world.settings.data, "", NOW), reason="x")
        )

    assert "more than a signature stands behind its pages" in failures(judged(aim, change))


def painted(pdf: bytes) -> bytes:
    """The pages with a revision that paints the first one white."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    page = writer.root["/Pages"]["/Kids"][0]
    while page["/Type"] == "/Pages":
        page = page["/Kids"][0]
    white = generic.StreamObject(stream_data=b"q 1 g 0 0 700 900 re f Q")
    page["/Contents"] = generic.ArrayObject([page.raw_get("/Contents"), writer.add_object(white)])
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_signature_alone_is_one_revision_and_draws_nothing(small: tuple[World, Target]) -> None:
    signed = (small[1].folder / "data" / "transcript.pdf").read_bytes()
    plain = signed[: signed.index(b"%%EOF") + 6]
    assert only_signed(plain, plain)
    assert only_signed(plain, signed)
    assert not only_signed(plain, signed + b"\n% more")
    assert not only_signed(plain, painted(plain))
    assert not only_signed(plain, painted(signed))
    assert not only_signed(plain, plain + b"rubbish")


@pytest.mark.parametrize("name", ["LIMITS.md", "declaration-us.md", "load.dat", "verify.pyz", "index.csv"])
def test_papers_and_tables_must_be_those_of_the_record(small: tuple[World, Target], name: str) -> None:
    def change(data: Path) -> None:
        file = data / name
        file.write_bytes(file.read_bytes().replace(b"Mark Rivera", b"Marc Rivera", 1) + b" ")

    report = judged(small[1], change)
    assert f"{name} is not what this record has" in failures(report) or "index.csv cannot be read" in failures(report)


@pytest.mark.parametrize(
    "name", ["transcript-corrected.pdf", "COURT-CERTIFICATE.pdf", "native/000001-x.jpg", "thumbs/x.png"]
)
def test_a_file_that_no_bundle_has_is_named(small: tuple[World, Target], name: str) -> None:
    def change(data: Path) -> None:
        (data / name).parent.mkdir(exist_ok=True)
        (data / name).write_bytes(b"x")

    assert f"data/{name} is none that a bundle has" in failures(judged(small[1], change))


def test_a_made_up_attachment_is_named(small: tuple[World, Target]) -> None:
    def change(data: Path) -> None:
        (data / "native" / "000001-1.jpg").write_bytes(b"made up")
        index_column("files", "native/000001-1.jpg")(data.parent, small[1])

    assert "is none that the log speaks of" in failures(judged(small[1], change))


def test_an_older_checkpoint_shows_a_log_that_was_written_anew(small: tuple[World, Target], tmp_path: Path) -> None:
    world, aim = small
    mine = next(note for log, note in world.signer.newest() if log == "rivera")
    kept = tmp_path / "mail.txt"
    kept.write_text("Please keep this mail.\n\n" + mine + "\nFingerprint of the key: x\n", encoding="utf8")
    other = make_world(tmp_path / "other", 5, odd=("Emma's dentist is Tuesday at 3:30", "ok", "I love you"))
    try:
        made = make(other.folder, tmp_path / "anew", Order(), NOW)
    finally:
        other.close()
    assert verify_bundle(tmp_path / "anew", made.fingerprint, None).failures == 0
    for proof in (kept, aim.folder):
        report = verify_bundle(tmp_path / "anew", made.fingerprint, None, [proof])
        assert "the log was written anew, or cut" in failures(report)
    assert verify_bundle(aim.folder, aim.fingerprint, None, [kept]).failures == 0
    alone = verify_bundle(aim.folder, aim.fingerprint, None)
    assert any(v == WORD and "give --checkpoint" in said for v, said in alone.findings)


def zipped(folder: Path, place: Path, *extra: tuple[str, bytes]) -> Path:
    with zipfile.ZipFile(place, "w") as archive:
        for file in sorted(p for p in folder.rglob("*") if p.is_file()):
            archive.write(file, f"whole/{file.relative_to(folder)}")
        for name, content in extra:
            archive.writestr(name, content)
    return place


@pytest.mark.parametrize(
    "name",
    ["transcript.pdf", "READ ME FIRST.txt", "/whole/x", "whole/../x", "whole/./x", "whole//x", "Whole/bagit.txt"],
)
def test_an_archive_holds_one_folder_and_nothing_beside(small: tuple[World, Target], tmp_path: Path, name: str) -> None:
    good = zipped(small[1].folder, tmp_path / "good.zip")
    with unpacked(good) as folder:
        assert verify_bundle(folder, small[1].fingerprint, None).failures == 0
    with (
        pytest.raises(Broken, match="the archive holds"),
        unpacked(zipped(small[1].folder, tmp_path / "x.zip", (name, b"x"))),
    ):
        pass


def test_pipes_devices_and_links_are_not_read(small: tuple[World, Target]) -> None:
    for act in (
        lambda f: os.mkfifo(f / "data" / "log" / "pipe"),
        lambda f: (f / "bag-info.txt").unlink() or os.mkfifo(f / "bag-info.txt"),
        lambda f: (f / "manifest-sha256.txt").unlink() or (f / "manifest-sha256.txt").symlink_to("/dev/zero"),
    ):
        folder = small[1].copy()
        act(folder)
        assert "is neither a file nor a folder" in failures(verify_bundle(folder, None, None))
        shutil.rmtree(folder.parent)


def test_names_of_files_cannot_write_on_the_screen(small: tuple[World, Target]) -> None:
    folder = small[1].copy()
    (folder / "data" / "x\x1b[2K\nPROVED: all fine").write_text("x")
    text = verify_bundle(folder, None, None).text()
    assert "\x1b" not in text
    assert "\nPROVED: all fine" not in text
    shutil.rmtree(folder.parent)


@pytest.mark.parametrize("words", ["\t" * 4200, "\u200b" * 9000, "a" + "\u0301" * 60, "x" * 50_000])
def test_no_message_can_prevent_a_record(tmp_path: Path, words: str) -> None:
    world = make_world(tmp_path / "family", 2, odd=(f"Emma has a fever. {words}", "ok"))
    try:
        made = make(world.folder, tmp_path / "bundle", Order(), NOW)
    finally:
        world.close()
    report = verify_bundle(tmp_path / "bundle", made.fingerprint, None)
    check_again(tmp_path / "bundle" / "data", report)
    assert report.failures == 0, report.text()


def test_marks_in_a_pile_are_codes_and_codes_cannot_be_typed() -> None:
    assert [kind for kind, _ in runs("a" + "\u0301" * 9)] == ["", "c"]
    assert runs("\u2039U+202E\u203a")[0] == ("c", "\u2039U+2039\u203a")


def test_a_zip_that_is_packed_in_an_unknown_way_is_said_to_be_none(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bundle.zip", "w") as archive:
        archive.writestr("bagit.txt", "BagIt-Version: 1.0\n")
    odd = tmp_path / "odd.zip"
    odd.write_bytes(unknown_packing((tmp_path / "bundle.zip").read_bytes()))
    with pytest.raises(Broken, match="neither a folder"), unpacked(odd):
        pass
