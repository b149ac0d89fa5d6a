"""`breakwater backup` and `breakwater restore`."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.errors import UserError

if TYPE_CHECKING:
    from gateway.backup.restore import Restored
    from gateway.settings import Settings

app = typer.Typer(
    help="Back up everything, sealed, while the gateway runs.", invoke_without_command=True, no_args_is_help=False
)
Dir = Annotated[Path, typer.Option("--dir", help="The folder with breakwater.toml.")]
To = Annotated[Path | None, typer.Option("--to", help="The backup folder; that of [backup] in the settings otherwise.")]


@app.callback(invoke_without_command=True)
def backup(
    context: typer.Context,
    directory: Dir = Path(),
    to: To = None,
    recipient: Annotated[str, typer.Option(help="The public key, beginning with age1.")] = "",
    keep: Annotated[int | None, typer.Option(min=1, max=10_000, help="Forget all but so many of the newest.")] = None,
) -> None:
    """Make a backup. The gateway may run meanwhile. What an earlier backup holds already is not written again."""
    if context.invoked_subcommand is not None:
        return
    from gateway.backup.make import make
    from gateway.backup.repository import stamps_in
    from gateway.clock import utc_now
    from gateway.settings import load

    settings = load(directory)
    folder = _folder(settings, to)
    key = recipient or (settings.backup.recipient if settings.backup else "")
    if not key:
        raise UserError("name the public key with --recipient; `breakwater backup key` makes a pair of keys")
    told = make(settings, folder, key, utc_now())
    typer.echo(
        f"backup {told.stamp} in {folder}: {told.files} files and {told.blobs} blobs, {_size(told.size)}; "
        f"new: {told.new_objects} objects, {_size(told.new_bytes)}"
    )
    if told.damaged:
        for sha256 in told.damaged[:10]:
            typer.echo(f"blob {sha256} is not what it was, and is not in this backup", err=True)
        typer.echo(
            "Run `breakwater log verify`. An older backup may still hold these; none was cleared away.", err=True
        )
        raise typer.Exit(1)
    keep = keep or (settings.backup.keep if settings.backup else None)
    if keep is not None:
        _clear(folder, key, settings, keep)
    typer.echo(f"{len(stamps_in(folder))} backups are there")


@app.command("key")
def backup_key() -> None:
    """Make a pair of keys: the public one for the settings, the secret one to keep away from this machine."""
    import pyrage

    secret = pyrage.x25519.Identity.generate()
    typer.echo(f"Public key, for breakwater.toml ([backup] recipient = …) or --recipient:\n\n  {secret.to_public()}\n")
    typer.echo(f"Secret key. It alone opens the backups; nobody can make it again:\n\n  {secret}\n")
    typer.echo(
        "Write the secret key down on paper, or into a password manager on another device, twice. It is not kept\n"
        "here: who takes over this machine must not be able to read its old backups."
    )


@app.command("list")
def backup_list(directory: Dir = Path(), to: To = None) -> None:
    """The backups in a folder, oldest first."""
    from gateway.backup.repository import about_of, stamps_in

    if to is None:
        from gateway.settings import load

        to = _folder(load(directory), None)
    if about_of(to) is None:
        raise UserError(f"{to} is no backup folder yet")
    for stamp in stamps_in(to):
        typer.echo(stamp)


def restore(
    source: Annotated[Path, typer.Argument(help="The backup folder.")],
    key: Annotated[Path, typer.Option("--key", help="A file with the secret key; - for standard input.")],
    directory: Annotated[Path | None, typer.Option("--dir", help="A folder that does not exist yet.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Only try whether all comes back and holds.")] = False,
    at: Annotated[
        str, typer.Option("--at", help="Which backup, by the beginning of its name; the newest otherwise.")
    ] = "",
    master_key: Annotated[
        Path | None,
        typer.Option("--master-key", help="A file with your copy of the master key, for a sealed installation."),
    ] = None,
    database: Annotated[str, typer.Option(help="URL of an empty PostgreSQL database, for a backup of one.")] = "",
) -> None:
    """Bring a backup back into a new folder, and verify every entry, checkpoint and message in it."""
    from gateway.backup.repository import Reader
    from gateway.backup.restore import forget, note
    from gateway.backup.restore import restore as bring_back

    if check == (directory is not None):
        raise UserError("say either --check, or --dir with a folder that does not exist yet")
    reader, master = Reader(source, _secret(key)), "" if master_key is None else _text(master_key)
    if directory is None:
        with tempfile.TemporaryDirectory(prefix="breakwater-restore-") as folder:
            _tell(bring_back(reader, Path(folder) / "back", at=at, database=database, master=master))
        return
    back = bring_back(reader, directory, at=at, database=database, master=master)
    note(directory, back)
    forgotten = forget(directory, back)
    _tell(back)
    if forgotten:
        typer.echo(f"{forgotten} messages of children had arrived and are kept no longer: removed again.")
    typer.echo(
        f"It lies in {directory}. Messages that came after the backup are not in it; what had not gone out then goes out again."
    )
    if back.data != "data":
        typer.echo(f'[server] data was {back.data}: move {directory / "data"} there, or set it to "data".')
    from gateway.settings import load

    if load(directory).blobs.store == "s3":
        typer.echo(
            f"The bytes of messages lie in {directory / 'data' / 'blobs'}, the settings name a bucket: run breakwater blobs move s3 "
            f'--dir {directory}, or set [blobs] store = "folder".'
        )
    named = load(directory).server.database
    if database:
        typer.echo("[server] database: name the restored database there.")
    elif named:
        typer.echo(
            f"[server] database still names {_hidden(named)}, which is not what came back: take that line out, "
            f"then it is {directory / 'data' / 'breakwater.db'}."
        )


def _hidden(url: str) -> str:
    from sqlalchemy.engine import make_url

    return make_url(url).render_as_string(hide_password=True)


def _tell(back: Restored) -> None:
    typer.echo(
        f"backup {back.stamp} of {back.made_at}: {back.files} files and {back.blobs} blobs came back as they went in"
    )
    for line in back.held.lines():
        typer.echo(line)


def _secret(file: Path) -> str:
    lines = [line.strip() for line in _text(file).splitlines() if line.strip().startswith("AGE-SECRET-KEY-")]
    if not lines:
        raise UserError(f"{file}: no line begins with AGE-SECRET-KEY-1; `breakwater backup key` showed it once")
    return lines[0]


def _text(file: Path) -> str:
    try:
        return typer.get_text_stream("stdin").read() if str(file) == "-" else file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{file}: cannot be read as a key: {type(error).__name__}") from None


def _folder(settings: Settings, to: Path | None) -> Path:
    if to is not None:
        return to
    if settings.backup is None:
        raise UserError("name the backup folder with --to, or in the settings: [backup] to = …")
    return settings.directory / settings.backup.to


def _clear(folder: Path, key: str, settings: Settings, keep: int) -> None:
    import contextlib

    from gateway.backup.make import name_key
    from gateway.backup.repository import Repository

    with contextlib.closing(Repository(folder, key, name_key(settings.data))) as repository:
        old, objects = repository.clear(keep)
    if old:
        typer.echo(f"{old} older ones forgotten, {objects} objects that only they needed removed")


def _size(number: int) -> str:
    return f"{number / 1_000_000:.1f} MB"
