"""`breakwater keys`: the master key for a copy on paper, and a new one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.errors import UserError

app = typer.Typer(help="The master key that opens what is kept.", no_args_is_help=True)
Dir = Annotated[Path, typer.Option("--dir", help="The folder with breakwater.toml.")]
OFF = "nothing is sealed here: the settings have no [sealing]; docs/operators-guide.md says how to turn it on"


@app.command("show")
def show(directory: Dir = Path()) -> None:
    """Print the master key, to be written down or kept on another device. Whoever has it and the data can read everything."""
    from gateway.settings import load

    place = load(directory).master
    if place is None:
        raise UserError(OFF)
    found = place.keys()
    typer.echo("\n".join(key.line() for key in found))
    typer.echo(
        "Keep it away from this machine, twice, and apart from the backups: no backup holds it. Without it nobody, we neither, can\n"
        "read anything that is kept here, or bring back a backup.",
        err=True,
    )


@app.command("rotate")
def rotate(directory: Dir = Path()) -> None:
    """Put a new master key in use. The gateway may run meanwhile, and nothing that is kept is written anew."""
    from gateway.clock import utc_now
    from gateway.ledger import INSTALLATION, append
    from gateway.sealing import rotate as rotating
    from gateway.settings import load
    from gateway.store import opened

    settings = load(directory)
    with opened(settings.database_url, settings.master) as store:
        if store.keys is None:
            raise UserError(OFF)
        changed, master = rotating.rotate(store.keys)
        if changed:
            with store.write() as session:
                body = {"master": master.name, "data_keys": changed}
                append(session, INSTALLATION, "master key changed", body, now=utc_now())
    typer.echo(f"{changed} data keys are wrapped with the master key {master.name} now")
    if store.keys.place.file is None and not changed:
        typer.echo("They were before: put the new key first, the old one behind it, then run this again.")
    typer.echo(
        "Copy the new key (breakwater keys show), and make a backup. Earlier backups, and copies of the database, still open with the old\n"
        "key: keep its copy as long as you keep them."
    )
