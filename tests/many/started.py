"""`breakwater serve` in a child process of a test, forked from one that has loaded everything already."""

from __future__ import annotations

import faulthandler
import logging
import os
import signal
import sys
from pathlib import Path

import gateway.serve
from gateway.clock import Clock, utc_now
from gateway.errors import BreakwaterError
from gateway.many.roles import roles_of
from gateway.settings import load
from gateway.tagging.spans import Span, Tagging, Unread


class Believer:
    """A tagger without a model that takes everything for news of a child's health: it loads at once, and every message makes a card."""

    version = "believer-1"

    def tag(self, message: Unread) -> Tagging:
        """One fact."""
        return Tagging(text=_all(message.text), subject=_all(message.subject or ""), tagger=self.version)


def _all(text: str) -> tuple[Span, ...]:
    return (Span(0, len(text), "F:medical", 0.99, fact=0.99, withhold=0.0),) if text.strip() else ()


def run(folder: Path, roles: list[str], out: Path, clock: Clock = utc_now, model: bool = False) -> None:
    """Serve until SIGTERM. `model`: whether it reads with the tagger; else every message makes a card."""
    with out.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    faulthandler.register(signal.SIGUSR1)  # for whoever wants to know where it stands
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True)
    for name in ("twilio", "httpx", "httpcore", "alembic", "uvicorn"):
        logging.getLogger(name).setLevel(logging.WARNING)
    if not model:
        gateway.serve.open_tagger = Believer  # type: ignore[assignment,attr-defined]
    try:
        gateway.serve.serve(load(folder), roles_of(roles), clock)
    except BreakwaterError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
