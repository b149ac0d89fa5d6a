"""How much of the mail port one address may have: connections at once and in a minute, and messages to one family.

Everybody on the internet may call. What one address takes beyond its share is put off with a temporary answer, never refused for good: a true
sender comes again, a flood does not get through. So no flood of one address keeps the mail of another away. Addresses of this machine and
of the servers before it (`senders.trusted_peers`) have no limit: all mail may come through them.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from ipaddress import ip_address, ip_network
from typing import Final, TypeVar

_K = TypeVar("_K", str, tuple[str, str])
AT_ONCE: Final = 20
"""Connections of one address."""
IN_ALL: Final = 400
"""Connections of all addresses."""
A_MINUTE: Final = 120
"""New connections of one address."""
MINUTE, MESSAGES, PERIOD = 60.0, 300, 600.0
"""Messages of one address to one family in `PERIOD` seconds."""
MOST_KNOWN: Final = 10_000
"""Addresses and families that are remembered; the oldest are forgotten first."""


class Callers:
    """One for the mail port; used by its event loop alone. Times are seconds of a clock that only runs forward."""

    def __init__(self, trusted: Iterable[str] = ()) -> None:
        self._trusted = [ip_network(one, strict=False) for one in ("127.0.0.0/8", "::1/128", *trusted)]
        self._open: Counter[str] = Counter()
        self._calls: dict[str, deque[float]] = {}
        self._messages: dict[tuple[str, str], deque[float]] = {}

    def admit(self, address: str, now: float) -> bool:
        """Count a connection; False where it is one too many. `leave` ends it."""
        if self._is_trusted(address):
            return True
        home = network_of(address)
        if (
            self._open[home] >= AT_ONCE
            or self._open.total() >= IN_ALL
            or not _room(self._calls, home, now, A_MINUTE, MINUTE)
        ):
            return False
        self._open[home] += 1
        return True

    def leave(self, address: str) -> None:
        """A connection that was admitted has ended."""
        if self._is_trusted(address):
            return
        home = network_of(address)
        self._open[home] -= 1
        if self._open[home] <= 0:
            del self._open[home]

    def may_send(self, family: str, address: str, now: float) -> bool:
        """Count a message to a family; False where the address has sent its share."""
        return self._is_trusted(address) or _room(self._messages, (family, network_of(address)), now, MESSAGES, PERIOD)

    def _is_trusted(self, address: str) -> bool:
        try:
            found = ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self._trusted)


def network_of(address: str) -> str:
    """What counts as one address: an IPv4 address, the /64 of an IPv6 one (a home has that many)."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(found) if found.version == 4 else str(ip_network(f"{address.partition('%')[0]}/64", strict=False))


def _room(known: dict[_K, deque[float]], key: _K, now: float, most: int, period: float) -> bool:
    """Whether there is room for one more in the last `period` seconds; then it is counted."""
    times = known.pop(key, None) or deque()
    known[key] = times  # the newest stands last
    if len(known) > MOST_KNOWN:
        del known[next(iter(known))]
    while times and times[0] <= now - period:
        times.popleft()
    if len(times) >= most:
        return False
    times.append(now)
    return True
