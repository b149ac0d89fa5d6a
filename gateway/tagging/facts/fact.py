"""A fact: what a child-related passage says, read from its own words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fact:
    """What one span says.

    `when` and `answer_by` are local ISO dates or date-times without offset (``2026-11-26``, ``2026-11-26T15:00``);
    `amount` is a plain number in `currency` (ISO 4217); `where` are words of the text; `asks` is whether the recipient
    is asked to do or answer something. None: the words do not say, or not for sure.
    """

    topic: str
    child: str | None
    when: str | None
    amount: float | None
    currency: str | None
    where: str | None
    asks: bool
    answer_by: str | None
