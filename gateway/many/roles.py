"""What a process does: any of four roles."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from gateway.errors import SettingsError


class Role(StrEnum):
    """A part of the gateway that can run in processes of its own."""

    INTAKE = "intake"
    WORKER = "worker"
    DELIVERY = "delivery"
    WEB = "web"


EVERYTHING: Final = "all"
ALL: Final = frozenset(Role)
DOES: Final = {
    Role.INTAKE: "takes mail in",
    Role.WORKER: "reads messages",
    Role.DELIVERY: "sends cards and alarms",
    Role.WEB: "answers browsers and the carrier",
}


def roles_of(words: Iterable[str]) -> frozenset[Role]:
    """The roles that these words name; all where there are none. Raises SettingsError."""
    found: set[Role] = set()
    for word in words:
        if word == EVERYTHING:
            found |= ALL
        elif word in list(Role):
            found.add(Role(word))
        else:
            raise SettingsError(f"--role {word}: there is no such role; choose of {', '.join(Role)}, {EVERYTHING}")
    return frozenset(found) or ALL


def told(roles: Iterable[Role]) -> str:
    """The roles in their order, for people and the log: ``intake, web``, or ``all``."""
    have = set(roles)
    return EVERYTHING if have == ALL else ", ".join(role for role in Role if role in have)
