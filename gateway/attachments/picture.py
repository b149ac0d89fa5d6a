"""Pictures: how large, and drawn anew without anything but their pixels.

Hostile pictures attack the program that decodes them, so decoding happens in a process of its own (`redraw.py`) that has
little memory and time; what comes back is a fresh JPEG. Only the size is read in this process.
"""

from __future__ import annotations

import subprocess
import sys
import warnings
from io import BytesIO
from pathlib import Path
from typing import Final

from gateway.errors import BreakwaterError

MAX_PIXELS: Final = 64_000_000
"""Larger than what phones send; 64 megapixels are 256 MB when decoded."""
FORMATS: Final = ("JPEG", "PNG", "GIF", "WEBP", "BMP")
SECONDS: Final = 30.0
REDRAW: Final = Path(__file__).with_name("redraw.py")


class PictureError(BreakwaterError):
    """It cannot be decoded, or is too large."""


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height as the head of the picture says, without decoding it. Raises PictureError."""
    from PIL import Image  # large, and most messages have no picture

    Image.MAX_IMAGE_PIXELS = None  # our own limit counts
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # damaged notes beside a picture (EXIF) do not make it unreadable
            with Image.open(BytesIO(data), formats=FORMATS) as picture:
                width, height = picture.size
    except Exception:  # noqa: BLE001 (decoders raise whatever they stumble over)
        raise PictureError("not a picture that can be read") from None
    if width < 1 or height < 1:
        raise PictureError("a picture without a size")
    return width, height


def redraw(data: bytes) -> bytes:
    """A JPEG of at most 2048 pixels a side with nothing of the original but what it shows. Raises PictureError."""
    width, height = size_of(data)
    if width * height > MAX_PIXELS:
        raise PictureError("too many pixels")
    try:
        done = subprocess.run(  # noqa: S603 (our own file, no words of anybody in the command)
            [sys.executable, "-P", str(REDRAW)], input=data, capture_output=True, timeout=SECONDS, check=False, env={}
        )
    except subprocess.TimeoutExpired:
        raise PictureError("decoding took too long") from None
    except OSError:
        raise PictureError("the decoder could not be started") from None
    if done.returncode != 0 or not done.stdout.startswith(b"\xff\xd8\xff"):
        raise PictureError("it is damaged")
    return done.stdout
