"""Calendars written anew: when, what and where stay; nothing that can be answered, followed or rung does."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.attachments.calendars import rewritten
from tests.attachments.samples import INVITATION


def test_an_invitation_cannot_be_answered() -> None:
    made = rewritten(INVITATION)
    for theirs in (b"mark@", b"dana@", b"METHOD", b"ORGANIZER", b"ATTENDEE", b"tracker", b"VALARM", b"secret", b"ATTACH",
                   b"Secret", b"X-", b"DESCRIPTION"):  # fmt: skip
        assert theirs not in made, theirs


def test_when_what_and_where_stay() -> None:
    lines = rewritten(INVITATION).decode().split("\r\n")
    assert 'DTSTART;TZID="America/Chicago":20261201T153000' in lines
    assert "DTEND;TZID=America/Chicago:20261201T163000" in lines
    assert "SUMMARY:Dentist for Emma" in lines
    assert "LOCATION:Main St" in lines
    assert [line for line in lines if line.startswith(("BEGIN", "END"))] == [
        "BEGIN:VCALENDAR", "BEGIN:VTIMEZONE", "BEGIN:STANDARD", "END:STANDARD", "END:VTIMEZONE", "BEGIN:VEVENT",
        "END:VEVENT", "END:VCALENDAR",
    ]  # fmt: skip


def test_a_line_break_smuggled_into_a_value_adds_no_property() -> None:
    hostile = INVITATION.replace(
        b"LOCATION:Main St", b"LOCATION:Main\x0bSt\x00\x0cORGANIZER:mailto:mark@example.net\x85"
    )
    assert b"\nORGANIZER" not in rewritten(hostile)
    assert rewritten(b"") == b""


@given(st.binary(max_size=400))
def test_any_bytes_give_whole_blocks_and_short_lines(data: bytes) -> None:
    for raw in (data, b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n" + data + b"\nEND:VEVENT"):
        made = rewritten(raw)
        assert made.count(b"BEGIN:") >= made.count(b"\r\nEND:VEVENT")
        assert all(len(line) <= 76 for line in made.split(b"\r\n"))
        assert b"ORGANIZER" not in made.split(b"\r\n")[0]
