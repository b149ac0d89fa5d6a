"""The set-up interview of the pages: its steps, their fields, and what is wrong with an answer. Pure.

The answers are texts by field, kept as they were typed. A step fits when each of its fields does, and when the family that all
answers so far make can be read; where it cannot, the field is named without which it could. What `breakwater init` writes and
this are the same (gateway/setup.py): same checks, same demands of an order, same notes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal
from zoneinfo import ZoneInfo

from gateway.errors import UserError
from gateway.family import normal_email, normal_phone
from gateway.family.contact import TOLD, Contact
from gateway.family.country import country_code
from gateway.family.order import NOT_ADVICE
from gateway.family.people import PROTECTED_TOPICS
from gateway.family.receipt import RISKS
from gateway.family.said import CHOICES_SAID, TOPICS_SAID
from gateway.language import LANGUAGES, SOURCE
from gateway.setup import read_hours
from gateway.setup_questions import IMPERSONATION, hours

Kind = Literal["text", "email", "tel", "number", "select", "radio", "area"]
Answers = Mapping[str, str]
MOST_CHILDREN: Final = 10
LONGEST: Final = 500
NEEDED: Final = "Please fill this in."
ONE_OF: Final = "Please choose one of the list."
YES_NO: Final = (("no", "No"), ("yes", "Yes"), ("not sure", "I am not sure"))


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that is asked. `options`: value and words; `check` raises ValueError with what would be right."""

    key: str
    words: str
    kind: Kind = "text"
    hint: str = ""
    options: Sequence[tuple[str, str]] = ()
    needed: bool = False
    default: str = ""
    check: Callable[[str], object] | None = None
    complete: str = "off"


@dataclass(frozen=True, slots=True)
class Step:
    """One page of the interview."""

    key: str
    title: str
    intro: str
    fields: Sequence[Field]


def _zone(value: str) -> None:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError("a time zone name such as America/Chicago or Europe/London") from None


def _currency(value: str) -> None:
    if not (len(value) == 3 and value.isascii() and value.isalpha() and value.isupper()):
        raise ValueError("three capital letters, such as USD, GBP or EUR")


def _hours_of_day(value: str) -> None:
    try:
        read_hours(value)
    except UserError:
        raise ValueError("'at once', or hours such as 08:00, 18:00") from None


def one_name(value: str) -> None:
    """Raises ValueError for what is no name."""
    if not value.isprintable() or len(value) > 100:
        raise ValueError("a name on one line")


def names(value: str) -> None:
    """Raises ValueError where one of a list with commas is no name, such as one of signs that nobody sees."""
    for one in value.split(","):
        one_name(" ".join(one.split()))


def addresses(value: str) -> dict[str, list[str]]:
    """Emails and phones of a list with commas. Raises ValueError."""
    listed = [one.strip() for one in value.split(",") if one.strip()]
    return {
        "emails": [normal_email(one) for one in listed if "@" in one],
        "phones": [normal_phone(one) for one in listed if "@" not in one],
    }


def child_fields(number: int) -> tuple[Field, ...]:
    """Of the child in that row, from 1."""
    return (
        Field(f"child_{number}_name", "First name", needed=number == 1, check=one_name),
        Field(f"child_{number}_nicknames", "Nicknames, with commas", hint="Em, Emmy", check=names),
        Field(f"child_{number}_pronouns", "Is spoken of as", "select", options=(("", "not said"), ("she", "she"), ("he", "he"))),
        Field(f"child_{number}_addresses", "Own email address or number, with commas", hint="Leave empty for none.", check=addresses),
    )  # fmt: skip


