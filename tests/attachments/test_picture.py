"""Pictures drawn anew: what they show stays, everything else is gone; bombs and broken ones are refused."""

import resource
import subprocess
import sys
from io import BytesIO

import pytest
from PIL import Image, ImageDraw

from gateway.attachments.picture import MAX_PIXELS, REDRAW, PictureError, redraw, size_of
from tests.attachments.samples import SECRETS, photo, png, png_that_claims, real_bomb


def open_(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


def test_no_byte_of_place_or_device_is_left() -> None:
    original = photo()
    assert all(secret in original for secret in (b"SecretPhone 9", b"secret comment", b"secret-xmp", b"secret tail"))
    drawn = redraw(original)
    assert not [secret for secret in SECRETS if secret in drawn]
    assert b"PK\x03\x04" not in drawn
    assert b"http" not in drawn
    made = open_(drawn)
    assert (made.format, made.size, dict(made.getexif())) == ("JPEG", (400, 300), {})
    assert set(made.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_only_the_parts_that_a_picture_needs_are_in_the_file() -> None:
    """Every segment of the JPEG (ITU-T T.81, B.1.1.3): no APP1…APP15, no comment."""
    drawn, at, markers = redraw(photo()), 2, []
    while drawn[at + 1] != 0xDA:
        markers.append(drawn[at + 1])
        at += 2 + int.from_bytes(drawn[at + 2 : at + 4], "big")
    assert set(markers) <= {0xE0, 0xDB, 0xC0, 0xC4}
    assert drawn.endswith(b"\xff\xd9")
    assert drawn.count(b"\xff\xd8\xff") == 1


def test_what_it_shows_stays() -> None:
    made = open_(redraw(photo()))
    red, blue = made.getpixel((20, 150)), made.getpixel((380, 150))
    assert red[0] > 200
    assert red[2] < 40
    assert blue[2] > 200
    assert blue[0] < 40


def test_it_is_turned_the_right_way_up_before_that_is_forgotten() -> None:
    made = open_(redraw(photo(orientation=6)))
    assert made.size == (300, 400)
    assert made.getpixel((150, 20))[0] > 200
    assert made.getpixel((150, 380))[2] > 200


def test_comments_of_png_and_transparency_go() -> None:
    drawn = redraw(png())
    assert not [secret for secret in SECRETS if secret in drawn]
    r, g, b = open_(drawn).getpixel((10, 10))
    assert g > 240
    assert 110 < r < 145
    assert 110 < b < 145


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "RGB", "RGBA"])
def test_every_ordinary_mode_is_drawn(mode: str) -> None:
    out = BytesIO()
    Image.new(mode, (30, 20)).save(out, "PNG")
    assert open_(redraw(out.getvalue())).size == (30, 20)


@pytest.mark.parametrize("format_", ["GIF", "WEBP", "BMP", "PNG", "JPEG"])
def test_every_format_is_drawn_and_only_the_first_frame(format_: str) -> None:
    first, second = Image.new("RGB", (50, 40), "white"), Image.new("RGB", (50, 40), "white")
    ImageDraw.Draw(second).rectangle((0, 0, 50, 40), "black")
    out = BytesIO()
    more = {"save_all": True, "append_images": [second]} if format_ in ("GIF", "WEBP") else {}
    first.save(out, format_, **more)
    made = open_(redraw(out.getvalue()))
    assert getattr(made, "n_frames", 1) == 1
    assert made.convert("L").getpixel((20, 20)) > 240


def test_a_large_photo_is_made_smaller() -> None:
    made = open_(redraw(photo(6000, 4000)))
    assert max(made.size) == 2048


def test_a_bomb_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(PictureError, match="too many pixels"):
        redraw(png_that_claims(60_000, 60_000))
    bomb = real_bomb(8_100)
    assert len(bomb) < 300_000
    assert size_of(bomb) == (8_100, 8_100)
    with pytest.raises(PictureError, match="too many pixels"):
        redraw(bomb)


def test_the_largest_that_is_allowed_fits_into_the_decoders_memory() -> None:
    side = int(MAX_PIXELS**0.5)
    assert max(open_(redraw(real_bomb(side))).size) == 2048


@pytest.mark.parametrize(
    "data",
    [b"", b"x", b"\xff\xd8\xff" + b"\0" * 100, photo()[:60], png()[:50], png_that_claims(10, 10), png_that_claims(0, 5),
     b"II*\0" + b"\0" * 50, b"%!PS-Adobe-3.0 EPSF-3.0\n(cmd) run", b"\0\0\1\0" + b"\0" * 50],
)  # fmt: skip
def test_broken_and_foreign_ones_are_refused(data: bytes) -> None:
    with pytest.raises(PictureError):
        redraw(data)


def test_the_decoder_has_little_memory_and_cannot_write_files() -> None:
    code = (
        f"import runpy; m = runpy.run_path({str(REDRAW)!r}); m['limit'](); import resource as r;"
        "print(r.getrlimit(r.RLIMIT_AS)[0], r.getrlimit(r.RLIMIT_FSIZE)[0], r.getrlimit(r.RLIMIT_CPU)[0])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, timeout=60)
    assert done.stdout.split() == [b"1200000000", b"0", b"20"]
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 0
