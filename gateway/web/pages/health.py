"""For whoever runs the installation: ``/operator``. Numbers of health; no content, no names, no addresses, no family's key."""

from __future__ import annotations

from typing import Final

from sqlalchemy import func, select
from starlette.requests import Request
from starlette.responses import Response

from gateway import __version__
from gateway.accounts import Role
from gateway.clock import Clock
from gateway.family import Directory
from gateway.health import look
from gateway.ledger import INSTALLATION
from gateway.store import Store
from gateway.store.tables import AccountRow
from gateway.web.room import Room, Visitor

OPERATOR: Final = frozenset({Role.OPERATOR})


class Health:
    """Counts over all families together."""

    def __init__(self, store: Store, directory: Directory, clock: Clock) -> None:
        self._store, self._directory, self._clock = store, directory, clock

    def rooms(self) -> list[Room]:
        """For the guard."""
        return [Room("operator", "/operator", self.show, OPERATOR, menu="Health", place=15, quiet=True)]

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
