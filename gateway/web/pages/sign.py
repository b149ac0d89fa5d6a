"""The sign of life: ``/heartbeat``. The time of the last one, and nothing else; 503 where a part of the gateway is dead.

``/ready``: whether this process can answer, for a web server that spreads browsers over several; 503 where its database is away.
"""

from __future__ import annotations

from asyncio import to_thread

from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway.clock import stamp
from gateway.errors import StoreError
from gateway.outages.heartbeat import Heartbeat
from gateway.store import Store


class SignPages:
    """Shows the last heartbeat."""

    def __init__(self, heartbeat: Heartbeat, store: Store) -> None:
        self._heartbeat, self._store = heartbeat, store

    def routes(self) -> list[Route]:
        """For the web application."""
        return [Route("/heartbeat", self.show, methods=["GET"]), Route("/ready", self.ready, methods=["GET"])]

    async def show(self, _request: Request) -> Response:
        """The time in UTC."""
        last = await to_thread(self._heartbeat.newest)
        words = stamp(last) if last is not None else "none yet"
        return PlainTextResponse(
            words + "\n", 200 if self._heartbeat.is_fresh(last) else 503, {"Cache-Control": "no-store"}
        )

    async def ready(self, _request: Request) -> Response:
        """``ready``, or ``not ready``."""
        good = await to_thread(self._answers)
        return PlainTextResponse(
            "ready\n" if good else "not ready\n", 200 if good else 503, {"Cache-Control": "no-store"}
        )

    def _answers(self) -> bool:
        try:
            with self._store.glance() as connection:
                connection.execute(text("SELECT 1"))
                return True
        except StoreError:
            return False
