"""Families, whom an alarm goes to, and which addresses have been confirmed."""

from __future__ import annotations

from gateway.delivery.destinations import WAITING, listed, waiting_there
from gateway.doctor.finding import Finding
from gateway.settings import Settings
from gateway.store import Store


def families(settings: Settings) -> Finding:
    """Whether there is a family."""
    count = len(settings.families)
    return Finding("families", count > 0, f"{count} in the settings" if count else "none: add a [[family]]")


def safety_contact(settings: Settings) -> Finding:
    """Whom an alarm goes to besides the parent."""
    without = [family.key for family in settings.families if not family.safety_contacts()]
    if not without:
        return Finding("safety contact", True, "every family has one")
    said = (
        f"none for {', '.join(without)}: when a message is dangerous, only the parent is told; add a [[family.person]]"
    )
    return Finding("safety contact", None, f'{said} with role = "safety contact" and an address')


def destinations(settings: Settings) -> Finding:
    """Whether every address and number that updates go to was confirmed."""
    what = "confirmed addresses"
    if not settings.destinations.verify:
        return Finding(what, None, "addresses need no confirmation ([destinations] verify = false)")
    store = Store(settings.database_url)
    try:
        store.migrate()
        with store.read() as session:
            found = [
                (row.family, row.channel, waiting_there(session, row))
                for row in listed(session)
                if row.state == WAITING
            ]
    finally:
        store.close()
    if not found:
        return Finding(what, True, "none waits to be confirmed")
    said = "; ".join(
        f"{family}: one by {'email' if channel == 'email' else 'text'}, {count} updates wait for it"
        for family, channel, count in found
    )
    return Finding(what, False, f"{said}; see: breakwater verify-address")
