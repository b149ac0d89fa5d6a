"""WhatsApp exports: every form of head, both orders of dates, and what the program writes itself."""

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.intake.archives.found import SYSTEM, ArchiveError, Found, Problem
from gateway.intake.archives.kept import parse_kept
from gateway.intake.archives.moments import Order
from gateway.intake.archives.whatsapp import BACKWARD, look_through, messages
from gateway.intake.archives.zipped import open_chat
from tests.harness import unknown_packing
from tests.intake.archives.samples import ANDROID, FACT, IPHONE, LRM, NNBSP, THREAT

CHICAGO = "America/Chicago"


def read(text: str, **options) -> list[Found]:
    found = list(messages(look_through(text.encode(), "chat.txt", **options), CHICAGO))
    assert all(isinstance(f, Found) for f in found), found
    return found


def words(found: Found) -> str:
    return parse_kept("whatsapp", found.raw).new_text


@pytest.mark.parametrize("text", [IPHONE, ANDROID, ANDROID.replace("\n", "\r\n")])
def test_a_chat_comes_out_whole(text: str) -> None:
    found = read(text)
    said = [f for f in found if f.kind != SYSTEM]
    assert [f.sender for f in said] == [("Mark",), ("Dana",), ("Dana",), ("Mark",), ("Mark",)]
    assert words(said[0]) == f"{FACT}\nBring her card.\n\nAnd the blue folder: it is on my shelf"
    assert words(said[4]) == THREAT
    assert said[0].written_at.replace(second=0) == datetime(2026, 11, 25, 1, 40, tzinfo=UTC)
    assert said[4].written_at == datetime(2026, 11, 25, 6, 5, tzinfo=UTC)
    assert {f.others for f in said} == {("Mark",), ("Dana",)}
    assert len([f for f in found if f.kind == SYSTEM]) == 2


def test_every_byte_of_the_file_is_in_one_message() -> None:
    for text in (IPHONE, ANDROID):
        joined = "\n".join(f.raw.decode() for f in read(text))
        assert joined.split() == text.split()


def test_lines_point_into_the_file() -> None:
    lines = ANDROID.split("\n")
    for found in read(ANDROID):
        assert found.raw.decode().split("\n")[0] == lines[found.line - 1]


@pytest.mark.parametrize(
    ("head", "moment"),
    [
        ("[24/11/2026, 19:40:05] ", (2026, 11, 24, 19, 40, 5)),
        (f"[11/24/26, 7:40:05{NNBSP}PM] ", (2026, 11, 24, 19, 40, 5)),
        ("[24.11.26, 19:40:05] ", (2026, 11, 24, 19, 40, 5)),
        ("[24.11.2026 klo 19.40.05] ", (2026, 11, 24, 19, 40, 5)),
        ("[2026/11/24 19:40:05] ", (2026, 11, 24, 19, 40, 5)),
        ("[24/11/2026, 2:14:40 a.m.] ", (2026, 11, 24, 2, 14, 40)),
        ("24/11/2026, 19:40 - ", (2026, 11, 24, 19, 40, 0)),
        ("11/24/26, 7:40 PM - ", (2026, 11, 24, 19, 40, 0)),
        (f"24/11/2026, 7:40{NNBSP}pm - ", (2026, 11, 24, 19, 40, 0)),
        ("24/11/2026, 7:40 p. m. - ", (2026, 11, 24, 19, 40, 0)),
        ("24/11/2026 7:40\u00a0p.\u00a0m. - ", (2026, 11, 24, 19, 40, 0)),
        ("2026-11-24, 19:40 - ", (2026, 11, 24, 19, 40, 0)),
        ("24-11-2026 19:40 - ", (2026, 11, 24, 19, 40, 0)),
        ("24.11.26, 19:40 – ", (2026, 11, 24, 19, 40, 0)),
        ("24/11/2016, 19:40:05: ", (2016, 11, 24, 19, 40, 5)),
        ("11/24/26, 12:40 AM - ", (2026, 11, 24, 0, 40, 0)),
        ("11/24/26, 12:40 PM - ", (2026, 11, 24, 12, 40, 0)),
    ],
)  # fmt: skip
def test_heads(head: str, moment: tuple[int, ...]) -> None:
    found = list(messages(look_through(f"{head}Mark: see you\n".encode(), "c"), "UTC"))
    assert [f.written_at for f in found] == [datetime(*moment, tzinfo=UTC)]
    assert (found[0].sender, words(found[0])) == (("Mark",), "see you")


