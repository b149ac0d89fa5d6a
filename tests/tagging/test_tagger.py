import itertools
import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.policy import Action, Case, Lane, decide, load_rules
from gateway.tagging import MODEL, open_tagger
from gateway.tagging.facts.child import Child
from gateway.tagging.fallback import Fallback
from gateway.tagging.spans import Tagging, Unread
from gateway.tagging.tagger import NETWORK, ModelError, OnnxTagger

TAGGER = OnnxTagger.load(MODEL)
PEOPLE = {"children": (Child("Emma"), Child("Noah")), "sender": "Mark", "recipient": "Dana"}


def tagged(text: str, **more: object) -> Tagging:
    return TAGGER.tag(Unread(text, **{"channel": "sms", **PEOPLE, **more}))  # type: ignore[arg-type]


def shown(text: str) -> list[tuple[str, str]]:
    return [(text[s.start : s.end], s.kind) for s in tagged(text).text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "I'll drop Noah at 6 since you clearly can't drive",
            [("I'll drop Noah at 6", "F"), ("since you clearly can't drive", "X")],
        ),
        (
            "get off your lazy ass and bring Emma's inhaler tomorrow",
            [("get off your lazy ass and", "X"), ("bring Emma's inhaler tomorrow", "F")],
        ),
        ("running 20 min late", [("running 20 min late", "F")]),
        (
            "Noah has a dentist appointment on Tuesday at 3:30",
            [("Noah has a dentist appointment on Tuesday at 3:30", "F")],
        ),
        ("the kids need a REAL mother", [("the kids need a REAL mother", "X")]),
        ("you are a worthless b*tch", [("you are a worthless b*tch", "X")]),
    ],
)
def test_what_the_specification_gives_as_examples(text: str, expected: list[tuple[str, str]]) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "I will kill you and you know it",
        "if I can't have them nobody will. I have the gun in the truck",
        "I sat outside your house all night and watched you through the window",
    ],
)
def test_plain_danger_is_found(text: str) -> None:
    """By the tagger or by the phrase rules beside it: what counts is that the alarm is raised and nothing is shown."""
    decision = decide(Case(text, tagged(text), channel="sms"), load_rules())
    assert decision.lane is Lane.DANGER
    assert not any(c.action is Action.FORWARD for c in decision.choices)


def test_a_plain_emergency_is_found() -> None:
    tagging = tagged("Noah fell off the slide and hit his head, ambulance is taking us to the hospital now")
    assert any(s.label == "F:emergency" for s in tagging.text)
    assert tagging.emergency > 0.5


def test_equal_messages_give_equal_taggings() -> None:
    text = "Emma's recital is Friday at 7, try to remember for once"
    assert tagged(text) == tagged(text) == OnnxTagger.load(MODEL).tag(Unread(text, channel="sms", **PEOPLE))  # type: ignore[arg-type]


def test_names_do_not_matter() -> None:
    one = tagged("Emma has swimming at 4 on Thursday")
    other = TAGGER.tag(
        Unread("Oluwaseun has swimming at 4 on Thursday", channel="sms", children=(Child("Oluwaseun"),), sender="X")
    )
    assert [(s.label, round(s.fact, 3)) for s in one.text] == [(s.label, round(s.fact, 3)) for s in other.text]


def test_a_long_message_is_read_to_its_end() -> None:
    text = "The weather was bad again and my boss shouted. " * 90 + "Emma has a dentist appointment on Tuesday at 3:30."
    last = tagged(text, channel="email").text[-1]
    assert last.kind == "F"
    assert "dentist" in text[last.start : last.end]


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=120), st.text(max_size=40))
def test_any_text_is_tagged(text: str, subject: str) -> None:
    tagging = TAGGER.tag(Unread(text, subject=subject))
    for field, spans in ((text, tagging.text), (subject, tagging.subject)):
        assert all(0 <= s.start < s.end <= len(field) for s in spans)
        assert all(a.end <= b.start for a, b in itertools.pairwise(spans))


def test_without_a_model_the_fallback_reads(tmp_path: Path) -> None:
    assert isinstance(open_tagger(tmp_path), Fallback)


def test_a_model_that_does_not_fit_its_manifest_is_refused(tmp_path: Path) -> None:
    for name in ("tokenizer.json", "manifest.json"):
        shutil.copy(MODEL / name, tmp_path / name)
    for name in NETWORK:
        (tmp_path / name).write_bytes(b"something else")
    with pytest.raises(ModelError, match="not the one"):
        OnnxTagger.load(tmp_path)


def test_a_model_with_other_labels_is_refused(tmp_path: Path) -> None:
    for name in ("tokenizer.json", *NETWORK):
        shutil.copy(MODEL / name, tmp_path / name)
    manifest = json.loads((MODEL / "manifest.json").read_text()) | {"labels": ["A"]}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match="labels"):
        OnnxTagger.load(tmp_path)


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no usable model"):
        OnnxTagger.load(tmp_path)
