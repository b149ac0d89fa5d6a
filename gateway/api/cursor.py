"""Where a list goes on: the place of its last line, written so that nobody counts on what is in it. Pure.

A place is what the list is ordered by, so a page begins right behind it however many lines came or went meanwhile.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence

from gateway.api.fields import MOST_NUMBER
from gateway.api.problems import REFUSED, Problem

Part = int | str
UNKNOWN = "`after` is not the `next` of a page of this list"


def write(name: str, *parts: Part) -> str:
    """A cursor of the list `name`."""
    text = json.dumps([name, *parts], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def read(name: str, cursor: str | None, kinds: Sequence[type[Part]]) -> tuple[Part, ...] | None:
    """The parts again; None for no cursor. Raises Problem where it is none of this list."""
    if cursor is None:
        return None
    try:
        found = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        raise Problem(REFUSED, UNKNOWN) from None
    if not isinstance(found, list) or found[:1] != [name] or len(found) != len(kinds) + 1:
        raise Problem(REFUSED, UNKNOWN)
    for part, kind in zip(found[1:], kinds, strict=True):
        if type(part) is not kind or (isinstance(part, int) and not 0 <= part <= MOST_NUMBER):
            raise Problem(REFUSED, UNKNOWN)
    return tuple(found[1:])


def number(name: str, cursor: str | None) -> int | None:
    """A cursor that is one number. Raises Problem."""
    found = read(name, cursor, (int,))
    return None if found is None else int(found[0])
