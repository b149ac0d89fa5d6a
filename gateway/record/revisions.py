"""What was added behind the pages: one revision that holds a signature and changes nothing that is drawn.

A PDF may be continued: objects that stand in a later revision take the place of earlier ones (ISO 32000-1, section 7.5.6). So
bytes that are the same from the first to the last page prove nothing alone. Allowed behind them are: one revision; the
signature, its field and its dictionary; the catalogue with the form that names the field; and a page with an annotation more.
"""

from __future__ import annotations

import io
from typing import Any

ABOUT = {"/ModDate", "/Producer"}
"""What the program that signs says of itself."""
FREE = {"/AcroForm", "/Extensions", "/Version", "/DSS"}
"""Keys of the catalogue that a signature may add."""


def only_signed(pages: bytes, signed: bytes) -> bool:
    """Whether `signed` is `pages` with at most one signature behind, and with nothing drawn otherwise."""
    if signed == pages:
        return True
    try:
        return _one_signature(pages, signed)
    except Exception:  # noqa: BLE001 (what cannot be read behind the pages is not taken for a signature)
        return False


def _one_signature(pages: bytes, signed: bytes) -> bool:
    from pyhanko.pdf_utils.reader import PdfFileReader

    before: Any = PdfFileReader(io.BytesIO(pages))
    after: Any = PdfFileReader(io.BytesIO(signed))
    if after.xrefs.total_revisions != before.xrefs.total_revisions + 1 or len(after.embedded_signatures) != 1:
        return False
    signature = after.embedded_signatures[0]
    start, length, gap, rest = (int(n) for n in signature.sig_object["/ByteRange"])
    if start != 0 or gap + rest != len(signed) or length >= gap or length < len(pages):
        return False
    root = after.root_ref
    for reference in after.xrefs.explicit_refs_in_revision(after.xrefs.total_revisions - 1):
        new = after.get_object(reference)
        old = _old(before, reference)
        if old is None:
            if not _belongs_to_a_signature(new):
                return False
        elif reference == root:
            if not _same(old, new, FREE):
                return False
        elif _kind(old) == "/Metadata" and _kind(new) == "/Metadata":
            continue  # about the file, for programs; nothing of it is drawn
        elif not _same(old, new, {"/Annots"} if _kind(old) == "/Page" else ABOUT if "/Producer" in new else set()):
            return False
    return True


def _old(reader: Any, reference: Any) -> Any:
    try:
        return reader.get_object(reference)
    except Exception:  # noqa: BLE001 (there was none)
        return None


def _kind(value: Any) -> str:
    return str(value.get("/Type", "")) if hasattr(value, "get") else ""


def _belongs_to_a_signature(value: Any) -> bool:
    """A signature, its field (which may be drawn nowhere), the form, lists of these, or a stream with no say in the pages."""
    if isinstance(value, list):
        return True
    if _kind(value) in ("/Sig", "/DocTimeStamp", "/XRef", "/SigRef"):
        return True
    if _kind(value) == "/Annot" or "/FT" in value:
        rectangle = [float(n) for n in value["/Rect"]] if "/Rect" in value else [0.0]
        return str(value.get("/FT", "")) == "/Sig" and not any(rectangle)
    return "/Fields" in value or "/SigFlags" in value


def _same(old: Any, new: Any, free: set[str]) -> bool:
    """Whether a dictionary stayed as it was but for some keys."""
    names = ({str(k) for k in old} | {str(k) for k in new}) - free
    return all(str(_raw(old, name)) == str(_raw(new, name)) for name in names)


def _raw(value: Any, name: str) -> Any:
    return value.raw_get(name) if name in value else None
