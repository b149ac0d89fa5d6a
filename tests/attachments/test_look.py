"""What files are by their bytes: good ones pass, hostile ones are told, and nothing raises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.attachments.look import look
from gateway.attachments.settle import size_words
from gateway.policy import Lane, load_rules
from gateway.policy.files import About, decide_file
from tests.attachments import samples
from tests.attachments.samples import compound, file, office, open_document, packed, pdf, pdf_with_packed, relation
from tests.harness import unknown_packing

RULES = load_rules()
NOISE = bytes(range(256))
SCHOOL = About(Lane.FACTS, ("school",))


def rule(data: bytes, name: str = "", claimed: str = "application/octet-stream", **more) -> str:
    """The rule that decides this file in a message about school."""
    return decide_file(look(file(data, name, claimed, **more)).traits, SCHOOL, RULES).rule


@pytest.mark.parametrize(
    ("data", "name", "claimed"),
    [
        (pdf(), "letter.pdf", "application/pdf"),
        (pdf(), "letter.PDF", "application/octet-stream"),
        (pdf(b"/OpenAction[3 0 R/Fit]/AcroForm<</Fields[]>>"), "form.pdf", "application/x-pdf"),
        (pdf_with_packed(b"<</Type/Annot/A<</S/URI/URI(http://school.example)>>>>"), "", "application/pdf"),
        (office(), "letter.docx", "application/octet-stream"),
        (office(), "letter.docx", "application/zip"),
        (office("xlsx"), "fees.xlsx", "application/vnd.ms-excel"),
        (office(rels=relation("hyperlink")), "a.docx", ""),
        (open_document(), "a.odt", ""),
        (open_document("spreadsheet"), "a.ods", ""),
        (compound("WordDocument", "1Table"), "a.doc", "application/msword"),
        (b"{\\rtf1 hello}", "a.rtf", "text/rtf"),
        (b"{\\rtf1 hello}", "a.doc", "application/msword"),
        (samples.INVITATION, "a.ics", "text/calendar"),
        (b"BEGIN:VCARD\r\nFN:School\r\nEND:VCARD\r\n", "a.vcf", "text/x-vcard"),
        (b"bring a packed lunch\n", "a.txt", "text/plain"),
        (b"day,fee\n1,2\n", "a.csv", "application/vnd.ms-excel"),
    ],
)
def test_ordinary_documents_are_documents(data: bytes, name: str, claimed: str) -> None:
    assert rule(data, name, claimed) == "file.document.school"


@pytest.mark.parametrize(
    ("data", "name", "claimed"),
    [
        (samples.photo(), "IMG_1.jpg", "image/jpeg"),
        (samples.png(), "IMG_1.jpg", "image/jpeg"),  # phones mix these up
        (samples.png(), "", "image/png"),
    ],
)
def test_ordinary_pictures_are_pictures(data: bytes, name: str, claimed: str) -> None:
    assert rule(data, name, claimed) == "file.picture"


JS = b"/OpenAction<</S/JavaScript/JS(app.alert(1))>>"


@pytest.mark.parametrize(
    ("data", "name", "claimed", "wanted"),
    [
        # what it says it is, and what it is
        (samples.PROGRAM, "letter.pdf", "application/pdf", "mismatch"),
        (samples.PROGRAM, "x.bin", "application/octet-stream", "program"),
        (samples.PROGRAM, "photo.jpg", "image/jpeg", "mismatch"),
        (pdf(), "photo.jpg", "image/jpeg", "mismatch"),
        (samples.png(), "letter.pdf", "application/pdf", "mismatch"),
        (packed({"a.txt": b"a"}), "photo.jpg", "image/jpeg", "mismatch"),
        (b"<html><script>1</script>", "letter.pdf", "application/pdf", "mismatch"),
        (NOISE, "letter.pdf", "application/pdf", "mismatch"),
        (b"just words", "letter.pdf", "application/pdf", "mismatch"),
        # programs, whatever their bytes
        (b"wscript.echo 1", "letter.pdf.vbs", "text/plain", "program"),
        (b"echo 1", "a.bat. ", "text/plain", "program"),
        (b"echo 1", "a.cmd\u00a0", "text/plain", "program"),
        (b"#!/bin/sh\nrm", "a", "", "program"),
        (b"alert(1)", "a", "application/javascript", "program"),
        (b"[InternetShortcut]\nURL=http://tracker.example.net", "school.url", "text/plain", "program"),
        (b"L\x00\x00\x00\x01\x14\x02\x00" + b"\0" * 99, "a", "", "program"),
        # packed
        (packed({"school letter.pdf": pdf()}), "a.zip", "application/zip", "archive"),
        (packed({"word/a.exe": samples.PROGRAM}), "a.zip", "application/zip", "archive"),
        (b"Rar!\x1a\x07\x00" + b"\0" * 99, "a.rar", "", "archive"),
        (b"\x1f\x8b\x08" + b"\0" * 99, "a.tgz", "", "archive"),
        (packed({"META-INF/MANIFEST.MF": b"", "A.class": b""}), "a", "", "program"),
        # pages
        (b"<!doctype html><p>hi", "a.html", "text/html", "page"),
        (b"\xef\xbb\xbf  <svg onload='x'/>", "a.svg", "image/svg+xml", "page"),
        (b"<?xml version='1.0'?><x/>", "a.xml", "text/xml", "page"),
        (b"hello\n" * 50 + b"<script>1</script>", "a.txt", "text/plain", "page"),
        # PDF
        (pdf(JS), "a.pdf", "application/pdf", "active"),
        (pdf(JS.replace(b"JavaScript", b"J#61va#53cript")), "a.pdf", "application/pdf", "active"),
        (pdf(b"/Names<</EmbeddedFiles 9 0 R>>"), "a.pdf", "application/pdf", "active"),
        (pdf(b"/OpenAction<</S/Launch/F(cmd)>>"), "a.pdf", "application/pdf", "active"),
        (pdf_with_packed(b"<</S/JavaScript/JS(1)>>"), "a.pdf", "application/pdf", "active"),
        (pdf_with_packed(b"<</S/Java#53cript>>", b"/Obj#53tm"), "a.pdf", "application/pdf", "active"),
        (pdf_with_packed(b"x", filter_=b"/LZWDecode").replace(b"x\x9c", b"\0\0"), "a.pdf", "application/pdf", "active"),
        (pdf_with_packed(b"\0" * 70_000_000), "a.pdf", "application/pdf", "active"),
        (pdf(tail=b"/Encrypt 8 0 R"), "a.pdf", "application/pdf", "encrypted"),
        (pdf(tail=b"/Enc#72ypt 8 0 R"), "a.pdf", "application/pdf", "encrypted"),
        (pdf() + packed({"a.exe": samples.PROGRAM}), "a.pdf", "application/pdf", "active"),
        (b"%PDF-1.4 <script>1</script>\n" + pdf(), "a.pdf", "application/pdf", "active"),
        # office
        (office(more={"word/vbaProject.bin": b"x"}), "a.docx", "", "macros"),
        (office(more={"word/VBAPROJECT.BIN": b"x"}), "a.docx", "", "macros"),
        (office("xlsx", more={"xl/macrosheets/sheet1.xml": b"x"}), "a.xlsx", "", "macros"),
        (office(), "a.docm", "", "macros"),
        (office(), "a.docx", "application/vnd.ms-word.document.macroEnabled.12", "macros"),
        (office(more={"[Content_Types].xml": b"macroEnabled"}), "a.docx", "", "macros"),
        (office(more={"word/embeddings/oleObject1.bin": b"x"}), "a.docx", "", "active"),
        (office(rels=relation("attachedTemplate")), "a.docx", "", "active"),
        (office(rels=relation("image", mode="&#69;xternal")), "a.docx", "", "active"),
        (office(rels=relation("oleObject", "mhtml:http://x!x-usc:http://x")), "a.docx", "", "active"),
        (office(more={"word/_rels/x.rels": b"<!DOCTYPE a [<!ENTITY b 'c'>]><R/>"}), "a.docx", "", "active"),
        (office(more={"word/_rels/x.rels": b"<R"}), "a.docx", "", "damaged"),
        (office(locked=True), "a.docx", "", "encrypted"),
        (office(more={"word/big.xml": b"\0" * 60_000_000}), "a.docx", "", "bomb"),
        (office()[:-40], "a.docx", "", "damaged"),
        (unknown_packing(office()), "a.docx", "", "damaged"),
        (open_document(manifest=b"<manifest:encryption-data/>"), "a.odt", "", "encrypted"),
        (open_document(Basic__Standard__Module1_xml=b"Sub x"), "a.odt", "", "macros"),
        (compound("WordDocument", "Macros", "_VBA_PROJECT"), "a.doc", "", "macros"),
        (compound("Workbook"), "a.xls", "", "macros"),
        (compound("WordDocument", "ObjectPool"), "a.doc", "", "active"),
        (compound("WordDocument", flags=0x0100), "a.doc", "", "encrypted"),
        (compound("EncryptedPackage", "EncryptionInfo"), "a.docx", "", "encrypted"),
        (compound("__substg1.0_0037001F"), "a.msg", "", "unknown"),
        (b"{\\rtf1{\\object\\objocx{\\*\\objdata 01}}}", "a.rtf", "", "active"),
        (b"{\\rtf1{\\*\\template http://tracker.example.net}}", "a.rtf", "", "active"),
        # locked, empty, unknown, sound
        (b"-----BEGIN PGP MESSAGE-----\n\nx", "a.asc", "", "encrypted"),
        (NOISE, "smime.p7m", "application/pkcs7-mime", "encrypted"),
        (b"", "letter.pdf", "application/pdf", "damaged"),
        (b"", "", "image/jpeg", "damaged"),
        (NOISE, "a.bin", "", "unknown"),
        (b"RIFF\0\0\0\0WAVEfmt ", "a.wav", "audio/wav", "recording"),
        (b"\0\0\0\x18ftypmp42" + b"\0" * 50, "a.mp4", "video/mp4", "recording"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 50, "a.heic", "image/heic", "unknown"),
        # pictures
        (samples.png_that_claims(60_000, 60_000), "a.png", "image/png", "bomb"),
        (samples.png_that_claims(8_001, 8_000), "a.png", "image/png", "bomb"),
        (samples.png()[:20], "a.png", "image/png", "damaged"),
        (b"\xff\xd8\xff" + b"\0" * 200, "a.jpg", "image/jpeg", "damaged"),
    ],
)  # fmt: skip
def test_hostile_files_are_told(data: bytes, name: str, claimed: str, wanted: str) -> None:
    assert rule(data, name, claimed) == f"file.{wanted}"


def test_logos_and_signatures_stay_with_their_mail() -> None:
    assert rule(samples.png(120, 40), "logo.png", "image/png", inline=True) == "file.ornament"
    assert rule(samples.png(1, 1), "", "image/gif", inline=True) == "file.ornament"
    assert rule(samples.png(120, 40), "logo.png", "image/png") == "file.picture"
    assert rule(b"-----BEGIN PGP SIGNATURE-----", "signature.asc", "application/pgp-signature") == "file.signature"
    assert rule(samples.PROGRAM, "signature.asc", "application/pgp-signature") == "file.program"


def test_the_topic_of_what_came_through_releases_a_document() -> None:
    traits = look(file(pdf())).traits
    for topic, wanted in (("medical", "health"), ("legal", "legal"), ("travel", "plans"), ("expense", "money")):
        assert decide_file(traits, About(Lane.FACTS, (topic,)), RULES).rule == f"file.document.{wanted}"
    unclear = decide_file(traits, About(Lane.UNSORTED), RULES)
    assert (unclear.rule, unclear.action, unclear.after_original) == ("file.document.unclear", "hold", True)
    assert decide_file(traits, About(Lane.LEGAL, sender="lawyer"), RULES).rule == "file.legal"
    assert decide_file(traits, About(Lane.FACTS, ("school",), proved=False), RULES).rule == "file.unproved"
    assert decide_file(traits, About(Lane.UNSORTED, ("school",), sender="other"), RULES).rule == "file.stranger"
    assert decide_file({"infected", *traits}, About(Lane.LEGAL, sender="lawyer"), RULES).rule == "file.infected"


def test_twenty_five_megabytes_are_looked_at_in_time() -> None:
    import time

    begun = time.monotonic()
    rule(pdf() + b"/ObjStm" * 3_700_000, "a.pdf")
    rule(compound("WordDocument") + b"\0" * 25_000_000, "a.doc")
    rule(packed({f"word/{n}": b"" for n in range(6_000)} | {"[Content_Types].xml": b""}), "a.docx")
    assert time.monotonic() - begun < 30


@given(st.binary(max_size=300), st.text(max_size=40), st.text(max_size=40))
def test_no_bytes_and_no_name_break_it(tail: bytes, name: str, claimed: str) -> None:
    for head in (
        b"",
        b"%PDF-",
        b"PK\x03\x04word/",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
    ):
        assert look(file(head + tail, name, claimed)).traits


def test_sizes_read_well() -> None:
    assert [size_words(n) for n in (0, 1, 900, 34_400, 1_250_000)] == ["0 kB", "1 kB", "1 kB", "34 kB", "1.2 MB"]
