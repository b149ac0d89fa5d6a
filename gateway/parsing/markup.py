"""HTML as the lines a reader sees, with the quoting that mail programs mark.

The tree comes from selectolax (lexbor), which reads broken HTML as browsers do. It is walked once without recursion.
Pictures, scripts and comments are dropped; links keep their words only; hidden words are left out and flagged.
Lexbor takes quadratic time on very deep trees and on very many attributes, so the source is measured first, and what
is beyond any real mail is read by a crude stripping of tags, and held.

Quoting elements: `blockquote type=cite` (Apple, Thunderbird, Proton), `blockquote.gmail_quote`, `.yahoo_quoted`,
`div name=quote` (GMX), and blockquotes with a bar at the left. A blockquote without any of these is how Gmail and
Outlook indent, so it stays undecided; and `div.gmail_quote` holds answers between the quotes, so only what is inside
its blockquotes counts. Outlook only draws a divider (`#divRplyFwdMsg`, `#appendonsend`, a div with a top border).
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, replace
from typing import Any, Final

import re2
from selectolax.lexbor import LexborHTMLParser

from gateway.parsing import unread
from gateway.parsing.elements import BLOCKS, DIVIDERS, QUOTES, SIGNATURES, SPACED, UNSEEN, VOID
from gateway.parsing.lines import Line, plain_lines
from gateway.parsing.page import Page
from gateway.parsing.reading import SegmentKind
from gateway.parsing.styles import WHITE, Rgb, ground_of, ink_of, is_hidden, read_sheet, read_style, too_close
from gateway.parsing.work import MAX_TEXT, Work

MAX_SOURCE: Final = 2_000_000
MAX_TREE_DEPTH: Final = 1_500
MAX_TOKENS: Final = 2_000
_TAG: Final = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]*)")  # one class after one letter: linear
_ANY_TAG: Final = re2.compile(r"(?i)<(?:[a-z][a-z0-9]*(?:\s[^>]*)?/?|/[a-z][a-z0-9]*\s*|!--[^>]*--|!doctype[^>]*)>")
_UNREAD: Final = re2.compile(r"(?is)<!--.*?-->|<(?:style|script|title)\b.*?</(?:style|script|title)")
_SIDES: Final = ("left", "right", "bottom")
HIDDEN: Final = "the formatted text holds words that a reader cannot see; they were left out"


@dataclass(frozen=True, slots=True)
class _State:
    """What an element passes on to those inside it. `ground` is None over a picture or gradient.

    `spaced` is its own: whether there is space above and below it.
    """

    kind: SegmentKind | None = None
    indent: bool = False
    hidden: bool = False
    pre: bool = False
    spaced: bool = False
    ink: Rgb = (0, 0, 0)
    ground: Rgb | None = WHITE


def read_markup(source: str, work: Work) -> list[Line]:
    """The lines of an HTML part. Never raises."""
    source = source.replace("\x00", "")
    if len(source) > MAX_SOURCE:
        work.hold(unread.HTML_TOO_LONG)
        source = source[:MAX_SOURCE]
    if not _ANY_TAG.search(source):
        return plain_lines(unescape(source), work)
    if not _is_tame(source):
        work.hold("the formatted text is too deeply nested to be read as a browser would")
        return plain_lines(unescape(_ANY_TAG.sub("\n", _UNREAD.sub(" ", source))), work)
    return _Walk(LexborHTMLParser(source.encode("utf-8", "replace").decode("utf-8")), work).lines()


def unescape(text: str) -> str:
    """Character references read; those with more digits than any character are left (`int` refuses them)."""
    try:
        return html.unescape(text)
    except ValueError:
        return text


def _is_tame(source: str) -> bool:
    """No tree so deep and no tag so full of attributes that building the tree takes quadratic time."""
    depth, last = 0, 0
    for match in _TAG.finditer(source):
        if _is_crowded(source, last, match.start()):
            return False
        last = match.start()
        if match.group(2).lower() not in VOID:
            depth = max(depth + (-1 if match.group(1) else 1), 0)
            if depth > MAX_TREE_DEPTH:
                return False
    return not _is_crowded(source, last, len(source))


def _is_crowded(source: str, start: int, end: int) -> bool:
    """Whether what stands between two tags could be thousands of attributes; a text as long without a tag is rare."""
    if end - start < MAX_TOKENS * 2:
        return False
    piece = source[start:end]
    return len(piece.split()) + piece.count("=") + piece.count("/") > MAX_TOKENS and len(piece) < MAX_SOURCE


class _Walk:
    """One walk over the tree, in the order of reading."""

    def __init__(self, tree: LexborHTMLParser, work: Work) -> None:
        self._root, self._work, self._page = tree.root, work, Page()
        self._sheet: dict[str, dict[str, str]] = {}
        for node in tree.css("style")[:20]:
            self._sheet.update(read_sheet(node.text() or ""))

    def lines(self) -> list[Line]:
        stack: list[tuple[Any, _State, bool]] = [(self._root, _State(), False)] if self._root is not None else []
        while stack:
            node, state, leaving = stack.pop()
            if leaving:
                self._leave(node.tag, state)
                continue
            if not self._work.spend(3) or self._page.length > MAX_TEXT:
                self._work.hold(unread.HTML_TOO_LONG)
                break
            if node is not self._root and node.next is not None:
                stack.append((node.next, state, False))
            inner = self._enter(node, state)
            if inner is not None:
                stack.append((node, inner, True))
                if node.child is not None:
                    stack.append((node.child, inner, False))
        return self._page.finish()

    def _enter(self, node: Any, state: _State) -> _State | None:
        """The state inside this element, or None when nothing in it is read."""
        tag = node.tag or ""
        if tag == "-text":
            self._text(node.text_content or "", state)
            return None
        if tag == "-comment":
            self._comment(node.comment_content or "")
            return None
        if tag.startswith("-") or tag in UNSEEN:
            return None
        if tag == "br":
            self._page.break_line()
            return None
        attributes = {k.lower(): v or "" for k, v in list(node.attributes.items())[:100]}
        if tag == "img":
            self._picture(attributes.get("alt", ""), state)
            return None
        if tag == "input" and attributes.get("type", "text") not in ("hidden", "checkbox", "radio"):
            self._text(attributes.get("value", ""), state)
        return self._open(tag, attributes, state)

    def _open(self, tag: str, attributes: dict[str, str], state: _State) -> _State:
        names = {*attributes.get("class", "").lower().split(), attributes.get("id", "").lower()} - {""}
        style = self._style(tag, attributes, names)
        spaced = tag in SPACED and not _is_tight(names, style)
        if spaced:
            self._page.blank()
        elif tag in BLOCKS:
            self._page.end_line()
        elif tag in ("td", "th"):
            self._page.text(" ", state.kind)
        if tag == "li":
            self._page.bullet()
        if names & DIVIDERS or (tag == "div" and _has_top_bar_only(style)):
            self._page.cue()
        if style.get("unicode-bidi", "").endswith("override") or (tag == "bdo"):
            self._work.hold("the formatted text turns the direction of words around")
        kind = _kind(tag, attributes, names, style)
        return replace(
            state,
            kind=state.kind or kind,
            spaced=spaced,
            indent=state.indent or (tag == "blockquote" and kind is None),
            hidden=state.hidden or is_hidden(style, attributes),
            pre=state.pre or tag in ("pre", "textarea") or style.get("white-space", "").startswith("pre"),
            ink=ink_of(tag, style, attributes) or state.ink,
            ground=ground_of(style, attributes, state.ground),
        )

    def _style(self, tag: str, attributes: dict[str, str], names: set[str]) -> dict[str, str]:
        style = dict(self._sheet.get(tag, {}))
        for name in sorted(names):
            for key in (f".{name}", f"{tag}.{name}", f"#{name}", f"{tag}#{name}"):
                style.update(self._sheet.get(key, {}))
        style.update(read_style(attributes.get("style", "")))
        return style

    def _leave(self, tag: str, state: _State) -> None:
        if state.spaced:
            self._page.blank()
        elif tag in BLOCKS:
            self._page.end_line()

    def _text(self, text: str, state: _State) -> None:
        if state.hidden or (state.ground is not None and too_close(state.ink, state.ground)):
            if any(c.isalnum() for c in text):
                self._work.hold(HIDDEN)
            return
        self._page.text(text, state.kind, pre=state.pre, indent=state.indent)

    def _picture(self, caption: str, state: _State) -> None:
        """Emoji are sent as pictures with the emoji as caption: those are words of the writer."""
        if caption and len(caption) <= 16 and not caption.isascii() and not any(c.isalnum() for c in caption):
            self._text(caption, state)
        elif not state.hidden and len(caption.split()) > 1:
            self._work.set_beside(caption)  # shown where pictures are blocked, and read out to the blind

    def _comment(self, comment: str) -> None:
        """Outlook's conditional comments are instructions; any other comment of several words is worth a note."""
        if not comment.lstrip().startswith(("[if", "[endif", "<![endif", "[if")) and len(comment.split()) > 3:
            self._work.odd("the HTML holds comments, which no reader sees; they were left out")


