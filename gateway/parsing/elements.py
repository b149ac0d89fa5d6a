"""HTML elements and the names by which mail programs mark quotes and signatures. Data only; lower case."""

from __future__ import annotations

from typing import Final

BLOCKS: Final = frozenset((
    "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li", "main",
    "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "tfoot", "thead", "tr", "ul", "caption",
))  # fmt: skip
"""Elements that begin and end a line."""

SPACED: Final = frozenset(("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "pre", "table"))
"""Blocks with space above and below."""

UNSEEN: Final = frozenset((
    "script", "style", "head", "title", "template", "iframe", "object", "embed", "audio", "video", "canvas", "map",
    "datalist", "meta", "link",
))  # fmt: skip
"""Elements whose content no mail program shows."""

VOID: Final = frozenset((
    "br", "img", "hr", "meta", "link", "input", "area", "base", "col", "embed", "source", "track", "wbr",
))  # fmt: skip
"""Elements without an end."""

QUOTES: Final = frozenset((
    "yahoo_quoted", "tutanota_quote", "gmail_attr", "moz-cite-prefix", "moz-forward-container-quote", "airmail_quote",
    "x_gmail_attr", "moz-email-headers-table", "zmail_extra_hr",
))  # fmt: skip
"""Classes and ids of elements that hold an older message or the line over it."""

SIGNATURES: Final = frozenset((
    "gmail_signature", "moz-signature", "protonmail_signature_block", "protonmail_signature_block-user",
    "protonmail_signature_block-proton", "applemailsignature", "ms-outlook-mobile-signature", "signature",
    "lineBreakAtBeginningOfSignature".lower(), "x_signature", "ydp-signature", "yahoo-signature",
))  # fmt: skip
"""Classes and ids of elements that hold a signature."""

DIVIDERS: Final = frozenset((
    "divrplyfwdmsg", "appendonsend", "mail-editor-reference-message-container", "olk_src_body_section",
    "x_divrplyfwdmsg", "zwchr", "replyforwardmessage", "stopspelling", "oriMsgHtmlSeperator".lower(),
))  # fmt: skip
"""Ids of elements that Outlook and its kin put over an older message."""
