"""Write docs/coach.md from rules/: `python -m training.coach_reference > docs/coach.md`."""

from __future__ import annotations

import sys

from gateway.reply.coach import load_coach
from gateway.reply.coach.rules import DraftRule, Ready

HEAD = """# What the coach looks for

This page is generated from `rules/80-coach.toml`. Before a reply goes to the other parent, these hints are shown with the words
that they speak of. They suggest; the parent decides, and what the parent sends goes out in the parent's own words. Nothing of a
hint reaches the other parent.

"""


def describe(rule: DraftRule) -> str:
    """One hint as Markdown."""
    said = "said, and holds nothing up" if rule.note else "shown before the reply goes"
    return (
        f"## {rule.title}\n\n`{rule.id}` ({rule.file}), {said}.\n\n> {rule.words}\n\n"
        f"{rule.reason} Source: {rule.source}.\n"
    )


def answer(one: Ready) -> str:
    """One ready answer, in both tones."""
    return f"- {one.title} (`{one.id}`): \u201c{one.grey}\u201d or \u201c{one.yellow}\u201d\n"


def main() -> None:
    """Print the page."""
    coach = load_coach()
    sys.stdout.write(HEAD + f"Version `{coach.version}`, {len(coach.rules)} hints.\n\n")
    sys.stdout.write("\n".join(describe(rule) for rule in coach.rules))
    sys.stdout.write("\n## Ready short answers\n\nBlanks stand in [brackets].\n\n")
    sys.stdout.write("".join(answer(one) for one in coach.ready))


if __name__ == "__main__":
    main()
