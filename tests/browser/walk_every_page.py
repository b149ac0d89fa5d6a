"""Every page that somebody can reach by its links: readable, usable by keyboard, without a request that leaves the machine.

The pages are found by following links from the first one. Each is looked at on a phone and a desktop, light and dark; with script it
goes through axe. A picture of each lies in ``build/screens`` afterwards, for a person to look at.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from gateway.accounts import Role
from gateway.demo.sample import SAMPLES
from tests.browser.conftest import SCREENS, Person, person
from tests.e2e.world import World, open_world

MOST_BYTES = 100_000
MOST_PAGES = 120
LEFT_OUT = re.compile(r"/(record/\d+/file|calendar/feed|static|away)|\.(ics|zip)$")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:  # type: ignore[misc]
    with open_world(tmp_path_factory.mktemp("world")) as made:
        for sample in SAMPLES:
            made.send(sample)
        made.settle(60)
        yield made  # type: ignore[misc]


def pattern(path: str) -> str:
    """Pages of one kind have one pattern."""
    return re.sub(r"(?<=/)\d+(?=/|$)", "N", re.sub(r"[A-Za-z0-9_-]{43}", "T", urlsplit(path).path))


def found(somebody: Person) -> list[str]:
    """One path for each kind of page, in the order of finding."""
    queue, known, out = ["/"], {"/"}, []
    while queue and len(out) < MOST_PAGES:
        path = queue.pop(0)
        somebody.go(path)
        out.append(path)
        for link in somebody.page.eval_on_selector_all("a[href]", "links => links.map(l => l.getAttribute('href'))"):
            target = urlsplit(link)
            if target.netloc or not target.path.startswith("/") or LEFT_OUT.search(target.path):
                continue
            if pattern(link) not in known:
                known.add(pattern(link))
                queue.append(link.partition("#")[0])
    return out


def check(page: Page, path: str) -> list[str]:
    """What is wrong with how it stands there."""
    wrong = []
    wide, room = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    if wide > room + 1:
        wrong.append(f"{path}: {wide} px wide in {room}")
    if page.locator("h1").count() != 1:
        wrong.append(f"{path}: {page.locator('h1').count()} h1")
    size = len(page.content().encode())
    if size > MOST_BYTES:
        wrong.append(f"{path}: {size} bytes")
    return wrong


def name_of(path: str, *parts: str) -> Path:
    SCREENS.mkdir(parents=True, exist_ok=True)
    words = re.sub(r"[^a-z0-9]+", "-", pattern(path).lower()).strip("-") or "today"
    return SCREENS / ("-".join((words, *parts)) + ".png")


@pytest.mark.timeout(900)  # well over a hundred pages of a parent, each looked at by axe
@pytest.mark.parametrize("role", [Role.PARENT, Role.REVIEWER, Role.PROFESSIONAL, Role.OPERATOR])
def test_every_page_stands_right(chromium: Browser, world: World, role: Role) -> None:
    family = None if role is Role.OPERATOR else world.settings.families[0]
    url, wrong = world.settings.server.public_url, []
    paths: list[str] = []
    for size in ("desktop", "phone"):
        for dark in (False, True):
            somebody = person(chromium, url, size, dark=dark)
            somebody.sign_in(world.store, family, role, f"{role} {size} {dark}")
            paths = paths or found(somebody)
            for path in paths:
                page = somebody.go(path)
                wrong += check(page, f"{role} {size} {path}")
                result = Axe().run(page)
                wrong += [
                    f"{role} {size} {'dark' if dark else 'light'} {path}: {v['id']}: {v['help']}: {v['nodes'][0]['html'][:160]}"
                    for v in result.response["violations"]
                ]
                page.screenshot(path=name_of(path, str(role), size, "dark" if dark else "light"), full_page=True)
            outside = [u for u in somebody.seen.asked if not u.startswith((url, "data:"))]
            assert not outside, outside
            wrong += [f"{role} {size}: console: {line}" for line in somebody.seen.said]
            somebody.context.close()
    assert not wrong, "\n".join(sorted(set(wrong)))


def test_pages_can_be_read_at_twice_the_size(chromium: Browser, world: World) -> None:
    """WCAG 2.2, 1.4.4 and 1.4.10: 200 % on a screen of 640 px is a window of 320 px; nothing may have to be scrolled sideways."""
    somebody = person(chromium, world.settings.server.public_url, "phone")
    somebody.sign_in(world.store, world.settings.families[0], Role.PARENT, "twice")
    paths = found(somebody)
    somebody.page.set_viewport_size({"width": 320, "height": 640})
    wrong = [line for path in paths for line in check(somebody.go(path), path)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_without_script_every_page_is_there(chromium: Browser, world: World, size: str) -> None:
    with_script = person(chromium, world.settings.server.public_url, size)
    with_script.sign_in(world.store, world.settings.families[0], Role.PARENT, f"scripted {size}")
    paths = found(with_script)
    somebody = person(chromium, world.settings.server.public_url, size, script=False)
    somebody.sign_in(world.store, world.settings.families[0], Role.PARENT, f"plain {size}")
    for path in paths:
        assert somebody.go(path).locator("main").inner_text().strip(), path


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_the_keyboard_reaches_everything(chromium: Browser, world: World, size: str) -> None:
    """Tab goes through every link, button and field of a page in order, and what has the focus can be seen."""
    somebody = person(chromium, world.settings.server.public_url, size)
    somebody.sign_in(world.store, world.settings.families[0], Role.PARENT, f"keys {size}")
    for path in found(somebody):
        page = somebody.go(path)
        reachable = page.evaluate(
            "[...document.querySelectorAll('a[href],button,input:not([type=hidden]),select,textarea,summary')]"
            ".filter(e => e.checkVisibility() && !e.disabled && !(e.type === 'radio' && e.name && document.querySelector(`input[type=radio][name=\"${e.name}\"]:checked`) && !e.checked)).length"
        )
        seen = 0
        for _ in range(min(reachable + 5, 200)):
            page.keyboard.press("Tab")
            shown = page.evaluate(
                "(() => { const e = document.activeElement; if (!e || e === document.body) return null;"
                " const s = getComputedStyle(e); return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0; })()"
            )
            if shown is None:
                break
            assert shown, (path, page.evaluate("document.activeElement.outerHTML.slice(0, 200)"))
            seen += 1
        assert seen > 0, path
