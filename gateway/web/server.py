"""Uvicorn as a part of the gateway, which sees to signals and to ports that are taken by itself."""

from __future__ import annotations

import contextlib

import uvicorn


class Web(uvicorn.Server):
    """Uvicorn without its own signal handlers: signals are ours."""

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]
        """Leave the signals alone."""
        yield

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        """A taken port ends the task instead of the process."""
        try:
            await super().startup(sockets=sockets)  # type: ignore[arg-type]
        except SystemExit:
            self.should_exit = True
            raise OSError("the web port cannot be opened") from None
