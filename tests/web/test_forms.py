"""A form fits its own page, for a day, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.web.forms import MOST_AGE, ForgedError, OldError, make, nonce_of, seen, was_seen

NOW = datetime(2026, 11, 26, 18, 0, tzinfo=UTC)
TOKEN = "t" * 43


def test_a_form_fits_its_page_for_a_day() -> None:
    form = make(TOKEN, NOW)
    assert nonce_of(form, TOKEN, NOW) == nonce_of(form, TOKEN, NOW + MOST_AGE)
    assert nonce_of(make(TOKEN, NOW), TOKEN, NOW) != nonce_of(form, TOKEN, NOW)
    with pytest.raises(OldError):
        nonce_of(form, TOKEN, NOW + MOST_AGE + timedelta(seconds=1))
    with pytest.raises(ForgedError):
        nonce_of(form, "u" * 43, NOW)
    nonce, at, mac = form.split(".")
    for changed in (f"{nonce}.{int(at) + 1}.{mac}", f"{'A' * 22}.{at}.{mac}", f"{nonce}.{at}.{mac[:-1]}0", f"{form} "):
        if changed != form:
            with pytest.raises(ForgedError):
                nonce_of(changed, TOKEN, NOW)


@given(st.text(max_size=120))
def test_nothing_made_up_fits(form: str) -> None:
    with pytest.raises(ForgedError):
        nonce_of(form, TOKEN, NOW)


def test_what_was_seen_is_these_words_for_that_message() -> None:
    mark = seen(TOKEN, "Six is fine.", 1)
    assert was_seen(mark, TOKEN, "Six is fine.", 1)
    for words, answers, token in (
        ("Six is fine!", 1, TOKEN),
        ("Six is fine.", 2, TOKEN),
        ("Six is fine.", 1, "u" * 43),
    ):
        assert not was_seen(mark, token, words, answers)
    assert not was_seen("é", TOKEN, "Six is fine.", 1)
