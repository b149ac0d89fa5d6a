"""One connection to a mail server by IMAP (RFC 3501 and 9051), with no more than the mailbox reader needs.

The library is IMAPClient. Compared with aioimaplib (2.0.3): IMAPClient parses FETCH and SELECT answers into values, where
aioimaplib hands out raw lines and tells the end of a FETCH by counting brackets, so that one bracket in a quoted value
makes it wait until its timeout; it has MOVE, XOAUTH2 and UTF-7 folder names, reads dates with their zone, and lives since
2009 with releases up to this year. It blocks; so each mailbox has a thread of its own, which mostly sleeps in poll(2).

Traps of the library that are met here:
* `idle_check` takes the end of a connection for "no news" and spins. Here IDLE is left whenever anything can be read, and
  the answer to DONE tells whether the connection lives.
* News that arrives together with the answer to IDLE stays unseen in a buffer. Whoever waits here therefore sets a limit of
  a few minutes and looks for himself after it.
* Its debug log holds addresses; it is switched off.
"""

from __future__ import annotations

import contextlib
import logging
import selectors
import socket
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError

from gateway.credential import Credential, trust
from gateway.errors import LoginRefusedError, MailboxError
from gateway.family import Family
from gateway.family.mailbox import Mailbox
from gateway.settings import Settings

for _name in ("imapclient", "imapclient.imaplib"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)

TIMEOUT = SocketTimeout(connect=15, read=60)
UIDS_AT_ONCE = 50_000
"""Width of one UID SEARCH: the library refuses an answer of more than a million characters on one line."""


class IdleRefusedError(MailboxError):
    """The server offers IDLE and does not do it."""


class MessageError(MailboxError):
    """The server does not give out one message; the connection is still good."""


@dataclass(frozen=True, slots=True)
class Account:
    """All that is needed to log in to a family's mailbox."""

    mailbox: Mailbox
    credential: Credential
    tls: ssl.SSLContext

    @classmethod
    def of(cls, family: Family, mailbox: Mailbox, settings: Settings) -> Account:
        """Of the settings. Raises SettingsError when `ca_file` cannot be used."""
        directory = settings.directory
        return cls(mailbox, Credential.of(family.key, mailbox, directory), trust(family.key, mailbox, directory))


