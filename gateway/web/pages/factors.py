"""A second step at sign-in: ``/account/code`` (an app), ``/account/passkeys``, ``/account/recovery``.

Whoever sets one up or turns one off gives the password again, so that nobody does it at a screen that was left open.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.accounts import browsers, codes, passkeys, recovery
from gateway.clock import Clock
from gateway.errors import UserError
from gateway.store import Store
from gateway.store.tables import AccountRow, PasskeyRow
from gateway.web.access import Access
from gateway.web.pages.account import HERE, NOT_YOURS, enter, zone_of
from gateway.web.room import ANYBODY, Room, Visitor

NOT_THE_CODE: Final = "This code does not fit. Look at the clock of your phone, wait for the next code, and try again."
NO_PLACE: Final = "Passkeys do not work at this address."


class Factors:
    """Of whoever is signed in."""

    def __init__(self, store: Store, clock: Clock, access: Access) -> None:
        self._store, self._clock, self._access = store, clock, access

    def rooms(self) -> list[Room]:
        """For the guard."""
        made = (("code", self.code), ("recovery", self.recovery), ("passkeys", self.passkeys))
        return [
            Room(f"account {name}", f"{HERE}/{name}", way, ANYBODY, methods=("GET", "POST"), quiet=True)
            for name, way in made
        ]

    def code(self, request: Request, visitor: Visitor) -> Response:
        """Codes of an app. The secret is shown here, once."""
        if request.method == "GET":
            return self._code_page(visitor, codes.new_secret())
        secret = visitor.field("secret", 64)
        try:
            self._ask(visitor)
            if visitor.field("act", 10) == "off":
                return self._code_off(visitor)
            return self._code_on(visitor, secret)
        except UserError as error:
            known = secret if codes.SECRET.fullmatch(secret) else codes.new_secret()
            return self._code_page(visitor, known, 422, said=str(error))

    def _code_page(self, visitor: Visitor, secret: str, status: int = 200, said: str = "") -> Response:
        with self._store.read() as session:
            row = session.get_one(AccountRow, visitor.visit.account)
            if row.totp is not None:
                return visitor.show("account-code.html", status, on=True, said=said)
            picture = codes.picture(secret, row.login or "")
        grouped = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
        values = {"secret": secret, "grouped": grouped, "picture": picture}
        return visitor.show("account-code.html", status, on=False, said=said, **values)

    def _code_on(self, visitor: Visitor, secret: str) -> Response:
        now, number = self._clock(), visitor.visit.account
        typed = codes.typed(visitor.field("code", 40))
        step = codes.step_of(secret, typed, now, None) if codes.SECRET.fullmatch(secret) else None
        with self._store.write() as session:
            row = session.get_one(AccountRow, number)
            if row.totp is not None:
                raise UserError("Codes are asked already.")
            if step is None:
                raise UserError(NOT_THE_CODE)
            row.totp, row.totp_step = codes.sealed(self._access.key, number, secret), step
            self._enter(session, visitor, "code app added")
            if recovery.left(row.recovery):
                return RedirectResponse(f"{HERE}?done=code", 303)
        return self._new_codes(visitor)

    def _code_off(self, visitor: Visitor) -> Response:
        with self._store.write() as session:
            row = session.get_one(AccountRow, visitor.visit.account)
            row.totp = row.totp_step = None
            self._enter(session, visitor, "code app removed")
        return RedirectResponse(f"{HERE}?done=code-off", 303)

    def recovery(self, request: Request, visitor: Visitor) -> Response:
        """Ten codes for the day on which the phone is lost."""
        if request.method == "POST":
            try:
                self._ask(visitor)
                return self._codes_end(visitor) if visitor.field("act", 10) == "end" else self._new_codes(visitor)
            except UserError as error:
                return self._recovery_page(visitor, 422, said=str(error))
        return self._recovery_page(visitor)

    def _recovery_page(self, visitor: Visitor, status: int = 200, said: str = "") -> Response:
        with self._store.read() as session:
            left = recovery.left(session.get_one(AccountRow, visitor.visit.account).recovery)
        return visitor.show("account-recovery.html", status, left=left, codes=[], said=said)

    def _codes_end(self, visitor: Visitor) -> Response:
        with self._store.write() as session:
            session.get_one(AccountRow, visitor.visit.account).recovery = []
            self._enter(session, visitor, "recovery codes ended")
        return RedirectResponse(f"{HERE}/recovery", 303)

    def _new_codes(self, visitor: Visitor) -> Response:
        """Shown in the answer to the form, since nothing keeps them; the same form sent twice shows the same ones."""
        number = visitor.visit.account
        made = recovery.made(self._access.key, number, visitor.nonce)
        with self._store.write() as session:
            row = session.get_one(AccountRow, number)
            kept = recovery.kept(made, number, row.recovery)
            if kept != list(row.recovery):
                row.recovery = kept
                self._enter(session, visitor, "recovery codes made")
            left = recovery.left(kept)
        return visitor.show("account-recovery.html", left=left, codes=made, said="")

    def passkeys(self, request: Request, visitor: Visitor) -> Response:
        """Those that there are, and a new one."""
        if request.method == "GET":
            return self._passkeys_page(visitor)
        try:
            self._ask(visitor)
            if visitor.field("act", 10) == "remove":
                self._remove(visitor)
            else:
                self._add(visitor)
        except UserError as error:
            return self._passkeys_page(visitor, 422, said=str(error))
        return RedirectResponse(f"{HERE}/passkeys", 303)

    def _passkeys_page(self, visitor: Visitor, status: int = 200, said: str = "") -> Response:
        key, place, asked, ticket = self._access.key, self._access.place, "", ""
        with self._store.read() as session:
            row = session.get_one(AccountRow, visitor.visit.account)
            there = passkeys.of_account(session, row.id)
            if place is not None:
                ticket = passkeys.challenge(key, "add", str(visitor.visit.id), self._clock())
                asked = passkeys.asked_to_add(place, ticket, row, passkeys.user_handle(key, row.id), there)
            values = {"there": there, "asked": asked, "ticket": ticket, "said": said, "zone": zone_of(visitor)}
            return visitor.show("account-passkeys.html", status, **values)

    def _add(self, visitor: Visitor) -> None:
        place, name = self._access.place, browsers.plain_name(visitor.field("name", 1000))
        if place is None:
            raise UserError(NO_PLACE)
        answer, ticket = visitor.field("answer", 20_000), visitor.field("ticket", 300)
        with self._store.write() as session:
            row = session.get_one(AccountRow, visitor.visit.account)
            made = passkeys.add(
                session, place, self._access.key, row, answer, ticket, str(visitor.visit.id), name, self._clock()
            )
            self._enter(session, visitor, "passkey added", passkey=made.id)

    def _remove(self, visitor: Visitor) -> None:
        text = visitor.field("passkey", 12)
        with self._store.write() as session:
            row = session.get(PasskeyRow, int(text)) if text.isascii() and text.isdigit() else None
            if row is None or row.account_id != visitor.visit.account:
                raise UserError("This passkey is not in your list any more.")
            self._enter(session, visitor, "passkey removed", passkey=row.id)
            session.delete(row)

    def _enter(self, session: Session, visitor: Visitor, kind: str, **body: object) -> None:
        """An entry, and word to the parent."""
        enter(session, visitor, kind, body, self._clock)
        self._access.news.changed(session, visitor.family, visitor.visit.account, kind, self._clock())

    def _ask(self, visitor: Visitor) -> None:
        if not self._access.proofs.same(visitor.visit.account, visitor.field("old", 1000)):
            raise UserError(NOT_YOURS)
