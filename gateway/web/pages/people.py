"""Who else may look: ``/people``, ``/people/NUMBER``. The parent invites a reviewer or a professional and says exactly what they find.

Whoever lets somebody in, opens more to them or makes a new link gives the password again, and the parent is told: nobody lets themselves in
at a screen that was left open. To end an access needs neither.

invited ─ the link is taken (once, within a week) ─► in use ─ the end date, or "end now" ─► ended: signed out at once
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from gateway.accounts import Role, browsers, invite
from gateway.accounts.opened import DATED, OPEN_TO, Opening, What, choose, openings
from gateway.accounts.visits import end_all, hashed, is_over
from gateway.clock import Clock, local
from gateway.delivery import notices
from gateway.errors import UserError
from gateway.family import Family, normal_email
from gateway.family import Role as Is
from gateway.language import SOURCE, Moment, said
from gateway.ledger import append
from gateway.store import Store
from gateway.store.tables import AccountRow, VisitRow
from gateway.web.access import Access
from gateway.web.guard import NOT_HERE
from gateway.web.pages.account import NOT_YOURS
from gateway.web.room import PARENT, Room, Visitor

INVITE, SUBJECT = "invite", "Invitation"
WORDS: Final = (
    "{parent} would like to show you something on these pages. Choose a sign-in name and a password here, until {until}:\n\n{link}\n\n"
    "The link counts once. Please do not pass it on. If you did not expect it, do nothing."
)
NEVER: Final = frozenset({Is.COPARENT, Is.CHILD, Is.PARTNER})
"""Who gets no link by mail: the other parent, whoever is with them, and the children."""
SHOWN: Final = 100


class People:
    """Of the parent's own family."""

    def __init__(self, store: Store, clock: Clock, access: Access) -> None:
        self._store, self._clock, self._access = store, clock, access

    def rooms(self) -> list[Room]:
        """For the guard."""
        both = ("GET", "POST")
        return [
            Room("people", "/people", self.people, PARENT, methods=both, menu="People", place=85, quiet=True),
            Room("person", "/people/{number:int}", self.person, PARENT, methods=both, quiet=True),
        ]

    def people(self, request: Request, visitor: Visitor) -> Response:
        """The list, and the form that invites."""
        if request.method == "POST":
            try:
                return self._invite(visitor)
            except UserError as error:
                return self._list(visitor, 422, said=str(error))
        return self._list(visitor)

    def person(self, request: Request, visitor: Visitor) -> Response:
        """One of them."""
        number, now = request.path_params["number"], self._clock()
        with self._store.read() as session:
            row = _own(session, visitor.home, number)
            if row is None:
                return PlainTextResponse(NOT_HERE, 404)
            if request.method == "GET":
                return self._page(session, visitor, row, now)
        try:
            return self._change(visitor, number, now)
        except UserError as error:
            with self._store.read() as session:
                row = session.get_one(AccountRow, number)
                return self._page(session, visitor, row, now, 422, said=str(error))

    def _list(self, visitor: Visitor, status: int = 200, said: str = "") -> Response:
        home, now = visitor.home, self._clock()
        with self._store.read() as session:
            query = select(AccountRow).where(AccountRow.family == home.key, AccountRow.role.in_([*map(str, OPEN_TO)]))
            rows = session.scalars(query.order_by(AccountRow.id.desc()).limit(SHOWN)).all()
            seen = _seen(session, [row.id for row in rows])
            people = [
                {
                    "row": row,
                    "state": _state(row, now),
                    "seen": seen.get(row.id),
                    "open": openings(session, row.id, now),
                }
                for row in rows
            ]
            kept = {name: visitor.field(name, 300) for name in ("name", "role", "email", "ends")}
            return visitor.show("people.html", status, people=people, said=said, kept=kept, **_choices(visitor))

    def _page(
        self, session: Session, visitor: Visitor, row: AccountRow, now: datetime, status: int = 200, said: str = ""
    ) -> Response:
        zone, given = visitor.home.time_zone, openings(session, row.id, now)
        original = given.get(What.ORIGINALS)
        return visitor.show(
            "person.html",
            status,
            row=row,
            state=_state(row, now),
            seen=_seen(session, [row.id]).get(row.id),
            kinds=OPEN_TO[Role(row.role)],
            given=given,
            first=_day(original.since, zone) if original else "",
            last=_day(original.until, zone, before=True) if original else "",
            ends=_day(row.ends_at, zone, before=True),
            said=said,
        )

    def _invite(self, visitor: Visitor) -> Response:
        home, now = visitor.home, self._clock()
        role = _role(visitor.field("role", 20))
        name = browsers.plain_name(visitor.field("name", 1000))
        email = _email(home, visitor.field("email", 300), now)
        ends, chosen = _end(visitor.field("ends", 10), home.time_zone, now), _chosen(visitor, role, home.time_zone)
        self._ask(visitor)
        token = self._access.key.token("invitation", home.key, visitor.nonce)
        with self._store.write() as session:
            row = session.scalar(select(AccountRow).where(AccountRow.invite == hashed(token)))
            if row is None:  # a form that was sent twice shows the same link
                row, token = invite.invite(session, home, role, name, now, ends_at=ends, token=token)
                choose(session, row, chosen, now, zone=home.time_zone)
                self._access.news.let_in(session, home, row, now)
                self._mail(session, home, row, token, email, now)
            return self._link(visitor, row, token, email)

    def _mail(
        self, session: Session, home: Family, row: AccountRow, token: str, email: str | None, now: datetime
    ) -> None:
        if email is None or row.invite_until is None:
            return
        link, until = f"{self._access.url}/invited/{token}", Moment(row.invite_until, home.time_zone)
        words = said(WORDS, parent=home.parent.name, until=until, link=link)
        language = home.language if row.role == Role.REVIEWER else SOURCE
        notices.say(session, home, [("email", email)], words, due=now, kind=INVITE, subject=SUBJECT, language=language)

    def _link(self, visitor: Visitor, row: AccountRow, token: str, email: str | None) -> Response:
        if row.invite_until is None:
            raise UserError("This link was used or ended already. Please load the page again.")
        link = f"{self._access.url}/invited/{token}"
        return visitor.show("person-link.html", row=row, link=link, email=email, until=row.invite_until)

    def _change(self, visitor: Visitor, number: int, now: datetime) -> Response:
        home, act = visitor.home, visitor.field("act", 20)
        if act != "end":
            self._ask(visitor)
        with self._store.write() as session:
            row = session.get_one(AccountRow, number)
            if is_over(row, now):
                raise UserError("This access has ended. Please invite the person again.")
            if act == "opened":
                if choose(session, row, _chosen(visitor, Role(row.role), home.time_zone), now, zone=home.time_zone):
                    self._access.news.let_in(session, home, row, now)
            elif act == "ends":
                row.ends_at = _end(visitor.field("ends", 10), home.time_zone, now)
                body = {"account": row.id, "ends": row.ends_at.isoformat() if row.ends_at else None}
                append(session, home.key, "access dated", body, now=now, zone=home.time_zone)
                self._access.news.let_in(session, home, row, now)
            elif act == "end":
                end_access(session, row, now, home.time_zone)
            elif act == "link":
                return self._again(session, visitor, row, now)
            else:
                raise UserError("This page has no such button. Please load it again.")
        return RedirectResponse(f"/people/{number}", 303)

    def _ask(self, visitor: Visitor) -> None:
        if not self._access.proofs.same(visitor.visit.account, visitor.field("old", 1000)):
            raise UserError(NOT_YOURS)

    def _again(self, session: Session, visitor: Visitor, row: AccountRow, now: datetime) -> Response:
        email = _email(visitor.home, visitor.field("email", 300), now)
        token = self._access.key.token("invitation", visitor.home.key, visitor.nonce)
        if row.invite != hashed(token):
            invite.again(session, row, now, token=token)
            self._access.news.let_in(session, visitor.home, row, now)
            self._mail(session, visitor.home, row, token, email, now)
        return self._link(visitor, row, token, email)


