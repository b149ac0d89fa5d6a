"""The transcript of a voicemail as Twilio hands it over: the fields of its callback's form.

A machine wrote the words down. They are read like the words of a text, always marked as a machine's; without words, or
where the machine says that it failed, a person must listen.
"""

from __future__ import annotations

from typing import Final

from gateway.parsing.reading import Kind, Reading, Segment, SegmentKind
from gateway.parsing.texts import fields_of
from gateway.parsing.work import Work

MACHINE: Final = "the words were written down by a machine"
NO_WORDS: Final = "a voicemail that no machine could write down; the recording is kept"


def parse_voicemail(form: bytes) -> Reading:
    """Everything that can be read in a transcript. Never raises."""
    work = Work()
    fields = fields_of(form, work)
    words = fields.get("TranscriptionText", "").strip()
    if fields.get("TranscriptionStatus", "").lower() != "completed" or not words:
        work.hold(NO_WORDS)
    work.odd(MACHINE)
    return Reading(
        kind=Kind.MESSAGE,
        from_=_address(fields.get("From", "")),
        to=_address(fields.get("To", "")),
        message_id=fields.get("TranscriptionSid") or fields.get("RecordingSid") or None,
        body=words,
        segments=(Segment(0, len(words), SegmentKind.NEW),) if words else (),
        defects=work.defects,
        hold=work.holds,
    )


def _address(value: str) -> tuple[str, ...]:
    return (value.strip().lower(),) if value.strip() else ()