@pytest.mark.parametrize(
    "text", ["24/11/2026 - I paid", "19:40 - no", "at 24/11/2026, 19:40 - Mark said", "5/6 pm: ok"]
)
def test_near_misses_go_on_with_the_message_above(text: str) -> None:
    (found,) = read(f"13/11/2026, 19:40 - Mark: first\n{text}\n")
    assert words(found) == f"first\n{text}"


def test_order_by_a_day_over_twelve_far_below() -> None:
    early = "".join(f"{d}/{m}/2026, 10:00 - Mark: x\n" for m in range(1, 4) for d in range(1, 10))
    assert look_through((early + "13/4/2026, 10:00 - Mark: x\n").encode(), "c").order is Order.DAY
    late = "4/13/2026, 10:00 - Mark: x\n"
    month = "".join(f"{m}/{d}/2026, 10:00 - Mark: x\n" for m in range(1, 4) for d in range(1, 10))
    assert look_through((month + late).encode(), "c").order is Order.MONTH


def test_order_by_time_that_does_not_run_backwards() -> None:
    assert look_through(b"3/4/26, 9:00 - A: x\n4/4/26, 9:00 - A: x\n1/5/26, 9:00 - A: x\n", "c").order is Order.DAY
    assert look_through(b"4/3/26, 9:00 - A: x\n4/4/26, 9:00 - A: x\n5/1/26, 9:00 - A: x\n", "c").order is Order.MONTH


def test_an_order_that_cannot_be_told_is_asked_for() -> None:
    text = b"3/4/26, 9:00 - A: x\n"
    with pytest.raises(ArchiveError, match="--dates 'day first' or --dates 'month first'"):
        look_through(text, "c")
    assert look_through(text, "c", order=Order.MONTH).order is Order.MONTH
    assert look_through(b"4/4/26, 9:00 - A: x\n", "c").names == ("A",)


def test_an_impossible_date_is_named_and_its_words_are_kept() -> None:
    text = b"13/11/2026, 9:00 - A: x\n31/11/2026, 9:00 - A: y\n14/11/2026, 9:00 - A: z\n"
    items = list(messages(look_through(text, "c"), "UTC"))
    assert [words(f) for f in items if isinstance(f, Found)] == ["x\n31/11/2026, 9:00 - A: y", "z"]
    (problem,) = [f for f in items if isinstance(f, Problem)]
    assert (problem.line, "no such date" in problem.said) == (2, True)


def test_a_pasted_head_of_another_style_is_part_of_the_message() -> None:
    (found,) = read("13/11/2026, 9:00 - A: he wrote\n[12/11/2026, 08:00:00] B: go away\n")
    assert words(found) == "he wrote\n[12/11/2026, 08:00:00] B: go away"


def test_a_head_that_runs_backwards_is_marked() -> None:
    found = read("13/11/2026, 9:00 - A: x\n12/11/2026, 9:00 - B: forged, perhaps\n14/11/2026, 9:00 - A: z\n")
    assert [f.odd for f in found] == [(), (BACKWARD,), ()]


def test_the_hour_that_occurs_twice_keeps_its_order() -> None:
    text = "".join(f"[11/{d}/26, {t}:00 AM] A: x\n" for d, t in ((1, "1:50"), (1, "1:10"), (1, "3:00"), (13, "1:00")))
    found = read(text)
    assert [f.written_at.strftime("%H:%M") for f in found] == ["06:50", "07:10", "09:00", "07:00"]
    assert not any(f.odd for f in found)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (f"\u202a+1{chr(0xA0)}(500){chr(0xA0)}555-0003\u202c", "+1 (500) 555-0003"),
        (f"~{NNBSP}Mark", "Mark"),
        ("Mark 🚲 Rivera", "Mark 🚲 Rivera"),
        (f"{LRM}Mark", "Mark"),
    ],
)
def test_names(written: str, name: str) -> None:
    assert look_through(f"13/11/2026, 9:00 - {written}: x\n".encode(), "c").names == (name,)


