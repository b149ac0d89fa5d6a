"""The rules decide: each case with a tagging given by hand, so that the rules alone are looked at."""

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.errors import RulesError
from gateway.policy import Action, Case, Lane, decide, load_rules
from gateway.tagging.fallback import Fallback
from gateway.tagging.spans import Span, Tagging, Unread

RULES = load_rules()


def tagging(*parts: tuple[str, str, float]) -> tuple[str, Tagging]:
    """(words, label, probability of fact) -> the text and its spans."""
    text, spans = "", []
    for words, label, fact in parts:
        start = len(text)
        text += words + " "
        spans.append(Span(start, start + len(words), label, 0.9, fact=fact, withhold=1 - fact))
    return text, Tagging(tuple(spans), tagger="by hand")


def case(*parts: tuple[str, str, float], **more) -> Case:
    text, made = tagging(*parts)
    return Case(text=text, tagging=made, **more)


def actions(case: Case, rules=RULES) -> list[tuple[str, str]]:
    return [(c.action.value, c.rule) for c in decide(case, rules).choices]


def test_facts_go_hooks_stay() -> None:
    made = case(("get off your lazy ass and", "X:insult", 0.05), ("bring Emma's coat tomorrow", "F:belongings", 0.97))
    decision = decide(made, RULES)
    assert [c.action for c in decision.choices] == [Action.WITHHOLD, Action.FORWARD]
    assert (decision.lane, decision.outcome) == (Lane.FACTS, "partial")
    assert "facts.model" in decision.hits
    assert "danger.model" in decision.misses


def test_doubt_is_held() -> None:
    assert actions(case(("ask Emma about it", "X:triangulation", 0.5))) == [("hold", "doubt.fact")]


def test_a_medicine_is_not_swallowed() -> None:
    made = case(("you forgot his inhaler again", "X:blame", 0.3))
    assert actions(made) == [("hold", "doubt.medicine")]
    assert decide(made, RULES).lane is Lane.UNSORTED


def test_danger_is_found_where_the_tagger_saw_none() -> None:
    made = case(("bring her coat. i will kill you tonight", "F:belongings", 0.99))
    decision = decide(made, RULES)
    assert (decision.lane, decision.outcome, decision.dangers()) == (Lane.DANGER, "escalate", ("violence",))
    shown = [made.text[c.span.start : c.span.end] for c in decision.choices if c.action is Action.FORWARD]
    assert not any("kill" in words for words in shown)


@pytest.mark.parametrize(
    "text",
    [
        "i w1ll kіll y0u",
        "I will k i l l you",
        "i  will\u200b kill\u200d you",
        "ＩＬＬ ＫＩＬＬ ＹＯＵ",
        "the knife is new and I put it in your neck",
        "that green coat suits you, going in the chemist just now",
        "the recordings go to your school board at noon unless you withdraw",
    ],
)
def test_disguised_danger_is_found_without_the_model(text: str) -> None:
    decision = decide(Case(text, Fallback().tag(Unread(text))), RULES)
    assert decision.lane is Lane.DANGER


@pytest.mark.parametrize(
    "text",
    [
        "this traffic is killing me, there at 6:20",
        "I'll take her Friday and bring her back Sunday",
        "you'll be sorry you missed it, she scored twice",
        "his phone is dead, text me instead",
        "the ER bill came, your half is $140",
        "she wants to be a firefighter, bring the nerf gun",
        "dead tired but pickup at 5 works",
        "that coat suits her, she wore it to school",
        "put it in your bag for Emma",
        "the photos go to your mum too, she asked for the recital",
    ],
)
def test_ordinary_words_raise_no_alarm(text: str) -> None:
    decision = decide(Case(text, Fallback().tag(Unread(text))), RULES)
    assert decision.outcome != "escalate"


def test_without_the_model_nothing_is_swallowed() -> None:
    text = "Emma has a fever of 102, gave motrin at 4. you are useless."
    decision = decide(Case(text, Fallback().tag(Unread(text))), RULES)
    assert {c.action for c in decision.choices} == {Action.HOLD}
    assert decision.lane is Lane.UNSORTED


def test_legal_mail_comes_whole() -> None:
    decision = decide(case(("The hearing is on 3 May", "F:legal", 0.9), ("Yours", "N", 0.1), sender="lawyer"), RULES)
    assert (decision.lane, decision.outcome) == (Lane.LEGAL, "forward")


def test_a_reaction_makes_no_card_but_danger_in_it_does() -> None:
    assert decide(case(("Liked that", "X:chatter", 0.1), kind="reaction"), RULES).lane is Lane.WITHHELD
    assert decide(case(("i will kill you", "X:chatter", 0.1), kind="auto_reply"), RULES).lane is Lane.DANGER


def test_a_hold_of_the_parser_holds_everything_but_danger() -> None:
    made = case(("pickup at 6", "F:schedule", 0.99), ("i will kill you", "D:violence", 0.0), holds=("odd",))
    assert [c.action for c in decide(made, RULES).choices] == [Action.HOLD, Action.ESCALATE]


