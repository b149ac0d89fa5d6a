"""Several processes over one PostgreSQL database: who takes what, and how they know of each other.

    intake ×N    SMTP, mailboxes ─► message row, bytes, log entry: one transaction ─► 250
                 one writer for each family's log: an advisory lock until the commit (`ledger.log`)
    worker ×N    claims a family (`claims`) ─► its oldest open message ─► everything about it in one transaction ─► lets go
    delivery ×N  claims a family's channel  ─► what is due there, in order ─► lets go
    web ×N       pages, API and the carrier's webhooks, which keep as intake keeps

A claim is a row lock (FOR UPDATE SKIP LOCKED) in a transaction that stays open: it ends with the work, or with the connection of a
process that died, and then another process takes the same row. No clock says how long it may last. What only one process may
do (clocks of alarms and reminders, records, a mailbox, fetching from the carrier) is a post (`locks`): an advisory lock of the
session, looked at before every step. A delivery that was just leaving when its process died is taken over once that process is
known to be gone (`presence`), and is in doubt then, as after any crash (`delivery.outbox`).

Settings are in force in all: each process compares the newest change in the database with its own once it has read what there is
to do, and before it does it (`following`). Bells (`bells`) save the wait for the next look and nothing rests on them.

On SQLite one process has the data (`lifetime.lock`): it holds every post, claims everything and rings only for itself.
"""
