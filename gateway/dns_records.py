"""The DNS records that make mail of a relay domain arrive: what they should be, and what those that are there mean. Pure.

SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489), MX (RFC 5321 section 5.1), MTA-STS (RFC 8461), TLS-RPT (RFC 8460).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final, Literal

Mode = Literal["off", "testing", "enforce"]
MAX_AGE: Final = 604_800
"""A week: how long senders remember the policy (RFC 8461 section 3.2 asks for weeks rather than days)."""
LOCAL: Final = ("localhost", "localhost.localdomain")


@dataclass(frozen=True, slots=True)
class Domain:
    """What is known of a relay domain. `mx`: its mail servers' names; `sends`: the host that takes our mail.

    `dkim`: selector and public key (base64); None where we do not sign. `reports`: where reports of others go.
    """

    name: str
    mx: tuple[str, ...]
    sends: str
    dkim: tuple[str, str] | None
    mode: Mode = "off"
    reports: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it should be. `why`: what it is good for, in plain words; `needed`: mail suffers without it."""

    name: str
    kind: str
    value: str
    what: str
    why: str
    needed: bool = True


def records(domain: Domain) -> tuple[Record, ...]:
    """All records to publish for a domain, the most needed first."""
    found = [
        *(
            Record(domain.name, "MX", f"10 {host}.", "MX", "mail for the relay address finds this server")
            for host in domain.mx
        ),
        Record(domain.name, "TXT", spf(domain), "SPF", "only these servers send mail of this domain"),
    ]
    if domain.dkim is not None:
        selector, key = domain.dkim
        name = f"{selector}._domainkey.{domain.name}"
        found.append(Record(name, "TXT", f"v=DKIM1; k=rsa; p={key}", "DKIM", "our signature can be checked"))
    reports = f"; rua=mailto:{domain.reports}" if domain.reports else ""
    found.append(
        Record(
            f"_dmarc.{domain.name}", "TXT", f"v=DMARC1; p=quarantine{reports}", "DMARC",
            "nobody else's mail passes as ours; large providers want it",
        )
    )  # fmt: skip
    if domain.mode != "off":
        found.append(
            Record(
                f"_mta-sts.{domain.name}", "TXT", f"v=STSv1; id={policy_id(domain.mode, domain.mx)}", "MTA-STS",
                f"others send to us encrypted; the policy lies at https://mta-sts.{domain.name}/.well-known/mta-sts.txt",
                needed=False,
            )
        )  # fmt: skip
    if domain.reports:
        found.append(
            Record(
                f"_smtp._tls.{domain.name}", "TXT", f"v=TLSRPTv1; rua=mailto:{domain.reports}", "TLS-RPT",
                "others report where encryption failed", needed=False,
            )
        )  # fmt: skip
    return tuple(found)


def spf(domain: Domain) -> str:
    """The servers of the domain, and the host that takes our mail where it is another machine."""
    host = domain.sends.lower().rstrip(".")
    other = "" if _is_here(host) or host in domain.mx else f" a:{host}"
    return f"v=spf1 mx{other} -all"


def _is_here(host: str) -> bool:
    if host in LOCAL:
        return True
    try:
        return ip_address(host.strip("[]")).is_private
    except ValueError:
        return False


def policy_text(mode: Mode, mx: Sequence[str]) -> str:
    """The policy file of MTA-STS; its lines end with CRLF (RFC 8461 section 3.2)."""
    lines = ["version: STSv1", f"mode: {mode}", *(f"mx: {host}" for host in mx), f"max_age: {MAX_AGE}"]
    return "".join(f"{line}\r\n" for line in lines)


def policy_id(mode: Mode, mx: Sequence[str]) -> str:
    """An id that changes when the policy does (1 to 32 letters and digits)."""
    return hashlib.sha256(policy_text(mode, mx).encode()).hexdigest()[:20]


def judge(record: Record, there: Sequence[str]) -> tuple[bool | None, str]:
    """What the records that are there mean. True: good; False: mail suffers; None: worth a look."""
    judges = {"MX": _mx, "SPF": _spf, "DKIM": _dkim, "DMARC": _dmarc}
    return judges.get(record.what, _same)(record, there)


def _missing(record: Record) -> tuple[bool | None, str]:
    return (False if record.needed else None), "there is none"


def _mx(record: Record, there: Sequence[str]) -> tuple[bool | None, str]:
    hosts = [value.split()[-1].rstrip(".").lower() for value in there if value.split()]
    if not hosts:
        return _missing(record)
    ours = record.value.split()[-1].rstrip(".").lower()
    return (True, f"names {ours}") if ours in hosts else (None, f"names {', '.join(hosts)}, not {ours}")


def _spf(record: Record, there: Sequence[str]) -> tuple[bool | None, str]:
    found = [value for value in there if value.lower().split()[:1] == ["v=spf1"]]
    if not found:
        return _missing(record)
    if len(found) > 1:
        return False, "there are two; then none counts (RFC 7208 section 4.5); keep one"
    terms = found[0].lower().split()
    if any(term in ("all", "+all") for term in terms):
        return False, "it lets everybody send (+all); end it with -all"
    if any(term in ("-all", "~all") or term.startswith("redirect=") for term in terms):
        return True, "it is there"
    return None, "it forbids nothing; end it with -all"


def _dkim(record: Record, there: Sequence[str]) -> tuple[bool | None, str]:
    keys = [
        re.sub(r"\s", "", tag[2:]) for value in there for tag in map(str.strip, value.split(";")) if tag[:2] == "p="
    ]
    ours = record.value.partition("p=")[2]
    if not keys:
        return _missing(record)
    return (True, "it is our key") if ours in keys else (False, "it is another key than ours; our signatures fail")


def _dmarc(record: Record, there: Sequence[str]) -> tuple[bool | None, str]:
    found = [value for value in there if value.lower().replace(" ", "").startswith("v=dmarc1")]
    if not found:
        return _missing(record)
    if len(found) > 1:
        return False, "there are two; then none counts; keep one"
    tags = {
        key.strip().lower(): value.strip().lower() for key, _, value in (t.partition("=") for t in found[0].split(";"))
    }
    if tags.get("p") in ("quarantine", "reject"):
        return True, f"p={tags['p']}"
    return None, "it only watches (p=none); use p=quarantine once our mail arrives"


def _same(record: Record, there: Sequence[str]) -> tuple[bool | None, str]:
    head = record.value.split(";")[0].lower()
    found = [value for value in there if value.lower().replace(" ", "").startswith(head)]
    if not found:
        return _missing(record)
    if len(found) == 1 and found[0].replace(" ", "") == record.value.replace(" ", ""):
        return True, "it is there"
    return None, "it differs from ours; publish the one below"
