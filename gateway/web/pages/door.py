"""What all pages behind a card's token share: headers, the search for the card, and its files as the templates see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from gateway.attachments.rows import rows_of
from gateway.attachments.scanner import ScanState
from gateway.attachments.settle import FileState, line
from gateway.delivery.compose import environment
from gateway.family import Family
from gateway.language import SOURCE
from gateway.store import Store
from gateway.store.tables import AttachmentRow, CardRow
from gateway.web import source
from gateway.web.forms import TOKEN

__all__ = ["TOKEN"]

POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
}
NOTHING, NOT_NOW, LATER = "Nothing to show", "Not now", "Try again in a minute."
GONE: Final = "This link does not lead anywhere. Open the newest update from your own mailbox."
BUTTONS: Final = {FileState.STEP: "Show the picture", FileState.LISTED: "Get the file"}


@dataclass(frozen=True, slots=True)
class Found:
    """A card and its files, loosed from the database."""

    card: CardRow
    files: tuple[AttachmentRow, ...]


@dataclass(frozen=True, slots=True)
class FileView:
    """A file as a page shows it. `button`: None where it cannot be had from that page."""

    place: int
    line: str
    button: str | None
    note: str


def find(store: Store, token: str) -> Found | None:
    """The card behind a token. Raises StoreError."""
    if not TOKEN.fullmatch(token):
        return None
    with store.read() as session:
        card = session.scalars(select(CardRow).where(CardRow.token == token)).first()
        if card is None:
            return None
        files = rows_of(session, card.message_id)
        session.expunge_all()
        return Found(card, tuple(files))


def views(files: Sequence[AttachmentRow], *, after_original: bool = False) -> tuple[FileView, ...]:
    """The files that a page names. The page of the whole message also hands out what only waited for that look."""
    return tuple(_view(f, after_original=after_original) for f in files if f.on_card)


def _view(file: AttachmentRow, *, after_original: bool) -> FileView:
    if file.state == FileState.WAITING:
        return FileView(file.place, f"{file.words.capitalize()}, still being fetched", None, "")
    said = line(file.words, file.size, file.shown_name, file.state, file.why)
    button = BUTTONS.get(FileState(file.state))
    if file.after_original and file.state == FileState.HELD:
        button = button_after_original(file) if after_original else None
        said += "" if after_original else " (see the whole message)"
    checked = {ScanState.CLEAN: "The virus scanner found nothing.", ScanState.NONE: "It was not scanned for viruses."}
    note = checked.get(ScanState(file.scan), "") if button == BUTTONS[FileState.LISTED] else ""
    return FileView(file.place, said, button, note)


def button_after_original(file: AttachmentRow) -> str:
    """What the button of a file says that waited for a look at its message."""
    return BUTTONS[FileState.STEP if is_picture(file) else FileState.LISTED]


def is_picture(file: AttachmentRow) -> bool:
    """Whether it is shown, drawn anew, instead of handed out."""
    return file.words == "picture"


def page(
    template: str, language: str, values: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] = HEADERS
) -> Response:
    """A page of ``templates/web``."""
    made = environment(language).get_template(f"web/{template}")
    return HTMLResponse(made.render(values), status, headers)


def language_of(family: Family | None) -> str:
    """In which the family reads its pages."""
    return family.language if family is not None else SOURCE


def refused(asks: Request | Family, words: str, status: int, heading: str = NOTHING) -> Response:
    """A page that says in a sentence or two why there is nothing else on it. `asks`: the family, or the browser of nobody known."""
    wanted = "" if isinstance(asks, Family) else asks.headers.get("accept-language", "")
    language = asks.language if isinstance(asks, Family) else source.language_of(wanted)
    return page("said.html", language, {"words": words, "heading": heading}, status)


def gone(asks: Request | Family) -> Response:
    """No page has that address: the same words for a wrong one, an old one and a made-up one."""
    return refused(asks, GONE, 404)


def later(asks: Request | Family) -> Response:
    """The database is busy or away."""
    found = refused(asks, LATER, 503, NOT_NOW)
    found.headers["Retry-After"] = "30"
    return found
