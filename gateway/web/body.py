"""The body of a form, read up to a limit that the room names, so that nobody fills the memory."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Final

from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import Request

FIELDS: Final = 2000
SUBSTITUTE: Final = "\x1a"
CHARSETS: Final = ("utf-8", "utf8", "")
FILES: Final = 20


class TooLongError(Exception):
    """The body is longer than the room takes, or holds more fields or files."""


async def form_of(request: Request, most: int) -> FormData:
    """The fields and files of a posted form (``application/x-www-form-urlencoded`` or ``multipart/form-data``); empty for anything else,
    and for one that is not in UTF-8, which browsers send. No text in it holds NUL or half a sign, which no database keeps.

    Raises TooLongError.
    """
    kind, _, rest = request.headers.get("content-type", "").partition(";")
    charset = parse_options_header(rest and f"x/x;{rest}")[1].get(b"charset", b"").decode("latin-1").lower()
    if charset not in CHARSETS:
        return FormData()
    return _clean(await _read(request, kind.strip().lower(), most))


def _clean(form: FormData) -> FormData:
    """The same without what is no sign; NUL is what stands for such a sign, so that fields refuse it as they refuse the others."""
    return FormData(
        [
            (_signs(name), value if isinstance(value, UploadFile) else _signs(value))
            for name, value in form.multi_items()
        ]
    )


def _signs(text: str) -> str:
    return text.replace("\0", SUBSTITUTE).encode("utf8", "ignore").decode("utf8")


async def _read(request: Request, kind: str, most: int) -> FormData:
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
