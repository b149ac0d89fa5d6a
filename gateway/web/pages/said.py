"""A mistake in settings as a page says it: without the file's path and the table's number. Pure."""

from __future__ import annotations

import re
from typing import Final

from gateway.errors import UserError
from gateway.settings import FILE_NAME

_PLACE: Final = re.compile(rf"^.*?{re.escape(FILE_NAME)}: (?:family \d+(?: › )?)?")


def lines(error: UserError) -> tuple[str, ...]:
    """One sentence for each mistake."""
    found = (_PLACE.sub("", line).removeprefix(": ") for line in str(error).splitlines())
    return tuple(
        line[:1].upper() + line[1:] + ("" if line.endswith((".", "!", "?")) else ".") for line in found if line
    )
