"""What was changed in the settings and counts only after a restart: the parts of `serve` that are set up at its start. Pure."""

from __future__ import annotations

from gateway.settings import Settings

SECTIONS = {
    "server": "how this installation listens and where it keeps things",
    "mail_in": "how mail finds it",
    "mail_out": "the server that takes its mail, and the signature",
    "twilio": "the account for texts",
    "senders": "how senders are checked",
    "texts": "how texts are read",
    "voice": "what a caller hears",
    "scanner": "the virus scanner",
    "heartbeat": "the sign of life",
    "caps": "the limits on texts",
    "destinations": "whether addresses are confirmed",
    "tools": "how often programs may ask",
    "anchors": "the time stamps of the log",
}
MAILBOX = "a mailbox that is read for the relay address"
SEALS = "who gets the seals of the log"


def waits_for_restart(running: Settings, now: Settings) -> tuple[str, ...]:
    """What of the settings `now` is not in force in a gateway that was started with `running`."""
    found = [words for name, words in SECTIONS.items() if getattr(running, name) != getattr(now, name)]
    before = {family.key: family.mailbox for family in running.families}
    if any(family.mailbox != before.get(family.key) for family in now.families):
        found.append(MAILBOX)
    had = bool(running.anchors) or any(family.checkpoints_to for family in running.families)
    if not had and any(family.checkpoints_to for family in now.families):
        found.append(SEALS)
    return tuple(found)
