"""Every call of the API, declared once. Routes, checks, the OpenAPI document and docs/api.md are made from this list."""

from __future__ import annotations

from pathlib import Path

from gateway.api.call import ZIP, Call
from gateway.api.problems import CLOSED, LOOK_FIRST, NOT_COVERED, USED_KEY
from gateway.api.proving import Proving
from gateway.api.reading import Reading
from gateway.api.scopes import Scope
from gateway.api.shapes import (
    CardPage,
    CardShape,
    CheckpointPage,
    ConsistencyShape,
    DatePage,
    Days,
    DraftGiven,
    EntryPage,
    LookShape,
    NoteGiven,
    NoteShape,
    Pages,
    ProofShape,
    QuestionPage,
    QuestionShape,
    RecordPage,
    ReplyGiven,
    ReplyShape,
    Sizes,
    SumPage,
    Sums,
)
from gateway.api.writing import Writing
from gateway.ledger.checkpoints import Checkpoints
from gateway.store import Store
from gateway.web.pages.taking import Taking


def calls(store: Store, taking: Taking, checkpoints: Checkpoints, data: Path) -> tuple[Call, ...]:
    """All of them. `data`: the folder of the installation's data."""
    reading, proving, writing = Reading(store), Proving(store, checkpoints, data), Writing(store, taking)
    return (*_reading(reading), *_proving(proving), *_writing(writing))


def _reading(work: Reading) -> tuple[Call, ...]:
    return (
        Call("cards", "GET", "/cards", Scope.CARDS, "Cards, in the order in which they could first be read", work.cards,
             CardPage, query=Pages, leads=(("card", "/items/0/number"),)),
        Call("card", "GET", "/cards/{number}", Scope.CARDS, "One card", work.card, CardShape),
        Call("questions", "GET", "/questions", Scope.QUESTIONS, "Questions that wait for an answer", work.questions,
             QuestionPage, query=Pages, leads=(("question", "/items/0/number"),)),
        Call("question", "GET", "/questions/{number}", Scope.QUESTIONS, "One question, answered or not", work.question,
             QuestionShape),
        Call("calendar", "GET", "/calendar", Scope.CALENDAR, "What has a date, of some days", work.dates, DatePage,
             query=Days),
        Call("expenses", "GET", "/expenses", Scope.EXPENSES, "Sums for the children, newest first", work.sums, SumPage,
             query=Sums),
    )  # fmt: skip


def _proving(work: Proving) -> tuple[Call, ...]:
    return (
        Call("entries", "GET", "/log/entries", Scope.LOG, "Entries of the log, without what they say", work.entries,
             EntryPage, query=Pages, leads=(("proof", "/items/0/seq"),)),
        Call("proof", "GET", "/log/entries/{number}/proof", Scope.LOG, "The proof of one entry", work.proof, ProofShape,
             problems=(NOT_COVERED,)),
        Call("checkpoints", "GET", "/log/checkpoints", Scope.LOG, "Signed checkpoints of the log", work.checkpoints,
             CheckpointPage, query=Pages),
        Call("consistency", "GET", "/log/consistency", Scope.LOG, "That an older log is the beginning of a newer one",
             work.consistency, ConsistencyShape, query=Sizes),
        Call("records", "GET", "/records", Scope.RECORDS, "Finished records, newest first", work.records, RecordPage,
             query=Pages, leads=(("record file", "/items/0/number"),)),
        Call("record file", "GET", "/records/{number}/file", Scope.RECORDS, "The file of a record", work.file, ZIP),
    )  # fmt: skip


def _writing(work: Writing) -> tuple[Call, ...]:
    return (
        Call("note", "POST", "/journal/notes", Scope.JOURNAL, "Write a note into the journal", work.note, NoteShape,
             body=NoteGiven, once=True, status=201, problems=(USED_KEY,), changes=True),
        Call("look", "POST", "/replies/look", Scope.REPLIES, "What is to be said about words before they go", work.look,
             LookShape, body=DraftGiven, problems=(CLOSED,)),
        Call("reply", "POST", "/replies", Scope.REPLIES, "Send words to the other parent, as an answer to a card", work.reply,
             ReplyShape, body=ReplyGiven, once=True, status=201, problems=(LOOK_FIRST, CLOSED, USED_KEY), changes=True,
             leads=(("sent", "/number"),)),
        Call("sent", "GET", "/replies/{number}", Scope.REPLIES, "What became of words that were handed over", work.sent,
             ReplyShape),
    )  # fmt: skip
