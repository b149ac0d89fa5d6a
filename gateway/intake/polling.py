"""What the mailbox reader decides: whether a message is known, in which order to work, how long to wait. All pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_MARKED = re.compile(rb"^(?:message-id|received)[ \t]*:", re.IGNORECASE | re.MULTILINE)
_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")
HEADERS_LOOK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Times in seconds. `poll`: longest sleep between two looks (and longest IDLE). `soon`: the first sleep after work.

    `first`, `longest`: bounds of the pause before a new connection, doubling; `refused`: its lower bound after a refused
    login, since providers lock accounts that knock too often. `steady`: a connection that lived so long starts anew.
    `retry`: before the second attempt at one message that could not be fetched, doubling to `LONGEST_RETRY`.
    """

    poll: float = 300.0
    soon: float = 10.0
    first: float = 2.0
    longest: float = 900.0
    refused: float = 60.0
    steady: float = 60.0
    retry: float = 60.0


LONGEST_RETRY = timedelta(hours=6)


def identity(family: str, raw: bytes, arrived: datetime | None) -> str:
    """By what a message of a mailbox is known again: 64 hexadecimal digits, the same wherever it lies.

    The bytes themselves; so neither renumbering (a new UIDVALIDITY) nor moving a message to and fro makes a second one of
    it. Every delivery adds a Received line, and a mail program a Message-ID: equal bytes are one message. Only for bytes
    with neither, the server's date of arrival counts too: a person may well write the same line twice.
    """
    about = [family, hashlib.sha256(raw).hexdigest()]
    if not is_marked(raw) and arrived is not None:
        about.append(arrived.astimezone(UTC).isoformat())
    return hashlib.sha256(repr(("mailbox", *about)).encode("utf8")).hexdigest()


def is_marked(raw: bytes) -> bool:
    """Whether a header of the message tells it from any other: Received or Message-ID."""
    head = raw[:HEADERS_LOOK]
    end = _END_OF_HEADERS.search(head)
    return _MARKED.search(head if end is None else head[: end.start()]) is not None


def order(uids: Iterable[int], attempts: Mapping[int, int]) -> list[int]:
    """In order of arrival; those that failed before come last, so that none holds up the others."""
    return sorted(uids, key=lambda uid: (attempts.get(uid, 0), uid))


def rest(attempts: int, retry: float) -> timedelta:
    """How long a message that could not be fetched is left alone: some of them break the connection for all others."""
    return min(LONGEST_RETRY, timedelta(seconds=retry * 2.0 ** min(max(attempts, 1) - 1, 16)))


def pause(failures: int, rhythm: Rhythm, *, refused: bool, luck: float) -> float:
    """Seconds before the next connection. `luck`: 0 to 1, spreads it by a fifth so that mailboxes do not march in step."""
    seconds = min(rhythm.longest, rhythm.first * 2.0 ** min(max(failures, 1) - 1, 16))
    if refused:
        seconds = max(seconds, min(rhythm.refused, rhythm.longest))
    return seconds * (0.8 + 0.4 * luck)


def went_back(next_uid: int | None, highest_known: int | None) -> bool:
    """Whether the server numbers again what was numbered before, against RFC 3501 section 2.3.1.1: restored from a copy."""
    return next_uid is not None and highest_known is not None and next_uid <= highest_known
