import json
from pathlib import Path
from typing import Any

import numpy as np

from gateway.tagging.decode import Costs
from gateway.tagging.spans import LABELS
from gateway.tagging.words import Votes, Words
from training.agreement import facts_of, kappa, report
from training.corpus.duplicates import near_duplicates
from training.data import CORPUS, Message, corpus_hash, folds, read
from training.tuning import Unseen, answer, loss, scored


def record(identifier: str, text: str, **more: Any) -> dict[str, Any]:
    return {
        "id": identifier,
        "channel": "sms",
        "sent_at": "2026-11-24T19:40:00-05:00",
        "children": ["Emma"],
        "sender_name": "Mark",
        "recipient_name": "Dana",
        "subject": None,
        "text": text,
        "expect": {"outcome": "partial", "facts": []},
        **more,
    }


def written(folder: Path, *records: dict[str, Any], name: str = "batch.jsonl") -> list[Message]:
    file = folder / name
    file.write_text("\n".join(json.dumps(r) for r in records) + "\n", encoding="utf8")
    return read([file])


def test_marks_are_read(tmp_path: Path) -> None:
    (message,) = written(tmp_path, record("A1", "⟦F:schedule|pickup at 5⟧ ⟦X:insult|you fool⟧"))
    assert message.text == "pickup at 5 you fool"
    assert message.marks == [("F", "schedule", 0, 11), ("X", "insult", 12, 20)]


def test_one_family_lies_in_one_fold() -> None:
    messages = read([CORPUS / "given.jsonl"])
    dealt = folds(messages)
    where: dict[str, set[int]] = {}
    for message, fold in zip(messages, dealt, strict=True):
        where.setdefault(message.family, set()).add(int(fold))
    assert all(len(found) == 1 for found in where.values())
    assert set(np.unique(dealt)) == {0, 1, 2, 3, 4}


def test_the_hash_follows_the_content(tmp_path: Path) -> None:
    one = written(tmp_path, record("A1", "⟦N|ok⟧"))
    other = written(tmp_path, record("A1", "⟦N|ok.⟧"))
    assert corpus_hash(one) == corpus_hash(read([tmp_path / "batch.jsonl"]) and one)
    assert corpus_hash(one) != corpus_hash(other)


def test_near_duplicates_are_found_whatever_the_names(tmp_path: Path) -> None:
    messages = written(
        tmp_path,
        record("A1", "⟦F:medical|Emma has her flu shot on Thursday at the clinic on Main Street⟧"),
        record("A2", "⟦F:medical|Liam has his flu shot on Thursday at the clinic on Main Street⟧", children=["Liam"]),
        record("A3", "⟦F:school|the science project is due on Monday and needs cardboard and glue⟧"),
    )
    assert [(a.id, b.id) for _, a, b in near_duplicates(messages, 0.6)] == [("A1", "A2")]


def test_the_corpus_has_no_near_duplicates() -> None:
    messages = read(list(CORPUS.glob("*.jsonl")))
    assert [(a.id, b.id) for _, a, b in near_duplicates(messages, 0.7)] == []


def test_agreement_beyond_chance(tmp_path: Path) -> None:
    first = written(tmp_path, record("A1", "⟦F:schedule|pickup at five⟧ ⟦X:insult|you fool⟧"), name="a.jsonl")
    second = written(tmp_path, record("A1", "⟦F:schedule|pickup at five you⟧ ⟦X:blame|fool⟧"), name="b.jsonl")
    text = report(first, second)
    assert "words 5" in text
    assert "kind 80.0 %, label 60.0 %" in text
    pairs = [("F", "F"), ("F", "F"), ("X", "X"), ("X", "F")]
    assert kappa(pairs, "X") == 0.5
    assert kappa(pairs, "D") is None


def test_the_second_hands_facts_are_scored_like_answers(tmp_path: Path) -> None:
    def by(child: str | None, *topics: str) -> dict[str, Any]:
        facts = [{"topic": t, "child": child, "when": "2026-11-25", "amount": None, "where": None} for t in topics]
        return {"outcome": "forward", "facts": facts}

    text = "⟦F:school|the trip is tomorrow⟧ ⟦F:belongings|she needs a hat⟧"
    first = written(tmp_path, record("A1", text, expect=by("Emma", "school", "belongings")), name="a.jsonl")
    one = "⟦F:school|the trip is tomorrow she needs a hat⟧"
    second = written(tmp_path, record("A1", one, expect=by("Emma", "school")), name="b.jsonl")
    found = facts_of(first, second)
    assert found["fact spans kept"] == "100.0%"
    assert found["topic recall/precision"] == "50.0% / 100.0%"
    assert found["child recall/precision"] == "50.0% / 100.0%"
    assert "second hand's facts against the first's" in report(first, second)


def unseen(message: Message, label: str) -> Unseen:
    row = np.full(len(LABELS), 0.1 / (len(LABELS) - 1))
    row[LABELS.index(label)] = 0.9
    places = [(0, 6), (7, 9), (10, 11)]
    empty = Words([], np.zeros((0, len(LABELS))), np.zeros(0), np.zeros(0, dtype=bool))
    words = Words(places, np.array([row] * 3), np.array([0.9, 0.1, 0.1]), np.array([True, False, False]))
    return Unseen(message, words, empty, Votes(danger=0.001, emergency=0.001, withhold=0.1, fact=0.9))


def test_figures_of_a_right_answer_and_of_a_lost_fact(tmp_path: Path) -> None:
    (message,) = written(
        tmp_path,
        record(
            "A1",
            "⟦F:schedule|pickup at 5⟧",
            expect={
                "outcome": "forward",
                "facts": [{"topic": "schedule", "child": None, "when": None, "amount": None}],
            },
        ),
    )
    right, wrong = unseen(message, "F:schedule"), unseen(message, "X:insult")
    assert answer(right, right.tagging(Costs()))["forwarded"] == [[0, 11]]
    assert scored([right], Costs())["fact tokens kept"] == 100
    assert loss(scored([right], Costs())) < loss(scored([wrong], Costs()))
