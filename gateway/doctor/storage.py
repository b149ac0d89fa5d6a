"""What is kept: the log, the messages folder, the time stamps of checkpoints."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from gateway.clock import utc_now
from gateway.doctor.finding import Finding
from gateway.errors import LogError
from gateway.intake.keep import UNASSIGNED
from gateway.ledger import INSTALLATION, entries, verify
from gateway.settings import Settings
from gateway.store import Blobs, opened
from gateway.store.moving import refuse_to_start
from gateway.store.place import BucketPlace
from gateway.store.tables import AnchorRow, DeliveryRow, MessageRow
from gateway.store.writable import PUBLIC, REMEDY, refusal

OLD_BACKUP = timedelta(days=3)


def database(settings: Settings) -> Finding:
    """Whether the log holds together, and what waits for a person."""
    try:
        with opened(settings.database_url, settings.master) as store, store.read() as session:
            counts = verify(entries(session))
            lost = session.scalar(select(func.count()).where(MessageRow.family == UNASSIGNED)) or 0
            shunted = session.scalar(select(func.count()).where(MessageRow.state == "shunted")) or 0
            failed = session.scalar(select(func.count()).where(DeliveryRow.state == "failed")) or 0
    except LogError as error:
        return Finding("log", False, f"does not hold together: {error}")
    said = f"{sum(counts.values())} entries in {len(counts)} logs, all fit"
    if lost or shunted or failed:
        said += f"; {lost} texts to a number of no family, {shunted} set aside (see: breakwater shunt list), {failed} undeliverable"
    return Finding("log", not (lost or shunted), said)


def blobs(settings: Settings) -> Finding:
    """Whether messages can be kept."""
    where = settings.blobs_at
    if isinstance(where, BucketPlace):
        return bucket(settings, where)
    if where.exists() and (refused := refusal(where)):
        return Finding("messages folder", False, f"{where} cannot be written ({refused}): {REMEDY}")
    refuse_to_start(settings)
    with opened(settings.database_url, settings.master) as store:
        blobs = Blobs(where, store)
        blobs.get(INSTALLATION, blobs.put(INSTALLATION, b"breakwater doctor\n"))
        blobs.close()
    return Finding("messages folder", True, "can be written and read")


def bucket(settings: Settings, where: BucketPlace) -> Finding:
    """Whether the bucket answers, takes bytes and gives them back, and whether strangers or old versions may give them too."""
    what = "messages bucket"
    if refused := refusal(where):
        return Finding(what, False, refused if refused != PUBLIC else f"{where.said()}: {refused}")
    refuse_to_start(settings)
    said = f"{where.said()} can be written, read, listed and cleared, and strangers are refused"
    if not where.tls:
        said += "; the way there is not encrypted (tls = false)"
    from gateway.store.bucket import Bucket

    with contextlib.closing(Bucket(where)) as there:
        if there.keeps_versions():
            return Finding(
                what,
                None,
                f"{said}; it keeps versions: what a child wrote and was removed stays there as an old one. Let those expire soon",
            )
    return Finding(what, True if where.tls else None, said)


def sealing(settings: Settings) -> Finding:
    """Whether what is kept is sealed, and with what."""
    what, place = "sealing", settings.master
    if place is None:
        return Finding(
            what, None, "off: who steals the disk or the folder reads every message; see docs/operators-guide.md"
        )
    if place.open_to_others():
        return Finding(what, False, f"others on this machine can read {place.said()}; run chmod 600 on it")
    with opened(settings.database_url, place) as store:
        blobs = Blobs(settings.blobs_at, store)
        plain = sum(1 for _ in blobs.plain())
        blobs.close()
    said = f"on; the master key {place.keys()[0].name} is in {place.said()}. No backup holds it: keep a copy elsewhere"
    return Finding(what, True, said + (f"; {plain} files are still to be sealed" if plain else ""))


def time_stamps(settings: Settings) -> Finding:
    """Whether the newest checkpoints were stamped by every authority."""
    what = "time stamps"
    if not settings.anchors:
        return Finding(
            what, None, "no [[anchor]]: when an entry was made is this machine's own word; name two authorities"
        )
    from gateway.ledger.anchors import stampers

    stampers(settings)
    with opened(settings.database_url, settings.master) as store, store.read() as session:
        rows = [
            (name, session.scalars(
                select(AnchorRow).where(AnchorRow.authority == name).order_by(AnchorRow.id.desc()).limit(1)
            ).first())
            for name in (authority.name for authority in settings.anchors)
        ]  # fmt: skip
        said = [f"{name}: {row.state} ({row.why})" if row.why else f"{name}: {row.state}" for name, row in rows if row]
        bad = any(row is not None and row.attempts > 0 and row.state != "stamped" for _, row in rows)
    return Finding(what, not bad, "; ".join(said) or "none yet; the first come when `breakwater serve` runs")


def backups(settings: Settings) -> Finding:
    """Whether there is a backup, and how old it is."""
    if settings.backup is None:
        return Finding(
            "backups",
            None,
            "no [backup] in the settings: a disk that dies takes everything with it; see docs/operators-guide.md",
        )
    from gateway.backup.repository import STAMP, stamps_in

    folder = settings.directory / settings.backup.to
    stamps = stamps_in(folder)
    if not stamps:
        return Finding(
            "backups", False, f"none in {folder} yet; make one with: breakwater backup --dir {settings.directory}"
        )
    try:
        made = datetime.strptime(stamps[-1], STAMP).replace(tzinfo=UTC)
    except ValueError:
        return Finding("backups", False, f"{folder / 'backups' / stamps[-1]}: this name is no day; remove it")
    age = utc_now() - made
    said = f"{len(stamps)} in {folder}, the newest {age.days} days and {age.seconds // 3600} hours old"
    if age < -timedelta(days=1):
        said += "; its name lies in the future: the clock was wrong, and how old it is cannot be told. Remove it once a newer one is there"
    return Finding("backups", -timedelta(days=1) <= age <= OLD_BACKUP, said)
