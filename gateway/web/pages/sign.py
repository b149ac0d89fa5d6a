"""The sign of life: ``/heartbeat``. The time of the last one, and nothing else; 503 where a part of the gateway is dead."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway.clock import stamp
from gateway.outages.heartbeat import Heartbeat


class SignPages:
    """Shows the last heartbeat."""

    def __init__(self, heartbeat: Heartbeat) -> None:
        self._heartbeat = heartbeat

    def routes(self) -> list[Route]:
        """For the web application."""
        return [Route("/heartbeat", self.show, methods=["GET"])]

    async def show(self, _request: Request) -> Response:
        """The time in UTC."""
        last = self._heartbeat.last
        words = stamp(last) if last is not None else "none yet"
        return PlainTextResponse(words + "\n", 200 if self._heartbeat.fresh else 503, {"Cache-Control": "no-store"})
