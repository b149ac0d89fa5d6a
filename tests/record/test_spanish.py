"""A record in Spanish: every fixed word is, no word of a message is touched, and it is verified and made again like any other."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import UserError
from gateway.ledger.note import Key
from gateway.record.again import check_again
from gateway.record.exhibit import ISSUES, exhibit_of
from gateway.record.fixed import fixed_words
from gateway.record.items import Record, Style
from gateway.record.journal import journal_of
from gateway.record.make import Order, language_of, make
from gateway.record.pages import pages, starts
from gateway.record.papers import papers
from gateway.record.rebuilt import FILE, rebuilt
from gateway.record.speech import court, template_words
from gateway.record.transcript import transcript
from gateway.record.verifier.report import Report
from gateway.record.verifier.run import verify_bundle
from tests.record.conftest import NOW, Bundle
from tests.record.everything import everything
from tests.record.sample import World
from tests.record.test_bundle import pyz
from tests.record.test_pages import text_of

SPANISH = replace(everything(), language="es")
SAME = {"Original", "legal", "todos"}
"""Fixed words that are the same in both languages."""
THEIRS = re.compile(
    r"[\w.+-]+@[\w.-]+|native/\S+, [\d,]+ bytes, SHA-256 [0-9a-f]{64}|[\d,]+ bytes, SHA-256|[0-9a-f ]{16,}|rivera/\d+|America/Chicago"
)
"""What is no language: addresses, files, hashes, entries, zones."""
GAP = re.compile(r"{[^}]*}")


def documents(record: Record) -> list[dict[str, Any]]:
    return [
        transcript(record, Style.EW),
        exhibit_of(record, Style.PLAIN, tuple(ISSUES), prefix="X"),
        journal_of(record, Style.PLAIN, prefix="J"),
    ]


def pairs(one: Any, other: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Each text of two documents of one shape, with where it stands."""
    if isinstance(one, dict):
        assert one.keys() == other.keys() - ({"lang", "said"} if not path else set())
        for name in one:
            yield from pairs(one[name], other[name], (*path, name))
    elif isinstance(one, list | tuple) and not isinstance(other, str):
        both = [list(part) for part in (one, other)]
        if "runs" not in path:  # an accent makes a plain line one with runs
            assert len(both[0]) == len(both[1]), path
            for first, second in zip(*both, strict=True):
                yield from pairs(plain(first), plain(second), path)
    elif isinstance(one, str):
        yield path, one, plain(other)
    else:
        assert one == other, path


def plain(line: Any) -> Any:
    return "".join(run[1] for run in line["runs"]) if isinstance(line, dict) and "runs" in line else line


def test_nothing_that_is_printed_is_left_in_english_and_no_word_of_a_message_is_changed() -> None:
    theirs = {
        line
        for m in SPANISH.messages
        for words in (m.text, m.subject or "", *(p.text for p in m.passages))
        for line in words.split("\n")
    }
    theirs |= {
        "A fever.",
        "fever.png",
        "x-ray.png",
        "Mark Rivera",
        "Dana",
        "Ruth Hall",
        "Emma",
        "Emma, Noah",
        "rules 1.0; tagger 1.0",
        "45.50 USD",
    }
    theirs |= {"You are always late. … We were late again.", "Emma's dentist is Tuesday.", "Loser."}
    touched, left = [], []
    for english, spanish in zip(documents(everything()), documents(SPANISH), strict=True):
        for path, one, other in pairs(english, spanish):
            if path[0] in ("style", "prefix") or path[-1] in ("native", "hash", "entry", "sha256"):
                assert one == other
            elif one in theirs:
                touched += [(path, one, other)] if one != other else []
            elif one == other and re.search(r"[^\W\d_]{2}", THEIRS.sub("", one)) and one not in SAME:
                left.append((path, one))
    assert touched == []
    assert left == []


def test_every_fixed_word_is_said_otherwise_with_the_same_gaps() -> None:
    speak = court("es")
    words = fixed_words()
    assert set(template_words()) < set(words)
    assert len(words) > 180
    assert [
        w for w in words if speak.known(w) == w and re.search(r"[^\W\d_]{2}", GAP.sub("", w)) and not is_same(w)
    ] == []
    assert [w for w in words if sorted(GAP.findall(w)) != sorted(GAP.findall(speak.known(w)))] == []
    assert speak.template().keys() == set(template_words())
    assert court("en").template() == {}


