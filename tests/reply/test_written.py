"""Commands, codes and words of the parent's messages; what is cleaned off; what the parent is asked."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from gateway.delivery.alarms import TEST_SUBJECT
from gateway.delivery.card import Card
from gateway.delivery.compose import PARENT_LINE, Ask, how_to_answer, letter
from gateway.delivery.destinations import SUBJECT as CONFIRM
from gateway.delivery.gsm import segments
from gateway.delivery.notices import SUBJECT
from gateway.delivery.otherwise import URGENT
from gateway.language import LANGUAGES, Moment, Part, speech, texting
from gateway.policy import Lane
from gateway.reply.letters import SUBJECT_ASK, SUBJECT_HELD, SUBJECT_REFUSED, To, ask_mail, ask_text
from gateway.reply.outgoing import clean, holds_card, own_subject, own_words_in, subject_of
from gateway.reply.written import ALPHABET, Command, Numbered, Written, code_of, read_mail, read_number, read_text


@pytest.mark.parametrize(
    ("words", "code", "command", "rest"),
    [
        ("4KQ7 Six is fine.", "4KQ7", Command.NEW, "Six is fine."),
        ("4kq7: six is fine", "4KQ7", Command.NEW, "six is fine"),
        ("4KQ7\nSix is fine.\nThanks", "4KQ7", Command.NEW, "Six is fine.\nThanks"),
        ("SEND 4KQ7", "4KQ7", Command.SEND, ""),
        ("4KQ7 send", "4KQ7", Command.SEND, ""),
        ("Edit 4KQ7 Half past six.", "4KQ7", Command.EDIT, "Half past six."),
        ("Six is fine.", None, Command.NEW, "Six is fine."),
        ("Send her coat please", None, Command.NEW, "Send her coat please"),
        ("4KQ7 send it please", "4KQ7", Command.NEW, "send it please"),
        ("Then six", None, Command.NEW, "Then six"),
        ("", None, Command.NEW, ""),
    ],
)
def test_a_text_is_read(words: str, code: str | None, command: Command, rest: str) -> None:
    found = read_text(words)
    assert (found.command, found.code, found.words) == (command, code, rest)


@pytest.mark.parametrize(
    ("words", "command", "rest"),
    [
        ("SEND", Command.SEND, ""),
        ("Send.\n\nSent from a phone", Command.SEND, "Sent from a phone"),
        ("EDIT\nHalf past six is fine.", Command.EDIT, "Half past six is fine."),
        ("EDIT Half past six is fine.", Command.EDIT, "Half past six is fine."),
        ("Send her coat, please.", Command.NEW, "Send her coat, please."),
        ("Edit: it is at 4.", Command.EDIT, "it is at 4."),
    ],
)
def test_a_mail_is_read(words: str, command: Command, rest: str) -> None:
    found = read_mail(words)
    assert (found.command, found.code, found.words) == (command, None, rest)


@given(st.text(), st.text())
def test_reading_never_raises_and_codes_are_short(words: str, secret: str) -> None:
    read_text(words)
    read_mail(words)
    assert len(code_of(secret)) == 4
    assert set(code_of(secret)) <= set(ALPHABET)


def test_what_no_reader_sees_does_not_leave() -> None:
    assert clean("six\u200b is\u2060 fine\ufeff\u202e\x07 \r\nok  \n") == "six is fine\nok"
    family = "\U0001f469\u200d\U0001f467"
    assert clean(f"see you {family}") == f"see you {family}"


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("Friday", "Re: Friday"), ("Re: Friday", "Re: Friday"), ("AW: Freitag", "AW: Freitag"), ("", "About the children"), (None, "About the children"), ("Pickup: Friday", "Re: Pickup: Friday")],
)  # fmt: skip
def test_the_subject_answers_theirs(theirs: str | None, ours: str) -> None:
    assert subject_of(theirs) == ours


def test_own_addresses_are_seen_in_any_spelling() -> None:
    private = ("dana@example.org", "+15005550002")
    assert own_words_in("write to Dana@Example.org", private) == ("dana@example.org",)
    assert own_words_in("call me on (500) 555-0002", private) == ("+15005550002",)
    assert own_words_in("six is fine", private) == ()


@pytest.mark.parametrize("held", ["", Moment(datetime(2026, 11, 28, 14, tzinfo=UTC), "America/Chicago")])
@pytest.mark.parametrize(("language", "send"), [("en", "SEND 4KQ7"), ("es", "ENVIAR 4KQ7")])
@pytest.mark.parametrize("words", ["ok", "Six is fine. " * 30, "\u017b\u00f3\u0142ty " * 40])
def test_the_question_by_text_fits_two_segments(words: str, language: str, send: str, held: Part) -> None:
    text = ask_text(texting(language), words, "4KQ7", ("It has more than one topic.",), held=held)
    assert segments(text) <= 2
    assert send in text


def test_the_question_by_mail_shows_what_would_go() -> None:
    text = ask_mail(speech("en"), "Six is fine.\nThanks.", To("Mark", "email"), ("No hour is named.",), files=True)
    assert "  Six is fine.\n  Thanks." in text
    assert "- No hour is named." in text
    assert "Pictures and files are not sent on." in text
    assert text.startswith("This goes to Mark by email when you answer SEND:\n\n")


def test_in_spanish_the_parents_own_words_and_quotations_stay() -> None:
    hint = "\u201cMon 30 Nov 2026\u201d: This explains why. You do not have to; the answer stands without it."
    text = ask_mail(speech("es"), "Update\nNothing new.", To("Nothing new.", "email"), (hint,), files=False)
    assert "  Update\n  Nothing new." in text
    assert "Esto va a Nothing new. por correo electrónico cuando respondas ENVIAR:" in text
    assert "- \u201cMon 30 Nov 2026\u201d: Esto explica por qué." in text


@pytest.mark.parametrize(
    ("words", "meant"),
    [("ENVIAR", Command.SEND), ("sí, envíalo por favor", Command.SEND), ("no enviar", Command.DROP), ("No lo envíes", Command.DROP),
     ("cancelar", Command.DROP), ("Enviar la chaqueta el lunes", Command.UNCLEAR), ("A las seis está bien", None)],
)  # fmt: skip
def test_commands_are_known_in_spanish(words: str, meant: Command | None) -> None:
    read = read_mail(words)
    assert (Command.SEND if read.command is Command.SEND else read.meant) is meant
    assert read_text(f"4KQ7 {words}").code == "4KQ7"


def test_new_words_stand_behind_the_spanish_command() -> None:
    assert read_text("4KQ7 EDITAR a las seis") == Written(Command.EDIT, "4KQ7", "a las seis")
    assert read_mail("EDITAR\nA las seis.") == Written(Command.EDIT, None, "A las seis.")
    assert read_text("4KQ7 cambiar la hora a las 5").words == "cambiar la hora a las 5"


def test_no_subject_of_ours_goes_to_the_other_side() -> None:
    ours = (
        "Re: Update, 3 items",
        "AW: re: Update, 1 item: Medical",
        "Update, 0 items",
        "Re: Please read now",
        "RE: Not sent yet",
        "Re: Held until the morning",
        *(
            f"Re: {one}"
            for one in (TEST_SUBJECT, PARENT_LINE, URGENT, SUBJECT, CONFIRM, SUBJECT_ASK, SUBJECT_REFUSED, SUBJECT_HELD)
        ),
        "Fwd: Lease of 12 Elm Street",
        "Re: Lease of 12 Elm Street",
        "Re: Fwd: Friday",
        "WG: Friday",
    )
    assert [own_subject(subject, {"friday"}) for subject in ours] == [""] * len(ours)
    assert [own_subject(s, {"Friday"}) for s in (None, "", "Re: Friday", "Update on Noah")] == [
        "",
        "",
        "Re: Friday",
        "Update on Noah",
    ]


@pytest.mark.parametrize(
    ("words", "number", "rest"),
    [
        ("2: yes", 2, "yes"),
        ("2. Yes, it is signed.", 2, "Yes, it is signed."),
        ("2) yes", 2, "yes"),
        ("No. 2: yes", 2, "yes"),
        ("#1: yes\nand thanks", 1, "yes\nand thanks"),
        ("2 - yes", 2, "yes"),
        ("2:30 works", None, "2:30 works"),
        ("2: 30 minutes", None, "2: 30 minutes"),
        ("2 works", None, "2 works"),
        ("4: yes", None, "4: yes"),
        ("Yes.\n2: no", None, "Yes.\n2: no"),
        ("yes", None, "yes"),
        ("", None, ""),
    ],
)
def test_a_number_of_a_digest_is_read(words: str, number: int | None, rest: str) -> None:
    assert read_number(words, 3) == Numbered(number, rest)


def test_several_numbers_are_seen() -> None:
    assert read_number("1: yes\n2: no", 3).several
    assert not read_number("1: yes\n1: and more", 3).several


@given(st.text(max_size=60), st.integers(2, 99))
def test_reading_a_number_loses_no_words(words: str, most: int) -> None:
    found = read_number(words, most)
    assert found.words in words


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("mail", [True, False])
@pytest.mark.parametrize("lane", [Lane.FACTS, Lane.DANGER])
def test_every_line_of_ours_in_a_card_is_known_again(mail: bool, lane: Lane, language: str) -> None:
    """A mail program that quotes without a mark must not carry our lines to the other side."""
    heading = "Update from Mark" if lane is Lane.FACTS else "A message from Mark needs your attention"
    card = Card(lane, heading, "Mark", "email", "Thu 26 Nov 2026, 12:00 pm (UTC-06:00)")
    ask = Ask("https://relay.example.org/alarm/x", "https://relay.example.org/numbers/x")
    answer = how_to_answer("ask", "Mark")
    written = letter(card, "https://relay.example.org/card/x", ask=ask, answer=answer, language=language)
    text = written.text if mail else LexborHTMLParser(written.html).body.text(separator="\n")
    first = speech(language).text(heading)
    others = {
        "en": ("You can answer this mail", "When you have read this", "Open"),
        "es": ("Puedes responder a este correo", "Cuando lo leas", "Abrir"),
    }
    for line in (first, *others[language]):
        found = [words for words in text.split("\n") if words.strip().startswith(line)]
        assert found, line
        assert all(map(holds_card, found)), found


def test_no_subject_of_ours_in_spanish_goes_to_the_other_side() -> None:
    ours = (
        "Re: Novedad, 3 asuntos",
        "RE: Novedad, 1 asunto: Salud",
        "Re: Por favor, lee ahora",
        "Todavía no se envió",
        "Prueba, responde por favor",
    )
    assert [own_subject(subject) for subject in ours] == [""] * len(ours)
    assert own_subject("Novedades de la escuela") == "Novedades de la escuela"
