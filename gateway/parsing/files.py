"""Parts that are files: named, hashed and told by their bytes, never opened or shown here."""

from __future__ import annotations

import hashlib

from gateway.parsing.reading import Attachment
from gateway.parsing.sniff import sniff
from gateway.parsing.tree import Part

MAX_NAME = 255


def describe_file(data: bytes, name: str, claimed_type: str, *, inline: bool = False) -> Attachment:
    """What is known of a file from its bytes and what the sender says about it."""
    digest = hashlib.sha256(data).hexdigest()
    return Attachment(clean_name(name), sniff(data), claimed_type, len(data), digest, inline, data)


def describe_part(part: Part, data: bytes) -> Attachment:
    """The same for a part of a message."""
    inline = part.disposition == "inline" or (
        part.disposition != "attachment" and bool(part.headers.first("content-id"))
    )
    return describe_file(data, part.name, part.type, inline=inline)


def clean_name(name: str) -> str:
    """The last piece of a path, without control and direction characters, which can make `fdp.exe` read `exe.pdf`."""
    last = name.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    kept = "".join(
        c for c in last if c.isprintable() and c not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    )
    return kept.strip()[-MAX_NAME:]
