"""Files that old programs put into plain text: `begin 644 name`, coded lines, `end` (POSIX uuencode)."""

from __future__ import annotations

import binascii
from collections.abc import Sequence
from typing import Final

import re2

from gateway.parsing.lines import Line
from gateway.parsing.work import Work

_BEGIN: Final = re2.compile(r"^begin [0-7]{3,4} (\S.*)$")


def take_uuencoded(lines: Sequence[Line], work: Work) -> tuple[list[Line], list[tuple[str, bytes]]]:
    """The lines without the coded files, and the files as (name, bytes). What is not whole stays in the text."""
    if not any(line.text.startswith("begin ") for line in lines):
        return list(lines), []
    out: list[Line] = []
    files: list[tuple[str, bytes]] = []
    at = 0
    while at < len(lines):
        match = _BEGIN.match(lines[at].text.rstrip())
        decoded = _decode(lines, at + 1) if match else None
        if match is None or decoded is None:
            out.append(lines[at])
            at += 1
            continue
        data, at = decoded
        files.append((match.group(1), data))
        work.odd("a uuencoded file stood in the text; it is listed as an attachment")
    return out, files


def _decode(lines: Sequence[Line], start: int) -> tuple[bytes, int] | None:
    """The bytes, and the line after `end`; None when a line is not coded or the end is missing."""
    out: list[bytes] = []
    for at in range(start, len(lines)):
        text = lines[at].text.rstrip("\r")
        if text.strip() == "end":
            return b"".join(out), at + 1
        if not text.isascii() or len(text) > 70 or text.startswith("begin "):
            return None
        try:
            out.append(binascii.a2b_uu(text))
        except binascii.Error:
            return None
    return None
