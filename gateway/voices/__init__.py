"""Voices that are neither parent's: what a child writes to the parent, handed over and not kept.

    kept (like everything) ─► proved to be the child's ─► outbox: whole, at once ─► arrived ─► bytes removed, entry
                                      └─ not proved ─► the ordinary way, with a note

A child's words never stand in the database or in the log: a delivery names the message, and its words are read from the stored
bytes when it is sent. The bytes go when the parent's mail host has taken them, so that a crash at any moment repeats the
handing over and loses nothing.
"""
