"""How many segments a text takes: GSM 03.38 seven-bit where it can be, UCS-2 where it must.

Limits (3GPP TS 23.038, 23.040): one segment carries 160 septets or 70 UCS-2 units; of several segments each carries
153 or 67, the rest being the header that joins them.
"""

from __future__ import annotations

import unicodedata

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("\f^{}\\[~]|€")
# Typography that phones add and GSM lacks; our own words only, never the sender's.
PLAIN = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "\u00a0": " "})


def is_gsm(text: str) -> bool:
    """Whether the text fits the seven-bit alphabet."""
    return all(c in BASIC or c in EXTENDED for c in text)


def segments(text: str) -> int:
    """How many segments carry the text; 0 for an empty one."""
    if is_gsm(text):
        units, one, many = sum(2 if c in EXTENDED else 1 for c in text), 160, 153
    else:
        units, one, many = len(text.encode("utf-16-be")) // 2, 70, 67
    if units == 0:
        return 0
    return 1 if units <= one else -(-units // many)


def plain(text: str) -> str:
    """The text with typographic marks that cost a whole alphabet turned into plain ones."""
    return text.translate(PLAIN)


def bare(text: str) -> str:
    """Words of ours in the seven-bit alphabet: plain marks, and letters without the accents that it lacks (á, í, ó, ú; it has ñ, é, ü).

    Spanish stays readable so, and a text holds 160 letters instead of 70. Never for words of the sender, nor for names.
    """
    return "".join(c if is_gsm(c) else unicodedata.normalize("NFD", c)[0] for c in plain(text))
