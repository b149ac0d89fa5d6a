"""Attachments over real sockets: what is kept, what the parent can have on a step, and that nothing else reaches them."""

import base64
import html
import re
import smtplib
from collections.abc import Iterator, Sequence
from datetime import timedelta
from email.message import EmailMessage
from io import BytesIO, StringIO
from urllib.parse import urlencode

import httpx
import pytest
from PIL import Image
from pydantic import ValidationError
from rich.console import Console
from sqlalchemy import select
from twilio.request_validator import RequestValidator

from gateway.attachments.desk import Desk
from gateway.demo.carriers import free_port
from gateway.demo.run import TOKEN, mail_of
from gateway.demo.sample import (
    EX_EMAIL,
    EX_PHONE,
    LAWYER_EMAIL,
    PARENT_EMAIL,
    RELAY_EMAIL,
    RELAY_PHONE,
    STRANGER_EMAIL,
    Sample,
)
from gateway.doctor import examine
from gateway.errors import StoreError, UserError
from gateway.replay import loose
from gateway.settings import Scanning, Settings
from gateway.store import Blobs
from gateway.store.tables import AttachmentRow
from tests.attachments import samples
from tests.attachments.clamav import NAME, running
from tests.attachments.samples import EICAR, PROGRAM, SECRETS, packed, pdf, photo
from tests.conftest import NOON
from tests.e2e.world import World, open_world, wait_until

SCHOOL = "Emma's school form is attached, please sign it by Friday.\n"
HOOK = "You are pathetic and everybody knows it.\n"
File = tuple[bytes, str, str]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with open_world(tmp_path_factory.mktemp("files")) as opened:
        yield opened


def letter(text: str, files: Sequence[File], sender: str, subject: str) -> EmailMessage:
    message = mail_of(Sample("files", "email", text, "Form", sender=sender))
    message.replace_header("Subject", subject)
    for data, name, claimed in files:
        main, _, sub = claimed.partition("/")
        message.add_attachment(data, maintype=main, subtype=sub, filename=name)
    return message


def mail(world: World, text: str, *files: File, sender: str = EX_EMAIL, subject: str = "Form") -> list[AttachmentRow]:
    """Send a mail with files; its rows once everything is done."""
    host, _, port = world.settings.server.smtp_listen.rpartition(":")
    with smtplib.SMTP(host, int(port), timeout=60) as client:
        client.sendmail(sender, [RELAY_EMAIL], letter(text, files, sender, subject).as_bytes())
    world.settle(60)
    return rows(world)


def rows(world: World) -> list[AttachmentRow]:
    """The rows of the newest message."""
    with world.store.read() as session:
        found = list(session.scalars(select(AttachmentRow).order_by(AttachmentRow.message_id, AttachmentRow.place)))
        session.expunge_all()
    return [row for row in found if row.message_id == found[-1].message_id] if found else []


def page(world: World) -> str:
    return f"{world.settings.server.public_url}/card/{world.cards()[-1].token}"


def told(world: World) -> str:
    """All that the parent got so far, decoded."""
    mails = [part.get_content() for m in world.mails() for part in m.walk() if part.get_content_maintype() == "text"]
    return "\n".join(mails + [t["Body"] for t in world.carrier.sent] + [httpx.get(page(world)).text])


def blob(world: World, row: AttachmentRow) -> bytes:
    blobs = Blobs(world.settings.data / "blobs", world.store)
    try:
        return blobs.get(row.family, row.sha256)
    finally:
        blobs.close()


def test_a_school_form_is_listed_kept_and_comes_as_a_safe_download(world: World) -> None:
    form = pdf()
    (row,) = mail(world, SCHOOL, (form, "Emma school letter Nov 2026.pdf", "application/pdf"))
    assert (row.state, row.type, row.claimed_type, row.size) == (
        "listed",
        "application/pdf",
        "application/pdf",
        len(form),
    )
    assert row.rule.startswith("file.document.")
    assert row.sha256 == samples.sha256(form)
    assert blob(world, row) == form
    assert world.lanes()[-1] == "facts"
    assert "PDF document “Emma school letter Nov 2026”, 1 kB" in html.unescape(told(world))
    assert "It was not scanned for viruses." in httpx.get(page(world)).text
    got = httpx.post(page(world) + "/file/0")
    assert (got.status_code, got.content) == (200, form)
    assert got.headers["content-type"] == "application/pdf"
    assert got.headers["content-disposition"] == 'attachment; filename="Emma-school-letter-Nov-2026.pdf"'
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert got.headers["cache-control"] == "no-store"


