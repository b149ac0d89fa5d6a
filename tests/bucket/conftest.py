"""A store for the whole room, a bucket for each test, and something between that spoils."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.store import bucket as client
from gateway.store.bucket import Bucket
from gateway.store.place import BucketPlace
from tests.bucket.server import S3, Between, running
from tests.many.server import Server


@pytest.fixture(scope="package")
def s3() -> Iterator[S3]:
    with running() as made:
        yield made


@pytest.fixture
def place(s3: S3) -> BucketPlace:
    return s3.place(prefix="home/")


@pytest.fixture
def bucket(place: BucketPlace) -> Iterator[Bucket]:
    made = Bucket(place)
    yield made
    made.close()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits of a test's length."""
    monkeypatch.setattr(client, "CONNECT", 0.5)
    monkeypatch.setattr(client, "ANSWER", 0.5)
    monkeypatch.setattr(client, "PAUSE", 0.01)


@pytest.fixture
def between(s3: S3, hasty: None) -> Iterator[Between]:
    made = Between(s3)
    yield made
    made.close()


@pytest.fixture
def spoiled(between: Between, place: BucketPlace) -> Iterator[Bucket]:
    """The same bucket as `place`, through `between`."""
    made = Bucket(between.place(place))
    yield made
    made.close()


@pytest.fixture(scope="package")
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()
