"""What a parent has opened to an account, as the pages ask for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

Opened = Callable[[Session, int, str, datetime], object | None]
"""Asks whether something (such as ``unsorted``) is open to an account (its number) at a moment. None: it is not."""


def nothing_opened(_session: Session, _account_id: int, _what: str, _now: datetime) -> object | None:
    """Nothing is open to anybody."""
    return None
