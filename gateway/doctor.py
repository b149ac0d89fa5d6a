"""`breakwater doctor`: what would keep this installation from working, and what to do about each."""

from __future__ import annotations

import shutil
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from sqlalchemy import func, select

from gateway.alarms.checkup import alarms_now
from gateway.clock import utc_now
from gateway.delivery.email import Signer
from gateway.errors import BreakwaterError, CarrierError, LogError, SettingsError
from gateway.family.order import for_a_lawyer
from gateway.intake import checkup
from gateway.intake.keep import UNASSIGNED, Keeper
from gateway.ledger import entries, verify
from gateway.optout import opted_out
from gateway.policy import load_rules
from gateway.serve import scanner, tls_context
from gateway.settings import Settings
from gateway.store import Blobs, Store
from gateway.store.tables import AnchorRow, DeliveryRow, MessageRow
from gateway.tagging import MODEL
from gateway.voices.handover import open_handovers

LEAST_FREE = 1024**3


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `good` is None where it could not be told."""

    what: str
    good: bool | None
    said: str


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything, one finding after the other. Never raises on what it finds."""
    for check in CHECKS:
        try:
            yield check(settings)
        except BreakwaterError as error:
            yield Finding(check.__name__.strip("_").replace("_", " "), False, str(error))


def _families(settings: Settings) -> Finding:
    count = len(settings.families)
    return Finding("families", count > 0, f"{count} in the settings" if count else "none: add a [[family]]")


def _disk(settings: Settings) -> Finding:
    settings.data.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.data).free
    said = f"{free / 1024**3:.1f} GB free"
    return Finding(
        "disk", free > LEAST_FREE, said if free > LEAST_FREE else f"only {said}; make room, or mail is refused"
    )


def _clock(_settings: Settings) -> Finding:
    year = utc_now().year
    good = 2026 <= year < 2100 and time.get_clock_info("monotonic").monotonic
    return Finding("clock", good, f"{utc_now():%Y-%m-%d %H:%M:%S} UTC" + ("" if good else "; set the system's clock"))


def _database(settings: Settings) -> Finding:
    store = Store(settings.database_url)
    try:
        store.migrate()
        with store.read() as session:
            counts = verify(entries(session))
            lost = session.scalar(select(func.count()).where(MessageRow.family == UNASSIGNED)) or 0
            shunted = session.scalar(select(func.count()).where(MessageRow.state == "shunted")) or 0
            failed = session.scalar(select(func.count()).where(DeliveryRow.state == "failed")) or 0
    except LogError as error:
        return Finding("log", False, f"does not hold together: {error}")
    finally:
        store.close()
    said = f"{sum(counts.values())} entries in {len(counts)} logs, all fit"
    if lost or shunted or failed:
        said += f"; {lost} texts to a number of no family, {shunted} set aside (see: breakwater shunt list), {failed} undeliverable"
    return Finding("log", not (lost or shunted), said)


def _blobs(settings: Settings) -> Finding:
    blobs = Blobs(settings.data / "blobs")
    blobs.get(blobs.put(b"breakwater doctor\n"))
    blobs.close()
    return Finding("messages folder", True, "can be written and read")


def _smtp_port(settings: Settings) -> Finding:
    return _port("mail in", settings.server.smtp_listen)


def _web_port(settings: Settings) -> Finding:
    return _port("web", settings.server.web_listen)


def _port(what: str, listen: str) -> Finding:
    host, _, port = listen.rpartition(":")
    with socket.socket(socket.AF_INET6 if ":" in host.strip("[]") else socket.AF_INET) as probe:
        probe.settimeout(2)
        try:
            probe.connect((host.strip("[]"), int(port)))
        except OSError:
            return Finding(what, None, f"nothing listens on {listen}; start it with: breakwater serve")
    return Finding(what, True, f"{listen} answers")


def _mailboxes(settings: Settings) -> Finding:
    found = [(f.key, checkup.incoming(f, f.mailbox, settings)) for f in settings.families if f.mailbox]
    if not found:
        return Finding("mailboxes", None, "no [family.mailbox]: mail comes in by SMTP only")
    return _joined("mailboxes", found)


def _submission(settings: Settings) -> Finding:
    ways = [(f, f.mailbox, f.mailbox.submission) for f in settings.families if f.mailbox and f.mailbox.submission]
    if not ways:
        return Finding(
            "mail out of mailboxes", None, "no [family.mailbox.submission]: mail goes out by [mail_out] only"
        )
    return _joined("mail out of mailboxes", [(f.key, checkup.outgoing(f, box, out, settings)) for f, box, out in ways])


