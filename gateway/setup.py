"""`breakwater init`: from answers in plain words to a settings file that a person can read, keys and a database."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from jinja2 import Environment, StrictUndefined

from gateway import setup_questions
from gateway.errors import SettingsError, UserError
from gateway.family import normal_email, normal_phone
from gateway.family.country import country_code
from gateway.family.people import normal_zone
from gateway.settings import FILE_NAME, Settings, load
from gateway.setup_questions import Question, child_addresses, choose, one_of
from gateway.store import Store

Ask = Callable[[Question], str]
LIMITS = (
    "Breakwater is not an emergency service. It calls nobody, it can fail, and it can miss a danger. In danger, call the emergency "
    "number. Try the alarms once everything runs: breakwater alarm test"
)
"""Said to whoever sets it up, before anybody relies on it."""


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

TEMPLATE = """\
# Breakwater settings. Every line can be changed by hand; `breakwater doctor` checks the file.
#
# Breakwater is not an emergency service. It calls nobody, it can fail, and it can miss a danger. In danger, call the
# emergency number. Try the alarms once everything runs: breakwater alarm test

[server]
data = "data"                            # database, messages and keys, beside this file
host_name = {{ relay_domain | text }}
smtp_listen = "127.0.0.1:2525"           # where the other parent's mail arrives (port 25 on a real host)
web_listen = "127.0.0.1:8025"            # behind a web server with TLS
public_url = "http://127.0.0.1:8025"     # the address that browsers and Twilio use

[mail_out]                               # the server that takes our mail
host = "127.0.0.1"
port = 25
security = "starttls"                    # starttls, tls or none
dkim_domain = {{ relay_domain | text }}
dkim_selector = "breakwater"
dkim_key = "data/dkim.pem"

[senders]                                # who a mail is really from
check = true                             # by SPF, DKIM and ARC; what nothing vouches for waits for your look
trusted_servers = []                     # mail servers whose Authentication-Results count, as mx.example.org
trusted_forwarders = []                  # domains that forward mail to you and seal it (ARC)

# [scanner]                              # ClamAV, for attachments; without it nothing is scanned
# clamd = "/run/clamav/clamd.ctl"        # its socket, or host:port

# [twilio]                               # for texts and calls; the token may come from BREAKWATER_TWILIO__AUTH_TOKEN
# account_sid = "AC..."
# auth_token = "..."

# [heartbeat]                            # a sign of life for whoever watches from outside; see the operators' guide
# url = "https://watch.example.org/ping/..."
# file = "heartbeat"

[texts]
wait_seconds = 120                       # texts sent within this time are read together; danger never waits; 0: each alone
reconcile_minutes = 60                   # how often the carrier is asked for texts that never came; 0: never

[caps]                                   # danger, emergencies and court papers are never held up by a cap
# price_per_segment = 0.0083             # what one segment of a text costs you
[caps.family]                            # for each family; at a cap texts become emails, or wait
texts_per_hour = 60
texts_per_day = 200
emails_per_hour = 200
# money_per_month = 20.0                 # needs price_per_segment
# [caps.installation]                    # the same for all families together

# [voice]                                # what a caller hears; calls are never put through
# greeting = "Hello. Nobody can take your call on this number. You may leave a message after the tone."
# recording_notice = "Your message is recorded, written down by a machine, and kept. If you do not agree to that, please hang up now."

[[family]]
key = {{ key | text }}
time_zone = {{ time_zone | text }}
dates = {{ dates | text }}               # month first: 3/4 is March 4th; day first: 3/4 is April 3rd
currency = {{ currency | text }}
{% if country %}
country = {{ country | text }}           # whose helplines come first
{% endif %}
relay_email = {{ relay_email | text }}   # give this address to the other parent
{% if relay_phone %}
relay_phone = {{ relay_phone | text }}
{% endif %}
cards_by = ["email"]                     # email, sms
deliver = {{ deliver }}                  # "at once", or hours; danger, emergencies and court papers never wait
quiet_notice = false                     # true: a chosen hour with nothing says so
subject = "neutral"                      # "topics": the subject names them, never a person or a quote
calendar = "neutral"                     # dates come as a calendar file; "words": with the exact words; "off": none
# pause = [{ from = 2026-12-20, to = 2026-12-27 }]  # vacation: only what is due, danger and court papers come through
# hold_until = 2026-12-14T17:00:00       # a court day: the rest comes then
# hard_days = [2026-12-24]               # on these days once, in the evening
contact = {{ contact | text }}           # modified-contact, no-contact or archive-only; a change is logged and told to you
archive = "whole"                        # in archive-only: whole (each message goes on as it is) or keep
count_every = "never"                    # week or month: in no-contact and archive-only, how many messages were kept
replies = {{ replies | text }}           # ask, on or off: what you write to the relay
answer_hours = {{ answer_hours }}        # by when a question is taken to want its answer
voicemail = {{ voicemail | text }}       # record or off
child_kept_days = 6                      # how long a child's message stays here after your mail host took it, in case it comes back

[family.receipt]                         # what the other parent is told: silent, neutral or full; once a day at most
kind = {{ receipt | text }}
{% if receipt_hours %}
answer_hours = {{ receipt_hours }}       # your own promise; it is left out while an older question is overdue
{% endif %}

