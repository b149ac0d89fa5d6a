"""`breakwater status`: the same numbers for a person, or as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gateway.health.look import Number

Dir = Annotated[Path, typer.Option("--dir", help="The folder with breakwater.toml.")]


def status(
    directory: Dir = Path(), as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False
) -> None:
    """How the installation does at this moment. Exit status 1 where somebody should look."""
    from gateway.clock import utc_now
    from gateway.health import look
    from gateway.outages.silence import last_beat
    from gateway.settings import load
    from gateway.store import looked_at

    settings, now = load(directory), utc_now()
    with looked_at(settings.database_url, settings.master) as store, store.read() as session:
        numbers = [*look.queues(session, now), *look.more(session, now), *look.totals(session)]
        beat = last_beat(session)
    silent = None if beat is None else round((now - beat).total_seconds())
    still = silent is None or silent > 2 * 60 * settings.heartbeat.every_minutes
    if as_json:
        found = {number.name: number.value for number in numbers}
        typer.echo(json.dumps({**found, "last_sign_of_life_seconds": silent, "well": not _bad(numbers, still)}))
    else:
        for number in numbers:
            typer.echo(f"{'BAD ' if number.bad else 'ok  '} {number.words}: {number.value:g}")
        place = settings.master
        typer.echo("note Sealing: off" if place is None else f"ok   Sealing: on, the master key is in {place.said()}")
        said = "never ran" if silent is None else f"last sign of life {silent} seconds ago"
        typer.echo(f"{'BAD ' if still else 'ok  '} The gateway: {said}")
    raise SystemExit(1 if _bad(numbers, still) else 0)


def _bad(numbers: Iterable[Number], still: bool) -> bool:
    return still or any(number.bad for number in numbers)
