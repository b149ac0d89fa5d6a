"""A real Chromium before a running gateway. `make e2e` installs what is needed and runs what is here; `make test` does not."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from gateway.accounts import Role
from gateway.family import Family
from gateway.store import Store
from tests.web.visiting import PASSWORD, account

SIZES = {"phone": (390, 844), "desktop": (1280, 900)}
SCREENS = Path("build/screens")


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

    def go(self, path: str) -> Page:
        answer = self.page.goto(self.url + path, wait_until="load")
        assert answer is not None
        assert answer.status == 200, (path, answer.status)
        return self.page

    def sign_in(self, store: Store, family: Family | None, role: Role, login: str = "") -> None:
        """By an invitation, as everybody comes."""
        self.go(f"/invited/{account(store, family, role)}")
        self.page.get_by_label("Sign-in name").fill(login or f"{role} of {family.key if family else 'all'}")
        for label in ("Password, at least 12 characters", "The same password again"):
            self.page.get_by_label(label).fill(PASSWORD)
        self.page.get_by_role("button", name="Go on").click()


def person(chromium: Browser, url: str, size: str, *, script: bool = True, dark: bool = False) -> Person:
    width, height = SIZES[size]
    options: dict[str, Any] = {
        "viewport": {"width": width, "height": height}, "java_script_enabled": script,
        "color_scheme": "dark" if dark else "light", "accept_downloads": True,
    }  # fmt: skip
    context = chromium.new_context(**options)
    page, seen = context.new_page(), Seen()
    page.on("request", lambda request: seen.asked.append(request.url))
    page.on("console", lambda line: seen.said.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: seen.said.append(str(error)))
    return Person(page, context, seen, url)
