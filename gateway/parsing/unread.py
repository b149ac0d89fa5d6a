"""Why words of a message could not be read at all: nobody can say that nothing is in them, so no contact mode passes over it.

The other reasons to hold are doubts about words that were read, and over which the rules for danger have run.
"""

from __future__ import annotations

from typing import Final

SEALED: Final = "the message is encrypted and cannot be read here"
FAILED: Final = "the message could not be read"
TOO_LARGE: Final = "the message is larger than what is read; its end was not read"
TOO_LONG: Final = "the text is longer than what is read; its end was not read"
HTML_TOO_LONG: Final = "the formatted text is longer than what is read; its end was not read"
HEADERS_TOO_LONG: Final = "the headers are longer than any real ones"
RUBBISH: Final = "the text is mostly unreadable signs"
STOPPED: Final = "reading was stopped: this message asks for more work than any real one"
TOO_DEEP: Final = "parts are nested too deep or are too many; not all of them were read"
ONE_PIECE: Final = "this is one piece of a message that was split; the others are needed to read it"
AMP: Final = "the message has a further form (AMP) that some mail programs show and that was not read"
WINMAIL: Final = "an Outlook part (winmail.dat) could not be read"
UNOPENED: Final = "an Outlook part holds another message that was not opened"
CALENDAR: Final = "a calendar part could not be read"
EVENTS: Final = "the calendar file holds more events than are read"
TOO_LONG_TO_TAG: Final = "it is longer than any ordinary message"
NOT_TAGGED: Final = "the tagger could not read it"
UNREAD: Final = frozenset((
    SEALED, FAILED, TOO_LARGE, TOO_LONG, HTML_TOO_LONG, HEADERS_TOO_LONG, RUBBISH, STOPPED, TOO_DEEP, ONE_PIECE, AMP, WINMAIL,
    UNOPENED, CALENDAR, EVENTS, TOO_LONG_TO_TAG, NOT_TAGGED,
))  # fmt: skip
