"""What the parent is told about sign-ins, at once and in neutral words: a browser that is new, tries that failed, a code that was used,
a password or second step that changed.

Failures are told at most once a day, so that nobody can flood the parent by failing. Nothing is told of an operator, who sees no
content and has no family.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from gateway.accounts import patience
from gateway.accounts.role import Role
from gateway.delivery import notices
from gateway.family import Family
from gateway.language import Moment, Part, Said, joined, said
from gateway.ledger import append
from gateway.store.tables import AccountRow

MANY, MANY_CODES = 10, 3
"""Failed tries within a day that are told; of codes, which come after the right password, fewer."""
ONCE = timedelta(days=1)
NEW = (
    "There was a sign-in to {whose} with a browser that was not used before: {device}, {when}. "
    "If that was expected, there is nothing to do. If not, change the password and sign the other browsers out:"
)
NEW_OF_OTHER = (
    "{name} signed in with a browser that was not used before: {device}, {when}. "
    "If that was expected, there is nothing to do. If not, end this access on the page:"
)
FAILED = (
    "Somebody tried several times to sign in to {whose} and did not get in. They saw nothing and cannot lock you out. "
    "A second step at sign-in makes guessing useless:"
)
FAILED_CODES = (
    "Somebody gave the right password of {whose} and then wrong codes, so they did not get in. "
    "If that was not expected, the password should be changed:"
)
RECOVERED = "A recovery code was used to sign in to {whose}, {when}. If that was not expected, the password and the codes should be changed:"
RESET = "The sign-in of {whose} was set anew, {when}. If you did not ask for that, ask whoever runs this installation."
CHANGED = (
    "The way in to your account was changed, {when}: {what}. If you did not do that, change the password and sign the other browsers "
    "out; if it does not let you in any more, ask whoever runs this installation for a new link:"
)
CHANGES = {
    "password changed": "a new password",
    "code app added": "a code of an app is asked at sign-in",
    "code app removed": "no code of an app is asked any more",
    "passkey added": "a passkey was added",
    "passkey removed": "a passkey was removed",
    "recovery codes made": "new recovery codes were made",
    "recovery codes ended": "the recovery codes were ended",
}
"""By the entry of the log that says the same."""
LET_IN = "Who may see your pages was changed: {name}, {when}. If you did not do that, end this access on the page and change your password:"
YOURS, OF = "your account", "the account of {name}"


class News:
    """Tells the parents. `public_url`: where the pages are."""

    def __init__(self, public_url: str) -> None:
        self._url = public_url.rstrip("/")

    def new_browser(self, session: Session, family: Family | None, row: AccountRow, device: str, now: datetime) -> None:
        """A sign-in from a browser that the account did not know."""
        if family is None:
            return
        about: dict[str, Part] = {"device": said(device), "when": Moment(now, family.time_zone)}
        own = row.role == Role.PARENT
        words = said(NEW, **about, whose=said(YOURS)) if own else said(NEW_OF_OTHER, **about, name=row.name)
        self._tell(session, family, joined(words, self._page(row)), now)

    def failed(self, session: Session, family: Family | None, row: AccountRow | None, now: datetime) -> None:
        """A try failed: told where it is one of many and nothing was told for a day."""
        if row is None or family is None or (row.warned_at is not None and now < row.warned_at + ONCE):
            return
        codes = patience.failures(session, row.id, now, "code")
        if codes < MANY_CODES and patience.failures(session, row.id, now) < MANY:
            return
        row.warned_at = now
        words = said(FAILED_CODES if codes >= MANY_CODES else FAILED, whose=_whose(row))
        body = {"account": row.id, "codes": codes}
        append(session, family.key, "sign-ins failed", body, now=now, zone=family.time_zone)
        self._tell(session, family, joined(words, self._page(row)), now)

    def recovered(self, session: Session, family: Family | None, row: AccountRow, now: datetime) -> None:
        """A recovery code was used."""
        if family is not None:
            words = said(RECOVERED, whose=_whose(row), when=Moment(now, family.time_zone))
            self._tell(session, family, joined(words, self._page(row)), now)

    def changed(self, session: Session, family: Family | None, number: int, kind: str, now: datetime) -> None:
        """Somebody who was inside changed how one comes in (`kind`: of `CHANGES`): told where it is the parent's own account, so that
        nobody with the parent's phone and password does it unseen.
        """
        row = session.get_one(AccountRow, number)
        if family is not None and row.role == Role.PARENT:
            words = said(CHANGED, what=said(CHANGES[kind]), when=Moment(now, family.time_zone))
            self._tell(session, family, joined(words, self._page(row)), now)

    def let_in(self, session: Session, family: Family, row: AccountRow, now: datetime) -> None:
        """Somebody was invited, or finds more, for longer, or by a new link."""
        words = said(LET_IN, name=row.name, when=Moment(now, family.time_zone))
        self._tell(session, family, joined(words, self._page(row)), now)

    def reset(self, session: Session, family: Family | None, row: AccountRow, now: datetime) -> None:
        """The account got a new invitation in place of its password."""
        if family is not None:
            words = said(RESET, whose=_whose(row), when=Moment(now, family.time_zone))
            self._tell(session, family, words, now)

    def _page(self, row: AccountRow) -> str:
        return f"{self._url}/account" if row.role == Role.PARENT else f"{self._url}/people/{row.id}"

    def _tell(self, session: Session, family: Family, words: Part, now: datetime) -> None:
        notices.put(session, family, words, now=now, due=now)


def _whose(row: AccountRow) -> Said:
    return said(YOURS) if row.role == Role.PARENT else said(OF, name=row.name)
