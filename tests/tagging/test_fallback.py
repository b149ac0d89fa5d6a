from hypothesis import given
from hypothesis import strategies as st

from gateway.tagging.fallback import Fallback
from gateway.tagging.spans import Unread


def test_whatever_may_concern_a_child_is_in_doubt() -> None:
    text = "Hi Dana,\npickup is at 5, you fool"
    spans = Fallback().tag(Unread(text, subject="Emma")).text
    assert [(text[s.start : s.end], s.label) for s in spans] == [
        ("Hi Dana,", "N"),
        ("pickup is at 5, you fool", "F:schedule"),
    ]
    assert all(0.42 <= s.fact < 0.58 for s in spans if s.label != "N")


@given(st.text(max_size=200))
def test_no_letter_is_swallowed(text: str) -> None:
    spans = Fallback().tag(Unread(text)).text
    inside = {i for s in spans for i in range(s.start, s.end)}
    assert all(i in inside for i, c in enumerate(text) if c.isalnum())
