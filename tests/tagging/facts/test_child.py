"""Which child a fact is about."""

from __future__ import annotations

from datetime import datetime

import pytest

from gateway.tagging.facts import read_facts
from gateway.tagging.facts.child import Child

SENT = datetime.fromisoformat("2026-11-24T19:40:00-05:00")


def children_of(marked: str, *children: Child) -> list[str | None]:
    """The children of the passages in square brackets, ``[topic|words]``."""
    text, spans, rest = "", [], marked
    while "[" in rest:
        before, rest = rest.split("[", 1)
        inside, rest = rest.split("]", 1)
        topic, words = inside.split("|", 1)
        text += before
        spans.append((len(text), len(text) + len(words), topic))
        text += words
    facts = read_facts(text + rest, spans, SENT, children, day_first=False, currency="USD")
    return [f.child for f in facts]


EMMA, NOAH = Child("Emma"), Child("Noah")
GABRIELA, MATILDA = Child("Gabriela"), Child("Matilda")
LEA, WYATT, BRYLEE = Child("Léa"), Child("Wyatt"), Child("Brylee")
CHARLIE, SAM = Child("Charlie", ("Chaz",), "she"), Child("Sam", pronouns="he")


@pytest.mark.parametrize(
    ("words", "children", "want"),
    [
        ("Emma needs her inhaler", (EMMA, NOAH), "Emma"),
        ("EMMA NEEDS HER INHALER", (EMMA, NOAH), "Emma"),
        ("bring emmas inhaler", (EMMA, NOAH), "Emma"),
        ("bring Emma's inhaler", (EMMA, NOAH), "Emma"),
        ("bring Emma’s inhaler", (EMMA, NOAH), "Emma"),
        ("gabi has pink eye", (GABRIELA, NOAH), "Gabriela"),
        ("Gabby has pink eye", (GABRIELA, NOAH), "Gabriela"),
        ("tilly has school sores", (MATILDA, NOAH), "Matilda"),
        ("matty needs her runners", (MATILDA, NOAH), "Matilda"),
        ("lea has skating", (LEA, NOAH), "Léa"),
        ("E has a cold", (EMMA, NOAH), "Emma"),
        ("pick up N at 5", (EMMA, NOAH), "Noah"),
        ("little e is asleep", (EMMA, NOAH), "Emma"),
        ("chaz has a game", (CHARLIE, SAM), "Charlie"),
        ("bryle has her flu shot", (WYATT, BRYLEE), "Brylee"),
        ("Gabreila has a cold", (GABRIELA, NOAH), "Gabriela"),
        ("wyatts doin the haunted house", (WYATT, BRYLEE), "Wyatt"),
        ("Emma and Noah need hats", (EMMA, NOAH), None),
        ("both need hats", (EMMA, NOAH), None),
        ("the kids are with me", (EMMA, NOAH), None),
        ("pick them up at 5", (EMMA, NOAH), None),
        ("the little one is asleep", (EMMA, NOAH), None),
        ("pickup is at 5", (EMMA, NOAH), None),
        ("pickup is at 5", (EMMA,), "Emma"),
        ("she has a cold", (EMMA,), "Emma"),
        ("she has a cold", (CHARLIE, SAM), "Charlie"),
        ("gave him calpol", (CHARLIE, SAM), "Sam"),
        ("gave him calpol", (EMMA, NOAH), "Noah"),
        ("his jacket and her book", (EMMA, NOAH), None),
        ("her cap is in Noah's bag", (EMMA, NOAH), "Emma"),
        ("Send Noah's spacer with Emma", (EMMA, NOAH), "Noah"),
        ("running late", (EMMA,), None),
        ("Sat works.", (EMMA,), None),
        ("tys blazer is round yours", (Child("Tyler"), NOAH), "Tyler"),
        ("zaz needs socks", (Child("Zara"), NOAH), "Zara"),
        ("aggie has a costume", (Child("Agatha"), NOAH), "Agatha"),
        ("zeke had his stitches out", (Child("Ezekiel"), EMMA), "Ezekiel"),
        ("vihu did his dance", (Child("Vihaan"), EMMA), "Vihaan"),
        ("PY is coughing", (Child("Papa Yaw"), EMMA), "Papa Yaw"),
        ("they want the drops daily", (Child("Theodora"), EMMA), None),
        ("at ya mama house", (Child("Malik"), EMMA), None),
        ("entrance B", (Child("Bodhi"), EMMA), None),
        ("B needs a hat", (Child("Bodhi"), EMMA), "Bodhi"),
        ("Will has a cough", (Child("William"), EMMA), "William"),
        ("we will be there", (Child("William"), EMMA), None),
        ("they want both of us there, bring Emma", (EMMA, NOAH), "Emma"),
        ("the tag we both agreed on is in Noah's bag", (EMMA, NOAH), "Noah"),
        ("I took three videos of Emma", (EMMA, NOAH), "Emma"),
        ("books for the pair of them are in Emma's bag", (EMMA, NOAH), None),
        ("both slept, Emma till 8", (EMMA, NOAH), None),
        ("her cough is better", (Child("Sasha"), NOAH), "Sasha"),
        ("pick up at 4", (), None),
        ("class starts at 4", (Child("Al"), NOAH), None),
        ("I will be there", (Child("Will"), NOAH), None),
        ("the maths test is hard", (Child("Mathis"), NOAH), None),
        ("the younger one, not Emma", (EMMA, NOAH), "Noah"),
        ("Not Noah. It started at lunch", (EMMA, NOAH), "Emma"),
        ("it is not Emma who needs the form", (EMMA, NOAH), "Emma"),
        ("not Emma, the other one", (EMMA, NOAH, Child("Kit")), "Emma"),
        ("his cap is in emmas bag", (EMMA, Child("Kaydn")), "Kaydn"),
        ("momi is sunburnt", (Child("Leimomi"), NOAH), "Leimomi"),
        ("Minty has a brace now", (Child("Araminta"), NOAH), "Araminta"),
        ("her hair was a nasty knot", (Child("Anastasiia"), Child("Bree")), None),
        ("the phone rang", (Child("Persephone"), NOAH), None),
    ],
)
def test_one_passage(words: str, children: tuple[Child, ...], want: str | None) -> None:
    assert children_of(f"[schedule|{words}]", *children) == [want]


