"""Half an hour of steady work: does `breakwater serve` keep its memory, its threads and its open files?

    python bench/soak.py [--minutes 30] [--rate 2] [--families 20]

A real `breakwater serve` of its own process with SQLite; the messages of `training/corpus/given.jsonl` (but for danger and emergencies,
whose alarms repeat until somebody reads them) come in by real SMTP and as signed webhooks, every tenth mail with a photo; cards leave
for a mail host and a carrier on loopback; a parent who is signed in looks at a page every five seconds. Every ten seconds the process
is looked at from outside (/proc).

Printed: a line a minute, then memory, threads and open files of minutes 5 to 10 (or of the third sixth of a shorter run) beside those of
the last five minutes (the last sixth). Exits with 1 where the memory grew by more than 5 % between them, threads or files by more than three,
a message has not come to its end, or the log does not verify.
"""

from __future__ import annotations

import argparse
import io
import itertools
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import httpx
from PIL import Image
from sqlalchemy import func, select
from twilio.request_validator import RequestValidator

from gateway.demo.sample import EX_PHONE
from gateway.ledger import entries, verify
from gateway.store.tables import DeliveryRow, MessageRow
from tests.many.installation import Installation, installation, mail, wait_until
from tests.web.visiting import Browser, sign_in

CORPUS = Path(__file__).parent.parent / "training" / "corpus" / "given.jsonl"
MARK = re.compile(r"⟦[^|⟧]*\|([^⟧]*)⟧")
PAGES = ("/", "/vault", "/patterns?weeks=104", "/questions", "/unsorted", "/calendar", "/record", "/settings")
LOOK_SECONDS, PAGE_SECONDS, PHOTO_EVERY, TEXT_EVERY = 10, 5, 10, 3
GROWTH, MORE = 1.05, 3


@dataclass(frozen=True, slots=True)
class Look:
    """The process at a moment: seconds since the start, memory in MB, threads, open files, messages so far."""

    at: float
    memory: float
    threads: int
    files: int
    messages: int


