"""Whether mail can come in: knocks at the gateway's own SMTP port, as a sender's system would."""

from __future__ import annotations

import socket

TIMEOUT_SECONDS = 10.0
ANY = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 (what is listened on, not opened here)


def smtp_door(listen: str) -> str | None:
    """Why nobody would be let in at ``host:port``; None where the greeting comes (RFC 5321 section 3.1)."""
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    try:
        with socket.create_connection((ANY.get(host, host), int(port)), timeout=TIMEOUT_SECONDS) as door:
            greeting = door.recv(512)
            if greeting.startswith(b"220"):
                door.sendall(b"QUIT\r\n")
                while door.recv(512):  # until the other side has closed, so that nothing is left open behind a knock
                    pass
                return None
    except OSError as error:
        return f"the mail port does not answer ({type(error).__name__})"
    return "the mail port does not greet"
