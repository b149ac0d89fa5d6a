"""One running gateway with two families: messages of the first, none of the second."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from gateway.api import tokens
from gateway.demo.sample import SAMPLES, Sample
from gateway.demo.sample import family as sample_family
from gateway.family import Family
from tests.api import asking
from tests.e2e.world import World, open_world

MORE = (
    Sample("a question with a sum", "email", "Noah's soccer fees are $85. Can you pay half by Friday?", "fees"),
    Sample("another question", "email", "Can you pick Emma up at 5 pm tomorrow?", "pickup"),
)


def other_family() -> dict[str, Any]:
    """A second family in the installation, to whom nothing came."""
    return sample_family() | {
        "key": "lindqvist", "relay_email": "lindqvist@relay.example.org", "relay_phone": "+15005550009",
        "parent": {"name": "Astrid", "emails": ["astrid@example.org"], "phones": ["+15005550010"]},
        "coparent": {"name": "Jonas", "emails": ["jonas@example.net"]},
        "child": [{"name": "Tove"}], "person": [],
    }  # fmt: skip


@pytest.fixture(autouse=True)
def _hung_up(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every program ends its connections. Tests make more tokens than anybody needs."""
    monkeypatch.setattr(tokens, "MOST", 10_000)
    yield
    while asking.OPEN:
        asking.OPEN.pop().close()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """For tests that add their own and look at what is there."""
    families = tuple(Family.model_validate(one) for one in (sample_family() | {"replies": "on"}, other_family()))
    tools = {"calls_per_minute": 10_000, "loopback_webhooks": True}
    with open_world(tmp_path_factory.mktemp("api"), families=families, tools=tools) as made:
        for sample in (*SAMPLES, *MORE):
            made.send(sample)
        made.settle(90)
        yield made


@pytest.fixture
def fresh(tmp_path: Any) -> Iterator[World]:
    """A gateway of its own."""
    with open_world(tmp_path, tools={"calls_per_minute": 10_000, "loopback_webhooks": True}) as made:
        yield made
