"""Names: what may be shown, and under which a file is handed out."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.attachments.carding import nothing_but_facts
from gateway.attachments.names import download_name, shown, words_of
from gateway.parsing.files import clean_name
from gateway.pipeline import Context, judge
from gateway.policy import load_rules
from gateway.tagging import open_tagger
from gateway.tagging.fallback import Fallback

TAGGER = open_tagger()


@pytest.fixture
def is_plain(make_family):
    family = make_family()
    context = Context(family.readable_children(), datetime(2026, 11, 26, tzinfo=UTC), "Mark", "Dana")
    rules = load_rules().for_family(family)
    return lambda words: nothing_but_facts(judge(words, None, context, TAGGER, rules))


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Emma school letter Nov 2026.pdf", "Emma school letter Nov 2026"),
        ("EmmaSchoolLetter.pdf", "EmmaSchoolLetter"),
        ("immunization-record-Noah.pdf", "immunization-record-Noah"),
        ("Noah report card.pdf", "Noah report card"),
    ],
)
def test_a_plain_name_is_shown_without_its_ending(is_plain, name: str, wanted: str) -> None:
    assert shown([name], is_plain) == (wanted,)


@pytest.mark.parametrize(
    "name",
    [
        "", "x", "IMG_2034.jpg", "worthless.pdf", "you are pathetic.pdf", "fat cow.pdf", "You_Are_A_Terrible_Mother.pdf",
        "whyYouAreSuchAnIdiot.pdf", "bad mother evidence.pdf", "Emma hates you.pdf", "Emma is better off with me.pdf",
        "school forms since you are too lazy.pdf", "Emma school letter you dumb cow.pdf", "Emma school letter. loser.pdf",
        "i miss you.jpg", "us last summer.jpg", "Emma and me happy without you.jpg", "i will kill you.jpg",
        "Emma school letter \u202efdp.exe", "Emma school letter\u200b.pdf", "Emma school lette\u0433.pdf",
        "Emma school letter \u05d0.pdf", "Emma\x07school letter.pdf", "Emma school letter \U0001f595.pdf",
        "Emma school letter http://tracker.example.net.pdf", "<b>Emma school letter</b>.pdf", "Emma school letter " * 9,
        "Emma school letter “x”.pdf", "Emma school letter @mark.pdf", "\uff25mma school letter.pdf",
    ],
)  # fmt: skip
def test_any_other_name_stays_off_the_card(is_plain, name: str) -> None:
    assert shown([name], is_plain) == ("",)


def test_names_that_are_plain_alone_and_not_together_are_not_shown(is_plain) -> None:
    assert shown(["Emma school letter.pdf", "x.jpg", "Noah report card.pdf"], is_plain) == (
        "Emma school letter", "", "Noah report card",
    )  # fmt: skip

    def only_alone(words: str) -> bool:
        return "." not in words

    assert shown(["Emma school.pdf", "Noah card.pdf"], only_alone) == ("", "")


def test_without_a_tagger_no_name_is_shown(make_family) -> None:
    family = make_family()
    context = Context(family.readable_children(), datetime(2026, 11, 26, tzinfo=UTC), "Mark", "Dana")
    judged = judge("Emma school letter", None, context, Fallback(), load_rules())
    assert not nothing_but_facts(judged)


def test_words_run_together_are_read_apart() -> None:
    assert words_of("youAre_a-LoserNov2026") == "you Are a Loser Nov 2026"


@pytest.mark.parametrize(
    ("shown_name", "words", "ending", "wanted"),
    [
        ("Emma school letter", "PDF document", "pdf", "Emma-school-letter.pdf"),
        ("", "PDF document", "pdf", "pdf-document.pdf"),
        ("Zoë's form", "Word document", "docx", "Zoe-s-form.docx"),
        ("../../etc/passwd", "file", "bin", "etc-passwd.bin"),
        ('a"; filename=b.exe', "file", "pdf", "a-filename-b-exe.pdf"),
        ("a\r\nSet-Cookie: x", "file", "pdf", "a-Set-Cookie-x.pdf"),
    ],
)
def test_names_of_downloads_are_safe(shown_name: str, words: str, ending: str, wanted: str) -> None:
    assert download_name(shown_name, words, ending) == wanted


@given(st.text(max_size=300))
def test_any_name_makes_a_safe_download(name: str) -> None:
    made = download_name(name, "PDF document", "pdf")
    assert made.isascii()
    assert made.endswith(".pdf")
    assert set(made[:-4]) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")
    assert "/" not in clean_name(name)
