"""One line of the table of checks."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Result:
    """What was looked at, and what of it is wrong."""

    name: str
    looked: int = 0
    wrong: list[str] = field(default_factory=list)

    def see(self, holds: bool, what: str) -> None:
        self.looked += 1
        if not holds:
            self.wrong.append(what)
