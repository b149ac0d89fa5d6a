"""`breakwater files`: for the operator, the way to a file that is held."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Attachments: list them, take one out that is held.", no_args_is_help=True)
Dir = Annotated[Path, typer.Option("--dir", help="The folder with breakwater.toml.")]
Message = Annotated[int, typer.Argument(help="The number of the message.")]


@app.command("list")
def list_(
    directory: Dir = Path(), held: Annotated[bool, typer.Option("--held", help="Only what is held.")] = False
) -> None:
    """Every file: message, place, state, kind, size, hash, and why. Names are the sender's words and are left out."""
    from gateway.attachments.shelf import listed

    for line in list(listed(directory, held=held)) or ["No file is held." if held else "No file came yet."]:
        typer.echo(line)


@app.command("save")
def save(
    message: Message,
    place: Annotated[int, typer.Argument(help="Which of its files, as `files list` says.")],
    to: Annotated[Path, typer.Option("--to", help="The file to write; it must not exist.")],
    directory: Dir = Path(),
) -> None:
    """Write the bytes as they came. It may be harmful: do not open it on a machine that matters."""
    from gateway.attachments.shelf import take_out

    typer.echo(take_out(directory, message, place, to))
