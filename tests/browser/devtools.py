"""A real browser, spoken to over a pipe (Chrome DevTools Protocol): no package is needed, and nothing listens on a port."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@dataclass
class Chromium:
    """One tab."""

    out: int
    back: int
    session: str = ""
    number: int = 0
    rest: bytes = b""
    events: list[dict[str, Any]] = field(default_factory=list)

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """A command and its answer."""
        self.number += 1
        said: dict[str, Any] = {"id": self.number, "method": method, "params": params}
        if self.session:
            said["sessionId"] = self.session
        os.write(self.out, json.dumps(said).encode() + b"\0")
        while True:
            heard = self._hear()
            if heard.get("id") == self.number:
                assert "error" not in heard, (method, heard["error"])
                return dict(heard["result"])
            self.events.append(heard)

    def open(self, url: str) -> None:
        self.ask("Page.navigate", url=url)
        self.until("document.readyState === 'complete'")

    def run(self, script: str) -> Any:
        """The value of an expression in the page."""
        got = self.ask("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True)
        assert "exceptionDetails" not in got, got
        return got["result"].get("value")

    def until(self, script: str, seconds: float = 30) -> None:
        """Wait until it holds in the page; a page that is just changing answers nothing."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with contextlib.suppress(AssertionError):
                if self.run(script):
                    return
            time.sleep(0.05)
        raise AssertionError(f"{script}: did not come true on {self.run('location.href + document.body.innerText')}")

    def fill(self, form: str, **fields: str) -> None:
        """Type into a form and press its first button, as a person would; wait for the next page."""
        for name, value in fields.items():
            self.run(
                f"document.querySelector({json.dumps(form)}).elements[{json.dumps(name)}].value = {json.dumps(value)}"
            )
        self.run("window.before = true")
        self.run(f"document.querySelector({json.dumps(form + ' button')}).click()")
        self.until("!window.before && document.readyState === 'complete'")

    def picture(self, file: Path, *, width: int = 1280, dark: bool = False) -> None:
        """The whole page as a PNG."""
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 600)
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.ask("Emulation.setEmulatedMedia", features=scheme)
        shot = self.ask("Page.captureScreenshot", captureBeyondViewport=True, fromSurface=True)
        file.write_bytes(base64.b64decode(shot["data"]))

    def _hear(self) -> dict[str, Any]:
        while b"\0" not in self.rest:
            more = os.read(self.back, 65536)
            assert more, "the browser has ended"
            self.rest += more
        first, _, self.rest = self.rest.partition(b"\0")
        return dict(json.loads(first))


@contextlib.contextmanager
def chromium(folder: Path) -> Iterator[Chromium]:
    """A browser of its own, in a folder that is thrown away."""
    assert PROGRAM is not None
    to_read, to_write = os.pipe()
    from_read, from_write = os.pipe()
    options = (
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", f"--user-data-dir={folder}", "about:blank",
    )  # fmt: skip
    pipe = f"exec {PROGRAM} --remote-debugging-pipe {' '.join(options)} 3<&{to_read} 4>&{from_write}"
    process = subprocess.Popen(
        ["/bin/bash", "-c", pipe], pass_fds=(to_read, from_write), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(to_read)
    os.close(from_write)
    made = Chromium(to_write, from_read)
    try:
        target = made.ask("Target.createTarget", url="about:blank")["targetId"]
        made.session = made.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            made.ask(f"{domain}.enable")
        yield made
    finally:
        os.close(to_write)
        os.close(from_read)
        process.terminate()
        process.wait(20)
