"""A file of a card, on a deliberate step: ``POST /card/TOKEN/file/PLACE``.

A picture is drawn anew by a process of its own and stands inside the page that comes back, so there is no address under
which it could be loaded by itself. A document comes as a download under a safe name. Each step is an entry in the log.
"""

from __future__ import annotations

import asyncio
import base64
import re

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.attachments.calendars import rewritten
from gateway.attachments.kinds import DOWNLOAD_TYPE
from gateway.attachments.names import download_name
from gateway.attachments.picture import PictureError, redraw
from gateway.attachments.settle import FileState
from gateway.clock import Clock
from gateway.delivery.card import Card
from gateway.errors import StoreError
from gateway.family import Directory
from gateway.ledger import append
from gateway.store import Blobs, Store
from gateway.store.tables import AttachmentRow
from gateway.web.pages.door import HEADERS, POLICY, Found, find, gone, is_picture, language_of, later, page, refused

PLACE = re.compile(r"[0-9]{1,4}")
AT_ONCE = 2
"""Pictures drawn side by side."""
HELD = "This file is held and is not handed out here."
DAMAGED = "The picture cannot be shown: it is damaged or too large. It is kept as it came."
PICTURE_HEADERS = {**HEADERS, "Content-Security-Policy": f"{POLICY}; img-src data:"}


class FilePages:
    """Shows pictures and hands out documents."""

    def __init__(self, store: Store, blobs: Blobs, directory: Directory, clock: Clock) -> None:
        self._store, self._blobs, self._directory, self._clock = store, blobs, directory, clock
        self._drawing = asyncio.Semaphore(AT_ONCE)

    def routes(self) -> list[Route]:
        """For the web application."""
        return [Route("/card/{token}/file/{place}", self.hand_out, methods=["POST"])]

    async def hand_out(self, request: Request) -> Response:
        """The file, if it may be had."""
        try:
            found = find(self._store, request.path_params["token"])
            file = _chosen(found, request.path_params["place"]) if found else None
            if found is None or file is None or file.sha256 is None:
                return gone(request)
            if file.state not in (FileState.LISTED, FileState.STEP) and not file.after_original:
                return refused(self._directory.family(file.family) or request, HELD, 403)
            data = await asyncio.to_thread(self._blobs.get, file.family, file.sha256)
            if not is_picture(file):
                self._note(file, "file opened")
                return _download(file, data)
            async with self._drawing:
                picture = await asyncio.to_thread(redraw, data)
            self._note(file, "picture shown")
            return _page(found, picture, language_of(self._directory.family(file.family)))
        except PictureError:
            return refused(request, DAMAGED, 422)
        except StoreError:
            return later(request)

    def _note(self, file: AttachmentRow, kind: str) -> None:
        family = self._directory.family(file.family)
        body = {"message": file.message_id, "place": file.place, "sha256": file.sha256}
        with self._store.write() as session:
            append(session, file.family, kind, body, now=self._clock(), zone=family.time_zone if family else "UTC")


def _chosen(found: Found, place: str) -> AttachmentRow | None:
    if not PLACE.fullmatch(place):
        return None
    return next((f for f in found.files if f.place == int(place) and f.on_card), None)


def _page(found: Found, picture: bytes, language: str) -> Response:
    source = "data:image/jpeg;base64," + base64.b64encode(picture).decode()
    values = {"card": Card.from_json(found.card.content), "token": found.card.token, "source": source}
    return page("picture.html", language, values, headers=PICTURE_HEADERS)


def _download(file: AttachmentRow, data: bytes) -> Response:
    """As a download, never shown by the browser, never told apart by it (RFC 6266; the name is plain ASCII)."""
    content = rewritten(data) if file.ending == "ics" else data
    name = download_name(file.shown_name, file.words, file.ending)
    headers = {
        **HEADERS,
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    kind = DOWNLOAD_TYPE.get(file.ending, "application/octet-stream")
    return Response(content, media_type=kind, headers=headers)
