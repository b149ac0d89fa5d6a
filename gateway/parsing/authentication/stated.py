"""Authentication-Results (RFC 8601): what a mail server says that it checked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import ip_address, ip_network
from typing import Final

from gateway.parsing.authentication.finding import LOOPBACK, Finding, Trust

HEADER_LIMIT: Final = 256 * 1024


def server(results: Sequence[str], trust: Trust, peer: str) -> Iterable[Finding]:
    """What the topmost Authentication-Results says, if a trusted server wrote it and brought the message.

    Anybody can connect and write such a header on top: it counts only from a machine that the settings name, from this
    one, or from a polled mailbox (no peer), whose own server removes what strangers wrote (RFC 8601 section 5).
    """
    if not trust.servers or not results or not (peer in ("", *LOOPBACK) or _among(peer, trust.peers)):
        return
    header = results[0][:HEADER_LIMIT]
    name = (header.partition(";")[0].split() or [""])[0].lower()
    if name in trust.servers:
        yield from stated(header, "server", name)


def _among(peer: str, networks: Sequence[str]) -> bool:
    try:
        address = ip_address(peer)
        return any(address in ip_network(network, strict=False) for network in networks)
    except ValueError:
        return False


def stated(header: str, method: str, who: str) -> Iterable[Finding]:
    """Passes of spf, dkim and dmarc in an Authentication-Results header: ``dkim=pass header.d=example.net``.

    Real servers write more than RFC 8601 allows, so that its grammar is not asked for; but comments and quoted strings,
    in which a sender's own words may stand, are out before anything is read, and a property that stands twice says nothing.
    """
    for part in _bare(header).split(";")[1:30]:
        words = part.lower().split()
        if not words or "=" not in words[0]:
            continue
        kind, _, result = words[0].partition("=")
        names = {"dkim": ("header.d", "header.i"), "spf": ("smtp.mailfrom",), "dmarc": ("header.from",)}.get(kind, ())
        said = [word.split("=", 1) for word in words[1:] if "=" in word]
        given = next((found for name in names if (found := [v for k, v in said if k == name])), [])
        if len(given) == 1:
            yield Finding(method, given[0].strip("<>").rpartition("@")[2], result, who)


def _bare(header: str) -> str:
    """The header without its comments, which may nest, a quoted string as one sign; empty where one is left open."""
    out: list[str] = []
    depth, quoted, skip = 0, False, False
    for sign in " ".join(header.split()):
        if skip:
            skip = False
        elif sign == "\\" and (quoted or depth):
            skip = True
        elif quoted:
            quoted = sign != '"'
        elif sign == '"' and not depth:
            quoted = True
            out.append("?")
        elif sign in "()":
            depth += 1 if sign == "(" else -1
            out.append(" ")
            if depth < 0:
                return ""
        elif not depth:
            out.append(sign)
    return "" if depth or quoted else "".join(out)
