"""The DNS as it is passed in: asked once for each name, remembered, and never without end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Protocol

MAX_LOOKUPS: Final = 40


class NoAnswer(Exception):  # noqa: N818 (it is an answer of the DNS, not a fault)
    """The DNS did not answer; asking again later may help."""


class Resolver(Protocol):
    """The DNS. `kind` is TXT, A, AAAA, MX ("10 host") or PTR; an empty list means that there is no such record."""

    def lookup(self, name: str, kind: str) -> list[str]:
        """The records as text. Raises NoAnswer."""
        ...


class KeptRecords:
    """A resolver that knows only records that were kept: signatures can be checked without any network."""

    def __init__(self, records: Mapping[str, str]) -> None:
        self._records = {name.rstrip(".").lower(): text for name, text in records.items()}

    def lookup(self, name: str, kind: str) -> list[str]:
        """The kept record, if there is one."""
        found = self._records.get(name.rstrip(".").lower())
        return [found] if kind == "TXT" and found is not None else []


class Asked:
    """A resolver that remembers answers, keeps key records, and stops a message that asks without end."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._known: dict[tuple[str, str], list[str]] = {}
        self.silent = False

    def lookup(self, name: str, kind: str) -> list[str]:
        """The records, asked for once. Raises NoAnswer."""
        key = (name.rstrip(".").lower(), kind)
        if key not in self._known:
            if len(self._known) >= MAX_LOOKUPS:
                return []
            try:
                self._known[key] = self._resolver.lookup(*key)
            except NoAnswer:
                self.silent = True
                raise
        return self._known[key]

    def keys(self) -> tuple[tuple[str, str], ...]:
        """The key records, by name."""
        return tuple(
            (name, found[0])
            for (name, kind), found in sorted(self._known.items())
            if kind == "TXT" and "._domainkey." in name and found
        )


def text_of(asked: Asked) -> Callable[..., bytes | None]:
    """The DNS as dkimpy asks for it."""

    def text(name: bytes | str, timeout: float = 5) -> bytes | None:
        plain = name.decode("ascii", "replace") if isinstance(name, bytes) else name
        found = asked.lookup(plain, "TXT")
        return found[0].encode("utf8", "replace") if found else None

    return text
