"""The pages of a record: typst over our own fonts, PDF/A-3u and tagged, the same bytes for the same input.

typst refuses to make a PDF/A in which a character has no picture. So the pages fail closed: what `glyphs.py` let through and
no font can draw after all (a mark on a letter of another script) is printed as its code in a second try.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from gateway.data import folder
from gateway.errors import RecordError
from gateway.language import SOURCE
from gateway.record.glyphs import CODE
from gateway.record.items import Style
from gateway.record.speech import court

PAPER = {Style.US: "us-letter", Style.EW: "a4", Style.PLAIN: "a4"}
MOST_TRIES = 200
AFTER = (
    ("Timeline", "timeline", "weeks"),
    ("Questions asked", "questions", "questions"),
    ("Sums named", "expenses", "expenses"),
    ("Lateness spoken of", "late", "late"),
    ("Times not running", "gaps", "gaps"),
)
"""What stands behind the messages: the headings of the template, their places, and what has rows where they are there."""
TIMEOUT_SECONDS = 600
_TITLE = re.compile(r"(?:No|N\.º) (\d+),")
"""The heading of a message, in every language (`record.typ` says "No {n}, {at}")."""
_NO_PICTURE = re.compile(r'the text `"(.+?)"` could not be displayed', re.S)


def pages(
    data: Mapping[str, Any], made_at: datetime, *, fingerprint: str, pictures: Mapping[str, bytes] | None = None
) -> bytes:
    """The PDF. `data`: see `document`; `pictures`: PNG bytes by hash. Raises RecordError where it cannot be made."""
    with tempfile.TemporaryDirectory(prefix="breakwater-pages-") as place:
        root = Path(place)
        (root / "record.typ").write_bytes((folder("templates") / "court" / "record.typ").read_bytes())
        for name, content in (pictures or {}).items():
            (root / f"{name}.png").write_bytes(content)
        values = document(data, made_at, fingerprint)
        for _ in range(MOST_TRIES):
            (root / "data.json").write_text(json.dumps(values, ensure_ascii=False, sort_keys=True), encoding="utf8")
            error = _set(root, int(made_at.timestamp()))
            if error is None:
                return (root / "pages.pdf").read_bytes()
            odd = {c for text in _NO_PICTURE.findall(error) for c in text if not c.isascii()}
            if not odd:
                raise RecordError(f"the pages cannot be made: {error.splitlines()[0][:200]}")
            values = _as_codes(values, odd)
        raise RecordError("the pages cannot be made: too many characters that no font draws")


def _set(root: Path, seconds: int) -> str | None:
    """Set the document in a process of its own (see `typeset`); what went wrong, or None."""
    command = [sys.executable, "-m", "gateway.record.typeset", str(root), str(seconds)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=TIMEOUT_SECONDS, check=False)  # noqa: S603 (our own)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RecordError(f"the typesetter did not come to an end ({type(error).__name__})") from error
    if done.returncode == 0:
        return None
    said = root / "error.txt"
    if done.returncode == 1 and said.is_file():
        return said.read_text(encoding="utf8")
    raise RecordError("the typesetter broke off; is there enough memory?")


def document(data: Mapping[str, Any], made_at: datetime, fingerprint: str) -> dict[str, Any]:
    """The values of the template: those of the transcript, with what every document has."""
    base = {
        "first": 1,
        "section": "A",
        "volume": None,
        "chronology": [],
        "cover": None,
        "months": [],
        "after": [],
        "weeks": [],
        "hours": [],
        "waits": [],
        "wait_names": [],
        "late": [],
        "questions": [],
        "expenses": [],
        "gaps": [],
        "messages": [],
        "parties": [],
        "notes": [],
    }
    moment = [made_at.year, made_at.month, made_at.day, made_at.hour, made_at.minute, made_at.second]
    values: dict[str, Any] = base | dict(data)
    speak = court(str(values.get("lang", SOURCE)))
    after = [[speak.say(name), label] for name, label, table in AFTER if values[table]]
    return values | {
        "made": moment,
        "paper": PAPER[Style(str(values["style"]))],
        "short": fingerprint[:16],
        "after": after,
    }


def _as_codes(value: Any, odd: set[str]) -> Any:
    """The same values with some characters of message words as codes."""
    if isinstance(value, dict):
        if "runs" in value:
            return value | {"runs": [r for run in value["runs"] for r in _split(run, odd)]}
        return {k: _as_codes(v, odd) for k, v in value.items()}
    if isinstance(value, list):
        return [_as_codes(v, odd) for v in value]
    return value


def _split(run: list[str], odd: set[str]) -> list[list[str]]:
    kind, text = run
    if kind == CODE or not odd & set(text):
        return [run]
    pattern = "([" + re.escape("".join(sorted(odd))) + "]+)"
    out = []
    for piece in re.split(pattern, text):
        if piece and set(piece) <= odd:
            out.append([CODE, "".join(f"‹U+{ord(c):04X}›" for c in piece)])
        elif piece:
            out.append([kind, piece])
    return out


def starts(pdf: bytes) -> tuple[dict[int, int], int]:
    """The page (from 1) on which each message begins, by its number, and how many pages there are: from the bookmarks."""
    import pypdfium2

    found: dict[int, int] = {}
    with pypdfium2.PdfDocument(pdf) as opened:
        for bookmark in opened.get_toc(max_depth=5):
            title, target = _TITLE.match(bookmark.get_title()), bookmark.get_dest()
            if title is not None and target is not None:
                found[int(title[1])] = target.get_index() + 1
        return found, len(opened)
