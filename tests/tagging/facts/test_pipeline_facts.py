"""The pipeline hands the thread and the subject to the readers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from gateway.pipeline import Context, read
from gateway.policy import Action, Choice
from gateway.tagging.facts.child import Child
from gateway.tagging.spans import Span

SENT = datetime(2026, 11, 24, 19, 40, tzinfo=ZoneInfo("America/New_York"))
CONTEXT = Context((Child("Emma"), Child("Noah")), SENT, "Mark", "Dana", channel="sms")


def test_an_answer_is_read_with_the_question_before_it() -> None:
    words = "she can at 6"
    shown = [Choice(Span(0, len(words), "F:contact", 1.0), Action.FORWARD, "facts")]
    asked = replace(CONTEXT, previous=("<can Emma call me on Friday",))
    assert [(f.fact.when, f.fact.child) for f in read(words, shown, asked)] == [("2026-11-27T18:00", "Emma")]
    assert [f.fact.when for f in read(words, shown, CONTEXT, "Re: the call on Thursday")] == ["2026-11-26T18:00"]
