"""A family as it stands in the settings file: people, their dated addresses, zone, locale and choices."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from enum import StrEnum
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from gateway.family.alarms import AlarmChoices
from gateway.family.coaching import Coaching
from gateway.family.contact import Archive, Contact
from gateway.family.country import country_code, of_zone
from gateway.family.mailbox import Mailbox
from gateway.family.modes import Pause, check_apart
from gateway.family.order import Order, check_order
from gateway.family.receipt import Receipt
from gateway.family.vault import VaultChoices
from gateway.family.voices import check_voices, normal_domain
from gateway.language import Language
from gateway.tagging.facts.child import Child
from gateway.tagging.spans import CATEGORIES, TOPICS

PROTECTED_TOPICS = frozenset(
    {"medical", "emergency", "school", "schedule", "travel", "legal", "wellbeing", "documents", "contact"}
)
"""Topics that nobody can block: health, safety, school, handover, travel, legal (requirement 13)."""

LEAST_SIGNS, LONGEST_WORDS, MOST_WORDS = 2, 100, 200
TopicChoice = Literal["now", "digest", "reviewer", "withhold"]
"""At once, at the chosen hours (as without a choice), held for a look, or kept back."""


def normal_email(value: str) -> str:
    """Lower case, no angle brackets: the form in which addresses are compared. Raises ValueError."""
    text = value.strip().strip("<>").lower()
    if not re.fullmatch(r"[^@\s,;<>\x00-\x1f]+@[^@\s,;<>\x00-\x1f]+", text) or len(text) > 254:
        raise ValueError("an email address, such as dana@example.org")
    return text


def normal_phone(value: str) -> str:
    """E.164: a plus and 8 to 15 digits. Spaces, dots, dashes and brackets are dropped. Raises ValueError."""
    text = re.sub(r"[\s().-]", "", value)
    if not re.fullmatch(r"\+[1-9][0-9]{7,14}", text, re.ASCII):
        raise ValueError("a phone number with its country code, such as +15550100123")
    return text


def own_words(values: Sequence[str]) -> tuple[str, ...]:
    """The family's own words, each once. Raises ValueError: a rule of too few signs would speak of every message."""
    found = tuple(dict.fromkeys(" ".join(value.split()) for value in values))
    for value in found:
        if sum(c.isalnum() for c in value) < LEAST_SIGNS or not value.isprintable() or len(value) > LONGEST_WORDS:
            raise ValueError(
                f"words of at least {LEAST_SIGNS} letters or digits and at most {LONGEST_WORDS} signs, such as swimming badge "
                f"(found {value[:40]!r})"
            )
    if len(found) > MOST_WORDS:
        raise ValueError(f"at most {MOST_WORDS} words (found {len(found)})")
    return found


def normal_zone(value: str) -> str:
    """The name of an IANA time zone as it is. Raises ValueError with what would be right."""
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError("a time zone name such as America/Chicago or Europe/London") from None
    return value


def _plain_text_is_an_address(value: Any) -> Any:
    return {"address": value} if isinstance(value, str) else value


class Frozen(BaseModel):
    """Settings are never changed in place, and a key that nobody reads is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Address(Frozen):
    """One address of one person, with the days from and to which it was theirs (numbers get recycled)."""

    address: str
    since: date | None = None
    until: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the address was that person's on `day`."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


class Email(Address):
    """An email address."""

    @field_validator("address")
    @classmethod
    def _normal(cls, value: str) -> str:
        return normal_email(value)


class Phone(Address):
    """A phone number."""

    @field_validator("address")
    @classmethod
    def _normal(cls, value: str) -> str:
        return normal_phone(value)


class Role(StrEnum):
    """What somebody is to the family."""

    PARENT = "parent"
    COPARENT = "co-parent"
    SAFETY_CONTACT = "safety contact"
    REVIEWER = "reviewer"
    LAWYER = "lawyer"
    PROFESSIONAL = "professional"
    RELATIVE = "relative"
    PARTNER = "partner"
    CHILD = "child"
    OTHER = "other"


PROFESSIONALS = frozenset({Role.LAWYER, Role.PROFESSIONAL})
"""Whose mail comes through whole: lawyers, courts, agencies, teachers, doctors."""


TOLD = frozenset({Role.SAFETY_CONTACT, Role.REVIEWER})
"""Who is written to about the parent."""


class Person(Frozen):
    """A person with a name and addresses. `domains`: of a professional, whose every address there counts as theirs."""

    name: str = Field(min_length=1, max_length=200)
    role: Role = Role.OTHER
    emails: tuple[Annotated[Email, BeforeValidator(_plain_text_is_an_address)], ...] = ()
    phones: tuple[Annotated[Phone, BeforeValidator(_plain_text_is_an_address)], ...] = ()
    domains: tuple[Annotated[str, AfterValidator(normal_domain)], ...] = ()

    @field_validator("role")
    @classmethod
    def _children_stand_apart(cls, value: Role) -> Role:
        if value is Role.CHILD:
            raise ValueError(
                "another role; the addresses of a child stand in its own [[family.child]], as emails = [...]"
            )
        return value

    @property
    def is_professional(self) -> bool:
        """Whether what they write comes through whole."""
        return self.role in PROFESSIONALS

    def email_on(self, day: date) -> str | None:
        """The last listed email address that holds on `day`."""
        return next((a.address for a in reversed(self.emails) if a.holds_on(day)), None)

    def phone_on(self, day: date) -> str | None:
        """The last listed phone number that holds on `day`."""
        return next((a.address for a in reversed(self.phones) if a.holds_on(day)), None)

    def has(self, address: str, day: date) -> bool:
        """Whether the normalised `address` (email or phone) was theirs on `day`."""
        return any(a.address == address and a.holds_on(day) for a in (*self.emails, *self.phones))


class ChildOf(Frozen):
    """A child of the family. `emails`, `phones`: its own; what comes from there is handed over and not kept."""

    name: str = Field(min_length=1, max_length=100)
    nicknames: tuple[str, ...] = ()
    pronouns: Literal["she", "he"] | None = None
    emails: tuple[Annotated[Email, BeforeValidator(_plain_text_is_an_address)], ...] = ()
    phones: tuple[Annotated[Phone, BeforeValidator(_plain_text_is_an_address)], ...] = ()

    def has(self, address: str, day: date) -> bool:
        """Whether the normalised `address` was the child's on `day`."""
        return any(a.address == address and a.holds_on(day) for a in (*self.emails, *self.phones))


