"""The door of every room: who is there, may they enter, was the form made for them, and the entry that says so.

request ─► cookie ─► visit ─ none: to the sign-in page (a form: 403)
                       │ locked: to the page that asks for the password again (the words of a form wait sealed: `kept`)
                       │ leaves quickly: is never refused, whatever is wrong with the visit, the form or the database
                       ▼
                     role ─ not named by the room, nothing opened, or a family that is gone: 404, as for an address that does not exist
                       ▼
                     form (POST) ─ of another site, another visit, too old or too long: 403 or 413, nothing is done
                       ▼
                     entry "viewed" or "done" in the family's log ─► the room (in a thread) ─► the answer, with the headers
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from gateway.accounts.key import AccountKey
from gateway.accounts.opened import OPEN_TO, Opening, What, openings
from gateway.accounts.visits import Visit, find, lately, touch
from gateway.clock import Clock
from gateway.errors import StoreError, UserError
from gateway.family import Directory, Family
from gateway.language import speech
from gateway.ledger import INSTALLATION, append
from gateway.store import Store
from gateway.web import forms, kept, site, source
from gateway.web.body import TooLongError, form_of
from gateway.web.refill import refilled
from gateway.web.room import HasRooms, Room, Visitor

NOT_HERE: Final = "There is nothing at this address."
FORGED: Final = (
    "This form was not made for you here, so nothing was done. Go back, load the page again, and send it once more."
)
STALE: Final = (
    "This page was older than your sign-in, so nothing was done. What you typed is there again when you go back."
)
LATER: Final = "Not now; try again in a minute. Nothing was changed."
TOO_GREAT: Final = 2**62
"""No row has such a number, and the database has no room to be asked for it."""
TOO_LONG: Final = "That is more than can be taken in one form. Nothing was changed."

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class _Known:
    visit: Visit
    token: str
    family: Family | None
    openings: Mapping[What, Opening]
    kept: Sequence[kept.Kept] = ()


class Guard:
    """Makes routes of the rooms of all parts. `secure`: the site is reached over HTTPS, so its cookie goes nowhere else."""

    def __init__(
        self, store: Store, directory: Directory, clock: Clock, *parts: HasRooms, key: AccountKey, secure: bool
    ) -> None:
        self._store, self._directory, self._clock, self._secure, self._key = store, directory, clock, secure, key
        self.rooms_open = [room for part in parts for room in part.rooms()]
        names = [room.name for room in self.rooms_open]
        if len(set(names)) < len(names):
            raise ValueError(f"two rooms have one name: {sorted(n for n in names if names.count(n) > 1)}")

    def routes(self) -> list[Route]:
        """For the web application."""
        return [Route(room.path, self._door(room), methods=list(room.methods)) for room in self.rooms_open]

    def _door(self, room: Room) -> Endpoint:
        async def door(request: Request) -> Response:
            try:
                return site.guarded(await self._answer(request, room))
            except StoreError:
                return site.guarded(PlainTextResponse(source.said(request, LATER), 503, {"Retry-After": "30"}))
            except TooLongError:
                return site.guarded(PlainTextResponse(source.said(request, TOO_LONG), 413))
            except ClientDisconnect:
                return Response(status_code=400)

        return door

    async def _answer(self, request: Request, room: Room) -> Response:
        posted = request.method == "POST"
        if posted and request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return PlainTextResponse(source.said(request, FORGED), 403)
        if posted and room.while_locked:
            form = await form_of(request, room.most_bytes)
            quick = bool(form.get("exit"))
            try:
                return await run_in_threadpool(self._leave, request, room, form, quick)
            except StoreError:
                if quick:
                    return source.left("/away", secure=self._secure)
                raise
        known = await run_in_threadpool(self._who, request)
        if known is not None and known.visit.locked and posted:
            return await self._locked(request, room, known)
        if known is None or (known.visit.locked and not posted):
            return _to_sign_in(request, locked=known is not None)
        if not room.open_to(known.visit.role, known.openings) or (known.family is None) != (known.visit.family is None):
            return PlainTextResponse(source.said(request, NOT_HERE), 404)
        if any(isinstance(value, int) and value >= TOO_GREAT for value in request.path_params.values()):
            return PlainTextResponse(source.said(request, NOT_HERE), 404)
        form, nonce = FormData(), ""
        if posted:
            form = await form_of(request, room.most_bytes)
            try:
                nonce = forms.nonce_of(str(form.get("form", "")), known.token, self._clock())
            except (forms.ForgedError, forms.OldError):
                return await run_in_threadpool(self._stale, request, room, known, form)
        try:
            return await run_in_threadpool(self._enter, request, room, known, form, nonce)
        finally:
            await form.close()

    def _leave(self, request: Request, room: Room, form: FormData, quick: bool) -> Response:
        """Sign out. Who pressed to leave quickly sees an empty page next, in any case: no other site can make a browser send this (the
        cookie is `SameSite=Strict`), and a page that said why not would be what the other parent finds on the screen.
        """
        known = self._who(request)
        if known is None or (known.family is None) != (known.visit.family is None):
            return source.left("/away", secure=self._secure) if quick else _to_sign_in(request, locked=False)
        nonce = ""
        if not quick:
            try:
                nonce = forms.nonce_of(str(form.get("form", "")), known.token, self._clock())
            except (forms.ForgedError, forms.OldError):
                return self._stale(request, room, known, form)
        return self._enter(request, room, known, form, nonce)

    def _who(self, request: Request) -> _Known | None:
        token = request.cookies.get(site.cookie(self._secure), "")
        if not forms.TOKEN.fullmatch(token):
            return None
        with self._store.read() as session:
            visit = find(session, token, now := self._clock()) or lately(session, token, now)
            if visit is None:
                return None
            words = kept.kept_for(session, self._key, visit, now)
            given = openings(session, visit.account, now) if visit.role in OPEN_TO else {}
        return _Known(visit, token, self._directory.family(visit.family) if visit.family else None, given, words)

    async def _locked(self, request: Request, room: Room, known: _Known) -> Response:
        """A form that came too late: its words wait behind the sign-in, and nothing of it is done."""
        if not room.open_to(known.visit.role, known.openings):
            return PlainTextResponse(source.said(request, NOT_HERE), 404)
        form = await form_of(request, room.most_bytes)
        try:
            forms.nonce_of(str(form.get("form", "")), known.token, self._clock())
        except forms.ForgedError:
            return PlainTextResponse(source.said(request, FORGED), 403)
        except forms.OldError:
            pass  # it is only kept
        page = await run_in_threadpool(self._keep, request, room, known, form)
        await form.close()
        return RedirectResponse(f"/sign-in?to={quote(page or '/', safe='/')}&locked=1{'&kept=1' if page else ''}", 303)

    def _keep(self, request: Request, room: Room, known: _Known, form: FormData) -> str:
        """The page on which the words will be again; empty where they are not kept."""
        page = room.page_of(request.url.path, request.path_params)
        if not page:
            return ""
        now, visit = self._clock(), known.visit
        with self._store.write() as session:
            if not kept.keep(session, self._key, visit, page, request.url.path, form, now):
                return ""
            body = {"page": room.name, "account": visit.account}
            zone = known.family.time_zone if known.family else "UTC"
            append(session, visit.family or INSTALLATION, "form kept", body, now=now, zone=zone)
        return page

    def _stale(self, request: Request, room: Room, known: _Known, form: FormData) -> Response:
        """A form of a page from before the last sign-in, or of yesterday: nothing is done, and a browser that says that it is a form of
        this site gets its words back.
        """
        ours = forms.is_one(str(form.get("form", ""))) and request.headers.get("sec-fetch-site") == "same-origin"
        page = self._keep(request, room, known, form) if ours else ""
        if not page:
            return PlainTextResponse(source.said(request, FORGED), 403)
        return self._draw(room, known)("mistake.html", {"said": STALE, "back": page}, 403)

    def _enter(self, request: Request, room: Room, known: _Known, form: FormData, nonce: str) -> Response:
        self._note(request, room, known)
        visitor = Visitor(known.visit, known.family, form, nonce, self._draw(room, known), known.openings)
        try:
            return self._with_kept(request, known, room.enter(request, visitor))
        except UserError as error:
            return visitor.show(
                "mistake.html", 422, said=str(error), back=request.url.path if "GET" in room.methods else "/"
            )

    def _with_kept(self, request: Request, known: _Known, answer: Response) -> Response:
        """The page with what was typed before the lock; what was sent now is not kept any longer."""
        path = request.url.path
        if request.method != "GET":
            if sent := [one.id for one in known.kept if one.action == path]:
                with self._store.write() as session:
                    kept.forget(session, sent)
            return answer
        for one in known.kept:
            if one.page == path and answer.status_code == 200 and isinstance(answer, HTMLResponse):
                note = speech(known.visit.language).text(kept.NOTE)
                html = refilled(bytes(answer.body).decode("utf8"), one.action, one.fields, note)
                answer = answer if html is None else HTMLResponse(html, 200)
        return answer

    def _note(self, request: Request, room: Room, known: _Known) -> None:
        now, visit = self._clock(), known.visit
        with self._store.write() as session:
            touch(session, visit.id, now)
            if room.quiet:
                return
            body: dict[str, Any] = {"page": room.name, "account": visit.account, "role": str(visit.role)}
            if request.path_params:
                body["of"] = {name: str(value)[:80] for name, value in request.path_params.items()}
            kind = "page done" if request.method == "POST" else "page viewed"
            zone = known.family.time_zone if known.family else "UTC"
            append(session, visit.family or INSTALLATION, kind, body, now=now, zone=zone)

    def _draw(self, room: Room, known: _Known) -> Callable[[str, Mapping[str, Any], int], HTMLResponse]:
        menu = sorted(
            (r for r in self.rooms_open if r.menu and r.open_to(known.visit.role, known.openings)),
            key=lambda r: r.place,
        )

        def draw(template: str, values: Mapping[str, Any], status: int) -> HTMLResponse:
            frame = {
                "menu": [(r.menu, r.path, r.name == room.name) for r in menu],
                "visit": known.visit,
                "family": known.family,
                "form": lambda: forms.make(known.token, self._clock()),
            }
            return site.page(template, known.visit.language, {**frame, **values}, status)

        return draw


def _to_sign_in(request: Request, *, locked: bool) -> Response:
    if request.method != "GET":
        return PlainTextResponse(source.said(request, FORGED), 403)
    query = f"?{request.url.query}" if request.url.query else ""
    back = quote(request.url.path + query, safe="/")
    return RedirectResponse(f"/sign-in?to={back}{'&locked=1' if locked else ''}", 303)
