"""The line of a device or program under an answer of the parent's own: `Sent from Mailspring`, `Von meinem Fairphone gesendet`.

What is read of others takes such a line off only where it names a device that is known (`closings`), for a fact lost is worse than a
line too many. What leaves in the parent's name should not tell which program wrote it. So the form counts here, and no list of
products: the last line, short, begun as programs begin it, and naming a machine of one's own or a program that the mail names in
its headers too. Whatever only looks like it ("Sent with Emma", "Sent from the school office") stays, and the parent is asked first.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from gateway.parsing import phrases
from gateway.parsing.reading import Reading, Segment, SegmentKind

DOUBT: Final = "its last line may be one that a program added"
MOST_CHARS, MOST_WORDS = 80, 6
LEAST_NAME: Final = 4
"""Letters of a program's name by which it is looked for in the headers."""
_MINE: Final = frozenset(
    """
    my mi mon ma meinem meiner mijn min mitt mio mia meu minha mojego mojej mého moj
    """.split()
)
_MACHINES: Final = frozenset(
    """
    phone cellphone cell mobile smartphone android tablet laptop computer pc desktop watch device handy telefon rechner mobiltelefon
    mobiles mobilen gerät endgerät
    téléphone telephone portable mobile smartphone tablette ordinateur appareil teléfono telefono móvil movil celular tableta ordenador
    computadora portátil dispositivo telemóvel telefone celular computador móvel telefonu telefona telefonem komputera tabletu smartfona laptopa
    komórki cellulare telefonino tablet telefoon mobiel computer mobiltelefon surfplatta dator
    """.split()
)
"""What is a machine in any language and of any make."""
_ENDS: Final = ("gesendet", "verschickt", "versendet", "versandt", "geschickt")
_BEGINS: Final = (
    *phrases.SENT_FROM, "von meiner ", "envoyée ", "enviada desde", "enviada do", "enviada da", "wysłana z", "wysłany z", "inviata da",
    "sent by", "verzonden via", "verstuurd via", "geschrieben mit", "written with", "écrit avec", "escrito con", "napisane w",
)  # fmt: skip
_ADDRESS: Final = re.compile(r"[<(\[]?\s*https?://[^\s<>()\[\]]+\s*[>)\]]?")
_WRITTEN_BY: Final = re.compile(
    r"(?im)^(?:user-agent|x-mailer|mime-version):(.*)|^message-id:[^@\n]*@(.*)|^(x-[\w-]+):"
)
"""Where a program names itself: never in a value that may hold a person's address."""
_BRACKETS: Final = str.maketrans(dict.fromkeys("[]<>", " "))
_STOPS: Final = re.compile(r"[?!;:,…]|\.\s")
_VIA: Final = ("sent via", "sent by", "envoyé via", "enviado via", "verzonden via", "verstuurd via")


def without_device(reading: Reading, head: str = "") -> Reading:
    """The reading with the line of a device as a footer, or held where it is in doubt. `head`: the headers of the mail."""
    place = _last_line(reading, 0)
    if place is not None and _is_excuse(reading.body[place[1] : reading.segments[place[0]].end]):
        before = _last_line(reading, 1)
        place = before if before is not None and _verdict(_line(reading, before), head) else place
    if place is None or not (verdict := _verdict(_line(reading, place), head)):
        return reading
    index, start = place
    words_before = any(
        any(c.isalnum() for c in reading.body[s.start : min(s.end, start)])
        for s in reading.segments[: index + 1]
        if s.kind is SegmentKind.NEW
    )
    if verdict == "doubt" or not words_before:
        return replace(reading, hold=(*reading.hold, DOUBT))
    return replace(reading, segments=tuple(_cut(reading.segments, index, start)))


def is_device(line: str, head: str = "") -> bool:
    """Whether a last line is surely one that a device or program added."""
    return _verdict(line, head) == "sure"


