"""Outgoing: what the parent writes to the co-parent, and what is said about it before it goes."""
