"""Replies as some twenty mail programs lay them out: from a draft to a plain text and, for most, an HTML text.

The layouts follow what these programs were seen to send; the words are invented.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from tests.parsing.phrasebook import APPLE, BIRD, GALAXY, GMAIL, HEADS, IPHONE, NAME, ORIGINAL, OUTLOOK_FOR, WHO

RULE: Final = "_" * 32


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person wrote: `new` paragraphs, answering `old` ones; `between` answers stand between the old ones."""

    language: str
    new: tuple[str, ...]
    old: tuple[str, ...]
    between: tuple[str, ...] = ()


Texts = tuple[str, str | None]


def _marked(lines: Sequence[str]) -> str:
    return "\n".join(f"> {line}" for line in lines)


def _p(lines: Sequence[str], tag: str = "div") -> str:
    return "".join(f"<{tag}>{html.escape(line)}</{tag}>" for line in lines)


def _head(d: Draft, mark: str = "") -> str:
    a, b, when, c, e = HEADS[d.language]
    return f"{mark}{a}:{mark} {WHO}\n{mark}{b}:{mark} {when}\n{mark}{c}:{mark} Ralf Tenner\n{mark}{e}:{mark} Plan"


def _html_head(d: Draft) -> str:
    return "<br>".join(
        f"<b>{label}:</b> {html.escape(rest)}" for label, rest in (line.split(": ", 1) for line in _head(d).split("\n"))
    )


def _quote(d: Draft, opening: str, closing: str) -> str:
    """The old paragraphs in quoting elements, answers between them."""
    if not d.between:
        return f"{opening}{_p(d.old)}{closing}"
    out = []
    for i, old in enumerate(d.old):
        out.append(f"{opening}{_p([old])}{closing}")
        if i < len(d.between):
            out.append(_p([d.between[i]]))
    return "".join(out)


def _plain_quote(d: Draft) -> str:
    if not d.between:
        return _marked(d.old)
    out = []
    for i, old in enumerate(d.old):
        out.append(f"> {old}\n")
        if i < len(d.between):
            out.append(f"{d.between[i]}\n")
    return "\n".join(out)


def gmail(d: Draft) -> Texts:
    said = GMAIL[d.language]
    plain = "\n\n".join(d.new) + f"\n\n{said.replace(' <', chr(10) + '<')}\n\n{_plain_quote(d)}\n"
    bar = '<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204)">'
    rich = (
        f'<div dir="ltr">{"<div><br></div>".join(_p([n]) for n in d.new)}</div><br><div class="gmail_quote">'
        f'<div dir="ltr" class="gmail_attr">{html.escape(said)}<br></div>{_quote(d, bar, "</blockquote>")}</div>'
    )
    return plain, rich


def gmail_android(d: Draft) -> Texts:
    plain, rich = gmail(d)
    return plain, (rich or "").replace('<div dir="ltr">', '<div dir="auto">', 1)


def apple(d: Draft) -> Texts:
    plain = "\n\n".join(d.new) + f"\n\n> {APPLE[d.language]}\n> \n{_marked(d.old)}\n"
    rich = (
        f'<html><body style="overflow-wrap: break-word;">{_p(d.new)}<br><div><blockquote type="cite">'
        f'<div>{html.escape(APPLE[d.language])}</div><br class="Apple-interchange-newline">{_p(d.old)}</blockquote></div>'
        "<br></body></html>"
    )
    return plain, rich


def iphone(d: Draft) -> Texts:
    plain = (
        "\n\n".join(d.new) + f"\n\n{IPHONE[d.language]}\n\n> {APPLE[d.language]}\n> \n> \ufeff{_marked(d.old)[2:]}\n"
    )
    rich = (
        f'<html><body dir="auto">{_p(d.new)}<div><br></div><br id="lineBreakAtBeginningOfSignature"><div dir="ltr">'
        f'{html.escape(IPHONE[d.language])}</div><div dir="ltr"><br><blockquote type="cite">'
        f'{html.escape(APPLE[d.language])}<br><br></blockquote></div><blockquote type="cite"><div>\ufeff{_p(d.old)}</div>'
        "</blockquote></body></html>"
    )
    return plain, rich


