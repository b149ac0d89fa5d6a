"""What a child-related passage says: which child, when, how much, where, and whether it asks something. Pure."""

from __future__ import annotations

from gateway.tagging.facts.fact import Fact
from gateway.tagging.facts.read import read_facts

__all__ = ["Fact", "read_facts"]
