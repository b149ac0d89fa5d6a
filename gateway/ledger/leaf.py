"""What of an entry goes into the tree: salted commitments, one for each field.

A leaf must reveal nothing: it is shown beside its neighbours' proofs, and a hash of "ok" alone could be guessed. So each
field is committed to as SHA-256 over a salt of 16 bytes and the field's value as canonical JSON (RFC 8785). The salts of
one entry come from one secret seed (HMAC-SHA256 over the field's name), so that handing out one field's salt opens that
field and no other, and that forgetting the seed closes the entry for good without touching the tree.

    leaf = {"fields": {"at": "<hex>", "body.sha256": "<hex>", "log": "<hex>", ...}, "seq": 12, "v": 1}

The fields of an entry's body stand one by one under ``body.``; the log's name is committed to like a field.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateway.ledger.tree import leaf_hash

if TYPE_CHECKING:
    from gateway.ledger.log import Entry

VERSION = 1
SALT_BYTES = 16
_write = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode
"""One encoder for all: `json.dumps` would make one at each of the dozen calls that an entry takes."""


@dataclass(frozen=True, slots=True)
class Opening:
    """One field laid open: whoever holds the leaf can check that this was its value."""

    field: str
    value: Any
    salt: str

    def fits(self, leaf: Mapping[str, Any]) -> bool:
        """Whether the leaf committed to this value."""
        try:
            salt = bytes.fromhex(self.salt)
        except ValueError:
            return False
        return len(salt) == SALT_BYTES and leaf["fields"].get(self.field) == commitment(salt, self.value)


def canonical(value: Any) -> str:
    """One text for one value: RFC 8785 for the values of a log (text, whole numbers, true, false, null, lists, objects)."""
    return _write(value)


def new_seed() -> str:
    """A fresh secret for one entry, in hexadecimal."""
    return secrets.token_hex(SALT_BYTES)


def salt_of(seed: str, field: str) -> bytes:
    """The salt of one field."""
    return hmac.digest(bytes.fromhex(seed), field.encode("utf8"), "sha256")[:SALT_BYTES]


def commitment(salt: bytes, value: Any) -> str:
    """The hash that stands for a value."""
    return hashlib.sha256(salt + canonical(value).encode("utf8", "surrogatepass")).hexdigest()


def fields_of(entry: Entry) -> dict[str, Any]:
    """The fields of an entry by the names that they have in its leaf."""
    plain = {"log": entry.log, "at": entry.at, "offset": entry.offset, "kind": entry.kind, "hash": entry.hash}
    return plain | {f"body.{name}": value for name, value in entry.body.items()}


def leaf_of(entry: Entry, seed: str) -> str:
    """The leaf of an entry, as canonical JSON."""
    fields = {name: commitment(salt_of(seed, name), value) for name, value in fields_of(entry).items()}
    return canonical({"v": VERSION, "seq": entry.seq, "fields": fields})


def hash_of(entry: Entry, seed: str) -> bytes:
    """The hash of an entry's leaf in the tree."""
    return leaf_hash(leaf_of(entry, seed).encode("utf8"))


def open_fields(entry: Entry, seed: str, names: list[str] | None = None) -> list[Opening]:
    """Openings of the named fields, or of all. Raises KeyError for a field that the entry does not have."""
    fields = fields_of(entry)
    chosen = list(fields) if names is None else names
    return [Opening(name, fields[name], salt_of(seed, name).hex()) for name in chosen]
