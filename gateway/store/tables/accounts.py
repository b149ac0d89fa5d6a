"""Who may enter the pages, and what they did at the door."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.store.tables.base import Base, Key


class AccountRow(Base):
    """Somebody who may sign in. `login`: as it is compared, lower case. `password`: an argon2id hash; None until the invitation
    is taken. `totp`: the sealed secret of a code app; `totp_step`: the newest of its codes that was used. `recovery`: SHA-256 of the
    recovery codes, with a minus before those that were used. `family`: None for an operator. `warned_at`: when failed tries
    were last told. `invite`: SHA-256 of the newest link; it is good until `invite_until`, None once it was taken.
    """

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    family: Mapped[str | None] = mapped_column(String(40), index=True)
    role: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(200))
    login: Mapped[str | None] = mapped_column(String(254), unique=True)
    password: Mapped[str | None] = mapped_column(String(200))
    totp: Mapped[str | None] = mapped_column(String(64))
    totp_step: Mapped[int | None] = mapped_column(BigInteger)
    recovery: Mapped[list[str]]
    language: Mapped[str] = mapped_column(String(8), default="en")
    idle_minutes: Mapped[int] = mapped_column(default=10)
    invite: Mapped[str | None] = mapped_column(String(64), unique=True)
    invite_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    warned_at: Mapped[datetime | None]


class PasskeyRow(Base):
    """A passkey of an account (WebAuthn). `credential` and `public_key` as the authenticator gave them."""

    __tablename__ = "passkey"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    credential: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    counter: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class VisitRow(Base):
    """A signed-in browser. `token`: SHA-256 of its cookie. `proved`: how (password, passkey; with "+code" a second factor)."""

    __tablename__ = "visit"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    browser_id: Mapped[int | None] = mapped_column(ForeignKey("browser.id"))
    token: Mapped[str] = mapped_column(String(64), unique=True)
    device: Mapped[str] = mapped_column(String(100))
    proved: Mapped[str] = mapped_column(String(24))
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class KnockRow(Base):
    """A try to sign in that failed. `source`: a keyed hash of where it is counted, never the address itself. `kind`: name (network
    and sign-in name), network, browser (one that is known) or code (after the right password).
    """

    __tablename__ = "knock"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    source: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime] = mapped_column(index=True)


class BrowserRow(Base):
    """A browser that an account signed in with. `token`: SHA-256 of its part of a long-lived cookie. `ended_at`: it is a stranger again."""

    __tablename__ = "browser"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class OpenedRow(Base):
    """What the parent opened to an account. `what`: see `gateway.accounts.opened`. `since`, `until`: the period whose content it is,
    half open; None where it has no bound. `ended_at`: when it was closed again.
    """

    __tablename__ = "opened"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    what: Mapped[str] = mapped_column(String(16))
    since: Mapped[datetime | None]
    until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class KeptFormRow(Base):
    """What was typed into a form that came after the visit was locked. `sealed`: address and fields, for its account alone; `browser_id`:
    the browser that it came from. Gone once it is back on the page, or after `until`.
    """

    __tablename__ = "kept_form"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    browser_id: Mapped[int | None] = mapped_column(Key)
    until: Mapped[datetime]
    sealed: Mapped[str] = mapped_column(Text)
