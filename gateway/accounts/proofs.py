"""Proving at the door who one is: a password, then a code where one is set; or a passkey alone.

    password ─► not yet (429) │ no │ code wanted ─► code or recovery code ─► in
    passkey  ─► not yet (429) │ no │ in

A try is counted before it is looked at (`patience`), and every try costs one argon2 verification whether or not the name exists, so
neither the answer nor its time tells. No password is hashed while the database is held.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.accounts import browsers, codes, passkeys, passwords, patience, recovery, visits
from gateway.accounts.invite import normal_login
from gateway.accounts.key import AccountKey
from gateway.accounts.news import News
from gateway.clock import Clock
from gateway.errors import UserError
from gateway.family import Directory, Family
from gateway.store import Store
from gateway.store.tables import AccountRow, BrowserRow, VisitRow

CODE_HOLDS = timedelta(minutes=10)
"""How long after the password the code may come."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who knocks. `network`: keyed hash of it; `door`: what binds forms to the browser; `browsers`, `visit`: tokens of cookies."""

    network: str
    device: str
    door: str
    browsers: tuple[str, ...] = ()
    visit: str = ""


@dataclass(frozen=True, slots=True)
class NotYet:
    """Too many failures came from there."""

    wait: timedelta


@dataclass(frozen=True, slots=True)
class No:
    """It does not fit."""


@dataclass(frozen=True, slots=True)
class CodeWanted:
    """The password was right; `half` is the ticket to bring with the code."""

    half: str


@dataclass(frozen=True, slots=True)
class In:
    """Signed in. `visit`: token of the visit; `browser`: token of a browser that is known from now on, None where it was known."""

    visit: str
    browser: str | None


Answer = NotYet | No | CodeWanted | In


