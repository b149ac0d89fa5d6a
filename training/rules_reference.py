"""Write docs/rules.md from rules/: `python -m training.rules_reference > docs/rules.md`."""

from __future__ import annotations

import sys

from gateway.policy import Rule, load_rules
from gateway.policy.decide import CODED

DOES = {"forward": "Forwards", "withhold": "Withholds", "hold": "Holds for a look", "escalate": "Raises the alarm"}
ASKED = {
    "message": "once a message",
    "passage": "wherever its words stand",
    "span": "for every passage that the tagger marks",
    "file": "for every file that came with a message",
}
HEAD = """# The rules

This page is generated from `rules/`. Rules are asked in this order; the first that hits a passage decides it. Those that were
asked and missed are kept with the decision. A family's own choices are asked before the rules for passages.

Words are matched on a copy in which look-alike letters, hidden characters, starred and spaced-out words are undone.
"""


BY_CODE = """
## Decided without a rule of these files

What these names mean where a decision shows them:

"""


def describe(rule: Rule) -> str:
    """One rule as Markdown."""
    when, lines = rule.when, []
    for name in ("labels", "senders", "channels", "kinds", "files", "topics", "lanes", "phrases", "unless"):
        if values := getattr(when, name):
            lines.append(f"- {name}: {', '.join(f'`{v}`' for v in values)}")
    for name in ("fact", "withhold", "danger"):
        least, below = getattr(when, name)
        if (least, below) != (0.0, 1.01):
            lines.append(f"- probability of {name}: from {least:g} to below {min(below, 1):g}")
    if when.score:
        lines.append(f"- least score: {when.score:g}")
    if when.alone:
        lines.append("- only when nothing else stands in the message")
    if rule.words:
        lines.append(f"- on the card: {rule.words}")
    if when.patterns:
        patterns = "\n".join(f"  - `{p}`" for p in when.patterns)
        lines.append(f"- patterns:\n\n{patterns}\n")
    what = (
        DOES[rule.action.value]
        + (f" as `{rule.label}`" if rule.label else "")
        + (f", lane {rule.lane}" if rule.lane else "")
    )
    head = f"## {rule.title}\n\n`{rule.id}` ({rule.file}). {what}; asked {ASKED[rule.scope]}.\n\n{rule.reason} Source: {rule.source}.\n"
    return head + ("\n" + "\n".join(lines) + "\n" if lines else "")


def main() -> None:
    """Print the page."""
    rules = load_rules()
    order = {"message": 0, "passage": 1, "span": 2, "file": 3}
    ordered = sorted(rules.rules, key=lambda r: (order[r.scope], r.order))
    sys.stdout.write(
        HEAD + f"\nVersion `{rules.version}`, {len(ordered)} rules.\n\n" + "\n".join(describe(r) for r in ordered)
    )
    sys.stdout.write(BY_CODE + "".join(f"- `{rule}`: {title}.\n" for rule, title in CODED.items()))


if __name__ == "__main__":
    main()