def outlook_classic(d: Draft) -> Texts:
    plain = "\n\n".join(d.new) + f"\n\n-----{ORIGINAL[d.language]}-----\n{_head(d)}\n\n" + "\n\n".join(d.old) + "\n"
    return plain, None


def outlook_desktop(d: Draft) -> Texts:
    plain = "\n\n".join(d.new) + f"\n\n{_head(d)}\n\n" + "\n\n".join(d.old) + "\n"
    mso = [f"<p class=MsoNormal>{html.escape(n)}<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p>" for n in d.new]
    rich = (
        "<html><head><style>p.MsoNormal{margin:0in;font-size:11.0pt}</style></head><body><div class=WordSection1>"
        f'{"".join(mso)}<div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in">'
        f"<p class=MsoNormal>{_html_head(d)}<o:p></o:p></p></div></div>"
        f"{''.join(f'<p class=MsoNormal>{html.escape(o)}</p>' for o in d.old)}</div></body></html>"
    )
    return plain, rich


def outlook_new(d: Draft) -> Texts:
    plain = "\n\n".join(d.new) + f"\n\n{RULE}\n{_head(d)}\n\n" + "\n".join(d.old) + "\n"
    rich = (
        f'<body><div class="elementToProof">{_p(d.new)}</div><div id="appendonsend"></div><hr tabindex="-1">'
        f'<div id="divRplyFwdMsg" dir="ltr">{_html_head(d)}<div>&nbsp;</div></div>{_p(d.old)}</body>'
    )
    return plain, rich


def _outlook_mobile(d: Draft, device: str) -> Texts:
    line = OUTLOOK_FOR[d.language].format(device)
    plain = "\n\n".join(d.new) + f"\n\n{line}<https://aka.ms/o0ukef>\n{RULE}\n{_head(d)}\n\n" + "\n".join(d.old) + "\n"
    rich = (
        f'<div dir="auto">{_p(d.new)}</div><div id="ms-outlook-mobile-signature"><div><br></div>'
        f'<a href="https://aka.ms/o0ukef">{line}</a></div><hr><div id="divRplyFwdMsg">{_html_head(d)}</div>{_p(d.old)}'
    )
    return plain, rich


def outlook_ios(d: Draft) -> Texts:
    return _outlook_mobile(d, "iOS")


def outlook_android(d: Draft) -> Texts:
    return _outlook_mobile(d, "Android")


def thunderbird(d: Draft) -> Texts:
    said = BIRD[d.language]
    if d.between:
        plain = f"{said}\n{_plain_quote(d)}\n"
    else:
        plain = "\n\n".join(d.new) + f"\n\n{said}\n{_marked(d.old)}\n\n-- \nRalf\n"
    return plain, None


def thunderbird_html(d: Draft) -> Texts:
    plain, _ = thunderbird(d)
    cite = '<blockquote type="cite" cite="mid:a@b">'
    new = "" if d.between else _p(d.new, "p")
    signed = "" if d.between else '<pre class="moz-signature" cols="72">-- \nRalf</pre>'
    rich = f'{new}<div class="moz-cite-prefix">{BIRD[d.language]}<br></div>{_quote(d, cite, "</blockquote>")}{signed}'
    return plain, rich


def bottom(d: Draft) -> Texts:
    return f"{BIRD[d.language]}\n{_marked(d.old)}\n\n" + "\n\n".join(d.new) + "\n", None


def mutt(d: Draft) -> Texts:
    return f"On Mon, Mar 09, 2026 at 05:12:33PM -0500, {NAME} wrote:\n{_plain_quote(d)}\n\n" + "\n\n".join(d.new), None


