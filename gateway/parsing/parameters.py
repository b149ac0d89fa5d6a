"""Content-Type and Content-Disposition with their parameters (RFC 2045, RFC 2231), read leniently.

    text/plain; charset="utf-8"; name*0*=utf-8''long%20; name*1="name.txt"

A quote that never closes, a missing or doubled semicolon, parameters given twice and encoded words where none are
allowed are common; the first meaning that makes sense wins.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote_to_bytes

from gateway.parsing.charsets import decode_text
from gateway.parsing.words import decode_words
from gateway.parsing.work import Work

MAX_PARAMETERS: Final = 100


def read_parameters(value: str, work: Work) -> tuple[str, dict[str, str]]:
    """The leading word in lower case (`text/plain`, `attachment`) and the parameters, names in lower case."""
    pieces = _split(value[:8_000])
    head = pieces[0].strip().lower() if pieces else ""
    if " " in head:
        head, rest = head.split(None, 1)
        pieces.insert(1, pieces[0].strip()[len(head) :])
        if rest:
            work.odd("a parameter is not set off by a semicolon")
    raw: dict[str, str] = {}
    for piece in pieces[1 : MAX_PARAMETERS + 1]:
        name, sign, text = piece.partition("=")
        if sign:
            raw.setdefault(name.strip().lower(), _unquote(text.strip()))
    return head, _join_continuations(raw, work)


def _split(value: str) -> list[str]:
    """Cut at semicolons outside quotes; an unclosed quote ends at the end."""
    pieces, start, quoted, pos = [], 0, False, 0
    while pos < len(value):
        c = value[pos]
        if c == "\\" and quoted:
            pos += 1
        elif c == '"':
            quoted = not quoted
        elif c == ";" and not quoted:
            pieces.append(value[start:pos])
            start = pos + 1
        pos += 1
    return [*pieces, value[start:]]


def _unquote(text: str) -> str:
    if not text.startswith('"'):
        return text.split("\t")[0].strip()
    out, pos = [], 1
    while pos < len(text) and text[pos] != '"':
        if text[pos] == "\\" and pos + 1 < len(text) and text[pos + 1] in '"\\':
            pos += 1
        out.append(text[pos])
        pos += 1
    return "".join(out).strip()


def _join_continuations(raw: dict[str, str], work: Work) -> dict[str, str]:
    plain = {name: decode_words(text, work) for name, text in raw.items() if "*" not in name}
    for stem in {name.split("*")[0] for name in raw if "*" in name}:
        keys = [
            k for k in (f"{stem}*", *(f"{stem}*{i}{s}" for i in range(MAX_PARAMETERS) for s in ("", "*"))) if k in raw
        ]
        charset, data = "utf-8", b""
        for key in keys:
            text = raw[key]
            if key.endswith("*"):
                if not data and text.count("'") >= 2:
                    charset, _, text = text.split("'", 2)
                data += unquote_to_bytes(text)
            else:
                data += text.encode("utf-8", "replace")
        if data:
            plain[stem] = decode_text(data, charset or "utf-8", work, "a parameter")
    return plain
