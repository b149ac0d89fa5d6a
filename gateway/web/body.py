"""The body of a form, read up to a limit that the room names, so that nobody fills the memory."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Final

from starlette.datastructures import FormData
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import Request

FIELDS: Final = 2000
FILES: Final = 20


class TooLongError(Exception):
    """The body is longer than the room takes, or holds more fields or files."""


async def form_of(request: Request, most: int) -> FormData:
    """The fields and files of a posted form (``application/x-www-form-urlencoded`` or ``multipart/form-data``); empty for anything else.

    Raises TooLongError.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        form = await FormParser(request.headers, _limited(request, most)).parse()
        if len(form.multi_items()) > FIELDS:
            raise TooLongError
        return form
    if kind == "multipart/form-data":
        parser = MultiPartParser(
            request.headers, _limited(request, most), max_files=FILES, max_fields=FIELDS, max_part_size=most
        )
        try:
            return await parser.parse()
        except MultiPartException as error:
            raise TooLongError from error
    return FormData()


async def _limited(request: Request, most: int) -> AsyncGenerator[bytes, None]:
    taken = 0
    async for chunk in request.stream():
        taken += len(chunk)
        if taken > most:
            raise TooLongError
        yield chunk
