"""`breakwater log …` and `breakwater verify`: show the log, check it, sign it, prove one entry of it."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from gateway.errors import LogError, UserError

if TYPE_CHECKING:
    from gateway.ledger.checkpoints import Checkpoints
    from gateway.store import Store

_HASH = re.compile(r"[0-9a-f]{32,64}")
app = typer.Typer(help="The log: show it, verify it, sign it, prove an entry.", no_args_is_help=True)
Dir = Annotated[Path, typer.Option("--dir", help="The folder with breakwater.toml.")]


@app.command("show")
def log_show(
    directory: Dir = Path(),
    name: Annotated[str | None, typer.Option("--log", help="One family's key, or 'installation'.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON Lines.")] = False,
) -> None:
    """Every entry in order."""
    from gateway.ledger import entries
    from gateway.ledger.log import logs_in

    empty = True
    with opened(directory) as store, store.read() as session:
        if name is not None and name not in logs_in(session):
            known = ", ".join(logs_in(session)) or "none yet"
            raise UserError(f"found --log {name}; there is no such log. There are: {known}")
        for entry in entries(session, name):
            empty = False
            if as_json:
                fields = ("log", "seq", "at", "offset", "kind", "body", "prev", "hash")
                typer.echo(json.dumps({f: getattr(entry, f) for f in fields}, ensure_ascii=False))
            else:
                typer.echo(
                    f"{entry.name:24} {entry.hash[:20]} {_local(entry.at, entry.offset)}  {entry.kind:18} {_short(dict(entry.body))}"
                )
    if empty and not as_json:
        typer.echo("No entry yet. The first ones are made when `breakwater serve` starts.")


@app.command("verify")
def log_verify(directory: Dir = Path()) -> None:
    """Check that no entry was changed, removed or inserted, and that every stored message is what it was."""
    from gateway.ledger.whole import whole
    from gateway.settings import load
    from gateway.store import Blobs

    with opened(directory) as store:
        blobs = Blobs(load(directory).blobs_at, store)
        held = whole(store, blobs, _checkpoints(directory, store))
    for line in held.lines():
        typer.echo(line)


@app.command("checkpoint")
def log_checkpoint(directory: Dir = Path()) -> None:
    """Sign the logs as they stand now, and show the key's fingerprint. Give both to somebody else to keep."""
    from gateway.clock import utc_now

    with opened(directory) as store:
        signer = _checkpoints(directory, store)
        signer.make_due(utc_now(), at_once=True)
        notes = signer.newest()
    for name, note in notes:
        typer.echo(f"The log {name!r}:\n\n{note}")
    if not notes:
        typer.echo("No entry yet, so there is nothing to sign. The first ones are made when `breakwater serve` starts.")
    typer.echo(f"Fingerprint of the key: {signer.key('').fingerprint}")


@app.command("compare")
def log_compare(
    file: Annotated[Path, typer.Argument(help="A checkpoint that somebody kept, or - for standard input.")],
    directory: Dir = Path(),
) -> None:
    """Compare a kept checkpoint with the log as it is now. 0: nothing before it was changed; 1: something was."""
    text = _text(file)
    start = next((i for i, line in enumerate(text.split("\n")) if "/log/" in line and " " not in line.strip()), 0)
    note = "\n".join(text.split("\n")[start:]).partition("Fingerprint of")[0].partition("\nThe log ")[0]
    with opened(directory) as store:
        log, seen, size = _checkpoints(directory, store).compare(note.strip() + "\n")
    typer.echo(
        f"{log}: the {seen.size} entries that the checkpoint of {seen.at} covers are what they were; {size - seen.size} "
        "came after it"
    )


@app.command("proof")
def log_proof(
    entry: Annotated[str, typer.Argument(help="The entry, as `log show` names it: rivera/12.")],
    directory: Dir = Path(),
    fields: Annotated[
        str | None, typer.Option("--open", help="Fields to lay open, with commas; all when empty.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="A file; standard output when empty.")] = None,
) -> None:
    """One entry with its proof in one small file, which `breakwater verify` takes."""
    name, slash, number = entry.rpartition("/")
    if not slash or not (number.isascii() and number.isdigit() and len(number) < 19):
        raise UserError(f"found {entry!r}; should be a log and a number, such as rivera/12")
    chosen = [f.strip() for f in fields.split(",") if f.strip()] if fields else None
    with opened(directory) as store:
        text = _checkpoints(directory, store).prove(name, int(number), chosen)
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf8")
        typer.echo(f"{out}: entry {entry}, {len(text)} bytes")


def verify_file(
    file: Annotated[Path, typer.Argument(help="A proof file, or - for standard input.")],
    key: Annotated[str | None, typer.Option(help="The key's fingerprint, as you got it another way.")] = None,
) -> None:
    """Check a proof without the log and without a network. 0: it holds; 1: it does not."""
    from gateway.ledger.proof import check

    try:
        shown = check(_text(file), key)
    except LogError as error:
        typer.echo(f"FAILED: {error}")
        raise SystemExit(1) from None
    typer.echo(f"PROVED: the log {shown.checkpoint.origin} held entry number {shown.seq} of {shown.checkpoint.size}")
    for opening in shown.openings:
        typer.echo(f"  {opening.field}: {opening.value}")
    typer.echo(f"OPERATOR'S WORD: the checkpoint was signed at {shown.checkpoint.at}; the times above are by its clock")
    if key is None:
        typer.echo(
            f"OPERATOR'S WORD: that this key is the log's (fingerprint {shown.key.fingerprint}); give --key with the "
            "fingerprint that you got another way"
        )


@contextmanager
def opened(directory: Path) -> Iterator[Store]:
    """The store of an installation, in its newest form."""
    from gateway.settings import load
    from gateway.store import opened as store_of

    settings = load(directory)
    with store_of(settings.database_url, settings.master) as store:
        yield store


def _checkpoints(directory: Path, store: Store) -> Checkpoints:
    from gateway.ledger.checkpoints import Checkpoints, signing_key
    from gateway.settings import load

    settings = load(directory)
    return Checkpoints(store, signing_key(settings.data), settings.server.host_name)


def _text(file: Path) -> str:
    try:
        raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise UserError(f"{file}: cannot be opened: {error.strerror}") from None
    return raw.decode("utf8", "replace")


def _local(at: str, shift: str) -> str:
    moment = datetime.fromisoformat(at.replace("Z", "+00:00"))
    zone = datetime.fromisoformat(f"2026-01-01T00:00:00{shift}").tzinfo or ZoneInfo("UTC")
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") + " " + shift


def _value(value: Any) -> str:
    """A value on one line; a hash by its beginning, with a sign that it goes on (`--json` has the whole)."""
    if isinstance(value, str):
        return f"{value[:16]}…" if _HASH.fullmatch(value) else value if " " not in value else json.dumps(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) if value is not None else "-"


def _short(body: dict[str, Any]) -> str:
    given = body.pop("provenance", None)
    words = " ".join(f"{k}={_value(v)}" for k, v in body.items())
    return f"[{given}] {words}" if given else words
