"""Invitations: a link that counts once, for the person who will choose a login and a password with it.

The link is made on the command line (`breakwater account invite`) or by the parent, for a reviewer or a professional.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from gateway.accounts import passwords
from gateway.accounts.browsers import forget_all
from gateway.accounts.role import Role
from gateway.accounts.visits import end_all, hashed, is_over
from gateway.errors import UserError
from gateway.family import Family
from gateway.language import SOURCE
from gateway.ledger import INSTALLATION, append
from gateway.store.tables import AccountRow, PasskeyRow

HOLDS = timedelta(days=7)
READS_WITH_IT = (Role.PARENT, Role.REVIEWER)
"""Whose pages are in the family's language until they choose another."""


def invite(
    session: Session, family: Family | None, role: Role, name: str, now: datetime, *, ends_at: datetime | None = None,
    token: str = "",
) -> tuple[AccountRow, str]:  # fmt: skip
    """A new account without a password, in the caller's unit of work, and the token of its link. Raises UserError.

    `token`: 32 bytes that nobody can guess, where the caller makes the same link for the same form.
    """
    if (family is None) != (role is Role.OPERATOR):
        raise UserError("an operator belongs to no family, everybody else to one: name the family with --family")
    if not 0 < len(name.strip()) <= 200:
        raise UserError("name the person with --name, in at most 200 characters")
    token = token or secrets.token_urlsafe(32)
    row = AccountRow(
        family=family.key if family else None, role=str(role), name=name.strip(), recovery=[], invite=hashed(token),
        invite_until=now + HOLDS, created_at=now, ends_at=ends_at, idle_minutes=10,
        language=family.language if family and role in READS_WITH_IT else SOURCE,
    )  # fmt: skip
    session.add(row)
    session.flush()
    zone = family.time_zone if family else "UTC"
    append(
        session, row.family or INSTALLATION, "account invited", {"account": row.id, "role": role}, now=now, zone=zone
    )
    return row, token


def again(session: Session, row: AccountRow, now: datetime, *, token: str = "") -> str:
    """Another link for an account that is there, in the caller's unit of work; the token. Whoever was signed in with it is out, its
    password, code app, passkeys and recovery codes are gone; number, role, what is opened to it and its log stay. Raises
    UserError where the account has ended.
    """
    if is_over(row, now):
        raise UserError("this account has ended; invite the person anew")
    token = token or secrets.token_urlsafe(32)
    row.invite, row.invite_until = hashed(token), now + HOLDS
    row.password = row.totp = row.totp_step = None
    row.recovery = []
    session.execute(delete(PasskeyRow).where(PasskeyRow.account_id == row.id))
    end_all(session, row.id, now)
    forget_all(session, row.id, now)
    append(session, row.family or INSTALLATION, "account reset", {"account": row.id}, now=now)
    return token


def invited(session: Session, token: str, now: datetime) -> AccountRow | None:
    """Whose invitation it is; None where it was taken or is too old."""
    row = session.scalar(select(AccountRow).where(AccountRow.invite == hashed(token)).with_for_update())
    if row is None or row.invite_until is None or now >= row.invite_until or is_over(row, now):
        return None
    return row


def chosen(login: str, password: str, *, known: tuple[str, ...]) -> str:
    """What is kept of a new password. Takes its time, so the database is not held meanwhile. Raises UserError with a sentence for the
    person.
    """
    name = normal_login(login)
    if not 3 <= len(name) <= 254:
        raise UserError("Please take a sign-in name of at least 3 characters.")
    if (wrong := passwords.mistake(password, (*known, name))) is not None:
        raise UserError(wrong)
    return passwords.hashed(password)


def take(session: Session, row: AccountRow, login: str, kept: str, now: datetime) -> None:
    """Take the invitation, in the caller's unit of work. `kept`: of `chosen`. Raises UserError with a sentence for the person."""
    name = normal_login(login)
    if session.scalar(select(AccountRow.id).where(AccountRow.login == name, AccountRow.id != row.id)) is not None:
        raise UserError("Please take another sign-in name.")
    row.login, row.password, row.invite_until = name, kept, None
    append(session, row.family or INSTALLATION, "account opened", {"account": row.id}, now=now)


def normal_login(login: str) -> str:
    """The form in which sign-in names are compared: lower case, single blanks, no signs that nobody sees."""
    seen = "".join(c if c.isprintable() else " " if c.isspace() else "" for c in login)
    return " ".join(seen.split()).casefold()
