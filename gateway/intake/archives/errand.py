"""What `breakwater import` does from beginning to end: open, keep, read, tell. The only part that talks to a person."""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from sqlalchemy import func, select

from gateway.clock import utc_now
from gateway.errors import StoreError, UserError
from gateway.family import Family, Role
from gateway.intake.archives.found import MESSAGE, ArchiveError, Problem
from gateway.intake.archives.importing import Importer, Outcome
from gateway.intake.archives.moments import Order
from gateway.intake.archives.people import Cast
from gateway.intake.archives.sources import open_archive
from gateway.intake.keep import Keeper
from gateway.policy import load_rules
from gateway.provenance import AS_GIVEN, IMPORTED
from gateway.settings import Settings, load
from gateway.store import Blobs, Store
from gateway.store.tables import DecisionRow, MessageRow
from gateway.tagging import open_tagger
from gateway.voices.apart import may_be_a_childs
from gateway.worker import Worker

PATIENCE = 60.0
"""Seconds that an import waits for its turn to write beside a gateway that runs."""


def run(
    format_: str,
    file: Path,
    directory: Path,
    key: str,
    coparent: list[str] | None,
    parent: list[str] | None,
    other: list[str] | None = None,
    *,
    everyone: bool = False,
    zone: str = "",
    dates: str = "",
    later: bool = False,
) -> None:
    """Import, read, tell. Raises UserError for what the person can mend, with what could be read kept."""
    settings = load(directory)
    family = family_of(settings, key)
    cast = Cast(
        family,
        tuple(coparent or ()),
        tuple(parent or ()),
        tuple(other or ()),
        by_name=format_ in ("whatsapp", "imessage"),
    )
    today = utc_now().date()
    archive = open_archive(format_, file, cast, zone=_zone(zone or family.time_zone), order=_order(dates), today=today)
    settings.data.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        store = stack.enter_context(closing(Store(settings.database_url, settings.master, busy_seconds=PATIENCE)))
        store.migrate()
        blobs = stack.enter_context(closing(Blobs(settings.blobs_at, store)))
        keeper = stack.enter_context(
            closing(Keeper(store, blobs, apart=may_be_a_childs(settings.families_by_address())))
        )
        progress = stack.enter_context(bar())
        task = progress.add_task(f"keeping {archive.name}", total=archive.size or 1)
        outcome = Importer(store, blobs, keeper, family, utc_now).run(
            archive, cast, everyone=everyone, progress=lambda done: progress.update(task, completed=done)
        )
        progress.update(task, completed=archive.size or 1)
        lanes = Counter[str]() if later else read_all(settings, store, blobs, family, progress)
    typer.echo("\n".join(told(outcome, lanes, later=later)))
    if outcome.unread:
        raise ArchiveError(complaint(archive.name, outcome))


def read_all(settings: Settings, store: Store, blobs: Blobs, family: Family, progress: Progress) -> Counter[str]:
    """Let tagger and rules read what was imported; how many of the co-parent's messages fell into each lane."""
    waiting = MessageRow.state == "stored", MessageRow.provenance == IMPORTED
    with store.read() as session:
        total = session.scalar(select(func.count()).select_from(MessageRow).where(*waiting)) or 0
    worker = Worker(
        store, blobs, settings.families_by_address(), open_tagger(), load_rules(), utc_now,
        public_url=settings.server.public_url,
    )  # fmt: skip
    task = progress.add_task("reading", total=total or 1)
    try:
        while worker.step(IMPORTED):
            progress.advance(task)
    except StoreError as error:
        raise StoreError(
            f"{error}\nEvery message is kept. The gateway reads them by itself, or repeat the command."
        ) from error
    progress.update(task, completed=total or 1)
    with store.read() as session:
        rows = session.execute(
            select(DecisionRow.lane, MessageRow.envelope)
            .join(MessageRow, MessageRow.id == DecisionRow.message_id)
            .where(MessageRow.family == family.key, MessageRow.provenance == IMPORTED)
            .execution_options(yield_per=500)
        )
        with rows:
            return Counter(row.lane for row in rows if _theirs(row.envelope))


def _theirs(envelope: dict[str, Any]) -> bool:
    return envelope.get("role") == Role.COPARENT and envelope.get("kind") == MESSAGE


def told(outcome: Outcome, lanes: Counter[str], *, later: bool) -> list[str]:
    """What a person reads at the end. No word of a message."""
    kept = sum(outcome.kept.values())
    parts = ", ".join(f"{count} {direction}" for direction, count in sorted(outcome.kept.items()))
    lines = [f"{kept} messages kept{f' ({parts})' if parts else ''}, marked: {AS_GIVEN}."]
    if outcome.known:
        lines.append(f"{outcome.known} were here already and were left as they are.")
    if outcome.left_out:
        lines.append(
            f"{outcome.left_out} have nothing to do with the co-parent and were left out (--everyone keeps them)."
        )
    if later:
        lines.append("The gateway will read them when nothing new waits.")
    elif lanes:
        listed = ", ".join(f"{count} {lane}" for lane, count in sorted(lanes.items()))
        lines.append(f"All imported messages from the co-parent, as the rules read them: {listed}.")
    lines.append("Nobody was alarmed and no card was made.")
    return lines


def complaint(name: str, outcome: Outcome) -> str:
    """Two lines: the first place that could not be read, and how many more."""
    first = outcome.places[0]
    more = ", ".join(_place(p) for p in outcome.places[1:9])
    safe = sum(outcome.kept.values()) + outcome.known
    rest = f"{outcome.unread - 1} more such places ({more}). " if outcome.unread > 1 else ""
    return f"{first.file or name} line {first.line}: {first.said}\n{rest}What could be read is kept: {safe} messages."


def _place(problem: Problem) -> str:
    return f"{problem.file} line {problem.line}" if problem.file else f"line {problem.line}"


def family_of(settings: Settings, key: str) -> Family:
    """The family named, or the only one. Raises UserError."""
    keys = ", ".join(f.key for f in settings.families)
    chosen = [f for f in settings.families if f.key == key] if key else list(settings.families)
    if len(chosen) != 1:
        raise UserError(f"--family: say whose archive it is; the families are: {keys or 'none'}")
    return chosen[0]


def bar() -> Progress:
    """The progress bar, on standard error, so that standard output stays plain."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(file=sys.stderr))


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise UserError(f"--zone: found {name!r}; should be a time zone name such as America/Chicago") from None
    return name


def _order(dates: str) -> Order | None:
    if dates not in ("", Order.DAY, Order.MONTH):
        raise UserError(f"--dates: found {dates!r}; should be 'day first' or 'month first'")
    return Order(dates) if dates else None