def is_same(words: str) -> bool:
    return words in SAME or "SHA-256" in words


def test_the_pages_of_a_spanish_record_have_no_english_phrase_and_find_their_messages() -> None:
    values = transcript(SPANISH, Style.US)
    pdf = pages(values, NOW, fingerprint=SPANISH.fingerprint)
    assert b"/Lang (es)" in pdf or b"<dc:language>" in pdf
    text = " ".join(" ".join(text_of(pdf)).split())
    phrases = {piece.strip(" ;,.:") for w in fixed_words() for piece in GAP.split(w.rpartition("|")[2])}
    assert [p for p in phrases if " " in p and p in text and not is_same(p)] == []
    for said in (
        "Expediente de mensajes",
        "N.º 1, lun 5 ene 2026, 8:00 a. m. (UTC-06:00)",
        "Enero de 2026",
        "Preguntas hechas",
        "página 1 de",
    ):
        assert said.lower() in text.lower().replace("\xa0", " "), said
    assert "Emma's dentist is Tuesday." in text
    assert set(starts(pdf)[0]) == {m.number for m in SPANISH.messages}
    sent = next(m for m in values["messages"] if m["brief"])
    assert sent["direction"] == values["said"].get("sent", "enviado") == "enviado"
    assert text.count("Lo enviado") == sum(m["brief"] for m in values["messages"])


@pytest.mark.parametrize("originals", [False, True])
def test_the_papers_are_in_spanish_and_a_draft_to_be_signed_in_the_language_of_its_court(originals: bool) -> None:
    key = Key("relay.example.org/rivera", bytes(32))
    english = papers(everything(), key, [], originals_only=originals)
    spanish = papers(SPANISH, key, [], originals_only=originals)
    assert english.keys() == spanish.keys()
    for name, text in spanish.items():
        if name == "SPECIFICATION.md":
            assert text == english[name]
        elif name.startswith("declaration-"):
            assert text.endswith(english[name]), name
            assert "no es asesoría legal" in text
            assert text.count(key.fingerprint) == 2, name
        else:
            assert not re.search(r"\b(?:the|of|and|which|was)\b", re.sub(r"`[^`]*`|«[^»]*»", "", text)), name
    if not originals:
        assert "902(13) y 902(14)" in spanish["declaration-us.md"]
        assert "28 U.S.C. § 1746" in spanish["declaration-us.md"]


def test_a_spanish_record_is_exported_verified_and_made_again(world: World, tmp_path: Path) -> None:
    target = tmp_path / "registro"
    make(world.folder, target, Order(language="es", exhibit=("medical",), until="2026-01-31"), NOW)
    key = Key.read((target / "data" / "log" / "key.txt").read_text())
    report = verify_bundle(target, key.fingerprint, None)
    check_again(target / "data", report)
    assert report.failures == 0, report.text()
    assert "made again" in report.text()
    assert pyz(target, str(target), "--key", key.fingerprint).returncode == 0
    assert rebuilt(target / "data", key.fingerprint)[0].language == "es"
    said = json.loads((target / "data" / FILE).read_text(encoding="utf8"))
    assert "Expediente de mensajes" in text_of((target / "data" / "transcript.pdf").read_bytes())[0]
    assert "# Extracto de un expediente" in (target / "data" / "README.md").read_text()
    for other in ({k: v for k, v in said.items() if k != "language"}, said | {"language": "xx"}):
        (target / "data" / FILE).write_text(json.dumps(other), encoding="utf8")
        again = Report()
        check_again(target / "data", again)
        assert again.failures, "the pages are in another language than record.json says"


def test_a_bundle_that_names_no_language_is_in_english(bundle: Bundle) -> None:
    assert "language" not in json.loads((bundle.data / FILE).read_text(encoding="utf8"))
    assert rebuilt(bundle.data, bundle.made.fingerprint)[0].language == "en"


def test_the_familys_language_is_the_records_unless_another_is_named(world: World) -> None:
    spanish = world.family.model_copy(update={"language": "es"})
    assert [language_of(value, spanish) for value in ("", "en", " ES ")] == ["es", "en", "es"]
    assert language_of("", world.family) == "en"
    with pytest.raises(UserError, match="--language: found 'fr'; should be en or es"):
        language_of("fr", spanish)
