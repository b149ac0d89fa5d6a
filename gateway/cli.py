"""The command `breakwater`. Exit status: 0 done, 1 the check did not hold, 2 bad input or usage.

An error is one or two plain lines on standard error, never a traceback.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway import __version__
from gateway.accounts.command import account_app
from gateway.alarms.command import app as alarm_app
from gateway.attachments.command import app as files_app
from gateway.backup.command import app as backup_app
from gateway.backup.command import restore
from gateway.errors import BreakwaterError, LogError, UserError
from gateway.feed_command import app as feed_app
from gateway.health.command import status
from gateway.intake.archives.command import app as import_app
from gateway.ledger.command import app as log_app
from gateway.messages import app as message_app
from gateway.outages.command import heartbeat
from gateway.receipt.command import disclose
from gateway.record.command import export, verify_any
from gateway.rules_command import app as rules_app
from gateway.sealing.command import app as keys_app
from gateway.shunt_command import app as shunt_app
from gateway.store.command import app as blobs_app

app = typer.Typer(
    help="Breakwater: only the child-related facts come through, everything is kept.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(log_app, name="log")
app.add_typer(rules_app, name="rules")
app.add_typer(shunt_app, name="shunt")
app.add_typer(import_app, name="import")
app.add_typer(files_app, name="files")
app.add_typer(message_app, name="message")
app.add_typer(alarm_app, name="alarm")
app.add_typer(account_app, name="account")
app.add_typer(feed_app, name="feed")
app.add_typer(backup_app, name="backup")
app.add_typer(keys_app, name="keys")
app.add_typer(blobs_app, name="blobs")
app.command("restore")(restore)
app.command("status")(status)

MOST = 2**63 - 1
Dir = Annotated[Path, typer.Option("--dir", help="The folder with breakwater.toml.")]


def main() -> None:
    """Entry point: errors raised on purpose become plain lines and an exit status."""
    try:
        app()
    except UserError as error:
        _fail(str(error), 2)
    except LogError as error:
        _fail(f"the log does not hold: {error}", 1)
    except BreakwaterError as error:
        _fail(str(error), 1)
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(1) from None
    except OSError as error:
        _fail(f"cannot be read or written: {error.filename or ''} {error.strerror}".replace("  ", " "), 1)


def _fail(text: str, status: int) -> None:
    sys.stderr.write(text + "\n")
    raise SystemExit(status)


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="End by itself.")] = False,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open the cards in a browser.")] = False,
) -> None:
    """A sample family on this machine: real mail and texts in, cards out, and what became of each."""
    from rich.console import Console

    from gateway.demo.run import run

    raise SystemExit(run(Console(), once=once, browser=not no_browser))


@app.command()
def init(
    directory: Annotated[Path, typer.Argument(help="Where settings, keys and database will lie.")],
    parent_name: Annotated[str, typer.Option()] = "",
    parent_email: Annotated[str, typer.Option()] = "",
    parent_phone: Annotated[str, typer.Option()] = "",
    coparent_name: Annotated[str, typer.Option()] = "",
    coparent_email: Annotated[str, typer.Option()] = "",
    coparent_phone: Annotated[str, typer.Option()] = "",
    child: Annotated[
        list[str] | None, typer.Option(help="Name, with nicknames behind a colon: 'Emma: Em, Emmy'.")
    ] = None,
    time_zone: Annotated[str, typer.Option()] = "",
    dates: Annotated[str, typer.Option(help="'month first' or 'day first'.")] = "",
    language: Annotated[str, typer.Option(help="Of updates, texts and alarms: en or es.")] = "",
    currency: Annotated[str, typer.Option()] = "",
    country: Annotated[str, typer.Option(help="Two letters; when empty, that of the time zone.")] = "",
    relay_email: Annotated[str, typer.Option()] = "",
    relay_phone: Annotated[str, typer.Option()] = "",
    deliver: Annotated[str, typer.Option(help="'at once', or hours such as '08:00, 18:00'.")] = "",
    safety_name: Annotated[str, typer.Option()] = "",
    safety_email: Annotated[str, typer.Option()] = "",
    order: Annotated[str, typer.Option(help="Is there an order about how you write? yes, no, not sure.")] = "",
    order_app: Annotated[str, typer.Option(help="The app that it names for messages.")] = "",
    no_contact: Annotated[
        str, typer.Option(help="A no-contact order: none, protects me, protects them, both, not sure.")
    ] = "",
    order_hours: Annotated[str, typer.Option(help="Within how many hours the order wants answers.")] = "",
    recording: Annotated[str, typer.Option(help="May calls be recorded where you both live? yes, no, not sure.")] = "",
    receipt: Annotated[str, typer.Option(help="What the other parent is told: silent, neutral, full.")] = "",
    receipt_hours: Annotated[str, typer.Option(help="By when you promise an answer, in hours.")] = "",
    child_address: Annotated[
        list[str] | None, typer.Option(help="A child's own address: 'Emma: emma@example.com, +15550100321'.")
    ] = None,
    pages: Annotated[
        bool,
        typer.Option(
            "--pages", help="Only set up the machine; print a link with which the family is set up in a browser."
        ),
    ] = False,
    public_url: Annotated[str, typer.Option(help="With --pages: the address that browsers use.")] = "",
    relay_domain: Annotated[str, typer.Option(help="With --pages: the domain of the relay addresses.")] = "",
) -> None:
    """Set up a family: asks in plain words, or takes options."""
    from gateway.setup import COPY, LIMITS, asker, create, gather

    if pages:
        _init_for_pages(directory, public_url, relay_domain)
        return
    given = {k: v for k, v in locals().items() if isinstance(v, str)}
    given |= {"children": "; ".join(child or []), "child_addresses": "; ".join(child_address or [])}

    def prompt(words: str) -> str:
        answer: str = typer.prompt(words, default="", show_default=False)
        return answer

    ask = asker(prompt, typer.echo) if sys.stdin.isatty() else None
    made = create(directory, gather(given, ask))
    typer.echo(f"Written: {made.file}")
    typer.echo(LIMITS)
    for note in made.notes:
        typer.echo(note)
    typer.echo("For mail that is not taken for spam, publish this in DNS:")
    typer.echo(f'  {made.dns[0]}  TXT  "{made.dns[1]}"')
    typer.echo(f"  and the records that this prints: breakwater doctor --dns --dir {directory}")
    typer.echo(
        "When `breakwater serve` starts, a code goes to each address that updates go to. It is confirmed by the page in"
    )
    typer.echo(f"that mail, or with: breakwater verify-address CODE --dir {directory}")
    typer.echo(COPY.format(directory=directory))
    typer.echo(f"Next: breakwater doctor --dir {directory}, then breakwater serve --dir {directory}")


def _init_for_pages(directory: Path, public_url: str, relay_domain: str) -> None:
    from gateway.clock import for_people, utc_now
    from gateway.setup import COPY, PUBLIC_URL, create_for_pages
    from gateway.setup_link import HOLDS

    now = utc_now()
    made, link = create_for_pages(directory, public_url or PUBLIC_URL, relay_domain, now)
    if made.dns[1]:
        typer.echo(f"Written: {made.file}")
        typer.echo("For mail that is not taken for spam, publish this in DNS:")
        typer.echo(f'  {made.dns[0]}  TXT  "{made.dns[1]}"')
    typer.echo(COPY.format(directory=directory))
    typer.echo(f"Next: breakwater serve --dir {directory}")
    typer.echo(f"Then open this link to set up the family. It counts once, until {for_people(now + HOLDS, 'UTC')}:")
    typer.echo(link)


@app.command()
def serve(
    directory: Dir = Path(),
    role: Annotated[
        list[str] | None,
        typer.Option(
            "--role",
            help="intake, worker, delivery, web or all; may be given several times. Single roles want PostgreSQL.",
        ),
    ] = None,
) -> None:
    """Run the gateway until it is told to stop."""
    from gateway.many.roles import roles_of
    from gateway.serve import serve as run
    from gateway.settings import load

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in ("twilio", "httpx", "httpcore", "urllib3", "alembic", "uvicorn"):
        logging.getLogger(name).setLevel(logging.WARNING)  # their lines hold addresses
    run(load(directory), roles_of(role or ()))


@app.command()
def doctor(
    directory: Dir = Path(),
    take_in: Annotated[
        bool, typer.Option("--recover", help="First take in texts that the carrier lists and that never came.")
    ] = False,
    dns: Annotated[bool, typer.Option("--dns", help="Only print the DNS records to publish, and ask nobody.")] = False,
) -> None:
    """Check DNS, ports, carriers, disk, clock, log and rules."""
    from gateway.doctor import examine, recover
    from gateway.doctor.records import to_copy
    from gateway.settings import load

    if dns:
        for line in to_copy(load(directory)):
            typer.echo(line)
        return
    marks = {True: "ok  ", False: "BAD ", None: "note"}
    bad = 0
    if take_in:
        found = recover(load(directory))
        typer.echo(f"{marks[found.good]} {found.what}: {found.said}")
    for finding in examine(load(directory)):
        bad += finding.good is False
        typer.echo(f"{marks[finding.good]} {finding.what}: {finding.said}")
    raise SystemExit(1 if bad else 0)


@app.command(name="verify-address")
def verify_address(
    code: Annotated[str, typer.Argument(help="The code that was sent; without it, all addresses are listed.")] = "",
    directory: Dir = Path(),
    again: Annotated[str, typer.Option("--again", help="An address or number that a new code is sent to.")] = "",
) -> None:
    """Confirm an address or number with the code that was sent to it."""
    from gateway.delivery.confirm import confirm, listing, send_again
    from gateway.settings import load

    settings = load(directory)
    said = send_again(settings, again) if again else confirm(settings, code) if code else listing(settings)
    for line in said:
        typer.echo(line)


@app.command(name="filter")
def filter_() -> None:
    """JSON Lines in, JSON Lines out: outcome, forwarded offsets, facts and spans of each message."""
    from gateway.filtering import answers
    from gateway.policy import load_rules
    from gateway.tagging import open_tagger

    failed = False
    lines = (raw.decode("utf8", "surrogateescape") for raw in sys.stdin.buffer)
    for answer in answers(lines, open_tagger(), load_rules()):
        failed = failed or "error" in answer
        sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode("utf8", "backslashreplace") + b"\n")
        sys.stdout.buffer.flush()
    raise SystemExit(1 if failed else 0)


@app.command()
def parse(
    file: Annotated[Path, typer.Argument(help="A message as it came (.eml), or - for standard input.")],
    check: Annotated[bool, typer.Option("--check", help="Ask the DNS who really sent it.")] = False,
    records: Annotated[
        Path | None, typer.Option(help="Kept DNS records (JSON, name to text): check it without any network.")
    ] = None,
) -> None:
    """What the parser reads in a message, as JSON."""
    from gateway.parsing import parse_email
    from gateway.parsing.describe import as_json

    raw = _bytes(file)
    reading = parse_email(raw)
    shown = as_json(reading)
    if check or records is not None:
        from gateway.parsing.authentication import Brought, KeptRecords, authenticate

        resolver = KeptRecords(_records(records)) if records is not None else _dns()
        shown["sender"] = authenticate(raw, reading.from_, Brought(), resolver).as_json()
    typer.echo(json.dumps(shown, ensure_ascii=True, indent=2))


def _dns() -> Any:
    from gateway.dns import Dns

    return Dns()


def _records(file: Path) -> dict[str, str]:
    try:
        found = json.loads(_bytes(file))
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
        raise UserError(f'{file}: should be JSON such as {{"s1._domainkey.example.net": "v=DKIM1; ..."}}')
    return found


@app.command()
def explain(
    file: Annotated[Path | None, typer.Argument(help="A message as it came (.eml).")] = None,
    text: Annotated[str | None, typer.Option(help="The words themselves.")] = None,
    children: Annotated[str, typer.Option(help="Names of the children, with commas.")] = "",
    sent_at: Annotated[
        str, typer.Option(help="When it was sent, with offset; when empty, the message's own date, or now.")
    ] = "",
    message: Annotated[
        int | None, typer.Option(min=1, max=MOST, help="Number of a stored message (needs --dir): decides it again.")
    ] = None,
    directory: Annotated[Path | None, typer.Option("--dir", help="The folder with breakwater.toml.")] = None,
) -> None:
    """Word by word, why a message came through or not."""
    from rich.console import Console

    from gateway import replay
    from gateway.clock import utc_now
    from gateway.parsing.charsets import whole_characters

    console = Console()
    if sum(x is not None for x in (file, text, message)) != 1:
        raise UserError("say what to explain: a file, --text '...', or --message NUMBER --dir DIR")
    if message is not None:
        if directory is None:
            raise UserError("--message needs --dir, the folder with breakwater.toml")
        raise SystemExit(0 if replay.stored(console, directory, message) else 1)
    now, moment = utc_now(), _moment(sent_at) if sent_at else None
    names = [c.strip() for c in children.split(",") if c.strip()]
    raw = replay.letter_of(whole_characters(text), moment or now) if text is not None else _bytes(file or Path("-"))
    replay.loose(console, raw, moment, now, names, directory)


# Commands are listed in the order in which they are named here: first what somebody new needs.
app.command("export")(export)
app.command("verify")(verify_any)
app.command("disclose")(disclose)
app.command("heartbeat")(heartbeat)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def _bytes(file: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise UserError(f"{file}: cannot be opened: {error.strerror}") from None


def _moment(value: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise UserError(f"--sent-at: found {value!r}; should be like 2026-11-24T19:40:00-05:00") from None
    if not 1970 <= moment.year <= 9000:
        raise UserError(f"--sent-at: found {value!r}; should be a time in this century or the last")
    if moment.tzinfo is None:
        raise UserError("--sent-at has no offset; write it like 2026-11-24T19:40:00-05:00")
    return moment
