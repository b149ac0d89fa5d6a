"""Mail in and out: mailboxes, the smart host, the signature, the relay's domain."""

from __future__ import annotations

import socket

from gateway.delivery.email import Signer
from gateway.doctor.finding import Finding
from gateway.intake import checkup
from gateway.settings import Settings


def mailboxes(settings: Settings) -> Finding:
    """Whether the families' mailboxes can be read."""
    found = [(f.key, checkup.incoming(f, f.mailbox, settings)) for f in settings.families if f.mailbox]
    if not found:
        return Finding("mailboxes", None, "no [family.mailbox]: mail comes in by SMTP only")
    return _joined("mailboxes", found)


def submission(settings: Settings) -> Finding:
    """Whether mail goes out through the families' mailboxes."""
    ways = [(f, f.mailbox, f.mailbox.submission) for f in settings.families if f.mailbox and f.mailbox.submission]
    if not ways:
        return Finding(
            "mail out of mailboxes", None, "no [family.mailbox.submission]: mail goes out by [mail_out] only"
        )
    return _joined("mail out of mailboxes", [(f.key, checkup.outgoing(f, box, out, settings)) for f, box, out in ways])


def _joined(what: str, found: list[tuple[str, checkup.Checkup]]) -> Finding:
    return Finding(what, all(one.good for _, one in found), "; ".join(f"{key}: {one.said}" for key, one in found))


def smart_host(settings: Settings) -> Finding:
    """Whether the server for outgoing mail answers."""
    out = settings.mail_out
    if settings.families and all(f.mailbox and f.mailbox.submission for f in settings.families):
        return Finding("mail out", None, "every family sends through its own mailbox; [mail_out] is not used")
    try:
        with socket.create_connection((out.host, out.port), timeout=5):
            return Finding("mail out", True, f"{out.host}:{out.port} answers")
    except OSError as error:
        return Finding("mail out", False, f"{out.host}:{out.port} does not answer ({error.strerror}); check [mail_out]")


def signature(settings: Settings) -> Finding:
    """Whether our mail is signed."""
    signer = Signer.of(settings.mail_out, settings.path(settings.mail_out.dkim_key))
    if signer is None:
        return Finding("signature", None, "mail goes out without DKIM; set dkim_domain and dkim_key in [mail_out]")
    signer.sign(b"From: a@example.org\r\nTo: b@example.org\r\nSubject: x\r\n\r\nx\r\n")
    return Finding("signature", True, "the DKIM key signs")


def dns(settings: Settings) -> Finding:
    """Whether the relay's domain can be found."""
    names = {f.relay_email.rpartition("@")[2] for f in settings.families}
    missing = []
    for name in sorted(names):
        try:
            socket.getaddrinfo(name, 25)
        except OSError:
            missing.append(name)
    if missing:
        return Finding("DNS", False, f"no address for {', '.join(missing)}; mail cannot find it: add MX and A records")
    return Finding("DNS", True, f"{', '.join(sorted(names))} found")


def bounces(settings: Settings) -> Finding:
    """Whether mail of ours that comes back is seen here."""
    what, out = "mail that comes back", settings.mail_out
    common = [f for f in settings.families if not (f.mailbox and f.mailbox.submission)]
    here = {f.relay_email.rpartition("@")[2] for f in settings.families}
    if not common:
        return Finding(what, True, "it comes to the families' own mailboxes")
    if out.bounce_address is not None and out.bounce_address.rpartition("@")[2] not in here:
        said = f"bounces go to {out.bounce_address.rpartition('@')[2]}, which is no relay domain of these settings"
        remedy = "unless its mail comes to this gateway, nobody learns what did not arrive: take out bounce_address in [mail_out]"
        return Finding(what, None, f"{said}; {remedy}")
    if not out.bounce_tags:
        said = "bounce_tags = false: a bounce is known only where it names the mail's number, and some do not"
        return Finding(what, None, said)
    return Finding(what, True, "it comes to the relay addresses")
