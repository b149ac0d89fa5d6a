"""`breakwater alarm …`: send a test alarm and see what becomes of it; list alarms, who answered, and what went round."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import select

from gateway.alarms.drill import Outcome, outcomes, send_test
from gateway.alarms.rows import TEST, calls_of
from gateway.clock import for_people, utc_now
from gateway.errors import UserError
from gateway.ledger.command import opened
from gateway.settings import load
from gateway.store import Store
from gateway.store.tables import AlarmRow, DeliveryRow

app = typer.Typer(help="Alarms: test them, list them.", no_args_is_help=True)
Dir = Annotated[Path, typer.Option("--dir", help="The folder with breakwater.toml.")]


@app.command("test")
def alarm_test(
    directory: Dir = Path(),
    family: Annotated[str, typer.Option("--family", help="Its key, where there are several.")] = "",
    wait: Annotated[int, typer.Option("--wait", min=0, max=3600, help="Seconds to wait for the routes.")] = 60,
) -> None:
    """Send a plainly marked test alarm over every way. Status 1 where one was not handed over in time."""
    settings = load(directory)
    found = [one for one in settings.families if family in ("", one.key)]
    if len(found) != 1:
        keys = ", ".join(one.key for one in settings.families)
        raise UserError(f"--family: found {family!r}; should be one of {keys}")
    with opened(directory) as store:
        now = utc_now()
        with store.write() as session:
            number = send_test(session, found[0], now, settings.server.public_url, due=now).id
        if wait:
            typer.echo(f"Sent. Looking for up to {wait} seconds whether it is handed over ...", err=True)
        result = _result(store, number, wait)
    for one in result:
        state = "handed over" if one.handed_over else "NOT handed over"
        typer.echo(f"{one.who} by {one.by}: {state}{', answered' if one.answered else ''}")
    if not all(one.handed_over for one in result):
        typer.echo(
            "Does `breakwater serve` run? It goes on trying; `breakwater alarm list` shows what became of it.", err=True
        )
        raise SystemExit(1)
    typer.echo("It counts as arrived when it is answered; `breakwater alarm list` shows that.")


@app.command("list")
def alarm_list(
    directory: Dir = Path(), last: Annotated[int, typer.Option(min=1, max=10_000, help="How many, newest first.")] = 20
) -> None:
    """Each alarm: when, what kind, whether somebody answered, and every way that it took."""
    zones = {family.key: family.time_zone for family in load(directory).families}
    with opened(directory) as store, store.read() as session:
        alarms = session.scalars(select(AlarmRow).order_by(AlarmRow.id.desc()).limit(last)).all()
        for alarm in alarms:
            zone = zones.get(alarm.family, "UTC")
            state = "open" if alarm.next_at else "nobody has answered; it comes no more"
            if alarm.kind == TEST:
                state = "a test"
            elif alarm.acknowledged_at is not None:
                state = f"answered {for_people(alarm.acknowledged_at, zone)} by the {alarm.by} ({alarm.via})"
            typer.echo(f"{alarm.id:5}  {alarm.family}  {for_people(alarm.raised_at, zone)}  {alarm.kind}: {state}")
            for call in calls_of(session, alarm):
                rows = session.scalars(select(DeliveryRow.state).where(DeliveryRow.call_id == call.id)).all()
                notes = ", answered" if call.acknowledged_at else ""
                notes += ", in place of a way that failed" if call.stands_for else ""
                typer.echo(f"         {call.who} by {call.channel}: {', '.join(rows) or 'nothing yet'}{notes}")
        if not alarms:
            typer.echo("No alarm yet. Try one with: breakwater alarm test")


def _result(store: Store, number: int, seconds: int) -> list[Outcome]:
    end = time.monotonic() + seconds
    while True:
        with store.read() as session:
            result = outcomes(session, session.get_one(AlarmRow, number))
        if all(one.handed_over for one in result) or time.monotonic() >= end:
            return result
        time.sleep(0.5)
