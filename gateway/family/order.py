"""The order check: what the parent answered about orders and laws, and what follows from it for the settings. Pure.

Nothing here is legal advice. It keeps a family from settings that would plainly go against an order, and says what a lawyer
should be asked. Sources: an order that names a way to write is enforced by contempt (domain.md, section 1); recording of
calls without the consent of all is forbidden in some places (California Penal Code § 632).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

NOT_ADVICE: Final = "This is not legal advice."
Answer = Literal["yes", "no", "not sure", "not asked"]
Protects = Literal["none", "protects me", "protects them", "both", "not sure", "not asked"]


def _line(value: str) -> str:
    if not value.isprintable():
        raise ValueError("the app's name on one line, such as OurFamilyWizard")
    return value.strip()


class Order(BaseModel):
    """`[family.order]`: the answers.

    `app`: the app that an order names for messages; empty for none. `no_contact`: whom an order protects that forbids
    contact. `recording`: whether calls may be recorded where both live. `answer_hours`: within how many hours the order wants
    answers. `cleared`: the day on which a lawyer said that other settings than those that follow from here may be used.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    there_is: Answer = "not asked"
    app: Annotated[str, AfterValidator(_line)] = Field(default="", max_length=60)
    no_contact: Protects = "not asked"
    recording: Answer = "not asked"
    answer_hours: int | None = Field(default=None, ge=1, le=720)
    cleared: date | None = None


@dataclass(frozen=True, slots=True)
class Demand:
    """A setting that follows from an answer. `key` as in the settings file; `must`: any other value is a mistake."""

    key: str
    value: str
    why: str
    must: bool = True


WHY: Final = {
    "forbidden": "there is an order that forbids contact",
    "receipt": "an automatic receipt may be contact that the order forbids",
    "you": "the order forbids you to write",
    "wish": "an answer may be taken as a wish for contact",
    "app": "the order names {app} for messages",
    "in_app": "answers belong into {app}",
    "recording": "calls may not be recorded where you live",
    "unsure": "it is not sure that calls may be recorded",
    "hours": "the order says by when you must answer",
}
"""Why a setting follows from an answer."""
ASKED: Final = {
    "order": "Is there an order or agreement about how we write to each other, and what does it say?",
    "app": "May the other parent write to me outside {app} at all, and may I have such messages sorted?",
    "breach": "Is a message to the relay a breach that I should report, and to whom?",
    "emergency": "May I answer an emergency of a child, and how?",
    "address": "May I give the other parent an address at all, and may anything be sent to them automatically?",
    "no_contact": "Is there a protective or no-contact order, and whom does it bind?",
    "recording": "May voicemail be recorded where we both live, and what must a caller be told first?",
    "hours": "Does a message count as received when it reaches the relay, or when I read it?",
}
"""What a lawyer should be asked."""


def demands(order: Order) -> tuple[Demand, ...]:
    """What follows from the answers, the gravest first."""
    found: list[Demand] = []
    if order.no_contact in ("protects me", "protects them", "both"):
        found.append(Demand("contact", "no-contact", WHY["forbidden"]))
        found.append(Demand("receipt", "silent", WHY["receipt"]))
        against = order.no_contact != "protects me"
        why = WHY["you"] if against else WHY["wish"]
        found.append(Demand("replies", "off", why, must=against))
    elif order.app:
        found.append(Demand("contact", "archive-only", WHY["app"].format(app=order.app)))
        found.append(Demand("replies", "off", WHY["in_app"].format(app=order.app)))
    if order.recording in ("no", "not sure"):
        known = order.recording == "no"
        why = WHY["recording"] if known else WHY["unsure"]
        found.append(Demand("voicemail", "off", why, must=known))
    if order.answer_hours is not None:
        found.append(Demand("answer_hours", str(order.answer_hours), WHY["hours"]))
    return tuple(found)


def check_order(order: Order, chosen: Mapping[str, str]) -> None:
    """Raises ValueError where a setting goes against the answers. `chosen`: the settings by the keys of `Demand`."""
    for demand in demands(order) if order.cleared is None else ():
        if demand.must and chosen[demand.key] != demand.value:
            raise ValueError(
                f"{demand.key}: found {chosen[demand.key]!r}; should be {demand.value!r}, since {demand.why} "
                "([family.order]). If a lawyer said that it may be otherwise, set order › cleared to that day"
            )


def for_a_lawyer(order: Order) -> tuple[str, ...]:
    """What a lawyer should be asked, in plain words."""
    asked: list[str] = []
    if order.there_is == "not sure":
        asked.append(ASKED["order"])
    if order.app:
        asked.append(ASKED["app"].format(app=order.app))
    if order.no_contact in ("protects me", "both"):
        asked.append(ASKED["breach"])
        asked.append(ASKED["emergency"])
    if order.no_contact in ("protects them", "both"):
        asked.append(ASKED["address"])
    if order.no_contact == "not sure":
        asked.append(ASKED["no_contact"])
    if order.recording in ("no", "not sure"):
        asked.append(ASKED["recording"])
    if order.answer_hours is not None:
        asked.append(ASKED["hours"])
    return tuple(asked)
