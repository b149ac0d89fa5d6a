"""What `breakwater init` asks about orders, receipts and children's own addresses, and what follows from the answers. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from gateway.errors import UserError
from gateway.family import normal_email, normal_phone
from gateway.family.order import NOT_ADVICE, Order, demands, for_a_lawyer
from gateway.family.receipt import RISKS

Check = Callable[[str], object]
LOOK_HOURS = 2
"""Time that a parent needs between a card and an answer."""
IMPERSONATION = (
    "Mail and texts from a child's own address come to you whole and are not kept. Whoever has the child's phone or password can "
    "write as the child: if something does not sound like your child, ask another way."
)


def one_of(*values: str) -> Check:
    """A check that takes these words alone."""

    def check(value: str) -> None:
        if value.strip().lower() not in values:
            raise ValueError(", ".join(values[:-1]) + f" or {values[-1]}")

    return check


def hours(value: str) -> None:
    """A whole number of hours up to a month."""
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= 720):
        raise ValueError("a whole number of hours from 1 to 720")


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that init needs to know. `check` raises ValueError or UserError with what would be right; `when`: whether it
    is asked, by the answers so far; `empty`: what an empty answer means.
    """

    key: str
    option: str
    words: str
    example: str
    check: Check | None = None
    needed: bool = True
    default: str | None = None
    when: Callable[[Mapping[str, str]], bool] = lambda _answers: True
    empty: str = ""

    @property
    def hint(self) -> str:
        """An example, and what an empty answer means."""
        if self.needed and not self.default:
            return f"such as {self.example}"
        return f"such as {self.example}; empty: {self.empty or self.default or 'leave it out'}"

    def fault(self, value: str) -> str:
        """What is wrong with an answer; empty where nothing is."""
        try:
            if self.check is not None:
                self.check(value)
        except UserError as error:
            return str(error).partition(": ")[2] or str(error)
        except ValueError as error:
            return f"found {value!r}; should be {error}"
        return ""


def _maybe(said: Mapping[str, str]) -> bool:
    return _word(said, "order") in ("yes", "not sure")


_RECEIPT = "\n".join(
    ["What may the other parent be told?", *(f"  {kind}: {risk}" for kind, risk in RISKS.items()), "Which"]
)

QUESTIONS = (
    Question("child_addresses", "--child-address", f"Does a child write from an address or number of its own? {IMPERSONATION}", "Emma: emma@example.com", needed=False),
    Question("order", "--order", f"Is there a court order or agreement about how you write to each other? yes, no, or not sure. {NOT_ADVICE}", "no", one_of("yes", "no", "not sure"), needed=False),
    Question("order_app", "--order-app", "Does it name an app for messages (OurFamilyWizard, TalkingParents, AppClose)? Which?", "OurFamilyWizard", needed=False, when=_maybe),
    Question("order_hours", "--order-hours", "Does it say within how many hours you must answer?", "48", hours, needed=False, when=_maybe),
    Question("no_contact", "--no-contact", "Is there a no-contact or protective order? none, protects me, protects them, both, or not sure", "none", one_of("none", "protects me", "protects them", "both", "not sure"), needed=False),
    Question("recording", "--recording", "May a call be recorded where you both live (some places want the consent of all)? yes, no, or not sure", "not sure", one_of("yes", "no", "not sure"), needed=False, when=lambda said: bool(said.get("relay_phone"))),
    Question("receipt", "--receipt", _RECEIPT, "silent", one_of("silent", "neutral", "full"), needed=False, default="silent"),
    Question("receipt_hours", "--receipt-hours", "By when do you promise an answer about the children, in hours? It stands in the receipt only while you keep it", "48", hours, needed=False, when=lambda said: _word(said, "receipt") in ("neutral", "full")),
)  # fmt: skip


NOTES = {
    "late": "with the hours that you chose, an answer could be late under the order",
    "silent": "in no-contact nothing goes to the other parent by itself",
}
"""Why a setting is another one than was chosen."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The settings that follow, and what the person at the keyboard is told."""

    order: Order
    values: Mapping[str, str]
    notes: tuple[str, ...]


def choose(answers: Mapping[str, str], deliver: str | Sequence[str]) -> Chosen:
    """Settings from answers that were checked. `deliver`: ``at once``, or the chosen hours as ``HH:MM``."""
    order = Order(
        there_is=_word(answers, "order"),  # type: ignore[arg-type]
        app=answers.get("order_app", ""),
        no_contact=_word(answers, "no_contact"),  # type: ignore[arg-type]
        recording=_word(answers, "recording"),  # type: ignore[arg-type]
        answer_hours=int(answers["order_hours"]) if answers.get("order_hours") else None,
    )
    values = {
        "contact": answers.get("contact") or "modified-contact",
        "receipt": answers.get("receipt", "").lower() or "silent",
        "receipt_hours": answers.get("receipt_hours", ""),
        "replies": answers.get("replies") or "ask",
        "voicemail": "record",
        "answer_hours": "48",
    }
    notes: list[str] = []
    for demand in demands(order):
        if values[demand.key] != demand.value:
            values[demand.key] = demand.value
            notes.append(f'{demand.key} is set to "{demand.value}": {demand.why}.')
    if order.answer_hours is not None and too_late(deliver, order.answer_hours):
        values["deliver"] = "at once"
        notes.append(f'deliver is set to "at once": {NOTES["late"]}.')
    if values["contact"] == "no-contact" and values["receipt"] != "silent":
        values["receipt"] = "silent"
        notes.append(f'receipt is set to "silent": {NOTES["silent"]}.')
    if values["receipt"] == "silent":
        values["receipt_hours"] = ""
    asked = for_a_lawyer(order)
    notes += [f"Ask a lawyer: {question}" for question in asked]
    if notes:
        notes.append(NOT_ADVICE)
    if values["receipt"] != "silent":
        notes.append(f"Receipts are {values['receipt']}. {RISKS[values['receipt']]}")
    if answers.get("child_addresses"):
        notes.append(IMPERSONATION)
    return Chosen(order, values, tuple(notes))


def child_addresses(text: str, names: Sequence[str]) -> dict[str, dict[str, str | list[str]]]:
    """``Emma: emma@example.com, +15550100321; Noah: …`` -> addresses by name. Raises UserError."""
    found: dict[str, dict[str, str | list[str]]] = {}
    for part in filter(str.strip, text.split(";")):
        name, colon, addresses = part.partition(":")
        if not colon or name.strip() not in names:
            raise UserError(
                f"--child-address: found {part.strip()!r}; should be a child's name and its addresses: {names[0]}: child@example.com"
            )
        listed = [a.strip() for a in addresses.split(",") if a.strip()]
        try:
            emails = [normal_email(address) for address in listed if "@" in address]
            phones = [normal_phone(address) for address in listed if "@" not in address]
        except ValueError as error:
            raise UserError(f"--child-address: found {addresses.strip()!r}; should be {error}") from None
        found[name.strip()] = {"emails": emails, "phones": phones}
    return found


def _word(answers: Mapping[str, str], key: str) -> str:
    return answers.get(key, "").strip().lower() or "not asked"


def too_late(deliver: str | Sequence[str], answer_hours: int) -> bool:
    """Whether the longest wait for a chosen hour leaves too little of the order's time."""
    if isinstance(deliver, str):
        return False
    moments = sorted(int(hour[:2]) + int(hour[3:]) / 60 for hour in deliver)
    longest = max(later - earlier for earlier, later in pairwise([*moments, moments[0] + 24]))
    return longest + LOOK_HOURS > answer_hours