def _joined(what: str, found: list[tuple[str, checkup.Checkup]]) -> Finding:
    return Finding(what, all(one.good for _, one in found), "; ".join(f"{key}: {one.said}" for key, one in found))


def _smart_host(settings: Settings) -> Finding:
    out = settings.mail_out
    if settings.families and all(f.mailbox and f.mailbox.submission for f in settings.families):
        return Finding("mail out", None, "every family sends through its own mailbox; [mail_out] is not used")
    try:
        with socket.create_connection((out.host, out.port), timeout=5):
            return Finding("mail out", True, f"{out.host}:{out.port} answers")
    except OSError as error:
        return Finding("mail out", False, f"{out.host}:{out.port} does not answer ({error.strerror}); check [mail_out]")


def _signature(settings: Settings) -> Finding:
    signer = Signer.of(settings.mail_out, settings.path(settings.mail_out.dkim_key))
    if signer is None:
        return Finding("signature", None, "mail goes out without DKIM; set dkim_domain and dkim_key in [mail_out]")
    signer.sign(b"From: a@example.org\r\nTo: b@example.org\r\nSubject: x\r\n\r\nx\r\n")
    return Finding("signature", True, "the DKIM key signs")


def _dns(settings: Settings) -> Finding:
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


def _texts(settings: Settings) -> Finding:
    wanted = [f.key for f in settings.families if f.relay_phone]
    if settings.twilio is None:
        return Finding("texts", False if wanted else None, "no [twilio] in the settings; texts are refused")
    if urlsplit(settings.server.public_url).scheme != "https":
        return Finding("texts", None, "public_url is not https; Twilio will want https outside a test")
    url = settings.server.public_url
    return Finding(
        "texts", True, f"point the number's webhooks at {url}/sms/incoming (messages), {url}/voice/incoming (calls)"
    )


def _missed_texts(settings: Settings) -> Finding:
    if settings.twilio is None:
        return Finding("missed texts", None, "no [twilio] in the settings; nothing to compare")
    from gateway.intake.reconcile import Reconciler

    store = Store(settings.database_url)
    try:
        store.migrate()
        reconciler = Reconciler(store, settings.families_by_address(), settings.twilio, utc_now)
        missing = reconciler.missing()
    except CarrierError as error:
        return Finding("missed texts", None, f"{error}; check [twilio]")
    finally:
        store.close()
    if missing:
        said = f"the carrier lists {missing} that are not here; take them in with: breakwater doctor --recover"
        return Finding("missed texts", False, said)
    return Finding("missed texts", True, "the carrier lists none that is not here")


def recover(settings: Settings) -> Finding:
    """Take in the texts that the carrier lists and that never came. Raises SettingsError, CarrierError, StoreError."""
    if settings.twilio is None:
        raise SettingsError("there is no [twilio] in the settings, so there is no list to compare with; add it first")
    from gateway.intake.reconcile import Reconciler

    store, blobs = Store(settings.database_url), Blobs(settings.data / "blobs")
    store.migrate()
    keeper = Keeper(store, blobs)
    try:
        found = Reconciler(store, settings.families_by_address(), settings.twilio, utc_now).run(keeper)
    finally:
        keeper.close()
        blobs.close()
        store.close()
    return Finding("recovered texts", True, f"{found} taken in" + ("; breakwater serve reads them" if found else ""))


def _opt_outs(settings: Settings) -> Finding:
    store = Store(settings.database_url)
    try:
        store.migrate()
        with store.read() as session:
            found = [out for family in settings.families for out in opted_out(session, family)]
    finally:
        store.close()
    if not found:
        return Finding("opt-outs", True, "no number has sent STOP")
    said = "; ".join(
        f"{out.family}: the phone of {out.who} takes no texts since {out.since:%Y-%m-%d} (STOP)"
        + (", so cards go by email; send START from it to the relay number" if out.own else "")
        for out in found
    )
    return Finding("opt-outs", False if any(out.own for out in found) else None, said)


def _tls(settings: Settings) -> Finding:
    if tls_context(settings) is None:
        return Finding("encryption of mail in", None, "no tls_certificate: mail comes in unencrypted")
    return Finding("encryption of mail in", True, "STARTTLS is offered")


