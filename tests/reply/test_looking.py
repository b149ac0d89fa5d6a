"""The coach at the desk: hints quote the draft, a fault stops nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gateway.demo.sample import family
from gateway.family import Family
from gateway.reply.coach import load_coach
from gateway.reply.desk import Looked
from gateway.reply.looking import FAILED, coach_look
from gateway.tagging import open_tagger

NOON = datetime(2026, 11, 25, 17, 0, tzinfo=UTC)


def test_the_desk_is_told_in_sentences_that_quote_the_draft() -> None:
    look = coach_look(load_coach(), open_tagger(), lambda: NOON)
    one = Family.model_validate(family())
    assert look("Emma will be ready at 6.", one, ("Pickup at 6 on Friday?",)).hints == ()
    hints = look("Emma will be ready at 6. I am home alone all evening.", one, ("Pickup at 6 on Friday?",)).hints
    assert hints
    assert "home alone" in hints[0]


def test_a_coach_that_fails_says_so_and_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        version = "0"

        def tag(self, *_args: object, **_kwargs: object) -> object:
            raise RuntimeError("Emma")

    look = coach_look(load_coach(), Broken(), lambda: NOON)  # type: ignore[arg-type]
    assert look("Emma will be ready at 6.", Family.model_validate(family()), ()) == Looked((FAILED,))
    assert "Emma" not in caplog.text
