"""`breakwater heartbeat`: for cron, on another machine: is the gateway alive? Fails loudly where its last sign is old."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from gateway.errors import UserError


def heartbeat(
    url: Annotated[str, typer.Option(help="The gateway's page, such as https://relay.example.org/heartbeat.")] = "",
    file: Annotated[Path | None, typer.Option(help="The heartbeat's file, or a copy of it.")] = None,
    minutes: Annotated[int, typer.Option(min=1, max=10_080, help="How old the last sign may be.")] = 15,
) -> None:
    """Status 0 and one line where the gateway gave a sign of life lately; else status 1 and why."""
    from gateway.clock import utc_now
    from gateway.outages.heartbeat import stale

    if bool(url) == (file is not None):
        raise UserError("say where the heartbeat is: --url https://relay.example.org/heartbeat, or --file FILE")
    words, wrong = _page(url) if url else _file(file or Path())
    wrong = wrong or stale(words, utc_now(), timedelta(minutes=minutes))
    if wrong:
        typer.echo(
            f"NO HEARTBEAT: {wrong}. The gateway may be down: nobody gets cards or alarms. Look at it now.", err=True
        )
        raise SystemExit(1)
    typer.echo(f"alive: {words.strip()}")


def _page(url: str) -> tuple[str, str | None]:
    import httpx

    try:
        answer = httpx.get(url, timeout=20.0)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return "", f"{url} cannot be reached ({type(error).__name__})"
    if not answer.is_success:
        return "", f"{url} answers {answer.status_code}: the gateway runs, but a part of it does not"
    return answer.text, None


def _file(file: Path) -> tuple[str, str | None]:
    try:
        return file.read_text("utf8"), None
    except (OSError, UnicodeDecodeError) as error:
        return "", f"{file} cannot be read ({type(error).__name__})"
