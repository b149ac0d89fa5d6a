"""The mailbox of a family that has no mail server of its own: `[family.mailbox]` and `[family.mailbox.submission]`.

The secret (an app password or an OAuth token) never stands in the settings: they name the file or the environment
variable that holds it.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

LONGEST_IDLE_MINUTES = 29
"""RFC 2177 section 3: a client leaves IDLE at least every 29 minutes, or the server may log it off."""
SECRETS = ("password", "app_password", "secret", "token", "access_token")


def _host(value: str) -> str:
    text = value.strip().lower()
    if not re.fullmatch(r"[a-z0-9]([a-z0-9.:-]*[a-z0-9])?", text):
        raise ValueError("the name of a server alone, such as imap.example.org")
    return text


def _line(value: str) -> str:
    if not value.strip() or re.search(r"[\x00-\x1f\x7f]", value):
        raise ValueError("a text on one line")
    return value


def _variable(value: str | None) -> str | None:
    if value is not None and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value):
        raise ValueError("the name of an environment variable, such as MAILBOX_SECRET")
    return value


Host = Annotated[str, AfterValidator(_host)]
Line = Annotated[str, AfterValidator(_line)]
Port = Annotated[int, Field(ge=1, le=65535)]


class Submission(BaseModel):
    """The server that takes outgoing mail of the same account (RFC 6409), with the same user name and secret."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: Host
    port: Port = 587
    security: Literal["starttls", "tls"] = "starttls"


class Mailbox(BaseModel):
    """An account that the gateway reads by IMAP.

    `folders`: the first is watched (IDLE), the others are looked at every `poll_minutes`. `move_to`: where a message goes
    once it is kept; without it, it is marked as read. `since`: older messages are left alone (the server's own dates).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: Host
    port: Port = 993
    security: Literal["tls", "starttls"] = "tls"
    username: Line
    login: Literal["password", "xoauth2"] = "password"
    secret_file: Line | None = None
    secret_env: Annotated[str | None, AfterValidator(_variable)] = None
    ca_file: Line | None = None
    folders: tuple[Line, ...] = Field(default=("INBOX",), min_length=1, max_length=10)
    move_to: Line | None = None
    since: date | None = None
    poll_minutes: int = Field(default=5, ge=1, le=LONGEST_IDLE_MINUTES)
    submission: Submission | None = None

    @model_validator(mode="before")
    @classmethod
    def _no_secret_here(cls, value: Any) -> Any:
        if isinstance(value, dict):
            for name in SECRETS:
                if name in value:
                    raise ValueError(
                        f"{name} must not stand in this file; put it in a file of its own and name that with "
                        "secret_file, or in the environment and name the variable with secret_env"
                    )
        return value

    @model_validator(mode="after")
    def _whole(self) -> Mailbox:
        if (self.secret_file is None) == (self.secret_env is None):
            raise ValueError("needs either secret_file or secret_env: where the app password or the token is found")
        names = [_folder(name) for name in self.folders]
        if len(set(names)) < len(names):
            raise ValueError("folders names one folder twice; each may stand once")
        if self.move_to is not None and _folder(self.move_to) in names:
            raise ValueError("move_to must not be one of the folders that are read; name another, such as Breakwater")
        return self

    @property
    def account(self) -> str:
        """How the gateway's own memory names the account: ``user at host``."""
        return f"{self.username} at {self.host}"

    def places(self) -> tuple[tuple[str, str, str], ...]:
        """Host, user and folder of everything that is read, in the form in which they are compared."""
        return tuple((self.host, self.username.lower(), _folder(name)) for name in self.folders)


def _folder(name: str) -> str:
    """Folder names are exact, but INBOX is INBOX in any case (RFC 3501 section 5.1)."""
    return "INBOX" if name.upper() == "INBOX" else name
