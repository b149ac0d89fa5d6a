"""Coming in and going out: ``/sign-in``, ``/invited/TOKEN``, ``/sign-out``, and the files that every page uses.

Nothing here tells whether a sign-in name exists: a wrong name and a wrong password take as long and read the same.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from gateway.accounts import passwords
from gateway.accounts.invite import invited, normal_login, take
from gateway.accounts.visits import begin, end, is_over
from gateway.clock import Clock
from gateway.errors import StoreError, UserError
from gateway.family import Directory, Family
from gateway.store import Store
from gateway.store.tables import AccountRow
from gateway.web import forms, site
from gateway.web.body import TooLongError, form_of
from gateway.web.guard import FORGED, LATER, NOT_HERE, TOO_LONG
from gateway.web.room import ANYBODY, Room, Visitor

WRONG: Final = "This name and password do not fit together. Please try again."
STATIC: Final = Path(__file__).parent.parent / "static"
KINDS: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
DOOR: Final = "door"
"""Cookie that binds a form of somebody who is not signed in to their browser."""


class Entrance:
    """Open to everybody."""

    def __init__(self, store: Store, directory: Directory, clock: Clock, *, secure: bool) -> None:
        self._store, self._directory, self._clock, self._secure = store, directory, clock, secure

    def routes(self) -> list[Route]:
        """For the web application."""
        return [
            Route("/sign-in", self.sign_in, methods=["GET", "POST"]),
            Route("/invited/{token}", self.invited, methods=["GET", "POST"]),
            Route("/away", self.away, methods=["GET"]),
            Route("/static/{name}", self.static, methods=["GET"]),
        ]

    def rooms(self) -> list[Room]:
        """What somebody who is signed in finds here."""
        return [Room("sign out", "/sign-out", self.sign_out, ANYBODY, methods=("POST",), quiet=True)]

    async def static(self, request: Request) -> Response:
        """Style, script and icon."""
        file = STATIC / request.path_params["name"]
        if file.parent != STATIC or file.suffix not in KINDS or not file.is_file():
            return PlainTextResponse(NOT_HERE, 404)
        headers = {"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"}
        return FileResponse(file, media_type=KINDS[file.suffix], headers=headers)

    async def away(self, _request: Request) -> Response:
        """Where a quick exit leads: a page that says nothing."""
        return site.guarded(site.page("away.html", "en", {}))

    async def sign_in(self, request: Request) -> Response:
        """The page, and its form."""
        to = _inside(request.query_params.get("to", ""))
        locked = request.query_params.get("locked") == "1"
        if request.method == "GET":
            return self._asked(request, "sign-in.html", to=to, locked=locked, said="", login="")
        return await self._posted(request, lambda fields: self._sign_in(request, fields))

    async def invited(self, request: Request) -> Response:
        """Choosing a name and a password."""
        if request.method == "GET":
            with self._store.read() as session:
                if invited(session, request.path_params["token"], self._clock()) is None:
                    return site.guarded(PlainTextResponse(NOT_HERE, 404))
            return self._asked(request, "invited.html", said="", login="")
        return await self._posted(request, lambda fields: self._invited(request, fields))

    def sign_out(self, _request: Request, visitor: Visitor) -> Response:
        """At once, with what the browser kept."""
        with self._store.write() as session:
            end(session, visitor.visit.id, self._clock())
        answer = RedirectResponse("/away" if visitor.field("exit") else "/sign-in", 303)
        answer.delete_cookie(site.cookie(self._secure), secure=self._secure, httponly=True, samesite="strict")
        answer.headers["Clear-Site-Data"] = '"cache", "storage"'
        return answer

    async def _posted(self, request: Request, then: Callable[[dict[str, str]], Response]) -> Response:
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return site.guarded(PlainTextResponse(FORGED, 403))
        try:
            form = await form_of(request, 20_000)
            fields = {name: value for name, value in form.items() if isinstance(value, str)}
            forms.nonce_of(fields.get("form", ""), _door(request), self._clock())
            return site.guarded(await run_in_threadpool(then, fields))
        except (forms.ForgedError, forms.OldError):
            return site.guarded(PlainTextResponse(FORGED, 403))
        except TooLongError:
            return site.guarded(PlainTextResponse(TOO_LONG, 413))
        except StoreError:
            return site.guarded(PlainTextResponse(LATER, 503))

    def _sign_in(self, request: Request, fields: dict[str, str]) -> Response:
        now, login = self._clock(), normal_login(fields.get("login", ""))
        to = _inside(fields.get("to", ""))
        with self._store.write() as session:
            row = session.scalar(select(AccountRow).where(AccountRow.login == login))
            good = passwords.fits(fields.get("password", ""), row.password if row else None)
            if row is None or not good or is_over(row, now):
                return self._asked(request, "sign-in.html", 403, to=to, locked=False, said=WRONG, login=login[:254])
            return self._in(RedirectResponse(to, 303), begin(session, row, _device(request), "password", now))

    def _invited(self, request: Request, fields: dict[str, str]) -> Response:
        now, said = self._clock(), ""
        try:
            if fields.get("password") != fields.get("again"):
                raise UserError("The two passwords are not the same.")
            with self._store.write() as session:
                row = invited(session, request.path_params["token"], now)
                if row is None:
                    return PlainTextResponse(NOT_HERE, 404)
                family = self._directory.family(row.family) if row.family else None
                take(session, row, fields.get("login", ""), fields.get("password", ""), now, known=names_of(family))
                return self._in(RedirectResponse("/", 303), begin(session, row, _device(request), "invitation", now))
        except UserError as error:
            said = str(error)
        return self._asked(request, "invited.html", 422, said=said, login=fields.get("login", "")[:254])

    def _in(self, answer: Response, token: str) -> Response:
        name = site.cookie(self._secure)
        answer.set_cookie(name, token, path="/", secure=self._secure, httponly=True, samesite="strict")
        return answer

    def _asked(self, request: Request, template: str, status: int = 200, **values: object) -> Response:
        door = _door(request) or secrets.token_urlsafe(32)
        made = site.page(template, "en", {**values, "form": forms.make(door, self._clock())}, status)
        made.set_cookie(DOOR, door, path="/", secure=self._secure, httponly=True, samesite="strict")
        return site.guarded(made)


def names_of(family: Family | None) -> tuple[str, ...]:
    """Words that the other parent knows: they make bad passwords."""
    if family is None:
        return ()
    people = (family.parent.name, family.coparent.name, *(p.name for p in family.people))
    children = (name for child in family.children for name in (child.name, *child.nicknames))
    return tuple(word for name in (*people, *children) for word in name.split())


def source_of(request: Request, secret: bytes) -> str:
    """A keyed hash of the network that a request came from (RFC 2104): enough to count by, and no address."""
    host = request.client.host if request.client else ""
    return hmac.new(secret, host.encode(), hashlib.sha256).hexdigest()


def _device(request: Request) -> str:
    agent = request.headers.get("user-agent", "")
    browser = next((b for b in ("Firefox", "Edg", "Chrome", "Safari") if b in agent), "browser")
    system = next((s for s in ("Android", "iPhone", "iPad", "Windows", "Mac", "Linux") if s in agent), "")
    return f"{browser.replace('Edg', 'Edge')}{f' on {system}' if system else ''}"


def _door(request: Request) -> str:
    found = request.cookies.get(DOOR, "")
    return found if forms.TOKEN.fullmatch(found) else ""


def _inside(to: str) -> str:
    """Only a path of this site: no other site can be led to (CWE-601)."""
    parts = urlsplit(to)
    good = to.startswith("/") and not to.startswith(("//", "/\\")) and not parts.netloc and "\\" not in to
    return to if good and to.isprintable() and len(to) < 500 else "/"
