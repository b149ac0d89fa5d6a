"""The pages of a record: typst over our own fonts, PDF/A-3u and tagged, the same bytes for the same input.

typst refuses to make a PDF/A in which a character has no picture. So the pages fail closed: what `glyphs.py` let through and
no font can draw after all (a mark on a letter of another script) is printed as its code in a second try.
"""

from __future__ import annotations

import io
import json
import re
import tempfile
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from gateway.data import folder
from gateway.errors import RecordError
from gateway.record.glyphs import CODE, fonts
from gateway.record.items import Style

PAPER = {Style.US: "us-letter", Style.EW: "a4", Style.PLAIN: "a4"}
MOST_TRIES = 200
_TITLE = re.compile(r"No (\d+),")
_NO_PICTURE = re.compile(r'the text `"(.+?)"` could not be displayed', re.S)


@cache
def _fonts() -> Any:
    import typst

    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(path) for path in fonts()]
    )


def pages(
    data: Mapping[str, Any], made_at: datetime, *, fingerprint: str, pictures: Mapping[str, bytes] | None = None
) -> bytes:
    """The PDF. `data`: see `document`; `pictures`: PNG bytes by hash. Raises RecordError where it cannot be made."""
    import typst

    with tempfile.TemporaryDirectory(prefix="breakwater-pages-") as place:
        root = Path(place)
        source = root / "record.typ"
        source.write_bytes((folder("templates") / "court" / "record.typ").read_bytes())
        for name, content in (pictures or {}).items():
            (root / f"{name}.png").write_bytes(content)
        values = document(data, made_at, fingerprint)
        for _ in range(MOST_TRIES):
            (root / "data.json").write_text(json.dumps(values, ensure_ascii=False, sort_keys=True), encoding="utf8")
            try:
                return bytes(
                    typst.compile(
                        str(source),
                        root=str(root),
                        font_paths=_fonts(),
                        format="pdf",
                        pdf_standards=["a-3u", "ua-1"],
                        timestamp=int(made_at.timestamp()),
                    )
                )
            except typst.TypstError as error:
                odd = {c for text in _NO_PICTURE.findall(str(error)) for c in text if not c.isascii()}
                if not odd:
                    raise RecordError(f"the pages cannot be made: {str(error).splitlines()[0][:200]}") from error
                values = _as_codes(values, odd)
        raise RecordError("the pages cannot be made: too many characters that no font draws")


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
        "questions": [],
        "expenses": [],
        "gaps": [],
        "messages": [],
        "parties": [],
    }
    moment = [made_at.year, made_at.month, made_at.day, made_at.hour, made_at.minute, made_at.second]
    values: dict[str, Any] = base | dict(data)
    after = [
        [name, label]
        for name, label, there in (
            ("Timeline", "timeline", values["weeks"]),
            ("Questions asked", "questions", values["questions"]),
            ("Sums named", "expenses", values["expenses"]),
            ("Times not running", "gaps", values["gaps"]),
        )
        if there
    ]
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
    from pyhanko.pdf_utils.reader import PdfFileReader

    reader = PdfFileReader(io.BytesIO(pdf))
    order: list[Any] = []
    _leaves(reader.root["/Pages"], order)
    numbers = {reference: page for page, reference in enumerate(order, 1)}
    found: dict[int, int] = {}
    outlines = reader.root["/Outlines"] if "/Outlines" in reader.root else {}  # noqa: SIM401 (.get() does not resolve references)
    waiting = [outlines["/First"]] if "/First" in outlines else []
    while waiting:
        item = waiting.pop()
        title = _TITLE.match(str(item["/Title"]))
        if title is not None:
            found[int(title[1])] = numbers[item["/Dest"].raw_get(0).reference]
        waiting += [item[name] for name in ("/Next", "/First") if name in item]
    return found, len(order)


def _leaves(node: Any, out: list[Any]) -> None:
    """References of all pages in order; the tree of pages is shallow."""
    kids = node["/Kids"]
    for i in range(len(kids)):
        if kids[i]["/Type"] == "/Pages":
            _leaves(kids[i], out)
        else:
            out.append(kids.raw_get(i).reference)
