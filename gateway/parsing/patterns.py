"""Linear patterns over raw bytes: RE2 told that every byte is a character, since mail is not always UTF-8."""

from __future__ import annotations

from typing import Any

import re2


def byte_pattern(pattern: bytes) -> Any:
    """`pattern` compiled by RE2 for bytes of any value."""
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.log_errors = False
    return re2.compile(pattern, options)
