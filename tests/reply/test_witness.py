"""The second witness: it belongs to the shipped tagger, is heard as the rules say, and leaves alone what other parents write."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from gateway.errors import RulesError
from gateway.reply.coach import Draft, advise, load_coach
from gateway.reply.coach.witness import FINE, Heard, Hearing, Witness
from gateway.tagging.facts.child import Child
from gateway.tagging.inner import LAYERS, Inner, layers_of, with_layers
from gateway.tagging.spans import Unread
from tests.reply.coaching import RULES, cases, draft, of_case, serious, tagger
from tests.reply.test_coach import hit
from training.coach_witness import FAULTY, KINDS, fit, replies, save

SAID = Hearing(fault=0.6, kind=0.2, barbed=0.05, fine=0.99)


def test_it_belongs_to_the_shipped_tagger() -> None:
    assert RULES.witness is not None
    assert RULES.witness.tagger == tagger().version, "the tagger is another one: run `make coach`"
    assert RULES.witness.kinds == KINDS
    assert {f"coach.{kind}" for kind in KINDS[1:]} <= {rule.id for rule in RULES.rules}


def test_beside_another_tagger_it_keeps_silent_and_the_labels_speak() -> None:
    other = dataclasses.replace(RULES, witness=dataclasses.replace(RULES.witness, tagger="another"))
    made = draft("You are the dumbest man alive.", "Is the game at 5?")
    assert "insult" in serious(advise(made, other, tagger()))
    bare = dataclasses.replace(RULES, witness=None)
    assert advise(made, bare, tagger()).hints == advise(made, other, tagger()).hints


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Friday at 5. A stone would have more sense than you.", "insult"),
        ("Friday at 5. Her folder sat unopened on your table for nine days.", "blame"),
        ("Friday at 5. My neighbour tried to take her own life.", "others"),
        ("Friday at 5. A quiet word before bed works better than a lecture.", "advice"),
        ("Friday at 5. I have put in for a transfer to Denver.", "personal"),
    ],
)
def test_words_that_no_rule_lists(text: str, kind: str) -> None:
    made = draft(text, "When is the exchange?")
    assert kind in serious(advise(made, RULES, tagger()))


def test_what_is_heard() -> None:
    heard = Heard({FINE: 0.1, "blame": 0.6, "hook": 0.25, "insult": 0.05, "threat": 0.0}, SAID)
    assert heard.fault
    assert [k for k in ("blame", "hook", "insult", "threat") if heard.names(k)] == ["blame", "hook"]
    assert heard.answers_barb("insult")
    calm = Heard({FINE: 0.995, "blame": 0.005}, SAID)
    assert (calm.fault, calm.names("blame"), calm.overrules("blame"), calm.overrules("address")) == (
        False,
        False,
        True,
        False,
    )
    nothing = Heard({}, SAID)
    assert (nothing.silent, nothing.fault, nothing.overrules("blame"), nothing.fine(0.0)) == (True, False, False, True)


def test_drafts_that_nothing_learnt_from() -> None:
    """A third of the nine voices was measured twice and never looked at; it must not become worse."""
    marks = [(c, f, of_case(c)) for c in cases("voices-unseen-faults") for f in c["faults"]]
    assert sum(hit(found, f) for _, f, found in marks) >= 44
    assert sum(found.verdict == "look" for *_, found in marks) >= 51
    assert sum(of_case(c).verdict == "look" for c in cases("voices-unseen-fine")) <= 3


def test_what_parents_of_the_corpus_write_is_mostly_left_alone() -> None:
    """By many hands, without the message that it answers: harder than a draft. Every other one was learnt from, not these."""
    fine = [(text, children) for text, children in replies()[1::2] if not FAULTY.search(text)]
    looked = [Draft(text, children=tuple(Child(name) for name in children)) for text, children in fine]
    assert sum(advise(d, RULES, tagger()).verdict == "look" for d in looked) <= 0.1 * len(looked)


def test_the_middle_layers_change_nothing_that_the_tagger_says() -> None:
    for text in ("Emma has a fever. You are useless.", "word " * 900, ""):
        message = Unread(text)
        tagging, inner = tagger().look(message)
        assert tagging == tagger().tag(message)
        assert (inner.rows is None) == (not text)
        if inner.rows is not None:
            assert inner.rows.shape == (len(inner.pieces), 384 * len(LAYERS))
            assert np.abs(inner.rows).sum(1).min() > 0
            assert inner.of(0, len(text)) is not None
            assert inner.of(len(text) + 1, len(text) + 2) is None


def test_a_network_without_these_layers_is_left_as_it_is() -> None:
    assert layers_of(b"another network") == ()
    assert with_layers(b"another network", ()) == b"another network"
    assert Inner().of(0, 5) is None


def test_what_is_saved_is_what_is_read(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    weights, bias = rng.normal(size=(12, len(KINDS))), rng.normal(size=len(KINDS))
    save(tmp_path / "w.npz", weights, bias, "some-tagger")
    back = Witness.load(tmp_path / "w.npz")
    assert back is not None
    assert (back.tagger, back.kinds) == ("some-tagger", KINDS)
    assert np.abs(back.weights - weights).max() < np.abs(weights).max() / 200
    shares = back.shares(rng.normal(size=12))
    assert sum(shares.values()) == pytest.approx(1, abs=1e-5)
    assert Witness.load(tmp_path / "none.npz") is None
    (tmp_path / "w.npz").write_bytes(b"cut short")
    with pytest.raises(RulesError, match="make coach"):
        Witness.load(tmp_path / "w.npz")


def test_it_learns_what_it_is_shown() -> None:
    from training.coach_witness import Example

    rng = np.random.default_rng(3)
    centres = rng.normal(size=(len(KINDS), 24)).astype(np.float32) * 3
    shown = [
        Example((centres[i] + rng.normal(size=24)).astype(np.float32), kind, "drafts")
        for i, kind in enumerate(KINDS)
        for _ in range(8)
    ]
    weights, bias = fit(shown, steps=80)
    found = [KINDS[int((e.row @ weights + bias).argmax())] for e in shown]
    assert np.mean([a == e.kind for a, e in zip(found, shown, strict=True)]) > 0.95


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[witness]\nloud = 1\n", "witness: unknown key 'loud'"),
        ("[witness]\nfault = 2\n", "fault is 2; should be a number from 0 to 1"),
        ("[witness]\nfault = true\n", "fault is True"),
    ],
)
def test_a_mistake_is_explained(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "80-own.toml").write_text(text, "utf8")
    with pytest.raises(RulesError, match="80-own") as caught:
        load_coach(tmp_path)
    assert says in str(caught.value)
