"""Webhooks: an address of the parent's is told that there is news, in order, each at least once.

news ─► due ─ claimed for a minute in a commit of its own ─► sent ─ 2xx ─► the next
                                                              └ else: again after 20 s, doubling up to an hour
failing for three days, or gone (410) ─► paused: an entry, and a word to the parent, who can let it go on

What is kept is the place of the last news that the address took, so a crash repeats one and loses none.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from gateway.accounts.key import AccountKey
from gateway.api import news, signing
from gateway.api.courier import WHYS, Brought, Courier
from gateway.api.reach import target_of
from gateway.clock import Clock, for_people
from gateway.delivery import notices
from gateway.delivery.outbox import wait
from gateway.errors import UserError
from gateway.family import Directory, Family
from gateway.ledger import append
from gateway.store import Store
from gateway.store.tables import AccountRow, NewsRow, WebhookRow

MADE, ENDED, RESUMED, TRIED = "webhook made", "webhook ended", "webhook resumed", "webhook tried"
TOLD, DELAYED, PAUSED = "webhook told", "webhook delayed", "webhook paused"
"""Kinds of entries."""
MOST: Final = 5
"""Webhooks of one family."""
PATIENCE: Final = timedelta(days=3)
LEASE: Final = timedelta(minutes=1)
LOOK: Final = timedelta(seconds=15)
"""How often it is looked for news."""
TELL: Final = (
    "A program of yours is not told of news any more: its address has not answered well since {since}. "
    "Nothing is lost. When it works again, let it go on here: {url}/tools"
)


class Herald:
    """Tells what is new; `step` is called over and over."""

    def __init__(
        self, store: Store, directory: Directory, clock: Clock, key: AccountKey, courier: Courier, public_url: str
    ) -> None:
        self._store, self._directory, self._clock, self._key = store, directory, clock, key
        self._courier, self._url = courier, public_url.rstrip("/")
        self._looked: datetime | None = None

    def step(self) -> bool:
        """Tell one address one thing; False where there is nothing to tell. Raises StoreError."""
        now = self._clock()
        with self._store.read() as session:
            active = session.scalars(_active(now).order_by(WebhookRow.next_at, WebhookRow.id)).all()
            session.expunge_all()
        if not active:
            return False
        if self._looked is None or now < self._looked or now >= self._looked + LOOK:
            self._note({row.family for row in active}, now)
            self._looked = now
        return any(self._tell(row, now) for row in active if row.next_at <= now)

    def _note(self, families: set[str], now: datetime) -> None:
        for family in sorted(families):
            news.keep_up(self._store, family, now)

    def _tell(self, hook: WebhookRow, now: datetime) -> bool:
        family = self._directory.family(hook.family)
        with self._store.read() as session:
            one = news.after(session, hook.id, hook.family, hook.place) if family is not None else None
            session.expunge_all()
        if one is None or family is None or not self._claim(hook, now):
            return False
        secret = self._key.unseal(hook.secret, sealed_for(hook.nonce))
        body = signing.body_of(one.kind, one.at)
        if secret is None:
            made = Brought(WHYS["secret"], gone=True)
        else:
            made = self._courier.bring(hook.url, signing.headers_of(secret, one.event, now, body), body)
        with self._store.write() as session:
            row = session.get_one(WebhookRow, hook.id, with_for_update=True)
            if row.ended_at is None:
                self._settle(session, row, family, one, made)
        return True

    def _claim(self, hook: WebhookRow, now: datetime) -> bool:
        """Nobody else tells this address for a minute; a crash meanwhile repeats the try."""
        with self._store.write() as session:
            row = session.get_one(WebhookRow, hook.id, with_for_update=True)
            free = row.next_at == hook.next_at and row.place == hook.place and row.paused_at is None
            if free and row.ended_at is None:
                row.next_at = now + LEASE
                return True
            return False

    def _settle(self, session: Session, row: WebhookRow, family: Family, one: NewsRow, made: Brought) -> None:
        now, body = self._clock(), {"webhook": row.id, "event": one.event}
        if not made.why:
            row.place, row.told_at, row.next_at = one.id, now, now
            row.failures, row.failing_since, row.why = 0, None, ""
            append(session, family.key, TOLD, {**body, "kind": one.kind}, now=now, zone=family.time_zone)
            return
        row.failures += 1
        row.why, row.next_at = made.why[:200], now + wait(row.failures)
        since = row.failing_since = row.failing_since or now
        if one.kind == news.TEST:  # a trial says at once how it went, and keeps nothing waiting
            row.place, row.next_at = one.id, now
            if row.failures == 1:
                row.failures, row.failing_since = 0, None
        elif made.gone or now - since >= PATIENCE:
            row.paused_at = now
            append(session, family.key, PAUSED, {**body, "why": made.why}, now=now, zone=family.time_zone)
            words = TELL.format(since=for_people(since, family.time_zone), url=self._url)
            notices.put(session, family, words, now=now)
        elif row.failures == 1:
            append(session, family.key, DELAYED, {**body, "why": made.why}, now=now, zone=family.time_zone)


def make(
    session: Session,
    key: AccountKey,
    family: Family,
    account: int,
    name: str,
    url: str,
    nonce: str,
    now: datetime,
    *,
    loopback: bool,
) -> tuple[WebhookRow, str]:
    """A new one and its secret, in the caller's unit of work; a form that was sent twice makes one. Raises UserError."""
    row = session.scalar(select(WebhookRow).where(WebhookRow.nonce == nonce))
    if row is not None:
        secret = key.unseal(row.secret, sealed_for(nonce))
        return row, signing.written(secret) if secret is not None else ""
    target_of(url, loopback=loopback)
    if len(of_family(session, family.key)) >= MOST:
        raise UserError("There are five addresses already. Please take one out first.")
    news.note(session, family.key, now)
    secret = signing.new_secret()
    row = WebhookRow(
        family=family.key, account_id=account, name=name, url=url, nonce=nonce, secret=key.seal(secret, sealed_for(nonce)),
        made_at=now, place=news.newest(session, family.key), next_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    append(session, family.key, MADE, {"webhook": row.id, "account": account}, now=now, zone=family.time_zone)
    return row, signing.written(secret)


def change(session: Session, row: WebhookRow, family: Family, account: int, act: str, now: datetime) -> None:
    """``end`` it, let it ``resume`` with what comes from now on, or ``test`` it, in the caller's unit of work. Raises UserError."""
    kinds = {"end": ENDED, "resume": RESUMED, "test": TRIED}
    if act not in kinds:
        raise UserError("This page has no such button. Please load it again.")
    if act == "end":
        row.ended_at = now
    elif act == "resume":
        news.note(session, family.key, now)
        row.paused_at = row.failing_since = None
        row.failures, row.why = 0, ""
        row.place, row.next_at = news.newest(session, family.key), now
    else:
        session.add(
            NewsRow(family=family.key, kind=news.TEST, number=None, event=news.new_event(), webhook_id=row.id, at=now)
        )
        row.next_at = now
    append(session, family.key, kinds[act], {"webhook": row.id, "account": account}, now=now, zone=family.time_zone)


def pause_all(session: Session, now: datetime) -> int:
    """Pause every webhook of the installation, in the caller's unit of work; how many there were. For a database that came back."""
    there = (WebhookRow.ended_at.is_(None), WebhookRow.paused_at.is_(None))
    rows = session.scalars(select(WebhookRow).where(*there)).all()
    for row in rows:
        row.paused_at = now
        append(session, row.family, PAUSED, {"webhook": row.id, "why": "restored"}, now=now)
    return len(rows)


def own(session: Session, family: str, number: int) -> WebhookRow | None:
    """A webhook of that family that was not taken out; None for any other number."""
    query = select(WebhookRow).where(
        WebhookRow.id == number, WebhookRow.family == family, WebhookRow.ended_at.is_(None)
    )
    return session.scalar(query)


def of_family(session: Session, family: str) -> Sequence[WebhookRow]:
    """Those that were not taken out."""
    query = select(WebhookRow).where(WebhookRow.family == family, WebhookRow.ended_at.is_(None))
    return session.scalars(query.order_by(WebhookRow.id)).all()


def sealed_for(nonce: str) -> str:
    """What the secret of a webhook is sealed for."""
    return f"webhook {nonce}"


def _active(now: datetime) -> Select[WebhookRow]:
    """Those that are told of news: a webhook ends with the account that made it."""
    there = or_(AccountRow.ends_at.is_(None), AccountRow.ends_at > now)
    query = select(WebhookRow).join(AccountRow, AccountRow.id == WebhookRow.account_id)
    return query.where(WebhookRow.ended_at.is_(None), WebhookRow.paused_at.is_(None), there)
