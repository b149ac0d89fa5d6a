"""The ways out that the settings name: the smart host or a family's own account, the carrier."""

from __future__ import annotations

from gateway.delivery.email import Sender, Signer, SmartHost
from gateway.delivery.submission import ByFamily, accounts
from gateway.settings import Settings


def senders(settings: Settings) -> dict[str, Sender]:
    """The ways out that the settings name."""
    key = settings.path(settings.mail_out.dkim_key)
    common = SmartHost(settings.mail_out, Signer.of(settings.mail_out, key))
    own = accounts(settings, settings.families_by_address())
    out: dict[str, Sender] = {"email": ByFamily(own, common) if own else common}
    if settings.twilio is not None:
        from gateway.delivery.sms import Texts  # the SDK is large; an installation without texts never loads it

        out["sms"] = Texts(settings.twilio, public_url=settings.server.public_url)
    return out
