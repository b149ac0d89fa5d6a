"""Emoji as words: the few classes that matter for tone and danger."""

from __future__ import annotations

import unicodedata

_CLASSES = {
    "happy": "😀😃😄😁😊🙂☺😍🤩🥳🎉😆🤗😎☀🌞⭐🌟✨🎂🎈🏆⚽🏀🎄😋😇👏💪🤞",
    "love": "❤♥💕💖💗💘💝💞💓🥰😘💋🌹💐💔🧡💛💚💙💜🤍🖤😚😙",
    "sad": "😢😭😔😞😟😥😪☹🙁😩😫🥺😿💧😓🤒🤧🤕🤮🤢😷",
    "angry": "😠😡🤬👿😤💢🖕👊😾",
    "mock": "🙄😏🙃🤡😂🤣😒😜😝🤪🥱🤷🤦🤔💅🐍🐷🐖🐄🐀💩🗑😬👌🥴🧠",
    "weapon": "🔪🗡⚔🔫💣🧨⚰🪦☠💀🩸🔨🪓🔥🧯🪢⛓",
    "watch": "👀👁🔍🔎📸📷📹🎥📍🕵🛰🗺🚗",
    "alarm": "🚨🚑🏥⚠🆘🚒🚓❗‼❌⛔",
    "thanks": "👍🙏✅✔🤝👋👌🆗☑",
    "sexual": "🍆🍑💦👅🔞👙",
}
_BY_SIGN = {sign: kind for kind, signs in reversed(_CLASSES.items()) for sign in signs}


def emoji_class(sign: str) -> str | None:
    """The class of an emoji, ``other`` for one that no class has, None for what is no pictograph."""
    if (kind := _BY_SIGN.get(sign)) is not None:
        return kind
    return "other" if unicodedata.category(sign) == "So" or ord(sign) >= 0x1F000 else None
