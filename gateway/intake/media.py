"""Pictures and files of an MMS: fetched after the text is safe, from the carrier's own hosts only.

The webhook names addresses; the credentials of the account go only to the configured API host. Twilio answers with a
redirect to its content network, which is followed without credentials and only to hosts of Twilio's own. A file over the
cap is not taken. What comes is kept by its hash; nothing opens it here.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from urllib.parse import urljoin, urlsplit

import httpx
from sqlalchemy import select

from gateway.clock import Clock
from gateway.delivery.outbox import wait
from gateway.errors import BreakwaterError, StoreError
from gateway.ledger import append
from gateway.settings import Twilio
from gateway.store import Blobs, Store
from gateway.store.tables import MediaRow, MessageRow

log = logging.getLogger(__name__)
CONTENT_HOSTS = (".twilio.com", ".twiliocdn.com")
MAX_REDIRECTS = 3
MAX_ATTEMPTS = 12
TIMEOUT_SECONDS = 30.0


class RefusedError(BreakwaterError):
    """The file will never be fetched: a foreign host, too large, or gone."""


class GoneError(RefusedError):
    """The carrier has no such file, or not yet, or will not give it."""


class MediaFetcher:
    """Fetches waiting media, one at a time."""

    def __init__(self, store: Store, blobs: Blobs, settings: Twilio, clock: Clock, *, limit: int) -> None:
        self._store, self._blobs, self._settings, self._clock, self._limit = store, blobs, settings, clock, limit
        self._client = httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False)

    def step(self) -> bool:
        """Fetch one file that is due; False when none is."""
        now = self._clock()
        with self._store.read() as session:
            row = session.scalars(
                select(MediaRow)
                .where(MediaRow.state == "waiting", MediaRow.next_at <= now)
                .order_by(MediaRow.next_at)
                .limit(1)
            ).first()
            if row is None:
                return False
            media_id, url = row.id, row.url
            family = session.get_one(MessageRow, row.message_id).family
        try:
            content = self.fetch(url)
            sha256 = self._blobs.put(family, content)
        except RefusedError as error:
            self._settle(media_id, "refused", now, why=str(error))
        except (ValueError, httpx.InvalidURL):
            self._settle(media_id, "refused", now, why="not an address")
        except (httpx.HTTPError, StoreError) as error:
            self._settle(media_id, "waiting", now, why=type(error).__name__)
        else:
            self._settle(media_id, "kept", now, sha256=sha256, size=len(content), content=content)
        return True

    def fetch(self, url: str) -> bytes:
        """The bytes behind a media address. Raises RefusedError, or httpx.HTTPError when it may work later."""
        for _ in range(MAX_REDIRECTS + 1):
            with self._client.stream("GET", url, auth=self._credentials(url)) as answer:
                if answer.is_redirect:
                    url = urljoin(url, answer.headers.get("location", ""))
                    continue
                if answer.status_code in (403, 404, 410):
                    raise GoneError(f"the carrier answers {answer.status_code}")
                answer.raise_for_status()
                return self._body(answer)
        raise RefusedError("too many redirects")

    def _credentials(self, url: str) -> tuple[str, str] | None:
        here, home = urlsplit(url), urlsplit(self._settings.api_base)
        if (here.scheme, here.netloc) == (home.scheme, home.netloc):
            return self._settings.account_sid, self._settings.auth_token
        host = here.hostname or ""
        if here.scheme == "https" and host.endswith(CONTENT_HOSTS):
            return None
        raise RefusedError("an address outside the carrier's own")

    def _body(self, answer: httpx.Response) -> bytes:
        content = bytearray()
        for chunk in answer.iter_bytes():
            content += chunk
            if len(content) > self._limit:
                raise RefusedError(f"larger than {self._limit} bytes")
        return bytes(content)

    def _settle(
        self,
        media_id: int,
        state: str,
        now: datetime,
        *,
        why: str = "",
        sha256: str | None = None,
        size: int | None = None,
        content: bytes = b"",
    ) -> None:
        with self._store.write() as session:
            row = session.get_one(MediaRow, media_id)
            message = session.get_one(MessageRow, row.message_id)
            row.attempts += 1
            if state == "waiting":
                state = "failed" if row.attempts >= MAX_ATTEMPTS else "waiting"
                row.next_at = now + max(wait(row.attempts), timedelta(seconds=5))
            row.state, row.sha256, row.size = state, sha256, size
            if content:
                session.flush()
                self._blobs.make_sure(message.family, ((str(sha256), content),))
            if state != "waiting":
                body = {"message": message.id, "state": state, "why": why, "sha256": sha256, "size": size}
                append(session, message.family, "media", body, now=now)

    def close(self) -> None:
        """Close connections."""
        self._client.close()
