"""Asks the DNS who a stored mail is really from. Texts are vouched for by the carrier's signature at the door."""

from __future__ import annotations

from gateway.concluded import Stored
from gateway.dns import Dns
from gateway.parsing import Reading
from gateway.parsing.authentication import Authentication, Brought, Resolver, Trust, authenticate
from gateway.settings import Senders


class SenderCheck:
    """One for all mail of an installation."""

    def __init__(self, resolver: Resolver, trust: Trust) -> None:
        self._resolver, self._trust = resolver, trust

    @classmethod
    def of(cls, settings: Senders) -> SenderCheck | None:
        """The check that the settings ask for; None where it is off."""
        if not settings.check:
            return None
        trust = Trust(
            servers=settings.trusted_servers, peers=settings.trusted_peers, forwarders=settings.trusted_forwarders
        )
        return cls(Dns(settings.nameservers), trust)

    def of_mail(self, raw: bytes, reading: Reading, stored: Stored) -> Authentication:
        """What can be said of the sender. Never raises."""
        brought = Brought(stored.peer, stored.helo, stored.mail_from)
        return authenticate(raw, reading.from_, brought, self._resolver, self._trust, reading.authentication_results)
