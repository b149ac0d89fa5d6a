"""What `breakwater doctor` says of the alarms."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gateway.alarms.drill import outcomes
from gateway.alarms.rows import TEST
from gateway.store.tables import AlarmRow


def alarms_now(session: Session, families: Sequence[str]) -> tuple[bool | None, str]:
    """Whether all is well (None where no test tells), and what is to be said."""
    untested, bad = [], []
    for key in families:
        last = session.scalars(
            select(AlarmRow).where(AlarmRow.family == key, AlarmRow.kind == TEST).order_by(AlarmRow.id.desc()).limit(1)
        ).first()
        if last is None:
            untested.append(key)
            continue
        failed = sorted({f"{o.who} by {o.by}" for o in outcomes(session, last) if not o.handed_over})
        bad += [f"{key}: the last test was not handed over to {', '.join(failed)}"] if failed else []
    query = select(func.count()).where(AlarmRow.acknowledged_at.is_(None), AlarmRow.kind != TEST)
    waiting = session.scalar(query) or 0
    said = bad + ([f"{waiting} that nobody has answered (breakwater alarm list)"] if waiting else [])
    if untested:
        said.append(f"never tested for {', '.join(untested)}: breakwater alarm test")
    return (False if bad else None if untested or waiting else True), "; ".join(said) or "the last test got through"
