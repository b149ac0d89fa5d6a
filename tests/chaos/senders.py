"""Who writes: mail over real SMTP and texts by signed webhooks, each sent again until it is acknowledged, as mail hosts and carriers do."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from urllib.parse import urlencode

import aiosmtplib
import httpx
from twilio.request_validator import RequestValidator

from gateway.settings import Settings
from tests.many.installation import EX, mail

TOKEN = "demo-token"
WORDS = "Emma's dentist appointment number {number} is Tuesday at 3:30."


@dataclass
class Accepted:
    """What was acknowledged: the exact bytes of each mail, the SID of each text. `refused`: answers that said: later."""

    mails: dict[tuple[int, int], bytes] = field(default_factory=dict)
    texts: dict[str, tuple[int, str]] = field(default_factory=dict)
    refused: int = 0
    broken: int = 0

    @property
    def count(self) -> int:
        return len(self.mails) + len(self.texts)


class Senders:
    """So many at once. Mail and texts to all families in turn."""

    def __init__(self, settings: Settings, families: int, count: int, luck: random.Random, at_once: int = 12) -> None:
        self._settings, self._families, self.at_once = settings, families, at_once
        self._todo = [(number, luck.random() < 0.2) for number in reversed(range(count))]
        self.accepted = Accepted()
        self.url = f"{settings.server.public_url}/sms/incoming"

    @property
    def left(self) -> int:
        return len(self._todo)

    async def run(self, seconds: float, *, pause: float = 0.0) -> None:
        """Send until everything is acknowledged. `pause`: between two messages of one sender, to spread them over the run."""
        async with httpx.AsyncClient(timeout=30) as web:
            await asyncio.wait_for(
                asyncio.gather(*(self._one_sender(web, pause) for _ in range(self.at_once))), seconds
            )

    async def _one_sender(self, web: httpx.AsyncClient, pause: float) -> None:
        while self._todo:
            number, by_text = self._todo.pop()
            while not await (self._text(web, number) if by_text else self._mail(number)):  # noqa: ASYNC110 (the gateway is asked again)
                await asyncio.sleep(0.2)
            await asyncio.sleep(pause)

    async def _mail(self, number: int) -> bool:
        family = number % self._families
        raw = mail(number, family, WORDS.format(number=number)).replace(b"\n", b"\r\n")
        host, _, port = self._settings.server.smtp_listen.rpartition(":")
        client = aiosmtplib.SMTP(
            hostname=host, port=int(port), timeout=30, start_tls=False, local_hostname="mail.example.net"
        )
        try:
            await client.connect()
            await client.mail(EX)
            await client.rcpt(f"family{family}@relay.example.org")
            await client.data(raw)
        except aiosmtplib.SMTPResponseException:
            self.accepted.refused += 1
            return False
        except (aiosmtplib.SMTPException, OSError):
            self.accepted.broken += 1
            return False
        finally:
            client.close()
        self.accepted.mails[family, number] = raw
        return True

    async def _text(self, web: httpx.AsyncClient, number: int) -> bool:
        family, sid = number % self._families, f"SM{number:032x}"
        words = WORDS.format(number=number)
        form = {
            "MessageSid": sid, "AccountSid": "AC" + "0" * 32, "From": "+15550100200", "To": f"+155501{family:05}",
            "Body": words, "NumMedia": "0",
        }  # fmt: skip
        signature = RequestValidator(TOKEN).compute_signature(self.url, form)
        headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
        try:
            answer = await web.post(self.url, content=urlencode(form), headers=headers)
        except httpx.HTTPError:
            self.accepted.broken += 1
            return False
        if answer.status_code != 200:
            self.accepted.refused += 1
            return False
        self.accepted.texts[sid] = (family, words)
        return True
