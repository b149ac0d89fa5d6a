"""One installation and one bundle for all tests of this room."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.policy import load_rules
from gateway.record.gather import gather
from gateway.record.items import Record, Scope
from gateway.record.make import Made, Order, make
from tests.ledger.authority import Authority
from tests.record.sample import World
from tests.record.sample import make as make_world

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Bundle:
    """A bundle with what was printed about it."""

    folder: Path
    made: Made

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def copy(self, place: Path) -> Path:
        """A copy to change."""
        shutil.copytree(self.folder, place)
        return place


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = make_world(tmp_path_factory.mktemp("record") / "family", 60, words=20_000)
    yield made
    made.close()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    made = Authority(tmp_path_factory.mktemp("tsa") / "one")
    yield made
    made.close()


@pytest.fixture(scope="session")
def bundle(world: World, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = tmp_path_factory.mktemp("bundles") / "whole"
    return Bundle(folder, make(world.folder, folder, Order(), NOW))


@pytest.fixture(scope="session")
def record(world: World) -> Record:
    return gather(
        world.store, world.blobs, world.family, load_rules(), Scope(), fingerprint="ab" * 32, now=NOW
    )  # fmt: skip
