"""`breakwater explain`: word by word, which label, score and rule decided, which rules hit and missed, and the card."""

from __future__ import annotations

from dataclasses import replace

from rich.console import Console
from rich.table import Table
from rich.text import Text

from gateway.attachments.scanner import Scan
from gateway.attachments.settle import about_message, line_of, lines, settle
from gateway.conclusion import Story, card_of, summary
from gateway.delivery.compose import letter
from gateway.parsing import Reading
from gateway.pipeline import Judgement
from gateway.policy import Action, Choice, Ruleset
from gateway.policy.decide import CODED
from gateway.provenance import AS_GIVEN

COLOURS = {Action.FORWARD: "green", Action.WITHHOLD: "dim", Action.HOLD: "yellow", Action.ESCALATE: "bold red"}


def show(
    console: Console,
    judged: Judgement,
    rules: Ruleset,
    story: Story,
    reading: Reading,
    *,
    imported: bool = False,
    with_card: bool = True,
) -> None:
    """Print the whole explanation. An imported message has no card; `with_card`: the card that would be made."""
    decision = judged.decision
    if judged.subject:
        console.print(Text.assemble("Subject: ", coloured(judged.subject, decision.subject_choices)))
    console.print(coloured(judged.text, decision.choices))
    console.print()
    console.print(table_of(judged.text, decision.choices))
    console.print(f"Lane {decision.lane.value}, outcome {decision.outcome}.")
    for word, ids in (("Rules that hit", decision.hits), ("Rules asked that missed", decision.misses)):
        console.print(f"{word}:")
        for rule_id in ids:
            rule = rules.rule(rule_id)
            console.print(Text(f"  {rule_id}: {rule.title if rule else CODED.get(rule_id, '')}"))
    if decision.holds:
        console.print(f"Held because: {'; '.join(decision.holds)}")
    console.print(f"Ruleset {decision.ruleset}, tagger {decision.tagger}.")
    console.print()
    if imported:
        console.print(f"No card: {AS_GIVEN}. Old messages are kept and read, and are not delivered.")
        return
    card = card_of(story, reading, judged)
    if reading.attachments:
        lane = card.lane if card else decision.lane
        about = about_message(lane, summary(judged, reading) | {"role": story.role}, story.channel)
        files = [settle(n, file, Scan(), about, rules) for n, file in enumerate(reading.attachments)]
        for file in files:
            console.print(Text(f"{line_of(file)} [{file.rule}]"))
        card = replace(card, files=lines(files)) if card else None
    if not with_card:
        return
    console.print(Text(letter(card).text if card else "No card: nothing of this is for the parent."))


def coloured(text: str, choices: tuple[Choice, ...]) -> Text:
    """The text, each passage in the colour of what becomes of it."""
    out, at = Text(), 0
    for choice in choices:
        out.append(text[at : choice.span.start])
        out.append(text[choice.span.start : choice.span.end], style=COLOURS[choice.action])
        at = choice.span.end
    out.append(text[at:])
    return out


def table_of(text: str, choices: tuple[Choice, ...]) -> Table:
    """One line a passage."""
    table = Table(box=None, pad_edge=False)
    table.add_column("words", overflow="fold", ratio=1, min_width=12)
    for name in ("label", "score", "fact with. dang.", "action"):
        table.add_column(name, no_wrap=True)
    table.add_column("rule", overflow="fold")
    for choice in choices:
        span = choice.span
        table.add_row(
            Text(text[span.start : span.end]),
            span.label,
            f"{span.score:.2f}",
            f"{span.fact:.2f} {span.withhold:.2f}  {span.danger:.2f}",
            Text(choice.action.value, style=COLOURS[choice.action]),
            choice.rule,
        )
    return table