CHILD_FIELDS: Final = tuple(field for number in range(1, MOST_CHILDREN + 1) for field in child_fields(number))
TOPIC_FIELDS: Final = tuple(
    Field(
        f"topic_{topic}", name, "select", what,
        tuple((c, words) for c, words in CHOICES_SAID.items() if not (c == "withhold" and topic in PROTECTED_TOPICS)),
        default="digest",
    )
    for topic, (name, what) in TOPICS_SAID.items()
    if topic != "emergency"
)  # fmt: skip
STEPS: Final = (
    Step("you", "You", "Who you are, and where your updates go. The other parent never sees your address or number.", (
        Field("parent_name", "Your first name", needed=True, check=one_name, complete="given-name"),
        Field("parent_email", "Your own email address", "email", "One that only you read.", needed=True, check=normal_email, complete="email"),
        Field("parent_phone", "Your mobile number, if you want texts too", "tel", "With the country code, such as +15550100123.", check=normal_phone, complete="tel"),
        Field("language", "Language of your updates", "radio", "Of mails, texts and alarms. What the other parent writes is never translated.", tuple(LANGUAGES.items()), default=SOURCE),
        Field("time_zone", "Your time zone", hint="Such as America/Chicago or Europe/London.", needed=True, check=_zone),
        Field("country", "Your country in two letters", hint="For the numbers of helplines. Leave it empty to take that of the time zone.", check=country_code),
        Field("currency", "Your currency", hint="Three letters, such as USD.", needed=True, default="USD", check=_currency),
        Field("dates", "3/4 is", "radio", options=(("month first", "the 4th of March"), ("day first", "the 3rd of April")), default="month first"),
    )),
    Step("other", "The other parent", "Where the other parent writes from, so that it is known who writes. Nothing is sent there now.", (
        Field("coparent_name", "The other parent’s first name", needed=True, check=one_name),
        Field("coparent_email", "The email address that they write from", "email", needed=True, check=normal_email),
        Field("coparent_phone", "The number that they text from", "tel", "With the country code. Leave it empty for none.", check=normal_phone),
    )),
    Step("children", "The children", f"Their names and nicknames, so that it is known whom a message is about. {IMPERSONATION}", CHILD_FIELDS),
    Step("order", "Orders", f"What a court or an agreement says about how you write to each other. What you answer here sets what is allowed. {NOT_ADVICE}", (
        Field("order", "Is there a court order or agreement about how you write to each other?", "radio", options=YES_NO, needed=True),
        Field("order_app", "Does it name an app for messages? Which?", hint="Such as OurFamilyWizard. Leave it empty for none."),
        Field("order_hours", "Does it say within how many hours you must answer?", "number", "Leave it empty if it does not.", check=hours),
        Field("no_contact", "Is there a no-contact or protective order?", "radio", options=(
            ("none", "No"), ("protects me", "Yes, it protects me"), ("protects them", "Yes, it protects the other parent"), ("both", "Yes, both ways"), ("not sure", "I am not sure"),
        ), needed=True),
    )),
    Step("channels", "Addresses for the other parent", "The other parent writes to a relay address, never to yours. Whoever runs this installation knows which one is yours.", (
        Field("relay_email", "The relay address that you give to the other parent", "email", needed=True, check=normal_email),
        Field("relay_phone", "The relay phone number, if there is one", "tel", "With the country code. Leave it empty for none.", check=normal_phone),
        Field("recording", "May a call be recorded where you both live?", "radio", "Only if there is a relay phone number. Some places want the consent of all.", YES_NO, default="not sure"),
        Field("cards_by", "Your updates come by", "radio", "Texts need your mobile number and a relay number.", (("email", "Email"), ("sms", "Text message"), ("email, sms", "Both")), default="email"),
    )),
    Step("hours", "Hours", "When updates may reach you. Danger, emergencies, court papers and what is due earlier never wait.", (
        Field("deliver", "When may updates reach you?", hint="“at once”, or hours such as 08:00, 18:00. One to three a day are easiest to live with.", needed=True, default="08:00, 18:00", check=_hours_of_day),
        Field("quiet_notice", "When there is nothing at one of your hours", "radio", options=(("no", "nothing comes"), ("yes", "a short note says so")), default="no"),
    )),
    Step("topics", "Topics", "What happens to news about the children. You can change this later, and see first what it would change. A child’s health, safety, school and handovers always come.", TOPIC_FIELDS),
    Step("safety", "Someone to call on", "Someone who is told when a message may be dangerous. They read no word of it. Ask them first.", (
        Field("safety_name", "Their first name", hint="Leave it empty for nobody.", check=one_name),
        Field("safety_email", "Their email address", "email", check=normal_email),
        Field("safety_phone", "Their mobile number", "tel", "With the country code.", check=normal_phone),
    )),
    Step("receipt", "What the other parent is told", "Whether an automatic answer goes to the other parent, at most once a day.", (
        Field("receipt", "They are told", "radio", options=tuple(RISKS.items()), default="silent"),
        Field("receipt_hours", "By when do you promise an answer about the children, in hours?", "number", "It stands in the answer only while you keep it. Leave it empty for no promise.", check=hours),
    )),
    Step("modes", "How much comes through", "You can change this later. Orders that you named before decide where they must.", (
        Field("contact", "From now on", "radio", options=tuple((str(c), words) for c, words in TOLD.items()), default=str(Contact.MODIFIED)),
        Field("archive", "If nothing is sorted", "radio", options=(("whole", "each message comes to you whole"), ("keep", "messages are only kept; danger, emergencies and legal mail still come")), default="whole"),
        Field("replies", "What you write to the relay", "radio", options=(("ask", "goes to the other parent after you were asked once more"), ("on", "goes to the other parent"), ("off", "goes to nobody")), default="ask"),
        Field("tone", "Answers that are suggested to you sound", "radio", options=(("grey", "like bare facts"), ("yellow", "friendly, with a please and a thank you")), default="grey"),
    )),
    Step("account", "Signing in", "A name and a password for these pages. Take words that the other parent does not know and cannot guess.", (
        Field("login", "Sign-in name", needed=True, complete="username"),
    )),
)  # fmt: skip
BY_KEY: Final = {step.key: step for step in STEPS}


