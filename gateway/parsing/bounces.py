"""Reports of mail systems about our own mail (RFC 3464), and what older programs send in their place. Pure.

    bytes ─ delivery-status part? ─► its Action and Status
          └ none: a machine's mail that says in words that a mail did not arrive (qmail, Exchange, Exim, gateways)

Which mail it speaks of is told by numbers of ours in it (`ids`): the Message-ID of the returned mail or of its headers, wherever
they stand. That they are ours, and whose, is for the caller. An answer by a machine (out of office) is no report, nor is a
receipt.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import re2

from gateway.parsing import phrases
from gateway.parsing.charsets import decode_text
from gateway.parsing.headers import Headers
from gateway.parsing.kinds import MACHINES
from gateway.parsing.leaf import part_data
from gateway.parsing.tree import Part, split_message
from gateway.parsing.words import decode_words
from gateway.parsing.work import Work

STATUS: Final = ("message/delivery-status", "message/global-delivery-status")
MOST: Final = 200_000
"""Characters of a part that are looked at."""
_ID: Final = re2.compile(r"\b([0-9a-f]{32})@")
_FIELD: Final = re2.compile(r"(?im)^(action|status|diagnostic-code)[ \t]*:[ \t]*([^\r\n]*)")
_CODE: Final = re2.compile(r"(?:^|[^\d.])([245]\.\d{1,3}\.\d{1,3})(?:[^\d.]|\.?$|\.\s)")
_REPLY: Final = re2.compile(r"(?:^|[^\d.])([45]\d\d)(?:[ -][^\d]|$)")


class Outcome(StrEnum):
    """What became of a mail of ours."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True)
class Report:
    """One report. `code`: the enhanced status (RFC 3463) such as ``5.1.1``; `ids`: numbers of mails of ours that it names."""

    outcome: Outcome
    code: str | None
    ids: tuple[str, ...]


def read_report(raw: bytes, *, null_sender: bool = False) -> Report | None:
    """The report in a mail; None where it is none. `null_sender`: the envelope names no sender. Never raises."""
    work = Work()
    try:
        return _read(raw, null_sender, work)
    except Exception:  # noqa: BLE001 (it is then read like any other mail)
        return None


def _read(raw: bytes, null_sender: bool, work: Work) -> Report | None:
    root = split_message(raw, work)
    parts = list(_walk(root))
    if any(part.type == "message/disposition-notification" for part in parts):
        return None
    texts = [_text(part, work) for part in parts if not part.children]
    heads = [f"{name}: {value}" for part in parts for name, value in part.headers.fields]
    ids = tuple(dict.fromkeys(_ID.findall("\n".join((*heads, *texts))[: MOST * 4].lower())))
    status = [_text(part, work) for part in parts if part.type in STATUS]
    if status:
        outcome, code = _by_status("\n".join(status))
    else:
        if not is_machine(root.headers, null_sender=null_sender):
            return None
        subject = decode_words(root.headers.first("subject"), work).lower()
        outcome, code = _by_words(subject, "\n".join(texts[:2]))
    return None if outcome is None else Report(outcome, code, ids)


def _walk(root: Part) -> Iterator[Part]:
    stack = [root]
    while stack:
        part = stack.pop()
        yield part
        stack.extend(reversed(part.children))


def _text(part: Part, work: Work) -> str:
    return decode_text(part_data(part, work)[:MOST], part.parameters.get("charset"), work)


def _by_status(text: str) -> tuple[Outcome | None, str | None]:
    """RFC 3464 sections 2.3.3 and 2.3.4. Of several recipients the worst counts: each mail of ours has one."""
    fields = [(name.lower(), value.strip()) for name, value in _FIELD.findall(text)]
    actions = {value.lower().split()[0] for name, value in fields if name == "action" and value}
    said = [value for name, value in fields if name == "status"]
    codes = [code for value in (*said, *(v for n, v in fields if n != "action")) for code in _CODE.findall(value)]
    code = next((c for c in codes if c[0] == "5"), codes[0] if codes else None)
    if "failed" in actions:
        return Outcome.FAILED, code
    if "delayed" in actions:
        return Outcome.DELAYED, next((c for c in codes if c[0] == "4"), code)
    if actions & {"delivered", "relayed", "expanded"}:
        return Outcome.DELIVERED, code
    return _by_code(code), code


def _by_code(code: str | None) -> Outcome | None:
    by_class = {"5": Outcome.FAILED, "4": Outcome.DELAYED, "2": Outcome.DELIVERED}
    return by_class.get(code[0]) if code else None


def is_machine(headers: Headers, *, null_sender: bool) -> bool:
    """Marks of a mail system; an automatic answer of a person's program has its own (RFC 3834)."""
    submitted = headers.first("auto-submitted").lower()
    precedence = headers.first("precedence").lower()
    subject = decode_words(headers.first("subject"), Work()).lower().partition(":")[0].strip()
    if submitted.startswith("auto-notified") or precedence == "auto_reply" or subject in phrases.AUTO_SUBJECTS:
        return False
    if headers.first("x-failed-recipients"):
        return True
    if any(name in headers.first("from").lower() for name in MACHINES):
        return True
    return not submitted.startswith("auto-replied") and (null_sender or headers.first("return-path").strip() == "<>")


def _by_words(subject: str, text: str) -> tuple[Outcome | None, str | None]:
    """What a report in mere words says; a delay is looked for first, since it speaks of failing too."""
    low = " ".join(text[:MOST].lower().split())
    code = next(iter(_CODE.findall(text)), None)
    if any(phrase in subject or phrase in low for phrase in phrases.DELAYED):
        return Outcome.DELAYED, code if code and code[0] == "4" else None
    failed = any(phrase in subject for phrase in phrases.BOUNCE_SUBJECTS) or any(p in low for p in phrases.FAILED)
    if not failed:
        return None, None
    said = code or next(iter(_REPLY.findall(text)), "5")
    if said[0] == "4" and not any(phrase in low for phrase in ("permanent", "given up", "giving up")):
        return Outcome.DELAYED, code
    return Outcome.FAILED, code
