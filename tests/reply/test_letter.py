"""The message about a draft: two segments by text, with the parent's words by email."""

import itertools

import pytest

from gateway.delivery.gsm import is_gsm, segments
from gateway.reply.coach.draft import Advice, Hint
from gateway.reply.coach.letter import ANSWER, hint_letter, hint_text
from tests.reply.coaching import RULES, advice, cases, draft, of_case

ASKED = "You are a terrible mother. When is the dentist?"
HINTS = [Hint(r.id, r.title, r.reason, r.source, 0, 1, r.words, r.note) for r in RULES.rules]


def made(*hints: Hint) -> Advice:
    return Advice(hints, "look", False, (), ("", ""))


@pytest.mark.parametrize("count", [1, 2])
def test_any_hints_fit_two_segments(count: int) -> None:
    for hints in itertools.combinations(HINTS, count):
        for held in (None, "Fri 27 Nov 2026, 8:00 am (UTC-06:00)"):
            text = hint_text(made(*hints), held)
            assert is_gsm(text)
            assert segments(text) <= 2
            assert text.startswith("Not sent yet. ")
            assert text.endswith(ANSWER)


def test_all_hints_at_once_fit_and_the_rest_is_counted() -> None:
    text = hint_text(made(*HINTS))
    assert segments(text) <= 2
    assert " more. " in text


def test_one_hint_is_said_whole() -> None:
    found = advice("Friday at 5, you idiot.", "When is the exchange?")
    assert hint_text(found) == (
        "Not sent yet. These words are about the person. The answer is stronger without them. "
        "Answer SEND to send it as it is, or EDIT with new words."
    )


def test_the_text_quotes_nothing_of_the_draft() -> None:
    for case in cases("faults"):
        text = hint_text(of_case(case))
        for fault in case["faults"]:
            assert case["text"][fault["start"] : fault["end"]] not in text


def test_notes_are_left_out_beside_more() -> None:
    night = next(h for h in HINTS if h.id == "coach.night")
    insult = next(h for h in HINTS if h.id == "coach.insult")
    assert night.words not in hint_text(made(insult, night))
    assert night.words in hint_text(made(night))


def test_the_email_quotes_the_words_and_offers_answers() -> None:
    text = "The dentist is Tuesday at 3:30. You never read the plan."
    found = advice(text, ASKED)
    mail = hint_letter(draft(text, ASKED), found, "8:00 am")
    assert mail.subject == "Not sent yet"
    assert '"You never"' in mail.text
    assert "it waits until 8:00 am" in mail.text
    assert ANSWER in mail.text
    assert "Received: Received. I will answer by [day]." in mail.text


def test_a_whole_draft_is_not_quoted_back() -> None:
    text = "I am a good mother and always was."
    mail = hint_letter(draft(text, "You ruined us."), advice(text, "You ruined us."))
    assert text not in mail.text
