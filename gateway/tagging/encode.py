"""A message as the model reads it: numbers for word pieces, with the way back to the sender's characters.

Used by training and by the running gateway alike, so that both see the same.

    [CLS] channel  [SUBJECT] subject …  [THEM] earlier …  [ME] earlier … [SEP]  text … [SEP]
    └──────────────── context, segment 1 ────────────────────────────────┘      └ segment 0 ┘

* The text is normalised first (look-alikes, masked words), so that a disguise changes nothing.
* Names become roles: every word that is a name of a child, of the sender or of the recipient is one role piece. The
  model learns what is said of "the child", never of Emma.
* A line break and every class of emoji are pieces of their own; the vocabulary, made for prose, knows neither.
* A text longer than the model's view is read in windows that overlap by a third; where two windows read the same
  piece, the one that sees more on both sides counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tokenizers import Tokenizer

from gateway.tagging.emoji import emoji_class
from gateway.tagging.normalise import normalise
from gateway.tagging.tables import word_set

MAX_PIECES = 384
OVERLAP = 96
MAX_SUBJECT = 32
MAX_PREVIOUS = 56
SPECIAL = 101, 102  # [CLS], [SEP] of the vocabulary
UNKNOWN = 100
ROLES = (
    "child",
    "sender",
    "recipient",
    "newline",
    "email",
    "sms",
    "subject",
    "them",
    "me",
    "emoji:happy",
    "emoji:love",
    "emoji:sad",
    "emoji:angry",
    "emoji:mock",
    "emoji:weapon",
    "emoji:watch",
    "emoji:alarm",
    "emoji:thanks",
    "emoji:sexual",
    "emoji:other",
)
PIECE = {name: i for i, name in enumerate(ROLES, 1)}  # [unused0] … of the vocabulary are ids 1 to 99
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_SIGN = re.compile("[\n\u2190-\u2bff\U0001f000-\U0001faff]")
_COMMON = word_set(
    """
    april art bill dad dawn drew faith grace hope jack joy june mark max may mom mum pat ray rose sky sue will
    """
)


@dataclass(frozen=True, slots=True)
class Piece:
    """One word piece of a field: its number, and the characters ``[start, end)`` of the original it stands for."""

    number: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Window:
    """One pass of the model.

    ``numbers`` and ``segments`` are its input; pieces ``subject`` and ``text`` say which places hold which field, as
    ``(place in numbers, index of the field's piece)``.
    """

    numbers: list[int]
    segments: list[int]
    subject: list[tuple[int, int]]
    text: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Encoded:
    """A message in pieces, and the windows in which the model reads them."""

    text: list[Piece]
    subject: list[Piece]
    windows: list[Window]


@dataclass(frozen=True, slots=True)
class People:
    """The names that become roles, in lower case."""

    roles: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, children: Iterable[str], sender: str, recipient: str) -> People:
        """Every word of every name; a child's name wins over a parent's."""
        roles: dict[str, int] = {}
        for role, names in (("recipient", [recipient]), ("sender", [sender]), ("child", children)):
            for name in names:
                for word in _WORD.findall(normalise(name).text.lower()):
                    if len(word) > 1:
                        roles[word] = PIECE[role]
        return cls(roles)

    def role(self, word: str) -> int | None:
        """The role piece of a word of the text, if it is a name, a name with an s, or a name's possessive."""
        low = word.lower()
        stem = re.split(r"['’]", low)[0]
        for form in (low, stem, stem.removesuffix("s")):
            if (number := self.roles.get(form)) is not None and (len(form) > 2 or form == low):
                return None if form in _COMMON and word[0].islower() else number
        return None


def encode(
    tokenizer: Tokenizer,
    text: str,
    *,
    people: People,
    subject: str = "",
    channel: str = "email",
    previous: Sequence[str] = (),
) -> Encoded:
    """Take a message apart. `previous`: earlier messages, oldest first, led by ``<`` (recipient) or ``>`` (sender)."""
    subject_pieces = pieces(tokenizer, subject, people)
    text_pieces = pieces(tokenizer, text, people)
    head = [SPECIAL[0], PIECE["sms" if channel == "sms" else "email"]]
    places: list[tuple[int, int]] = []
    if subject_pieces:
        head.append(PIECE["subject"])
        for i, piece in enumerate(subject_pieces[:MAX_SUBJECT]):
            places.append((len(head), i))
            head.append(piece.number)
    head += _earlier(tokenizer, previous, people)
    head.append(SPECIAL[1])
    return Encoded(text_pieces, subject_pieces, list(_windows(head, places, [p.number for p in text_pieces])))


def pieces(tokenizer: Tokenizer, text: str, people: People) -> list[Piece]:
    """The word pieces of one field, names as roles, emoji and line breaks as their own pieces."""
    if not text.strip():
        return []
    normal = normalise(text)
    roles = {m.start(): (m.end(), role) for m in _WORD.finditer(normal.text) if (role := people.role(m[0])) is not None}
    spread, at = _spread(normal.text)
    encoded = tokenizer.encode(spread, add_special_tokens=False)
    out: list[Piece] = []
    skip_to = 0
    for number, (left, right) in zip(encoded.ids, encoded.offsets, strict=True):
        if right <= left:
            continue
        start, end = at[left], at[right - 1] + 1
        if start < skip_to:
            continue
        if start in roles:
            skip_to, number = roles[start]
            end = skip_to
        elif number == UNKNOWN and end - start == 1:
            number = _sign(normal.text[start]) or number
        out.append(Piece(number, *normal.original(start, end)))
    return out


def _spread(copy: str) -> tuple[str, Sequence[int]]:
    """The copy with a space on both sides of every line break and pictograph; where each character comes from."""
    if not _SIGN.search(copy):
        return copy, range(len(copy))
    chars: list[str] = []
    at: list[int] = []
    for i, char in enumerate(copy):
        if _SIGN.match(char):
            chars += (" ", "\u2424" if char == "\n" else char, " ")
            at += (i, i, i)
        else:
            chars.append(char)
            at.append(i)
    return "".join(chars), at


def _sign(char: str) -> int | None:
    """The piece for a line break or an emoji."""
    if char == "\n":
        return PIECE["newline"]
    kind = emoji_class(char)
    return PIECE[f"emoji:{kind}"] if kind else None


def _earlier(tokenizer: Tokenizer, previous: Sequence[str], people: People) -> list[int]:
    """The last two earlier messages, the end of each, within MAX_PREVIOUS pieces."""
    out: list[int] = []
    for said in previous[-2:]:
        who = PIECE["me" if said.startswith("<") else "them"]
        body = [p.number for p in pieces(tokenizer, said[1:] if said[:1] in ("<", ">") else said, people)]
        out += [who, *body[-(MAX_PREVIOUS // 2 - 1) :]]
    return out


def _windows(head: list[int], subject: list[tuple[int, int]], body: list[int]) -> Iterable[Window]:
    room = MAX_PIECES - len(head) - 1
    start = 0
    while True:
        part = body[start : start + room]
        numbers = [*head, *part, SPECIAL[1]]
        segments = [1] * len(head) + [0] * (len(part) + 1)
        yield Window(numbers, segments, subject, [(len(head) + i, start + i) for i in range(len(part))])
        if start + room >= len(body):
            return
        start += room - OVERLAP
