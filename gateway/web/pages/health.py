"""For whoever runs the installation: ``/operator``. Numbers of health; no content, no names, no addresses, no family's key.

``/operator/families``: links with which further families answer the set-up interview. What they answer is theirs; only how far a link is
is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from gateway import __version__
from gateway.accounts import Role
from gateway.clock import Clock
from gateway.family import Directory, normal_email, normal_phone
from gateway.health import look
from gateway.ledger import INSTALLATION
from gateway.setup_link import end_link, invite_family, invited_families
from gateway.store import Store
from gateway.store.tables import AccountRow, SetupRow
from gateway.web.access import Access
from gateway.web.guard import NOT_HERE
from gateway.web.room import Room, Visitor

HERE: Final = "/operator/families"
OPERATOR: Final = frozenset({Role.OPERATOR})


class Health:
    """Counts over all families together."""

    def __init__(self, store: Store, directory: Directory, clock: Clock, access: Access) -> None:
        self._store, self._directory, self._clock, self._access = store, directory, clock, access

    def rooms(self) -> list[Room]:
        """For the guard."""
        both = ("GET", "POST")
        return [
            Room("operator", "/operator", self.show, OPERATOR, menu="Health", place=15, quiet=True),
            Room(
                "operator families", HERE, self.families, OPERATOR, methods=both, menu="Families", place=16, quiet=True
            ),
            Room("operator family", HERE + "/{number:int}", self.end, OPERATOR, methods=("POST",), quiet=True),
        ]

    def show(self, _request: Request, visitor: Visitor) -> Response:
        """The page."""
        now = self._clock()
        with self._store.read() as session:
            queues, logs = look.queues(session, now), look.logs(session, [*self._directory.by_key, INSTALLATION])
            accounts = session.scalar(select(func.count()).where(AccountRow.password.is_not(None))) or 0
            return visitor.show(
                "operator.html",
                version=__version__,
                now=now,
                queues=[(number.words, int(number.value), number.bad) for number in queues],
                logs=logs,
                families=len(self._directory),
                accounts=accounts,
            )

    def families(self, _request: Request, visitor: Visitor) -> Response:
        """The links, and the form that makes another."""
        typed = {name: visitor.field(name, 300).strip() for name in ("name", "relay_email", "relay_phone")}
        wrong = _mistakes(typed, self._directory) if visitor.form else {}
        token, now = self._access.key.token("further family", visitor.nonce), self._clock()
        if visitor.form and not wrong:
            answers = {key: value for key, value in typed.items() if key != "name" and value}
            with self._store.write() as session:
                row = invite_family(session, token, typed["name"], answers, visitor.visit.account, now)
                link = f"{self._access.url}/setup/{token}"
                return visitor.show("operator-link.html", name=row.name, link=link, until=row.until)
        with self._store.read() as session:
            listed = [(row, state_of(row, now)) for row in invited_families(session)]
            return visitor.show(
                "operator-families.html", 422 if wrong else 200, listed=listed, typed=typed, mistakes=wrong
            )

    def end(self, request: Request, visitor: Visitor) -> Response:
        """Void a link."""
        now = self._clock()
        with self._store.write() as session:
            row = session.get(SetupRow, request.path_params["number"])
            if row is None or row.invited_by is None:
                return PlainTextResponse(NOT_HERE, 404)
            if state_of(row, now) == "open":
                end_link(session, row, now)
        return RedirectResponse(HERE, 303)


def state_of(row: SetupRow, now: datetime) -> str:
    """How far a link is: ``open``, ``done`` or ``ended``."""
    return "done" if row.done_at is not None else "open" if now < row.until else "ended"


def _mistakes(typed: Mapping[str, str], directory: Directory) -> dict[str, str]:
    found: dict[str, str] = {}
    if not 0 < len(typed["name"]) <= 100 or not typed["name"].isprintable():
        found["name"] = "Please give a name."
    for key, check, by in (
        ("relay_email", normal_email, directory.by_email), ("relay_phone", normal_phone, directory.by_phone)
    ):  # fmt: skip
        if typed[key] or key == "relay_email":
            try:
                if by(check(typed[key])) is not None:
                    found[key] = "This is the relay of another family; each has its own."
            except ValueError as error:
                found[key] = f"Please write {error}."
    return found
