"""The demo's walk: open the world, start the gateway, send the samples, wait, tell what became of each."""

from __future__ import annotations

import asyncio
import contextlib
import smtplib
import tempfile
import webbrowser
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import tomlkit
from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy import func, select
from twilio.request_validator import RequestValidator

from gateway.clock import utc_now
from gateway.delivery.card import Card
from gateway.demo.carriers import Carrier, Mailbox, free_port
from gateway.demo.mailbox import mailbox_page
from gateway.demo.sample import PARENT_EMAIL, PARENT_PHONE, RELAY_EMAIL, RELAY_PHONE, SAMPLES, Sample, family
from gateway.ledger import entries, verify
from gateway.serve import Gateway
from gateway.settings import FILE_NAME, Settings, load
from gateway.store.tables import CardRow, DecisionRow, DeliveryRow, MessageRow

TOKEN = "demo-token"  # noqa: S105 (of an account that exists on loopback only)
WAIT_SECONDS = 60.0


def run(console: Console, *, once: bool, browser: bool) -> int:
    """Run the demo; the exit status: 0 when every sample was kept, decided and delivered and the log verifies."""
    with tempfile.TemporaryDirectory(prefix="breakwater-demo-") as folder, contextlib.suppress(KeyboardInterrupt):
        return asyncio.run(_run(console, Path(folder), once=once, browser=browser and not once))
    return 0


def settings_in(folder: Path, mailbox: Mailbox, carrier: Carrier) -> Settings:
    """An installation in a temporary folder that speaks to the loopback carriers."""
    web = f"127.0.0.1:{free_port()}"
    values: dict[str, Any] = {
        "server": {
            "smtp_listen": f"127.0.0.1:{free_port()}",
            "web_listen": web,
            "public_url": f"http://{web}",
            "host_name": "relay.example.org",
        },
        "mail_out": {"host": "127.0.0.1", "port": mailbox.port, "security": "none"},
        "texts": {"wait_seconds": 0, "reconcile_minutes": 0},  # a demo shows at once what it does
        "senders": {"check": False},  # nobody on this machine has a domain
        "destinations": {"verify": False},  # and nobody is there to press a button
        "twilio": {"account_sid": "AC" + "0" * 32, "auth_token": TOKEN, "api_base": carrier.base},
        "family": [family()],
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE_NAME).write_text(tomlkit.dumps(values), encoding="utf8")  # the pages change it
    return load(folder)


async def _run(console: Console, folder: Path, *, once: bool, browser: bool) -> int:
    mailbox, carrier = Mailbox(), Carrier()
    await mailbox.open()
    await carrier.open()
    settings = settings_in(folder, mailbox, carrier)
    gateway = Gateway(settings)
    await gateway.start()
    try:
        console.print(
            f"The gateway listens: mail on {settings.server.smtp_listen}, texts on {settings.server.web_listen}."
        )
        for number, sample in enumerate(SAMPLES):
            receipt = await asyncio.to_thread(bring, sample, number, settings)
            console.print(f"[dim]{sample.channel:5} in:[/dim] {sample.about} [dim]({receipt})[/dim]")
        settled = await _settled(gateway, mailbox, carrier)
        good = report(console, gateway, mailbox, carrier) and settled
        if not once:
            page = folder / "mailbox.html"
            page.write_text(mailbox_page(mailbox, carrier), encoding="utf8")
            console.print(f"The parent's mailbox: {page.as_uri()}  (Ctrl-C ends the demo)")
            if browser:
                await asyncio.to_thread(webbrowser.open, page.as_uri())
            await asyncio.Event().wait()
        return 0 if good else 1
    finally:
        await gateway.stop()
        await carrier.close()
        await mailbox.close()


def bring(sample: Sample, number: int, settings: Settings) -> str:
    """Send one sample the real way; the receipt that came back."""
    return _by_mail(sample, settings) if sample.channel == "email" else _by_text(sample, number, settings)


