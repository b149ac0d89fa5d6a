"""Sets one document in a process of its own: ``python -m gateway.record.typeset FOLDER SECONDS``.

typst keeps what it has laid out for as long as its process lives; a thousand pages hold a gigabyte. So each document has a
process that ends with it. FOLDER has `record.typ`, `data.json` and the pictures; `pages.pdf` is written there, or `error.txt`
with what typst said. SECONDS is the document's time, in seconds from 1970.
"""

from __future__ import annotations

import sys
from pathlib import Path

from gateway.record.glyphs import fonts


def main(folder: Path, seconds: int) -> int:
    """0 where pages were made, 1 where typst refused."""
    import typst

    own = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(p) for p in fonts()])
    try:
        pdf = typst.compile(
            str(folder / "record.typ"),
            root=str(folder),
            font_paths=own,
            format="pdf",
            pdf_standards=["a-3u", "ua-1"],
            timestamp=seconds,
        )
    except typst.TypstError as error:
        (folder / "error.txt").write_text(str(error), encoding="utf8")
        return 1
    (folder / "pages.pdf").write_bytes(pdf)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
