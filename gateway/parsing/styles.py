"""Which HTML elements a reader cannot see: inline styles, presentational attributes and simple style sheets.

Hidden text is a way to put words before a program that no person sees, or the other way round. The check covers
what mail programs honour: `display:none`, `visibility:hidden`, a font, height, width or opacity of nothing, text
moved off the screen, text in the colour of its ground, and the `hidden` attribute. Style sheets count only for plain
selectors (`.class`, `#id`, `tag`) outside of media queries.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import re2

Rgb = tuple[int, int, int]
WHITE: Final[Rgb] = (255, 255, 255)
_NAMED: Final[dict[str, Rgb]] = {
    "white": WHITE, "black": (0, 0, 0), "red": (255, 0, 0), "blue": (0, 0, 255), "green": (0, 128, 0),
    "yellow": (255, 255, 0), "gray": (128, 128, 128), "grey": (128, 128, 128), "silver": (192, 192, 192),
    "snow": (255, 250, 250), "ivory": (255, 255, 240), "ghostwhite": (248, 248, 255), "whitesmoke": (245, 245, 245),
    "floralwhite": (255, 250, 240), "azure": (240, 255, 255), "mintcream": (245, 255, 250), "navy": (0, 0, 128),
    "orange": (255, 165, 0), "purple": (128, 0, 128), "lightgray": (211, 211, 211), "lightgrey": (211, 211, 211),
}  # fmt: skip
_NUMBER: Final = re.compile(r"(-?[0-9]{0,6}\.?[0-9]{0,6})[ \t]{0,9}([a-z%]{0,4})")
_RULE: Final = re2.compile(r"([^{}]+)\{([^{}]*)\}")
_RGB: Final = re2.compile(r"^rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})(?:[\s,/]+([\d.]{1,6})%?)?\s*\)$")
_SIZED: Final = frozenset((
    "font-size", "opacity", "text-indent", "left", "top", "margin-left", "height", "max-height", "width", "max-width",
))  # fmt: skip
NEAR: Final = 30
"""Sum of the differences of red, green and blue under which two colours cannot be told apart."""


def read_style(text: str) -> dict[str, str]:
    """The declarations of a style attribute, names and values in lower case; at most a hundred."""
    out: dict[str, str] = {}
    for piece in text[:4_000].lower().split(";")[:100]:
        name, colon, value = piece.partition(":")
        if colon:
            out[name.strip()] = value.replace("!important", "").strip()
    return out


def read_sheet(text: str) -> dict[str, dict[str, str]]:
    """The rules of a style sheet for plain selectors, by selector."""
    out: dict[str, dict[str, str]] = {}
    without_comments = re2.sub(r"/\*(?:[^*]|\*[^/])*\*/", " ", text[:60_000]).replace("<!--", " ").replace("-->", " ")
    depth_one = _without_at_rules(without_comments)
    for match in _RULE.finditer(depth_one):
        for selector in match.group(1).split(",")[:50]:
            name = selector.strip().lower()
            if name and not any(c in name for c in " >+~:[*@"):
                out.setdefault(name, {}).update(read_style(match.group(2)))
        if len(out) > 1_000:
            break
    return out


def _without_at_rules(text: str) -> str:
    """Drop `@media … { … { } … }`: what only some screens do says nothing for sure."""
    out, pos = [], 0
    while (at := text.find("@", pos)) >= 0:
        out.append(text[pos:at])
        depth, pos = 0, at
        while pos < len(text):
            c = text[pos]
            pos += 1
            if c == "{":
                depth += 1
            elif c == "}":
                depth -= 1
                if depth <= 0:
                    break
            elif c == ";" and depth == 0:
                break
    return "".join([*out, text[pos:]])


def colour(value: str) -> Rgb | None:
    """A colour as red, green, blue; None when it is none or see-through."""
    value = value.strip().lower()
    if value in _NAMED:
        return _NAMED[value]
    digits = value.removeprefix("#")
    if len(digits) in (3, 6) and all(c in "0123456789abcdef" for c in digits):
        wide = digits if len(digits) == 6 else "".join(c * 2 for c in digits)
        return int(wide[0:2], 16), int(wide[2:4], 16), int(wide[4:6], 16)
    if match := _RGB.match(value):
        if match.group(4) and match.group(4).strip("0.") == "":
            return None
        r, g, b = (min(int(match.group(i)), 255) for i in (1, 2, 3))
        return r, g, b
    return None


def ink_of(tag: str, style: Mapping[str, str], attributes: Mapping[str, str]) -> Rgb | None:
    """The colour that this element gives to its words, or None."""
    return colour(
        style.get("color") or attributes.get("color") or (attributes.get("text", "") if tag == "body" else "")
    )


def ground_of(style: Mapping[str, str], attributes: Mapping[str, str], under: Rgb | None) -> Rgb | None:
    """The colour behind the words of this element: its own or what is under it. None when a picture may be there."""
    drawn = style.get("background", "") + style.get("background-image", "")
    if "url(" in drawn or "gradient" in drawn or "var(" in drawn or attributes.get("background"):
        return None
    own = colour(
        style.get("background-color") or style.get("background", "").split(" ")[0] or attributes.get("bgcolor", "")
    )
    return own or under


def too_close(ink: Rgb, ground: Rgb) -> bool:
    """True when a reader cannot tell the two colours apart."""
    return sum(abs(a - b) for a, b in zip(ink, ground, strict=True)) <= NEAR


def _size(value: str) -> float | None:
    """The number in front of a CSS length, in pixels where a unit is given; None when there is none."""
    match = _NUMBER.match(value) if value else None
    if match is None or not match.group(1).strip("-."):
        return None
    number = float(match.group(1))
    return number * {"em": 16, "rem": 16, "pt": 1.33, "%": 0.16, "in": 96, "cm": 38, "mm": 3.8}.get(match.group(2), 1)


def is_hidden(style: Mapping[str, str], attributes: Mapping[str, str]) -> bool:
    """True when this element and all in it are never shown, whatever their colours are."""
    if "hidden" in attributes or style.get("display") == "none" or style.get("mso-hide") == "all":
        return True
    if style.get("visibility") in ("hidden", "collapse"):
        return True
    if style.keys().isdisjoint(_SIZED):
        return False
    font, opacity = _size(style.get("font-size", "")), _size(style.get("opacity", ""))
    if (font is not None and font <= 1) or (opacity is not None and opacity < 0.06):
        return True
    if any((_size(style.get(name, "")) or 0) <= -500 for name in ("text-indent", "left", "top", "margin-left")):
        return True
    clipped = style.get("overflow", "").startswith(("hidden", "clip")) or "max-height" in style or "max-width" in style
    sizes = [_size(style[name]) for name in ("height", "max-height", "width", "max-width") if name in style]
    return clipped and any(size is not None and size <= 1 for size in sizes)
