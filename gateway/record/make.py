"""An order for a record, from the command or the web page, carried out: check it, checkpoint, gather, bundle, log.

The checkpoint is made first, so that it covers every entry that the record speaks of. That a record was made is an entry
of the log too, with the hash of its manifest: who got which record can be told later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from gateway.errors import AnchorError, UserError
from gateway.family import Family
from gateway.language import LANGUAGES
from gateway.ledger import append
from gateway.ledger.checkpoints import Checkpoints, signing_key
from gateway.policy import load_rules
from gateway.record.archive import verifier_archive
from gateway.record.bundle import SignPages, Wanted, make_bundle
from gateway.record.exhibit import check_issues
from gateway.record.gather import Progress, check_about, gather, no_progress
from gateway.record.items import Scope, Style
from gateway.record.signing import Signer, sign, signer_of
from gateway.record.speech import court
from gateway.settings import Settings, load
from gateway.store import Blobs, Store
from gateway.store.blobs import digest

REASON = "The pages are as the gateway made them"


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for, in words as they were given. Empty: everything; for `language`, the family's."""

    since: str = ""
    until: str = ""
    people: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    style: str = "plain"
    prefix: str = "BW"
    exhibit: tuple[str, ...] = ()
    family: str = ""
    originals: bool = False
    journal: bool = False
    language: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """What was made."""

    messages: int
    total: int
    entries: int
    manifest: str
    verifier: str
    fingerprint: str


def make(
    directory: Path,
    target: Path,
    order: Order,
    now: datetime,
    *,
    reading: Progress = no_progress,
    writing: Progress = no_progress,
) -> Made:
    """Make the bundle. Raises UserError for an order that makes no sense, RecordError, StoreError, LogError."""
    settings = load(directory)
    family = family_of(settings, order.family)
    scope, style = scope_of(order, family), style_of(order.style)
    issues, language = check_issues(order.exhibit), language_of(order.language, family)
    store = Store(settings.database_url, settings.master)
    blobs = Blobs(settings.blobs_at, store)
    try:
        store.migrate()
        private = signing_key(settings.data)
        signer = Checkpoints(store, private, settings.server.host_name)
        signer.make_due(now, at_once=True, only=family.key)
        key = signer.key(family.key)
        record = gather(
            store, blobs, family, load_rules().for_family(family), scope,
            fingerprint=key.fingerprint, now=now.replace(microsecond=0), journal=order.journal and not order.originals,
            language=language, progress=reading,
        )  # fmt: skip
        by = signer_of(settings.data, settings.server.host_name, now)
        wanted = Wanted(
            style=style,
            prefix=prefix_of(order.prefix),
            sign_pages=_signing(by, settings, court(language).say(REASON)),
            certificate=by.pem,
            originals_only=order.originals,
            exhibit=issues,
        )
        manifest = make_bundle(record, store, blobs, key, private, target, wanted, progress=writing)
        body = {
            "manifest_sha256": manifest,
            "messages": len(record.messages),
            "of": record.total,
            "style": str(style),
            "originals_only": order.originals,
            "notes": len(record.notes),
        }
        with store.write() as session:
            append(session, family.key, "exported", body, now=now, zone=family.time_zone)
    finally:
        blobs.close()
        store.close()
    return Made(
        len(record.messages), record.total, record.entries, manifest, digest(verifier_archive()), key.fingerprint
    )


def family_of(settings: Settings, key: str) -> Family:
    """The family that is meant. Raises UserError."""
    known = {family.key: family for family in settings.families}
    if key and key not in known:
        raise UserError(f"--family: found {key!r}; there are {', '.join(known)}")
    if not key and len(known) != 1:
        raise UserError(f"--family is missing: name one of {', '.join(known)}" if known else "there is no family yet")
    return known[key] if key else next(iter(known.values()))


def scope_of(order: Order, family: Family) -> Scope:
    """What is chosen, checked. Days are whole days in the family's zone. Raises UserError."""
    first, last = _day("--from", order.since), _day("--to", order.until)
    if first and last and last < first:
        raise UserError(f"--to: found {order.until}; should not lie before --from")
    zone = ZoneInfo(family.time_zone)
    people = (family.coparent.name,) if order.originals else order.people
    return Scope(
        since=_midnight(first, zone) if first else None,
        until=_midnight(last + timedelta(days=1), zone) if last else None,
        people=people,
        about=check_about(order.about),
    )


def style_of(value: str) -> Style:
    """The style that is meant. Raises UserError."""
    try:
        return Style(value.strip().lower())
    except ValueError:
        raise UserError(f"--style: found {value!r}; should be {', '.join(Style)}") from None


def language_of(value: str, family: Family) -> str:
    """The language that is meant: the family's where none is named. Raises UserError."""
    wanted = value.strip().lower() or family.language
    if wanted not in LANGUAGES:
        raise UserError(f"--language: found {value!r}; should be {' or '.join(LANGUAGES)}")
    return wanted


def prefix_of(value: str) -> str:
    """What stands before Bates numbers: a few letters and digits. Raises UserError."""
    if not (value.isascii() and value.replace("-", "").isalnum() and len(value) <= 12):
        raise UserError(f"--prefix: found {value!r}; should be up to twelve letters, digits and dashes")
    return value


def _day(option: str, value: str) -> date | None:
    try:
        return date.fromisoformat(value.strip()) if value.strip() else None
    except ValueError:
        raise UserError(f"{option}: found {value!r}; should be a day such as 2026-01-05") from None


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _signing(signer: Signer, settings: Settings, reason: str) -> SignPages:
    """Signs pages, with a stamp inside where an authority answers; without one where it does not."""

    def signed(pdf: bytes) -> bytes:
        if settings.anchors:
            from gateway.ledger.anchors import by_http

            try:
                return sign(pdf, signer, reason=reason, authority=(settings.anchors[0].url, by_http))
            except AnchorError:
                pass  # the bundle's own stamps lie beside its checkpoints; a page without one is still signed
        return sign(pdf, signer, reason=reason)

    return signed
