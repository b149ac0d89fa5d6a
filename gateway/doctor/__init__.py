"""`breakwater doctor`: what would keep this installation from working, and what to do about each."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gateway.doctor import machine, mail, people, records, storage, texts
from gateway.doctor.finding import Finding
from gateway.doctor.texts import recover
from gateway.errors import BreakwaterError
from gateway.settings import Settings

__all__ = ["Finding", "examine", "recover"]


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything, one finding after the other. Never raises on what it finds."""
    for check in CHECKS:
        try:
            found = check(settings)
            yield from (found,) if isinstance(found, Finding) else found
        except BreakwaterError as error:
            yield Finding(check.__name__.replace("_", " "), False, str(error))


CHECKS: tuple[Callable[[Settings], Finding | Iterator[Finding]], ...] = (
    people.families,
    people.safety_contact,
    people.alarms,
    machine.heartbeat,
    people.destinations,
    machine.disk,
    machine.clock,
    storage.database,
    storage.blobs,
    storage.sealing,
    storage.backups,
    machine.smtp_port,
    machine.web_port,
    machine.tls,
    mail.mailboxes,
    mail.submission,
    mail.smart_host,
    mail.signature,
    mail.bounces,
    mail.dns,
    records.published,
    texts.texts,
    texts.registration,
    texts.missed_texts,
    texts.opt_outs,
    machine.scanner_answers,
    people.orders,
    people.children,
    storage.time_stamps,
    machine.rules,
    machine.tagger,
)
