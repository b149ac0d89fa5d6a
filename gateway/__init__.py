"""Breakwater: a gateway that gives a parent modified contact with an abusive ex.

The walk of a message: `intake` keeps it, `worker` reads, tags, decides and composes (pure functions in
`parsing`, `tagging`, `policy`, `delivery.compose`), the edge (`delivery.outbox`) sends. `ledger` remembers
every event. Start reading at `gateway/pipeline.py`.
"""

__version__ = "0.1.0"
