"""A real Chromium before a running gateway. `make e2e` installs what is needed and runs what is here; `make test` does not."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from gateway.accounts import Role
from gateway.demo.sample import Sample
from gateway.family import Family
from gateway.store import Store
from tests.e2e.world import World, open_world
from tests.web.visiting import PASSWORD, account

SIZES = {"phone": (390, 844), "desktop": (1280, 900)}
SCREENS = Path("build/screens")
LONG = 60
"""Seconds that something may take on a machine that has other work."""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    assert found, "chromium is missing: apt-get install chromium"
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@dataclass
class Seen:
    """What a page asked for and complained about."""

    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


@dataclass
class Person:
    """Somebody at a screen."""

    page: Page
    context: BrowserContext
    seen: Seen
    url: str
    script: bool = True

    def go(self, path: str) -> Page:
        answer = self.page.goto(self.url + path, wait_until="load")
        assert answer is not None
        assert answer.status == 200, (path, answer.status)
        return self.page

    def close(self) -> None:
        """Before its gateway ends: whatever the page still loads would find nobody there."""
        self.context.close()

    def press(self, words: str, *, exact: bool = True) -> Page:
        """A button or a link that leads to a page."""
        found = self.page.get_by_role("button", name=words, exact=exact).or_(
            self.page.get_by_role("link", name=words, exact=exact)
        )
        with self.page.expect_navigation(wait_until="load"):
            found.first.click()
        return self.page

    def fill(self, words: str, value: str, *, exact: bool = False) -> None:
        """A field by its label."""
        self.page.get_by_label(words, exact=exact).fill(value)

    def read(self) -> str:
        """What stands on the page and is not folded away."""
        return " ".join(self.page.locator("main").inner_text().split())

    def original(self) -> str:
        """The words of an original, without the numbers of its notes."""
        return " ".join(" ".join(self.page.locator("blockquote .kept").all_inner_texts()).split())

    def menu(self) -> list[str]:
        return self.page.get_by_role("navigation", name="Pages").get_by_role("link").all_inner_texts()

    def sign_in(self, store: Store, family: Family | None, role: Role, login: str = "") -> None:
        """By an invitation, as everybody comes."""
        self.go(f"/invited/{account(store, family, role)}")
        self.page.get_by_label("Sign-in name").fill(login or f"{role} of {family.key if family else 'all'}")
        for label in ("Password, at least 12 characters", "The same password again"):
            self.page.get_by_label(label).fill(PASSWORD)
        self.page.get_by_role("button", name="Go on").click()


Somebody = Callable[[str], Person]


@pytest.fixture(
    params=[(size, script) for size in SIZES for script in (True, False)],
    ids=lambda way: f"{way[0]}-{'script' if way[1] else 'plain'}",
)
def somebody(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Somebody]:
    """Each call sits another person down at a browser of their own: phone or desktop, with script or without."""
    (size, script), came = request.param, []

    def sit_down(url: str) -> Person:
        came.append(person(chromium, url, size, script=script))
        return came[-1]

    yield sit_down
    for one in came:
        one.context.close()
        assert not [url for url in one.seen.asked if not url.startswith((one.url, "data:"))]
        assert not [line for line in one.seen.said if "the server responded with a status of" not in line]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A gateway of its own, with real ports."""
    with open_world(tmp_path) as made:
        yield made


@pytest.fixture
def dana(somebody: Somebody, world: World) -> Person:
    """The parent of the sample family, signed in."""
    one = somebody(world.settings.server.public_url)
    one.sign_in(world.store, world.settings.families[0], Role.PARENT, "dana")
    return one


def come(world: World, *samples: Sample) -> None:
    """Messages arrive and are done with."""
    for sample in samples:
        world.send(sample)
    world.settle(LONG)


def person(chromium: Browser, url: str, size: str, *, script: bool = True, dark: bool = False) -> Person:
    width, height = SIZES[size]
    options: dict[str, Any] = {
        "viewport": {"width": width, "height": height}, "java_script_enabled": script,
        "color_scheme": "dark" if dark else "light", "accept_downloads": True,
    }  # fmt: skip
    context = chromium.new_context(**options)
    context.set_default_timeout(2 * LONG * 1000)
    page, seen = context.new_page(), Seen()
    page.on("request", lambda request: seen.asked.append(request.url))
    page.on("console", lambda line: seen.said.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: seen.said.append(str(error)))
    return Person(page, context, seen, url, script)
