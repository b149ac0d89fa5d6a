"""Databases as earlier versions left them: the migrations up to one of them, and a family's messages in the tables that there were then.

Rows of messages, log, decisions, cards and deliveries are those of a true installation, in the columns that the tables had. All other tables
have their row in `ROWS`: whoever adds a table writes one, or the test of the upgrades fails and names the table and its columns.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from gateway.store import Store
from gateway.store.tables import Base
from gateway.store.unit_of_work import MIGRATIONS

AT = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
LATER = AT + timedelta(days=400)
SHA, TOKEN, FAMILY = "ab" * 32, "t" * 43, {"family": "rivera"}
OWN = {"id": 1, "account_id": 1}
ROWS: dict[str, dict[str, Any]] = {
    "account": {"id": 1, **FAMILY, "role": "parent", "name": "Dana", "login": "dana", "password": "$argon2id$x", "totp": None, "totp_step": 0,
                "recovery": ["x"], "language": "es", "idle_minutes": 30, "created_at": AT},
    "alarm": {"id": 1, **FAMILY, "kind": "danger", "message_id": 1, "card_id": None, "raised_at": AT, "step": 2, "next_at": LATER, "by": "", "via": ""},
    "alarm_call": {"id": 1, "alarm_id": 1, **FAMILY, "who": "parent", "name": "Dana", "channel": "email", "address": "dana@example.org",
                   "token": TOKEN, "rounded": False},
    "anchor": {"id": 1, "checkpoint_id": 1, "authority": "tsa.example.org", "state": "stamped", "attempts": 1, "next_at": AT, "reply": b"\x30\x03\0",
               "stamped_at": AT, "late": False, "why": ""},
    "attachment": {"id": 1, "message_id": 1, **FAMILY, "place": 1, "media_id": 1, "name": "schedule.pdf", "shown_name": "schedule.pdf", "words": "schedule",
                   "ending": "pdf", "type": "application/pdf", "claimed_type": "application/pdf", "size": 9, "sha256": SHA, "state": "held", "rule": "files.document",
                   "why": "", "on_card": True, "after_original": False, "scan": "clean", "found": ""},
    "browser": {**OWN, "token": TOKEN, "name": "Firefox", "created_at": AT, "seen_at": AT},
    "card_seen": {"account_id": 1, "card_id": 1, "at": AT},
    "destination": {"id": 1, **FAMILY, "channel": "email", "address": "dana@example.org", "state": "verified", "via": "page", "code": "123456", "token": TOKEN,
                    "since": AT, "verified_at": AT},
    "family_turn": {**FAMILY, "work": "reading"},
    "digest": {"id": 1, **FAMILY, "token": TOKEN, "made_at": AT, "hour": AT, "cards": [1], "asking": []},
    "expense": {"id": 1, **FAMILY, "card_id": 1, "message_id": 1, "place": 0, "made_at": AT, "child": "Noah", "asks": True, "cents": 8500, "currency": "USD"},
    "export": {**OWN, **FAMILY, "nonce": "n" * 32, "asked_at": AT, "wanted": {}, "state": "done", "stage": "", "done": 3, "total": 3, "said": [], "size": 9,
               "finished_at": AT, "checked_at": AT},
    "export_link": {"id": 1, "export_id": 1, "token": TOKEN, "name": "Ms Ito", "created_at": AT, "until": LATER, "fetched": 1, "fetched_at": AT},
    "feed": {"id": 1, **FAMILY, "sha256": SHA, "made_at": AT},
    "fresh": {"sha256": SHA, "content": b"Subject: x\r\n\r\nPickup is at 6.\r\n"},
    "handover": {"message_id": 2, **FAMILY, "state": "removed", "files": False, "looks": 3, "made_at": AT, "next_at": AT, "done_at": AT},
    "kept_form": {**OWN, "browser_id": 1, "until": LATER, "sealed": "sealed"},
    "knock": {**OWN, "kind": "password", "source": "s" * 32, "at": AT},
    "mailbox_message": {"id": 1, **FAMILY, "account": "dana", "folder": "INBOX", "validity": 7, "uid": 9, "state": "kept", "marked": True, "attempts": 1,
                        "size": 9, "arrived": AT, "at": AT, "message_id": 1},
    "media": {"id": 1, "message_id": 1, "url": "https://api.twilio.com/x", "content_type": "image/jpeg", "state": "kept", "attempts": 1, "next_at": AT,
              "sha256": SHA, "size": 9},
    "move": {"id": 1, **FAMILY, "channel": "email", "address": "d@example.org", "by": "Dana", "asked_at": AT, "tries": 1, "state": "waiting"},
    "news": {"id": 1, **FAMILY, "kind": "card", "number": 1, "event": "e" * 32, "at": AT},
    "note": {**OWN, **FAMILY, "nonce": "n" * 32, "written_at": AT, "happened_at": AT, "kind": "exchange", "child": "Emma", "content": {"text": "late"},
             "sha256": SHA, "entry": 1},
    "opened": {**OWN, "what": "cards", "since": AT, "until": LATER, "created_at": AT},
    "opening": {**OWN, **FAMILY, "message_id": 1, "asked_at": AT, "opens_at": AT, "reason": "court", "opened_at": AT},
    "opt_out": {"id": 1, **FAMILY, "relay": "+15005550001", "number": "+15005550003", "state": "out", "since": AT, "via": "text", "message_id": 1},
    "passage": {"id": 1, **FAMILY, "message_id": 1, "card_id": 1, "field": "text", "start": 0, "end": 9, "label": "F:medical", "rule": "hold.doubt", "state": "open", "made_at": AT},
    "passkey": {**OWN, "name": "phone", "credential": b"c", "public_key": b"k", "counter": 3, "created_at": AT},
    "process": {"id": "vm-1-abc", "roles": "all", "host": "vm", "pid": 1, "version": "0.1.0", "started_at": AT, "seen_at": AT},
    "question": {"id": 1, **FAMILY, "message_id": 1, "place": 0, "words": "Can you take Noah on Sunday?", "asked_at": AT, "answer_by": LATER, "named": False,
                 "remind_at": LATER},
    "receipt": {"id": 1, **FAMILY, "channel": "email", "day": AT.date(), "message_id": 1, "at": AT},
    "reconciled": {"relay": "+15005550001", "until": AT, "found": 2},
    "recording": {"id": 1, "sid": "RE1", "call_sid": "CA1", **FAMILY, "url": "https://api.twilio.com/r", "seconds": 9, "noted_at": AT, "told": True,
                  "state": "kept", "attempts": 1, "next_at": AT, "sha256": SHA, "size": 9},
    "reply": {"id": 1, **FAMILY, "message_id": 3, "answers_id": 1, "channel": "email", "address": "mark@example.net", "content": {"text": "ok"}, "hints": [],
              "state": "sent", "token": TOKEN, "out_id": "o1", "made_at": AT},
    "setup": {"id": 1, "token": TOKEN, "made_at": AT, "until": LATER, "answers": {"zone": "America/Chicago"}, "done_at": AT, "family": "rivera"},
    "sms_status": {"id": 1, "sid": "SM1", "status": "delivered", "at": AT},
    "tool_token": {**OWN, **FAMILY, "name": "a program", "scopes": ["cards"], "sha256": SHA, "made_at": AT, "ends_at": LATER, "calls": 1},
    "visit": {**OWN, "browser_id": 1, "token": TOKEN, "device": "phone", "proved": "password", "began_at": AT, "seen_at": AT},
    "voice_call": {"id": 1, "sid": "CA1", **FAMILY, "caller": "+15005550003", "relay": "+15005550001", "came_at": AT, "envelope": {}},
    "waiting_text": {"message_id": 1, **FAMILY, "sender": "+15005550003", "first_id": 1, "opened_at": AT, "due_at": AT},
    "webhook": {**OWN, **FAMILY, "name": "x", "url": "https://hooks.example.org/x", "nonce": "n" * 32, "secret": "sealed", "made_at": AT, "place": 0,
                "next_at": AT, "failures": 0, "why": ""},
}  # fmt: skip
OURS = ("alembic_version", "vault_words")
"""Tables that hold no rows of their own: the revision, and the index of the search, which its triggers fill."""
EMPTY = {"data_key"}
"""Tables that are left empty: a data key is of use with its master key alone, and without that no database is opened (`tests/sealing`)."""
Rows = dict[str, list[dict[str, Any]]]


def rows_of(store: Store) -> Rows:
    """Every row of an installation of now, by table."""
    with store.glance() as connection:
        return {
            table.name: [dict(row) for row in connection.execute(sa.select(table)).mappings()]
            for table in Base.metadata.sorted_tables
        }


def upgrade(store: Store, revision: str) -> None:
    """Bring an empty database to an earlier form."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with store.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def wanting(rows: Rows) -> dict[str, list[str]]:
    """Tables of now without a whole row, and the columns that must be in it: empty where all have one."""
    found = {}
    for name, table in Base.metadata.tables.items():
        needed = {
            c.name for c in table.columns if not (c.nullable or c.default is not None or c.server_default is not None)
        }
        lacking = sorted(needed - ROWS.get(name, {}).keys())
        if name not in EMPTY and not rows.get(name) and (lacking or name not in ROWS):
            found[name] = lacking
    return found


