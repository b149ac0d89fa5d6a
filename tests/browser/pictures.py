"""Pictures of the parent's pages for the guide, drawn anew from the sample family: `make pictures`.

Each is a phone's page in light colours, cut at its end and reduced to few colours, so that the guide stays small.
"""

from __future__ import annotations

import io
import shutil
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from gateway.accounts import Role
from gateway.demo.sample import EX_PHONE, SAMPLES, Sample
from tests.browser.conftest import LONG, SIZES, Person, person
from tests.e2e.world import World, open_world
from tests.web.fresh import open_fresh

FOLDER = Path("docs/pictures")
MOST_BYTES, TALLEST, SHORTEST = 40_000, 960, 420
COLOURS = (64, 32, 16)
MORE = (
    Sample("swim", "sms", "Can Emma come to swim class on Saturday at 9? Let me know by Thursday.", sender=EX_PHONE),
    Sample("shoes", "email", "Noah's soccer shoes were $42.50, half is yours. Please pay by Friday.\n", "Shoes"),
)


def main() -> None:
    """Draw all of them. Raises ValueError where one cannot be made small enough."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        raise SystemExit("chromium is missing: apt-get install chromium")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, open_world(Path(folder)) as world, sync_playwright() as play:
        for sample in (*SAMPLES, *MORE):
            world.send(sample)
        world.settle(LONG)
        browser = play.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        draw(browser, world)
        with open_fresh(Path(folder) / "fresh") as fresh:
            first = person(browser, fresh.world.settings.server.public_url, "phone")
            keep(first.go(fresh.path), "setup")
        browser.close()


def draw(browser: Browser, world: World) -> None:
    """Walk through the pages as a parent does."""
    url = world.settings.server.public_url
    dana = person(browser, url, "phone")
    dana.sign_in(world.store, world.settings.families[0], Role.PARENT, "dana")
    note(dana)
    for name, path in (
        ("today", "/"), ("unsorted", "/unsorted"), ("vault", "/vault"), ("patterns", "/patterns"), ("journal", "/journal"),
        ("record", "/record"), ("people", "/people"), ("rules", "/rules"),
        ("settings-you", "/settings/you"), ("settings-other", "/settings/other"), ("settings-children", "/settings/children"),
        ("settings-orders", "/settings/orders"),
    ):  # fmt: skip
        keep(dana.go(path), name)
    page = dana.page
    page.get_by_label("Activity", exact=False).first.select_option("reviewer")
    dana.press("See what would change")
    keep(page, "rules-preview")


def note(dana: Person) -> None:
    """One entry in the journal."""
    page = dana.go("/journal/write")
    page.locator("textarea").first.fill(
        "The handover was at the library at 6:10 pm. Both children were well and had their coats."
    )
    page.get_by_role("button", name="Keep this note").click()


def keep(page: Page, name: str) -> None:
    """The page as a small file."""
    width, height = SIZES["phone"]
    page.set_viewport_size({"width": width, "height": SHORTEST})
    tall = int(page.evaluate("document.documentElement.scrollHeight"))
    page.set_viewport_size(
        {"width": width, "height": min(tall, TALLEST)}
    )  # what stays in its corner stays below the words
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    page.set_viewport_size({"width": width, "height": height})
    for colours in COLOURS:
        out = io.BytesIO()
        picture.quantize(colours, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
        if out.tell() <= MOST_BYTES:
            (FOLDER / f"{name}.png").write_bytes(out.getvalue())
            return
    raise ValueError(f"{name}: larger than {MOST_BYTES} bytes")


if __name__ == "__main__":
    main()