def test_nothing_is_handed_out_by_looking(world: World) -> None:
    mail(world, SCHOOL, (pdf(), "a.pdf", "application/pdf"), (photo(), "b.jpg", "image/jpeg"))
    before = len(world.log())
    shown = httpx.get(page(world))
    assert "<img" not in shown.text
    assert "data:" not in shown.text
    assert [httpx.get(page(world) + f"/file/{n}").status_code for n in (0, 1)] == [405, 405]
    assert [httpx.head(page(world) + "/file/0").status_code] == [405]
    assert len(world.log()) == before


def test_a_picture_is_shown_on_a_step_without_place_and_device(world: World) -> None:
    original = photo()
    (row,) = mail(
        world, "Noah's swimming is at 4 on Monday, this is the pool.\n", (original, "IMG_2034.jpg", "image/jpeg")
    )
    assert (row.state, row.rule) == ("step", "file.picture")
    assert blob(world, row) == original
    shown = httpx.post(page(world) + "/file/0")
    assert shown.status_code == 200
    assert "img-src data:" in shown.headers["content-security-policy"]
    source = re.search(r'src="data:image/jpeg;base64,([A-Za-z0-9+/=]+)"', html.unescape(shown.text))
    assert source is not None
    drawn = base64.b64decode(source[1])
    assert not [secret for secret in SECRETS if secret in drawn]
    assert Image.open(BytesIO(drawn)).size == (400, 300)
    assert "IMG_2034" not in shown.text + told(world)
    assert [e.kind for e in world.log()][-1] == "picture shown"


def test_no_byte_of_a_photo_reaches_the_parent_by_any_way(world: World) -> None:
    mail(world, "Noah's recital is at 2 on Sunday.\n", (photo(), "Secret Maker.jpg", "image/jpeg"))
    ways = [httpx.get(page(world)), httpx.post(page(world) + "/original"), httpx.post(page(world) + "/file/0")]
    mails = b"".join(raw for _, to, raw in world.mailbox.received if PARENT_EMAIL in to)
    everything = mails + b"".join(w.content + str(w.headers).encode() for w in ways) + told(world).encode()
    pictures = re.findall(r"base64,([A-Za-z0-9+/=]+)", html.unescape(everything.decode()))
    assert len(pictures) == 1
    drawn = base64.b64decode(pictures[0])
    for secret in (*SECRETS, b"secret"):
        assert secret not in drawn, secret
        assert len(secret) < 5 or secret not in everything, secret


HOSTILE: list[tuple[File, str]] = [
    ((PROGRAM, "school form.pdf", "application/pdf"), "file.mismatch"),
    ((PROGRAM, "school\u202efdp.exe", "application/octet-stream"), "file.program"),
    ((packed({"form.pdf": pdf()}), "forms.zip", "application/zip"), "file.archive"),
    ((b"<html><img src=http://tracker.example.net/x>", "form.html", "application/octet-stream"), "file.page"),
    ((b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "a.svg", "image/svg+xml"), "file.page"),
    ((samples.office(more={"word/vbaProject.bin": b"x"}), "form.docx", "application/msword"), "file.macros"),
    ((pdf(tail=b"/Encrypt 9 0 R"), "form.pdf", "application/pdf"), "file.encrypted"),
    ((pdf(b"/OpenAction<</S/JavaScript/JS(x)>>"), "form.pdf", "application/pdf"), "file.active"),
    ((pdf() + packed({"a.exe": PROGRAM}), "form.pdf", "application/pdf"), "file.active"),
    ((samples.real_bomb(9_000), "photo.png", "image/png"), "file.bomb"),
    ((b"", "form.pdf", "application/pdf"), "file.damaged"),
]


