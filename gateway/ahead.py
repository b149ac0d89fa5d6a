"""Which waiting message may be read before its turn: one whose first bytes sound like danger or an emergency.

Hundreds of long mails take minutes to read, and a child may be hurt in the last of them. So where several messages wait, each is looked
at once, in order of arrival, by the rules that need no model and over `LOOK` bytes of its body; the first in which one hits is tried
first. The look proves nothing. The worker writes what it concludes only if that is an alarm, which goes out at once anyway; else the
message is left as it was and comes in its turn, so cards go out in the order in which their messages came.

What was looked at is remembered in memory alone: after a restart, or in another process, it is looked at again.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Final

from gateway.heard import in_bytes
from gateway.policy import Ruleset
from gateway.store import Blobs, Store
from gateway.turns import Waiting, behind

LOOK: Final = 4_000
"""Bytes of a body: about 15 ms."""
MOST_HEAD: Final = 64_000
MOST_LOOKS: Final = 64
"""Messages that are looked at before one is read."""


class Ahead:
    """One for a worker. `rules`: the ruleset of each family."""

    def __init__(self, store: Store, blobs: Blobs, rules: Mapping[str, Ruleset]) -> None:
        self._store, self._blobs, self._rules = store, blobs, rules
        self._seen: defaultdict[str | None, int] = defaultdict(int)
        self._urgent: defaultdict[str | None, list[int]] = defaultdict(list)

    def next(self, family: str | None, without: Collection[int] = ()) -> int | None:
        """The number of the first waiting message that sounds urgent; None where there is none. Of that family, if named; each is
        named once. Raises StoreError.
        """
        urgent = self._urgent[family]
        waiting = behind(self._store, family, self._seen[family], MOST_LOOKS)
        for one in waiting:
            self._seen[family] = one.id
            if self._sounds_urgent(one):
                urgent.append(one.id)
        while urgent:
            number = urgent.pop(0)
            if number not in without:
                return number
        return None

    def _sounds_urgent(self, one: Waiting) -> bool:
        with contextlib.suppress(Exception):  # its fault is told when its turn comes
            raw = self._blobs.get(one.family, one.sha256)
            return in_bytes(one.channel, first_bytes(one.channel, raw), self._rules[one.family]) is not None
        return False


def first_bytes(channel: str, raw: bytes) -> bytes:
    """Of a mail the subject and how the body begins, behind whatever headers; of a text its beginning. Pure."""
    if channel != "email":
        return raw[:LOOK]
    text = raw[: MOST_HEAD + LOOK].replace(b"\r\n", b"\n")
    head, _, body = text.partition(b"\n\n")
    lines = iter(head.split(b"\n"))
    subject = next((line for line in lines if line[:8].lower() == b"subject:"), b"")
    for line in lines:
        if not subject or line[:1] not in (b" ", b"\t"):
            break
        subject += b"\n" + line
    return subject[:LOOK] + b"\n\n" + body[:LOOK]