@pytest.mark.parametrize(
    "line",
    [
        f"{LRM}image omitted", f"{LRM}video omitted", f"{LRM}Bild weggelassen", "<Media omitted>", "<Multimedia omitido>",
        f"{LRM}<attached: 00000001-PHOTO-2026-11-13.jpg>", "IMG-20261113-WA0001.jpg (file attached)",
        f"{LRM}IMG-20261113-WA0001.jpg (archivo adjunto)", "PTT-20261113-WA0001.opus (Datei angehängt)",
    ],
)  # fmt: skip
def test_a_file_is_told_from_words_and_its_caption_is_read(line: str) -> None:
    found = read(f"13/11/2026, 9:00 - Mark: {line}\nEmma at the pool\n")
    reading = parse_kept("whatsapp", found[0].raw)
    assert (found[0].kind, reading.new_text, len(reading.media)) == ("message", "Emma at the pool", 1)


@pytest.mark.parametrize("text", ["<3", "the notes.txt (from school) are wrong", "image omitted", "I omitted it"])
def test_words_that_look_like_a_file_stay_words(text: str) -> None:
    found = read(f"13/11/2026, 9:00 - Mark: {text}\n")
    assert words(found[0]) == text


@pytest.mark.parametrize(
    "rest",
    [
        "Mark created group “Emma: school”", 'Mark changed the subject to "a: b"', "You blocked this contact.",
        f"Mark: {LRM}Missed voice call", f"Mark: {LRM}This message was deleted.",
    ],
)  # fmt: skip
def test_lines_of_the_program(rest: str) -> None:
    found = read(f"13/11/2026, 9:00 - Mark: x\n13/11/2026, 9:01 - {rest}\n")
    assert found[1].kind == SYSTEM
    assert found[1].raw.decode().endswith(rest)


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"hello\nworld\n", "line 1: no line begins with a date"),
        (b"", "no WhatsApp export"),
        ("24/11/2026, 9:00 - A: x".encode("utf-16"), "UTF-16"),
        (b"\x00\x01\x02" * 1000, "Export chat"),
    ],
)
def test_what_is_no_export_is_said_plainly(raw: bytes, says: str) -> None:
    with pytest.raises(ArchiveError, match=says):
        look_through(raw, "chat.txt")


def test_bytes_that_are_not_utf8_are_kept_and_marked() -> None:
    (found,) = messages(look_through(b"13/11/2026, 9:00 - A: caf\xe9\n", "c"), "UTC")
    assert found.raw.endswith(b"caf\xe9")
    assert found.odd == ("some of its bytes are not UTF-8",)


def zipped(folder: Path, files: dict[str, bytes]) -> Path:
    target = folder / "chat.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target


def test_a_zip_brings_the_files_along(tmp_path: Path) -> None:
    photo = "00000012-PHOTO-2026-11-24-19-42-10.jpg"
    raw, files = open_chat(
        zipped(tmp_path, {"_chat.txt": IPHONE.encode(), photo: b"jpeg", "notes.txt": b"school notes"})
    )
    found = [f for f in messages(look_through(raw, "chat.zip", files=files), CHICAGO) if f.files]
    assert [(f.files[0].name, f.files[0].type, f.files[0].content) for f in found] == [(photo, "image/jpeg", b"jpeg")]


@pytest.mark.parametrize(
    ("files", "says"),
    [({"a.jpg": b"x"}, "holds no chat"), ({"a.txt": b"x", "b.txt": b"y"}, "holds no chat"), ({}, "holds no chat")],
)
def test_a_zip_without_a_chat(tmp_path: Path, files: dict[str, bytes], says: str) -> None:
    with pytest.raises(ArchiveError, match=says):
        open_chat(zipped(tmp_path, files))


def test_a_zip_that_was_cut(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("_chat.txt", ANDROID)
    cut = tmp_path / "cut.zip"
    cut.write_bytes(buffer.getvalue()[:-30])
    with pytest.raises(ArchiveError, match="copy it from the phone again"):
        open_chat(cut)


def test_a_zip_that_is_packed_in_an_unknown_way(tmp_path: Path) -> None:
    odd = zipped(tmp_path, {"_chat.txt": ANDROID.encode()})
    odd.write_bytes(unknown_packing(odd.read_bytes()))
    with pytest.raises(ArchiveError, match="cannot be unpacked"):
        open_chat(odd)
