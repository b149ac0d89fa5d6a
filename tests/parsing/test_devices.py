"""The line of a device under the parent's own words: taken off where it is surely one, and never a word of an answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.parsing.devices import DOUBT, is_device, without_device
from gateway.parsing.reading import Reading, Segment, SegmentKind


def read(body: str) -> Reading:
    return Reading(body=body, segments=(Segment(0, len(body), SegmentKind.NEW),))


@pytest.mark.parametrize(
    "line",
    [
        "Sent from my phone", "Sent from my Fairphone 5.", "Sent from my mobile device", "Envoyé de mon téléphone", "Enviado desde mi móvil",
        "Von meinem Handy gesendet", "Gesendet von meinem Telefon", "Wysłane z mojego telefonu", "Verzonden vanaf mijn telefoon",
        "Sent from Mailspring", "_Sent from Mailspring_", "Sent with Canary <https://canary.example.org>",
    ],
)  # fmt: skip
def test_a_line_that_a_program_adds(line: str) -> None:
    assert is_device(line)
    found = without_device(read(f"Six is fine.\n\n{line}\n\n"))
    assert (found.new_text, found.hold) == ("Six is fine.", ())
    assert "".join(found.body[s.start : s.end] for s in found.segments) == found.body


@pytest.mark.parametrize(
    "line",
    [
        "Sent with Emma", "Sent from Chicago", "Sent from my mother's", "Sent via email", "Sent via Facebook", "Sent from the doctor",
        "Von meinem Bruder gesendet", "Enviado de casa", "Envoyé avec Noah", "Sent from my phone, call me at 6", "Sent from school. Ok?",
    ],
)  # fmt: skip
def test_what_may_be_words_stays_and_is_asked_about(line: str) -> None:
    found = without_device(read(f"Six is fine.\n\n{line}\n"))
    assert found.new_text == f"Six is fine.\n\n{line}"
    assert found.hold == (DOUBT,)


@pytest.mark.parametrize(
    "body",
    [
        "Sent from my phone\nSix is fine.", "I sent from my phone the photo of the form.", "Six is fine.", "The form was sent from my phone",
        "Sent from my phone to the school on Monday because the office was closed, I will bring the paper one too",
    ],
)  # fmt: skip
def test_words_elsewhere_are_words(body: str) -> None:
    assert without_device(read(body)) == read(body)


def test_a_line_alone_is_asked_about() -> None:
    assert without_device(read("Sent from my phone")).new_text == "Sent from my phone"
    assert without_device(read("Sent from my phone")).hold == (DOUBT,)


def test_a_program_is_known_by_the_headers_that_it_writes() -> None:
    assert is_device("Sent with Evolution", "From: a@example.org\nX-Mailer: Evolution 3.50")
    assert is_device("Sent with Canary", "Message-ID: <1@mail.getcanary.example.org>")
    assert not is_device("Sent with Emma", "From: emma@example.org\nSubject: Emma\nX-Original-To: emma@example.org")


@given(st.text(max_size=200))
def test_nothing_is_lost_whatever_is_written(body: str) -> None:
    found = without_device(read(body))
    assert "".join(found.body[s.start : s.end] for s in found.segments) == body
    assert found.new_text == read(body).new_text or found.new_text