def yahoo(d: Draft) -> Texts:
    said = f"On Monday, March 9, 2026 at 05:12:33 PM CDT, {WHO} wrote:"
    plain = "\n".join(f" {n}\n" for n in d.new) + f"\n    {said}  \n \n " + "\n ".join(d.old) + "\n  "
    rich = (
        f'<div class="yahoo-style-wrap">{_p(d.new)}<div><br></div></div><div id="ydp9yahoo_quoted" class="yahoo_quoted">'
        f"<div><div>{html.escape(said)}</div><div><br></div>{_p(d.old)}</div></div>"
    )
    return plain, rich


def proton(d: Draft) -> Texts:
    said = f"On Monday, March 9th, 2026 at 5:12 PM, {WHO} wrote:"
    plain = (
        "\n\n".join(d.new)
        + f"\n\nSent with [Proton Mail](https://proton.me/) secure email.\n\n{said}\n\n{_marked(d.old)}\n"
    )
    rich = (
        f'{_p(d.new)}<div class="protonmail_signature_block"><div class="protonmail_signature_block-proton">Sent with '
        f'<a href="https://proton.me/">Proton Mail</a> secure email.</div></div><div class="protonmail_quote">'
        f'{html.escape(said)}<br><blockquote class="protonmail_quote" type="cite">{_p(d.old)}</blockquote><br></div>'
    )
    return plain, rich


def samsung(d: Draft) -> Texts:
    when = "Date: 3/9/26  5:12 PM  (GMT-06:00)"
    plain = (
        "\n\n".join(d.new)
        + f"\n\n\n{GALAXY[d.language]}\n\n\n-------- {ORIGINAL[d.language]} --------\n"
        + f"From: {WHO} \n{when} \nTo: Ralf Tenner \nSubject: Plan \n\n"
        + "\n".join(d.old)
    )
    return plain, None


def gmx(d: Draft) -> Texts:
    rich = (
        f'<html><body>{_p(d.new)}<div>&nbsp;<div name="quote" style="margin:10px 5px 5px 10px; border-left:2px solid">'
        f"<div>{_html_head(d)}</div>{_p(d.old)}</div></div></body></html>"
    )
    return "", rich


def k9(d: Draft) -> Texts:
    line = "Sent from my Android device with K-9 Mail. Please excuse my brevity."
    return "\n\n".join(d.new) + f"\n\n-- \n{line}\n\n{GMAIL['en']}\n{_marked(d.old)}", None


def fastmail(d: Draft) -> Texts:
    return "\n\n".join(d.new) + f"\n\nOn Mon, Mar 9, 2026, at 5:12 PM, {NAME} wrote:\n{_marked(d.old)}\n", None


def roundcube(d: Draft) -> Texts:
    return f"On 2026-03-09 17:12, {NAME} wrote:\n{_plain_quote(d)}\n\n" + "\n\n".join(d.new), None


def zoho(d: Draft) -> Texts:
    said = f"---- On Mon, 09 Mar 2026 17:12:33 -0500 {WHO} wrote ----"
    old = f'<blockquote style="margin:0;border-left:1px solid">{_p(d.old)}</blockquote>'
    rich = f'{_p(d.new)}<br><div class="zmail_extra"><div>{html.escape(said)}</div><br>{old}</div>'
    return "\n\n".join(d.new) + f"\n\n\n{said}\n\n{_marked(d.old)}\n", rich


PROGRAMS: Final[tuple[Callable[[Draft], Texts], ...]] = (
    gmail, gmail_android, apple, iphone, outlook_classic, outlook_desktop, outlook_new, outlook_ios, outlook_android,
    thunderbird, thunderbird_html, bottom, mutt, yahoo, proton, samsung, gmx, k9, fastmail, roundcube, zoho,
)  # fmt: skip
INTERLEAVES: Final = (gmail, thunderbird, thunderbird_html, mutt, roundcube)