def mail_of(sample: Sample) -> EmailMessage:
    """The sample as its sender's mail program would write it."""
    message = EmailMessage()
    message["From"] = f"{sample.name} <{sample.sender}>"
    message["To"] = RELAY_EMAIL
    message["Subject"] = sample.subject
    message["Date"] = format_datetime(utc_now())
    message["Message-ID"] = make_msgid(domain=sample.sender.partition("@")[2])
    for name, value in sample.headers.items():
        message[name] = value
    message.set_content(sample.text)
    if sample.html:
        message.add_alternative(sample.html, subtype="html")
    return message


def text_form(sample: Sample, number: int) -> dict[str, str]:
    """The sample as Twilio's webhook brings it."""
    return {
        "MessageSid": f"SM{number:032x}",
        "AccountSid": "AC" + "0" * 32,
        "From": sample.sender,
        "To": RELAY_PHONE,
        "Body": sample.text,
        "NumMedia": "0",
    }


def _by_mail(sample: Sample, settings: Settings) -> str:
    host, _, port = settings.server.smtp_listen.rpartition(":")
    with smtplib.SMTP(host, int(port), timeout=30) as client:
        client.ehlo("mail.example.net")
        client.mail(sample.sender)
        client.rcpt(RELAY_EMAIL)
        _, answer = client.data(mail_of(sample).as_bytes())
        return answer.decode()


def _by_text(sample: Sample, number: int, settings: Settings) -> str:
    url = f"{settings.server.public_url}/sms/incoming"
    form = text_form(sample, number)
    signature = RequestValidator(TOKEN).compute_signature(url, form)
    headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
    answer = httpx.post(url, content=urlencode(form), headers=headers, timeout=30)
    return f"HTTP {answer.status_code}"


async def _settled(gateway: Gateway, mailbox: Mailbox, carrier: Carrier) -> bool:
    """Wait until every message is concluded and every delivery sent."""
    end = asyncio.get_running_loop().time() + WAIT_SECONDS
    while asyncio.get_running_loop().time() < end:
        with gateway.store.read() as session:
            stored = session.scalar(select(func.count()).where(MessageRow.state == "stored"))
            waiting = session.scalar(
                select(func.count()).where(DeliveryRow.state.in_(("pending", "sending", "uncertain")))
            )
        if not stored and not waiting:
            return True
        await asyncio.sleep(0.1)
    return False


def report(console: Console, gateway: Gateway, mailbox: Mailbox, carrier: Carrier) -> bool:
    """Print what became of each message; whether the log verifies."""
    table = Table(title="What became of each message", show_lines=True)
    for column in ("what came", "lane", "what the parent gets, word for word"):
        table.add_column(column, overflow="fold")
    with gateway.store.read() as session:
        for row in session.scalars(select(MessageRow).order_by(MessageRow.id)):
            decision = session.scalars(select(DecisionRow).where(DecisionRow.message_id == row.id)).one()
            card = session.scalars(select(CardRow).where(CardRow.message_id == row.id).order_by(CardRow.id)).first()
            what = Text.assemble(f"{row.channel}: ", (_short(decision.new_text), "dim"))
            table.add_row(what, decision.lane, _shown(Card.from_json(card.content) if card else None))
        counts = verify(entries(session))
    console.print(table)
    to_parent = sum(PARENT_EMAIL in to for _, to, _ in mailbox.received)
    texts = sum(t["To"] == PARENT_PHONE for t in carrier.sent)
    others = len(mailbox.received) - to_parent + len(carrier.sent) - texts
    console.print(
        f"{to_parent} emails and {texts} texts to the parent, {others} alarm{'' if others == 1 else 's'} to the safety contact, "
        "nothing to the ex."
    )
    console.print(f"The log verifies: {', '.join(f'{name} {count} entries' for name, count in counts.items())}.")
    return True


def _short(text: str, length: int = 90) -> str:
    words = " ".join(text.split())
    return words if len(words) <= length else words[: length - 1] + "…"


def _shown(card: Card | None) -> Text:
    if card is None:
        return Text("nothing; kept in the vault and in the log", style="dim")
    lines: Sequence[str] = [
        f"{item.topic}: “{item.text}”" + (f" [{item.when_line}]" if item.when_line else "") for item in card.items
    ]
    if card.whole:
        lines = [*lines, f"whole: “{_short(card.whole)}”"]
    lines = [*lines, *(f"({_short(note, 80)})" for note in card.notes)]
    return Text("\n".join(lines))
