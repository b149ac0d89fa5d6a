"""Who is who in an archive: by the family's names and dated addresses, and by what the parent says on the command line.

Numbers in a phone often lack the country code; one without it belongs to the person whose full number ends with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from gateway.family import Family, Role
from gateway.intake.archives.found import ArchiveError, Found
from gateway.intake.archives.whatsapp_lines import name_of

MOST_LISTED: Final = 30
LEAST_DIGITS: Final = 7
MOST_LACKING: Final = 4
"""Digits that a number in a phone may lack: a country code has up to three, a short local number in America lacks four."""
DIRECTIONS: Final = {Role.COPARENT: "from the co-parent", Role.PARENT: "from the parent"}


@dataclass(frozen=True, slots=True)
class Sender:
    """Who wrote a message. `near`: the co-parent wrote it, or it went to the co-parent, or both were in the chat."""

    role: Role
    who: str
    near: bool

    @property
    def direction(self) -> str:
        """In the words of the design."""
        return DIRECTIONS.get(self.role, "from others")


@dataclass(frozen=True, slots=True)
class Cast:
    """The family with what was said on the command line: further names or addresses of each.

    `by_name`: the names of the settings count too (chats); a mailbox or a phone may hold several people called Mark.
    """

    family: Family
    coparent: tuple[str, ...] = ()
    parent: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    by_name: bool = False
    _said: dict[str, Role] = field(default_factory=dict, init=False, compare=False)

    def __post_init__(self) -> None:
        roles = ((self.coparent, Role.COPARENT), (self.parent, Role.PARENT), (self.others, Role.OTHER))
        for names, role in roles:
            for name in names:
                if self._said.setdefault(plain(name), role) is not role:
                    raise ArchiveError(f"{name!r} was given for two people; each name can stand for one")

    def role_of(self, written: str, day: date) -> Role | None:
        """Role of a name, address or number; None when nobody is known by it."""
        name = plain(written)
        if name in self._said:
            return self._said[name]
        if self.by_name:
            if name == plain(self.family.coparent.name):
                return Role.COPARENT
            if name == plain(self.family.parent.name):
                return Role.PARENT
        return self._by_address(written, day)

    def _by_address(self, written: str, day: date) -> Role | None:
        if "@" in written:
            known = self.family.who(written.strip().lower(), day)
            return known[0] if known else None
        number = _digits(written)
        if len(number) < LEAST_DIGITS:
            return None
        people = ((Role.COPARENT, self.family.coparent), (Role.PARENT, self.family.parent))
        for role, person in (*people, *((p.role, p) for p in self.family.people)):
            if any(p.holds_on(day) and _same(written, p.address) for p in person.phones):
                return role
        said = [role for name, role in self._said.items() if _digits(name) and _same(written, "+" + _digits(name))]
        return said[0] if said else None

    def sender(self, found: Found, received: date) -> Sender:
        """Who wrote `found`, and whether the co-parent has a part in it."""
        day = found.written_at.date() if found.written_at else received
        names = dict(found.names)

        def role(written: str) -> Role | None:
            return self.role_of(written, day) or (self.role_of(names[written], day) if written in names else None)

        roles = [r for s in found.sender if (r := role(s))]
        # Several From addresses: the co-parent's is what must not slip past under another name.
        wrote = Role.COPARENT if Role.COPARENT in roles else roles[0] if roles else Role.OTHER
        if found.mine:
            wrote = Role.PARENT
        near = wrote is Role.COPARENT or any(role(other) is Role.COPARENT for other in found.others)
        who = {Role.COPARENT: self.family.coparent.name, Role.PARENT: self.family.parent.name}
        return Sender(wrote, who.get(wrote, (found.sender or ("",))[-1]), near)


def check_names(cast: Cast, found: Sequence[str], name: str, day: date) -> None:
    """Everybody in a chat must be known. Raises ArchiveError that lists the names found and the options to give."""
    roles = {written: cast.role_of(written, day) for written in found}
    listed = ", ".join(f"{n!r}" for n in found[:MOST_LISTED]) or "none"
    listed += f" and {len(found) - MOST_LISTED} more" if len(found) > MOST_LISTED else ""
    typed = [n for n in (*cast.coparent, *cast.parent, *cast.others) if plain(n) not in {plain(f) for f in found}]
    if typed:
        raise ArchiveError(f"{name}: nobody in this chat is called {typed[0]!r}. Names found: {listed}")
    unknown = [n for n, role in roles.items() if role is None]
    hints = [
        f"{option} NAME"
        for option, role in (("--co-parent", Role.COPARENT), ("--parent", Role.PARENT))
        if role not in roles.values() and unknown
    ]
    if Role.COPARENT not in roles.values() and not unknown:
        hints = ["--co-parent NAME"]
    if hints or unknown:
        hints = hints or ["--other NAME"]
        raise ArchiveError(
            f"{name}: it is not known who is who. Names found: {listed}\n"
            f"Say it with {' and '.join(hints)}" + (" (and --other NAME for anybody else)" if len(unknown) > 1 else "")
        )


def plain(name: str) -> str:
    """How names and addresses are compared: no marks, one blank, no difference of case."""
    return name_of(name).casefold()


def most_often(counts: Iterable[tuple[str, int]], most: int = 8) -> str:
    """The names or addresses that occur most, for an error that asks which is whose."""
    return ", ".join(name for name, _ in sorted(counts, key=lambda c: (-c[1], c[0]))[:most])


def _digits(written: str) -> str:
    bare = re.sub(r"[\s().\-\u2010-\u2015\u202a-\u202e/]", "", written)
    return re.sub(r"\D", "", bare) if re.fullmatch(r"\+?\d+", bare) else ""


def _same(written: str, known: str) -> bool:
    """Whether a number as a phone shows it is the full number `known` (E.164)."""
    full, number = known.lstrip("+"), _digits(written)
    if "+" in written:
        return number == full
    if number.startswith("00") and number[2:] == full:
        return True
    national = number.lstrip("0")
    return len(national) >= LEAST_DIGITS and full.endswith(national) and len(full) - len(national) <= MOST_LACKING