@dataclass(frozen=True, slots=True)
class Folder:
    """A selected folder. `next_uid`: what the next message will be numbered; None where the server does not say."""

    name: str
    validity: int
    next_uid: int | None
    writable: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What the server says of a message: octets, and when it came there (INTERNALDATE, aware)."""

    size: int
    arrived: datetime | None


class Connection:
    """A logged-in connection. Every method raises MailboxError when the server refuses or goes away."""

    def __init__(self, account: Account) -> None:
        """Connect and log in. Raises LoginRefusedError, SettingsError for a secret that cannot be read."""
        secret = account.credential.secret()
        self.mailbox = account.mailbox
        with _told(f"the mail server {account.mailbox.host} cannot be reached"):
            self._client = _connect(account)
        try:
            self._log_in(account, secret)
        except BaseException:
            self.close()
            raise

    @property
    def can_idle(self) -> bool:
        """Whether the server tells of news by itself (RFC 2177)."""
        return self._can("IDLE")

    @property
    def can_move(self) -> bool:
        """Whether the server moves messages in one step (RFC 6851)."""
        return self._can("MOVE")

    def folders(self) -> dict[str, frozenset[str]]:
        """All folders with their flags, such as \\Junk (RFC 6154)."""
        with _told("the folders cannot be listed"):
            return {str(name): frozenset(f.decode() for f in flags) for flags, _, name in self._client.list_folders()}

    def create(self, folder: str) -> None:
        """Make a folder unless it is there."""
        with _told(f"the folder {folder} cannot be made"):
            if not self._client.folder_exists(folder):
                self._client.create_folder(folder)

    def select(self, folder: str) -> Folder:
        """Open a folder. Without UIDVALIDITY its numbers mean nothing tomorrow (RFC 3501 section 2.3.1.1): refused."""
        with _told(f"the folder {folder} cannot be opened; is its name right?"):
            said = self._client.select_folder(folder)
        if not said.get(b"UIDVALIDITY"):
            raise MailboxError(f"the server does not number the messages of {folder} for good; it cannot be used")
        return Folder(folder, said[b"UIDVALIDITY"], said.get(b"UIDNEXT"), bool(said.get(b"READ-WRITE")))

    def uids(self, first: int, next_uid: int | None, since: date | None) -> list[int]:
        """Numbers of the messages from `first` on, in rising order, whether read or not."""
        found: set[int] = set()
        start = first
        with _told("the messages cannot be listed"):
            while next_uid is not None and start + UIDS_AT_ONCE < next_uid:
                found.update(self._search(f"{start}:{start + UIDS_AT_ONCE - 1}", since))
                start += UIDS_AT_ONCE
            found.update(self._search(f"{start}:*", since))
        # "n:*" names the last message even where its number is below n (RFC 3501 section 6.4.8).
        return sorted(uid for uid in found if uid >= first)

    def facts(self, uids: Sequence[int]) -> dict[int, Facts]:
        """Sizes and dates, without the words. What is gone by now is left out."""
        with _told("sizes cannot be asked", MessageError):
            said = self._client.fetch(list(uids), ["RFC822.SIZE", "INTERNALDATE"])
        return {u: Facts(s[b"RFC822.SIZE"], s.get(b"INTERNALDATE")) for u, s in said.items() if b"RFC822.SIZE" in s}

    def fetch(self, uid: int) -> bytes | None:
        """The exact bytes of a message, without marking it; None when it is gone."""
        with _told("a message cannot be fetched", MessageError):
            said = self._client.fetch([uid], ["BODY.PEEK[]"]).get(uid)
            raw = None if said is None else said.get(b"BODY[]")
            if raw is None and uid in self._search(str(uid), None):
                raise MessageError("the server lists a message and does not give it out")
        return None if raw is None else bytes(raw)

    def mark(self, uids: Sequence[int], flag: str) -> None:
        """Set a flag."""
        with _told("messages cannot be marked", MessageError):
            self._client.add_flags(list(uids), [flag.encode()], silent=True)

    def move(self, uids: Sequence[int], folder: str) -> None:
        """Move to another folder."""
        with _told("messages cannot be moved", MessageError):
            self._client.move(list(uids), folder)

    def wait(self, bell: socket.socket, seconds: float, *, idle: bool) -> None:
        """Sleep until the server has something to say, `bell` can be read, or the time is over.

        Raises IdleRefusedError when the server breaks IDLE off at once.
        """
        if idle:
            with _told("IDLE does not work", IdleRefusedError):
                self._client.idle()
        with selectors.DefaultSelector() as selector:
            selector.register(self._client.socket(), selectors.EVENT_READ)
            selector.register(bell, selectors.EVENT_READ)
            selector.select(seconds)
        if idle:
            with _told("the connection broke while waiting"):
                self._client.idle_done()

    def close(self) -> None:
        """Log out; whatever happens then does not matter any more."""
        with contextlib.suppress(Exception):
            self._client.logout()
        self.cut()

    def cut(self) -> None:
        """Break the connection; may be called from another thread."""
        with contextlib.suppress(Exception):
            self._client.socket().shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(Exception):
            self._client.shutdown()

    def _search(self, uids: str, since: date | None) -> list[int]:
        return list(self._client.search(["UID", uids] + (["SINCE", since] if since else [])))

    def _can(self, name: str) -> bool:
        with _told("the server does not say what it can do"):
            return bool(self._client.has_capability(name))

    def _log_in(self, account: Account, secret: str) -> None:
        name = account.credential.username
        refused = "the mail server refuses the login"
        try:
            with _told("the connection broke during the login"):
                if account.credential.xoauth2:
                    self._client.oauth2_login(name, secret)
                elif self._client.has_capability("AUTH=PLAIN"):
                    self._client.plain_login(name, secret)  # RFC 4616; takes any characters, LOGIN only ASCII
                else:
                    self._client.login(f'"{name}"' if " " in name else name, secret)
        except LoginError as error:
            # The library calls it so too when the connection breaks; and a server may only be busy (RFC 5530).
            if isinstance(error.__context__, IMAPClientAbortError) or "[UNAVAILABLE]" in str(error):
                raise MailboxError("the mail server breaks off the login") from error
            raise LoginRefusedError(refused) from error
        except UnicodeEncodeError as error:
            raise LoginRefusedError(f"{refused}: it takes no letters beyond ASCII") from error


def _connect(account: Account) -> Any:
    box = account.mailbox
    client = IMAPClient(
        box.host, box.port, ssl=box.security == "tls", ssl_context=account.tls, timeout=TIMEOUT, use_uid=True
    )
    client.normalise_times = False  # dates keep their zone
    if box.security == "starttls":
        try:
            client.starttls(account.tls)
        except BaseException:
            with contextlib.suppress(Exception):
                client.shutdown()
            raise
    return client


@contextlib.contextmanager
def _told(what: str, refused: type[MailboxError] = MailboxError) -> Iterator[None]:
    """Turn the library's errors into ours: the server said no (`refused`), or the connection is gone (MailboxError)."""
    try:
        yield
    except (MailboxError, LoginError, UnicodeEncodeError):
        raise
    except ssl.SSLCertVerificationError as error:
        raise MailboxError(f"{what}: its certificate is not trusted ({error.verify_message})") from error
    except (OSError, IMAPClientAbortError) as error:
        raise MailboxError(f"{what} ({type(error).__name__})") from error
    except (IMAPClientError, ValueError, AttributeError) as error:
        # ValueError, AttributeError: the library stumbles over an answer that no server should give.
        raise refused(what) from error
