"""A process of its own that decodes one picture from standard input and writes a fresh JPEG to standard output.

It imports nothing of the gateway. Place, device, comments, thumbnails, colour profiles and anything behind the picture
stay behind: the pixels are painted onto a new sheet, and only that is saved. Exit status 1 when it cannot be done.
"""

import resource
import sys
from io import BytesIO

MEMORY = 1_200_000_000
CPU_SECONDS = 20
LONGEST_SIDE = 2048
QUALITY = 85
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP")


def limit() -> None:
    """Little memory and time, no file written, no core left behind."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def paint(data: bytes) -> bytes:
    """The first frame, the right way up, on white."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None  # the caller has looked at the size
    with Image.open(BytesIO(data), formats=FORMATS) as picture:
        picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        upright = ImageOps.exif_transpose(picture)
        layered = upright.convert("RGBA")
    sheet = Image.new("RGB", layered.size, "white")
    sheet.paste(layered, mask=layered.getchannel("A"))
    out = BytesIO()
    sheet.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def main() -> int:
    """Read, paint, write."""
    data = sys.stdin.buffer.read()
    limit()
    try:
        painted = paint(data)
    except Exception:  # noqa: BLE001 (the caller only needs to know that it failed)
        return 1
    sys.stdout.buffer.write(painted)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
