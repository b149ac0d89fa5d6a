"""The commands `breakwater rules list` and `breakwater rules check`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.errors import UserError

app = typer.Typer(help="The rules: list them, check them.", no_args_is_help=True)


@app.command("list")
def rules_list() -> None:
    """Every rule in the order in which it is asked, and what the coach looks for in replies."""
    from gateway.policy import load_rules
    from gateway.reply.coach import load_coach

    rules = load_rules()
    for rule in rules.rules:
        typer.echo(f"{rule.order:4} {rule.scope:8} {rule.action.value:9} {rule.id}: {rule.title}")
    typer.echo(f"version {rules.version}")
    coach = load_coach()
    for hint in coach.rules:
        typer.echo(f"{hint.order:4} draft    {'note' if hint.note else 'suggest':9} {hint.id}: {hint.title}")
    typer.echo(f"coach version {coach.version}")


@app.command("check")
def rules_check(
    folder: Annotated[Path | None, typer.Argument(help="A folder of rules; ours when left out.")] = None,
    directory: Annotated[Path | None, typer.Option("--dir", help="Check a family's choices too.")] = None,
) -> None:
    """Check rules, and a family's choices; a mistake is explained with file, place and remedy."""
    from gateway.policy import load_rules
    from gateway.reply.coach import load_coach
    from gateway.settings import load

    if folder is not None and not folder.is_dir():
        raise UserError(f"{folder}: no such folder; name a folder of .toml files")
    rules, coach = load_rules(folder), load_coach(folder)
    for family in load(directory).families if directory else ():
        rules.for_family(family)
    typer.echo(f"{len(rules.rules)} rules are good, version {rules.version}")
    if coach.rules:
        typer.echo(f"{len(coach.rules)} hints of the coach are good, version {coach.version}")