def fill(store: Store, true: Rows, put: Rows) -> None:
    """Rows for every table that has come and is not in `put` yet; they are added to it. One that a migration filled stays as it is."""
    with store.engine.begin() as connection:
        there = sa.MetaData()
        there.reflect(connection)
        for table in there.sorted_tables:
            if table.name.startswith(OURS) or table.name in EMPTY or table.name in put:
                continue
            if connection.scalar(sa.select(sa.func.count()).select_from(table)):
                put[table.name] = []
                continue
            names = [column.name for column in table.columns]
            made = true.get(table.name) or [ROWS[table.name]]
            put[table.name] = [{name: row[name] for name in names if name in row} for row in made]
            known = Base.metadata.tables[table.name]
            like = sa.table(table.name, *(sa.column(name, known.c[name].type) for name in names if name in known.c))
            connection.execute(sa.insert(like), put[table.name])
            numbered = "id" in names and isinstance(table.c.id.type, sa.Integer)
            if numbered and connection.dialect.name == "postgresql":  # as if the numbers had been given in turn
                connection.exec_driver_sql(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), (SELECT max(id) FROM \"{table.name}\"))"
                )


def missing(store: Store, put: Rows) -> list[str]:
    """What is no longer there as it was put in: table and row."""
    gone = []
    for name, rows in put.items():
        table = Base.metadata.tables[name]
        with store.glance() as connection:
            now = {
                tuple(row[key.name] for key in table.primary_key): dict(row)
                for row in connection.execute(sa.select(table)).mappings()
            }
        for row in rows:
            found = now.get(tuple(row[key.name] for key in table.primary_key), {})
            gone += [
                f"{name}.{field}"
                for field, value in row.items()
                if field in table.c and found.get(field, found) != value
            ]
    return gone