def test_hostile_files_are_held_with_a_plain_reason_and_cannot_be_had(world: World) -> None:
    found = mail(world, SCHOOL, *(file for file, _ in HOSTILE))
    assert [(r.state, r.rule, r.after_original) for r in found] == [("held", rule, False) for _, rule in HOSTILE]
    assert [r.sha256 for r in found] == [samples.sha256(data) for (data, _, _), _ in HOSTILE]
    assert all(blob(world, r) == data for r, ((data, _, _), _) in zip(found, HOSTILE, strict=True))
    assert world.lanes()[-1] == "facts"
    shown = html.unescape(httpx.get(page(world)).text)
    for row in found:
        assert f"held: {row.why}" in shown
    for place in range(len(HOSTILE)):
        assert httpx.post(f"{page(world)}/file/{place}").status_code == 403
    opened = httpx.post(page(world) + "/original").text
    assert "/file/" not in opened
    assert "tracker" not in shown


@pytest.mark.parametrize("place", ["99", "-1", "x", "1e1", "../0", "٣", "0" * 50])
def test_a_place_that_is_none_leads_nowhere(world: World, place: str) -> None:
    mail(world, SCHOOL, (pdf(), "a.pdf", "application/pdf"))
    assert httpx.post(f"{page(world)}/file/{place}").status_code in (404, 405)
    assert httpx.post(f"{world.settings.server.public_url}/card/{'A' * 43}/file/0").status_code == 404


def test_an_insult_in_a_name_does_not_reach_the_parent(world: World) -> None:
    names = (
        "you are pathetic.pdf",
        "Emma_school_letter_you_dumb_cow.pdf",
        "../../../etc/worthless.pdf",
        "letter‮fdp.pdf",
    )
    found = mail(world, SCHOOL, *((pdf(b"/N%d" % n), name, "application/pdf") for n, name in enumerate(names)))
    assert [r.state for r in found] == ["listed"] * 4
    assert [r.shown_name for r in found] == [""] * 4
    everything = told(world) + httpx.post(page(world) + "/original").text
    got = [httpx.post(f"{page(world)}/file/{n}") for n in range(4)]
    assert {g.headers["content-disposition"] for g in got} == {'attachment; filename="pdf-document.pdf"'}
    for word in ("pathetic", "dumb", "worthless", "etc", "fdp"):
        assert not re.search(rf"\b{word}", everything, re.IGNORECASE), word


def test_files_of_the_same_name_and_bytes_are_told_apart_by_place(world: World) -> None:
    one, other = pdf(b"/A 1"), pdf(b"/B 2")
    found = mail(world, SCHOOL, *((d, "form.pdf", "application/pdf") for d in (one, other, one)))
    assert [r.place for r in found] == [0, 1, 2]
    assert [httpx.post(f"{page(world)}/file/{n}").content for n in range(3)] == [one, other, one]


def test_a_threat_in_a_name_is_not_missed(world: World) -> None:
    mail(world, "Emma has piano at 4 on Friday.\n", (photo(), "i will kill you tonight.jpg", "image/jpeg"))
    assert world.lanes()[-1] in ("unsorted", "danger")
    assert "sign of danger" in told(world)


def test_a_document_with_a_hook_waits_for_a_look_and_a_picture_stays_in_the_vault(world: World) -> None:
    (row,) = mail(world, HOOK, (pdf(), "x.pdf", "application/pdf"))
    assert (world.lanes()[-1], row.state, row.rule) == ("unsorted", "held", "file.document.unclear")
    assert "pathetic" not in told(world)
    shown = httpx.get(page(world)).text
    assert "/file/0" not in shown
    opened = httpx.post(page(world) + "/original").text
    assert "/file/0" in opened
    assert httpx.post(page(world) + "/file/0").content == pdf()
    cards = len(world.cards())
    (picture,) = mail(world, "I miss us. I still have your blue mug.\n", (photo(), "us.jpg", "image/jpeg"))
    assert (world.lanes()[-1], picture.state, picture.rule) == ("withheld", "held", "file.picture.withheld")
    assert len(world.cards()) == cards


def test_a_file_without_words_is_announced(world: World) -> None:
    (row,) = mail(world, "\n", (pdf(), "x.pdf", "application/pdf"), subject="")
    assert (world.lanes()[-1], row.rule) == ("unsorted", "file.document.unclear")


