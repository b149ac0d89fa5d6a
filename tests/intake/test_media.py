"""Media of an MMS: from the carrier's own hosts only, with a cap, kept by hash; credentials never go elsewhere."""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
import uvicorn
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.demo.carriers import Quiet, free_port
from gateway.intake.keep import Arrival, Keeper
from gateway.intake.media import MediaFetcher, RefusedError
from gateway.ledger import entries
from gateway.settings import Twilio
from gateway.store import Blobs, Store
from gateway.store.tables import MediaRow
from tests.harness import Loop

LIMIT = 100_000


@dataclass
class Host:
    """A media host on loopback that notes with which credentials it was asked."""

    port: int = field(default_factory=free_port)
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def answer(self, request: Request) -> Response:
        what = request.path_params["what"]
        self.asked.append((what, request.headers.get("authorization")))
        if what == "away":
            return RedirectResponse("http://127.0.0.1:1/secret")
        if what == "around":
            return RedirectResponse(f"{self.base}/media/around")
        if what == "onward":
            return RedirectResponse(f"{self.base}/media/picture")
        sizes = {"large": LIMIT + 1, "gone": 0, "broken": 0}
        status = {"gone": 404, "broken": 500}.get(what, 200)
        return Response(b"x" * sizes.get(what, 10), status)


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    loop, made = Loop(), Host()
    app = Starlette(routes=[Route("/media/{what}", made.answer)])
    server = Quiet(uvicorn.Config(app, host="127.0.0.1", port=made.port, log_config=None, lifespan="off"))

    async def start() -> None:
        import asyncio

        made.task = asyncio.get_running_loop().create_task(server.serve())
        while not server.started:  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    async def stop() -> None:
        server.should_exit = True
        await made.task

    loop.do(start())
    yield made
    loop.do(stop())
    loop.close()


@pytest.fixture
def fetcher(host: Host, store: Store, blobs: Blobs, clock: Callable) -> Iterator[MediaFetcher]:
    host.asked.clear()
    twilio = Twilio(account_sid="AC1", auth_token="secret", api_base=host.base)
    made = MediaFetcher(store, blobs, twilio, clock, limit=LIMIT)
    yield made
    made.close()


def brought(store: Store, blobs: Blobs, clock: Callable, url: str) -> None:
    keeper = Keeper(store, blobs)
    arrival = Arrival("rivera", "UTC", "sms", b"Body=x", {"mail_from": "+1"}, clock(), "SM1", ((url, "image/jpeg"),))
    keeper.submit(arrival).result(10)
    keeper.close()


def row(store: Store) -> MediaRow:
    with store.read() as session:
        found = session.scalars(select(MediaRow)).one()
        session.expunge(found)
        return found


@pytest.mark.parametrize("path", ["picture", "onward"])
def test_a_picture_is_fetched_hashed_kept_and_logged(fetcher, host, store, blobs, clock, path) -> None:
    brought(store, blobs, clock, f"{host.base}/media/{path}")
    assert fetcher.step() is True
    assert fetcher.step() is False
    kept = row(store)
    assert (kept.state, kept.size, blobs.get("rivera", kept.sha256)) == ("kept", 10, b"x" * 10)
    assert host.asked[0][1] == "Basic " + base64.b64encode(b"AC1:secret").decode()
    with store.read() as session:
        assert [e.kind for e in entries(session, "rivera")] == ["received", "media"]


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://169.254.169.254/latest/meta-data", "an address outside the carrier's own"),
        ("https://api.twilio.com.evil.example/x", "an address outside the carrier's own"),
        ("https://eviltwilio.com/x", "an address outside the carrier's own"),
        ("file:///etc/passwd", "an address outside the carrier's own"),
        ("http://media.twiliocdn.com/x", "an address outside the carrier's own"),
        ("BASE/media/away", "an address outside the carrier's own"),
        ("BASE/media/around", "too many redirects"),
        ("BASE/media/large", "larger than 100000 bytes"),
        ("BASE/media/gone", "the carrier answers 404"),
        ("http://127.0.0.1:PORT@evil.example/x", "an address outside the carrier's own"),
    ],
)
def test_what_is_refused(fetcher, host, store, blobs, clock, url, why) -> None:
    url = url.replace("BASE", host.base).replace("PORT", str(host.port))
    with pytest.raises(RefusedError, match=why):
        fetcher.fetch(url)
    brought(store, blobs, clock, url)
    assert fetcher.step() is True
    assert row(store).state == "refused"


def test_credentials_stay_with_the_carrier(fetcher, host) -> None:
    assert fetcher._credentials("https://media.twiliocdn.com/x") is None
    assert fetcher._credentials(host.base + "/media/picture") == ("AC1", "secret")


def test_a_broken_host_is_asked_again_later(fetcher, host, store, blobs, clock) -> None:
    brought(store, blobs, clock, f"{host.base}/media/broken")
    assert fetcher.step() is True
    waiting = row(store)
    assert (waiting.state, waiting.attempts) == ("waiting", 1)
    assert waiting.next_at >= clock() + timedelta(seconds=5)
