"""The commands `breakwater feed new` and `breakwater feed revoke`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.errors import UserError
from gateway.family import Family
from gateway.settings import Settings

app = typer.Typer(help="The private calendar of a family: make its address anew, revoke it.", no_args_is_help=True)
Dir = Annotated[Path, typer.Option("--dir", help="The folder with breakwater.toml.")]
Key = Annotated[str, typer.Option("--family", help="The family's key, where there are several.")]


@app.command("new")
def new(directory: Dir = Path(), family: Key = "") -> None:
    """Make the address of the calendar; one of before leads nowhere from then on. It is shown this once."""
    from gateway import feeds
    from gateway.clock import utc_now
    from gateway.settings import load
    from gateway.store import Store

    settings = load(directory)
    chosen = _chosen(settings, family)
    if chosen.calendar == "off":
        raise UserError(
            f'family {chosen.key} › calendar: is "off"; set "neutral" or "words" first, and restart the gateway'
        )
    store = Store(settings.database_url, settings.master)
    store.migrate()
    try:
        with store.write() as session:
            token = feeds.new(session, chosen, utc_now())
    finally:
        store.close()
    typer.echo(f"{settings.server.public_url}/dates/{token}.ics")
    typer.echo("Whoever has this address sees the dates. It is kept nowhere: put it into your calendar program now.")


@app.command("revoke")
def revoke(directory: Dir = Path(), family: Key = "") -> None:
    """The calendar's address leads nowhere from now on."""
    from gateway import feeds
    from gateway.clock import utc_now
    from gateway.settings import load
    from gateway.store import Store

    settings = load(directory)
    chosen = _chosen(settings, family)
    store = Store(settings.database_url, settings.master)
    store.migrate()
    try:
        with store.write() as session:
            there = feeds.revoke(session, chosen, utc_now())
    finally:
        store.close()
    typer.echo("Revoked." if there else "There was no address to revoke.")


def _chosen(settings: Settings, key: str) -> Family:
    """The family that is meant. Raises UserError."""
    keys = [family.key for family in settings.families]
    found = [family for family in settings.families if family.key == key or (not key and len(keys) == 1)]
    if not found:
        raise UserError(
            f"--family: found {key or 'nothing'!r}; should be one of {', '.join(keys) or 'the families; there are none'}"
        )
    return found[0]
