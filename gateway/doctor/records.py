"""The DNS records of the relay's domains: what to publish, and what the DNS shows now."""

from __future__ import annotations

from collections.abc import Iterator

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from gateway.dns import Dns
from gateway.dns_records import Domain, Record, judge, policy_text, records
from gateway.doctor.finding import Finding
from gateway.parsing.authentication import NoAnswer, Resolver
from gateway.settings import Settings

NO_MAIL_SERVER = "no relay address is on a mail server of ours; the provider of the mailbox has these records"


def relay_domains(settings: Settings) -> list[str]:
    """The domains of relay addresses whose mail comes by SMTP; where a family has a mailbox, its provider has the records."""
    return sorted({f.relay_email.rpartition("@")[2] for f in settings.families if f.mailbox is None})


def domains(settings: Settings) -> list[Domain]:
    """What is known of each of them."""
    out = settings.mail_out
    key = public_key(settings)
    return [
        Domain(
            name=name,
            mx=settings.mail_in.hosts(settings.server.host_name),
            sends=out.host,
            dkim=(out.dkim_selector, key) if key is not None and name == out.dkim_domain else None,
            mode=settings.mail_in.mta_sts,
            reports=settings.mail_in.reports_to,
        )
        for name in relay_domains(settings)
    ]


def public_key(settings: Settings) -> str | None:
    """The public part of the DKIM key, base64; None where there is no key that can be read."""
    file = settings.path(settings.mail_out.dkim_key)
    try:
        key = load_pem_private_key(file.read_bytes(), None) if file is not None else None
    except (OSError, ValueError, TypeError):
        return None
    if key is None:
        return None
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return "".join(public.strip().split("\n")[1:-1])


def to_copy(settings: Settings) -> Iterator[str]:
    """Lines to copy: every record to publish, and the policy file of MTA-STS with its place."""
    for domain in domains(settings):
        for record in records(domain):
            yield f"; {record.what}: {record.why}"
            yield f"{record.name}.  {record.kind}  {_quoted(record)}"
        if domain.mode != "off":
            yield ""
            yield f"; https://mta-sts.{domain.name}/.well-known/mta-sts.txt"
            yield f"; `breakwater serve` answers with this; point mta-sts.{domain.name} at the web server with TLS before it"
            yield from policy_text(domain.mode, domain.mx).splitlines()
        yield ""


def _quoted(record: Record) -> str:
    """A TXT value in pieces of at most 255 octets (RFC 1035 section 3.3.14)."""
    if record.kind != "TXT":
        return record.value
    return " ".join(f'"{record.value[i : i + 250]}"' for i in range(0, len(record.value), 250))


def look(settings: Settings, resolver: Resolver) -> Iterator[Finding]:
    """Each record beside what the DNS shows."""
    for domain in domains(settings):
        for record in records(domain):
            what = f"{record.what} of {domain.name}"
            try:
                good, said = judge(record, resolver.lookup(record.name, record.kind))
            except NoAnswer:
                yield Finding(what, None, "the DNS does not answer now")
                continue
            remedy = "" if good else f"; publish: {record.name} {record.kind} {_quoted(record)}"
            yield Finding(what, good, said + remedy)


def published(settings: Settings) -> Iterator[Finding]:
    """The same over the real DNS, where it may be asked."""
    if not relay_domains(settings):
        yield Finding("DNS records", None, NO_MAIL_SERVER)
    elif not settings.senders.check:
        yield Finding(
            "DNS records", None, "not asked, since [senders] check = false; see them with: breakwater doctor --dns"
        )
    else:
        yield from look(settings, Dns(settings.senders.nameservers))
