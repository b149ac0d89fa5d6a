"""Who really sent a mail: SPF, DKIM, DMARC's alignment, ARC.

From is a line that anybody can write. Four things can vouch for its domain, any one is enough:

1. *DKIM* (RFC 6376): a signature over the message that fits a key in the signing domain's DNS. The records of all keys
   that were asked for are kept, so that the same signature can be checked again when they are long gone from the DNS.
2. *SPF* (RFC 7208): the machine that brought the message may send for the domain of MAIL FROM.
3. *A mail server that the settings trust* says so in Authentication-Results (RFC 8601). Only the topmost header of that
   server counts, since a sender can put any header below it.
4. *ARC* (RFC 8617): a forwarder that the settings trust signed what it saw before it changed the message.

A pass counts when its domain is *aligned* with that of From (RFC 7489, relaxed: the same organisational domain by the
public suffix list). Every address of From must be vouched for. Where the DNS does not answer the verdict is `UNKNOWN`;
in all other cases without a pass it is `UNVERIFIED`. The DNS is passed in; nothing here opens a connection.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from ipaddress import ip_address, ip_network
from typing import Any, Final, Protocol

MAX_SIGNATURES: Final = 5
MAX_LOOKUPS: Final = 40
READ: Final = frozenset(("date", "content-type", "content-transfer-encoding", "mime-version", "auto-submitted"))
"""Headers beside From and Subject that decide what is read; a signer may leave them out, but not sign half of them."""
LOOPBACK: Final = ("127.0.0.1", "::1")
HEADER_LIMIT: Final = 256 * 1024
_DOMAIN: Final = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)+")


class NoAnswer(Exception):  # noqa: N818 (it is an answer of the DNS, not a fault)
    """The DNS did not answer; asking again later may help."""


class Resolver(Protocol):
    """The DNS. `kind` is TXT, A, AAAA, MX ("10 host") or PTR; an empty list means that there is no such record."""

    def lookup(self, name: str, kind: str) -> list[str]:
        """The records as text. Raises NoAnswer."""
        ...


class Verdict(StrEnum):
    """Whether the address in From is the sender's."""

    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose word counts: names of mail servers (authserv-id), the addresses or networks from which they bring mail, and
    domains of forwarders, in lower case.
    """

    servers: tuple[str, ...] = ()
    peers: tuple[str, ...] = ()
    forwarders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Brought:
    """What the transport knows: the peer's address, its HELO name and MAIL FROM. Empty where it is not known."""

    peer: str = ""
    helo: str = ""
    mail_from: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: its method (spf, dkim, arc, server), the domain that it speaks for, and the result.

    A result ``partial`` is a signature that fits, but leaves a part of what is read open.
    """

    method: str
    domain: str
    result: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Authentication:
    """All findings, the verdict with its reason in plain words, and the DNS records that were used."""

    verdict: Verdict
    why: str
    findings: tuple[Finding, ...] = ()
    records: tuple[tuple[str, str], ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "verdict": str(self.verdict),
            "why": self.why,
            "findings": [
                {"method": f.method, "domain": f.domain, "result": f.result, "detail": f.detail} for f in self.findings
            ],
            "records": dict(self.records),
        }


class KeptRecords:
    """A resolver that knows only records that were kept: signatures can be checked without any network."""

    def __init__(self, records: Mapping[str, str]) -> None:
        self._records = {name.rstrip(".").lower(): text for name, text in records.items()}

    def lookup(self, name: str, kind: str) -> list[str]:
        """The kept record, if there is one."""
        found = self._records.get(name.rstrip(".").lower())
        return [found] if kind == "TXT" and found is not None else []


class _Asked:
    """A resolver that remembers answers, keeps key records, and stops a message that asks without end."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._known: dict[tuple[str, str], list[str]] = {}
        self.silent = False

    def lookup(self, name: str, kind: str) -> list[str]:
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


