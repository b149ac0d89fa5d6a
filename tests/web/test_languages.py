"""The languages of the pages: everything has its words in each, times read as people write them, and nothing English is left over."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType

import jinja2
import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import func, select

import gateway
from gateway.accounts import Role
from gateway.attachments.settle import said_of
from gateway.delivery.alarms import ROUND_PARENT as COMPOSED
from gateway.delivery.gsm import is_gsm
from gateway.language import LANGUAGES, SOURCE, Day, Moment, catalogue, joined, speech, texting
from gateway.language import said as said_
from gateway.store.tables import AccountRow
from gateway.web import site, source
from tests.e2e.world import Sample, World
from tests.web.visiting import Browser, account

ROOT = Path(__file__).parents[2]
OTHERS = [language for language in LANGUAGES if language != SOURCE]
GAP = re.compile(r"%\(\w+\)s")
TAG = re.compile(r"<[^>]*>")
EXCEPTIONS = {"SHA-256", "README.md", "findahelpline.com"}
"""What is the same in every language."""
PIECE = re.compile(r"""(?:[\w-]+="[^"]*"?\s*|selected|checked|"?>?)+""")
"""Of a tag that stands in a macro or block."""
ATTRIBUTES = re.compile(r'\b(?:alt|title|aria-label|placeholder)="([^"]*)"')


@pytest.fixture(scope="module")
def ids() -> set[tuple[str | None, str | tuple[str, ...]]]:
    """Every text of templates and program with its context, as `make messages` finds them."""
    with (ROOT / "babel.cfg").open(encoding="utf8") as file:
        methods, options = parse_mapping_cfg(file, "babel.cfg")
    return {(found[4], found[2]) for found in extract_from_dir(str(ROOT), methods, options)}


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_translated(language: str, ids: set[tuple[str | None, str | tuple[str, ...]]]) -> None:
    assert len(ids) > 1000
    known = {(message.context, message.id): message for message in catalogue(language) if message.id}
    assert sorted(map(str, ids - known.keys())) == [], "make messages, and translate what is new"
    assert sorted(map(str, known.keys() - ids)) == [], "make messages: these are nowhere any more"
    empty = [m.id for m in known.values() if not all(_forms(m))]
    assert empty == []
    assert not [m.id for m in known.values() if m.fuzzy]


@pytest.mark.parametrize("language", OTHERS)
def test_gaps_and_markup_are_those_of_the_text(language: str) -> None:
    wrong = []
    for message in catalogue(language):
        if message.id:
            first, *rest = (message.id,) if isinstance(message.id, str) else message.id
            known = {(frozenset(GAP.findall(one)), tuple(TAG.findall(one)), one.count("%%")) for one in (first, *rest)}
            wrong += [
                one
                for one in _forms(message)
                if (frozenset(GAP.findall(one)), tuple(TAG.findall(one)), one.count("%%")) not in known
            ]
    assert wrong == []


def _forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def bare(text: str) -> Iterator[str]:
    """What a template says outside `_()` and trans: words between tags, and attributes that are read out."""
    text = re.sub(r"{%-?\s*trans\b.*?{%-?\s*endtrans\s*-?%}", "", text, flags=re.DOTALL)
    data = "\0".join(value for _, kind, value in jinja2.Environment(autoescape=True).lex(text) if kind == "data")
    shown = TAG.sub("\0", re.sub(r"<style>.*?</style>", "", data, flags=re.DOTALL))
    for words in (*shown.split("\0"), *ATTRIBUTES.findall(data)):
        words = re.sub(r"&\w+;", "", words).strip("\0 \n")
        if re.search(r"[^\W\d_]{2}", words) and words not in EXCEPTIONS and not PIECE.fullmatch(words):
            yield words


TEMPLATES = sorted(
    file for folder in ("site", "web", "email", ".") for file in (ROOT / "templates" / folder).glob("*.[ht][tx][mt]*")
)


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_no_template_says_anything_past_the_catalogue(file: Path) -> None:
    assert set(bare(file.read_text(encoding="utf8"))) == set()


def test_texts_lose_no_room_to_accents() -> None:
    bare = texting("es")
    said = [
        bare.catalogued(str(message.id))
        for message in catalogue("es")
        if message.id and isinstance(message.id, str) and message.context is None  # a record goes out in no text
    ]
    assert [words for words in said if not is_gsm(words)] == []
    assert "ñ" in "".join(said)
    assert texting("en") is speech("en")
    assert bare.say(said_(COMPOSED, name="José Ibáñez", at=Moment(MOMENT, "America/Chicago"))) == (
        "No se pudo avisar a José Ibáñez por la via de siempre."
    )
    assert bare.when(MOMENT + timedelta(days=2), "America/Chicago") == "sab 28 nov 2026, 6:05 p. m. (UTC-06:00)"


def spoken(module: ModuleType) -> Iterator[str]:
    """What a module says with `said`: constants, tables and their values, as far as they can be read off the call."""

    def texts(node: ast.expr) -> Iterator[str]:
        if isinstance(node, ast.Constant):
            yield str(node.value)
        elif isinstance(node, ast.IfExp):
            yield from (*texts(node.body), *texts(node.orelse))
        elif isinstance(node, ast.Subscript):
            yield from texts(node.value)
        elif isinstance(node, ast.Name | ast.Attribute):
            owner = (
                getattr(module, node.value.id, None)
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
                else module
            )
            value = getattr(owner, node.attr if isinstance(node, ast.Attribute) else node.id, "")
            yield from [value] if isinstance(value, str) else value.values() if isinstance(value, dict) else ()

    names = [name for name, value in vars(module).items() if value is said_]
    for node in ast.walk(ast.parse(inspect.getsource(module))) if names else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            yield from texts(node.args[0])


def test_whatever_is_said_stands_in_the_catalogue() -> None:
    modules = [
        import_module(found.name)
        for found in walk_packages(gateway.__path__, "gateway.")
        if ".migrations" not in found.name
    ]
    said = {(module.__name__, words) for module in modules for words in spoken(module)}
    assert len(said) > 120
    known = {str(message.id) for message in catalogue("es")}
    missing = [(name, words) for name, words in said if re.sub(r"{(\w+)}", r"%(\1)s", words) not in known]
    assert [one for one in missing if sum(c.isalpha() for c in re.sub(r"{\w+}", "", one[1]))] == []


def test_what_stands_in_a_gap_is_translated_only_where_it_is_ours() -> None:
    spanish = speech("es")
    note = said_(
        "A note to {name} could not be delivered{why}. Tell {name} yourself if you need them.", name="Update", why=""
    )
    assert spanish.say(note) == "Un aviso a Update no se pudo entregar. Avísale tú a Update si necesitas su ayuda."
    assert str(note) == speech("en").say(note)
    assert spanish.say(joined(said_("Update"), "Update", "", by=" | ")) == "Novedad | Update"
    assert spanish.say("Thu 26 Nov 2026") == "Thu 26 Nov 2026"
    assert spanish.say(Day(date(2026, 11, 28))) == "sáb 28 nov"
    assert speech("en").say(Day(date(2026, 11, 28))) == "Sat 28 Nov"


def test_what_is_made_of_several_texts_is_known_again() -> None:
    spanish = speech("es")
    assert (
        spanish.text("the message could not be read; the tagger could not read it")
        == "no se pudo leer el mensaje; el clasificador no pudo leerlo"
    )
    assert (
        spanish.text("the folders cannot be listed (TimeoutError)") == "no se pueden listar las carpetas (TimeoutError)"
    )
    assert spanish.text("No rule was sure.") == "Ninguna regla estaba segura."


@pytest.mark.parametrize(
    ("line", "words"),
    [("Picture “Mark.jpg”, 34 kB", "Imagen “Mark.jpg”, 34 kB"), ("PDF document, 1.2 MB", "Documento PDF, 1.2 MB"),
     ("Program, 5 kB; held: it is a program", "Programa, 5 kB; en espera: es un programa"), ("Picture, still being fetched", "Imagen, todavía se está trayendo"),
     ("Picture “held: it is a program”, 3 kB", "Imagen “held: it is a program”, 3 kB"),
     ("File, 1 kB; held: its kind is not known here (see the whole message)", "Archivo, 1 kB; en espera: su tipo no se conoce aquí (mira el mensaje entero)"),
     ("something else, of another day", "something else, of another day")],
)  # fmt: skip
def test_a_line_about_a_file_keeps_its_name(line: str, words: str) -> None:
    assert said_of(line, speech("es")) == words
    assert said_of(line, speech("en")) == line


def test_what_is_found_bare() -> None:
    assert set(bare('<p title="Name">{{ _("Hello") }} there{% trans %}you{% endtrans %}</p><dt>SHA-256</dt>')) == {
        "there",
        "Name",
    }


MOMENT = datetime(2026, 11, 27, 0, 5, tzinfo=UTC)


def test_times_are_those_of_the_language() -> None:
    english, spanish = speech("en"), speech("es")
    assert english.when(MOMENT, "America/Chicago") == "Thu 26 Nov 2026, 6:05 pm (UTC-06:00)"
    assert spanish.when(MOMENT, "America/Chicago") == "jue 26 nov 2026, 6:05 p.\xa0m. (UTC-06:00)"
    assert spanish.hour(MOMENT, "America/Chicago") == "6:05 p.\xa0m. (UTC-06:00)"
    assert spanish.hour(MOMENT, "Europe/Madrid") == "1:05 a.\xa0m. (UTC+01:00)"
    assert spanish.day(date(2026, 11, 26)) == "jueves 26 de noviembre de 2026"
    assert english.day(date(2026, 11, 26)) == "Thursday 26 November 2026"
    assert spanish.text("Fri 27 Nov 2026") == "vie 27 nov 2026"


def test_sentences_with_gaps_are_known_again() -> None:
    spanish = speech("es")
    assert spanish.text("Update from Mark") == "Novedad de Mark"
    assert spanish.text("Update from someone not on your list") == "Novedad de alguien que no está en tu lista"
    assert spanish.text("Please write three capital letters, such as USD, GBP or EUR.") == (
        "Escribe, por favor: tres letras mayúsculas, por ejemplo USD, GBP o EUR."
    )
    assert spanish.text("Sent Thu 26 Nov 2026, 6:05 pm (UTC-06:00), by email, delivered") == (
        "Enviado jue 26 nov 2026, 6:05 p.\xa0m. (UTC-06:00), por correo electrónico, entregado"
    )
    assert spanish.text("Words that are nobody's") == "Words that are nobody's"


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_texts_of_the_catalogue_hold_markup(language: str) -> None:
    made = site.environment(language).from_string("{{ _(said) }}|{% trans n=said %}note {{ n }}{% endtrans %}")
    shown = made.render(said="<b>100 %</b>")
    assert "<b>" not in shown
    assert shown.count("&lt;b&gt;100 %&lt;/b&gt;") == 2


@pytest.mark.parametrize(
    ("accepts", "language"),
    [("es-MX,es;q=0.9,en;q=0.8", "es"), ("en-US,en;q=0.9,es;q=0.8", "en"), ("en;q=0.3, es-419;q=0.7", "es"), ("fr, es;q=0.5, en;q=0.4", "es"),
     ("es;q=0, en", "en"), ("de-DE,de", "en"), ("", "en"), ("es;q=wrong, en", "en"), ("*", "en")],
)  # fmt: skip
def test_the_language_of_somebody_unknown_is_the_one_they_want_most(accepts: str, language: str) -> None:
    assert source.language_of(accepts) == language


def test_before_signing_in_the_browser_says_the_language(world: World, parent: Browser) -> None:
    invitation = f"/invited/{account(world.store, world.settings.families[0])}"
    for path, words in (("/sign-in", "Entrar"), ("/away", "Página nueva"), (invitation, "Te damos la bienvenida")):
        answer = parent.http.get(path, headers={"Accept-Language": "es-MX,es;q=0.9"})
        assert '<html lang="es">' in answer.text
        assert words in answer.text
        assert '<html lang="en">' in parent.http.get(path, headers={"Accept-Language": "en"}).text


def spanish(world: World, browser: Browser) -> Browser:
    """With the language chosen on the account page."""
    answer = browser.send("/account", "/account#choices", button="act=choices", language="es")
    assert answer.status_code == 200
    assert '<html lang="es">' in answer.text
    return browser


WORDS = re.compile(
    r"\b(?:the|and|your|you|this|that|with|from|which|what|when|where|nothing|none|not|all|show|open|save|message|messages|kept|back|sent|"
    r"until|hours|day|days|children|child|other|parent|words|record|rules|today|answer|questions?|name|address|passwords?|change|sorted)\b",
    re.IGNORECASE,
)


def english_left(page: LexborHTMLParser, *ours: str) -> set[str]:
    """English words on a page beside what somebody wrote and what a parent named."""
    for node in page.css("blockquote, textarea, script, code, pre, bdi, mark"):
        node.decompose()
    assert page.body is not None
    text = page.body.text(separator="\n")
    for word in ours:
        text = text.replace(word, "")
    return set(WORDS.findall(text))


def test_every_room_is_spanish(world: World, parent: Browser, enter: Callable[[Role], Browser]) -> None:
    world.send(
        Sample("swim", "email", "Emma has her swim class on Friday at 5pm. Can you bring her goggles?\n", "Swim")
    )
    world.settle()
    spanish(world, parent)
    paths = [
        "/", "/questions", "/unsorted", "/calendar", "/calendar?view=month", "/expenses", "/journal", "/journal/write", "/rules", "/rules/try",
        "/record", "/record/ask", "/vault", "/patterns", "/settings", "/settings/tests", "/people", "/account", "/account/password",
        "/account/code", "/account/recovery", "/account/passkeys", *(f"/settings/of/{key}" for key in ("hours", "quiet", "receipt", "contact", "answers", "alarms")),
    ]  # fmt: skip
    left = {}
    for path in paths:
        page = parent.page(path)
        assert page.root is not None
        assert page.root.attributes["lang"] == "es", path
        if found := english_left(page, "at once", "Somebody, parent", f"parent {world.settings.families[0].key}"):
            left[path] = found
    assert left == {}
    operator = spanish(world, enter(Role.OPERATOR))
    assert english_left(operator.page("/operator"), "Somebody, operator") == set()


def test_what_somebody_wrote_stays_as_it_was(world: World, parent: Browser) -> None:
    world.send(Sample("swim", "email", "Emma has her swim class on Friday at 5pm.\n", "Swim"))
    world.settle()
    spanish(world, parent)
    page = parent.page("/")
    assert any("Emma has her swim class on Friday at 5pm" in node.text() for node in page.css("blockquote"))
    assert page.html is not None
    assert "Nada espera una respuesta." in page.html
    with world.store.read() as session:
        assert session.scalar(select(func.count(AccountRow.id)).where(AccountRow.language == "es")) == 1
