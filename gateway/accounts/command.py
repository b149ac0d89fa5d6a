"""`breakwater account`: invite somebody, list who may sign in, reset an account that is locked out, end one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.accounts import Role
from gateway.accounts.invite import HOLDS, again, invite
from gateway.accounts.news import News
from gateway.accounts.visits import end_all
from gateway.clock import for_people, utc_now
from gateway.errors import UserError
from gateway.ledger import INSTALLATION, append
from gateway.settings import load
from gateway.store import opened
from gateway.store.tables import AccountRow

account_app = typer.Typer(help="Who may sign in to the pages.", no_args_is_help=True)
Dir = Annotated[Path, typer.Option("--dir", help="The folder with breakwater.toml.")]


@account_app.command("invite")
def invite_one(
    role: Annotated[Role, typer.Argument(help="parent, reviewer, professional or operator.")],
    name: Annotated[str, typer.Option(help="Who it is for.")] = "",
    family: Annotated[str, typer.Option(help="The family's key; may be left out where there is one.")] = "",
    directory: Dir = Path(),
) -> None:
    """Print a link with which one person chooses a sign-in name and a password."""
    settings = load(directory)
    families = settings.families_by_address()
    chosen = None
    if role is not Role.OPERATOR:
        chosen = families.family(family) if family else next(iter(families)) if len(families) == 1 else None
        if chosen is None:
            raise UserError(f"--family: should be one of {', '.join(f.key for f in families)}")
    if not name and role is Role.PARENT and chosen is not None:
        name = chosen.parent.name
    now = utc_now()
    with opened(settings.database_url, settings.master) as store, store.write() as session:
        row, token = invite(session, chosen, role, name, now)
        until = for_people(now + HOLDS, chosen.time_zone if chosen else "UTC")
        typer.echo(f"Account {row.id}, {role}. This link counts once, until {until}:")
    typer.echo(f"{settings.server.public_url}/invited/{token}")


@account_app.command("reset")
def reset_one(number: Annotated[int, typer.Argument(min=1)], directory: Dir = Path()) -> None:
    """Print a new link for an account whose password, phone or codes are lost. The account stays; its parent is told."""
    settings, now = load(directory), utc_now()
    families = settings.families_by_address()
    with opened(settings.database_url, settings.master) as store, store.write() as session:
        row = _account(session, number)
        family = families.family(row.family) if row.family else None
        token = again(session, row, now)
        News(settings.server.public_url).reset(session, family, row, now)
        until = for_people(now + HOLDS, family.time_zone if family else "UTC")
        typer.echo(f"Account {row.id}, {row.role}. Everybody is signed out. This link counts once, until {until}:")
    typer.echo(f"{settings.server.public_url}/invited/{token}")


@account_app.command("list")
def list_all(directory: Dir = Path()) -> None:
    """Every account: number, role, name, family, and whether it is in use."""
    settings = load(directory)
    with opened(settings.database_url, settings.master) as store, store.read() as session:
        for row in session.scalars(select(AccountRow).order_by(AccountRow.id)):
            state = "ended" if row.ends_at and row.ends_at <= utc_now() else "in use" if row.password else "invited"
            typer.echo(f"{row.id:4} {row.role:12} {state:8} {row.name} ({row.family or 'installation'})")


@account_app.command("end")
def end_one(number: Annotated[int, typer.Argument(min=1)], directory: Dir = Path()) -> None:
    """End an account at once and sign its browsers out."""
    settings = load(directory)
    with opened(settings.database_url, settings.master) as store, store.write() as session:
        row, now = _account(session, number), utc_now()
        row.ends_at, row.invite_until = now, None
        end_all(session, row.id, now)
        append(session, row.family or INSTALLATION, "account ended", {"account": row.id, "by": "command line"}, now=now)
    typer.echo(f"account {number} has ended")


def _account(session: Session, number: int) -> AccountRow:
    row = session.get(AccountRow, number)
    if row is None:
        raise UserError(f"there is no account {number}; breakwater account list shows them")
    return row