def test_a_court_paper_comes_with_its_lawyer_and_a_strangers_file_waits(world: World) -> None:
    (row,) = mail(world, "The order is attached.\n", (pdf(), "order.pdf", "application/pdf"), sender=LAWYER_EMAIL)
    assert (world.lanes()[-1], row.state, row.rule) == ("legal", "listed", "file.legal")
    files = ((pdf(), "form.pdf", "application/pdf"), (photo(), "x.jpg", "image/jpeg"))
    found = mail(world, SCHOOL, *files, sender=STRANGER_EMAIL)
    assert [(r.state, r.rule, r.after_original) for r in found] == [("held", "file.stranger", True)] * 2
    assert "/file/" not in httpx.get(page(world)).text
    opened = httpx.post(page(world) + "/original").text
    assert "Show the picture" in opened
    assert "Get the file" in opened
    assert "data:image/jpeg;base64," in httpx.post(page(world) + "/file/1").text
    (row,) = mail(world, "Tell him 6 is fine.\n", (pdf(), "form.pdf", "application/pdf"), sender=PARENT_EMAIL)
    assert (row.state, row.rule, row.on_card) == ("held", "file.own", False)


def test_an_invitation_is_handed_out_without_anything_to_answer(world: World) -> None:
    found = mail(world, "Emma's dentist is Tuesday at 3:30.\n", (samples.INVITATION, "invite.ics", "text/calendar"))
    row = next(r for r in found if r.type == "text/calendar")
    assert row.state == "listed"
    got = httpx.post(f"{page(world)}/file/{row.place}")
    assert b"SUMMARY:Dentist for Emma" in got.content
    assert b"mark@" not in got.content
    assert b"dana@" not in got.content


def test_twenty_megabytes_come_through_whole(world: World) -> None:
    large = pdf() + b"% " + b"0123456789abcdef" * 1_050_000
    (row,) = mail(world, SCHOOL, (large, "scan.pdf", "application/pdf"))
    assert (row.state, row.size) == ("listed", len(large))
    assert httpx.post(page(world) + "/file/0", timeout=30).content == large


def test_forty_and_more_files_do_not_stop_anybody(world: World) -> None:
    found = mail(world, SCHOOL, *((pdf(b"/N %d" % n), f"{n}.pdf", "application/pdf") for n in range(60)))
    assert [r.rule for r in found[40:]] == ["file.too_many"] * 20
    assert len(found) == 60
    assert all(blob(world, r) == pdf(b"/N %d" % r.place) for r in found[::7])


def test_the_log_names_files_by_hash_and_never_by_name(world: World) -> None:
    (row,) = mail(world, SCHOOL, (pdf(), "Emma school letter.pdf", "application/x-secretclaim"))
    entry = next(e for e in reversed(world.log()) if e.kind == "files")
    assert entry.body["files"][0]["sha256"] == row.sha256
    blobs = Blobs(world.settings.data / "blobs", world.store)
    named = [f["sha256"] for e in world.log() if e.kind == "files" for f in e.body["files"]]
    assert len([blobs.get("rivera", sha256) for sha256 in named if sha256]) > 20
    blobs.close()
    words = str([dict(e.body) for e in world.log()])
    for theirs in ("school letter", "secretclaim", "pathetic", "worthless"):
        assert theirs not in words


def text(world: World, number: int, words: str, *media: tuple[str, str, bytes | None]) -> None:
    """An MMS the way Twilio brings it; the carrier has the files for which bytes are given."""
    form = {"MessageSid": f"MM{number:032x}", "AccountSid": "AC" + "0" * 32, "From": EX_PHONE, "To": RELAY_PHONE,
            "Body": words, "NumMedia": str(len(media))}  # fmt: skip
    for n, (name, claimed, data) in enumerate(media):
        form |= {f"MediaUrl{n}": f"{world.carrier.base}/media/{name}", f"MediaContentType{n}": claimed}
        if data is not None:
            world.carrier.media[name] = data
    url = f"{world.settings.server.public_url}/sms/incoming"
    signature = RequestValidator(TOKEN).compute_signature(url, form)
    headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
    assert httpx.post(url, content=urlencode(form), headers=headers).status_code == 200
    world.settle()
    wait_until(lambda: all(r.state != "waiting" for r in rows(world)), 30)


