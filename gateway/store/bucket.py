"""Bytes by name in a bucket of an S3-compatible object store: ``PREFIXsealed/abcdef….sealed``, ``PREFIXplain/abcdef…``.

So several machines share them. An object is written in one request, which the store takes whole or not at all, and is only relied on once
what came back names the MD5 of our bytes, or, where the store has another tag, once it was read back. Every wait has an end, what may pass is
tried `ATTEMPTS` times, and after that the bucket *rests*: for `REST` seconds nobody else waits for it in vain, so that small messages, which
wait in the database, go on (`fresh`).
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from typing import TypeVar
from xml.etree import ElementTree

from gateway.errors import SettingsError
from gateway.store.place import AwayError, BucketPlace, ending_of

try:
    import certifi
    import urllib3
    from minio import Minio
    from minio.error import InvalidResponseError, MinioException, S3Error, ServerError
except ImportError as error:
    raise SettingsError(
        'blobs › store: "s3" needs a package that is not installed; run: pip install "breakwater[s3]"'
    ) from error

T = TypeVar("T")
ATTEMPTS, PAUSE, REST = 3, 0.2, 5.0
"""How often a call is tried, seconds before the second try (four times as long before the third), seconds of rest after the last."""
CONNECT, ANSWER, WHOLE = 4.0, 8.0, 120.0
"""Seconds: for a connection, for each part of an answer, for all of one object."""
THREADS = 8
"""How many objects are written at once."""
MOST = 1024**3
"""Bytes. No blob is as large; an object that claims to be is none of ours."""
PART = 5 * 1024**2
"""Bytes that the client library sends in one request at least."""
PAGE = 1000
"""Keys that one answer to a listing holds."""
REFUSALS = (MinioException, urllib3.exceptions.HTTPError, ElementTree.ParseError, ValueError)
"""What the client library raises where the store refuses, nothing answers, or what answers is no store."""
_PASSING = ("SlowDown", "InternalError", "ServiceUnavailable", "RequestTimeout", "Busy", "OperationAborted")
KEY = ("AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "ExpiredToken", "Forbidden")


class Bucket:
    """Put, get and delete bytes by name. Safe for many threads, processes and machines."""

    far = True

    def __init__(self, place: BucketPlace, *, wait: Callable[[float], None] = time.sleep) -> None:
        """`wait`: how a pause is made. Asks nobody yet. Raises SettingsError."""
        self.place, self._wait = place, wait
        self._http = urllib3.PoolManager(
            maxsize=THREADS,
            timeout=urllib3.Timeout(connect=CONNECT, read=ANSWER),
            cert_reqs="CERT_REQUIRED",
            ca_certs=str(place.ca_file) if place.ca_file else os.environ.get("SSL_CERT_FILE") or certifi.where(),
            retries=urllib3.Retry(0, raise_on_redirect=False, raise_on_status=False),  # tries and pauses are ours
        )
        self._client = self._made(place.access_key, place.secret_key)
        self._pool = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="bucket")
        self._resting, self._why = 0.0, ""
        self._lock = threading.Lock()

    def put_all(self, named: Sequence[tuple[str, bytes]]) -> None:
        """Keep them durably. Raises AwayError; then none may be relied on."""
        if len(named) == 1:
            self._put(self._key(named[0][0]), named[0][1])
            return
        waiting = [self._pool.submit(self._put, self._key(name), content) for name, content in named]
        try:
            for one in waiting:
                one.result()
        finally:
            for one in waiting:
                one.cancel()
            for one in waiting:  # nothing of ours is under way any more when this returns
                if not one.cancelled():
                    one.exception()

    def get(self, name: str) -> bytes:
        """Raises FileNotFoundError, AwayError."""
        return self._get(self._key(name))

    def beginning(self, name: str, number: int) -> bytes:
        """The first `number` bytes. Raises FileNotFoundError, AwayError."""
        return self._get(self._key(name), number)

    def has(self, name: str) -> bool:
        """Whether an object lies there. Raises AwayError."""
        try:
            self._try(lambda: self._client.stat_object(self.place.bucket, self._key(name)))
        except FileNotFoundError:
            return False
        return True

    def remove(self, name: str) -> None:
        """Delete for good; what is gone already is fine. Raises AwayError."""
        self._remove(self._key(name))

    def names(self, ending: str | None = None) -> Iterator[str]:
        """The names of all objects, or of those of one ending, in order of their keys. Raises AwayError."""
        return (name for name, _ in self._listed(ending))

    def sizes(self) -> Iterator[tuple[str, int]]:
        """All names with their sizes in bytes. Raises AwayError."""
        return self._listed(None)

    def trial(self) -> bool:
        """Write an object, read it back, find it in the list, remove it; whether strangers can read it or the list. Raises AwayError."""
        key, content = f"{self.place.prefix}probe/{secrets.token_hex(8)}", secrets.token_bytes(64)
        with self._lock:
            self._resting = 0.0
        self._put(key, content)
        try:
            if self._get(key) != content:
                raise _away(f"{self.place.said()} gives back other bytes than it was given")
            if key not in dict(self._try(lambda: self._page(key))):
                raise _away(f"{self.place.said()} does not list what it was given")
            return self._open_to_strangers(key)
        finally:
            with contextlib.suppress(AwayError):
                self._remove(key)

    def keeps_versions(self) -> bool | None:
        """Whether what is removed stays there as an old version; None where the store does not tell."""
        try:
            return self._try(lambda: self._client.get_bucket_versioning(self.place.bucket)).status is not None
        except OSError:
            return None

    def close(self) -> None:
        """Let threads and connections go."""
        self._pool.shutdown()
        self._http.clear()

    def _made(self, access_key: str | None, secret_key: str | None) -> Minio:
        place = self.place
        try:
            return Minio(
                place.endpoint,
                access_key=access_key,
                secret_key=secret_key,
                secure=place.tls,
                region=place.region,
                http_client=self._http,
            )
        except ValueError as error:
            raise SettingsError(f"blobs › endpoint: {error}") from error

    def _key(self, name: str) -> str:
        return f"{self.place.prefix}{ending_of(name).strip('.') or 'plain'}/{name}"

    def _put(self, key: str, content: bytes) -> None:
        size = len(content)

        def put() -> str:
            return self._client.put_object(
                self.place.bucket, key, io.BytesIO(content), size, part_size=max(size, PART)
            ).etag or ""  # fmt: skip

        try:
            tag = self._try(put)
            if tag.strip('"') == hashlib.md5(content, usedforsecurity=False).hexdigest():
                return
            kept = self._get(key)  # a store that seals with keys of its own has another tag
        except FileNotFoundError as error:
            raise _away(f"{self.place.said()} took an object and has none") from error
        if kept != content:
            raise _away(f"{self.place.said()} kept other bytes than it was given")

    def _get(self, key: str, number: int = 0) -> bytes:
        def get() -> bytes:
            return self._drained(self._client.get_object(self.place.bucket, key, length=number))

        return self._try(get)

    @staticmethod
    def _drained(answer: urllib3.BaseHTTPResponse) -> bytes:
        """All of an answer, and its connection given back. Raises OSError where it is larger than any blob."""
        try:
            found, end = bytearray(), time.monotonic() + WHOLE
            for piece in answer.stream(1024**2):
                found += piece
                if len(found) > MOST:
                    raise OSError(errno.EFBIG, "it is larger than any blob")
                if time.monotonic() > end:
                    raise urllib3.exceptions.TimeoutError("too slow")
            return bytes(found)
        finally:
            answer.close()
            answer.release_conn()

    def _remove(self, key: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._try(lambda: self._client.remove_object(self.place.bucket, key))

    def _listed(self, ending: str | None) -> Iterator[tuple[str, int]]:
        """A page of a thousand at a time, each tried like any other call."""
        start = self.place.prefix
        prefix = start if ending is None else f"{start}{ending.strip('.') or 'plain'}/"
        after = ""
        while page := self._try(partial(self._page, prefix, after)):
            for key, size in page:
                after = key
                name = key.rpartition("/")[2]
                if key == self._key(name):  # what else lies there is none of ours
                    yield name, size

    def _page(self, prefix: str, after: str = "") -> list[tuple[str, int]]:
        """Up to a thousand keys behind `after`, with sizes: what one answer holds."""
        found = self._client.list_objects(
            self.place.bucket, prefix=prefix, recursive=True, start_after=after or None
        )  # fmt: skip
        return [(str(each.object_name), int(each.size or 0)) for each in islice(found, PAGE)]

    def _open_to_strangers(self, key: str) -> bool:
        """Whether somebody without a key gets the object, or the list."""
        stranger = self._made(None, None)
        for ask in (
            lambda: self._drained(stranger.get_object(self.place.bucket, key)),
            lambda: list(islice(stranger.list_objects(self.place.bucket, prefix=self.place.prefix), 1)),
        ):
            try:
                ask()
            except REFUSALS:
                continue
            return True
        return False

    def _try(self, call: Callable[[], T]) -> T:
        """What the call gives, after `ATTEMPTS` tries at most. Raises FileNotFoundError, AwayError."""
        with self._lock:
            if time.monotonic() < self._resting:
                raise _away(f"{self._why}; it is asked again in a few seconds")
        for attempt in range(ATTEMPTS):
            try:
                return call()
            except REFUSALS as error:
                code = _code(error)
                if code == "NoSuchKey":
                    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)) from error
                why = f"{self.place.said()} {_said(error, code, self.place)}"
                if not _may_pass(error, code):
                    raise _away(why) from error
                if attempt + 1 == ATTEMPTS:
                    with self._lock:
                        self._resting, self._why = time.monotonic() + REST, why
                    raise _away(why) from error
                self._wait(PAUSE * 4**attempt)
        raise AssertionError  # the last try returns or raises


def _away(why: str) -> AwayError:
    return AwayError(errno.EAGAIN, why)


def _code(error: Exception) -> str:
    """The store's own name of a refusal; where it gave none, the status; empty where nothing answered."""
    if isinstance(error, S3Error):
        return error.code or "no reason"
    if isinstance(error, ServerError):
        return str(error.status_code)
    return str(error.args[0]).partition("Response code: ")[2][:3] if isinstance(error, InvalidResponseError) else ""


