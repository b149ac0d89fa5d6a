"""Notes of the parent's own: dated, kept as they are, in the log, corrected by new ones."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from gateway.accounts import Role
from gateway.accounts.opened import Opening, What, choose
from gateway.clock import utc_now
from gateway.errors import StoreError
from gateway.ledger.leaf import canonical
from gateway.store.blobs import digest
from gateway.store.tables import AccountRow, NoteRow
from tests.e2e.world import World
from tests.web.visiting import Browser

WRITE = "/journal/write"
WORDS = "Emma came home at 6:40 with a fever of 38.4 °C.\nShe says that she told him at noon. <b>\u202eabc"


def picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (40, 30), "green").save(out, "JPEG", exif=b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x00")
    return out.getvalue()


def notes(world: World) -> list[NoteRow]:
    with world.store.read() as session:
        rows = list(session.scalars(select(NoteRow).order_by(NoteRow.id)))
        session.expunge_all()
        return rows


def test_a_note_is_kept_word_for_word_and_stands_in_the_log(world: World, parent: Browser) -> None:
    photo = picture()
    answer = parent.send(
        WRITE, kind="health", child="Emma", day="2026-11-01", time="19:05", words=WORDS,
        files={"photos": ("../../fever\r\nX: y.jpg", photo, "text/html")},
    )  # fmt: skip
    assert answer.url.path == "/journal/1", answer.text
    (row,) = notes(world)
    assert row.content["words"] == WORDS
    assert row.content["happened_at"] == "2026-11-02T01:05:00.000000Z"
    assert row.content["photos"] == [
        {"name": "fever%0D%0AX: y.jpg", "type": "image/jpeg", "size": len(photo), "sha256": digest(photo)}
    ]
    (entry,) = [e for e in world.log() if e.kind == "journal note"]
    assert entry.seq == row.entry
    assert dict(entry.body) == {"sha256": digest(canonical(row.content).encode()), "photos": [digest(photo)]}
    page = parent.page("/journal/1")
    assert page.css_first("blockquote").text() == WORDS  # type: ignore[union-attr]
    assert page.css_first("blockquote b") is None
    shown = parent.send("/journal/1", "/journal/1/photo/0")
    assert 'src="data:image/jpeg;base64,' in shown.text


def test_a_form_that_is_sent_twice_writes_once(world: World, parent: Browser) -> None:
    form = str(parent.page(WRITE).css_first("main input[name=form]").attributes["value"])  # type: ignore[union-attr]
    fields = {"form": form, "kind": "call", "day": "2026-11-01", "time": "10:00", "words": "He called at ten."}
    for _ in range(2):
        assert parent.http.post(WRITE, data=fields).headers["location"] == "/journal/1"
    assert len(notes(world)) == 1


def test_a_note_is_never_changed_only_corrected(world: World, parent: Browser) -> None:
    parent.send(WRITE, words="He came at six.", day="2026-11-01", time="18:00")
    parent.send(f"{WRITE}?corrects=1", WRITE, words="He came at seven.", day="2026-11-01", time="19:00")
    assert [n.corrects for n in notes(world)] == [None, 1]
    for statement in ("UPDATE note SET child = 'x'", "DELETE FROM note"):
        with pytest.raises((StoreError, DBAPIError)), world.store.write() as session:
            session.execute(text(statement))
    assert len(notes(world)) == 2


@pytest.mark.parametrize(("fields", "said"), [
    ({"words": "  "}, "write a few words"), ({"day": "2199-01-01"}, "future"), ({"day": "soon"}, "when it happened"),
    ({"time": "25:99"}, "when it happened"), ({"kind": "gossip"}, "what the note is about"), ({"child": "Zoe"}, "your children"),
    ({"words": "x" * 20_001}, "at most 20,000"),
])  # fmt: skip
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    world: World, parent: Browser, fields: dict[str, str], said: str
) -> None:
    given = {"words": "It rained.", "day": "2026-11-01", "time": "10:00"} | fields
    answer = parent.send(WRITE, **given)
    assert answer.status_code == 422
    assert said in answer.text
    assert given["words"].strip() in answer.text
    assert not notes(world)


@pytest.mark.parametrize(
    "data", [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7 x", picture()[:200], b"MZ\x90"]
)
def test_only_photos_that_can_be_shown_are_taken(world: World, parent: Browser, data: bytes) -> None:
    answer = parent.send(WRITE, words="See.", day="2026-11-01", files={"photos": ("a.jpg", data, "image/jpeg")})
    assert answer.status_code == 422
    assert not notes(world)


def test_a_professional_reads_it_where_it_was_opened(
    world: World, parent: Browser, enter: Callable[[Role], Browser]
) -> None:
    parent.send(WRITE, words="He came at six.", day="2026-11-01", time="18:00")
    lawyer = enter(Role.PROFESSIONAL)
    assert [lawyer.get(p).status_code for p in ("/journal", "/journal/1", WRITE)] == [404, 404, 404]
    with world.store.write() as session:
        row = session.scalars(select(AccountRow).where(AccountRow.role == "professional")).one()
        choose(session, row, {What.JOURNAL: Opening(What.JOURNAL)}, utc_now(), zone="UTC")
    assert "He came at six." in lawyer.get("/journal/1").text
    assert lawyer.get("/journal/99").status_code == lawyer.get(WRITE).status_code == 404
