"""Write docs/coach.md from rules/: `python -m training.coach_reference > docs/coach.md`."""

from __future__ import annotations

import sys

from gateway.reply.coach import load_coach
from gateway.reply.coach.rules import LISTS, CoachRules, DraftRule

HEAD = """# The coach

This page is generated from `rules/80-coach.toml`. The coach looks at a reply before it goes to the other parent. It suggests and
never decides: the parent can always send the words as they are. Its rules have a version of their own and change no decision
about incoming messages.

How good it is was measured on drafts invented for it (`tests/cases/coach`): see the end of this page.
"""
TAIL = """
## How good it is

All drafts were invented by the one who wrote the rules, and the first 200 (even lines too) before the rules, so these figures
flatter; the later sets are the honest ones. After its first look each set was used to mend the rules. What counts as found: a hint with the right
id on the marked words. Disturbed: a draft without fault that gets a hint which is more than a note.

| drafts | first look: found | first look: disturbed | when the rules had been mended |
|---|---|---|---|
| `fine`, `faults`: 100 and 100; even lines, rules made with the odd ones | 50 of 50 | 2 of 50 | tests hold both halves |
| `later-`: 40 and 40, written afterwards, faults put sideways on purpose | 17 of 40 (29 of 40 got some hint) | 1 of 40 | tests hold both |
| `last-`: 40 and 40, written after that, as a tired parent writes | 30 of 40 (35 of 40 got some hint) | 3 of 40 | tests hold both |
| `fresh-`: 30 and 30, written when those stood | 21 of 30 (27 of 30 got some hint) | 2 of 30 | tests hold both |
| `parents-`: 50 and 50, by another hand that had not read the rules, and no private words set | 27 of 50 (34 of 50 got some hint) | 3 of 50 | 50 of 50, 0 of 50; tests hold both |
| `parents-two-`: 26 and 26, written with those | 15 of 26 | 0 of 26 | 26 of 26, 0 of 26; tests hold both |
| `check-`: 39 and 40, by the same hand when the rules had been mended for those | 18 of 39 (30 of 39 got some hint) | 5 of 40 | 36 of 39, 0 of 40 |
| `final-`: 26 and 26, by the same hand after all mending | 11 of 26 (18 of 26 got some hint) | 1 of 26 | no phrase was made to fit them; 12 of 26 since a sentence with two questions is taken apart |

So of a fault in words that nobody has seen before, expect the coach to say something about seven in ten, and to name it rightly
in four or five of ten; of good drafts it disturbs four to twelve in a hundred. Phrases can be listed, what people mean cannot: it
misses what is only implied. It is no check that a draft is safe. Private words that the family has set are found however they are
written.
"""


def describe(rule: DraftRule) -> str:
    """One rule as Markdown."""
    lines = [f"- the parent reads: {rule.words}"]
    if rule.check != "words":
        lines.append(f"- looked for by: {rule.check}")
    for name in ("labels", "private"):
        if values := getattr(rule, name):
            lines.append(f"- {name}: {', '.join(f'`{v}`' for v in values)}")
    if rule.labels:
        lines.append(f"- the tagger must be this sure: label {rule.score:g}, not about the children {rule.mass:g}")
    if rule.most:
        lines.append(f"- at most: {rule.most}")
    if rule.check == "night":
        lines.append(f"- from {rule.since:%H:%M} to {rule.until:%H:%M}, local time")
    if rule.heat:
        lines.append(f"- heat: {rule.heat}")
    for name in (n for n in LISTS if n not in ("labels", "private")):
        if values := getattr(rule, name):
            lines.append(f"- {name}:\n\n" + "\n".join(f"  - ` {v} `" for v in values) + "\n")
    kind = "A note only. " if rule.note else ""
    return (
        f"## {rule.title}\n\n`{rule.id}` ({rule.file}). {kind}{rule.reason} Source: {rule.source}.\n\n"
        + "\n".join(lines)
        + "\n"
    )


def ready(rules: CoachRules) -> str:
    """The ready answers as a table."""
    rows = [f"| {r.title} | {', '.join(r.fits)} | {r.grey} | {r.yellow} |" for r in rules.ready]
    return "## Ready answers\n\n| answer | fits | grey | yellow |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"


def main() -> None:
    """Print the page."""
    rules = load_coach()
    head = HEAD + f"\nVersion `{rules.version}`, {len(rules.rules)} rules. A draft with heat 2 or more is heated.\n\n"
    sys.stdout.write(head + "\n".join(describe(r) for r in rules.rules) + "\n" + ready(rules) + TAIL)


if __name__ == "__main__":
    main()
