"""The set-up interview: ``/setup/TOKEN``. One page a step; what was typed is kept at every step, right or wrong, without the password.

link ─► steps, in any order ─► summary ─► family in the settings file and in force, account, signed in ─► test messages

A link that an operator made is known to them: from the first answer on it counts in the browser that gave it and in no other, so that
what a parent typed is theirs. Who changes to another browser asks for another link.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from gateway.accounts import passwords
from gateway.accounts.first import login_mistake, open_parent
from gateway.accounts.proofs import In, Proofs
from gateway.accounts.visits import hashed
from gateway.errors import StoreError, UserError
from gateway.family import Directory, Family
from gateway.mistakes import lines
from gateway.setup import LIMITS
from gateway.setup_family import Written, open_steps, written, wrong
from gateway.setup_link import find_link
from gateway.setup_steps import BY_KEY, LONGEST, MOST_CHILDREN, STEPS, Field, Step, child_fields, value_of
from gateway.store.tables import SettingsRow, SetupRow
from gateway.web import forms, site, source
from gateway.web.body import TooLongError, form_of
from gateway.web.guard import FORGED, LATER, NOT_HERE, TOO_LONG
from gateway.web.pages.entrance import Entrance

if TYPE_CHECKING:
    from gateway.web.parts import House

MOST_BYTES: Final = 100_000
SUMMARY: Final = "summary"
DONE: Final = "/sign-in"
AFTER: Final = "/settings/tests"
AGAIN: Final = "The two passwords are not the same."
CHOOSE: Final = "Please choose a password."
IN_USE: Final = "Something of these answers is used by another family here. Please ask whoever runs this installation."
ELSEWHERE: Final = "These answers were begun in another browser, and only that browser shows them. Go on there, or ask for a new link and begin again."
BROWSER: Final = "browser"
"""Where the answers keep the hash of the browser that gave them; no field has that name."""
NOT_WHOLE: Final = "Something still needs your answer; see the list."


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request with a good link. `row`: loosed from the database."""

    request: Request
    token: str
    row: SetupRow

    @property
    def has_password(self) -> bool:
        return self.row.password is not None


