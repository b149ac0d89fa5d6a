"""How long somebody who failed must wait before the next try. Nobody can lock an account by failing at it.

Failures are counted where they come from: by network, and by network and sign-in name. A browser that has signed in to the account
before is counted by itself, so that no stranger's failures slow it down. After some free tries the wait doubles up to a quarter
of an hour, which leaves a guesser about a hundred tries a day (NIST SP 800-63B section 3.2.2 asks for at most 100 in a row). A name
that does not exist is counted like one that does.

`wait_after` is pure; the rest reads and writes rows. A try is noted before it is looked at and taken back when it was good, so that
many tries at once count as many.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from gateway.accounts.key import AccountKey
from gateway.store.tables import KnockRow

WINDOW = timedelta(days=1)
FIRST, MOST = timedelta(seconds=30), timedelta(minutes=15)
BY_NAME, BY_NETWORK, BY_BROWSER, BY_CODE = 5, 20, 10, 5
"""Free tries."""
CODES_A_DAY = 30
"""Wrong codes for one account from browsers that it does not know, from wherever they come. After that these browsers need a
recovery code or a passkey, which cannot be guessed; browsers that are known go on.
"""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where a failure is counted (a keyed hash), and how many are free there. `kind`: name, network, browser or code."""

    kind: str
    source: str
    free: int


def buckets(key: AccountKey, network: str, login: str, browser: int | None) -> tuple[Bucket, ...]:
    """For a password. `network`: of the request; `browser`: number of the browser, where the account knows it."""
    if browser is not None:
        return (Bucket("browser", key.mac("browser", str(browser)), BY_BROWSER),)
    return Bucket("name", key.mac("name", network, login), BY_NAME), _network(key, network)


def code_buckets(key: AccountKey, network: str, account: int, browser: int | None) -> tuple[Bucket, ...]:
    """For a code, after the right password."""
    if browser is not None:
        return (Bucket("browser", key.mac("code of browser", str(browser)), BY_CODE),)
    return Bucket("code", key.mac("code", network, str(account)), BY_CODE), _network(key, network)


def network_bucket(key: AccountKey, network: str) -> tuple[Bucket, ...]:
    """For a passkey, which cannot be guessed; the network still learns patience."""
    return (_network(key, network),)


def _network(key: AccountKey, network: str) -> Bucket:
    return Bucket("network", key.mac("network", network), BY_NETWORK)


def wait_after(failures: Sequence[datetime], now: datetime, free: int) -> timedelta:
    """What is left of the wait after these failures; zero where a try is free. Failures older than `WINDOW` are forgotten."""
    counted = [at for at in failures if at > now - WINDOW]
    if len(counted) < free:
        return timedelta()
    wait: timedelta = min(MOST, FIRST * 2 ** min(len(counted) - free, 10))
    return max(timedelta(), max(counted) + wait - now)


def wait(session: Session, places: Sequence[Bucket], now: datetime) -> timedelta:
    """The longest wait of these buckets."""
    longest = timedelta()
    for place in places:
        query = select(KnockRow.at).where(KnockRow.source == place.source, KnockRow.at > now - WINDOW)
        times = session.scalars(query.order_by(KnockRow.at.desc()).limit(place.free + 10)).all()
        longest = max(longest, wait_after(times, now, place.free))
    return longest


def note(session: Session, places: Sequence[Bucket], account: int | None, now: datetime) -> list[int]:
    """Count a try in each bucket; numbers of its rows, to take it back. Old ones are removed. `account` stands in the first alone."""
    session.execute(delete(KnockRow).where(KnockRow.at < now - 2 * WINDOW))
    rows = [
        KnockRow(account_id=account if place is places[0] else None, kind=place.kind, source=place.source, at=now)
        for place in places
    ]
    session.add_all(rows)
    session.flush()
    return [row.id for row in rows]


def take_back(session: Session, rows: Sequence[int]) -> None:
    """A try was good."""
    session.execute(delete(KnockRow).where(KnockRow.id.in_(rows)))


def forgive(session: Session, places: Sequence[Bucket]) -> None:
    """Somebody is in: what they failed before at this account is forgotten. What the whole network failed is not, or a guesser
    with an account of their own could begin anew.
    """
    sources = [place.source for place in places if place.kind != "network"]
    session.execute(delete(KnockRow).where(KnockRow.source.in_(sources)))


def failures(session: Session, account: int, now: datetime, kind: str = "") -> int:
    """How many tries at the account failed within `WINDOW`, from wherever; of one kind where it is named."""
    query = select(func.count()).where(KnockRow.account_id == account, KnockRow.at > now - WINDOW)
    return session.scalar(query.where(KnockRow.kind == kind) if kind else query) or 0
