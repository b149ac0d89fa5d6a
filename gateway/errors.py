"""Every error that Breakwater raises on purpose.

    BreakwaterError
    ├── UserError            what the person at the command line can mend; exit status 2
    │   ├── SettingsError    breakwater.toml: file, key, what was found, what would be right
    │   └── RulesError       rules/*.toml: file, rule, what is wrong, remedy
    ├── StoreError           nothing was kept; the sender must try again (SMTP 451, HTTP 503)
    │   └── SealError        what is sealed cannot be opened, or nothing can be sealed
    ├── MailboxError         a polled mailbox cannot be read now; its messages wait there
    │   └── LoginRefusedError     user name, password or token are not (or no longer) good
    ├── LogError             the log does not hold together
    ├── AnchorError          a time-stamping authority gave no stamp that holds
    ├── RecordError          a record cannot be made
    └── SendError            a delivery did not go out
        ├── TemporarySendError    try again later
        ├── PermanentSendError    will never go; tell the parent
        ├── WithdrawnError        it is not to go any more
        └── UncertainSendError    it may have gone; never repeat blindly

The law: each failure towards the network is temporary or permanent; the text that the outside sees is generic
(`outside`), the cause stays inside (``__cause__`` and the log, without bodies or addresses).
"""

from __future__ import annotations


class BreakwaterError(Exception):
    """Base of all errors raised on purpose."""

    outside = "something went wrong; try again later"


class UserError(BreakwaterError):
    """The person who typed the command can mend this; `str()` says how, in one or two plain lines."""


class SettingsError(UserError):
    """A mistake in the settings file."""


class RulesError(UserError):
    """A mistake in a rules file."""


class StoreError(BreakwaterError):
    """Nothing was kept. Temporary: the sending system keeps the message and tries again."""

    outside = "not kept; try again later"


class SealError(StoreError):
    """What is sealed does not open, or nothing can be sealed. `str()` says what to do, without any key."""


class MailboxError(BreakwaterError):
    """A polled mailbox cannot be read now. Temporary: its messages wait there. `reason` is plain, without addresses."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class LoginRefusedError(MailboxError):
    """The server does not let us in: a person must look after the password or token."""


class LogError(BreakwaterError):
    """An entry of the log does not fit its neighbours or its hash."""


class AnchorError(BreakwaterError):
    """A time-stamping authority gave no stamp that holds. Temporary: it is asked again, and the failure is logged."""


class RecordError(BreakwaterError):
    """A record cannot be made: what it would say cannot be proved or printed. `str()` says what."""


class BackupError(BreakwaterError):
    """A backup cannot be made, or does not give back what went into it. `str()` says what, and what to do."""


class CarrierError(BreakwaterError):
    """The text carrier could not be asked. Temporary."""


class SendError(BreakwaterError):
    """A delivery did not go out. `reason` is short, plain and free of addresses and content."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TemporarySendError(SendError):
    """The other side, or the way to it, asks for patience."""


class PermanentSendError(SendError):
    """The other side refused for good."""


class OptedOutError(PermanentSendError):
    """The carrier delivers no texts to that number: STOP came from it."""


class WithdrawnError(SendError):
    """It is not to go any more."""


class UncertainSendError(SendError):
    """The connection broke after the message was handed over and before the answer came."""
