"""The rules of each family, made when they are first asked for and again when the family's choices have changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from gateway.family import Family
from gateway.policy.ruleset import Ruleset


class Rulesets(Mapping[str, Ruleset]):
    """By key of the family. `families`: those in force now; a family that was replaced gets its rules anew."""

    def __init__(self, rules: Ruleset, families: Callable[[], Mapping[str, Family]]) -> None:
        self._rules, self._families = rules, families
        self._made: dict[str, tuple[Family, Ruleset]] = {}

    def __getitem__(self, key: str) -> Ruleset:
        """Raises KeyError, and RulesError where the family's own words cannot be rules."""
        family = self._families()[key]
        known = self._made.get(key)
        if known is None or known[0] is not family:
            known = self._made[key] = (family, self._rules.for_family(family))
        return known[1]

    def __iter__(self) -> Iterator[str]:
        return iter(self._families())

    def __len__(self) -> int:
        return len(self._families())
