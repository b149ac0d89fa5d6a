"""Mail hosts that are slow, busy or odd: nothing is lost, and nothing goes out again and again."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import select

import gateway.delivery.email
from gateway.delivery import outbox
from gateway.demo.carriers import Carrier, Mailbox
from gateway.demo.sample import SAMPLES, family
from gateway.family import Family
from gateway.store.tables import DeliveryRow
from tests.e2e.test_replies import answer, to_the_ex
from tests.e2e.world import World, open_world, wait_until

PLAIN = SAMPLES[0]


class Slow(Mailbox):
    """It looks through each mail for a second before it says that it has taken it."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = await super().handle_DATA(server, session, envelope)
        await asyncio.sleep(1.0)
        return answer


class Busy(Mailbox):
    """It greets with a refusal for good, or refuses what comes before a recipient, as long as `busy`."""

    busy, at = True, "greeting"

    def _conversation(self) -> SMTP:
        return super()._conversation() if not self.busy or self.at == "sender" else _Refusing(self, hostname="x")

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.busy:
            return "530 5.7.0 authentication required"
        envelope.mail_from = address
        return "250 OK"


class _Refusing(SMTP):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.write(b"554 5.7.1 too many connections\r\n")  # type: ignore[attr-defined]
        transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        return


def mails(world: World) -> list[tuple[str, int]]:
    with world.store.read() as session:
        rows = session.scalars(select(DeliveryRow).where(DeliveryRow.channel == "email").order_by(DeliveryRow.id))
        return [(row.state, row.attempts) for row in rows]


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "FIRST_WAIT", timedelta(seconds=0.2))


def test_a_host_that_takes_its_time_gets_two_copies_and_no_third(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, soon: None
) -> None:
    monkeypatch.setattr(gateway.delivery.email, "TIMEOUT_SECONDS", 0.4)
    monkeypatch.setattr(gateway.delivery.email, "ANSWER_SECONDS", 20.0)
    with open_world(tmp_path, outside=(Slow(), Carrier())) as world:
        world.send(PLAIN)
        world.settle()
        assert mails(world) == [("sent", 2)]
        first, second = (mail["Message-ID"] for mail in world.mails())
        assert first == second


@pytest.mark.parametrize("at", ["greeting", "sender"])
def test_a_host_that_takes_nothing_from_us_now_is_asked_again(tmp_path: Path, soon: None, at: str) -> None:
    host = Busy()
    host.at = at
    with open_world(tmp_path, outside=(host, Carrier())) as world:
        world.send(PLAIN)
        wait_until(lambda: mails(world)[:1] != [] and mails(world)[0][1] >= 2, 20)
        host.busy = False
        world.settle()
        assert [state for state, _ in mails(world)] == ["sent"]
        assert len(world.mails()) == 1


def test_a_clock_that_is_put_back_holds_no_answer(tmp_path: Path) -> None:
    """The second try of a mail was for a time that comes in ten years."""
    now = [datetime(2026, 11, 26, 18, 0, tzinfo=UTC)]
    one = Family.model_validate(family() | {"replies": "on", "cards_by": ["email"]})
    with open_world(tmp_path, lambda: now[0], families=(one,)) as world:
        world.send(PLAIN)
        world.settle()
        now[0] += timedelta(days=3650)
        world.mailbox.answers = ["451 later"]
        host, card = world.mailbox, world.mails()[-1]
        world.settle = lambda seconds=30: None  # type: ignore[method-assign]  # years are over: other things are due
        answer(world, card, "Six is fine.\n")
        wait_until(lambda: not host.answers, 20)
        assert to_the_ex(world) == []
        now[0] -= timedelta(days=3650)
        wait_until(lambda: len(to_the_ex(world)) == 1, 20)
