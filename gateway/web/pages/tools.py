"""Tools and tokens, ``/tools``: the parent makes a token for a program of theirs, sees and ends it, and sets the addresses of webhooks.

Making one asks for the password again, is an entry in the log and is told to the parent at once; taking one back asks for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from gateway.accounts.browsers import plain_name
from gateway.api import tokens, webhooks
from gateway.api.scopes import Scope, known
from gateway.clock import Clock, for_people, local
from gateway.delivery import notices
from gateway.errors import UserError
from gateway.store import Store
from gateway.store.tables import AccountRow, ToolTokenRow
from gateway.web.access import Access
from gateway.web.guard import NOT_HERE
from gateway.web.pages.account import NOT_YOURS
from gateway.web.room import PARENT, Room, Visitor

HERE: Final = "/tools"
USUAL: Final = timedelta(days=90)
SCOPES: Final[Mapping[Scope, str]] = {
    Scope.CARDS: "Read cards: the words that came through",
    Scope.QUESTIONS: "Read questions that wait for an answer",
    Scope.CALENDAR: "Read dates",
    Scope.EXPENSES: "Read sums",
    Scope.LOG: "Read the log: what happened when, and proofs; no words",
    Scope.RECORDS: "Fetch finished records. They hold every message, word for word",
    Scope.JOURNAL: "Write notes into the journal",
    Scope.REPLIES: "Send answers to the other parent, as on the pages",
}
"""What each scope is called here."""
MADE: Final = (
    "A token for a program of yours was made on your pages, {when}. If that was you, there is nothing to do. "
    "If not, end it here and change your password: {url}/tools"
)
SET: Final = (
    "An address that is told of news was set on your pages, {when}. If that was you, there is nothing to do. "
    "If not, take it out here and change your password: {url}/tools"
)
NO_END: Final = "Please give the end date as year, month and day, such as 2026-12-31."
FIELDS: Final = ("name", "ends", "hook", "url")


class ToolPages:
    """Of the parent's own family. `loopback`: webhooks may lead to this machine."""

    def __init__(self, store: Store, clock: Clock, access: Access, *, loopback: bool) -> None:
        self._store, self._clock, self._access, self._loopback = store, clock, access, loopback

    def rooms(self) -> list[Room]:
        """For the guard. Each change is an entry of its own."""
        return [
            Room("tools", HERE, self.show, PARENT, menu="Tools", place=88, quiet=True),
            Room("tool made", f"{HERE}/token", self.make, PARENT, methods=("POST",), quiet=True),
            Room("tool ended", f"{HERE}/token/{{number:int}}", self.end, PARENT, methods=("POST",), quiet=True),
            Room("webhook made", f"{HERE}/webhook", self.hook, PARENT, methods=("POST",), quiet=True),
            Room("webhook", f"{HERE}/webhook/{{number:int}}", self.change, PARENT, methods=("POST",), quiet=True),
        ]

    def show(self, _request: Request, visitor: Visitor) -> Response:
        """The page."""
        return self._page(visitor)

    def make(self, _request: Request, visitor: Visitor) -> Response:
        """A new token, shown once."""
        home, now = visitor.home, self._clock()
        secret = tokens.PREFIX + self._access.key.token("tool", home.key, visitor.nonce)
        try:
            name, chosen = plain_name(visitor.field("name", 1000)), _scopes(visitor)
            ends = _end(visitor.field("ends", 10), home.time_zone)
            self._ask(visitor)
            with self._store.write() as session:
                account = session.get_one(AccountRow, visitor.visit.account)
                row = tokens.make(session, account, secret, name, chosen, ends, now, home.time_zone)
                if row.made_at == now:  # a form that was sent twice says it once
                    self._tell(session, visitor, MADE, now)
                if not tokens.is_good(row, now):
                    raise UserError("This token has ended. Please make another.")
                return visitor.show("tool-token.html", row=row, token=secret, scopes=_said(row))
        except UserError as error:
            return self._page(visitor, 422, token_said=str(error))

    def end(self, request: Request, visitor: Visitor) -> Response:
        """A token is not good any more."""
        home = visitor.home
        with self._store.write() as session:
            row = tokens.own(session, home.key, _number(request))
            if row is None:
                return PlainTextResponse(NOT_HERE, 404)
            tokens.end(session, row, visitor.visit.account, self._clock(), home.time_zone)
        return RedirectResponse(HERE, 303)

    def hook(self, _request: Request, visitor: Visitor) -> Response:
        """A new address, with its secret, shown once."""
        home, now = visitor.home, self._clock()
        try:
            name, url = plain_name(visitor.field("hook", 1000)), visitor.field("url", 1000).strip()
            self._ask(visitor)
            with self._store.write() as session:
                nonce = f"{visitor.visit.account}:{visitor.nonce}"
                row, secret = webhooks.make(
                    session,
                    self._access.key,
                    home,
                    visitor.visit.account,
                    name,
                    url,
                    nonce,
                    now,
                    loopback=self._loopback,
                )
                if row.made_at == now:
                    self._tell(session, visitor, SET, now)
                return visitor.show("tool-webhook.html", row=row, secret=secret)
        except UserError as error:
            return self._page(visitor, 422, hook_said=str(error))

    def change(self, request: Request, visitor: Visitor) -> Response:
        """An address is tried, goes on, or is taken out."""
        with self._store.write() as session:
            row = webhooks.own(session, visitor.home.key, _number(request))
            if row is None:
                return PlainTextResponse(NOT_HERE, 404)
            webhooks.change(session, row, visitor.home, visitor.visit.account, visitor.field("act", 20), self._clock())
        return RedirectResponse(f"{HERE}#webhooks", 303)

    def _page(self, visitor: Visitor, status: int = 200, token_said: str = "", hook_said: str = "") -> Response:
        home, now = visitor.home, self._clock()
        with self._store.read() as session:
            rows = tokens.listed(session, home.key)
            hooks = webhooks.of_family(session, home.key)
            kept = {name: visitor.field(name, 600) for name in FIELDS}
            values: dict[str, Any] = {
                "tokens": [(row, tokens.is_good(row, now), _said(row)) for row in rows],
                "hooks": hooks,
                "scopes": SCOPES,
                "chosen": set(_scopes(visitor)),
                "kept": kept | {"ends": kept["ends"] or f"{local(now + USUAL, home.time_zone):%Y-%m-%d}"},
                "token_said": token_said,
                "hook_said": hook_said,
            }
            return visitor.show("tools.html", status, **values)

    def _ask(self, visitor: Visitor) -> None:
        if not self._access.proofs.same(visitor.visit.account, visitor.field("old", 1000)):
            raise UserError(NOT_YOURS)

    def _tell(self, session: Session, visitor: Visitor, words: str, now: datetime) -> None:
        said = words.format(when=for_people(now, visitor.home.time_zone), url=self._access.url.rstrip("/"))
        notices.put(session, visitor.home, said, now=now, due=now)


def _scopes(visitor: Visitor) -> tuple[Scope, ...]:
    return known(value for value in visitor.form.getlist("scope") if isinstance(value, str))


def _said(row: ToolTokenRow) -> list[str]:
    return [SCOPES[scope] for scope in known(row.scopes)]


def _end(value: str, zone: str) -> datetime:
    """The end of that day, where the family lives. Raises UserError."""
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise UserError(NO_END) from None
    if not 2000 <= day.year <= 2200:
        raise UserError(NO_END)
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)


def _number(request: Request) -> int:
    number = int(request.path_params["number"])
    return number if number < 2**62 else 0
