"""The rules that decide, as data that a lawyer can read, and the pure function that applies them."""

from gateway.policy.decide import Case, Choice, Decision, decide
from gateway.policy.lane import Lane
from gateway.policy.rule import Action, Rule
from gateway.policy.ruleset import Ruleset, load_rules

__all__ = ["Action", "Case", "Choice", "Decision", "Lane", "Rule", "Ruleset", "decide", "load_rules"]
