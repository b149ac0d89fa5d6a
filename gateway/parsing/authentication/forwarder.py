"""ARC (RFC 8617): what a forwarder saw before it changed the message."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gateway.parsing.authentication.answers import Asked, NoAnswer, text_of
from gateway.parsing.authentication.domains import aligned
from gateway.parsing.authentication.finding import Finding
from gateway.parsing.authentication.stated import stated


def forwarder(raw: bytes, asked: Asked, trusted: Sequence[str]) -> Iterable[Finding]:
    """What a trusted forwarder saw, if the chain of seals holds (RFC 8617 section 5.2)."""
    if not trusted:
        return
    import dkim

    try:
        chain, seals, _ = dkim.arc_verify(raw, dnsfunc=text_of(asked))
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
                    yield from stated(rest.strip(), "arc", sealer)
    except NoAnswer:
        yield Finding("arc", "", "temperror")
    except Exception:  # noqa: BLE001 (a chain that cannot be taken apart vouches for nothing)
        yield Finding("arc", "", "permerror")