def authenticate(
    raw: bytes,
    from_: Sequence[str],
    brought: Brought,
    resolver: Resolver,
    trust: Trust = Trust(),
    results: Sequence[str] = (),
) -> Authentication:
    """What can be said of the sender of `raw`. `results` are its Authentication-Results, topmost first. Never raises."""
    domains = {address.rpartition("@")[2].lower() for address in from_}
    if not domains or not all(_DOMAIN.fullmatch(d) for d in domains):
        return Authentication(Verdict.UNVERIFIED, "it names no sender that could be checked")
    asked = _Asked(resolver)
    findings = (
        *_signatures(raw, asked),
        *_spf(brought, asked),
        *_server(results, trust, brought.peer),
        *_forwarder(raw, asked, trust.forwarders),
    )
    vouched = [next((f for f in findings if f.result == "pass" and aligned(f.domain, d)), None) for d in domains]
    if all(vouched):
        first = vouched[0]
        assert first is not None
        return Authentication(Verdict.VERIFIED, _reason(first), findings, asked.keys())
    if asked.silent:
        return Authentication(Verdict.UNKNOWN, "the DNS gave no answer", findings, asked.keys())
    why = f"nothing vouches for {' and '.join(sorted(domains))}"
    return Authentication(Verdict.UNVERIFIED, why, findings, asked.keys())


def aligned(domain: str, claimed: str) -> bool:
    """Whether two domains belong to one organisation (RFC 7489 section 3.1, relaxed)."""
    return bool(domain) and _organisation(domain.lower()) == _organisation(claimed.lower())


@cache
def _suffixes() -> Any:
    from publicsuffix2 import PublicSuffixList

    return PublicSuffixList()


def _organisation(domain: str) -> str:
    """The name below the public suffix. The list does not know every top-level domain; those are suffixes too."""
    plain = domain.rstrip(".")
    found = str(_suffixes().get_sld(plain) or plain)
    return found if "." in found else ".".join(plain.split(".")[-2:])


def _reason(finding: Finding) -> str:
    return {
        "dkim": f"signed by {finding.domain}",
        "spf": f"sent by a mail server of {finding.domain}",
        "server": f"{finding.detail} vouches for {finding.domain}",
        "arc": f"{finding.detail}, which passed it on, vouches for {finding.domain}",
    }[finding.method]


def _text_of(asked: _Asked) -> Callable[..., bytes | None]:
    """The DNS as dkimpy asks for it."""

    def text(name: bytes | str, timeout: float = 5) -> bytes | None:
        plain = name.decode("ascii", "replace") if isinstance(name, bytes) else name
        found = asked.lookup(plain, "TXT")
        return found[0].encode("utf8", "replace") if found else None

    return text


def _signatures(raw: bytes, asked: _Asked) -> Iterable[Finding]:
    """Each DKIM signature, the topmost first."""
    import dkim

    try:
        message = dkim.DKIM(raw, minkey=1024)
        headers = [value for name, value in message.headers if name.lower() == b"dkim-signature"]
    except Exception:  # noqa: BLE001 (whatever cannot be taken apart is not signed)
        return
    for number, header in enumerate(headers[:MAX_SIGNATURES]):
        domain = _tag(header, b"d")
        try:
            good = message.verify(idx=number, dnsfunc=_text_of(asked))
            result = ("pass" if _covers(header, message.headers) else "partial") if good else "fail"
            yield Finding("dkim", domain, result, _tag(header, b"s"))
        except NoAnswer:
            yield Finding("dkim", domain, "temperror", _tag(header, b"s"))
        except dkim.ValidationError:
            yield Finding("dkim", domain, "fail", _tag(header, b"s"))
        except Exception as error:  # noqa: BLE001 (dkimpy raises many kinds on broken signatures)
            yield Finding("dkim", domain, "permerror", type(error).__name__)


def _covers(header: bytes, headers: Sequence[tuple[bytes, bytes]]) -> bool:
    """Whether a signature speaks for all that is read: the whole body (no ``l=``), every From and Subject, and of a header
    that it signs every instance. It holds for the lowest instances only; one more on top would be read, and is not signed.

    What it leaves open, anybody on the way could have written (RFC 6376 sections 5.4.2, 8.2 and 8.15).
    """
    signed = Counter(_tag(header, b"h").split(":"))
    there = Counter(name.decode("ascii", "replace").strip().lower() for name, _ in headers)
    needed = {"from", "subject"} | (signed.keys() & READ)
    return not _tag(header, b"l") and all(there[name] <= signed[name] for name in needed)