def mistakes(step: Step, answers: Answers) -> dict[str, str]:
    """What is wrong with the fields of a step by themselves, as a sentence for each."""
    said = {field.key: mistake(field, value_of(field, answers), field.needed) for field in step.fields}
    found = {key: why for key, why in said.items() if why is not None}
    return found | _together(step, answers, found)


def mistake(field: Field, value: str, needed: bool, longest: int = LONGEST) -> str | None:
    """What is wrong with the value of one field by itself, as a sentence; None where it is right."""
    if not value:
        return (ONE_OF if field.kind in ("radio", "select") else NEEDED) if needed else None
    if field.options and value not in dict(field.options):
        return ONE_OF
    if len(value) > longest:
        return f"Please write at most {longest} signs."
    if field.check is not None:
        try:
            field.check(value)
        except ValueError as error:
            return f"Please write {error}."
    return None


def _together(step: Step, answers: Answers, found: Mapping[str, str]) -> dict[str, str]:
    """What does not go together within a step."""
    said: dict[str, str] = {}
    if step.key == "children":
        for number in range(1, MOST_CHILDREN + 1):
            rest = any(answers.get(f"child_{number}_{part}", "").strip() for part in ("nicknames", "addresses"))
            if rest and not answers.get(f"child_{number}_name", "").strip():
                said[f"child_{number}_name"] = "Please give the child’s name, or empty the row."
    ways = [answers.get(f"safety_{way}", "").strip() for way in ("email", "phone")]
    if step.key == "safety" and any(ways) != bool(answers.get("safety_name", "").strip()):
        key = "safety_name" if any(ways) else "safety_email"
        said[key] = "Please give both a name and an address or number, or neither."
    return {key: words for key, words in said.items() if key not in found}


def value_of(field: Field, answers: Answers) -> str:
    """What was answered, or the default where nothing was."""
    return " ".join(answers.get(field.key, "").split()) or field.default


def plain(answers: Answers) -> dict[str, str]:
    """All answers as `gateway.setup` takes them, with defaults; the children apart."""
    return {field.key: value_of(field, answers) for step in STEPS for field in step.fields}


def children(answers: Answers) -> list[dict[str, str | list[str]]]:
    """The children of the answers. Raises ValueError for an address that is none."""
    out: list[dict[str, str | list[str]]] = []
    for number in range(1, MOST_CHILDREN + 1):
        name, nicknames, pronouns, own = (value_of(field, answers) for field in child_fields(number))
        if name:
            listed = [one.strip() for one in nicknames.split(",") if one.strip()]
            out.append({"name": name, "nicknames": listed, "pronouns": pronouns, **addresses(own)})
    return out


def topics(answers: Answers) -> dict[str, str]:
    """The topics whose choice is another than the usual one."""
    chosen = {field.key.removeprefix("topic_"): value_of(field, answers) for field in TOPIC_FIELDS}
    return {topic: choice for topic, choice in chosen.items() if choice != "digest"}
