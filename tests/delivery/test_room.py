"""Our own words by text take no more room in another language than two segments, or than they take in English."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import pytest

from gateway.delivery import alarms
from gateway.delivery.alarms import CONTACT, FURTHER, PARENT, Call
from gateway.delivery.card import Card, Item
from gateway.delivery.compose import SMS_SEGMENTS, Ask, text_message
from gateway.delivery.digest import Piece, digest
from gateway.delivery.digest import text_message as digest_message
from gateway.delivery.gsm import is_gsm, segments
from gateway.demo.sample import family
from gateway.family import Family
from gateway.language import LANGUAGES, Moment, Part, said, texting
from gateway.policy import Lane

SECRET = "A" * 43
LINK = f"https://relay.example.org/card/{SECRET}"
WHEN = Moment(datetime(2026, 11, 28, 23, 5, tzinfo=UTC), "America/Chicago")
VALUES: dict[str, Part] = {
    "name": "Alexandra", "who": "Alexandra", "link": LINK, "code": "482913", "relay": "+15005550001", "count": "12", "folder": "INBOX",
    "attempts": "12", "size": "40", "limit": "25", "why": "", "then": said("updates come by email"), "what": said("your text messages"),
    "how": said("a text from your number"), "whose": said("your account"), "device": said("Firefox on Windows"), "kind": "neutral",
    **dict.fromkeys(("at", "by", "since", "until", "when", "held", "written"), WHEN),
}  # fmt: skip
NOTES = {
    "gateway.alarms.acknowledge": "NOTED BY_CONTACT BY_OTHERS",
    "gateway.alarms.drill": "NOT_OVER NOT_ANSWERED",
    "gateway.accounts.news": "NEW NEW_OF_OTHER FAILED FAILED_CODES RECOVERED RESET",
    "gateway.contact_changes": "NOTE_CALLED_BACK",
    "gateway.counts": "WORDS",
    "gateway.delivery.destinations": "TEXT NEWS",
    "gateway.delivery.otherwise": "CARD ASK TO_THE_OTHER CONTACT NO_WAY NO_WAY_NOW",
    "gateway.delivery.returned": "CHILD_AGAIN CHILD_GONE",
    "gateway.delivery.spending": "MANY MONEY",
    "gateway.family.contact": "TOLD ARCHIVED",
    "gateway.intake.health": "WORDS AGAIN",
    "gateway.intake.remembered": "TOO_LARGE STUCK",
    "gateway.outages.silence": "WORDS",
    "gateway.outages.watch": "DOWN UP",
    "gateway.reply.letters": "REFUSED_TEXT LOCKED NO_WORDS NO_ADDRESS NO_PERSON TO_A_CHILD NOT_THEIRS ONE_AT_A_TIME TWO_CODES SEND_ALONE DROPPED "
    "NO_DRAFT",
}
OTHERS = [language for language in LANGUAGES if language != "en"]


def texts() -> list[str]:
    found: list[str] = []
    for module, names in NOTES.items():
        for name in names.split():
            value: Any = getattr(import_module(module), name)
            found += [value] if isinstance(value, str) else list(value.values())
    return found


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("words", texts())
def test_a_note_has_room(words: str, language: str) -> None:
    values = {name: value for name, value in VALUES.items() if f"{{{name}}}" in words}
    there, english = (texting(one).say(said(words, **values)) for one in (language, "en"))
    assert there != english
    assert is_gsm(there)
    assert segments(there) <= max(SMS_SEGMENTS, segments(english)), there


@pytest.mark.parametrize("who", [PARENT, CONTACT, FURTHER])
@pytest.mark.parametrize("unreached", ["", PARENT, CONTACT])
def test_an_alarm_takes_a_segment_more_at_most(who: str, unreached: str) -> None:
    ask = Ask(f"https://relay.example.org/alarm/{SECRET}", f"https://relay.example.org/numbers/{SECRET}")
    call = Call(who, "Ruth", "sms", "+15005550009")
    there, english = (
        alarms.words(
            call, Family.model_validate(family() | {"language": one}), ask, again=True, unreached=unreached
        ).text
        for one in ("es", "en")
    )
    assert is_gsm(there)
    assert segments(there) <= segments(english) + 1
    assert segments(alarms.test_words(call, ask, "es").text) <= SMS_SEGMENTS


def card(*words: str, lane: Lane = Lane.FACTS, **more: Any) -> Card:
    items = tuple(Item(one, "School", "Emma", "2026-11-28", "Sat 28 Nov 2026", **more) for one in words)
    return Card(lane, "Update from Mark", "Mark", "email", "Thu 26 Nov 2026, 6:00 pm (UTC-06:00)", items)


@pytest.mark.parametrize(
    "words", ["Emma: bring boots", "Emma tiene inglés el sábado, así que llévala", "Zoë 🎂 " * 9, "x" * 280]
)
@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_card_and_a_digest_have_room_and_leave_the_words_alone(words: str, count: int) -> None:
    one = card(
        *[f"{words} {n}" for n in range(count)], asks=True, answer_by="2026-11-27", answer_line="Fri 27 Nov 2026"
    )
    for text in (
        text_message(one, LINK, "4KQ7", language="es"),
        digest_message(digest([Piece(one, LINK)] * 2, "Thu 26 Nov 2026", LINK), LINK, "4KQ7", language="es"),
    ):
        assert segments(text) <= SMS_SEGMENTS
        assert text.startswith(("Novedad de Mark: ", "Novedades: "))
        assert "Respuesta: 4KQ7" in text
        assert LINK in text or all(f"{words} {n}" in text for n in range(count))
        assert is_gsm(text) or any(not is_gsm(f"{words} {n}") and f"{words} {n}" in text for n in range(count))


def test_where_the_words_leave_the_alphabet_anyway_our_own_have_their_accents() -> None:
    text = text_message(card("Inglés a las 5 y después fútbol"), LINK, language="es")
    assert "[sáb 28 nov 2026]" in text
    assert "[sab 28 nov 2026]" in text_message(card("English at 5"), LINK, language="es")


@pytest.mark.parametrize("lane", [Lane.EMERGENCY, Lane.DANGER])
def test_an_urgent_card_by_text(lane: Lane) -> None:
    ask = Ask(f"https://relay.example.org/alarm/{SECRET}", f"https://relay.example.org/numbers/{SECRET}")
    text = text_message(card("Noah fell", lane=lane), LINK, ask=ask, language="es")
    assert is_gsm(text)
    assert segments(text) <= 4
    assert "Cuando lo leas, toca ahi o responde OK. Esto no es un servicio de emergencias. Números" not in text
    assert "Cuando lo leas, toca ahi o responde OK. Esto no es un servicio de emergencias. Numeros: https" in text
