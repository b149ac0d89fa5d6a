"""The verdict: whether one of the four ways vouches for every address in From."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.parsing.authentication.answers import Asked, Resolver
from gateway.parsing.authentication.domains import DOMAIN, aligned
from gateway.parsing.authentication.finding import TRUSTING_NOBODY, Authentication, Brought, Finding, Trust, Verdict
from gateway.parsing.authentication.forwarder import forwarder
from gateway.parsing.authentication.origin import sending_machine
from gateway.parsing.authentication.signatures import signatures
from gateway.parsing.authentication.stated import server


def authenticate(
    raw: bytes,
    from_: Sequence[str],
    brought: Brought,
    resolver: Resolver,
    trust: Trust = TRUSTING_NOBODY,
    results: Sequence[str] = (),
) -> Authentication:
    """What can be said of the sender of `raw`. `results` are its Authentication-Results, topmost first. Never raises."""
    domains = {address.rpartition("@")[2].lower() for address in from_}
    if not domains or not all(DOMAIN.fullmatch(d) for d in domains):
        return Authentication(Verdict.UNVERIFIED, "it names no sender that could be checked")
    asked = Asked(resolver)
    findings = (
        *signatures(raw, asked),
        *sending_machine(brought, asked),
        *server(results, trust, brought.peer),
        *forwarder(raw, asked, trust.forwarders),
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


def _reason(finding: Finding) -> str:
    return {
        "dkim": f"signed by {finding.domain}",
        "spf": f"sent by a mail server of {finding.domain}",
        "server": f"{finding.detail} vouches for {finding.domain}",
        "arc": f"{finding.detail}, which passed it on, vouches for {finding.domain}",
    }[finding.method]
