"""Bytes in a bucket of a real server: what was put comes back, and every way in which the server or the line may fail is told and bounded."""

from __future__ import annotations

import hashlib
import io
import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.store import bucket as client
from gateway.store.bucket import ATTEMPTS, THREADS, Bucket
from gateway.store.place import AwayError, BucketPlace
from tests.bucket.server import S3, Between, running

NAMED = [(hashlib.sha256(b"%d" % number).hexdigest(), b"%d" % number * number) for number in range(40)]
SEALED = [(f"{name}.sealed", b"sealed" + content) for name, content in NAMED[:5]]
ONE = NAMED[7]


def test_what_was_put_comes_back(bucket: Bucket, s3: S3, place: BucketPlace) -> None:
    large = ("a" * 64, b"\0\xff" * 4_000_000)  # more than the client sends in one part of its own accord
    bucket.put_all([*NAMED, *SEALED, large])
    assert all(bucket.get(name) == content for name, content in [*NAMED, *SEALED, large])
    assert bucket.beginning(large[0], 6) == b"\0\xff" * 3
    assert set(s3.objects(place)) == {
        *(f"home/plain/{name}" for name, _ in [*NAMED, large]),
        *(f"home/sealed/{name}" for name, _ in SEALED),
    }
    assert list(bucket.names("")) == sorted(name for name, _ in [*NAMED, large])
    assert list(bucket.names(".sealed")) == sorted(name for name, _ in SEALED)
    assert dict(bucket.sizes()) == {name: len(content) for name, content in [*NAMED, *SEALED, large]}


def test_what_is_not_there_is_told_from_what_cannot_be_told(bucket: Bucket, place: BucketPlace) -> None:
    assert not bucket.has(ONE[0])
    with pytest.raises(FileNotFoundError):
        bucket.get(ONE[0])
    bucket.put_all([ONE])
    assert bucket.has(ONE[0])
    for _ in range(2):
        bucket.remove(ONE[0])
    assert not bucket.has(ONE[0])
    nowhere = Bucket(BucketPlace(place.endpoint, "no-such-bucket", "key", "secret", tls=False))
    for ask in (lambda: nowhere.get(ONE[0]), lambda: nowhere.put_all([ONE]), lambda: list(nowhere.names())):
        with pytest.raises(AwayError, match="make it, or correct"):
            ask()
    nowhere.close()


def test_more_names_than_one_answer_holds(bucket: Bucket, s3: S3, place: BucketPlace) -> None:
    names = [hashlib.sha256(b"many %d" % number).hexdigest() for number in range(1005)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda some: bucket.put_all([(name, b"x") for name in some]), [names[at::8] for at in range(8)]))
    assert list(bucket.names()) == sorted(names)


def test_prefixes_are_apart_and_what_else_lies_there_is_left_alone(bucket: Bucket, s3: S3, place: BucketPlace) -> None:
    other = Bucket(s3.place(place.bucket, prefix="home/other/"))
    other.put_all([ONE])
    assert list(bucket.names()) == []
    assert not bucket.has(ONE[0])
    assert list(other.names()) == [ONE[0]]
    other.close()


@pytest.mark.parametrize(
    "said", ["503 SlowDown", "500 InternalError", "503 ServiceUnavailable", "429 TooMany", "cut", "kept"]
)
def test_what_may_pass_is_tried_again(spoiled: Bucket, between: Between, said: str) -> None:
    left = [said, said]
    between.script = lambda method, _path: left.pop() if left and method == "PUT" else ""
    spoiled.put_all([ONE])
    assert spoiled.get(ONE[0]) == ONE[1]
    assert [method for method, _ in between.seen].count("PUT") == ATTEMPTS


@pytest.mark.parametrize("said", ["503 SlowDown", "500 InternalError", "hang", "cut", "html"])
def test_what_does_not_pass_is_told_after_a_bounded_number_of_tries(
    spoiled: Bucket, between: Between, said: str
) -> None:
    between.script = lambda _method, _path: said
    with pytest.raises(AwayError) as told:
        spoiled.put_all([ONE])
    assert "bucket family-" in str(told.value.strerror)
    assert len(between.seen) <= 2 * ATTEMPTS  # where it said that it took the object, that is looked at too
    seen = len(between.seen)
    if said != "html":
        with pytest.raises(AwayError, match="asked again in a few seconds"):  # it rests: nobody waits for it in vain
            spoiled.get(ONE[0])
        assert len(between.seen) == seen


