"""Transcripts of voicemails: read like a text, always marked as a machine's; and when a listed text was sent."""

from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.parsing import Kind, parse_sms, parse_voicemail
from gateway.parsing.voicemail import MACHINE, NO_WORDS

FORM = {
    "From": "+15550100123",
    "To": "+15550100199",
    "TranscriptionSid": "TR1",
    "TranscriptionStatus": "completed",
    "TranscriptionText": " Mia has swimming at four. ",
    "RecordingSid": "RE1",
}


def raw(**changes: str) -> bytes:
    return urlencode(FORM | changes).encode()


def test_a_transcript_is_read_and_marked() -> None:
    reading = parse_voicemail(raw())
    assert (reading.kind, reading.new_text) == (Kind.MESSAGE, "Mia has swimming at four.")
    assert (reading.from_, reading.to, reading.message_id) == (("+15550100123",), ("+15550100199",), "TR1")
    assert (reading.defects, reading.hold) == ((MACHINE,), ())


@pytest.mark.parametrize(
    "changes",
    [
        {"TranscriptionStatus": "failed"},
        {"TranscriptionStatus": ""},
        {"TranscriptionText": " "},
        {"TranscriptionStatus": "missing"},
    ],
)
def test_without_words_or_with_half_of_them_a_person_must_listen(changes: dict[str, str]) -> None:
    assert parse_voicemail(raw(**changes)).hold == (NO_WORDS,)


def test_what_sounds_like_a_reaction_was_spoken_by_a_person() -> None:
    assert parse_voicemail(raw(TranscriptionText="Liked “Ok”")).kind is Kind.MESSAGE


@given(st.binary(max_size=300))
def test_any_bytes_are_read(form: bytes) -> None:
    reading = parse_voicemail(form)
    assert MACHINE in reading.defects
    assert "".join(reading.body[s.start : s.end] for s in reading.segments) == reading.body


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("Thu, 26 Nov 2026 17:00:00 +0000", datetime(2026, 11, 26, 17, tzinfo=UTC)),
        ("Thu, 26 Nov 2026 17:00:00 -0000", datetime(2026, 11, 26, 17, tzinfo=UTC)),
        ("", None),
        ("soon", None),
        ("Thu, 99 Nov 99999999999999999999 17:00:00 +0000", None),
    ],
)
def test_a_listed_text_tells_when_it_was_sent(said: str, moment: datetime | None) -> None:
    assert parse_sms({"From": "+15550100123", "Body": "ok", "DateSent": said}).date == moment
