"""Why a mail did not arrive, in plain words, by its enhanced status code (RFC 3463 section 3). Pure.

Only the code of a report is believed, never its text: that could hold anything, and the address.
"""

from __future__ import annotations

from typing import Final

EXACT: Final = {
    "1.1": "the address does not exist there",
    "1.2": "the part of the address behind the @ does not exist",
    "1.3": "the address is not written as an address should be",
    "1.6": "the address has moved, and nobody says where to",
    "1.10": "the part of the address behind the @ takes no mail",
    "2.0": "there is something wrong with the mailbox",
    "2.1": "the mailbox is switched off",
    "2.2": "the mailbox is full",
    "2.3": "the mail is too large for the mailbox",
    "3.1": "their mail system is full",
    "3.4": "the mail is too large for their mail system",
    "4.1": "their mail system does not answer",
    "4.4": "their mail system cannot be found",
    "4.7": "it was tried for days, and their mail system did not take it",
    "7.1": "their mail system refuses our mail",
    "7.26": "our mail could not prove where it is from (SPF, DKIM); whoever runs Breakwater should look at its DNS records",
    "7.27": "our mail could not prove where it is from (SPF); whoever runs Breakwater should look at its DNS records",
}
KINDS: Final = {
    "1": "there is something wrong with the address",
    "2": "there is something wrong with the mailbox",
    "3": "their mail system cannot take it",
    "4": "their mail system cannot be reached",
    "5": "their mail system does not understand ours",
    "6": "their mail system cannot take mail of that form",
    "7": "their mail system refuses our mail, or takes it for spam",
}
UNKNOWN: Final = "their mail system does not say why"


def why(code: str | None) -> str:
    """A clause without a full stop. `code`: such as ``5.1.1``; None where the report has none."""
    _, _, rest = (code or "").partition(".")
    return EXACT.get(rest) or KINDS.get(rest.partition(".")[0], UNKNOWN)
