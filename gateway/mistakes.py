"""A mistake in settings as a page says it: without the file's path and the table's number. Pure."""

from __future__ import annotations

import re
from typing import Final

from gateway.errors import UserError
from gateway.settings import FILE_NAME

_PLACE: Final = re.compile(rf"^.*?{re.escape(FILE_NAME)}: (?:family \d+(?: › )?)?")
KEYS: Final = {
    "cards_by has sms": "updates are to come by text",
    "a relay_phone": "a relay number",
    "relay_email": "the relay address",
    "relay_phone": "the relay number",
}
"""Keys of the file, as a page names them."""


def lines(error: UserError) -> tuple[str, ...]:
    """One sentence for each mistake."""
    found = (_PLACE.sub("", line).removeprefix(": ") for line in str(error).splitlines())
    return tuple(_sentence(line) for line in found if line)


def _sentence(line: str) -> str:
    for key, words in KEYS.items():
        line = line.replace(key, words)
    first = line.split(maxsplit=1)[0]
    line = line[0].upper() + line[1:] if first.isalpha() else line
    return line if line.endswith((".", "!", "?")) else f"{line}."