@pytest.mark.parametrize(("text", "rule"), [("STOP", "opt_out.alone"), ("Help!", "opt_out.unclear")])
def test_words_for_the_carrier(text: str, rule: str) -> None:
    assert rule in decide(case((text, "N", 0.1), channel="sms"), RULES).hits
    longer = case((text + " being late to pickup", "F:schedule", 0.9), channel="sms")
    assert rule in decide(longer, RULES).misses


def test_the_familys_choices_come_first_and_cannot_block_health(make_family) -> None:
    family = make_family(topics={"activity": "withhold"}, withheld_words=["pickle"], show_categories=["chatter"])
    rules = RULES.for_family(family)
    made = case(
        ("soccer at 4", "F:activity", 0.99), ("nice weather", "X:chatter", 0.01), ("pickle at 5", "F:schedule", 0.99)
    )
    assert actions(made, rules) == [
        ("withhold", "family.topic.activity"),
        ("forward", "family.show.chatter"),
        ("hold", "family.withheld_words"),
    ]
    with pytest.raises(ValueError, match="'medical' cannot be withheld"):
        make_family(topics={"medical": "withhold"})


def test_the_familys_words_neither_hide_a_fact_nor_silence_danger(make_family) -> None:
    rules = RULES.for_family(make_family(child_words=["soccer", "basement"], withheld_words=["cellar", "fell"]))
    assert actions(case(("soccer at 4", "F:activity", 0.99)), rules) == [("forward", "facts.model")]
    assert actions(case(("sell the soccer goal", "X:chatter", 0.01)), rules) == [("hold", "family.child_words")]
    for words in ("the basement knows you", "the cellar knows you"):
        assert decide(case((words, "D:stalking", 0.0)), rules).lane is Lane.DANGER
    assert decide(case(("Noah fell from the roof", "F:emergency", 0.99)), rules).lane is Lane.EMERGENCY


def test_an_emergency_is_out_of_reach_of_a_choice(make_family) -> None:
    with pytest.raises(ValueError, match="always comes at once"):
        make_family(topics={"emergency": "reviewer"})
    forced = make_family().model_copy(update={"topics": {"emergency": "reviewer", "medical": "withhold"}})
    made = case(("he is not breathing well", "F:emergency", 0.9))
    assert decide(made, RULES.for_family(forced)).lane is Lane.EMERGENCY


def test_what_only_may_be_a_topic_that_is_kept_back_waits_for_a_look(make_family) -> None:
    rules = RULES.for_family(make_family(topics={"activity": "withhold"}))
    made = case(("her physio is on Tuesday", "F:activity", 0.99))
    spans = (replace(made.tagging.text[0], score=0.55),)
    doubtful = replace(made, tagging=replace(made.tagging, text=spans))
    assert actions(doubtful, rules) == [("hold", "family.topic.activity.doubt")]


def test_a_message_of_nothing_but_what_the_family_wants_to_see_makes_a_card(make_family) -> None:
    made = case(("you owe me 40 for the couch", "X:money", 0.01))
    assert decide(made, RULES).lane is Lane.WITHHELD
    assert decide(made, RULES.for_family(make_family(show_categories=["money"]))).lane is Lane.FACTS


def test_every_rule_has_a_reason_and_a_source_and_the_version_follows_the_content() -> None:
    assert all(r.reason.endswith(".") and r.source for r in RULES.rules)
    assert load_rules().version == RULES.version


GOOD = """[[rule]]
id = "x"
title = "t"
action = "hold"
scope = "span"
reason = "r."
source = "s"
[rule.when]
labels = ["X:*"]
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('action = "hold"', 'action = "hide"', "action 'hide'; should be one of forward, withhold, hold, escalate"),
        ('scope = "span"', 'scope = "word"', "scope 'word'; should be one of"),
        ('reason = "r."', "", "'reason' is missing"),
        ('id = "x"', 'id = "x"\nwhy = 1', "unknown key 'why'"),
        ('"X:*"', '"X:nonsense"', "label 'X:nonsense' is not known"),
        ('labels = ["X:*"]', 'patterns = ["(?=x)"]', "a pattern cannot be read"),
        ('labels = ["X:*"]', 'phrases = "x"', "phrases should be a list of texts"),
        ('labels = ["X:*"]', 'fact = [1]', "fact should be two numbers"),
        ('labels = ["X:*"]', 'color = "red"', "unknown condition 'color'"),
        ("[[rule]]", "[[rule]", "cannot be read"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_rule_is_explained(tmp_path: Path, old: str, new: str, said: str) -> None:
    (tmp_path / "bad.toml").write_text(GOOD.replace(old, new, 1))
    with pytest.raises(RulesError) as caught:
        load_rules(tmp_path)
    assert str(caught.value).startswith("bad.toml: ")
    assert said in str(caught.value)


def test_an_id_may_stand_once(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(GOOD + GOOD)
    with pytest.raises(RulesError, match=r"this id stands in a\.toml already"):
        load_rules(tmp_path)
