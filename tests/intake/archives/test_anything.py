"""Damaged archives of every format: the readers either say what is wrong or go on, and what they find can be read again."""

import io
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.intake.archives import imessage, mail, sms_backup, whatsapp
from gateway.intake.archives.found import ArchiveError, Found, Problem
from gateway.intake.archives.kept import parse_kept
from gateway.ledger.leaf import canonical
from tests.intake.archives.samples import ANDROID, IMAZING, IPHONE, MBOX, SMS_BACKUP

ODD = [b"<", b">", b'"', b"\n", b"\r\n", b"\x00", b"\xff", b"&#55357;", b"From a 1:00\n", b"<sms ", b"</mms>", b"]]>", b"<!--",
       b"24/11/2026, 19:40 - ", b"99/99/9999, 99:99 - A: ", b"[1/1/1, 1:11:11 AM] A: ", b"1/1/0001, 00:00 - A: x\n", b";", b",",
       "\u202e".encode(), b"9" * 30, b"12/31/9999, 23:59 - A: x\n"]  # fmt: skip


def rows(raw: bytes) -> Iterator[Found | Problem]:
    def again() -> Iterator[imessage.Record | Problem]:
        stream = io.BytesIO(raw)
        return imessage.records(imessage.open_table(stream, "c"), stream)

    table = imessage.open_table(io.BytesIO(raw), "c")
    return imessage.messages(
        table, again(), imessage.order_in(again(), "c"), "America/Chicago", imessage.members_in(again())
    )


READERS: dict[str, tuple[str, Callable[[bytes], Iterator[Found | Problem]]]] = {
    "android": (ANDROID, lambda raw: whatsapp.messages(whatsapp.look_through(raw, "c"), "Asia/Tokyo")),
    "iphone": (IPHONE, lambda raw: whatsapp.messages(whatsapp.look_through(raw, "c"), "America/Chicago")),
    "sms-backup": (SMS_BACKUP, lambda raw: sms_backup.messages(io.BytesIO(raw), "c")),
    "imessage": (IMAZING, rows),
    "mbox": (MBOX, lambda raw: mail.mbox(io.BytesIO(raw), "c")),
}


@pytest.mark.parametrize("form", READERS)
@settings(max_examples=120, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 2_000), st.integers(0, 40), st.sampled_from(ODD) | st.binary(max_size=20)), max_size=6
    )
)
def test_damage_is_survived(form: str, damage: list[tuple[int, int, bytes]]) -> None:
    sample, reader = READERS[form]
    raw = sample.encode()
    for at, length, instead in damage:
        raw = raw[:at] + instead + raw[at + length :]
    items: list[Found | Problem] = []
    said = ""
    try:
        items = list(reader(raw))
    except ArchiveError as error:
        said = str(error)
    assert said.count("\n") <= 1
    for item in items:
        assert 1 <= item.line <= raw.count(b"\n") + 2
        if isinstance(item, Found):
            reading = parse_kept(item.channel, item.raw)
            canonical({"words": reading.new_text, "subject": reading.subject}).encode("utf8")
            assert item.written_at is None or item.written_at.utcoffset() is not None
    assert [item.done for item in items] == sorted(item.done for item in items)
