"""A PostgreSQL server for the tests of several processes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.many.server import Server


@pytest.fixture(scope="package")
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()