def test_after_a_rest_it_is_asked_again(spoiled: Bucket, between: Between, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "REST", 0.0)
    between.script = lambda _method, _path: "503 SlowDown"
    with pytest.raises(AwayError):
        spoiled.put_all([ONE])
    between.script = lambda _method, _path: ""
    spoiled.put_all([ONE])
    assert spoiled.get(ONE[0]) == ONE[1]


def test_of_many_that_are_put_none_is_under_way_when_one_failed(spoiled: Bucket, between: Between) -> None:
    between.script = lambda method, path: "503 SlowDown" if method == "PUT" and path.endswith(NAMED[9][0]) else ""
    with pytest.raises(AwayError):
        spoiled.put_all(NAMED)
    seen = len(between.seen)
    assert threading.active_count() < 60
    between.released.wait(0.2)
    assert len(between.seen) == seen


def test_no_more_than_so_many_are_written_at_once(spoiled: Bucket, between: Between) -> None:
    now, most, lock = [0], [0], threading.Lock()

    def count(method: str, _path: str) -> str:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        threading.Event().wait(0.02)
        with lock:
            now[0] -= 1
        return ""

    between.script = count
    spoiled.put_all(NAMED)
    assert 1 < most[0] <= THREADS


def test_an_object_that_the_store_kept_otherwise_does_not_count(
    spoiled: Bucket, between: Between, s3: S3, place: BucketPlace
) -> None:
    """The line alters what is written so that no checksum of the request notices: what came back names other bytes."""
    passed = between._passed

    def altered(asked, body):
        status, headers, answer = passed(asked, body)
        if asked.command == "PUT":
            key = asked.path.partition("/")[2].partition("/")[2]
            s3.client.put_object(place.bucket, key, io.BytesIO(b"other"), 5)
            headers = {**headers, "ETag": '"not-an-md5"'}
        return status, headers, answer

    between._passed = altered  # type: ignore[method-assign]
    with pytest.raises(AwayError, match="kept other bytes"):
        spoiled.put_all([ONE])


def test_a_store_with_tags_of_its_own_is_read_back(spoiled: Bucket, between: Between) -> None:
    passed = between._passed

    def tagged(asked, body):
        status, headers, answer = passed(asked, body)
        return (
            status,
            {**headers, **({"ETag": '"sealed-with-a-key-of-its-own"'} if asked.command == "PUT" else {})},
            answer,
        )

    between._passed = tagged  # type: ignore[method-assign]
    spoiled.put_all([ONE])
    assert [method for method, _ in between.seen] == ["PUT", "GET"]


def test_half_an_answer_is_no_answer(spoiled: Bucket, between: Between) -> None:
    spoiled.put_all([ONE])
    left = ["short"]
    between.script = lambda method, _path: left.pop() if left and method == "GET" else ""
    assert spoiled.get(ONE[0]) == ONE[1]
    between.script = lambda method, _path: "short" if method == "GET" else ""
    with pytest.raises(AwayError, match="does not answer"):
        spoiled.get(ONE[0])


@pytest.mark.usefixtures("hasty")
def test_a_server_that_is_down_or_dies_or_sleeps() -> None:
    with running() as own:
        place = own.place()
        bucket = Bucket(place)
        bucket.put_all([ONE])
        own.freeze()
        with pytest.raises(AwayError, match="did not answer in time"):
            bucket.put_all([ONE])
        own.thaw()
        own.stop()
        bucket._resting = 0.0
        with pytest.raises(AwayError, match="see \\[blobs\\] endpoint"):
            bucket.get(ONE[0])
        bucket.close()


def test_a_wrong_key_is_told_without_the_key() -> None:
    with running(locked=True) as own:
        place = own.place()
        bucket = Bucket(place)
        own.client.list_buckets()
        with pytest.raises(AwayError, match="refuses the key") as told:
            bucket.put_all([ONE])
        assert place.secret_key not in str(told.value)
        assert place.access_key not in str(told.value)
        assert place.secret_key not in repr(place)
        bucket.close()


def test_the_trial_leaves_nothing_and_tells_of_strangers(bucket: Bucket, s3: S3, place: BucketPlace) -> None:
    assert bucket.trial() is False
    assert s3.objects(place) == {}
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": ["s3:GetObject", "s3:ListBucket"],
                "Resource": ["arn:aws:s3:::*"],
            }
        ],
    }
    s3.client.set_bucket_policy(place.bucket, json.dumps(policy))
    assert bucket.trial() is True
    assert s3.objects(place) == {}


def test_versions_are_told(bucket: Bucket, s3: S3, place: BucketPlace) -> None:
    from minio.versioningconfig import ENABLED, VersioningConfig

    assert not bucket.keeps_versions()
    s3.client.set_bucket_versioning(place.bucket, VersioningConfig(ENABLED))
    assert bucket.keeps_versions()
