"""Brings a webhook to its address. The only place that does.

The name is looked up here, every address that it has must be a public one, and the connection goes to one of these; TLS still asks for the
certificate of the name. No redirect is followed, no proxy asked, no answer read beyond its status, and all of it has to end in time.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

from gateway.api.reach import Address, Target, may_reach, target_of
from gateway.errors import UserError
from gateway.parsing.authentication import NoAnswer

WHYS: Final = {
    "address": "its address is not one of the public internet",
    "lookup": "its name cannot be looked up",
    "nowhere": "its name leads nowhere",
    "time": "no answer in time",
    "certificate": "its certificate does not fit",
    "reach": "it cannot be reached",
    "answer": "it answers {status}",
    "redirect": "it answers {status}; a redirect is not followed",
    "secret": "its secret cannot be read; set the address anew",
}
"""Why a try was in vain, for the log and for the page: no address, no word of the other side."""
SECONDS: Final = 15.0
"""For all of a try."""
Lookup = Callable[[str, str], list[str]]
"""The DNS: name and kind of record (A, AAAA), as `gateway.dns.Dns.lookup`."""


@dataclass(frozen=True, slots=True)
class Brought:
    """How a try ended. `why`: short, plain, without addresses; empty where it was good. `gone`: the other side wants no more (410)."""

    why: str = ""
    gone: bool = False


class Courier:
    """One for an installation. `loopback`: this machine counts too; only for trying out. `tls`: other certificates than the usual ones."""

    def __init__(
        self, lookup: Lookup, *, loopback: bool = False, tls: ssl.SSLContext | None = None, seconds: float = SECONDS
    ) -> None:
        self._lookup, self._loopback, self._tls, self._seconds = lookup, loopback, tls, seconds

    def bring(self, url: str, headers: Mapping[str, str], body: bytes) -> Brought:
        """One try. Never raises for what the other side does."""
        try:
            target = target_of(url, loopback=self._loopback)
            address = self._address(target)
        except UserError:
            return Brought(WHYS["address"])
        except NoAnswer:
            return Brought(WHYS["lookup"])
        if address is None:
            return Brought(WHYS["nowhere"])
        try:
            return asyncio.run(self._bring(target, address, headers, body))
        except TimeoutError:
            return Brought(WHYS["time"])

    def _address(self, target: Target) -> Address | None:
        """The address that is connected to. Raises UserError where one of them is not public, NoAnswer."""
        if target.literal is not None:
            return target.literal
        found = [ip_address(one) for kind in ("A", "AAAA") for one in self._lookup(target.host, kind)]
        if not all(may_reach(one, loopback=self._loopback) for one in found):
            raise UserError("not public")
        return found[0] if found else None

    async def _bring(self, target: Target, address: Address, headers: Mapping[str, str], body: bytes) -> Brought:
        import httpx  # a client that only webhooks need

        host = f"[{target.host}]" if ":" in target.host else target.host
        usual = target.port == (443 if target.secure else 80)
        named = {"host": host if usual else f"{host}:{target.port}"}
        extensions = {"sni_hostname": target.host} if target.literal is None else {}
        to = httpx.URL(target.url).copy_with(host=str(address))
        tls = self._tls = self._tls or httpx.create_ssl_context()  # once: reading the certificates takes a while
        async with asyncio.timeout(self._seconds):
            try:
                async with httpx.AsyncClient(
                    trust_env=False, follow_redirects=False, timeout=self._seconds, verify=tls
                ) as client:
                    request = client.build_request(
                        "POST", to, headers={**headers, **named}, content=body, extensions=extensions
                    )
                    answer = await client.send(request, stream=True)
                    await answer.aclose()
            except httpx.TimeoutException:
                return Brought(WHYS["time"])
            except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError, ValueError) as error:
                return Brought(WHYS["certificate" if _is_tls(error) else "reach"])
        return _said(answer.status_code)


def _said(status: int) -> Brought:
    if 200 <= status < 300:
        return Brought()
    if 300 <= status < 400:
        return Brought(WHYS["redirect"].format(status=status))
    return Brought(WHYS["answer"].format(status=status), gone=status == 410)


def _is_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
