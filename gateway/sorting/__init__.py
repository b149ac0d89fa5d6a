"""Passages that neither tagger nor rules could sort, and the person who does.

    decided message ─ passages (pure) ─► rows, open ─ one tap ─► other: stays withheld, can be taken back for a day
                                                  └─ one tap ─► children ─ `UNDO` ─► a card in the exact words, by the usual outbox

Danger, emergencies and legal mail are never waited for here and never hidden: they have their cards and alarms, whatever is sorted.
"""
