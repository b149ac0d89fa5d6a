"""The family's own programs: tokens, news, webhooks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gateway.store.tables.base import Base, Key


class ToolTokenRow(Base):
    """With what a program of the parent's asks for them. `sha256`: of the token, which is shown once and kept nowhere. `scopes`: see
    `gateway.api.scopes`. `ends_at`: the end that was chosen; `ended_at`: when the parent ended it. `minute`, `calls`: how often it
    asked in that minute. `refused_at`: when it was last noted that somebody came with it after its end.
    """

    __tablename__ = "tool_token"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    family: Mapped[str] = mapped_column(String(40), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    name: Mapped[str] = mapped_column(String(100))
    scopes: Mapped[list[str]]
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    minute: Mapped[datetime | None]
    calls: Mapped[int] = mapped_column(default=0)
    refused_at: Mapped[datetime | None]


class NewsRow(Base):
    """That something can be looked at which could not before. `kind`: see `gateway.api.news`; `number`: of the card or record.
    `event`: the name by which a webhook speaks of it, which leads nowhere. `webhook_id`: for this webhook alone. Its own number is its place in
    the order in which a family's news came, which no later one precedes.
    """

    __tablename__ = "news"
    __table_args__ = (UniqueConstraint("kind", "number"), Index("news_family", "family", "id"))

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    family: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))
    number: Mapped[int | None] = mapped_column(Key)
    event: Mapped[str] = mapped_column(String(40), unique=True)
    webhook_id: Mapped[int | None] = mapped_column(Key)
    at: Mapped[datetime]


class WebhookRow(Base):
    """An address that is told of news. `secret`: sealed (`gateway.accounts.key`). `place`: of the last news that it took. `next_at`: when it
    is asked again; `failing_since`, `failures`, `why`: since when and how often it has not answered well, and how. `paused_at`: that
    went on for too long. `ended_at`: the parent took it out.
    """

    __tablename__ = "webhook"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    family: Mapped[str] = mapped_column(String(40), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    name: Mapped[str] = mapped_column(String(100))
    url: Mapped[str] = mapped_column(Text)
    nonce: Mapped[str] = mapped_column(String(64), unique=True)
    secret: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime]
    place: Mapped[int] = mapped_column(BigInteger)
    next_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    why: Mapped[str] = mapped_column(String(200), default="")
    paused_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