def end_access(session: Session, row: AccountRow, now: datetime, zone: str) -> None:
    """End an account at once: its browsers are signed out, nothing is open to it any more."""
    choose(session, row, {}, now, zone=zone)
    row.ends_at, row.invite_until = now, None
    end_all(session, row.id, now)
    browsers.forget_all(session, row.id, now)
    append(session, row.family or "", "account ended", {"account": row.id, "by": "parent"}, now=now, zone=zone)


def _own(session: Session, home: Family, number: int) -> AccountRow | None:
    row = session.get(AccountRow, number) if 0 < number < 2**62 else None
    return row if row is not None and row.family == home.key and row.role in OPEN_TO else None


def _seen(session: Session, numbers: Sequence[int]) -> dict[int, datetime]:
    query = select(VisitRow.account_id, func.max(VisitRow.seen_at)).where(VisitRow.account_id.in_(numbers))
    return dict(session.execute(query.group_by(VisitRow.account_id)).all())


def _state(row: AccountRow, now: datetime) -> str:
    if is_over(row, now):
        return "ended"
    if row.password is not None:
        return "in use"
    return "invited" if row.invite_until is not None and now < row.invite_until else "the link is too old"


def _choices(visitor: Visitor) -> dict[str, Any]:
    posted = {what for what in What if visitor.field(f"open-{what}", 3)}
    return {"kinds": OPEN_TO, "posted": posted, "first": visitor.field("first", 10), "last": visitor.field("last", 10)}