class Family(Frozen):
    """Everything that the gateway knows of one family. `language`: in which the parent and the safety contacts are written to."""

    key: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    time_zone: Annotated[str, AfterValidator(normal_zone)]
    dates: Literal["month first", "day first"] = "month first"
    language: Language = "en"
    currency: str = Field(default="USD", pattern=r"^[A-Z]{3}$")
    country: Annotated[str, AfterValidator(country_code)] | None = None
    relay_email: str
    relay_phone: str | None = None
    cards_by: tuple[Literal["email", "sms"], ...] = ("email",)
    deliver: Literal["at once"] | tuple[time, ...] = "at once"
    subject: Literal["neutral", "topics"] = "neutral"
    calendar: Literal["neutral", "words", "off"] = "neutral"
    quiet_notice: bool = False
    pause: tuple[Pause, ...] = Field(default=(), max_length=20)
    hold_until: datetime | None = None
    hard_days: tuple[date, ...] = Field(default=(), max_length=60)
    parent: Person
    coparent: Person
    children: tuple[ChildOf, ...] = Field(min_length=1, alias="child")
    people: tuple[Person, ...] = Field(default=(), alias="person")
    topics: dict[str, TopicChoice] = Field(default_factory=dict)
    show_categories: tuple[str, ...] = ()
    child_words: tuple[str, ...] = ()
    withheld_words: tuple[str, ...] = ()
    replies: Literal["off", "ask", "on"] = "ask"
    coach: Coaching = Coaching()
    answer_hours: int = Field(default=48, ge=1, le=720)
    checkpoints_to: tuple[str, ...] = Field(default=(), max_length=5)
    mailbox: Mailbox | None = None
    alarms: AlarmChoices = AlarmChoices()
    contact: Contact = Contact.MODIFIED
    archive: Archive = "whole"
    count_every: Literal["never", "week", "month"] = "never"
    voicemail: Literal["record", "off"] = "record"
    child_kept_days: int = Field(default=6, ge=0, le=14)
    receipt: Receipt = Receipt()
    order: Order = Order()
    vault: VaultChoices = VaultChoices()

    @field_validator("relay_email")
    @classmethod
    def _relay_email(cls, value: str) -> str:
        return normal_email(value)

    @field_validator("checkpoints_to")
    @classmethod
    def _checkpoints_to(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(normal_email(value) for value in values)

    @field_validator("relay_phone")
    @classmethod
    def _relay_phone(cls, value: str | None) -> str | None:
        return None if value is None else normal_phone(value)

    @field_validator("pause")
    @classmethod
    def _pauses(cls, values: tuple[Pause, ...]) -> tuple[Pause, ...]:
        check_apart(values)
        return values

    @field_validator("hold_until")
    @classmethod
    def _local(cls, value: datetime | None) -> datetime | None:
        if value is not None and value.tzinfo is not None:
            raise ValueError("a local time without a zone, such as 2026-12-14T17:00:00")
        return value

    @field_validator("topics")
    @classmethod
    def _topics(cls, value: dict[str, TopicChoice]) -> dict[str, TopicChoice]:
        for topic, choice in value.items():
            if topic not in TOPICS:
                raise ValueError(f"one of the topics {', '.join(TOPICS)} (found {topic!r})")
            if topic == "emergency" and choice != "now":
                raise ValueError("'emergency' always comes at once: now")
            if topic in PROTECTED_TOPICS and choice == "withhold":
                raise ValueError(f"{topic!r} cannot be withheld: a child's {topic} news always comes through")
        return value

    @field_validator("child_words", "withheld_words")
    @classmethod
    def _own_words(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        return own_words(values)

    @field_validator("show_categories")
    @classmethod
    def _categories(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for category in value:
            if category not in CATEGORIES:
                raise ValueError(f"some of the categories {', '.join(CATEGORIES)} (found {category!r})")
        return value

    @model_validator(mode="after")
    def _roles(self) -> Family:
        if self.parent.has(self.relay_email, date.max) or self.coparent.has(self.relay_email, date.max):
            raise ValueError("relay_email must be an address of the gateway, not of one of the parents")
        shared = {a.address for a in (*self.parent.emails, *self.parent.phones)} & {
            a.address for a in (*self.coparent.emails, *self.coparent.phones)
        }
        if shared:
            raise ValueError("an address stands for both parents; each address must belong to one of them")
        if "sms" in self.cards_by and not (self.parent.phones and self.relay_phone):
            raise ValueError("cards_by has sms: then the parent needs a phone and the family a relay_phone")
        if not self.parent.emails and not self.parent.phones:
            raise ValueError("the parent needs an email address or a phone number to get cards")
        self._check_also()
        self._check_told()
        return self

    def _check_told(self) -> None:
        """Whoever is told of alarms, or gets checkpoints, is not the other parent, nor the relay itself."""
        theirs = {a.address for a in (*self.coparent.emails, *self.coparent.phones)}
        told = [p for p in self.people if p.role in TOLD or p.name in self.alarms.also]
        to = [(p.name, a.address) for p in (self.parent, *told) for a in (*p.emails, *p.phones)]
        for name, address in (*to, *(("checkpoints_to", value) for value in self.checkpoints_to)):
            if address in theirs:
                raise ValueError(f"{name}: {address} is the other parent's, who must get nothing of yours; take it out")
            if address in (self.relay_email, self.relay_phone):
                raise ValueError(f"{name}: {address} is the relay's own, so nothing would reach anybody; take it out")

    def _check_also(self) -> None:
        for name in self.alarms.also:
            person = next((p for p in self.people if p.name == name), None)
            if person is None or person.role is Role.CHILD or not (person.emails or person.phones):
                raise ValueError(
                    f"alarms › also names {name!r}: each should be the name of a [[family.person]] with an address, and no child"
                )

    @model_validator(mode="after")
    def _voices_and_order(self) -> Family:
        check_voices(self)
        chosen = {
            "contact": str(self.contact),
            "receipt": self.receipt.kind,
            "replies": self.replies,
            "voicemail": self.voicemail,
            "answer_hours": str(self.answer_hours),
        }
        check_order(self.order, chosen)
        if self.contact is Contact.NONE and self.receipt.kind != "silent":
            raise ValueError(f"receipt › kind: found {self.receipt.kind!r}; should be 'silent' in no-contact")
        return self

    @property
    def day_first(self) -> bool:
        """Whether 3/4 is the third of April."""
        return self.dates == "day first"

    @property
    def lives_in(self) -> str | None:
        """The country in two letters: the one in the settings, or else that of the time zone."""
        return self.country or of_zone(self.time_zone)

    def readable_children(self) -> tuple[Child, ...]:
        """The children as the fact reader takes them."""
        return tuple(Child(c.name, c.nicknames, c.pronouns) for c in self.children)

    def who(self, address: str, day: date) -> tuple[Role, str] | None:
        """Role and name of the person to whom the normalised `address` belonged on `day`."""
        if self.coparent.has(address, day):
            return Role.COPARENT, self.coparent.name
        if self.parent.has(address, day):
            return Role.PARENT, self.parent.name
        for person in self.people:
            if person.has(address, day):
                return person.role, person.name
        for child in self.children:
            if child.has(address, day):
                return Role.CHILD, child.name
        domain = address.rpartition("@")[2] if "@" in address else None
        return next(((p.role, p.name) for p in self.people if domain in p.domains), None)

    def ways(self, day: date) -> list[tuple[str, str]]:
        """Where cards go on `day`, as channel and address: what the parent chose, or else whatever has an address."""
        known: dict[str, str | None] = {"email": self.parent.email_on(day), "sms": self.parent.phone_on(day)}
        chosen: list[tuple[str, str]] = [(channel, address) for channel in self.cards_by if (address := known[channel])]
        return chosen or [(channel, address) for channel, address in known.items() if address]

    def every_way(self, day: date) -> list[tuple[str, str]]:
        """Every way to the parent on `day`, as channel and address, whatever was chosen for cards."""
        return self.ways_to(self.parent, day)

    def ways_to(self, person: Person, day: date) -> list[tuple[str, str]]:
        """Every way to a person on `day`, as channel and address."""
        known = [("email", person.email_on(day)), ("sms", person.phone_on(day) if self.relay_phone else None)]
        return [(channel, address) for channel, address in known if address]

    def safety_contacts(self) -> tuple[Person, ...]:
        """Whom an alarm goes to besides the parent."""
        return tuple(p for p in self.people if p.role is Role.SAFETY_CONTACT)
