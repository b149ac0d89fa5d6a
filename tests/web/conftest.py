"""One running gateway for the tests of a file that only look."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.accounts import Role
from tests.e2e.world import World, open_world
from tests.web.visiting import Browser, sign_in


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A gateway of its own, with real ports."""
    with open_world(tmp_path) as made:
        yield made


@pytest.fixture
def enter(world: World) -> Iterator[Callable[[Role], Browser]]:
    """Signs somebody in to the sample family."""
    opened: list[Browser] = []

    def enter(role: Role = Role.PARENT) -> Browser:
        family = None if role is Role.OPERATOR else world.settings.families[0]
        opened.append(sign_in(world.settings.server.public_url, world.store, family, role))
        return opened[-1]

    yield enter
    for browser in opened:
        browser.http.close()


@pytest.fixture
def parent(enter: Callable[[Role], Browser]) -> Browser:
    """The parent of the sample family, signed in."""
    return enter(Role.PARENT)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Browser]]:
    """A gateway and its parent for all tests of a file that change nothing."""
    with open_world(tmp_path_factory.mktemp("shared")) as made:
        browser = sign_in(made.settings.server.public_url, made.store, made.settings.families[0])
        yield made, browser
        browser.http.close()