class Proofs:
    """One for an installation. Every method raises StoreError, and then nothing has happened."""

    def __init__(self, store: Store, directory: Directory, clock: Clock, key: AccountKey, news: News) -> None:
        self._store, self._directory, self._clock, self._key, self._news = store, directory, clock, key, news

    def password(self, login: str, password: str, caller: Caller) -> Answer:
        """The first step."""
        now, name = self._clock(), normal_login(login)
        with self._store.write() as session:
            row = session.scalar(select(AccountRow).where(AccountRow.login == name))
            here = browsers.find(session, row.id if row else 0, caller.browsers, now)
            places = patience.buckets(self._key, caller.network, name, here.id if here else None)
            if wait := patience.wait(session, places, now):
                return NotYet(wait)
            number, kept = (row.id, row.password) if row is not None and not visits.is_over(row, now) else (0, None)
            tried = patience.note(session, places, number or None, now)
        good = passwords.fits(password, kept)
        with self._store.write() as session:
            row = session.get(AccountRow, number)
            if row is None or not good or row.password != kept:
                self._news.failed(session, self._family(row), row, now)
                return No()
            patience.take_back(session, tried)
            if row.totp is not None and not self._only_locked(session, row, caller, now):
                return CodeWanted(self._key.ticket("half", f"{row.id}-{self._mark(row)}", caller.door, now))
            patience.forgive(session, places)
            return self._enter(session, row, caller, "password", now)

    def code(self, half: str, code: str, caller: Caller) -> Answer | None:
        """The second step: a code of the app, or a recovery code. None where the first is too long ago, or was of an earlier password."""
        now, typed = self._clock(), codes.typed(code)
        ticket = self._key.read(half, "half", caller.door, now, CODE_HOLDS)
        if ticket is None:
            return None
        with self._store.write() as session:
            number, _, mark = ticket[0].partition("-")
            row = session.get_one(AccountRow, int(number), with_for_update=True)
            if visits.is_over(row, now) or row.password is None or mark != self._mark(row):
                return None
            here = browsers.find(session, row.id, caller.browsers, now)
            places = patience.code_buckets(self._key, caller.network, row.id, here.id if here else None)
            if wait := patience.wait(session, places, now):
                return NotYet(wait)
            crowded = here is None and patience.failures(session, row.id, now, "code") >= patience.CODES_A_DAY
            proved = self._proved(row, typed, now, codes_count=not crowded)
            if proved is None:
                patience.note(session, places, row.id, now)
                self._news.failed(session, self._family(row), row, now)
                return No()
            if proved == "recovery":
                self._news.recovered(session, self._family(row), row, now)
            patience.forgive(session, places)
            return self._enter(session, row, caller, f"password+{proved}", now)

    def passkey(self, place: passkeys.Place, answer: str, ticket: str, caller: Caller) -> Answer:
        """A passkey alone."""
        now = self._clock()
        with self._store.write() as session:
            places = patience.network_bucket(self._key, caller.network)
            row = passkeys.check(session, place, self._key, answer, ticket, caller.door, now)
            if row is not None and not visits.is_over(row, now):
                return self._enter(session, row, caller, "passkey", now)
            if wait := patience.wait(session, places, now):
                return NotYet(wait)
            patience.note(session, places, None, now)
            return No()

    def invited(self, session: Session, row: AccountRow, caller: Caller, *, again: bool) -> In:
        """Somebody took an invitation, in the caller's unit of work. `again`: the account is not new, so its parent is told."""
        return self._enter(session, row, caller, "invitation", self._clock(), tell=again)

    def same(self, account: int, password: str) -> bool:
        """Whether somebody who is inside gives their password, asked before something about the account changes. Their failures are
        counted by themselves. Raises UserError where there were too many.
        """
        now = self._clock()
        places = (patience.Bucket("browser", self._key.mac("inside", str(account)), patience.BY_BROWSER),)
        with self._store.write() as session:
            if patience.wait(session, places, now):
                raise UserError("There were too many tries. Please wait a quarter of an hour.")
            kept, tried = session.get_one(AccountRow, account).password, patience.note(session, places, account, now)
        good = passwords.fits(password, kept)
        if good:
            with self._store.write() as session:
                patience.take_back(session, tried)
        return good

    def _mark(self, row: AccountRow) -> str:
        """What a ticket knows the password by that it was made for."""
        return self._key.mac("password of a ticket", row.password or "")[:16]

    def _proved(self, row: AccountRow, typed: str, now: datetime, *, codes_count: bool) -> str | None:
        secret = codes.unsealed(self._key, row.id, row.totp) if row.totp is not None else None
        step = codes.step_of(secret, typed, now, row.totp_step) if secret is not None and codes_count else None
        if step is not None:
            row.totp_step = step
            return "code"
        left = recovery.used(typed, row.id, row.recovery)
        if left is not None:
            row.recovery = left
            return "recovery"
        return None

    def _only_locked(self, session: Session, row: AccountRow, caller: Caller, now: datetime) -> bool:
        """Whether this browser is signed in to the account and was only idle: then the password is enough."""
        visit = visits.find(session, caller.visit, now)
        return visit is not None and visit.account == row.id

    def _enter(
        self, session: Session, row: AccountRow, caller: Caller, proved: str, now: datetime, *, tell: bool = True
    ) -> In:
        """Always with a new token (CWE-384). A visit that was only idle goes on; one of another account ends."""
        before = visits.find(session, caller.visit, now)
        here, fresh = browsers.find(session, row.id, caller.browsers, now), None
        if here is None:
            here, fresh = browsers.remember(session, row.id, caller.device, now)
            if tell:
                self._news.new_browser(session, self._family(row), row, caller.device, now)
        here.seen_at = now
        if before is not None and before.account == row.id and self._is_of(session, before.id, here):
            return In(visits.renew(session, before.id, now), fresh)
        if before is not None:
            visits.end(session, before.id, now)
        return In(visits.begin(session, row, here.name, proved, now, browser=here.id), fresh)

    def _is_of(self, session: Session, visit: int, browser: BrowserRow) -> bool:
        return session.get_one(VisitRow, visit).browser_id == browser.id

    def _family(self, row: AccountRow | None) -> Family | None:
        return self._directory.family(row.family) if row is not None and row.family else None