def test_files_of_a_text_are_judged_when_the_carrier_has_handed_them_over(world: World) -> None:
    media = (("p", "image/jpeg", photo()), ("gone", "image/jpeg", None), ("x", "image/jpeg", PROGRAM))
    text(world, 1, "Emma has soccer at 5 on Friday, here is the field", *media)
    assert [(r.state, r.rule) for r in rows(world)] == [
        ("step", "file.picture"), ("held", "file.missing"), ("held", "file.mismatch"),
    ]  # fmt: skip
    assert world.lanes()[-1] == "facts"
    shown = httpx.post(page(world) + "/file/0")
    assert "data:image/jpeg;base64," in shown.text
    assert "could not be fetched" in httpx.get(page(world)).text
    assert httpx.post(page(world) + "/file/1").status_code == 404
    assert [e.kind for e in world.log()].count("files") >= 3


def test_a_text_that_is_only_a_picture_is_announced_and_one_with_a_hook_is_not(world: World) -> None:
    text(world, 2, "", ("q", "image/jpeg", photo(300, 200)))
    assert (world.lanes()[-1], rows(world)[0].state) == ("unsorted", "step")
    cards = len(world.cards())
    text(
        world, 3, "nobody will ever put up with you like i did. you are pathetic", ("r", "image/jpeg", photo(200, 300))
    )
    assert (world.lanes()[-1], rows(world)[0].rule, len(world.cards())) == ("withheld", "file.picture.withheld", cards)
    text(world, 4, "nobody will ever put up with you like i did. you are pathetic", ("s", "application/pdf", pdf()))
    assert (world.lanes()[-1], rows(world)[0].rule, len(world.cards())) == (
        "unsorted",
        "file.document.unclear",
        cards + 1,
    )


def test_a_real_scanner_finds_clears_and_is_missed_when_it_is_away(tmp_path) -> None:
    port = free_port()
    with open_world(tmp_path, scanner=Scanning(clamd=f"127.0.0.1:{port}", timeout_seconds=5)) as world:
        (row,) = mail(world, SCHOOL, (pdf(), "form.pdf", "application/pdf"))
        assert (row.state, row.rule, row.scan) == ("held", "file.unscanned", "away")
        assert world.lanes()[-1] == "facts"
        assert "could not be scanned" in told(world)
        assert httpx.post(page(world) + "/file/0").status_code == 403
        with running(port=port, largest="30M"):
            found = mail(world, SCHOOL, (pdf(EICAR), "a.pdf", "application/pdf"), (pdf(), "b.pdf", "application/pdf"))
            assert [(r.state, r.scan) for r in found] == [("held", "found"), ("listed", "clean")]
            assert found[0].rule == "file.infected"
            assert "The virus scanner found nothing." in httpx.get(page(world)).text
            assert httpx.post(page(world) + "/file/0").status_code == 403
            assert httpx.post(page(world) + "/file/1").content == pdf()
        entry = next(e for e in reversed(world.log()) if e.kind == "files")
        assert entry.body["files"][0]["found"] == f"{NAME}.UNOFFICIAL"


