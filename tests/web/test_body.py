"""What is read of a form that no browser of ours sent."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import pytest
from starlette.datastructures import FormData
from starlette.requests import Request

from gateway.web.body import TooLongError, form_of

PART = b'--b\r\nContent-Disposition: form-data; name="words"\r\n\r\n%s\r\n--b--\r\n'


def read(kind: str, body: bytes, most: int = 10_000) -> FormData:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", kind.encode("latin-1"))]}
    return asyncio.run(form_of(Request(scope, receive), most))


@pytest.mark.parametrize(
    "charset", ["utf-7", "unicode_escape", "idna", "punycode", "utf-16", "rot13", "x" * 300, "\xff"]
)
def test_a_form_in_another_charset_brings_nothing(charset: str) -> None:
    """Some of these make half signs (lone surrogates), which no database and no page takes."""
    for kind in (
        f"multipart/form-data; boundary=b; charset={charset}",
        f"multipart/form-data; charset={charset}; boundary=b",
    ):
        assert list(read(kind, PART % b"+2AA-\\ud800").items()) == []


def test_no_text_holds_nul_or_half_a_sign() -> None:
    for body in (b"words=a%00b%ED%A0%80&wo%00rds=1", b"words=a\x00b\xed\xa0\x80"):
        form = read("application/x-www-form-urlencoded", body)
        for text in (*form.keys(), *map(str, form.values())):
            assert "\0" not in text
            text.encode("utf8")
    assert "\0" not in str(read("multipart/form-data; boundary=b", PART % b"a\0b\xed\xa0\x80")["words"])
    assert read("application/x-www-form-urlencoded;charset=UTF-8", b"words=%C3%B1")["words"] == "ñ"
    assert read('multipart/form-data; boundary="b"', PART % "ñ".encode())["words"] == "ñ"


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=c"]
)
@pytest.mark.parametrize("body", [b"", b"--b", PART % b"x", b"--c\r\nno colon\r\n\r\n", b'--c\r\nContent-Disposition: form-data\r\n\r\nx\r\n--c--'])  # fmt: skip
def test_a_form_that_is_none_is_refused_or_empty(kind: str, body: bytes) -> None:
    with contextlib.suppress(TooLongError):
        assert list(read(kind, body).items()) == []


@pytest.mark.parametrize("body", [b"&&&==", b"=" * 5000, b"%", b"a=%zz", b"\xff=\xfe", b";;"])
def test_odd_fields_are_read_somehow(body: bytes) -> None:
    for name, value in read("application/x-www-form-urlencoded", body).items():
        assert isinstance(name, str)
        assert isinstance(value, str)
