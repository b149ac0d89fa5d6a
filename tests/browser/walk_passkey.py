"""Passkeys and codes in a real browser, with an authenticator that the browser itself plays; the policy (CSP) is in force."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from gateway.demo.carriers import free_port
from gateway.store.tables import PasskeyRow
from tests.browser.devtools import chromium
from tests.e2e.world import open_world
from tests.web.visiting import PASSWORD, account

PASSKEY = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.mark.timeout(240)
def test_a_passkey_is_made_and_signs_in(tmp_path: Path) -> None:
    port = free_port()
    url = f"http://localhost:{port}"
    here = {"public_url": url, "web_listen": f"127.0.0.1:{port}"}
    with open_world(tmp_path, server=here) as world, chromium(tmp_path / "browser") as browser:
        browser.open(f"{url}/invited/{account(world.store, world.settings.families[0])}")
        browser.fill("main form", login="dana", password=PASSWORD, again=PASSWORD)
        assert urlsplit(browser.run("location.href")).path == "/"
        browser.ask("WebAuthn.enable")
        stick = browser.ask("WebAuthn.addVirtualAuthenticator", options=PASSKEY)["authenticatorId"]

        browser.open(f"{url}/account/passkeys")
        browser.fill("form[data-passkey]", name="This laptop", old=PASSWORD)
        browser.until("document.querySelector('main h2')?.innerText === 'This laptop'")
        with world.store.read() as session:
            assert session.scalars(select(PasskeyRow.name)).all() == ["This laptop"]

        browser.run("window.before = true")
        browser.run("document.querySelector('header button.exit').click()")
        browser.until("!window.before && location.pathname === '/away'")
        browser.open(f"{url}/")
        assert browser.run("location.pathname") == "/sign-in"
        browser.fill("form[data-passkey]")
        browser.until("location.pathname === '/'")
        assert [e.body["proved"] for e in world.log() if e.kind == "signed in"] == ["invitation", "passkey"]

        browser.ask("WebAuthn.setUserVerified", authenticatorId=stick, isUserVerified=False)
        browser.ask("Network.clearBrowserCookies")
        browser.open(f"{url}/sign-in")
        browser.run("document.querySelector('form[data-passkey] button').click()")
        browser.until("!document.querySelector('form[data-passkey] [role=alert]').hidden")
        refused = [e for e in browser.events if "Content Security Policy" in str(e)]
        assert refused == []
