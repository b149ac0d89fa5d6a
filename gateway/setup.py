"""`breakwater init`: from answers in plain words to a settings file that a person can read, keys and a database."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from jinja2 import Environment, StrictUndefined, Template

from gateway import setup_questions
from gateway.errors import SettingsError, UserError
from gateway.family import normal_email, normal_phone
from gateway.family.country import country_code
from gateway.family.people import normal_zone
from gateway.language import LANGUAGES, SOURCE
from gateway.settings import FILE_NAME, Settings, load
from gateway.setup_link import make_link
from gateway.setup_questions import Question, child_addresses, choose, one_of
from gateway.setup_template import FAMILY, SERVER
from gateway.store import opened

Ask = Callable[[Question], str]
LIMITS = (
    "Breakwater is not an emergency service. It calls nobody, it can fail, and it can miss a danger. In danger, call the emergency "
    "number. Try the alarms once everything runs: breakwater alarm test"
)
"""Said to whoever sets it up, before anybody relies on it."""
COPY = (
    "What is kept is sealed. Its master key is in data/master.key, and no backup holds it: print it with `breakwater keys show --dir "
    "{directory}` and keep it on paper or on another device, twice. Whoever loses it loses every message."
)
"""Said once the key is there."""

Child = dict[str, str | list[str]]
"""Of the settings file: name, nicknames, and where they are known pronouns, emails and phones."""
PUBLIC_URL = "http://127.0.0.1:8025"
DEFAULTS = {
    "language": SOURCE,
    "safety_email": "",
    "safety_phone": "",
    "archive": "whole",
    "count_every": "never",
    "tone": "grey",
}
"""Answers that init does not ask for."""


def _currency(value: str) -> None:
    if not (len(value) == 3 and value.isascii() and value.isalpha() and value.isupper()):
        raise ValueError("three letters such as USD")


QUESTIONS = (
    Question("parent_name", "--parent-name", "Your first name", "Dana"),
    Question("parent_email", "--parent-email", "Your own email address (the other parent never sees it)", "dana@example.org", normal_email),
    Question("parent_phone", "--parent-phone", "Your mobile number, if you want texts too", "+15550100123", normal_phone, needed=False),
    Question("coparent_name", "--coparent-name", "The other parent's first name", "Mark"),
    Question("coparent_email", "--coparent-email", "The email address that the other parent writes from", "mark@example.net", normal_email),
    Question("coparent_phone", "--coparent-phone", "The number that the other parent texts from", "+15550100999", normal_phone, needed=False),
    Question("children", "--child", "The children, with commas; nicknames behind a colon", "Emma: Em, Emmy; Noah", lambda value: read_children(value)),
    Question("time_zone", "--time-zone", "Your time zone", "America/Chicago", normal_zone),
    Question("language", "--language", "The language of your updates: en (English) or es (Spanish)", "en", one_of(*LANGUAGES), needed=False, default=SOURCE),
    Question("dates", "--dates", "Is 3/4 the 4th of March (month first) or the 3rd of April (day first)?", "month first", one_of("month first", "day first"), default="month first"),
    Question("currency", "--currency", "Your currency", "USD", _currency, default="USD"),
    Question("country", "--country", "Your country, for the numbers of helplines (two letters)", "US", country_code, needed=False, empty="that of your time zone"),
    Question("relay_email", "--relay-email", "The relay address that you give to the other parent", "family@relay.example.org", normal_email),
    Question("relay_phone", "--relay-phone", "The relay phone number (from Twilio), if any", "+15550100777", normal_phone, needed=False),
    Question("deliver", "--deliver", "When may updates reach you? 'at once', or hours such as 08:00, 18:00", "08:00, 18:00", lambda value: read_hours(value), default="at once"),
    Question("safety_name", "--safety-name", "Someone to call on if a message is dangerous (first name)", "Ruth", needed=False),
    Question("safety_email", "--safety-email", "Their email address", "ruth@example.org", normal_email, when=lambda said: bool(said.get("safety_name"))),
    *setup_questions.QUESTIONS,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Made:
    """What init wrote, and what is left to do."""

    file: Path
    dns: tuple[str, ...] = field(default=())
    notes: tuple[str, ...] = field(default=())


def gather(given: Mapping[str, str], ask: Ask | None) -> dict[str, str]:
    """All answers: from options, else by asking; `ask` is None where nobody can answer. Raises UserError."""
    answers: dict[str, str] = {}
    missing: list[str] = []
    wrong: list[str] = []
    for question in QUESTIONS:
        value = given.get(question.key, "").strip()
        if not value and ask is not None and question.when(answers):
            value = ask(question).strip()
        value = value or (question.default or "")
        if not value and question.needed and question.when(answers):
            missing.append(question.option)
        fault = question.fault(value) if value else ""
        if fault:
            wrong.append(f"{question.option}: {fault}")
        answers[question.key] = value
    if missing:
        wrong.append(f"still needed: {', '.join(missing)}. Give them as options, or run init where it can ask.")
    if wrong:
        raise UserError("\n".join(wrong))
    return answers


def asker(prompt: Callable[[str], str], say: Callable[[str], None]) -> Ask:
    """Asks at a keyboard: what cannot be used is asked again at once, so that no answer before it is lost."""

    def ask(question: Question) -> str:
        while True:
            value = prompt(f"{question.words} ({question.hint})").strip()
            fault = (
                question.fault(value)
                if value
                else "This is needed."
                if question.needed and not question.default
                else ""
            )
            if not fault:
                return value
            say(fault[:1].upper() + fault[1:])

    return ask


def create_for_pages(directory: Path, public_url: str, relay_domain: str, now: datetime) -> tuple[Made, str]:
    """Settings without a family, keys and database, and the link with which a family is set up in the pages. Where such settings
    are there already, only a new link is made, and the one before it is void. Raises UserError, SettingsError.
    """
    file, record = directory / FILE_NAME, ""
    if not file.exists():
        domain = _domain_of(public_url, relay_domain)
        directory.mkdir(parents=True, exist_ok=True)
        record = _write(file, server_text(domain, public_url.rstrip("/")))
    settings = load(directory)
    if settings.families:
        raise UserError(f"{file}: there is a family already; for who may sign in see: breakwater account --help")
    with opened(settings.database_url, settings.master) as store, store.write() as session:
        token = make_link(session, now)
    return Made(file, (_dns_name(settings), record)), f"{settings.server.public_url}/setup/{token}"


def _domain_of(public_url: str, relay_domain: str) -> str:
    """The domain of the relay addresses: as given, or the host of the pages. Raises UserError."""
    host = relay_domain.strip() or urlsplit(public_url).hostname or ""
    try:
        ip_address(host)
        return "localhost"
    except ValueError:
        pass
    try:
        return normal_email(f"family@{host}").rpartition("@")[2]
    except ValueError:
        raise UserError(f"--relay-domain: found {host!r}; should be a domain, such as relay.example.org") from None


def create(directory: Path, answers: Mapping[str, str]) -> Made:
    """Write settings, keys and database. Never overwrites. Raises UserError, SettingsError."""
    file = directory / FILE_NAME
    if file.exists():
        raise UserError(f"{file} exists already; nothing was changed. Choose another folder, or edit that file.")
    directory.mkdir(parents=True, exist_ok=True)
    record = _write(file, render(answers))
    settings = load(directory)
    chosen = choose(answers, json.loads(read_hours(answers["deliver"])))
    return Made(file, (_dns_name(settings), record), chosen.notes)


def _write(file: Path, text: str) -> str:
    """The settings file, the key and the database; the DNS record of the key. Raises SettingsError, and then nothing is left."""
    file.touch(mode=0o600)  # addresses stand in it, and later the carrier's token
    file.write_text(text, encoding="utf8")
    try:
        settings = load(file.parent)
        settings.data.mkdir(parents=True, exist_ok=True)
        settings.data.chmod(0o700)
        record = make_dkim_key(settings.data / "dkim.pem")
        with opened(settings.database_url, settings.master):
            return record
    except SettingsError:
        file.unlink()
        raise


def render(answers: Mapping[str, str]) -> str:
    """The settings file as text."""
    relay = normal_email(answers["relay_email"]).rpartition("@")[2]
    return f"{server_text(relay)}\n{family_text(answers, children_of(answers))}"


def server_text(relay_domain: str, public_url: str = PUBLIC_URL) -> str:
    """The part of the settings file that is about this machine."""
    return _template(SERVER).render(relay_domain=relay_domain, public_url=public_url)


def children_of(answers: Mapping[str, str]) -> list[Child]:
    """The children of the answers, with their own addresses. Raises UserError."""
    children = read_children(answers["children"])
    own = child_addresses(answers["child_addresses"], [str(child["name"]) for child in children])
    return [child | own.get(str(child["name"]), {}) for child in children]


def family_text(answers: Mapping[str, str], children: Sequence[Child], topics: Mapping[str, str] = {}) -> str:
    """The part of the settings file that is about the family. Raises UserError."""
    deliver = read_hours(answers["deliver"])
    chosen = choose(answers, json.loads(deliver))
    values = {
        **DEFAULTS,
        **{name: value for name, value in answers.items() if value or name not in DEFAULTS},
        **chosen.values,
        "order": chosen.order,
        "children": [{"pronouns": "", "emails": [], "phones": []} | child for child in children],
        "topics": topics,
        "deliver": json.dumps(chosen.values.get("deliver", json.loads(deliver))),
        "cards_by": [way.strip() for way in (answers.get("cards_by") or "email").split(",")],
        "quiet_notice": "true" if answers.get("quiet_notice") == "yes" else "false",
        "key": _key(str(children[0]["name"])),
    }
    return _template(FAMILY).render(values)


@functools.cache
def _template(text: str) -> Template:
    environment = Environment(  # noqa: S701 (TOML)
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    environment.filters["text"] = lambda value: json.dumps(value, ensure_ascii=False)
    return environment.from_string(text)


def read_children(text: str) -> list[Child]:
    """``Emma: Em, Emmy; Noah`` or ``Emma, Noah`` -> names with nicknames. Raises UserError."""
    parts = text.split(";") if (";" in text or ":" in text) else text.split(",")
    children: list[Child] = []
    for part in parts:
        name, _, nicknames = part.partition(":")
        if name.strip():
            children.append({"name": name.strip(), "nicknames": [n.strip() for n in nicknames.split(",") if n.strip()]})
    if not children:
        raise UserError("--child: no name found; write for example: Emma: Em, Emmy; Noah")
    return children


def read_hours(text: str) -> str:
    """``at once`` or ``08:00, 18:00`` -> TOML. Raises UserError."""
    if text.strip().lower() in ("at once", "now"):
        return '"at once"'
    hours = [h.strip() for h in text.replace(";", ",").split(",") if h.strip()]
    for hour in hours:
        left, colon, right = hour.partition(":")
        if not (
            colon and left.isdigit() and right.isdigit() and len(right) == 2 and int(left) < 24 and int(right) < 60
        ):
            raise UserError(f"--deliver: found {hour!r}; should be 'at once' or hours such as 08:00, 18:00")
    return json.dumps([hour.zfill(5) for hour in hours])


def make_dkim_key(file: Path) -> str:
    """A new 2048-bit RSA key (RFC 8301) in `file`, readable by its owner only; the DNS record that publishes it."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    file.touch(mode=0o600)
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()))
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return "v=DKIM1; k=rsa; p=" + "".join(public.strip().split("\n")[1:-1])


def _dns_name(settings: Settings) -> str:
    return f"{settings.mail_out.dkim_selector}._domainkey.{settings.mail_out.dkim_domain}"


def _key(child: str) -> str:
    signs = [c for c in child.lower() if c.isascii() and c.isalnum()]
    return "family-" + ("".join(signs)[:20] or "one")
