"""The vault: where the parent can, deliberately, read originals.

message concluded ─► rows.note: a row of dates and types, its words in the search index (the worker's transaction)
list, search      ─► choices (which), terms (what words), search (SQLite or PostgreSQL) ─► dates and types only
one original      ─► openings: asked ─ the parent's delay ─► open for an hour ─► original: exact words, what became of them
"""
