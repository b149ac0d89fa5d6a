"""SPF (RFC 7208): whether the machine that brought a mail may send for its envelope sender."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gateway.parsing.authentication.answers import Asked, NoAnswer
from gateway.parsing.authentication.domains import DOMAIN
from gateway.parsing.authentication.finding import LOOPBACK, Brought, Finding


def sending_machine(brought: Brought, asked: Asked) -> Iterable[Finding]:
    """RFC 7208 over MAIL FROM, or over HELO for the null sender."""
    if not brought.peer or brought.peer in LOOPBACK:
        return
    domain = brought.mail_from.rpartition("@")[2].lower() or brought.helo.lower()
    if not DOMAIN.fullmatch(domain):
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
