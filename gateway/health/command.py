"""`breakwater status`: the same numbers for a person, or as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gateway.many.presence import Process

Dir = Annotated[Path, typer.Option("--dir", help="The folder with breakwater.toml.")]


def status(
    directory: Dir = Path(), as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False
) -> None:
    """How the installation does at this moment. Exit status 1 where somebody should look."""
    from gateway.clock import utc_now
    from gateway.health import look
    from gateway.many.presence import missing, processes
    from gateway.many.roles import DOES, told
    from gateway.outages.silence import last_beat
    from gateway.settings import load
    from gateway.store import looked_at
    from gateway.store.writable import REMEDY, refusal
    from gateway.store.writable import said as said_place

    settings, now = load(directory), utc_now()
    with looked_at(settings.database_url, settings.master) as store, store.read() as session:
        numbers = [*look.queues(session, now), *look.more(session, now), *look.totals(session)]
        beat = last_beat(session)
        running = processes(session)
    silent = None if beat is None else round((now - beat).total_seconds())
    lacking = missing(running) if not settings.database_url.startswith("sqlite") else []
    ill = bool(lacking) or any(not process.well for process in running)
    still = silent is None or silent > 2 * 60 * settings.heartbeat.every_minutes
    where = settings.blobs_at
    refused = refusal(where)
    well = not (refused or still or ill or any(number.bad for number in numbers))
    if as_json:
        found = {number.name: number.value for number in numbers}
        found |= {"messages_folder_writable": int(not refused)}
        more = {"last_sign_of_life_seconds": silent, "processes": [_shown(process) for process in running]}
        typer.echo(json.dumps({**found, **more, "well": well}))
    else:
        for number in numbers:
            typer.echo(f"{'BAD ' if number.bad else 'ok  '} {number.words}: {number.value:g}")
        remedy = f": {REMEDY}" if isinstance(where, Path) else ""
        about = f"cannot be written ({refused}){remedy}" if refused else "can be written"
        typer.echo(f"{'BAD ' if refused else 'ok  '} Messages {said_place(where)}: {about}")
        place = settings.master
        typer.echo("note Sealing: off" if place is None else f"ok   Sealing: on, the master key is in {place.said()}")
        said = "never ran" if silent is None else f"last sign of life {silent} seconds ago"
        typer.echo(f"{'BAD ' if still else 'ok  '} The gateway: {said}")
        for process in running:
            about = f"{told(process.roles)}, process {process.pid} on {process.host}, version {process.version}"
            typer.echo(
                f"{'ok  ' if process.well else 'BAD '} Process: {about}, last sign {round(process.seen)} seconds ago"
            )
        for role in lacking:
            typer.echo(f"BAD  No process {DOES[role]} (breakwater serve --role {role})")
    raise SystemExit(0 if well else 1)


def _shown(process: Process) -> dict[str, object]:
    about = {"id": process.id, "roles": sorted(process.roles), "host": process.host, "pid": process.pid}
    return {**about, "version": process.version, "last_sign_seconds": round(process.seen), "well": process.well}
