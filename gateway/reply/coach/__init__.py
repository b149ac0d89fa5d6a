"""The coach: looks at a reply before the parent sends it and suggests, never decides. Pure; no network, no clock."""

from gateway.reply.coach.advise import advise
from gateway.reply.coach.draft import Advice, Draft, Hint, Private, Template
from gateway.reply.coach.rules import CoachRules, load_coach

__all__ = ["Advice", "CoachRules", "Draft", "Hint", "Private", "Template", "advise", "load_coach"]
