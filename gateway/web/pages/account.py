"""One's own account: ``/account`` (browsers, language, idle time) and ``/account/password``. For everybody who may sign in."""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.accounts import browsers, passkeys, passwords, recovery
from gateway.accounts.visits import end_all, renew
from gateway.clock import Clock
from gateway.errors import UserError
from gateway.language import LANGUAGES
from gateway.ledger import INSTALLATION, append
from gateway.store import Store
from gateway.store.tables import AccountRow
from gateway.web import source
from gateway.web.access import Access
from gateway.web.pages.entrance import names_of
from gateway.web.room import ANYBODY, Room, Visitor

HERE: Final = "/account"
IDLE: Final = (5, 10, 15, 30, 60)
"""Minutes after which a page that nobody uses is locked."""
NOT_YOURS: Final = "This is not your password. Nothing was changed."


class Account:
    """Of whoever is signed in, and of nobody else."""

    def __init__(self, store: Store, clock: Clock, access: Access) -> None:
        self._store, self._clock, self._access = store, clock, access

    def rooms(self) -> list[Room]:
        """For the guard. Each change is an entry of its own."""
        both = ("GET", "POST")
        return [
            Room("account", HERE, self.account, ANYBODY, methods=both, menu="Account", place=90, quiet=True),
            Room("password", f"{HERE}/password", self.password, ANYBODY, methods=both, quiet=True),
        ]

    def account(self, request: Request, visitor: Visitor) -> Response:
        """The page, and its small forms."""
        if request.method == "POST":
            return self._change(visitor)
        now = self._clock()
        with self._store.read() as session:
            row = session.get_one(AccountRow, visitor.visit.account)
            return visitor.show(
                "account.html",
                account=row,
                known=browsers.known(session, row.id, visitor.visit.id, now),
                passkeys=len(passkeys.of_account(session, row.id)),
                left=recovery.left(row.recovery),
                idle=sorted({*IDLE, row.idle_minutes}),
                zone=zone_of(visitor),
                done=request.query_params.get("done", ""),
            )

    def password(self, request: Request, visitor: Visitor) -> Response:
        """Another password: the old one is asked, everybody else is signed out."""
        if request.method == "GET":
            return visitor.show("account-password.html", said="")
        new, number = visitor.field("password", 1000), visitor.visit.account
        try:
            if new != visitor.field("again", 1000):
                raise UserError("The two passwords are not the same.")
            with self._store.read() as session:
                login = session.get_one(AccountRow, number).login or ""
            if (wrong := passwords.mistake(new, (*names_of(visitor.family), login))) is not None:
                raise UserError(wrong)
            if not self._access.proofs.same(number, visitor.field("old", 1000)):
                raise UserError(NOT_YOURS)
        except UserError as error:
            return visitor.show("account-password.html", 422, said=str(error))
        kept, now = passwords.hashed(new), self._clock()
        with self._store.write() as session:
            session.get_one(AccountRow, number).password = kept
            others = browsers.forget_all(session, number, now, but=browsers.of_visit(session, visitor.visit.id))
            end_all(session, number, now, but=visitor.visit.id)
            token = renew(session, visitor.visit.id, now)
            enter(session, visitor, kind := "password changed", {"signed out": others}, self._clock)
            self._access.news.changed(session, visitor.family, number, kind, now)
        answer = RedirectResponse(f"{HERE}?done=password", 303)
        source.keep_visit(answer, token, secure=self._access.secure)
        return answer

    def _change(self, visitor: Visitor) -> Response:
        now, number, act = self._clock(), visitor.visit.account, visitor.field("act", 20)
        with self._store.write() as session:
            if act == "rename":
                browsers.rename(session, number, _number(visitor), visitor.field("name", 1000))
            elif act == "out":
                browsers.forget(session, number, _number(visitor), now)
                enter(session, visitor, "browser signed out", {"browser": _number(visitor)}, self._clock)
            elif act == "others":
                here = browsers.of_visit(session, visitor.visit.id)
                count = browsers.forget_all(session, number, now, but=here)
                end_all(session, number, now, but=visitor.visit.id)
                enter(session, visitor, "browsers signed out", {"count": count}, self._clock)
            elif act == "choices":
                _choose(session, visitor)
            else:
                raise UserError("This page has no such button. Please load it again.")
        return RedirectResponse(f"{HERE}?done={act}", 303)


def _choose(session: Session, visitor: Visitor) -> None:
    row = session.get_one(AccountRow, visitor.visit.account)
    language, minutes = visitor.field("language", 8), visitor.field("idle", 4)
    if language not in LANGUAGES:
        raise UserError("Please choose one of the languages of the list.")
    if minutes not in {str(one) for one in (*IDLE, row.idle_minutes)}:
        raise UserError("Please choose one of the times of the list.")
    row.language, row.idle_minutes = language, int(minutes)


def _number(visitor: Visitor) -> int:
    text = visitor.field("browser", 12)
    return int(text) if text.isascii() and text.isdigit() else 0


def enter(session: Session, visitor: Visitor, kind: str, body: dict[str, object], clock: Clock) -> None:
    """An entry about the visitor's own account, in the log of their family or of the installation."""
    log = visitor.visit.family or INSTALLATION
    append(session, log, kind, {"account": visitor.visit.account, **body}, now=clock(), zone=zone_of(visitor))


def zone_of(visitor: Visitor) -> str:
    """The zone in which the visitor reads times."""
    return visitor.family.time_zone if visitor.family is not None else "UTC"