def look(process: int, at: float, messages: int) -> Look:
    """From /proc."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{process}/status").read_text().splitlines())
    files = len(list(Path(f"/proc/{process}/fd").iterdir()))
    return Look(at, int(status["VmRSS"].split()[0]) / 1024, int(status["Threads"]), files, messages)


def texts() -> Iterator[str]:
    """The messages of the corpus, again and again, each with a number of its own."""
    calm = [
        row["text"] for row in map(json.loads, CORPUS.read_text("utf8").splitlines()) if "danger" not in json.dumps(row)
    ]
    calm = [text for text in calm if "emergency" not in text]
    plain = [MARK.sub(lambda mark: mark[1], text) for text in calm]
    return (f"{text}\n{number}" for number, text in enumerate(itertools.cycle(plain)))


def photo(number: int) -> bytes:
    """A picture of about half a megapixel that no other is equal to."""
    out = io.BytesIO()
    Image.effect_noise((800, 600), 20 + number % 60).convert("RGB").save(out, "JPEG")
    return out.getvalue()


def by_mail(there: Installation, number: int, family: int, text: str) -> None:
    """One mail over a connection of its own."""
    raw = mail(number, family, text)
    if number % PHOTO_EVERY == 0:
        made = message_from_bytes(raw, policy=policy.default)
        assert isinstance(made, EmailMessage)
        made.add_attachment(photo(number), maintype="image", subtype="jpeg", filename="photo.jpg")
        raw = made.as_bytes(policy=policy.SMTP)
    said = there.send(raw, family)
    if not said.startswith("2.0.0 Kept"):
        raise SystemExit(f"a mail was not taken: {said}")


def by_text(there: Installation, client: httpx.Client, number: int, family: int, text: str) -> None:
    """One text as the carrier brings it."""
    url = f"{there.settings.server.public_url}/sms/incoming"
    form = {
        "MessageSid": f"SM{number:032x}", "AccountSid": "AC" + "0" * 32, "From": EX_PHONE, "To": f"+155501{family:05}",
        "Body": text[:1500], "NumMedia": "0",
    }  # fmt: skip
    signature = RequestValidator("demo-token").compute_signature(url, form)
    client.post(url, data=form, headers={"X-Twilio-Signature": signature}).raise_for_status()


def work(there: Installation, process: int, browser: Browser, seconds: float, rate: float, families: int) -> list[Look]:
    """Send, look at pages, look at the process; one after the other by the clock."""
    looks: list[Look] = []
    words, start = texts(), time.monotonic()
    due = {"message": 0.0, "page": 0.0, "look": 0.0}
    pages, number = itertools.cycle(PAGES), 0
    with httpx.Client(timeout=60) as client:
        while (now := time.monotonic() - start) < seconds:
            if now >= due["message"]:
                number, due["message"] = number + 1, due["message"] + 1 / rate
                if number % TEXT_EVERY:
                    by_mail(there, number, number % families, next(words))
                else:
                    by_text(there, client, number, number % families, next(words))
            if now >= due["page"]:
                due["page"] = now + PAGE_SECONDS
                browser.get(next(pages)).raise_for_status()
            if now >= due["look"]:
                due["look"] += LOOK_SECONDS
                looks.append(look(process, now, number))
                if len(looks) % 6 == 1:
                    print(line(looks[-1]), flush=True)
            time.sleep(0.01)
    return looks


def line(seen: Look) -> str:
    """For the terminal."""
    return f"{seen.at / 60:5.1f} min {seen.messages:6} messages {seen.memory:7.1f} MB {seen.threads:3} threads {seen.files:4} files"


def settled(there: Installation) -> bool:
    """Whether everything was read and nothing more is to leave now (a digest may wait for its hour)."""
    with there.store.read() as session:
        stored = session.scalar(select(func.count()).where(MessageRow.state == "stored"))
        leaving = session.scalar(select(func.count()).where(DeliveryRow.state.in_(("sending", "uncertain"))))
    return not stored and not leaving


def judge(looks: list[Look], seconds: float) -> bool:
    """Compare an early and the last stretch."""
    early, last = (5 * 60, 10 * 60) if seconds >= 20 * 60 else (seconds / 3, seconds / 2), min(5 * 60, seconds / 6)
    before = [seen for seen in looks if early[0] <= seen.at < early[1]]
    after = [seen for seen in looks if seen.at >= seconds - last]
    good = True
    for what, limit in (("memory", GROWTH), ("threads", None), ("files", None)):
        first, second = (statistics.median(getattr(seen, what) for seen in part) for part in (before, after))
        good = good and (second <= first * limit if limit else second <= first + MORE)
        print(f"{what:8} {first:8.1f} -> {second:8.1f}  ({second / first:5.3f} times)")
    return good


def main() -> int:
    """Serve, work, compare, count."""
    parser = argparse.ArgumentParser(prog="python bench/soak.py")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rate", type=float, default=2.0, help="messages a second")
    parser.add_argument("--families", type=int, default=20)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="breakwater-soak-") as name:
        folder = Path(name)
        with installation(folder, f"sqlite:///{folder / 'soak.db'}", given.families) as there:
            code = "from gateway.cli import main; main()"
            with (folder / "serve.log").open("wb") as log:
                serve = subprocess.Popen([sys.executable, "-c", code, "serve", "--dir", name], stderr=log)
            try:
                wait_until(there.listens, 60)
                browser = sign_in(there.settings.server.public_url, there.store, there.settings.families[0])
                looks = work(there, serve.pid, browser, 60 * given.minutes, given.rate, given.families)
                browser.http.close()
                wait_until(lambda: settled(there), 300)
            finally:
                serve.terminate()
                code_of = serve.wait(60)
            good = judge(looks, 60 * given.minutes)
            with there.store.read() as session:
                verify(entries(session))
                kept = session.scalar(select(func.count(MessageRow.id)))
                failed = session.scalar(select(func.count()).where(MessageRow.state != "done"))
            print(
                f"{kept} kept of {looks[-1].messages} and more sent, {failed} not done; the log verifies; serve ended with {code_of}"
            )
    return 0 if good and not failed and code_of == 0 and kept and kept >= looks[-1].messages else 1


if __name__ == "__main__":
    sys.exit(main())
