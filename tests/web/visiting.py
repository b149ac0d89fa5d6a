"""Somebody who is signed in, over real HTTP: no script, a cookie jar, and forms as the page gives them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from selectolax.lexbor import LexborHTMLParser, LexborNode
from sqlalchemy import select

from gateway.accounts import Role
from gateway.accounts.invite import invite
from gateway.clock import utc_now
from gateway.family import Family
from gateway.store import Store
from gateway.store.tables import AccountRow

PASSWORD = "seven quiet herons wade"


@dataclass
class Browser:
    """A browser without script."""

    http: httpx.Client

    def get(self, path: str) -> httpx.Response:
        return self.http.get(path, follow_redirects=True)

    def page(self, path: str) -> LexborHTMLParser:
        """A page that is there."""
        answer = self.get(path)
        assert answer.status_code == 200, (answer.status_code, answer.text[:500])
        return LexborHTMLParser(answer.text)

    def send(
        self, path: str, action: str = "", *, button: str = "", files: Any = None, **fields: str | list[str]
    ) -> httpx.Response:
        """Fill in a form of the page at `path` and press its button. `action`: of the form, where there are several; `button`:
        ``name=value`` of the one that is pressed. Fields that are not named keep what the page put into them.
        """
        page = self.page(path)
        found = [f for f in page.css("main form") if not action or f.attributes.get("action") == action]
        assert len(found) == 1, (path, action, [f.attributes.get("action") for f in page.css("main form")])
        data = filled(found[0]) | fields
        if button:
            name, _, value = button.partition("=")
            data[name] = value
        target = found[0].attributes.get("action") or path
        return self.http.post(target, data=data, files=files, follow_redirects=True)


def filled(form: LexborNode) -> dict[str, Any]:
    """What a browser would send of a form that nobody touched."""
    data: dict[str, Any] = {}
    for field in form.css("input[name],textarea[name],select[name]"):
        name, kind = str(field.attributes["name"]), field.attributes.get("type")
        if field.tag == "textarea":
            data[name] = field.text()
        elif field.tag == "select":
            chosen = field.css_first("option[selected]") or field.css_first("option")
            data[name] = (chosen.attributes.get("value") or "") if chosen else ""
        elif kind in ("radio", "checkbox"):
            if "checked" in field.attributes:
                value = field.attributes.get("value") or "on"
                data[name] = [*data.get(name, []), value] if kind == "checkbox" else value
        elif kind not in ("submit", "file"):
            data[name] = field.attributes.get("value") or ""
    return data


def account(store: Store, family: Family | None, role: Role = Role.PARENT, now: datetime | None = None) -> str:
    """The token of a fresh invitation."""
    with store.write() as session:
        return invite(session, family, role, f"Somebody, {role}", now or utc_now())[1]


def sign_in(url: str, store: Store, family: Family | None, role: Role = Role.PARENT, login: str = "") -> Browser:
    """A browser of somebody who took an invitation."""
    browser = Browser(httpx.Client(base_url=url, timeout=30))
    path = f"/invited/{account(store, family, role)}"
    answer = browser.send(
        path, login=login or f"{role} {family.key if family else ''}", password=PASSWORD, again=PASSWORD
    )
    assert answer.status_code == 200, answer.text[:500]
    return browser


def account_of(store: Store, login: str) -> AccountRow:
    with store.read() as session:
        row = session.scalars(select(AccountRow).where(AccountRow.login == login)).one()
        session.expunge(row)
        return row
