"""Words as lines for the page. Pure."""

from __future__ import annotations

from typing import Any

from gateway.record.glyphs import is_plain, is_right_to_left, runs

Line = str | dict[str, Any]


def lines(text: str) -> list[Line]:
    """Words as lines for the page; a line without anything odd is a plain text."""
    out: list[Line] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        if is_plain(line):
            out.append(line)
        else:
            out.append({"rtl": is_right_to_left(line), "runs": [list(run) for run in runs(line)]})
    return out
