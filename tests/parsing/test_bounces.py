"""Reports about our own mail, standard and not; and what is no report, however much it looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.delivery import bounce_words, carrier_errors
from gateway.delivery.return_path import new_tag, tagged, untagged
from gateway.parsing.bounces import Outcome, read_report
from tests.parsing.bounce_samples import ID, NONE, REPORTS, words


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_is_read(name: str) -> None:
    raw, outcome, code = REPORTS[name]
    found = read_report(raw)
    assert found is not None
    assert (found.outcome, found.code) == (outcome, code)
    assert found.ids == (() if "of old" in name else (ID,))


@pytest.mark.parametrize("name", REPORTS)
def test_line_ends_of_any_kind(name: str) -> None:
    raw, outcome, _ = REPORTS[name]
    found = read_report(raw.replace(b"\r\n", b"\n"))
    assert found is not None
    assert found.outcome is outcome


@pytest.mark.parametrize("name", NONE)
def test_what_is_no_report(name: str) -> None:
    assert read_report(NONE[name]) is None


def test_a_null_sender_and_words_are_enough() -> None:
    raw = words("Nachricht", "User unknown: 550 no such user here", "From: Mail <robot@example.org>\n")
    assert read_report(raw) is None
    found = read_report(raw, null_sender=True)
    assert found is not None
    assert found.outcome is Outcome.FAILED


def test_an_automatic_answer_without_a_sender_is_none() -> None:
    raw = words(
        "Re: Update",
        "I do not exist any more at this firm; the address does not exist.",
        more="Auto-Submitted: auto-replied\n",
    )
    assert read_report(raw.replace(b"MAILER-DAEMON", b"dana"), null_sender=True) is None


@given(st.binary(max_size=3000))
def test_never_raises(raw: bytes) -> None:
    read_report(raw)
    read_report(
        b"From: MAILER-DAEMON\r\nContent-Type: multipart/report; boundary=b\r\n\r\n--b\r\n" + raw, null_sender=True
    )


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("5.1.1", "the address does not exist there"),
        ("4.2.2", "the mailbox is full"),
        ("5.7.509", "their mail system refuses our mail, or takes it for spam"),
        ("5.9.9", bounce_words.UNKNOWN),
        (None, bounce_words.UNKNOWN),
    ],
)
def test_codes_in_plain_words(code: str | None, said: str) -> None:
    assert bounce_words.why(code) == said


@pytest.mark.parametrize(
    "code", ["30003", "30004", "30005", "30006", "30007", "30034", "21610", "21211", "21614", 30008]
)
def test_the_carriers_codes_in_plain_words(code: str | int) -> None:
    said = carrier_errors.why(code)
    assert str(code) not in said
    assert not said.endswith(".")


def test_a_code_that_nobody_knows_is_named() -> None:
    assert carrier_errors.why("39999") == "the text carrier refused it (error 39999)"
    assert carrier_errors.why(None) == carrier_errors.why("x") == "the text carrier does not say why"


def test_a_return_path_goes_there_and_back() -> None:
    tag = new_tag()
    assert untagged(tagged("rivera@relay.example.org", tag)) == ("rivera@relay.example.org", tag)
    assert untagged(tagged("rivera@relay.example.org", tag).upper()) == ("rivera@relay.example.org", tag)
    assert tagged("rivera@relay.example.org", None) == "rivera@relay.example.org"
    assert tagged("r" * 60 + "@relay.example.org", tag) == "r" * 60 + "@relay.example.org"


@pytest.mark.parametrize(
    "address", ["rivera@relay.example.org", "rivera+b-12@x.org", "rivera+toys@relay.example.org", "+b-" + "a" * 20, ""]
)
def test_what_is_no_return_path(address: str) -> None:
    assert untagged(address) is None
