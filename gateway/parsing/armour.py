"""Inline OpenPGP in plain text (RFC 9580 §7): signed text is read inside, encrypted text is held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from gateway.parsing import unread
from gateway.parsing.lines import Line
from gateway.parsing.reading import SegmentKind
from gateway.parsing.work import Work

SIGNED: Final = "the text carries a PGP or S/MIME signature, which was not checked"
_BEGIN_SIGNED: Final = "-----BEGIN PGP SIGNED MESSAGE-----"
_BEGIN_SIGNATURE: Final = "-----BEGIN PGP SIGNATURE-----"
_END_SIGNATURE: Final = "-----END PGP SIGNATURE-----"
_BEGIN_SEALED: Final = "-----BEGIN PGP MESSAGE-----"


def open_armour(lines: Sequence[Line], work: Work) -> list[Line]:
    """The lines with the armour marked as footer and dash-escapes undone; other lines as they are."""
    if not any(line.text.startswith("-----BEGIN PGP ") for line in lines):
        return list(lines)
    out: list[Line] = []
    inside, head, signature = False, False, False
    for line in lines:
        text = line.text.rstrip()
        if text == _BEGIN_SEALED:
            work.hold(unread.SEALED)
        if text == _BEGIN_SIGNED:
            work.odd(SIGNED)
            inside, head = True, True
        elif text == _BEGIN_SIGNATURE and inside:
            signature = True
        elif head and not text:
            head = False
        elif inside and not signature and not head:
            out.append(replace(line, text=line.text.removeprefix("- ")))
            continue
        elif not signature and not head:
            out.append(line)
            continue
        out.append(replace(line, kind=SegmentKind.FOOTER))
        if text == _END_SIGNATURE:
            inside, signature = False, False
    return out