def _scanner(settings: Settings) -> Finding:
    found = scanner(settings)
    if found is None:
        return Finding("virus scanner", None, "none set: attachments are not scanned; see [scanner]")
    if not found.ping():
        said = f"{settings.scanner.clamd} does not answer; attachments are held until it does: start clamd"
        return Finding("virus scanner", False, said)
    return Finding("virus scanner", True, f"{settings.scanner.clamd} answers")


def _safety_contact(settings: Settings) -> Finding:
    without = [family.key for family in settings.families if not family.safety_contacts()]
    if not without:
        return Finding("safety contact", True, "every family has one")
    said = (
        f"none for {', '.join(without)}: when a message is dangerous, only the parent is told; add a [[family.person]]"
    )
    return Finding("safety contact", None, f'{said} with role = "safety contact" and an address')


def _orders(settings: Settings) -> Finding:
    unasked = [family.key for family in settings.families if family.order.there_is == "not asked"]
    if unasked:
        return Finding(
            "orders",
            None,
            f"nobody answered for {', '.join(unasked)} whether an order says how you write; see [family.order]",
        )
    asked = [f"{family.key}: {question}" for family in settings.families for question in for_a_lawyer(family.order)]
    return Finding("orders", None if asked else True, "ask a lawyer: " + "; ".join(asked) if asked else "answered")


def _children(settings: Settings) -> Finding:
    """Whether what children wrote has reached the parent."""
    store = Store(settings.database_url)
    try:
        store.migrate()
        with store.read() as session:
            waiting = open_handovers(session, utc_now() - timedelta(hours=1))
    finally:
        store.close()
    if waiting:
        said = f"{waiting} could not be handed over for an hour; they are kept meanwhile: check [mail_out] and the parent's address"
        return Finding("messages of children", False, said)
    return Finding("messages of children", True, "none waits")


def _alarms(settings: Settings) -> Finding:
    """Alarms that nobody has answered, and whether the last test got through."""
    store = Store(settings.database_url)
    try:
        store.migrate()
        with store.read() as session:
            good, said = alarms_now(session, [family.key for family in settings.families])
    finally:
        store.close()
    return Finding("alarms", good, said)


def _heartbeat(settings: Settings) -> Finding:
    beat = settings.heartbeat
    if beat.url is None and beat.file is None:
        said = "no [heartbeat]: if this machine dies, nobody is told; set url or file, or run `breakwater heartbeat --url` elsewhere"
        return Finding("heartbeat", None, said)
    return Finding("heartbeat", True, f"given every {beat.every_minutes} minutes while all is well")


def _time_stamps(settings: Settings) -> Finding:
    """Whether the newest checkpoints were stamped by every authority."""
    what = "time stamps"
    if not settings.anchors:
        return Finding(
            what, None, "no [[anchor]]: when an entry was made is this machine's own word; name two authorities"
        )
    from gateway.ledger.anchors import stampers

    stampers(settings)
    store = Store(settings.database_url)
    try:
        store.migrate()
        with store.read() as session:
            rows = [
                (name, session.scalars(
                    select(AnchorRow).where(AnchorRow.authority == name).order_by(AnchorRow.id.desc()).limit(1)
                ).first())
                for name in (authority.name for authority in settings.anchors)
            ]  # fmt: skip
            said = [
                f"{name}: {row.state} ({row.why})" if row.why else f"{name}: {row.state}" for name, row in rows if row
            ]
            bad = any(row is not None and row.attempts > 0 and row.state != "stamped" for _, row in rows)
    finally:
        store.close()
    return Finding(what, not bad, "; ".join(said) or "none yet; the first come when `breakwater serve` runs")


def _rules(_settings: Settings) -> Finding:
    rules = load_rules()
    return Finding("rules", True, f"{len(rules.rules)} rules, version {rules.version}")


def _tagger(_settings: Settings) -> Finding:
    found = (MODEL / "manifest.json").exists()
    return Finding(
        "tagger", found, "model found" if found else "no model: every message is held; reinstall the package"
    )


CHECKS: tuple[Callable[[Settings], Finding], ...] = (
    _families,
    _safety_contact,
    _alarms,
    _heartbeat,
    _disk,
    _clock,
    _database,
    _blobs,
    _smtp_port,
    _web_port,
    _tls,
    _mailboxes,
    _submission,
    _smart_host,
    _signature,
    _dns,
    _texts,
    _missed_texts,
    _opt_outs,
    _scanner,
    _orders,
    _children,
    _time_stamps,
    _rules,
    _tagger,
)
