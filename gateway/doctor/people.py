"""Families, whom an alarm goes to, and which addresses have been confirmed."""

from __future__ import annotations

from datetime import timedelta

from gateway.alarms.checkup import alarms_now
from gateway.clock import utc_now
from gateway.delivery.destinations import WAITING, listed, waiting_there
from gateway.doctor.finding import Finding
from gateway.family.order import for_a_lawyer
from gateway.settings import Settings
from gateway.store import opened
from gateway.voices.handover import open_handovers, without_a_way


def families(settings: Settings) -> Finding:
    """Whether there is a family."""
    count = len(settings.families)
    return Finding(
        "families",
        count > 0,
        f"{count} in the settings"
        if count
        else "none: add a [[family]], or make a link with: breakwater init DIR --pages",
    )


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
    with opened(settings.database_url, settings.master) as store, store.read() as session:
        found = [
            (row.family, row.channel, waiting_there(session, row)) for row in listed(session) if row.state == WAITING
        ]
    if not found:
        return Finding(what, True, "none waits to be confirmed")
    said = "; ".join(
        f"{family}: one by {'email' if channel == 'email' else 'text'}, {count} updates wait for it"
        for family, channel, count in found
    )
    return Finding(what, False, f"{said}; see: breakwater verify-address")


def orders(settings: Settings) -> Finding:
    """Whether somebody answered what a court's order says."""
    unasked = [family.key for family in settings.families if family.order.there_is == "not asked"]
    if unasked:
        return Finding(
            "orders",
            None,
            f"nobody answered for {', '.join(unasked)} whether an order says how you write; see [family.order]",
        )
    asked = [f"{family.key}: {question}" for family in settings.families for question in for_a_lawyer(family.order)]
    return Finding("orders", None if asked else True, "ask a lawyer: " + "; ".join(asked) if asked else "answered")


def children(settings: Settings) -> Finding:
    """Whether what children wrote has reached the parent."""
    with opened(settings.database_url, settings.master) as store, store.read() as session:
        waiting = open_handovers(session, utc_now() - timedelta(hours=1))
        stuck = sorted(without_a_way(session, settings.families))
    if stuck:
        said = f"some wait for {', '.join(stuck)}, which is not in the settings any more, or whose parent has no email address there"
        return Finding("messages of children", False, f"{said}: put that back until they are handed over")
    if waiting:
        said = f"{waiting} could not be handed over for an hour; they are kept meanwhile: check [mail_out] and the parent's address"
        return Finding("messages of children", False, said)
    return Finding("messages of children", True, "none waits")


def alarms(settings: Settings) -> Finding:
    """Alarms that nobody has answered, and whether the last test got through."""
    with opened(settings.database_url, settings.master) as store, store.read() as session:
        good, said = alarms_now(session, [family.key for family in settings.families])
    return Finding("alarms", good, said)
