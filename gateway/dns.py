"""The DNS, asked through dnspython. The only place that does."""

from __future__ import annotations

from collections.abc import Sequence

import dns.exception
import dns.resolver

from gateway.parsing.authentication import NoAnswer

SECONDS = 4.0
"""How long one question may take, all servers and repetitions together."""


class Dns:
    """Satisfies `gateway.parsing.authentication.Resolver`. `servers` as ``address`` or ``address:port``; the system's
    own where none are given.
    """

    def __init__(self, servers: Sequence[str] = (), seconds: float = SECONDS) -> None:
        self._resolver = dns.resolver.Resolver(configure=not servers)
        self._resolver.lifetime = seconds
        if servers:
            pairs = [server.rpartition(":") if ":" in server else (server, "", "53") for server in servers]
            self._resolver.nameservers = [host.strip("[]") for host, _, _ in pairs]
            self._resolver.nameserver_ports = {host.strip("[]"): int(port) for host, _, port in pairs}

    def lookup(self, name: str, kind: str) -> list[str]:
        """The records as text. Raises NoAnswer when no server answers."""
        try:
            answer = self._resolver.resolve(name, kind, search=False, raise_on_no_answer=False)
        except dns.resolver.NXDOMAIN:
            return []
        except (dns.exception.DNSException, OSError, ValueError) as error:
            raise NoAnswer(type(error).__name__) from error
        records = list(answer.rrset or ())
        if kind == "TXT":
            return [b"".join(record.strings).decode("utf8", "replace") for record in records]
        return [record.to_text().rstrip(".") for record in records]
