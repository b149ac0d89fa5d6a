"""What became of the files of a message, as plain values: for the rows, the card and the log. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from gateway.attachments.kinds import claim_of_type
from gateway.attachments.look import Look, look
from gateway.attachments.scanner import Scan, ScanState
from gateway.language import Speech
from gateway.parsing import Attachment
from gateway.policy import Action, Lane, Ruleset
from gateway.policy.files import About, FileChoice, decide_file

MOST_FILES: Final = 40
"""Files of one message that are looked at and scanned; the rest is held, so that one message cannot stop the others."""
TOO_MANY: Final = FileChoice(Action.HOLD, "file.too_many", "more files came with it than are looked at")
FETCHED, HELD, SEE_WHOLE = "still being fetched", "held", "see the whole message"
_LINE: Final = re.compile(
    r"(?P<words>[^“,;(]+?)(?P<name> “.*”)?(?P<size>, [\d.]+ [kM]B)?(?P<fetched>, still being fetched)?(?:; held: (?P<why>.*?))?"
    r"(?P<original> \(see the whole message\))?",
    re.DOTALL,
)
"""As `line` and `lines` write it; a page adds the last part."""
WORDS_LANE: Final = "lane_of_words"
"""In a decision: the lane that the words alone would have taken, where a file changed it."""


class FileState(StrEnum):
    """What became of a file. `waiting`: the carrier has not handed it over yet."""

    WAITING = "waiting"
    LISTED = "listed"
    STEP = "step"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Settled:
    """One file and what became of it.

    `words` say what it is, `why` what the rule says; `shown_name` is "" where the name stays off the card. `on_card`: it
    is named there. `after_original`: it can be had from the page of the whole message.
    """

    place: int
    file: Attachment
    look: Look
    state: FileState
    rule: str
    why: str
    on_card: bool
    after_original: bool
    scan: Scan
    shown_name: str = ""

    def for_log(self) -> dict[str, Any]:
        """Hashes and findings; neither name nor claimed type, which are the sender's words."""
        body: dict[str, Any] = {
            "place": self.place,
            "sha256": self.file.sha256 or None,
            "size": self.file.size,
            "type": self.file.type,
            "state": self.state.value,
            "rule": self.rule,
            "scan": self.scan.state.value,
        }
        return body | ({"found": self.scan.signature} if self.scan.signature else {})


def settle(place: int, file: Attachment, scan: Scan, about: About, rules: Ruleset, shown_name: str = "") -> Settled:
    """Look at one file and let the rules decide."""
    seen = look(file)
    traits = set(seen.traits)
    if scan.state is ScanState.FOUND:
        traits.add("infected")
    if scan.state is ScanState.AWAY:
        traits.add("unscanned")
    return settled(place, file, seen, decide_file(traits, about, rules), scan, shown_name)


def settled(place: int, file: Attachment, seen: Look, choice: FileChoice, scan: Scan, shown_name: str = "") -> Settled:
    """The values that follow from a choice."""
    opens = choice.action is Action.FORWARD
    picture = seen.kind.trait == "picture"
    state = FileState.HELD if not opens else FileState.STEP if picture else FileState.LISTED
    return Settled(
        place=place,
        file=file,
        look=seen,
        state=state,
        rule=choice.rule,
        why=choice.words,
        on_card=choice.action is not Action.WITHHOLD,
        after_original=choice.after_original,
        scan=scan,
        shown_name=shown_name if opens or choice.after_original else "",
    )


def about_message(lane: Lane, detail: Mapping[str, Any], channel: str, *, imported: bool = False) -> About:
    """What the rules for files ask of a message, from what was concluded about it (`conclusion.summary`)."""
    verdict = (detail.get("authentication") or {}).get("verdict", "verified")
    lane = Lane(detail.get(WORDS_LANE, lane))
    through = () if lane is Lane.WITHHELD else (*detail.get("choices", ()), *detail.get("subject_choices", ()))
    topics = {c["label"][2:] for c in through if c["label"].startswith("F:") and _came_through(c)}
    sender = "parent" if detail.get("kind") == "from the parent" else str(detail.get("role", "co-parent"))
    return About(
        lane=lane,
        topics=tuple(sorted(topics)),
        sender=sender,
        channel="email" if channel == "email" else "sms",
        kind=str(detail.get("kind", "message")),
        proved=verdict == "verified",
        imported=imported,
    )


def _came_through(choice: Mapping[str, Any]) -> bool:
    return (choice["action"], choice["label"]) == ("escalate", "F:emergency") or bool(choice["action"] == "forward")


def lines(files: Sequence[Settled], media: Sequence[tuple[str, str]] = ()) -> tuple[str, ...]:
    """What a card says of the files: what each is, its size, and whether it is held. `media` is still to be fetched."""
    out = [line_of(f) for f in files if f.on_card]
    out += [f"{words_of_claim(claimed)}, {FETCHED}" for _, claimed in media]
    return tuple(out)


def line_of(file: Settled) -> str:
    """One settled file in one line."""
    return line(file.look.words, file.file.size, file.shown_name, file.state, file.why)


def line(words: str, size: int | None, shown_name: str, state: str, why: str) -> str:
    """One file in one line."""
    said = f"{words[:1].upper()}{words[1:]}" + (f" “{shown_name}”" if shown_name else "")
    said += f", {size_words(size)}" if size is not None else ""
    return f"{said}; held: {why}" if state == FileState.HELD else said


def said_of(written: str, spoken: Speech) -> str:
    """A line of `line` or `lines` in a language; the name in it is the sender's and stays as it is."""
    found = _LINE.fullmatch(written)
    if found is None:
        return written
    kind = spoken.text(found["words"])
    if kind == found["words"]:  # most kinds begin with a small letter of their own; PDF, Word and Excel do not
        kind = spoken.text(kind[:1].lower() + kind[1:])
    out = kind[:1].upper() + kind[1:] + (found["name"] or "") + (found["size"] or "")
    if found["fetched"]:
        return f"{out}, {spoken.text(FETCHED)}"
    if found["original"]:
        return said_of(written.removesuffix(found["original"]), spoken) + f" ({spoken.text(SEE_WHOLE)})"
    return f"{out}; {spoken.text(HELD)}: {spoken.text(found['why'])}" if found["why"] else out


def words_of_claim(claimed: str) -> str:
    """What a file that is not here yet may be."""
    return {"picture": "Picture", "recording": "Recording"}.get(claim_of_type(claimed), "File")


def size_words(size: int) -> str:
    """``34 kB``, ``1.2 MB``; nothing but an empty file has ``0 kB``."""
    return f"{size / 1_000_000:.1f} MB" if size >= 1_000_000 else f"{max(min(size, 1), round(size / 1000))} kB"
