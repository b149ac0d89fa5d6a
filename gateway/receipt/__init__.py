"""What the other parent is told by a machine: the receipt (silent, neutral or full) and the disclosure at the start.

    message ─ may a machine answer it? ─ words (true, nothing of the parent) ─► outbox, once a day for each route, with an entry

Never false: no receipt says more than that a message came and is stored, or what the family chose to disclose. Danger and
emergencies are never answered by a machine.
"""
