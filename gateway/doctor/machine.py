"""The machine and the program: disk, clock, ports, certificate, scanner, rules and tagger."""

from __future__ import annotations

import shutil
import socket
import time

from gateway.attachments.scanner import scanner
from gateway.clock import utc_now
from gateway.doctor.finding import Finding
from gateway.intake.tls import tls_context
from gateway.policy import load_rules
from gateway.settings import Settings
from gateway.tagging import MODEL

LEAST_FREE = 1024**3


def disk(settings: Settings) -> Finding:
    """Room for more."""
    settings.data.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.data).free
    said = f"{free / 1024**3:.1f} GB free"
    return Finding(
        "disk", free > LEAST_FREE, said if free > LEAST_FREE else f"only {said}; make room, or mail is refused"
    )


def clock(_settings: Settings) -> Finding:
    """Whether the clock can be right."""
    year = utc_now().year
    good = 2026 <= year < 2100 and time.get_clock_info("monotonic").monotonic
    return Finding("clock", good, f"{utc_now():%Y-%m-%d %H:%M:%S} UTC" + ("" if good else "; set the system's clock"))


def smtp_port(settings: Settings) -> Finding:
    """Whether mail is taken in."""
    return _port("mail in", settings.server.smtp_listen)


def web_port(settings: Settings) -> Finding:
    """Whether the web is served."""
    return _port("web", settings.server.web_listen)


def _port(what: str, listen: str) -> Finding:
    host, _, port = listen.rpartition(":")
    with socket.socket(socket.AF_INET6 if ":" in host.strip("[]") else socket.AF_INET) as probe:
        probe.settimeout(2)
        try:
            probe.connect((host.strip("[]"), int(port)))
        except OSError:
            return Finding(what, None, f"nothing listens on {listen}; start it with: breakwater serve")
    return Finding(what, True, f"{listen} answers")


def tls(settings: Settings) -> Finding:
    """Whether mail comes in encrypted."""
    if tls_context(settings) is None:
        return Finding("encryption of mail in", None, "no tls_certificate: mail comes in unencrypted")
    return Finding("encryption of mail in", True, "STARTTLS is offered")


def scanner_answers(settings: Settings) -> Finding:
    """Whether the virus scanner answers."""
    found = scanner(settings)
    if found is None:
        return Finding("virus scanner", None, "none set: attachments are not scanned; see [scanner]")
    if not found.ping():
        said = f"{settings.scanner.clamd} does not answer; attachments are held until it does: start clamd"
        return Finding("virus scanner", False, said)
    return Finding("virus scanner", True, f"{settings.scanner.clamd} answers")


def rules(_settings: Settings) -> Finding:
    """Whether the rules can be read."""
    rules = load_rules()
    return Finding("rules", True, f"{len(rules.rules)} rules, version {rules.version}")


def tagger(_settings: Settings) -> Finding:
    """Whether there is a model."""
    found = (MODEL / "manifest.json").exists()
    return Finding(
        "tagger", found, "model found" if found else "no model: every message is held; reinstall the package"
    )


def heartbeat(settings: Settings) -> Finding:
    """Whether anybody learns that this machine died."""
    beat = settings.heartbeat
    if beat.url is None and beat.file is None:
        said = "no [heartbeat]: if this machine dies, nobody is told; set url or file, or run `breakwater heartbeat --url` elsewhere"
        return Finding("heartbeat", None, said)
    return Finding("heartbeat", True, f"given every {beat.every_minutes} minutes while all is well")
