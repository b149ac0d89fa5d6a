"""A copy of a text in which disguised words read as what they say, with the way back to the original.

Rules and tagger match on the copy; what is shown is always the original. Five steps, each linear in the text:

1. Every character is decomposed (Unicode NFKD, UAX 15): full-width, mathematical and circled letters become plain,
   accents fall off, invisible and direction characters vanish, look-alikes of other scripts become Latin (UTS 39).
2. Digits and signs between letters become the letters that they stand for ("k1ll", "b@stard", "$lut").
3. Single letters with the same sign between them are joined ("s l u t", "i.d.i.o.t").
4. Masked words are completed when exactly one known word fits ("b*tch", "f**k").
5. Letters repeated more than twice are written twice, or once where that gives a known word ("sluuuut").

The copy may be shorter or longer than the text; ``origin[i]`` is the offset of the original character that the copy's
i-th character comes from. Offsets never decrease.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from gateway.tagging.disguises import FLAG_LETTERS, INVISIBLE, LEET, LOOKALIKES, MASKED_WORDS

Letters = tuple[list[str], list[int]]

_CONTROL = {"\r": "", "\t": " ", "\v": "\n", "\f": "\n", "\x85": "\n", "\u2028": "\n", "\u2029": "\n"}
_LEET_RUN = re.compile(
    r"(?<=[^\W\d_])[013457@!|€$8]{1,3}(?=[^\W\d_])|(?<![\w$])\${1,2}(?=[^\W\d_])|(?<=[^\W\d_])\${1,2}(?!\w)"
)
_SPACED = re.compile(r"(?<![^\W_])[^\W\d_](?:([ .\-_*~/+])[^\W\d_])(?:\1[^\W\d_]){1,40}(?![^\W_])")
_MASKED = re.compile(r"(?<![\w*#])[^\W\d_]{1,12}[*#_%&?]{1,6}[^\W\d_]{0,12}(?![\w*#])")
_FLAGS = re.compile("[\U0001f1e6-\U0001f1ff]{3}(?:[\U0001f1e6-\U0001f1ff]{2})*(?![\U0001f1e6-\U0001f1ff])")
_REPEATED = re.compile(r"([^\W\d_])\1\1+")
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Normal:
    """The copy and, for each of its characters, the offset in the original text."""

    text: str
    origin: Sequence[int]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Offsets of the copy -> offsets of the original text."""
        if start >= len(self.origin):
            stop = self.origin[-1] + 1 if self.origin else 0
            return stop, stop
        return self.origin[start], self.origin[end - 1] + 1 if end > start else self.origin[start]


def normalise(text: str) -> Normal:
    """The copy of `text` for matching. Case is kept. Never raises."""
    letters = _folded(text)
    for change in (_flags, _leet, _joined, _completed, _shortened):
        letters = _rewritten(letters, change("".join(letters[0])))
    return Normal("".join(letters[0]), letters[1])


def _folded(text: str) -> Letters:
    """Step 1, a character at a time."""
    chars: list[str] = []
    origin: list[int] = []
    for i, char in enumerate(text):
        for plain in char if " " <= char < "`" or "a" <= char <= "~" else _plain(char):
            chars.append(plain)
            origin.append(i)
    return chars, origin


@lru_cache(maxsize=4096)
def _plain(char: str) -> str:
    """What one character is written as in the copy; empty for what cannot be seen."""
    if char in _CONTROL:
        return _CONTROL[char]
    if char in INVISIBLE:
        return ""
    if (alike := LOOKALIKES.get(ord(char))) is not None:
        return alike
    out = ""
    for part in unicodedata.normalize("NFKD", char):
        if unicodedata.combining(part) or part in INVISIBLE:
            continue
        out += LOOKALIKES.get(ord(part), part)
    return " " if out and not out.strip(" ") else out


Change = tuple[int, int, str]


def _rewritten(letters: Letters, changes: Iterator[Change]) -> Letters:
    """Replace ``[start, end)`` by other letters; their origins are spread over the replaced ones."""
    chars, origin = letters
    new_chars: list[str] = []
    new_origin: list[int] = []
    done = 0
    for start, end, new in changes:
        new_chars += chars[done:start]
        new_origin += origin[done:start]
        old = origin[start:end]
        new_chars += new
        at_word_end = end == len(chars) or not chars[end].isalnum()
        new_origin += _spread_over(old, len(new), at_word_end)
        done = end
    if not done:
        return letters
    return new_chars + chars[done:], new_origin + origin[done:]


def _spread_over(old: list[int], count: int, at_word_end: bool) -> list[int]:
    """The first of the new letters stands for the first old one, the last for the last."""
    if count == 1:
        return [old[-1] if at_word_end else old[0]]
    return [old[i * (len(old) - 1) // (count - 1)] for i in range(count)]


def _flags(text: str) -> Iterator[Change]:
    for m in _FLAGS.finditer(text):
        yield m.start(), m.end(), "".join(chr(97 + ord(c) - FLAG_LETTERS.start) for c in m[0])


def _leet(text: str) -> Iterator[Change]:
    for m in _LEET_RUN.finditer(text):
        if m[0] == "@" and _looks_like_address(text, m.end()):
            continue
        yield m.start(), m.end(), "".join(LEET[c] for c in m[0])


def _looks_like_address(text: str, at: int) -> bool:
    """Whether what follows an at sign is a domain: letters up to a full stop that a letter follows."""
    return re.match(r"[\w-]{1,63}\.[a-zA-Z]", text[at : at + 70]) is not None


def _joined(text: str) -> Iterator[Change]:
    for m in _SPACED.finditer(text):
        word = m[0][::2]
        if len(word) >= (4 if m[1] in " /+" else 3):
            yield m.start(), m.end(), word


def _completed(text: str) -> Iterator[Change]:
    for m in _MASKED.finditer(text):
        if (word := _unmasked(m[0])) is not None:
            yield m.start(), m.end(), word


@lru_cache(maxsize=1024)
def _unmasked(masked: str) -> str | None:
    """The one known word that fits; with several, the one of the same length."""
    head = re.match(r"[^\W\d_]+", masked)
    tail = re.search(r"[^\W\d_]*$", masked)
    if head is None or tail is None:
        return None
    before, after = head[0].lower(), tail[0].lower()
    least = len(before) + len(after)
    fits = [w for w in MASKED_WORDS if len(w) > least and w.startswith(before) and w.endswith(after)]
    same = [w for w in fits if len(w) == len(masked)]
    hidden = len(masked) - least
    if not after and hidden < 2:
        return None  # "dad*" and "cost?" are ordinary writing
    if len(same) == 1:
        return same[0]
    return fits[0] if len(fits) == 1 and len(before) + len(after) >= 2 and "?" not in masked else None


def _shortened(text: str) -> Iterator[Change]:
    if not _REPEATED.search(text):
        return
    for m in _WORD.finditer(text):
        if _REPEATED.search(m[0]) is None:
            continue
        twice = _REPEATED.sub(r"\1\1", m[0])
        once = _REPEATED.sub(r"\1", m[0])
        known = next((w for w in (twice, once) if w.lower() in MASKED_WORDS), twice)
        yield from _runs(m[0], m.start(), len_kept=1 if known == once and once != twice else 2)


def _runs(word: str, at: int, len_kept: int) -> Iterator[Change]:
    for m in _REPEATED.finditer(word):
        yield at + m.start(), at + m.end(), m[1] * len_kept
