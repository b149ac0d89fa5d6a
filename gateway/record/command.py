"""`breakwater export` and `breakwater verify`: make a bundle, check a bundle or a single proof."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.errors import UserError

if TYPE_CHECKING:
    from gateway.record.gather import Progress

Dir = Annotated[Path, typer.Option("--dir", help="The folder with breakwater.toml.")]


def export(
    directory: Dir = Path(),
    out: Annotated[
        Path | None, typer.Option("--out", help="The bundle: a new folder, or a name ending in .zip.")
    ] = None,
    since: Annotated[
        str, typer.Option("--from", help="First day, such as 2026-01-05; from the beginning when empty.")
    ] = "",
    until: Annotated[str, typer.Option("--to", help="Last day, included.")] = "",
    people: Annotated[
        list[str] | None, typer.Option("--with", help="A name, a role or an address; may be given again.")
    ] = None,
    about: Annotated[
        list[str] | None, typer.Option(help="A topic, category, danger or lane; may be given again.")
    ] = None,
    style: Annotated[str, typer.Option(help="plain, us (Bates numbers) or ew (England and Wales).")] = "plain",
    prefix: Annotated[str, typer.Option(help="What stands before Bates numbers.")] = "BW",
    exhibit: Annotated[
        list[str] | None, typer.Option(help="An issue for a short exhibit: medical, money, threats and others.")
    ] = None,
    family_key: Annotated[str, typer.Option("--family", help="The family's key, where there are several.")] = "",
    encrypt_for: Annotated[
        list[str] | None, typer.Option(help="An age recipient (age1...); the bundle must be a .zip.")
    ] = None,
    journal: Annotated[bool, typer.Option(help="The parent's own notes too, as pages and files of their own.")] = False,
    language: Annotated[
        str, typer.Option(help="Of the fixed words: en or es; the family's when empty. A court wants its own.")
    ] = "",
    originals: Annotated[
        bool, typer.Option(help="Only the other parent's own messages with their proofs, for their side.")
    ] = False,
) -> None:
    """The court record: pages to read, the stored bytes, and proofs that anybody can check."""
    from gateway.clock import utc_now
    from gateway.record.bundle import encrypt
    from gateway.record.make import Order, make

    if out is None:
        raise UserError("--out is missing: name a new folder or a .zip for the bundle")
    if encrypt_for and out.suffix != ".zip":
        raise UserError("--encrypt-for needs a bundle that is a .zip; name it so with --out")
    order = Order(
        since=since, until=until, people=tuple(people or ()), about=tuple(about or ()), style=style, prefix=prefix,
        exhibit=tuple(exhibit or ()), family=family_key, originals=originals,
        journal=journal, language=language,
    )  # fmt: skip
    with _bar("Reading", "Writing") as (reading, writing):
        made = make(directory, out, order, utc_now(), reading=reading, writing=writing)
    if encrypt_for:
        out = encrypt(out, encrypt_for)
    typer.echo(f"{out}: {made.messages} of {made.total} messages, {made.entries} entries of the log")
    typer.echo(f"SHA-256 of its manifest: {made.manifest}")
    typer.echo(f"SHA-256 of verify.pyz:   {made.verifier}")
    typer.echo(f"Fingerprint of the key:  {made.fingerprint}")
    typer.echo("Give the fingerprint to the other side, the court or a notary by another way than with the bundle.")


def verify_any(
    file: Annotated[Path, typer.Argument(help="A bundle (folder or .zip), a proof file, or - for standard input.")],
    key: Annotated[str | None, typer.Option(help="The key's fingerprint, as you got it another way.")] = None,
    tsa_roots: Annotated[
        Path | None, typer.Option(help="Certificates (PEM) of the authorities that you trust.")
    ] = None,
    checkpoint: Annotated[
        list[Path] | None, typer.Option(help="A checkpoint that you kept, or an older bundle; may be given again.")
    ] = None,
) -> None:
    """Check a bundle or a proof without the log and without a network. 0: nothing failed; 1: something did."""
    from gateway.ledger.command import verify_file

    if tsa_roots is not None and not tsa_roots.is_file():
        raise UserError(f"--tsa-roots: {tsa_roots} is not there")
    for kept in checkpoint or ():
        if not kept.exists():
            raise UserError(f"--checkpoint: {kept} is not there")
    if str(file) != "-" and not file.exists():
        raise UserError(f"{file}: cannot be opened: no such file or folder")
    if str(file) != "-" and file.name.endswith(".age"):
        raise UserError(f"{file} is encrypted; decrypt it first: age --decrypt -i KEY -o bundle.zip {file}")
    if str(file) == "-" or not (file.is_dir() or _is_zip(file)):
        verify_file(file, key)
        return
    from gateway.record.again import check_again
    from gateway.record.verifier.report import Broken, printable
    from gateway.record.verifier.run import unpacked, verify_bundle

    try:
        with unpacked(file) as folder:
            report = verify_bundle(folder, key, tsa_roots, checkpoint or ())
            if not report.failures:
                check_again(folder / "data", report)
    except Broken as error:
        typer.echo(printable(f"FAILED: {error}"))
        raise SystemExit(1) from None
    typer.echo(report.text(), nl=False)
    raise SystemExit(1 if report.failures else 0)


def _is_zip(file: Path) -> bool:
    try:
        with file.open("rb") as opened:
            return opened.read(2) == b"PK"
    except OSError as error:
        raise UserError(f"{file}: cannot be opened: {error.strerror}") from None


@contextmanager
def _bar(*names: str) -> Iterator[tuple[Progress, ...]]:
    """A progress bar for each name on standard error; silent where that is no terminal."""
    from rich.console import Console
    from rich.progress import Progress as Bars

    console = Console(stderr=True)
    with Bars(console=console, transient=True, disable=not console.is_terminal) as bars:
        tasks = [bars.add_task(name, total=None) for name in names]

        def shown(task: int) -> Progress:
            def progress(done: int, total: int) -> None:
                bars.update(tasks[task], completed=done, total=total)

            return progress

        yield tuple(shown(i) for i in range(len(names)))
