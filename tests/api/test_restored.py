"""A database that came back from a backup: what was ended since is not good again."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from gateway.accounts.key import AccountKey
from gateway.api import tokens, webhooks
from gateway.api.scopes import Scope
from gateway.backup.restore import Restored, note
from gateway.clock import utc_now
from gateway.family import Directory
from gateway.ledger import entries
from gateway.ledger.whole import Held
from gateway.store import Store
from gateway.store.tables import AccountRow, WebhookRow
from tests.api.asking import parent_of


def test_tokens_end_and_webhooks_pause(store: Store, directory: Directory, tmp_path: Path) -> None:
    home, now, secret = next(iter(directory)), utc_now(), "tool_" + "x" * 43
    number = parent_of(store, home)
    with store.write() as session:
        account = session.get_one(AccountRow, number)
        tokens.make(session, account, secret, "a program", [Scope.CARDS], now.replace(year=now.year + 1), now, "UTC")
        webhooks.make(
            session, AccountKey(b"k" * 32), home, number, "x", "https://tools.example.org/", "n", now, loopback=False
        )
    with store.read() as session:
        assert tokens.find(session, secret, utc_now()) is not None
    note(tmp_path, Restored("s", "then", 1, 1, store.url, _held(), "data"))
    with store.read() as session:
        assert tokens.find(session, secret, utc_now()) is None
        assert session.scalars(select(WebhookRow)).one().paused_at is not None
        kinds = [entry.kind for entry in entries(session, home.key)]
    assert kinds[-2:] == ["token ended", "webhook paused"]


def _held() -> Held:
    fields = Held.__dataclass_fields__
    return Held(**{name: 0 if "int" in str(field.type) else () for name, field in fields.items()})  # type: ignore[arg-type]
