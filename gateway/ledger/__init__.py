"""The log: append-only entries for every event, chained by hash, one writer per log."""

from gateway.ledger.log import GENESIS, INSTALLATION, Entry, Event, append, append_all, entries, head, verify

__all__ = ["GENESIS", "INSTALLATION", "Entry", "Event", "append", "append_all", "entries", "head", "verify"]
