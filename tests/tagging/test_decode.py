import re

import numpy as np

from gateway.tagging.clauses import clauses
from gateway.tagging.decode import Costs, best_row, conclude
from gateway.tagging.spans import LABELS, Tagging
from gateway.tagging.words import Votes, Words

EMPTY = Words([], np.zeros((0, len(LABELS))), np.zeros(0), np.zeros(0, dtype=bool))


def words(text: str, *runs: tuple[str, str, float]) -> Words:
    """Words of `text` in runs ``(words, label, probability)``; the rest of each row is spread evenly."""
    places, rows, starts = [], [], []
    at = 0
    for part, label, p in runs:
        for i, word in enumerate(part.split()):
            start = text.index(word, at)
            at = start + len(word)
            places.append((start, at))
            row = np.full(len(LABELS), (1 - p) / (len(LABELS) - 1))
            row[LABELS.index(label)] = p
            rows.append(row)
            starts.append(0.95 if i == 0 else 0.02)
    begins = {a for a, _ in clauses(text)}
    return Words(places, np.array(rows), np.array(starts), np.array([a in begins for a, _ in places]))


def concluded(text: str, *runs: tuple[str, str, float], votes: Votes | None = None) -> Tagging:
    return conclude(text, "", words(text, *runs), EMPTY, votes or Votes(), Costs(), "test")


def shown(text: str, tagging: Tagging) -> list[tuple[str, str]]:
    return [(text[s.start : s.end], s.label) for s in tagging.text]


def test_a_fact_and_a_hook_in_one_sentence() -> None:
    text = "I'll drop Noah at 6 since you clearly can't drive"
    tagging = concluded(
        text, ("I'll drop Noah at 6", "F:schedule", 0.9), ("since you clearly can't drive", "X:insult", 0.9)
    )
    assert shown(text, tagging) == [
        ("I'll drop Noah at 6", "F:schedule"),
        ("since you clearly can't drive", "X:insult"),
    ]


def test_one_doubtful_word_does_not_cut_a_fact() -> None:
    text = "bring the stupid shoes tomorrow"
    tagging = concluded(
        text, ("bring the", "F:belongings", 0.9), ("stupid", "X:insult", 0.6), ("shoes tomorrow", "F:belongings", 0.9)
    )
    assert shown(text, tagging) == [(text, "F:belongings")]


def test_two_facts_of_one_topic_stay_two() -> None:
    text = "Emma has swimming at 4. Noah has football at 5."
    tagging = concluded(
        text, ("Emma has swimming at 4", "F:activity", 0.9), ("Noah has football at 5", "F:activity", 0.9)
    )
    assert [words for words, _ in shown(text, tagging)] == ["Emma has swimming at 4.", "Noah has football at 5."]


def test_danger_needs_the_vote_of_words_and_message() -> None:
    text = "I know where you park"
    run = (text, "D:stalking", 0.8)
    assert shown(text, concluded(text, run, votes=Votes(danger=0.95))) == [(text, "D:stalking")]
    assert concluded(text, run, votes=Votes(danger=0.95)).danger > 0.5
    assert shown(text, concluded(text, run, votes=Votes(danger=0.0001)))[0][1][0] == "X"


def test_an_emergency_is_shown_where_it_is() -> None:
    text = "hi, Noah fell, we are at the hospital"
    tagging = concluded(
        text,
        ("hi", "N", 0.9),
        ("Noah fell we are at the hospital", "F:emergency", 0.45),
        votes=Votes(emergency=0.99),
    )
    assert ("Noah fell, we are at the hospital", "F:emergency") in shown(text, tagging)


def test_masses_add_up() -> None:
    text = "pick up at 5 you fool"
    tagging = concluded(text, ("pick up at 5", "F:schedule", 0.7), ("you fool", "X:insult", 0.7))
    assert all(abs(s.fact + s.withhold + s.danger - 1) < 1e-3 for s in tagging.text)


def test_amount_signs_and_full_stops_go_with_their_words() -> None:
    text = "you owe $42.50. Loser!"
    tagging = concluded(text, ("you owe 42.50", "F:expense", 0.9), ("Loser", "X:insult", 0.9))
    assert shown(text, tagging) == [("you owe $42.50.", "F:expense"), ("Loser!", "X:insult")]


def test_nothing_to_read() -> None:
    assert conclude("", "", EMPTY, EMPTY, Votes(), Costs(), "test").text == ()


def test_best_row_pays_for_changes() -> None:
    gain = np.log(np.array([[0.9, 0.1], [0.4, 0.6], [0.9, 0.1]]))
    assert best_row(gain, np.array([0.0, 2.0, 2.0])).tolist() == [0, 0, 0]
    assert best_row(gain, np.array([0.0, 0.1, 0.1])).tolist() == [0, 1, 0]
    assert best_row(gain, np.zeros(3)).tolist() == [0, 1, 0]


def test_every_word_lies_in_one_span() -> None:
    text = "ok so bring Emma's coat, you lazy cow, and her form 👍"
    tagging = concluded(
        text,
        ("ok so", "N", 0.8),
        ("bring Emma's coat", "F:belongings", 0.8),
        ("you lazy cow", "X:insult", 0.8),
        ("and her form", "F:documents", 0.8),
    )
    inside = [i for s in tagging.text for i in range(s.start, s.end)]
    assert len(inside) == len(set(inside))
    assert all(m.start() in inside for m in re.finditer(r"\w+", text))
