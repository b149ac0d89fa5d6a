"""One entry with its proof, in one small file that is checked without the log and without a network.

    {"format": "breakwater-proof/1",
     "key": "name+hash+base64",            the log's public key; trust comes from its fingerprint, got another way
     "leaf": "{…}",                        the leaf, exactly as it was hashed
     "openings": [{"field", "value", "salt"}, …],
     "proof": "c2sp.org/tlog-proof@v1\\n…"}   index, hashes, signed checkpoint

What it shows: the log that this key signs had, at the place and by the time that the checkpoint names, an entry with these
field values. What it does not show: that nothing else happened, or that the clock was right.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gateway.errors import LogError
from gateway.ledger import tree
from gateway.ledger.checkpoint import Checkpoint, read
from gateway.ledger.leaf import Opening
from gateway.ledger.note import Key

FORMAT = "breakwater-proof/1"
HEAD = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a proof file proves."""

    checkpoint: Checkpoint
    key: Key
    seq: int
    openings: tuple[Opening, ...]


def write(
    index: int, hashes: Sequence[bytes], checkpoint: str, leaf: str, openings: Sequence[Opening], key: Key
) -> str:
    """The file. `index` counts from 0; `checkpoint` is the signed note."""
    lines = [HEAD, f"index {index}", *(base64.b64encode(h).decode() for h in hashes), "", checkpoint]
    content = {
        "format": FORMAT,
        "key": str(key),
        "leaf": leaf,
        "openings": [{"field": o.field, "value": o.value, "salt": o.salt} for o in openings],
        "proof": "\n".join(lines),
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def check(text: str, fingerprint: str | None = None) -> Shown:
    """Check a proof file. `fingerprint`: of the key, as it was handed over another way.

    Raises:
        LogError: saying what does not hold.
    """
    content = _content(text)
    key = Key.read(str(content["key"]))
    if fingerprint is not None and key.fingerprint != fingerprint.replace(":", "").replace(" ", "").lower():
        raise LogError("the file is signed by another key than the one whose fingerprint you gave")
    index, hashes, note = _proof(str(content["proof"]))
    checkpoint = read(note, key)
    leaf_text = str(content["leaf"])
    found = tree.root_of_inclusion(tree.leaf_hash(leaf_text.encode("utf8")), index, checkpoint.size, hashes)
    if found != checkpoint.root:
        raise LogError("the entry is not in the log that the checkpoint was made of, or the proof was changed")
    leaf = _leaf(leaf_text)
    if leaf["seq"] != index + 1:
        raise LogError("the entry's number is not its place in the log")
    openings = tuple(Opening(str(o["field"]), o["value"], str(o["salt"])) for o in content["openings"])
    for opening in openings:
        if not opening.fits(leaf):
            raise LogError(f"the field {opening.field!r} was not what the file says")
    return Shown(checkpoint, key, leaf["seq"], openings)


def _content(text: str) -> dict[str, Any]:
    try:
        content = json.loads(text)
        whole = content["format"] == FORMAT and {"key", "leaf", "openings", "proof"} <= set(content)
        if whole and all({"field", "value", "salt"} == set(o) for o in content["openings"]):
            return dict(content)
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    raise LogError(f"this is not a proof file of a log ({FORMAT})")


def _proof(text: str) -> tuple[int, list[bytes], str]:
    head, gap, note = text.partition("\n\n")
    lines = head.split("\n")
    try:
        if not gap or lines[0] != HEAD or not lines[1].startswith("index "):
            raise ValueError
        index = int(lines[1].removeprefix("index "))
        hashes = [base64.b64decode(line, validate=True) for line in lines[2:]]
        if any(len(h) != 32 for h in hashes) or len(hashes) > 64:
            raise ValueError
    except (ValueError, IndexError):
        raise LogError("the proof cannot be read: it should begin with c2sp.org/tlog-proof@v1 and an index") from None
    return index, hashes, note


def _leaf(text: str) -> dict[str, Any]:
    try:
        leaf = json.loads(text)
        if isinstance(leaf["fields"], dict) and isinstance(leaf["seq"], int) and leaf["v"] == 1:
            return dict(leaf)
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    raise LogError("the leaf cannot be read")