class Interview:
    """Open to whoever has the link, until it has made a family. The first family's link is void once there is any."""

    def __init__(self, house: House, entrance: Entrance, proofs: Proofs) -> None:
        self._house, self._entrance, self._proofs = house, entrance, proofs

    def routes(self) -> list[Route]:
        """For the web application."""
        return [
            Route("/setup/{token}", self.answer, methods=["GET"]),
            Route("/setup/{token}/{step}", self.answer, methods=["GET", "POST"]),
        ]

    async def answer(self, request: Request) -> Response:
        """A step, its form, or the summary."""
        token, key = request.path_params["token"], request.path_params.get("step", "")
        try:
            if not forms.TOKEN.fullmatch(token) or key not in ("", SUMMARY, *BY_KEY):
                return site.guarded(PlainTextResponse(source.said(request, NOT_HERE), 404))
            fields: dict[str, str] = {}
            if request.method == "POST":
                if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
                    return site.guarded(PlainTextResponse(source.said(request, FORGED), 403))
                form = await form_of(request, MOST_BYTES)
                fields = {name: value for name, value in form.items() if isinstance(value, str)}
                forms.nonce_of(fields.get("form", ""), token, self._house.clock())
            act = self._posted if request.method == "POST" else self._looked
            return site.guarded(await run_in_threadpool(self._inside, request, key, fields, act))
        except (forms.ForgedError, forms.OldError):
            return site.guarded(PlainTextResponse(source.said(request, FORGED), 403))
        except TooLongError:
            return site.guarded(PlainTextResponse(source.said(request, TOO_LONG), 413))
        except StoreError:
            return site.guarded(PlainTextResponse(source.said(request, LATER), 503, {"Retry-After": "30"}))

    def _inside(
        self,
        request: Request,
        key: str,
        fields: Mapping[str, str],
        act: Callable[[_Asked, str, Mapping[str, str]], Response],
    ) -> Response:
        token = request.path_params["token"]
        with self._house.store.read() as session:
            row = find_link(session, token)
            session.expunge_all()
        if row is not None and row.done_at is not None:
            return RedirectResponse(DONE, 303)
        first = row is not None and row.invited_by is None
        if row is None or self._house.clock() >= row.until or (first and len(self._house.directory)):
            return PlainTextResponse(source.said(request, NOT_HERE), 404)
        mine = self._browser_of(request)
        if (kept := row.answers.get(BROWSER)) is not None and (not mine or kept != hashed(mine)):
            return PlainTextResponse(source.said(request, ELSEWHERE), 403)
        fresh = mine or secrets.token_urlsafe(32)
        if not first and request.method == "POST" and kept is None:
            row.answers = {**row.answers, BROWSER: hashed(fresh)}
        answer = act(_Asked(request, token, row), key, fields)
        if not first and not mine:
            # Lax: the parent comes back by the link in their mail, too.
            name, secure = self._cookie, self._entrance.secure
            answer.set_cookie(name, fresh, path="/", secure=secure, httponly=True, samesite="lax")
        return answer

    @property
    def _cookie(self) -> str:
        return site.cookie(self._entrance.secure, "setup")

    def _browser_of(self, request: Request) -> str:
        found = request.cookies.get(self._cookie, "")
        return found if forms.TOKEN.fullmatch(found) else ""

    def _looked(self, asked: _Asked, key: str, _fields: Mapping[str, str]) -> Response:
        if not key:
            left = open_steps(asked.row.answers, password=asked.has_password)
            return RedirectResponse(f"/setup/{asked.token}/{left[0].key if left else SUMMARY}", 303)
        return self._summary(asked) if key == SUMMARY else self._step(asked, BY_KEY[key], {}, 200)

    def _posted(self, asked: _Asked, key: str, fields: Mapping[str, str]) -> Response:
        if key == SUMMARY:
            return self._finish(asked)
        step, row = BY_KEY[key], asked.row
        for field in step.fields:
            if field.key in fields:
                row.answers = {**row.answers, field.key: fields[field.key][: LONGEST * 2]}
        found = wrong(step, row.answers)
        if key == "account":
            found |= self._account(row, fields, found)
        with self._house.store.write() as session:
            kept = session.get_one(SetupRow, row.id)
            kept.answers, kept.password = row.answers, row.password
        if found:
            return self._step(asked, step, found, 422)
        more = "more" in fields and key == "children"
        return RedirectResponse(f"/setup/{asked.token}/{key if more else self._after(asked, step)}", 303)

    def _account(self, row: SetupRow, fields: Mapping[str, str], found: Mapping[str, str]) -> dict[str, str]:
        """Take name and password; what is wrong with them. The password itself is not kept."""
        said: dict[str, str] = {}
        with self._house.store.read() as session:
            if "login" not in found and (mistake := login_mistake(session, row.answers.get("login", ""))) is not None:
                said["login"] = mistake
        password = fields.get("password", "")
        if not password:
            return said if row.password else {**said, "password": CHOOSE}
        known = tuple(word for name in _names(row.answers) for word in name.split())
        if (mistake := passwords.mistake(password, known)) is not None:
            return {**said, "password": mistake}
        if password != fields.get("again", ""):
            return {**said, "again": AGAIN}
        row.password = passwords.hashed(password)
        return said

    def _after(self, asked: _Asked, step: Step) -> str:
        """The next step that is open, those behind this one first."""
        left = open_steps(asked.row.answers, password=asked.has_password)
        later = [one for one in left if STEPS.index(one) > STEPS.index(step)]
        return (later or left)[0].key if left else SUMMARY

    def _step(self, asked: _Asked, step: Step, found: Mapping[str, str], status: int) -> Response:
        rows, answers = [], asked.row.answers
        if step.key == "children":
            used = [n for n in range(1, MOST_CHILDREN + 1) if any(answers.get(f.key) for f in child_fields(n))]
            rows = [child_fields(n) for n in range(1, min(MOST_CHILDREN, (used[-1] if used else 0) + 2) + 1)]
        values = {field.key: answers.get(field.key, field.default) for field in step.fields}
        if "language" in values and "language" not in answers:
            values["language"] = source.language_of(asked.request.headers.get("accept-language", ""))
        return self._page(
            "setup.html", asked, status, step=step, values=values, mistakes=found, rows=rows,
            has_password=asked.has_password, number=STEPS.index(step) + 1,
        )  # fmt: skip

    def _summary(self, asked: _Asked, said: tuple[str, ...] = (), status: int = 200) -> Response:
        answers = asked.row.answers
        left = open_steps(answers, password=asked.has_password)
        notes = written(answers).notes if not left else ()
        told = [(step, [(f, _shown(f, answers)) for f in step.fields if answers.get(f.key)]) for step in STEPS]
        return self._page(
            "setup-summary.html", asked, status, told=told, notes=notes, limits=LIMITS, said=said, left=left
        )

    def _page(self, template: str, asked: _Asked, status: int, **values: Any) -> Response:
        answers = asked.row.answers
        left = {step.key for step in open_steps(answers, password=asked.has_password)}
        frame = {
            "form": lambda: forms.make(asked.token, self._house.clock()),
            "base": f"/setup/{asked.token}",
            "steps": [(step, step.key not in left) for step in STEPS],
            "until": asked.row.until,
            "zone": answers["time_zone"].strip() if "you" not in left else "UTC",
        }
        language = source.language_of(asked.request.headers.get("accept-language", ""))
        return site.page(template, language, {**frame, **values}, status)

    def _taken(self) -> set[str]:
        """Keys that stand for a family, now or before."""
        with self._house.store.read() as session:
            return {*self._house.directory.by_key, *session.scalars(select(SettingsRow.family).distinct())}

    def _finish(self, asked: _Asked) -> Response:
        request, row = asked.request, asked.row
        if open_steps(row.answers, password=asked.has_password):
            return self._summary(asked, (NOT_WHOLE,), 422)
        house, now = self._house, self._house.clock()
        entered: In | None = None
        new = _apart(written(row.answers), self._taken())

        def also(session: Session) -> None:
            nonlocal entered
            kept = session.get_one(SetupRow, row.id, with_for_update=True)
            if kept.done_at is not None or kept.password is None:
                raise UserError(NOT_WHOLE)
            if kept.answers != row.answers:
                raise UserError(NOT_WHOLE)
            account = open_parent(session, new.family, kept.answers.get("login", ""), kept.password, now)
            entered = self._proofs.invited(session, account, self._entrance.caller(request), again=False)
            kept.done_at, kept.family, kept.answers, kept.password = now, new.family.key, {}, None

        try:
            _check_apart(house.directory, new.family)
            sign = _signing(new.family) if not len(house.directory) else lambda _document: None
            house.changes().begin(new.text, sign, new.family.key, "set-up", also)
        except UserError as error:
            return self._summary(asked, lines(error), 422)
        assert entered is not None
        return self._entrance.let_in(request, RedirectResponse(AFTER, 303), entered)