def _tag(header: bytes, name: bytes) -> str:
    """The value of one tag of a signature header."""
    for part in header.split(b";"):
        key, _, value = part.partition(b"=")
        if key.strip() == name:
            return re.sub(rb"\s+", b"", value).decode("ascii", "replace").lower()
    return ""


def _spf(brought: Brought, asked: _Asked) -> Iterable[Finding]:
    """RFC 7208 over MAIL FROM, or over HELO for the null sender."""
    if not brought.peer or brought.peer in LOOPBACK:
        return
    domain = brought.mail_from.rpartition("@")[2].lower() or brought.helo.lower()
    if not _DOMAIN.fullmatch(domain):
        return
    import spf

    class Query(spf.query):  # type: ignore[misc]
        """pyspf's algorithm over the resolver that was passed in."""

        def dns(self, name: Any, qtype: str, cnames: Any = None, ignore_void: bool = False) -> list[Any]:
            found = asked.lookup(str(name).rstrip("."), qtype) if name else []
            if not found and not ignore_void:
                self.void_lookups += 1
                if self.void_lookups > spf.MAX_VOID_LOOKUPS:
                    raise spf.PermError("too many lookups without an answer")
            if qtype in ("TXT", "SPF"):
                return [(text.encode("utf8", "replace"),) for text in found]
            if qtype == "MX":
                pairs = [text.split() for text in found]
                return [(int(p[0]), p[1].rstrip(".")) for p in pairs if len(p) == 2 and p[0].isdigit()]
            return found

    try:
        result, _, _ = Query(i=brought.peer, s=brought.mail_from, h=brought.helo or domain).check()
    except NoAnswer:
        result = "temperror"
    except Exception:  # noqa: BLE001 (pyspf raises many kinds on broken records)
        result = "permerror"
    yield Finding("spf", domain, str(result), brought.peer)


def _server(results: Sequence[str], trust: Trust, peer: str) -> Iterable[Finding]:
    """What the topmost Authentication-Results says, if a trusted server wrote it and brought the message.

    Anybody can connect and write such a header on top: it counts only from a machine that the settings name, from this
    one, or from a polled mailbox (no peer), whose own server removes what strangers wrote (RFC 8601 section 5).
    """
    if not trust.servers or not results or not (peer in ("", *LOOPBACK) or _among(peer, trust.peers)):
        return
    header = results[0][:HEADER_LIMIT]
    name = (header.partition(";")[0].split() or [""])[0].lower()
    if name in trust.servers:
        yield from _stated(header, "server", name)


def _among(peer: str, networks: Sequence[str]) -> bool:
    try:
        address = ip_address(peer)
        return any(address in ip_network(network, strict=False) for network in networks)
    except ValueError:
        return False


def _stated(header: str, method: str, who: str) -> Iterable[Finding]:
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


def _forwarder(raw: bytes, asked: _Asked, trusted: Sequence[str]) -> Iterable[Finding]:
    """What a trusted forwarder saw, if the chain of seals holds (RFC 8617 section 5.2)."""
    if not trusted:
        return
    import dkim

    try:
        chain, seals, _ = dkim.arc_verify(raw, dnsfunc=_text_of(asked))
        if chain != dkim.CV_Pass or not seals:
            yield Finding("arc", "", "fail" if chain == dkim.CV_Fail else "none")
            return
        newest = max(seals, key=lambda seal: seal["instance"])
        sealer = newest["as-domain"].decode("ascii", "replace").lower()
        if not any(aligned(sealer, forwarder) for forwarder in trusted):
            return
        number = newest["instance"]
        for name, value in dkim.ARC(raw).headers:
            if name.lower() == b"arc-authentication-results":
                text = " ".join(value.decode("utf8", "replace").split())
                place, _, rest = text.partition(";")
                if place.replace(" ", "") == f"i={number}":
                    yield from _stated(rest.strip(), "arc", sealer)
    except NoAnswer:
        yield Finding("arc", "", "temperror")
    except Exception:  # noqa: BLE001 (a chain that cannot be taken apart vouches for nothing)
        yield Finding("arc", "", "permerror")