[family.order]                           # what you answered; not legal advice
there_is = {{ order.there_is | text }}   # yes, no, not sure
app = {{ order.app | text }}             # the app that it names for messages
no_contact = {{ order.no_contact | text }}  # none, protects me, protects them, both, not sure
recording = {{ order.recording | text }} # may calls be recorded where you both live?
{% if order.answer_hours %}
answer_hours = {{ order.answer_hours }}
{% endif %}
# cleared = 2026-12-01                   # the day on which a lawyer said that other settings may be used

[family.parent]
name = {{ parent_name | text }}
emails = [{{ parent_email | text }}]
{% if parent_phone %}
phones = [{{ parent_phone | text }}]
{% endif %}

[family.coparent]
name = {{ coparent_name | text }}
emails = [{{ coparent_email | text }}]
{% if coparent_phone %}
phones = [{{ coparent_phone | text }}]
{% endif %}

{% for child in children %}
[[family.child]]
name = {{ child.name | text }}
nicknames = {{ child.nicknames | text }}
{% if child.emails %}
emails = {{ child.emails | text }}       # the child's own: handed over whole, not kept
{% endif %}
{% if child.phones %}
phones = {{ child.phones | text }}
{% endif %}

{% endfor %}
{% if safety_name %}
[[family.person]]
name = {{ safety_name | text }}
role = "safety contact"
emails = [{{ safety_email | text }}]

{% endif %}
# [[family.person]]                      # whose mail comes whole: teacher, doctor, lawyer, court, social worker
# name = "Oak School"
# role = "professional"                  # or lawyer; relative and partner are sorted like the other parent
# domains = ["oakschool.example.org"]    # every proved address there; or emails = ["office@oakschool.example.org"]
[family.coach]                           # it looks at your answers before they go; it suggests, you decide
tone = "grey"                            # grey: bare facts; yellow: with a please and a thank you
hold_heated = false                      # true: a heated answer that is not urgent waits until the morning

[family.coach.private]                   # words that should stand in no answer; you are told when one does
home = []                                # your street, your town
work = []                                # where you work
people = []                              # a new partner, a friend
other = []                               # anything else

[family.topics]                          # now, digest, reviewer or withhold; a child's health and safety always come

[family.alarms]                          # what happens while nobody says that they have read an alarm
repeat_minutes = [10, 30, 60]            # it comes again, to the safety contact too
hourly = 12                              # then so many times, once an hour; danger not at night
# danger_by_night = true                 # the hourly ones of danger at night too, as an emergency's
# also = ["Ruth"]                        # who else of your [[family.person]] is told in the end
test = "monthly"                         # weekly, monthly or off: a test alarm at your hours
outage_minutes = 20                      # a way that fails so long is told over another

# [family.mailbox]                       # no mail server of your own? Then the relay address is an account at a provider
# host = "imap.example.org"
# username = {{ relay_email | text }}
# secret_file = "mailbox.secret"         # a file with the app password alone; or: secret_env = "MAILBOX_SECRET"
# folders = ["INBOX", "Junk"]
# [family.mailbox.submission]            # our mail goes out through the same account
# host = "smtp.example.org"
"""


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


def create(directory: Path, answers: Mapping[str, str]) -> Made:
    """Write settings, keys and database. Never overwrites. Raises UserError, SettingsError."""
    file = directory / FILE_NAME
    if file.exists():
        raise UserError(f"{file} exists already; nothing was changed. Choose another folder, or edit that file.")
    directory.mkdir(parents=True, exist_ok=True)
    text = render(answers)
    file.touch(mode=0o600)  # addresses stand in it, and later the carrier's token
    file.write_text(text, encoding="utf8")
    try:
        settings = load(directory)
        settings.data.mkdir(parents=True, exist_ok=True)
        settings.data.chmod(0o700)
        record = make_dkim_key(settings.data / "dkim.pem")
        store = Store(settings.database_url)
        store.migrate()
        store.close()
    except SettingsError:
        file.unlink()
        raise
    chosen = choose(answers, json.loads(read_hours(answers["deliver"])))
    return Made(file, (_dns_name(settings), record), chosen.notes)


def render(answers: Mapping[str, str]) -> str:
    """The settings file as text."""
    environment = Environment(  # noqa: S701 (TOML)
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    environment.filters["text"] = lambda value: json.dumps(value, ensure_ascii=False)
    children = read_children(answers["children"])
    own = child_addresses(answers["child_addresses"], [str(child["name"]) for child in children])
    deliver = read_hours(answers["deliver"])
    chosen = choose(answers, json.loads(deliver))
    values = {
        **answers,
        **chosen.values,
        "order": chosen.order,
        "children": [child | {"emails": [], "phones": []} | own.get(str(child["name"]), {}) for child in children],
        "deliver": json.dumps(chosen.values.get("deliver", json.loads(deliver))),
        "key": _key(answers["children"]),
        "relay_domain": normal_email(answers["relay_email"]).rpartition("@")[2],
    }
    return environment.from_string(TEMPLATE).render(values)


def read_children(text: str) -> list[dict[str, str | list[str]]]:
    """``Emma: Em, Emmy; Noah`` or ``Emma, Noah`` -> names with nicknames. Raises UserError."""
    parts = text.split(";") if (";" in text or ":" in text) else text.split(",")
    children: list[dict[str, str | list[str]]] = []
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


def _key(children: str) -> str:
    first: Sequence[str] = [c for c in children.lower() if c.isascii() and c.isalnum() or c == ":"]
    return "family-" + ("".join(first).split(":")[0][:20] or "one")