def _apart(new: Written, taken: Set[str]) -> Written:
    """With a key that no family has or had: the log of an earlier one goes on under its own."""
    key, number = new.family.key, 1
    while key in taken:
        number += 1
        key = f"{new.family.key[: 40 - len(str(number)) - 1]}-{number}"
    text = new.text.replace(f'key = "{new.family.key}"', f'key = "{key}"', 1)
    return Written(text, new.family.model_copy(update={"key": key}), new.notes)


def _check_apart(directory: Directory, family: Family) -> None:
    """Raises UserError where an address is another family's. Which, and whose, is not said."""
    relays = {one for f in directory for one in (f.relay_email, f.relay_phone) if one}
    theirs = {a.address for f in directory for a in (*f.parent.emails, *f.parent.phones)}
    people = (family.parent, family.coparent, *family.people)
    listed = {a.address for person in people for a in (*person.emails, *person.phones)}
    own = {a.address for a in (*family.parent.emails, *family.parent.phones)}
    if relays & (listed | {family.relay_email, family.relay_phone}) or theirs & own:
        raise UserError(IN_USE)


def _signing(family: Family) -> Callable[[Any], None]:
    """Our mail is signed for the domain of the relay address."""
    domain = family.relay_email.rpartition("@")[2]

    def edit(document: Any) -> None:
        mail = document.get("mail_out")
        if mail is not None and mail.get("dkim_key") and mail.get("dkim_domain") != domain:
            mail["dkim_domain"] = domain

    return edit


def _names(answers: Mapping[str, str]) -> list[str]:
    """Words that the other parent knows: they make bad passwords."""
    children = [f"child_{n}_{part}" for n in range(1, MOST_CHILDREN + 1) for part in ("name", "nicknames")]
    keys = ("parent_name", "coparent_name", "safety_name", "login", *children)
    return [answers.get(key, "").replace(",", " ") for key in keys]


def _shown(field: Field, answers: Mapping[str, str]) -> str:
    value = value_of(field, answers)
    return dict(field.options).get(value, value)
