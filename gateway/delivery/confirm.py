"""`breakwater verify-address`: list where updates go, confirm one with its code, send a code again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from gateway.clock import for_people, utc_now
from gateway.delivery.destinations import VERIFIED, Destinations, listed, waiting_there
from gateway.errors import UserError
from gateway.family import normal_email, normal_phone
from gateway.settings import Settings
from gateway.store import Store


def listing(settings: Settings) -> list[str]:
    """One line for each address or number that is known."""
    zones = {family.key: family.time_zone for family in settings.families}
    out = []
    with _opened(settings) as (store, _), store.read() as session:
        for row in listed(session):
            when = row.verified_at if row.state == VERIFIED else row.since
            state = "confirmed" if row.state == VERIFIED else f"waits, {waiting_there(session, row)} updates with it,"
            at = for_people(when, zones.get(row.family, "UTC")) if when else ""
            out.append(f"{row.family}  {row.address}  {state} since {at}")
    return out or ["No address is known yet; they are noted when `breakwater serve` starts."]


def confirm(settings: Settings, code: str) -> list[str]:
    """Confirm what waits for this code. Raises UserError where nothing does."""
    with _opened(settings) as (_, destinations):
        rows = destinations.confirm_code(code.strip())
    if not rows:
        raise UserError(
            f"{code!r}: no address waits for that code; `breakwater verify-address` lists them, --again ADDRESS sends a new one"
        )
    return [f"{row.address}: confirmed; what waited goes out now" for row in rows]


def send_again(settings: Settings, address: str) -> list[str]:
    """Send a new code. Raises UserError where the address is not one that waits."""
    try:
        plain = normal_email(address) if "@" in address else normal_phone(address)
    except ValueError as error:
        raise UserError(f"--again: found {address!r}; should be {error}") from None
    with _opened(settings) as (_, destinations):
        if not destinations.again(plain):
            raise UserError(
                f"--again: {plain} does not wait to be confirmed; `breakwater verify-address` lists what does"
            )
    return [f"{plain}: a new code goes out when `breakwater serve` runs"]


@contextmanager
def _opened(settings: Settings) -> Iterator[tuple[Store, Destinations]]:
    store = Store(settings.database_url, settings.master)
    store.migrate()
    try:
        yield store, Destinations(store, settings.families_by_address(), utc_now, settings.server.public_url)
    finally:
        store.close()