def _is_tight(names: set[str], style: dict[str, str]) -> bool:
    """A paragraph without space around it, as Outlook writes every line."""
    margin = style.get("margin", style.get("margin-bottom", ""))
    return any(name.startswith("mso") for name in names) or margin[:1] == "0" or "elementtoproof" in names


def _has_top_bar_only(style: dict[str, str]) -> bool:
    top = style.get("border-top", "") + style.get("border-top-style", "")
    others = "".join(style.get(f"border-{side}", "") + style.get(f"border-{side}-style", "") for side in _SIDES)
    return "solid" in top and "solid" not in others and "solid" not in style.get("border", "")


def _kind(tag: str, attributes: dict[str, str], names: set[str], style: dict[str, str]) -> SegmentKind | None:
    if names & SIGNATURES:
        return SegmentKind.SIGNATURE
    if names & QUOTES or (tag == "div" and attributes.get("name") == "quote"):
        return SegmentKind.QUOTED
    if tag == "blockquote":
        bar = " ".join(style.get(name, "") for name in ("border-left", "border-left-style", "border-inline-start"))
        if attributes.get("type", "").lower() == "cite" or "gmail_quote" in names or "solid" in bar:
            return SegmentKind.QUOTED
        if names & {"protonmail_quote", "cite", "quote"} or "solid" in style.get("border-style", ""):
            return SegmentKind.QUOTED
    return None
