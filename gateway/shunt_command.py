"""The commands `breakwater shunt list` and `breakwater shunt replay`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Messages set aside because reading them failed.", no_args_is_help=True)
Dir = Annotated[Path, typer.Option("--dir", help="The folder with breakwater.toml.")]
MOST = 2**63 - 1


@app.command("list")
def shunt_list(directory: Dir = Path()) -> None:
    """Messages that wait for a person."""
    from gateway.settings import load
    from gateway.shunt import waiting
    from gateway.store import opened

    settings = load(directory)
    with opened(settings.database_url, settings.master) as store:
        for line in list(waiting(store)) or ["No message is set aside."]:
            typer.echo(line)


@app.command("replay")
def shunt_replay(
    message: Annotated[int, typer.Argument(min=1, max=MOST, help="The number that `shunt list` shows.")],
    directory: Dir = Path(),
) -> None:
    """Hand a message to the worker again."""
    from gateway.clock import utc_now
    from gateway.settings import load
    from gateway.shunt import put_back
    from gateway.store import opened

    settings = load(directory)
    with opened(settings.database_url, settings.master) as store:
        put_back(store, message, utc_now())
    typer.echo(f"message {message} will be read again")
