"""`breakwater blobs`: move what is kept between the folder and the bucket."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.errors import UserError

app = typer.Typer(help="Where the bytes of messages and files lie.", no_args_is_help=True)
Dir = Annotated[Path, typer.Option("--dir", help="The folder with breakwater.toml.")]


@app.callback()
def blobs() -> None:
    """Where the bytes of messages and files lie."""


@app.command("move")
def move(
    to: Annotated[str, typer.Argument(help="s3 (from the folder into the bucket) or folder (back).")],
    directory: Dir = Path(),
    remove: Annotated[
        bool, typer.Option("--remove", help="Delete each in the place that it came from, once its copy was read back.")
    ] = False,
) -> None:
    """Copy every blob and read each copy back. Run again, it goes on. Exit status 1: some are not what they were; they are named."""
    from gateway.settings import load
    from gateway.store.moving import FOLDER, S3
    from gateway.store.moving import move as run

    if to not in (FOLDER, S3):
        raise UserError(f"found {to}; should be s3 or folder")
    done = run(load(directory), to, remove=remove)
    typer.echo(f"{done.copied} copied and read back, {done.there} were there and were read")
    if done.removed:
        typer.echo(f"{done.removed} deleted where they came from")
    if done.forgotten:
        typer.echo(f"{done.forgotten} of children, handed over since they were copied, removed again")
    if not done.last:
        typer.echo(
            f'The gateway still uses the other place. Now stop it, set [blobs] store = "{to}", run this again for what came meanwhile, and start it.'
        )
    for name in done.damaged[:10]:
        typer.echo(
            f"blob {name.partition('.')[0]} is not what it was; it was copied as it is, and stays in both places",
            err=True,
        )
    if done.damaged:
        typer.echo("Run `breakwater log verify`: a backup may still hold these.", err=True)
        raise typer.Exit(1)
