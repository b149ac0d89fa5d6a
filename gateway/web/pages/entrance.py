"""Coming in and going out: ``/sign-in`` (and its code and passkey), ``/invited/TOKEN``, ``/sign-out``, and the files of every page.

Nothing here tells whether a sign-in name exists: a wrong name and a wrong password take as long, read the same, and wait the same.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from gateway.accounts import passkeys
from gateway.accounts.invite import chosen, invited, take
from gateway.accounts.proofs import Answer, Caller, CodeWanted, In, NotYet
from gateway.accounts.visits import end
from gateway.clock import Clock
from gateway.errors import StoreError, UserError
from gateway.family import Directory, Family
from gateway.store import Store
from gateway.web import forms, site, source
from gateway.web.access import Access
from gateway.web.body import TooLongError, form_of
from gateway.web.guard import FORGED, LATER, NOT_HERE, TOO_LONG
from gateway.web.room import ANYBODY, Room, Visitor

WRONG: Final = "This name and password do not fit together. Please try again."
WRONG_CODE: Final = "This code does not fit, or it was used before. Wait for the next one, or take a recovery code."
WRONG_KEY: Final = "This passkey did not fit. Please try again, or take your name and password."
NOT_YET: Final = "Several tries from here did not fit. Please wait a little and try again. Nothing else is locked."
TOO_LATE: Final = "That took too long. Please begin again."
STATIC: Final = Path(__file__).parent.parent / "static"
KINDS: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
SIGN_IN: Final = "sign-in.html"

Fields = dict[str, str]


class Entrance:
    """Open to everybody."""

    def __init__(self, store: Store, directory: Directory, clock: Clock, access: Access) -> None:
        self._store, self._directory, self._clock, self._access = store, directory, clock, access
        self._secure = access.secure

    @property
    def secure(self) -> bool:
        """Whether the site is reached over HTTPS."""
        return self._secure

    def routes(self) -> list[Route]:
        """For the web application."""
        return [
            Route("/sign-in", self.sign_in, methods=["GET", "POST"]),
            Route("/sign-in/code", self.code, methods=["POST"]),
            Route("/sign-in/passkey", self.passkey, methods=["POST"]),
            Route("/invited/{token}", self.invited, methods=["GET", "POST"]),
            Route("/away", self.away, methods=["GET"]),
            Route("/static/{name}", self.static, methods=["GET"]),
        ]

    def rooms(self) -> list[Room]:
        """What somebody who is signed in finds here."""
        return [Room("sign out", "/sign-out", self.sign_out, ANYBODY, methods=("POST",), quiet=True, while_locked=True)]

    async def static(self, request: Request) -> Response:
        """Style, script and icon."""
        file = STATIC / request.path_params["name"]
        if file.parent != STATIC or file.suffix not in KINDS or not file.is_file():
            return PlainTextResponse(source.said(request, NOT_HERE), 404)
        headers = {"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"}
        return FileResponse(file, media_type=KINDS[file.suffix], headers=headers)

    async def away(self, request: Request) -> Response:
        """Where a quick exit leads: a page that says nothing."""
        language = source.language_of(request.headers.get("accept-language", ""))
        return site.guarded(site.page("away.html", language, {}))

    async def sign_in(self, request: Request) -> Response:
        """The page, and its form."""
        if request.method == "GET":
            locked, words = (request.query_params.get(name) == "1" for name in ("locked", "kept"))
            to = source.inside(request.query_params.get("to", ""))
            return self._asked(request, SIGN_IN, to=to, locked=locked, kept=words)
        return await self._posted(request, lambda fields: self._password(request, fields))

    async def code(self, request: Request) -> Response:
        """The second step."""
        return await self._posted(request, lambda fields: self._code(request, fields))

    async def passkey(self, request: Request) -> Response:
        """A passkey alone."""
        return await self._posted(request, lambda fields: self._passkey(request, fields))

    async def invited(self, request: Request) -> Response:
        """Choosing a name and a password."""
        if request.method == "GET":
            try:
                return await run_in_threadpool(self._invitation, request)
            except StoreError:
                return site.guarded(PlainTextResponse(source.said(request, LATER), 503))
        return await self._posted(request, lambda fields: self._take(request, fields))

    def sign_out(self, _request: Request, visitor: Visitor) -> Response:
        """At once, with what the browser kept. The browser stays known, so that nobody's failures slow it down."""
        with self._store.write() as session:
            end(session, visitor.visit.id, self._clock())
        return source.left("/away" if visitor.field("exit") else "/sign-in", secure=self._secure)

    async def _posted(self, request: Request, then: Callable[[Fields], Response]) -> Response:
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return site.guarded(PlainTextResponse(source.said(request, FORGED), 403))
        try:
            form = await form_of(request, 50_000)
            fields = {name: value for name, value in form.items() if isinstance(value, str)}
            forms.nonce_of(fields.get("form", ""), source.door_of(request, secure=self._secure), self._clock())
            return site.guarded(await run_in_threadpool(then, fields))
        except (forms.ForgedError, forms.OldError):
            return site.guarded(PlainTextResponse(source.said(request, FORGED), 403))
        except TooLongError:
            return site.guarded(PlainTextResponse(source.said(request, TOO_LONG), 413))
        except StoreError:
            return site.guarded(PlainTextResponse(source.said(request, LATER), 503))

    def _password(self, request: Request, fields: Fields) -> Response:
        login, to = fields.get("login", "")[:254], source.inside(fields.get("to", ""))
        answer = self._access.proofs.password(login, fields.get("password", ""), self.caller(request))
        if isinstance(answer, CodeWanted):
            return self._asked(request, "code.html", to=to, half=answer.half)
        return self._result(request, answer, to, SIGN_IN, WRONG, login=login)

    def _code(self, request: Request, fields: Fields) -> Response:
        half, to = fields.get("half", ""), source.inside(fields.get("to", ""))
        answer = self._access.proofs.code(half, fields.get("code", ""), self.caller(request))
        if answer is None:
            return self._asked(request, SIGN_IN, 403, to=to, said=TOO_LATE)
        return self._result(request, answer, to, "code.html", WRONG_CODE, half=half)

    def _passkey(self, request: Request, fields: Fields) -> Response:
        place, to = self._access.place, source.inside(fields.get("to", ""))
        if place is None:
            return PlainTextResponse(source.said(request, NOT_HERE), 404)
        answer = self._access.proofs.passkey(
            place, fields.get("answer", ""), fields.get("ticket", ""), self.caller(request)
        )
        return self._result(request, answer, to, SIGN_IN, WRONG_KEY)

    def _result(
        self, request: Request, answer: Answer, to: str, template: str, wrong: str, **values: object
    ) -> Response:
        if isinstance(answer, In):
            return self.let_in(request, RedirectResponse(to, 303), answer)
        if isinstance(answer, NotYet):
            made = self._asked(request, template, 429, to=to, said=NOT_YET, **values)
            made.headers["Retry-After"] = str(math.ceil(answer.wait.total_seconds()))
            return made
        return self._asked(request, template, 403, to=to, said=wrong, **values)

    def _invitation(self, request: Request) -> Response:
        with self._store.read() as session:
            row = invited(session, request.path_params["token"], self._clock())
            if row is None:
                return site.guarded(PlainTextResponse(source.said(request, NOT_HERE), 404))
            return self._asked(request, "invited.html", login=row.login or "")

    def _take(self, request: Request, fields: Fields) -> Response:
        now, login = self._clock(), fields.get("login", "")[:300]
        try:
            if fields.get("password") != fields.get("again"):
                raise UserError("The two passwords are not the same.")
            token = request.path_params["token"]
            with self._store.read() as session:
                row = invited(session, token, now)
                family = self._directory.family(row.family) if row is not None and row.family else None
            if row is None:
                return PlainTextResponse(source.said(request, NOT_HERE), 404)
            kept = chosen(login, fields.get("password", ""), known=names_of(family))
            with self._store.write() as session:
                row = invited(session, token, now)
                if row is None:  # it was taken meanwhile
                    return PlainTextResponse(source.said(request, NOT_HERE), 404)
                again = row.login is not None
                take(session, row, login, kept, now)
                entered = self._access.proofs.invited(session, row, self.caller(request), again=again)
            return self.let_in(request, RedirectResponse("/", 303), entered)
        except UserError as error:
            return self._asked(request, "invited.html", 422, said=str(error), login=login)

    def caller(self, request: Request) -> Caller:
        """Who asks, before it is known who that is."""
        secure = self._secure
        return Caller(
            source.source_of(request, self._access.key),
            source.device_of(request.headers.get("user-agent", "")),
            source.door_of(request, secure=secure),
            source.browsers_of(request, secure=secure),
            source.visit_of(request, secure=secure),
        )

    def let_in(self, request: Request, answer: Response, entered: In) -> Response:
        """The answer with new cookies; what was bound to the door before counts no more (CWE-384)."""
        source.keep_visit(answer, entered.visit, secure=self._secure)
        if entered.browser is not None:
            before = source.browsers_of(request, secure=self._secure)
            source.keep_browser(answer, (entered.browser, *before), secure=self._secure)
        door = site.cookie(self._secure, "door")
        answer.delete_cookie(door, secure=self._secure, httponly=True, samesite="strict")
        return answer

    def _asked(self, request: Request, template: str, status: int = 200, **values: object) -> Response:
        now, door = self._clock(), source.door_of(request, secure=self._secure) or secrets.token_urlsafe(32)
        frame: dict[str, object] = {
            "to": "/",
            "said": "",
            "login": "",
            "locked": False,
            "kept": False,
            "form": forms.make(door, now),
        }
        if template == SIGN_IN and self._access.place is not None:
            ticket = passkeys.challenge(self._access.key, "sign-in", door, now)
            frame |= {"ticket": ticket, "passkey": passkeys.asked_to_sign_in(self._access.place, ticket)}
        language = source.language_of(request.headers.get("accept-language", ""))
        made = site.page(template, language, {**frame, **values}, status)
        name = site.cookie(self._secure, "door")
        made.set_cookie(name, door, path="/", secure=self._secure, httponly=True, samesite="strict")
        return site.guarded(made)


def names_of(family: Family | None) -> tuple[str, ...]:
    """Words that the other parent knows: they make bad passwords."""
    if family is None:
        return ()
    people = (family.parent.name, family.coparent.name, *(p.name for p in family.people))
    children = (name for child in family.children for name in (child.name, *child.nicknames))
    return tuple(word for name in (*people, *children) for word in name.split())
