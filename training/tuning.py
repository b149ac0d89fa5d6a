"""Setting what decoding weighs, on messages that the network did not see.

The network's answers for a held-out message are kept as words with probabilities; decoding them again under other
costs takes a millisecond, so that many costs can be tried. Costs are changed one at a time, up and down, as long as
the loss falls (coordinate descent); the loss prices what the product must not do.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from gateway.tagging.decode import Costs, conclude
from gateway.tagging.spans import Span, Tagging
from gateway.tagging.words import Votes, Words
from training.data import Message
from training.score import score

HOLD = (0.42, 0.58)
STEPS: dict[str, tuple[float, ...]] = {
    "change": (0.5, 1.0),
    "edge": (0.2, 0.5),
    "boundary": (0.1, 0.25),
    "fact_bias": (0.1, 0.3),
    "danger_bias": (0.3, 0.8),
    "neutral_bias": (0.2, 0.5),
    "message_bias": (0.1, 0.3),
    "caution": (0.3, 0.8),
    "topic_change": (0.2, 0.5),
    "topic_boundary": (0.2, 0.4),
    "calm": (0.1, 0.25),
    "lean": (0.15, 0.4),
    "danger": (0.04, 0.12),
    "danger_words": (0.15, 0.3),
    "emergency": (0.04, 0.12),
    "emergency_words": (0.15, 0.3),
}


@dataclass(frozen=True, slots=True)
class Unseen:
    """A message and what a network that never saw it makes of it."""

    message: Message
    words: Words
    title: Words
    votes: Votes

    def tagging(self, costs: Costs) -> Tagging:
        """The spans under these costs."""
        return conclude(
            self.message.text, self.message.subject, self.words, self.title, self.votes, costs, "validation"
        )


def answer(unseen: Unseen, tagging: Tagging, hold: tuple[float, float] = HOLD) -> dict[str, Any]:
    """What the rules of `90-labels.toml` make of it, without reading facts: quick, for setting costs only."""

    def held(span: Span) -> bool:
        return span.kind in "FX" and span.label != "F:emergency" and hold[0] <= span.fact < hold[1]

    shown = [s for s in tagging.text if s.kind == "F" and not held(s)]
    every = (*tagging.text, *tagging.subject)
    back = any(s.kind == "X" or held(s) for s in every)
    if any(s.kind == "D" or s.label == "F:emergency" for s in every):
        outcome = "escalate"
    elif shown:
        outcome = "partial" if back else "forward"
    else:
        outcome = "withhold"
    return {
        "id": unseen.message.id,
        "outcome": outcome,
        "forwarded": [[s.start, s.end] for s in shown],
        "facts": [{"topic": s.name} for s in shown],
        "holds": any(held(s) for s in tagging.text),
    }


def scored(unseen: Sequence[Unseen], costs: Costs, hold: tuple[float, float] = HOLD) -> dict[str, float]:
    """The figures of `score.py` as numbers (per cent), with the share of messages that hold something."""
    answers = [answer(u, u.tagging(costs), hold) for u in unseen]
    table, _, _ = score([record(u.message) for u in unseen], answers)
    out: dict[str, float] = {}
    for name, value in table.items():
        if isinstance(value, str):
            parts = [0.0 if p.strip() == "-" else float(p.strip().rstrip("%")) for p in value.split("/")]
            out[name.split(" recall")[0]] = sum(parts) / len(parts)
    out["held"] = 100 * sum(a["holds"] for a in answers) / max(len(answers), 1)
    return out


def record(message: Message) -> dict[str, Any]:
    """The message as `score` wants it."""
    return message.record | {"plain": message.text, "spans": message.marks}


def loss(figures: dict[str, float]) -> float:
    """The price of a table: lost facts most, then danger, leaks, false alarms, mauled decent messages, holds."""

    def above(name: str, target: float) -> float:
        return max(0.0, target - figures[name])

    def below(name: str, target: float) -> float:
        return max(0.0, figures[name] - target)

    return (
        2.0 * (100 - figures["fact tokens kept"])
        + 1.0 * (100 - figures["fact spans kept"])
        + 1.5 * figures["withhold tokens leaked"]
        + 1.0 * figures["withhold spans leaked"]
        + 1.0 * figures["danger spans shown"]
        + 0.7 * (100 - figures["escalations found"])
        + 4.0 * figures["false escalations"]
        + 0.3 * figures["benign messages touched"]
        + 0.7 * (100 - figures["outcome_ok"])
        + 0.5 * (100 - figures["topic"])
        + 2.0 * below("held", 5.5)
        + 2.0 * above("escalations found", 97)
        + 1.0 * below("withhold spans leaked", 3)
    )


def sensible(costs: Costs) -> bool:
    """Whether shares and thresholds stay within their scales, and prices above nothing."""
    shares = (costs.danger, costs.emergency, costs.danger_words, costs.emergency_words)
    return all(0.02 <= s <= 0.98 for s in shares) and min(costs.change, costs.edge, costs.boundary, costs.calm) >= 0


def tune(unseen: Sequence[Unseen], start: Costs, rounds: int = 2, seed: int = 1) -> Costs:
    """Coordinate descent from `start`."""
    rng = random.Random(seed)
    best, best_loss = start, loss(scored(unseen, start))
    names = list(STEPS)
    for _ in range(rounds):
        rng.shuffle(names)
        moved = False
        for name in names:
            for step in (s * sign for s in STEPS[name] for sign in (1, -1)):
                tried = Costs.of(asdict(best) | {name: getattr(best, name) + step})
                if not sensible(tried):
                    continue
                value = loss(scored(unseen, tried))
                if value < best_loss - 1e-6:
                    best, best_loss, moved = tried, value, True
        if not moved:
            break
    return best