def _may_pass(error: Exception, code: str) -> bool:
    """Whether trying again may help."""
    if isinstance(error, S3Error):
        return code in _PASSING or error.response.status == 429 or error.response.status >= 500
    return code in ("", "429") or code.startswith("5")


def _said(error: Exception, code: str, place: BucketPlace) -> str:
    """What is wrong and what to do. The store's own words are left out: they may hold the name of an object or a key."""
    if code in KEY:
        return f"refuses the key ({code}): see access_key and secret_key, and that this key may list, read, write and delete there"
    if code == "NoSuchBucket":
        return f"is not there: make it, or correct [blobs] bucket (found {place.bucket})"
    if code == "RequestTimeTooSkewed":
        return "says that this machine's clock is wrong: set it"
    if code in (
        "AuthorizationHeaderMalformed",
        "PermanentRedirect",
        "TemporaryRedirect",
        "IllegalLocationConstraintException",
    ):
        return f"is in another region ({code}): correct [blobs] region (found {place.region})"
    if code:
        return f"refused ({code})"
    if isinstance(error, (ElementTree.ParseError, ValueError)):
        return "answers what no object store says: see [blobs] endpoint"
    reason = getattr(error, "reason", None) or error
    if isinstance(reason, urllib3.exceptions.SSLError):
        return "showed no certificate that is trusted: see [blobs] tls and ca_file"
    refused = isinstance(reason, urllib3.exceptions.NewConnectionError)  # which counts as a timeout there
    slow = isinstance(reason, (urllib3.exceptions.TimeoutError, TimeoutError)) and not refused
    return f"{'did not answer in time' if slow else 'does not answer'} ({type(reason).__name__}): see [blobs] endpoint, and whether it runs"
