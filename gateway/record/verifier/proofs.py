"""Proof files: one entry with its place in the log, each for itself (`docs/proof-files.md`)."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.ledger.leaf import Opening
from gateway.ledger.tree import leaf_hash, root_of_inclusion
from gateway.record.verifier.bag import sha256_of
from gateway.record.verifier.note import Checkpoint, Key, checkpoint_of, key_of
from gateway.record.verifier.report import Broken, Report

FORMAT, HEAD = "breakwater-proof/1", "c2sp.org/tlog-proof@v1"
MOST_HASHES = 64


@dataclass(frozen=True)
class Shown:
    """What a proof file proves."""

    key: Key
    checkpoint: Checkpoint
    seq: int
    fields: dict[str, Any]


def read_proof(text: str, key: Key | None = None) -> Shown:
    """Check a proof file. `key`: that must have signed it; its own where None. Raises Broken."""
    try:
        content = json.loads(text)
        if content["format"] != FORMAT or set(content) != {"format", "key", "leaf", "openings", "proof"}:
            raise ValueError
        own, leaf_text, proof = key_of(content["key"]), content["leaf"], content["proof"]
        leaf = json.loads(leaf_text)
        openings = [Opening(o["field"], o["value"], o["salt"]) for o in content["openings"]]
        head, gap, note = proof.partition("\n\n")
        first, index, *coded = head.split("\n")
        place = int(index.removeprefix("index "))
        hashes = [base64.b64decode(line, validate=True) for line in coded]
        if not gap or first != HEAD or index != f"index {place}" or len(hashes) > MOST_HASHES:
            raise ValueError
        if any(len(h) != 32 or base64.b64encode(h).decode() != c for h, c in zip(hashes, coded)):  # noqa: B905
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Broken("this is not a proof file of a log") from None
    if key is not None and own != key:
        raise Broken("the proof is signed by another key")
    seen = checkpoint_of(note, own)
    if root_of_inclusion(leaf_hash(leaf_text.encode("utf8")), place, seen.size, hashes) != seen.root:
        raise Broken("the entry is not in the log that the checkpoint was made of, or the proof was changed")
    if leaf.get("seq") != place + 1:
        raise Broken("the entry's number is not its place in the log")
    for opening in openings:
        if not opening.fits(leaf):
            raise Broken(f"the field {opening.field!r} was not what the file says")
    return Shown(own, seen, place + 1, {o.field: o.value for o in openings})


def check_proofs(folder: Path, key: Key, report: Report) -> None:
    """Every proof file of a bundle, and the stored bytes that it speaks of."""
    natives: dict[str, Path] = {}
    for file in sorted((folder / "native").glob("*")):
        if "-" not in file.stem:
            natives[file.stem] = file
    good = 0
    for file in sorted((folder / "proofs").glob("*.json")):
        try:
            shown = read_proof(file.read_text(encoding="utf8"), key)
        except (Broken, UnicodeDecodeError) as error:
            report.failed(f"proof {file.name}: {error}")
            continue
        native = natives.pop(file.stem, None)
        wanted = shown.fields.get("body.sha256", shown.fields.get("body.words_sha256"))
        if native is None or sha256_of(native) != wanted:
            report.failed(f"proof {file.name}: the stored bytes beside it are not those that the log kept")
            continue
        good += 1
    for name in natives:
        report.failed(f"message {name} has no proof")
    if good:
        report.proved(
            f"{good} messages have proofs of their own that hold, and their stored bytes are those that the log kept"
        )
