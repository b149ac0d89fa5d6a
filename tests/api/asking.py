"""A program of the parent's, over real HTTP: it has a token and nothing else."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import select

from gateway.accounts import Role
from gateway.accounts.invite import invite
from gateway.api import tokens
from gateway.api.scopes import Scope
from gateway.clock import utc_now
from gateway.family import Family
from gateway.store import Store
from gateway.store.tables import AccountRow
from tests.e2e.world import World

ROOT = "/api/v1"
OPEN: list[httpx.Client] = []
"""Closed after each test."""


class Program:
    """Asks with one token."""

    def __init__(self, url: str, token: str) -> None:
        self.token = token
        self.http = httpx.Client(base_url=url + ROOT, timeout=30, headers={"Authorization": f"Bearer {token}"})
        OPEN.append(self.http)

    def get(self, path: str, status: int = 200, **query: Any) -> Any:
        answer = self.http.get(path, params=query)
        assert answer.status_code == status, (answer.status_code, answer.text)
        return answer.json()

    def post(self, path: str, body: Any, status: int, key: str = "") -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        answer = self.http.post(path, json=body, headers=headers)
        assert answer.status_code == status, (answer.status_code, answer.text)
        return answer.json()


def parent_of(store: Store, family: Family, now: datetime | None = None) -> int:
    """The number of the family's parent's account; a new one where there is none."""
    with store.write() as session:
        query = select(AccountRow.id).where(AccountRow.family == family.key, AccountRow.role == "parent")
        found = session.scalars(query).first()
        return found or invite(session, family, Role.PARENT, "Dana", now or utc_now())[0].id


def token(
    world: World,
    scopes: Iterable[Scope] = tuple(Scope),
    *,
    family: Family | None = None,
    days: float = 30,
    name: str = "a program",
) -> str:
    """A token that is good, of the first family unless another is named."""
    home, now = family or world.settings.families[0], utc_now()
    made = tokens.PREFIX + secrets.token_urlsafe(32)
    number = parent_of(world.store, home)
    with world.store.write() as session:
        account = session.get_one(AccountRow, number)
        tokens.make(session, account, made, name, scopes, now + timedelta(days=days), now, home.time_zone)
    return made


def program(world: World, *scopes: Scope, family: Family | None = None) -> Program:
    """A program with a token for these scopes, or for all."""
    return Program(world.settings.server.public_url, token(world, scopes or tuple(Scope), family=family))
