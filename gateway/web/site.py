"""How every page of the site is drawn and sent: one environment, one language a visitor, one set of headers, one cookie.

No page asks another machine for anything: style and script come from ``/static`` of this gateway, and the policy (CSP) forbids the rest.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.responses import HTMLResponse, Response

from gateway.data import folder
from gateway.language import LANGUAGES, install

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
}


def cookie(secure: bool, name: str = "visit") -> str:
    """A cookie's name; the prefix binds it to this host and to HTTPS (RFC 6265bis section 4.1.3.2)."""
    return f"__Host-{name}" if secure else name


def guarded(response: Response) -> Response:
    """The answer with the headers of the site where it brings none of its own."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def page(template: str, language: str, values: Mapping[str, Any], status: int = 200) -> HTMLResponse:
    """A page of ``templates/site``."""
    made = environment(language if language in LANGUAGES else "en").get_template(f"site/{template}")
    return HTMLResponse(made.render(values), status)


@functools.cache
def environment(language: str) -> Environment:
    """The Jinja2 environment of a language: HTML escaped, unknown names are errors, ``_()`` and ``{% trans %}`` translated."""
    made = Environment(
        loader=FileSystemLoader(folder("templates")),
        autoescape=select_autoescape(enabled_extensions=("html", "svg"), default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    install(made, language)
    return made
