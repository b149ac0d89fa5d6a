"""Words as a page can show them: what a font draws, and the code of what none does.

A page that leaves a character out, or shows two in another order than they were written, falsifies what it prints. So:

* a control or format character (direction marks, zero-width signs, private use, unassigned) is printed as its code,
  ``‹U+202E›``; a character that the fonts here have no picture for, too;
* emoji, joined ones with all their parts, go to the emoji font as one run, so that no other font draws a half of them;
* marks that join letters of scripts which need them (U+200C, U+200D between Indic or Arabic letters) stay.

The fonts come with the installation (`fonts`), so that every machine draws the same page. No system font is asked.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib import import_module
from pathlib import Path

PACKAGES = ("manimgx_fonts", "noto_cjk_sans_jp_regular")
EMOJI = "NotoEmoji"
PLAIN, PICTURE, CODE, LONG = "", "e", "c", "w"
Run = tuple[str, str]
"""How it is drawn (plain, as emoji, as a code, as a word too long for a line) and the characters."""
CODES = 50
"""Codes in one run."""
MARKS = 4
"""Marks that one letter may bear; more would run through the lines above and below, and are printed as codes."""
MOST = 40
"""Characters of a word that a line holds in any case."""

_ASCII = re.compile(r"[ -~]+")
_LONG = re.compile(r"(\S{40,})")
_VARIATION, _JOINER, _KEYCAP = "\ufe0f", "\u200d", "\u20e3"
_JOINING_SCRIPTS = ((0x0600, 0x08FF), (0x0900, 0x0DFF), (0x1000, 0x109F), (0x1780, 0x17FF))


def fonts() -> tuple[Path, ...]:
    """The folders of the fonts."""
    return tuple(Path(str(import_module(name).__file__)).parent for name in PACKAGES)


@cache
def _covered(emoji: bool) -> frozenset[int]:
    """The code points that the emoji font, or any other font, has a picture for."""
    from fontTools.ttLib import TTFont

    found: set[int] = set()
    for folder in fonts():
        for file in sorted((*folder.glob("*.ttf"), *folder.glob("*.otf"))):
            if file.name.startswith(EMOJI) == emoji:
                with TTFont(file, lazy=True) as font:
                    found |= set(font.getBestCmap())
    return frozenset(found)


def is_plain(text: str) -> bool:
    """Whether nothing in a line needs thought: ASCII letters and signs, and no word too long for it."""
    return text.isascii() and text.isprintable() and (len(text) < MOST or _LONG.search(text) is None)


def runs(line: str) -> list[Run]:
    """One line of words in runs that are drawn alike. The characters of all runs, codes undone, are the line's."""
    if is_plain(line):
        return [(PLAIN, line)] if line else []
    out: list[Run] = []
    at = 0
    while at < len(line):
        end = _ascii_end(line, at)
        if end > at:
            _add(out, PLAIN, line[at:end])
            at = end
            continue
        end = _emoji_end(line, at)
        if end > at:
            _add(out, PICTURE, line[at:end])
        elif _is_drawn(line, at):
            _add(out, PLAIN, line[at])
            end = at + 1
        else:
            _add(out, CODE, line[at])
            end = at + 1
        at = end
    return [run for kind, text in out for run in _finished(kind, text)]


def _ascii_end(line: str, at: int) -> int:
    """Where printable ASCII that begins at `at` ends; its last sign may be the first of an emoji (a digit on a key)."""
    found = _ASCII.match(line, at)
    if found is None:
        return at
    return found.end() - (line[found.end() : found.end() + 1] == _VARIATION)


def _finished(kind: str, text: str) -> list[Run]:
    """A run with characters as codes, or with its long words apart. A PDF holds no string of more than 32,767 bytes."""
    if kind == CODE:
        return [
            (CODE, "".join(f"‹U+{ord(c):04X}›" for c in text[at : at + CODES])) for at in range(0, len(text), CODES)
        ]
    if kind == PICTURE or len(text) < MOST:
        return [(kind, text)]
    pieces = _LONG.split(text)
    return [(LONG if i % 2 else PLAIN, piece) for i, piece in enumerate(pieces) if piece]


def _add(out: list[Run], kind: str, text: str) -> None:
    if out and out[-1][0] == kind:
        out[-1] = (kind, out[-1][1] + text)
    else:
        out.append((kind, text))


def is_right_to_left(line: str) -> bool:
    """Whether the first strong character of a line is of a script that runs from right to left (UAX 9, P2 and P3)."""
    for char in line:
        strong = unicodedata.bidirectional(char)
        if strong in ("R", "AL", "L"):
            return strong != "L"
    return False


def _is_drawn(line: str, at: int) -> bool:
    char = line[at]
    kind = unicodedata.category(char)
    if char in ("\u200c", "\u200d"):
        return at > 0 and _joins(line[at - 1])
    if char == "\t":
        return False
    if kind in ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"):
        return False
    if kind in ("Mn", "Me") and (at == 0 or _bare(line[at - 1]) or _marks_before(line, at) >= MARKS):
        return False  # a mark without a letter to stand on would sit on whatever comes before it
    if char in "‹›":
        return False  # what looks like a code of ours is printed as one
    return ord(char) in _covered(emoji=False)


def _marks_before(line: str, at: int) -> int:
    count = 0
    while count < at and unicodedata.category(line[at - 1 - count]) in ("Mn", "Me"):
        count += 1
    return count


def _joins(char: str) -> bool:
    return any(first <= ord(char) <= last for first, last in _JOINING_SCRIPTS)


def _bare(char: str) -> bool:
    return unicodedata.category(char)[0] in "ZC" or char == "\n"


def _emoji_end(line: str, at: int) -> int:
    """Where the emoji that begins at `at` ends (UTS 51, section 1.4.9); `at` where none begins."""
    end = _one_emoji(line, at)
    if end == at:
        return at
    while line[end : end + 1] == _JOINER and (further := _one_emoji(line, end + 1)) > end + 1:
        end = further
    return end


def _one_emoji(line: str, at: int) -> int:
    if at >= len(line):
        return at
    code, following = ord(line[at]), line[at + 1 : at + 2]
    if 0x1F1E6 <= code <= 0x1F1FF:
        pair = following and 0x1F1E6 <= ord(following) <= 0x1F1FF
        return at + 2 if pair else at
    if line[at] in "0123456789#*":
        tail = line[at + 1 : at + 3]
        return at + 3 if tail == _VARIATION + _KEYCAP else at
    text_style = code < 0x1F000 and following != _VARIATION
    if code not in _covered(emoji=True) or code < 0xA9 or (text_style and code in _covered(emoji=False)):
        return at
    end = at + 1
    if line[end : end + 1] == _VARIATION:
        end += 1
    if line[end : end + 1] and 0x1F3FB <= ord(line[end]) <= 0x1F3FF:
        end += 1
    if line[end : end + 1] == _KEYCAP:
        end += 1
    while line[end : end + 1] and 0xE0020 <= ord(line[end]) <= 0xE007F:
        end += 1
    return end
