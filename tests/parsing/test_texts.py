"""Texts: Twilio's form, reactions in several languages, opt-out words, groups."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.parsing import Kind, parse_sms
from gateway.parsing.reactions import is_reaction

FORM = {
    "MessageSid": "SM0123456789abcdef0123456789abcdef",
    "From": "+15550100123",
    "To": "+15550100199",
    "Body": "Mia has swimming at 4, bring her towel 🏊",
    "NumMedia": "1",
    "MediaUrl0": "https://api.twilio.com/2010-04-01/Accounts/AC0/Messages/MM0/Media/ME0",
    "MediaContentType0": "image/jpeg",
}


def test_the_stored_form_is_read() -> None:
    reading = parse_sms(urlencode(FORM).encode())
    assert reading.kind is Kind.MESSAGE
    assert (reading.from_, reading.to) == (("+15550100123",), ("+15550100199",))
    assert reading.body == reading.new_text == FORM["Body"]
    assert reading.media == ((FORM["MediaUrl0"], "image/jpeg"),)
    assert reading.message_id == FORM["MessageSid"]
    assert (reading.hold, reading.defects, reading.subject, reading.attachments) == ((), (), None, ())


def test_a_mapping_is_read_like_the_bytes() -> None:
    assert parse_sms({name: [value] for name, value in FORM.items()}) == parse_sms(urlencode(FORM).encode())


def test_opt_out_is_content_and_state() -> None:
    reading = parse_sms(urlencode({**FORM, "Body": "Cancel", "NumMedia": "0", "OptOutType": "stop"}).encode())
    assert (reading.new_text, reading.opt_out, reading.kind) == ("Cancel", "STOP", Kind.MESSAGE)


def test_a_group_is_held_and_its_members_listed() -> None:
    reading = parse_sms({**FORM, "OtherRecipients0": "+15550100777"})
    assert reading.cc == ("+15550100777",)
    assert reading.hold == ("the text went to a group, and others read it too",)


def test_fewer_files_than_announced_is_noted() -> None:
    reading = parse_sms({**FORM, "NumMedia": "3"})
    assert reading.defects == ("the number of files is not the number announced",)


def test_an_empty_text_with_a_picture_has_no_segments() -> None:
    reading = parse_sms({**FORM, "Body": ""})
    assert (reading.segments, reading.new_text) == ((), "")
    assert len(reading.media) == 1


REACTIONS = (
    "Liked “See you at 5”",
    'Loved "See you at 5"',
    "Laughed at “a\nb”",
    "Emphasized “Ok”",
    "Questioned “Where?”",
    'Disliked “he said "no" to me”',
    "Removed a heart from “Ok”",
    "Removed an exclamation from “Ok”",
    "Loved an image",
    "Laughed at a movie",
    "Reacted 👍 to “Ok”",
    'Reacted ❤️ to "Ok"',
    "Removed 👍🏽 from “Ok”",
    "👍 to “Ok”",
    "\u200a\u200b👍\u200b to “\u200aSee you at 5\u200a”\u200a",
    '\u200a\u200b👍\u200b à "\u200aD\'accord\u200a"\u200a',
    "Gefällt „Bis um 5“",
    "Gefällt “Bis um 5”",
    "Reagierte mit 😂 auf „Ok“",
    "Lacht über ein Bild",
    "A aimé « À demain »",
    "N’a pas aimé « bof »",
    "a attribué la mention « Adore » à « À demain »",
    "A réagi avec 🔥 à « ok »",
    "Le gustó “Hasta luego”",
    "Se rió de una imagen",
    "Gostou de “Até logo”",
    "Ha adorato “A dopo”",
    "Polubiono „Do jutra”",
    "Zareagował 👍 na „Ok”",
)


@pytest.mark.parametrize("text", REACTIONS)
def test_reactions_are_recognised(text: str) -> None:
    assert is_reaction(text)
    assert parse_sms({**FORM, "Body": text, "NumMedia": "0", "MediaUrl0": ""}).kind is Kind.REACTION


WRITTEN = (
    "Liked the play a lot",
    "Loved “Frozen”, Mia wants to see it again at 5",
    'Liked "Coco" but the end scared Leo. He asked "why"',
    "Loved “Coco”. Pick them up at 5 “sharp”",
    "I loved “Frozen”",
    "“See you at 5”",
    "Loved an image of Mia at the beach, she has fever now",
    "👍",
    "👍 to all of it",
    "Gefällt mir nicht",
    "Mag nicht mehr",
    "",
)


@pytest.mark.parametrize("text", WRITTEN)
def test_words_of_a_person_are_no_reaction(text: str) -> None:
    assert not is_reaction(text)
    assert parse_sms({**FORM, "Body": text}).kind is Kind.MESSAGE


@given(st.binary(max_size=400))
def test_any_bytes_are_read(data: bytes) -> None:
    reading = parse_sms(data)
    assert "".join(reading.body[s.start : s.end] for s in reading.segments) == reading.body


@given(st.dictionaries(st.text(max_size=20), st.lists(st.text(max_size=50), max_size=3), max_size=8))
def test_any_form_is_read(form: dict[str, list[str]]) -> None:
    parse_sms(form).new_text.encode("utf-8")
