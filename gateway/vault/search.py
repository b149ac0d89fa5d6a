"""The search index: the one place that knows how each database finds words.

SQLite: FTS5 over words that were folded before (`terms.py`), so its own tokenizer has nothing left to decide. PostgreSQL: a tsvector
made of the same words, under a GIN index. Each row begins with a sign of its family, so that a search never walks through the words
of the others; who may see what is decided by the family of the vault's row all the same.

Called inside the caller's unit of work: the index changes with the conclusion or not at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement, TextClause, text
from sqlalchemy.orm import Session

from gateway.store.direct import Direct
from gateway.vault.terms import Terms, words_of

LAST_PLACE: Final = 16_383
MOST_PLACES: Final = 255
"""Limits of a tsvector: the highest place of a word, and how many places of one word are kept."""
SQLITE: Final = ("CREATE VIRTUAL TABLE vault_words USING fts5(words, tokenize = 'ascii')",)
POSTGRESQL: Final = (
    "CREATE TABLE vault_words (message_id BIGINT PRIMARY KEY REFERENCES message (id), words tsvector NOT NULL)",
    "CREATE INDEX vault_words_find ON vault_words USING gin (words) WITH (fastupdate = off)",
)

_PUT = Direct(text("INSERT INTO vault_words (rowid, words) VALUES (:id, :words)"))
_PUT_VECTOR = Direct(
    text(
        "INSERT INTO vault_words (message_id, words) VALUES (:id, CAST(:words AS tsvector)) "
        "ON CONFLICT (message_id) DO UPDATE SET words = excluded.words"
    )
)
_REMOVE = Direct(text("DELETE FROM vault_words WHERE rowid = :id"))
_REMOVE_VECTOR = Direct(text("DELETE FROM vault_words WHERE message_id = :id"))
"""Of SQLite's and PostgreSQL's index. Every message passes by them."""


def put(session: Session, message_id: int, family: str, words: str) -> None:
    """Index the words of a message, in place of what was there."""
    signs = [_home(family), *words_of(words)]
    if _is_sqlite(session):
        remove(session, message_id)
        _PUT.one(session.connection(), {"id": message_id, "words": " ".join(signs)})
        return
    _PUT_VECTOR.one(session.connection(), {"id": message_id, "words": _vector(signs)})


def remove(session: Session, message_id: int) -> None:
    """Take the words of a message out of the index."""
    (_REMOVE if _is_sqlite(session) else _REMOVE_VECTOR).one(session.connection(), {"id": message_id})


def purge(session: Session, message_id: int) -> None:
    """Take them out so that the database keeps no trace of them in its index either. Slow; for what must not be kept."""
    remove(session, message_id)
    if _is_sqlite(session):
        session.execute(text("INSERT INTO vault_words (vault_words) VALUES ('optimize')"))


def holds(session: Session, family: str, terms: Terms) -> ColumnElement[bool] | TextClause:
    """A condition on `vault`: its message holds all that is looked for."""
    if _is_sqlite(session):
        wanted = " AND ".join(f'"{" ".join(phrase)}"' for phrase in ((_home(family),), *terms.phrases))
        query = "vault.message_id IN (SELECT rowid FROM vault_words WHERE vault_words MATCH :wanted)"
    else:
        wanted = " & ".join(
            f"({' <-> '.join(repr_of(w) for w in phrase)})" for phrase in ((_home(family),), *terms.phrases)
        )
        query = "vault.message_id IN (SELECT message_id FROM vault_words WHERE words @@ CAST(:wanted AS tsquery))"
    return text(query).bindparams(wanted=wanted)


def repr_of(word: str) -> str:
    """A word for a tsvector or tsquery. Words are letters and digits only, so that nothing in them can end the quotes."""
    return f"'{word}'"


def _vector(signs: Sequence[str]) -> str:
    places: dict[str, list[int]] = {}
    for place, sign in enumerate(signs, 1):
        found = places.setdefault(sign, [])
        if len(found) < MOST_PLACES and (not found or found[-1] < LAST_PLACE):
            found.append(min(place, LAST_PLACE))
    return " ".join(f"{repr_of(sign)}:{','.join(map(str, found))}" for sign, found in places.items())


def _home(family: str) -> str:
    """The sign of a family: no word that anybody types, and one word to every database."""
    return "h" + hashlib.sha256(family.encode("utf8")).hexdigest()[:32]


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
