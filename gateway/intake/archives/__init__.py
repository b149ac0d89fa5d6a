"""Old threads: messages from before the gateway, read from archives that the parent hands over.

    file ─ read (pure, streaming) ─► Found ─ who is who (pure) ─► Arrival ─► Keeper ─► worker, quietly

Each format has a module that turns bytes into `Found` messages and `Problem` places, knowing no database and no clock.
`importing.py` is the shell. What is imported is kept, logged and read like everything else, is marked "imported, as given
by the parent" for good, and never becomes a card, an alarm or anything new.
"""
