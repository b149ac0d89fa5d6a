"""Data for `normalise`: letters that look like others, and words that people mask with stars.

The look-alikes are the single-letter rows for Cyrillic, Greek, Armenian and Cherokee of Unicode's confusables table
(UTS 39, https://www.unicode.org/reports/tr39/) as far as they are read as a Latin letter, and Latin letters with a
stroke or a tail, which compatibility decomposition (UAX 15) leaves alone.
"""

from __future__ import annotations

from gateway.tagging.tables import word_set

_PAIRS = """
    аa вb еe зe иu кk мm нh оo рp сc тt уy хx ѕs іi јj һh ԁd ԛq ԝw ѡw ɡg ӏl ёe ґr єe їi ьb гr пn
    АA ВB ЕE КK МM НH ОO РP СC ТT УY ХX ЅS ІI ЈJ ҺH ԌG ԚQ ԜW ҮY ӀI ЁE
    αa βb γy εe ζz ηn ιi κk μu νv οo ρp τt υu χx ωw ϲc ϳj
    ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX ϹC
    օo սu հh ցg զq յj ոn ԵE ᎪA ᏴB ᏟC ᎬE ᎻH ᏦK ᏞL ᎷM ᏢP ᏒR ᏚS ᎢT ᏙV ᎳW ᏃZ
    łl ŁL øo ØO đd ĐD ħh ĦH ŧt ŦT ıi ȷj ɑa ɩi ƅb ɾr ƒf ɪi ʀr ɴn ʟl ʙb ɢg ʜh
    ᴀa ᴄc ᴅd ᴇe ᴊj ᴋk ᴍm ᴏo ᴘp ᴛt ᴜu ᴠv ᴡw ᴢz ʏy ꜱs ꜰf
    ᗩA ᗷB ᑕC ᗪD ᗴE ᖴF ᘜG ᕼH ᒍJ ᒪL ᗰM ᑎN ᑭP ᖇR ᔕS ᑌU ᐯV ᗯW ᙭X
    ‘' ’' ‚' ‛' ′' ʼ' `' ´' “\" ”\" „\" ‟\" «\" »\" ″\"
    ‐- ‑- ‒- –- —- ―- −- ﹣- ∗* ⁎* ✱* ＊* ․. 。. ⁄/ ∕/
"""

LOOKALIKES: dict[int, str] = {ord(p[0]): p[1:] for p in _PAIRS.split()} | {
    ord("σ"): "o",
    ord("ς"): "s",
    ord("ß"): "ss",
    ord("æ"): "ae",
    ord("Æ"): "AE",
    ord("œ"): "oe",
    ord("Œ"): "OE",
    ord("þ"): "th",
    ord("ð"): "d",
}

# Letters in black circles and squares have no plain form in Unicode's own tables.
LOOKALIKES |= {first + i: chr(97 + i) for first in (0x1F150, 0x1F170) for i in range(26)}
FLAG_LETTERS = range(0x1F1E6, 0x1F200)
"""Regional indicators: two are a flag; three and more in a row are letters."""

INVISIBLE = frozenset(
    chr(c)
    for first, last in (
        (0x00AD, 0x00AD),  # soft hyphen
        (0x034F, 0x034F),  # combining grapheme joiner
        (0x061C, 0x061C),  # Arabic letter mark
        (0x115F, 0x1160),  # Hangul fillers
        (0x17B4, 0x17B5),
        (0x180B, 0x180F),  # Mongolian variation selectors
        (0x200B, 0x200F),  # zero width, direction marks
        (0x202A, 0x202E),  # bidirectional embedding and override
        (0x2060, 0x206F),  # word joiner, invisible operators, isolates
        (0x3164, 0x3164),
        (0xFE00, 0xFE0F),  # variation selectors
        (0xFEFF, 0xFEFF),  # byte order mark
        (0xFFA0, 0xFFA0),
        (0xE0000, 0xE01EF),  # tags, more variation selectors
    )
    for c in range(first, last + 1)
)

LEET: dict[str, str] = {
    "0": "o",
    "1": "i",
    "3": "e",
    "4": "a",
    "5": "s",
    "7": "t",
    "8": "b",
    "@": "a",
    "$": "s",
    "!": "i",
    "|": "l",
    "€": "e",
}

MASKED_WORDS = word_set(
    """
    arse arsehole arseholes ass asshole assholes bastard bastards bitch bitches bitching bitchy bollocks
    bullshit cock cow crap cunt cunts damn dead death dick dickhead dickheads die fat fuck fucked fucker fuckers
    fuckin fucking fucks gun guns hang hate hell hoe hoes idiot idiots kill killed killing kills knife liar
    moron motherfucker murder murdered naked nude nudes pathetic pig piss pissed prick psycho psychopath pussy
    rape raped retard scum sex shit shits shitty shoot skank slag slags slap slapper slut sluts slutty stab
    stupid suicide tits tramp twat twats ugly wanker wankers whore whores
    """
)