def _cut(segments: tuple[Segment, ...], index: int, start: int) -> list[Segment]:
    """From `start` in segment `index` on, nothing is new any more."""
    out: list[Segment] = list(segments[:index])
    for segment in segments[index:]:
        if segment.kind is not SegmentKind.NEW or segment.start >= start:
            kind = SegmentKind.FOOTER if segment.kind is SegmentKind.NEW else segment.kind
            out.append(replace(segment, kind=kind))
            continue
        out += [replace(segment, end=start), Segment(start, segment.end, SegmentKind.FOOTER)]
    return out


def _last_line(reading: Reading, skip: int) -> tuple[int, int] | None:
    """The segment, and the offset in the body, of the last line of new words, or of the one `skip` lines of words before it."""
    for index in range(len(reading.segments) - 1, -1, -1):
        segment = reading.segments[index]
        if segment.kind is not SegmentKind.NEW:
            continue
        end = segment.end
        while end > segment.start:
            start = max(reading.body.rfind("\n", segment.start, end) + 1, segment.start)
            if reading.body[start:end].strip():
                if skip == 0:
                    return index, start
                skip -= 1
            end = start - 1
    return None


def _line(reading: Reading, place: tuple[int, int]) -> str:
    return reading.body[place[1] : reading.segments[place[0]].end].strip("\n").split("\n")[0]


def _is_excuse(text: str) -> bool:
    line = text.strip().lower()
    return len(line) <= MOST_CHARS and line.startswith(phrases.EXCUSES)


def _verdict(line: str, head: str) -> str:
    """`sure`, `doubt`, or nothing for a line that is none."""
    plain = line.strip(" \t*_-–—|[]>\xa0\ufeff")
    linked = _ADDRESS.search(plain) is not None
    plain = " ".join(_ADDRESS.sub(" ", plain).translate(_BRACKETS).split()).strip(" .()[]<>")
    low = plain.lower()
    begun = max((one for one in _BEGINS if low.startswith(one)), key=len, default="")
    if not begun or len(plain) > MOST_CHARS or len(plain.split()) > MOST_WORDS + len(begun.split()):
        return ""
    if begun.startswith("von mein") and not low.endswith(_ENDS):
        return ""
    words = [word for word in plain[len(begun) :].split() if word.lower() not in _ENDS]
    mine = begun.startswith("von mein") or begun.rsplit(" ", 1)[-1] in _MINE or any(w.lower() in _MINE for w in words)
    names = [word for word in words if word.lower() not in _MINE]
    if _STOPS.search(plain):
        return "doubt"
    return "sure" if names and (_is_machine(names, mine) or _is_program(names, begun, head, linked)) else "doubt"


def _is_machine(names: list[str], mine: bool) -> bool:
    """A machine of one's own: a word for one alone, or a name as makers give them."""
    if not mine:
        return False
    if all(name.lower() in _MACHINES for name in names):
        return True
    made = any(re.search(r"[a-z][A-Z]|[0-9]|[Pp]hone", name) for name in names)
    return made and len(names) <= 4 and all(name[:1].isupper() or re.search(r"[A-Z0-9]", name) for name in names)


def _is_program(names: list[str], begun: str, head: str, linked: bool) -> bool:
    """A program: its name stands in headers that programs write, or links to its maker, or says that it is one."""
    joined = "".join(c for c in "".join(names).lower() if c.isalnum())
    first = "".join(c for c in names[0].lower() if c.isalnum())
    if not names[0][:1].isupper() or len(first) < LEAST_NAME:
        return False
    if linked and len(names) <= 3:
        return True
    said = (words for found in _WRITTEN_BY.findall(head) for words in found)
    own = "".join(c for c in " ".join(said).lower() if c.isalnum() or c == " ")
    if head and (joined in own or first in own):
        return True
    says = re.fullmatch(r"mail[a-z]{2,}|(?!voice|e)[a-z]{2,}mail", first) is not None
    return says and len(names) == 1 and begun not in _VIA
