"""Small copies of the pictures that came with messages, for the pages. The pictures themselves lie in the bundle as they came."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

from gateway.attachments.picture import PictureError, redraw
from gateway.errors import StoreError
from gateway.record.items import File, Message, Record
from gateway.store import Blobs

SIDE = 360
MOST = 300
"""Pictures of which a copy is printed; more are listed by name and hash alone."""


def thumbs(record: Record, blobs: Blobs) -> Mapping[str, bytes]:
    """PNG bytes by the picture's hash. A picture that cannot be drawn has none; its bytes are in the bundle all the same."""
    return thumbs_of(record, lambda _message, file: blobs.get(record.log, str(file.sha256)))


def thumbs_of(record: Record, content: Callable[[Message, File], bytes]) -> Mapping[str, bytes]:
    """The same, with the pictures from wherever they are."""
    from PIL import Image

    out: dict[str, bytes] = {}
    for message in record.messages:
        for file in message.files:
            if not file.is_picture or file.sha256 is None or file.sha256 in out or len(out) >= MOST:
                continue
            try:
                drawn = redraw(content(message, file))
                with Image.open(io.BytesIO(drawn)) as picture:
                    small = picture.convert("RGB")
                    small.thumbnail((SIDE, SIDE))
                    png = io.BytesIO()
                    small.save(png, "PNG")
                    out[file.sha256] = png.getvalue()
            except (PictureError, StoreError, OSError, ValueError):
                continue
    return out
