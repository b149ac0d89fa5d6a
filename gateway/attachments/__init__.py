"""Files that came with a message: told by their bytes, decided by rule, kept, and handed out on a deliberate step.

    bytes ─ look ─► traits ─ scan ─► rule ─► Settled ─► row, card line, log entry      (worker, one transaction)
    button on the card ─► picture drawn anew, or document under a safe name            (web)

`look`, `office`, `kinds`, `names`, `calendars` and `settle` are pure. A file's name and content are the sender's words:
nothing in them is taken for a fact, and a name is shown only when it reads like a plain statement about the children.
"""
