"""What a check found, in one of three verdicts."""

from __future__ import annotations

from dataclasses import dataclass, field

PROVED, WORD, FAILED = "PROVED", "OPERATOR'S WORD", "FAILED"
MOST = 40
"""Failures that are written out; more are counted."""


class Broken(Exception):  # noqa: N818 (it is a finding, not a fault)
    """Something does not hold; `str()` is the sentence."""


@dataclass
class Report:
    """Findings in the order in which they were made: verdict and plain sentence."""

    findings: list[tuple[str, str]] = field(default_factory=list)

    def proved(self, sentence: str) -> None:
        """It follows from the bundle and from what was given beside it."""
        self.findings.append((PROVED, sentence))

    def word(self, sentence: str) -> None:
        """Nobody but whoever ran the gateway says so."""
        self.findings.append((WORD, sentence))

    def failed(self, sentence: str) -> None:
        """It does not hold."""
        self.findings.append((FAILED, sentence))

    @property
    def failures(self) -> int:
        """How many did not hold."""
        return sum(verdict == FAILED for verdict, _ in self.findings)

    def text(self) -> str:
        """All of it for a person, failures first and not without end."""
        failed = [sentence for verdict, sentence in self.findings if verdict == FAILED]
        lines = [f"{FAILED}: {sentence}" for sentence in failed[:MOST]]
        if len(failed) > MOST:
            lines.append(f"{FAILED}: and {len(failed) - MOST} more of the like")
        lines += [f"{verdict}: {sentence}" for verdict, sentence in self.findings if verdict != FAILED]
        end = f"{self.failures} checks failed." if self.failures else "Nothing failed."
        return "".join(f"{printable(line)}\n" for line in [*lines, end])


def printable(line: str) -> str:
    """A line in which nothing can move a cursor, change a colour or look like a line of its own."""
    return "".join(c if c.isprintable() else f"<U+{ord(c):04X}>" for c in line)
