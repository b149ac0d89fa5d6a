"""The preview's bounds, and which messages it decides again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count

import pytest

from gateway.conclusion import summary
from gateway.family import Family
from gateway.parsing import parse_sms
from gateway.pipeline import Context, judge
from gateway.policy import load_rules
from gateway.policy.again import Kept, Scope, State, shifts
from gateway.store import Blobs, Store
from gateway.store.tables import DecisionRow, MessageRow
from gateway.tagging import open_tagger
from gateway.web.pages.preview import DAYS, MOST, look

Make = Callable[..., Family]
RULES = load_rules()
TEXTS = (
    "Noah has soccer at 10 on Saturday. you are a pathetic mother",
    "You still owe me 40 for the couch.",
    "Emma's inhaler is at the pharmacy on Oak St.",
)


def detail_of(text: str, family: Family, now: datetime) -> dict[str, object]:
    context = Context(family.readable_children(), now, "Mark", "Dana", channel="sms")
    judged = judge(text, None, context, open_tagger(), RULES.for_family(family))
    return summary(judged, parse_sms({"Body": [text], "From": ["+15005550003"]})) | {"role": "co-parent"}


@pytest.fixture
def filled(store: Store, make_family: Make, clock: Callable[[], datetime]) -> Store:
    """A little more messages than are looked at, one an hour, and one that is too old."""
    family, now = make_family(), clock()
    details = [detail_of(text, family, now) for text in TEXTS]
    with store.write() as session:
        for number in range(MOST + 5):
            age = timedelta(days=DAYS + 1) if number == 0 else timedelta(hours=MOST + 5 - number)
            at = now - age
            session.add(
                MessageRow(
                    family="rivera", channel="sms", received_at=at, sha256="0" * 64, size=1, entry_seq=number,
                    envelope={"mail_from": "+15005550003"}, fingerprint=str(number), state="done",
                )
            )  # fmt: skip
        session.flush()
        for number in range(MOST + 5):
            session.add(
                DecisionRow(
                    message_id=number + 1, family="rivera", made_at=now, who="gateway", lane="facts", outcome="partial",
                    new_text=TEXTS[number % 3], detail=details[number % 3],
                )
            )  # fmt: skip
    return store


def test_the_newest_are_looked_at_and_the_rest_is_said(
    filled: Store, blobs: Blobs, make_family: Make, clock: Callable[[], datetime]
) -> None:
    seen = look(filled, blobs, make_family(), make_family(topics={"activity": "withhold"}), RULES, clock())
    assert (seen.looked, seen.whole) == (MOST, False)
    assert MOST // 3 <= seen.count <= MOST // 3 + 1
    assert len(seen.changed) == 50
    assert seen.changed[0].received_at > seen.changed[-1].received_at
    (shift,) = seen.changed[0].shifts
    assert (shift.words, shift.before, shift.after) == (
        "Noah has soccer at 10 on Saturday.",
        State.FORWARDED,
        State.WITHHELD,
    )


def test_it_ends_when_its_time_is_up(
    filled: Store, blobs: Blobs, make_family: Make, clock: Callable[[], datetime]
) -> None:
    ticks: Iterator[int] = count()
    after = make_family(topics={"activity": "withhold"})
    seen = look(filled, blobs, make_family(), after, RULES, clock(), lambda: float(next(ticks)))
    assert not seen.whole
    assert 0 < seen.looked < 10


def test_what_cannot_be_touched_is_not_looked_at(
    filled: Store, blobs: Blobs, make_family: Make, clock: Callable[[], datetime]
) -> None:
    seen = look(filled, blobs, make_family(), make_family(quiet_notice=True), RULES, clock())
    assert (seen.looked, seen.count, seen.whole) == (0, 0, True)


def test_an_hour_that_changes_is_counted(
    filled: Store, blobs: Blobs, make_family: Make, clock: Callable[[], datetime]
) -> None:
    before = make_family(deliver=["08:00"])
    after = make_family(deliver=["08:00"], topics={"activity": "now"})
    seen = look(filled, blobs, before, after, RULES, clock())
    assert (seen.count, seen.later) == (0, 0)
    assert MOST // 3 <= seen.sooner <= MOST // 3 + 1


def test_decided_again_from_kept_spans_as_from_the_words(make_family: Make, clock: Callable[[], datetime]) -> None:
    """What the preview says is what the pipeline would do."""
    before, now = make_family(), clock()
    for changes in ({"topics": {"activity": "withhold"}}, {"show_categories": ["money", "insult"]}, {"child_words": ["couch", "pathetic"]}, {"withheld_words": ["inhaler", "soccer"]}):  # fmt: skip
        after = make_family(**changes)
        for text in TEXTS:
            was, then = (detail_of(text, family, now) for family in (before, after))
            kept = Kept.of(text, "sms", was)
            assert kept is not None
            found = shifts(kept, RULES.for_family(before), RULES.for_family(after), ("co-parent", "co-parent"))
            changed = [(c["start"], c["action"]) for c in was["choices"]] != [
                (c["start"], c["action"]) for c in then["choices"]
            ]  # type: ignore[attr-defined]
            assert bool(found) == changed, (changes, text)
            scope = Scope.of(before.model_dump(mode="json"), after.model_dump(mode="json"))
            assert scope.touches(kept) or not found
