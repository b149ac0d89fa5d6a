"""What is read of a request at the door: the network it comes from, the kind of browser, the cookies, where it wants to go. Pure."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.accounts.browsers import KEPT
from gateway.accounts.key import AccountKey
from gateway.language import LANGUAGES, speech
from gateway.web import forms, site

MOST_BROWSERS: Final = 4
"""Accounts that one browser is known to."""
_WEIGHT: Final = re.compile(r"q=([01](?:\.\d{0,3})?)")


def network_of(host: str) -> str:
    """The network that a subscriber has: an IPv4 address, or the /56 of an IPv6 address (RFC 6177). As it stands for anything else."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    bits = 32 if isinstance(address, IPv4Address) else 56
    return str(ip_network((address, bits), strict=False))


def source_of(request: Request, key: AccountKey) -> str:
    """A keyed hash of the network that a request came from (RFC 2104): enough to count by, and no address."""
    return key.mac("source", network_of(request.client.host if request.client else ""))


def device_of(agent: str) -> str:
    """A name for a browser, from what it says of itself; words of ours only."""
    browser = next((b for b in ("Firefox", "Edg", "Chrome", "Safari") if b in agent), "browser")
    system = next((s for s in ("Android", "iPhone", "iPad", "Windows", "Mac", "Linux") if s in agent), "")
    return f"{browser.replace('Edg', 'Edge').capitalize()}{f' on {system}' if system else ''}"


def inside(to: str) -> str:
    """Only a path of this site: no other site can be led to (CWE-601)."""
    try:
        parts = urlsplit(to)
    except ValueError:
        return "/"
    good = to.startswith("/") and not to.startswith(("//", "/\\")) and not parts.netloc and "\\" not in to
    return to if good and to.isprintable() and len(to) < 500 else "/"


def language_of(accepts: str) -> str:
    """The language of ``Accept-Language`` that the pages speak and that is wanted most (RFC 9110 section 12.5.4), or else English."""
    wanted: list[tuple[float, str]] = []
    for one in accepts[:200].split(","):
        name, _, weight = one.partition(";")
        found = _WEIGHT.fullmatch(weight.strip() or "q=1")
        if found is not None and float(found[1]) > 0:
            wanted.append((-float(found[1]), name.strip().lower().partition("-")[0]))
    return next((one for _, one in sorted(wanted, key=lambda found: found[0]) if one in LANGUAGES), "en")


def said(request: Request, words: str) -> str:
    """Words of ours in the language of the browser, where nobody is known to be signed in."""
    return speech(language_of(request.headers.get("accept-language", ""))).text(words)


def door_of(request: Request, *, secure: bool) -> str:
    """The token that binds a form of somebody who is not signed in to their browser; empty where there is none."""
    found = request.cookies.get(site.cookie(secure, "door"), "")
    return found if forms.TOKEN.fullmatch(found) else ""


def browsers_of(request: Request, *, secure: bool) -> tuple[str, ...]:
    """Tokens by which accounts know this browser."""
    found = request.cookies.get(site.cookie(secure, "browser"), "").split(".")
    return tuple(one for one in found if forms.TOKEN.fullmatch(one))[:MOST_BROWSERS]


def visit_of(request: Request, *, secure: bool) -> str:
    """The token of a visit; empty where there is none."""
    found = request.cookies.get(site.cookie(secure), "")
    return found if forms.TOKEN.fullmatch(found) else ""


def keep_visit(answer: Response, token: str, *, secure: bool) -> None:
    """The cookie of a visit; it ends with the browser."""
    answer.set_cookie(site.cookie(secure), token, path="/", secure=secure, httponly=True, samesite="strict")


def keep_browser(answer: Response, tokens: tuple[str, ...], *, secure: bool) -> None:
    """The cookie by which accounts know the browser, the newest first."""
    value, name = ".".join(tokens[:MOST_BROWSERS]), site.cookie(secure, "browser")
    age = int(KEPT.total_seconds())
    answer.set_cookie(name, value, max_age=age, path="/", secure=secure, httponly=True, samesite="strict")


def left(to: str, *, secure: bool) -> Response:
    """The way out of a visit: its cookie and what the browser kept are gone."""
    answer = RedirectResponse(to, 303)
    answer.delete_cookie(site.cookie(secure), secure=secure, httponly=True, samesite="strict")
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer
