"""The secret of a mail account: read anew at every login, from where the settings say, and shown nowhere.

Reading it each time means that a token which another program renews in its file is taken up without a restart.
"""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import SettingsError
from gateway.family.mailbox import Mailbox

LONGEST_SECRET = 16_384


@dataclass(frozen=True, slots=True)
class Credential:
    """User name and the place of the secret. `xoauth2`: the secret is an OAuth 2.0 access token."""

    family: str
    username: str
    xoauth2: bool
    file: Path | None
    variable: str | None

    @classmethod
    def of(cls, family: str, mailbox: Mailbox, directory: Path) -> Credential:
        """Of the settings; a relative file name starts at `directory`."""
        file = None if mailbox.secret_file is None else directory / mailbox.secret_file
        return cls(family, mailbox.username, mailbox.login == "xoauth2", file, mailbox.secret_env)

    def secret(self) -> str:
        """The app password or token. Raises SettingsError, which names the place and never the content."""
        text = self._read_file(self.file) if self.file is not None else self._read_variable()
        text = text.strip("\r\n")
        if not text.strip():
            raise SettingsError(f"{self._where}: is empty; put the app password or the token there, on one line")
        if len(text) > LONGEST_SECRET or any(ord(c) < 32 for c in text):
            raise SettingsError(f"{self._where}: should hold one line, the app password or the token, nothing else")
        return text

    def open_to_others(self) -> bool:
        """Whether other users of this machine may read the secret's file."""
        try:
            return self.file is not None and bool(self.file.stat().st_mode & 0o077)
        except OSError:
            return False

    @property
    def _where(self) -> str:
        place = f"secret_file: {self.file}" if self.file is not None else f"secret_env: the variable {self.variable}"
        return f"family {self.family} › mailbox › {place}"

    def _read_file(self, file: Path) -> str:
        try:
            return file.read_text(encoding="utf8")
        except OSError as error:
            raise SettingsError(f"{self._where}: cannot be opened: {error.strerror}") from None
        except UnicodeDecodeError:
            raise SettingsError(f"{self._where}: is not text; it should hold one line") from None

    def _read_variable(self) -> str:
        value = os.environ.get(self.variable or "")
        if value is None:
            raise SettingsError(f"{self._where}: is not set; set it where breakwater is started") from None
        return value


def trust(family: str, mailbox: Mailbox, directory: Path) -> ssl.SSLContext:
    """Whose certificates are believed: the system's list, or only `ca_file`. Raises SettingsError."""
    if mailbox.ca_file is None:
        return ssl.create_default_context()
    file = directory / mailbox.ca_file
    try:
        return ssl.create_default_context(cafile=str(file))
    except OSError as error:
        said = error.strerror or "no certificate in it"
        raise SettingsError(f"family {family} › mailbox › ca_file: {file}: cannot be used: {said}") from None
