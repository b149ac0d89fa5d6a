"""What the transport knows, whose word counts, and what was found of a sender."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

LOOPBACK: Final = ("127.0.0.1", "::1")


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


TRUSTING_NOBODY: Final = Trust()


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
