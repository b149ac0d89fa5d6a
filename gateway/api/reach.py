"""Where a webhook may lead: to an address of the public internet, over HTTPS (CWE-918). Pure.

The name is looked up once, what it leads to is checked, and the connection goes to just that address; so a name that leads elsewhere a
moment later (DNS rebinding) gains nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import urlsplit

from gateway.errors import UserError

MOST: Final = 500
NAT64: Final = IPv6Network("64:ff9b::/96")
"""IPv4 addresses as a translator writes them (RFC 6052)."""
NOT_ONE: Final = "Please give an address that begins with https:// and a name, such as https://tools.example.org/news."
NOT_PUBLIC: Final = "This address leads into a network that is not public. Nothing was changed."

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Target:
    """Where to. `host`: without brackets; `literal`: the address itself, where the host is one."""

    url: str
    secure: bool
    host: str
    port: int
    literal: Address | None


def target_of(url: str, *, loopback: bool = False) -> Target:
    """The target of a URL. `loopback`: this machine counts too, and over plain HTTP; only for trying out. Raises UserError."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise UserError(NOT_ONE) from None
    plain = not url.isascii() or not url.isprintable() or " " in url or "\\" in url or len(url) > MOST
    if plain or not host or parts.username is not None or parts.password is not None or "#" in url or port == 0:
        raise UserError(NOT_ONE)
    literal = _literal(host)
    secure = parts.scheme == "https"
    if not secure and not (loopback and parts.scheme == "http" and literal is not None and literal.is_loopback):
        raise UserError(NOT_ONE)
    if literal is None and (("." not in host.strip(".")) or host.rsplit(".", 1)[-1].isdigit()):
        raise UserError(NOT_ONE)  # a name of the local network, or an address in an odd writing
    if literal is not None and not may_reach(literal, loopback=loopback):
        raise UserError(NOT_PUBLIC)
    return Target(url, secure, host, port or (443 if secure else 80), literal)


def may_reach(address: Address, *, loopback: bool = False) -> bool:
    """Whether it is an address of the public internet: not of this machine, of a private or shared network, for many, or reserved."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is None and address in NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return may_reach(inner)
        if address.scope_id is not None:
            return False
    if loopback and address.is_loopback:
        return True
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