def test_what_could_not_be_scanned_is_tried_again(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("gateway.attachments.rows.FIRST_RETRY", timedelta(0))
    monkeypatch.setattr("gateway.attachments.desk.RETRY", timedelta(seconds=1))
    port = free_port()
    with open_world(tmp_path, scanner=Scanning(clamd=f"127.0.0.1:{port}", timeout_seconds=5)) as world:
        files = ((pdf(), "a.pdf", "application/pdf"), (pdf(EICAR), "b.pdf", "application/pdf"))
        assert [r.rule for r in mail(world, SCHOOL, *files)] == ["file.unscanned"] * 2
        with running(port=port):
            wait_until(lambda: [r.scan for r in rows(world)] == ["clean", "found"], 30)
        assert [(r.state, r.next_at) for r in rows(world)] == [("listed", None), ("held", None)]
        assert httpx.post(page(world) + "/file/0").content == pdf()
        told_log = [(f["place"], f["rule"]) for e in world.log() if e.kind == "files" for f in e.body["files"]]
        assert told_log[-2:] == [(0, rows(world)[0].rule), (1, "file.infected")]


def test_a_disk_that_refuses_the_files_makes_the_message_wait_and_nothing_is_half_done(tmp_path, monkeypatch) -> None:
    whole, calls = Desk.keep, []

    def full(self, family, files):
        calls.append(len(files))
        if len(calls) < 3:
            raise StoreError("disk full")
        return whole(self, family, files)

    monkeypatch.setattr(Desk, "keep", full)
    monkeypatch.setattr("gateway.worker.LATER", timedelta(seconds=1))
    with open_world(tmp_path) as world:
        (row,) = mail(world, SCHOOL, (pdf(), "a.pdf", "application/pdf"))
        assert calls == [1, 1, 1]
        assert blob(world, row) == pdf()
        assert [e.kind for e in world.log()].count("decided") == 1
        assert len(world.cards()) == 1


def test_a_fault_while_writing_leaves_no_row_behind(tmp_path, monkeypatch) -> None:
    calls = []

    def broken(*_arguments, **_options):
        calls.append(1)
        raise ZeroDivisionError

    monkeypatch.setattr("gateway.concluded.letter", broken)
    with open_world(tmp_path) as world:
        host, _, port = world.settings.server.smtp_listen.rpartition(":")
        with smtplib.SMTP(host, int(port), timeout=60) as client:
            raw = letter(SCHOOL, [(pdf(), "a.pdf", "application/pdf")], EX_EMAIL, "Form").as_bytes()
            client.sendmail(EX_EMAIL, [RELAY_EMAIL], raw)
        wait_until(lambda: len(calls) >= 2, 30)
        assert rows(world) == []
        assert "files" not in [e.kind for e in world.log()]


def test_the_operator_can_list_and_take_out_what_is_held(tmp_path) -> None:
    from gateway.attachments import shelf

    folder = tmp_path / "family"
    make_installation(folder)
    with open_world(folder) as world:
        mail(
            world,
            SCHOOL,
            (packed({"a.pdf": pdf()}), "secret name.zip", "application/zip"),
            (pdf(), "b.pdf", "application/pdf"),
        )
        (row, _) = rows(world)
        (line,) = shelf.listed(folder, held=True)
        assert line.startswith("1 0  held")
        assert row.sha256 in line
        assert "secret name" not in line
        assert len(list(shelf.listed(folder, held=False))) == 2
        out = tmp_path / "out.zip"
        assert shelf.take_out(folder, 1, 0, out).endswith("packed folder, 1 kB, as it came")
        assert out.read_bytes() == blob(world, row)
        assert [e.kind for e in world.log()][-1] == "file taken out"
        with pytest.raises(UserError, match="cannot be written"):
            shelf.take_out(folder, 1, 0, out)
        with pytest.raises(UserError, match="has no file 7"):
            shelf.take_out(folder, 1, 7, tmp_path / "x")


def make_installation(folder) -> None:
    """A settings file, so that commands find the same database as the world."""
    folder.mkdir()
    (folder / "breakwater.toml").write_text(
        '[[family]]\nkey = "rivera"\ntime_zone = "America/Chicago"\nrelay_email = "rivera@relay.example.org"\n'
        '[family.parent]\nname = "Dana"\nemails = ["dana@example.org"]\n'
        '[family.coparent]\nname = "Mark"\nemails = ["mark@example.net"]\n[[family.child]]\nname = "Emma"\n'
    )


def test_explain_says_which_rule_decides_each_file(tmp_path) -> None:
    raw = letter(SCHOOL, [(pdf(), "a.pdf", "application/pdf"), (PROGRAM, "b.exe", "image/jpeg")], EX_EMAIL, "Form")
    out = StringIO()
    loose(Console(file=out, width=200), raw.as_bytes(), NOON, NOON, ["Emma"], None)
    assert "PDF document, 1 kB [file.document." in out.getvalue()
    assert "held: it is not what its name says [file.mismatch]" in out.getvalue()
    assert "Came with it:" in out.getvalue()


def test_doctor_asks_whether_the_scanner_answers(tmp_path) -> None:
    said = [f for f in examine(Settings(directory=tmp_path)) if f.what == "virus scanner"]
    assert [f.good for f in said] == [None]
    with running() as address:
        for place, good in ((address, True), (f"{tmp_path}/none", False)):
            found = examine(Settings(directory=tmp_path, scanner=Scanning(clamd=place)))
            assert [f.good for f in found if f.what == "virus scanner"] == [good]


@pytest.mark.parametrize("place", ["clamd", "localhost:", ":3310", "localhost:x", "localhost:70000"])
def test_a_scanner_without_a_place_is_a_mistake_in_the_settings(place: str) -> None:
    with pytest.raises(ValidationError, match="the path of its socket"):
        Scanning(clamd=place)