def _role(value: str) -> Role:
    found = next((role for role in OPEN_TO if role == value), None)
    if found is None:
        raise UserError("Please say what the person is: a reviewer or a professional.")
    return found


def _chosen(visitor: Visitor, role: Role, zone: str) -> dict[What, Opening]:
    chosen = {what: Opening(what) for what in OPEN_TO[role] if visitor.field(f"open-{what}", 3)}
    for what in DATED & chosen.keys():
        first, last = (_date(visitor.field(name, 10)) for name in ("first", "last"))
        if first is None or last is None or last < first:
            raise UserError("Please give the first and the last day of the originals.")
        chosen[what] = Opening(what, _midnight(first, zone), _midnight(last + timedelta(days=1), zone))
    return chosen


def _end(value: str, zone: str, now: datetime) -> datetime | None:
    day = _date(value)
    if day is None:
        return None
    end = _midnight(day + timedelta(days=1), zone)
    if end <= now:
        raise UserError("Please give an end date that is not over, or end the access now.")
    return end


def _email(home: Family, value: str, now: datetime) -> str | None:
    if not value.strip():
        return None
    try:
        address = normal_email(value)
    except ValueError as error:
        raise UserError(f"Please give {error}.") from None
    who = home.who(address, local(now, home.time_zone).date())
    theirs = any(address == one.address for one in home.coparent.emails) or (who is not None and who[0] in NEVER)
    if theirs or address == home.relay_email:
        raise UserError("This address is the other parent's, a child's or the relay's. Nothing was sent.")
    return address


def _date(value: str) -> date | None:
    try:
        found = date.fromisoformat(value) if value else None
    except ValueError:
        raise UserError("Please give the date as year, month and day, such as 2026-12-31.") from None
    if found is not None and not 2000 <= found.year <= 2200:
        raise UserError("Please give a date between 2000 and 2200.")
    return found


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def _day(moment: datetime | None, zone: str, *, before: bool = False) -> str:
    """The local day of a moment for a date field; with `before`, the last day before it."""
    if moment is None:
        return ""
    return local(moment - timedelta(seconds=1) if before else moment, zone).date().isoformat()