@pytest.mark.parametrize(
    ("marked", "want"),
    [
        ("[medical|Emma has a cold.] [medical|She had calpol at 4]", ["Emma", "Emma"]),
        ("[medical|Emma has a cold.] [belongings|the drops are in the bag]", ["Emma", "Emma"]),
        ("[medical|Emma has a cold.] [schedule|Can we swap Friday?]", ["Emma", None]),
        ("[medical|Emma has a cold.] [belongings|Both need hats]", ["Emma", None]),
        ("[school|Emma's trip is Friday.] [expense|It's $18]", ["Emma", "Emma"]),
        ("Did Noah finish the pills? [medical|he has four doses left]", ["Noah"]),
        ("[medical|Emma has a cold.]\n[medical|Calpol at 4]", ["Emma", "Emma"]),
        ("[school|Emma has a test.]\n[school|Mufti day Friday]", ["Emma", None]),
        ("[documents|The form is in Noah's bag]", [None]),
        ("[legal|The mediator says her office has moved]", [None]),
        ("[childcare|Ann can bring him back but tell her by Sunday]", ["Noah"]),
        ("[medical|Emma has a cold.]\n\n[belongings|the drops are in the bag]", ["Emma", None]),
    ],
)
def test_a_passage_goes_on_about_the_child_before(marked: str, want: list[str | None]) -> None:
    assert children_of(marked, EMMA, NOAH) == want


def test_a_message_teaches_the_pronoun() -> None:
    alex, kit = Child("Ash"), Child("Kit")
    told = "[school|Ash has his trip today.] [school|Kit has her test.] [medical|gave him motrin]"
    assert children_of(told, alex, kit) == ["Ash", "Kit", "Ash"]


def test_a_short_form_of_two_children_is_nobodys() -> None:
    assert children_of("[school|alex has a test]", Child("Alexander"), Child("Alexandra")) == [None]
