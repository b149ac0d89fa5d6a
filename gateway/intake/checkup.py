"""What would keep a family's mailbox from being read: tried once, over the real connection, changing nothing there."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from dataclasses import dataclass

from gateway.credential import Credential, trust
from gateway.errors import BreakwaterError, LoginRefusedError, MailboxError
from gateway.family import Family
from gateway.family.mailbox import Mailbox, Submission
from gateway.intake.imap import Account, Connection
from gateway.settings import Settings

TIMEOUT_SECONDS = 15
LOGIN_HELP = (
    "check username, and that the secret is an app password (the everyday password is often refused) or, with "
    'login = "xoauth2", an access token that has not run out'
)


@dataclass(frozen=True, slots=True)
class Checkup:
    """What was found: whether mail would come in (or go out), and plain words."""

    good: bool
    said: str


def incoming(family: Family, mailbox: Mailbox, settings: Settings) -> Checkup:
    """Log in and look at the folders. Never raises on what it finds."""
    try:
        account = Account.of(family, mailbox, settings)
        with contextlib.closing(Connection(account)) as connection:
            return _looked(account, mailbox, connection)
    except LoginRefusedError as error:
        return Checkup(False, f"{error.reason}; {LOGIN_HELP}")
    except MailboxError as error:
        return Checkup(False, f"{error.reason}; check host, port and security")
    except BreakwaterError as error:
        return Checkup(False, str(error))


def outgoing(family: Family, mailbox: Mailbox, submission: Submission, settings: Settings) -> Checkup:
    """Log in to the submission server; no mail is sent. Never raises on what it finds."""
    where = f"{submission.host}:{submission.port}"
    try:
        tls = trust(family.key, mailbox, settings.directory)
        credential = Credential.of(family.key, mailbox, settings.directory)
        secret = credential.secret()
        with _smtp(submission, tls) as client:
            client.ehlo()
            if credential.xoauth2:
                text = f"user={credential.username}\1auth=Bearer {secret}\1\1"
                client.auth("XOAUTH2", lambda challenge=None: text if challenge is None else "")
            else:
                client.user, client.password = credential.username, secret
                client.login(credential.username, secret)
    except BreakwaterError as error:
        return Checkup(False, str(error))
    except smtplib.SMTPAuthenticationError:
        return Checkup(False, f"{where} refuses the login; {LOGIN_HELP}")
    except ssl.SSLError as error:
        return Checkup(False, f"{where}: its encryption cannot be trusted ({type(error).__name__}); check security")
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        return Checkup(False, f"{where} does not work ({type(error).__name__}); check [family.mailbox.submission]")
    return Checkup(True, f"{where} takes the login")


def _looked(account: Account, mailbox: Mailbox, connection: Connection) -> Checkup:
    notes, bad = [], False
    there = connection.folders()
    for name in mailbox.folders:
        try:
            folder = connection.select(name)
        except MailboxError as error:
            bad = True
            notes.append(f"{error.reason} There are: {', '.join(sorted(there))}")
            continue
        if not folder.writable:
            notes.append(f"{name} can only be read: nothing is marked there")
    junk = [n for n, flags in there.items() if r"\Junk" in flags and n not in mailbox.folders]
    if junk:
        notes.append(f"what the provider takes for spam lies in {', '.join(junk)} and is not read: add it to folders")
    if not connection.can_idle:
        notes.append(f"the server does not tell of news by itself: it is asked every {mailbox.poll_minutes} minutes")
    if mailbox.move_to is not None and not connection.can_move:
        notes.append("the server cannot move messages: they are marked as read and stay")
    if account.credential.open_to_others():
        bad = True
        notes.append(f"other users of this machine can read the secret: chmod 600 {account.credential.file}")
    return Checkup(not bad, "; ".join([f"{mailbox.host} takes the login", *notes]))


def _smtp(submission: Submission, tls: ssl.SSLContext) -> smtplib.SMTP:
    if submission.security == "tls":
        return smtplib.SMTP_SSL(submission.host, submission.port, timeout=TIMEOUT_SECONDS, context=tls)
    client = smtplib.SMTP(submission.host, submission.port, timeout=TIMEOUT_SECONDS)
    try:
        client.starttls(context=tls)
    except BaseException:
        client.close()
        raise
    return client
