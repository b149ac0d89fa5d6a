"""Texts: the account, what the carrier lists and never brought, who has sent STOP, and what a number in the US needs."""

from __future__ import annotations

from urllib.parse import urlsplit

from gateway.clock import utc_now
from gateway.doctor.finding import Finding
from gateway.errors import CarrierError, SettingsError
from gateway.intake.keep import Keeper
from gateway.optout import opted_out
from gateway.settings import Settings
from gateway.store import Blobs, Store, opened
from gateway.voices.apart import may_be_a_childs

TOLL_FREE = ("800", "833", "844", "855", "866", "877", "888")
TEN_DLC = (
    "texts from an ordinary US number arrive only once it is registered (10DLC): in Twilio's console register yourself "
    "(a sole proprietor is enough for one family), then a campaign of the kind 'low volume, account notifications', then put "
    "the number into it; it takes some days, and until then texts fail with error 30034"
)
VERIFICATION = (
    "texts from a toll-free number arrive only once Twilio has verified it: in the console fill in the form for toll-free "
    "verification; it takes some days, and until then texts fail with error 30032"
)
STOP = "whoever texts STOP to the number gets nothing more from it until they text START; leave that to Twilio, it is required"


def texts(settings: Settings) -> Finding:
    """Whether texts can come and go."""
    wanted = [f.key for f in settings.families if f.relay_phone]
    if settings.twilio is None:
        return Finding("texts", False if wanted else None, "no [twilio] in the settings; texts are refused")
    if urlsplit(settings.server.public_url).scheme != "https":
        return Finding("texts", None, "public_url is not https; Twilio will want https outside a test")
    url = settings.server.public_url
    return Finding(
        "texts", True, f"point the number's webhooks at {url}/sms/incoming (messages), {url}/voice/incoming (calls)"
    )


def registration(settings: Settings) -> Finding:
    """What numbers in the US need before texts of theirs arrive; said wherever a family has one, since nobody can look it up."""
    numbers = [family.relay_phone for family in settings.families if family.relay_phone]
    american = [number for number in numbers if number.startswith("+1")]
    if not american:
        return Finding(
            "registration of numbers",
            None,
            "no relay number in the US or Canada; other countries have rules of their own",
        )
    free = [number for number in american if number[2:5] in TOLL_FREE]
    said = [f"{len(free)} toll-free: {VERIFICATION}"] if free else []
    said += [f"{len(american) - len(free)} ordinary: {TEN_DLC}"] if len(american) > len(free) else []
    return Finding("registration of numbers", None, "; ".join((*said, STOP)))


def missed_texts(settings: Settings) -> Finding:
    """Whether the carrier lists texts that never came."""
    if settings.twilio is None:
        return Finding("missed texts", None, "no [twilio] in the settings; nothing to compare")
    from gateway.intake.reconcile import Reconciler

    try:
        with opened(settings.database_url, settings.master) as store:
            missing = Reconciler(store, settings.families_by_address(), settings.twilio, utc_now).missing()
    except CarrierError as error:
        return Finding("missed texts", None, f"{error}; check [twilio]")
    if missing:
        said = f"the carrier lists {missing} that are not here; take them in with: breakwater doctor --recover"
        return Finding("missed texts", False, said)
    return Finding("missed texts", True, "the carrier lists none that is not here")


def recover(settings: Settings) -> Finding:
    """Take in the texts that the carrier lists and that never came. Raises SettingsError, CarrierError, StoreError."""
    if settings.twilio is None:
        raise SettingsError("there is no [twilio] in the settings, so there is no list to compare with; add it first")
    from gateway.intake.reconcile import Reconciler

    store = Store(settings.database_url, settings.master)
    blobs = Blobs(settings.blobs_at, store)
    store.migrate()
    directory = settings.families_by_address()
    keeper = Keeper(store, blobs, apart=may_be_a_childs(directory))
    try:
        found = Reconciler(store, directory, settings.twilio, utc_now).run(keeper)
    finally:
        keeper.close()
        blobs.close()
        store.close()
    return Finding("recovered texts", True, f"{found} taken in" + ("; breakwater serve reads them" if found else ""))


def opt_outs(settings: Settings) -> Finding:
    """Who has sent STOP."""
    with opened(settings.database_url, settings.master) as store, store.read() as session:
        found = [out for family in settings.families for out in opted_out(session, family)]
    if not found:
        return Finding("opt-outs", True, "no number has sent STOP")
    said = "; ".join(
        f"{out.family}: the phone of {out.who} takes no texts since {out.since:%Y-%m-%d} (STOP)"
        + (", so cards go by email; send START from it to the relay number" if out.own else "")
        for out in found
    )
    return Finding("opt-outs", False if any(out.own for out in found) else None, said)
