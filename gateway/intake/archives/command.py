"""The command line of `breakwater import`: one command a format, the same options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    help="Old threads: kept, logged and read, marked as imported; never a card, never an alarm.", no_args_is_help=True
)
FormatFile = Annotated[Path, typer.Argument(help="The archive.", metavar="FILE")]
Dir = Annotated[Path, typer.Option("--dir", help="The folder with breakwater.toml.")]
FamilyKey = Annotated[
    str, typer.Option("--family", help="Whose archive it is; needed where there are several families.")
]
CoParent = Annotated[
    list[str] | None, typer.Option("--co-parent", help="Name, address or number of the co-parent in it.")
]
Parent = Annotated[list[str] | None, typer.Option("--parent", help="Name, address or number of the parent in it.")]
Other = Annotated[list[str] | None, typer.Option("--other", help="Somebody else in the chat.")]
Everyone = Annotated[bool, typer.Option("--everyone", help="Keep also what is only between other people.")]
Zone = Annotated[str, typer.Option("--zone", help="Time zone of the phone; the family's when left out.")]
Dates = Annotated[str, typer.Option("--dates", help="'day first' or 'month first'; worked out when left out.")]
Later = Annotated[bool, typer.Option("--later", help="Keep only; the running gateway reads them.")]


@app.command("mbox")
def mbox_(
    file: FormatFile, directory: Dir = Path(), family: FamilyKey = "", coparent: CoParent = None, parent: Parent = None,
    everyone: Everyone = False, later: Later = False,
) -> None:  # fmt: skip
    """Mail out of an mbox file, or out of a folder of .mbox and .eml files."""
    run("mbox", file, directory, family, coparent, parent, everyone=everyone, later=later)


@app.command("eml")
def eml_(
    file: FormatFile, directory: Dir = Path(), family: FamilyKey = "", coparent: CoParent = None, parent: Parent = None,
    everyone: Everyone = False, later: Later = False,
) -> None:  # fmt: skip
    """Mail out of .eml files: one, or a folder of them."""
    run("eml", file, directory, family, coparent, parent, everyone=everyone, later=later)


@app.command("whatsapp")
def whatsapp_(
    file: FormatFile, directory: Dir = Path(), family: FamilyKey = "", coparent: CoParent = None, parent: Parent = None,
    other: Other = None, zone: Zone = "", dates: Dates = "", later: Later = False,
) -> None:  # fmt: skip
    """A WhatsApp chat as the phone exports it: .zip or .txt."""
    run("whatsapp", file, directory, family, coparent, parent, other, zone=zone, dates=dates, later=later)


@app.command("sms-backup")
def sms_backup_(
    file: FormatFile, directory: Dir = Path(), family: FamilyKey = "", coparent: CoParent = None, parent: Parent = None,
    everyone: Everyone = False, later: Later = False,
) -> None:  # fmt: skip
    """Texts out of the XML of SMS Backup & Restore."""
    run("sms-backup", file, directory, family, coparent, parent, everyone=everyone, later=later)


@app.command("imessage")
def imessage_(
    file: FormatFile, directory: Dir = Path(), family: FamilyKey = "", coparent: CoParent = None, parent: Parent = None,
    everyone: Everyone = False, zone: Zone = "", dates: Dates = "", later: Later = False,
) -> None:  # fmt: skip
    """An iMessage thread as CSV."""
    run("imessage", file, directory, family, coparent, parent, everyone=everyone, zone=zone, dates=dates, later=later)


def run(format_: str, *given: Any, **options: Any) -> None:
    """The errand, loaded when it is needed: other commands start faster without it."""
    from gateway.intake.archives import errand

    errand.run(format_, *given, **options)
