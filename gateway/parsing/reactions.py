"""Texts that are only a reaction to an older text: what iPhones and Android phones send where reactions do not work.

    Loved “See you at 5”        Removed a like from “Ok”      Laughed at an image
    👍 to “See you at 5”        Reacted 😂 to "Ok"            a attribué la mention « Adore » à « Ok »

The whole text must be one of the known beginnings with a quoted text after it, or with the name of a thing. A text
that goes on after the quote, or quotes twice, was written by a person. Google's app puts hair spaces and zero-width
spaces around the parts, which are dropped before comparing.
"""

from __future__ import annotations

from typing import Final

OPEN: Final = '“„«"‚‘'
CLOSE: Final = '”“»"‘’'
_EMOJI: Final = "{e}"
_DROPPED: Final = dict.fromkeys((0x200B, 0x200C, 0x200E, 0x200F, 0x2060, 0x2066, 0x2067, 0x2068, 0x2069, 0xFEFF))
MAX_LENGTH: Final = 2_000

BEFORE_QUOTE: Final = frozenset((
    "liked", "loved", "disliked", "laughed at", "emphasized", "emphasised", "questioned",
    "removed a like from", "removed a heart from", "removed a dislike from", "removed a laugh from",
    "removed an exclamation from", "removed a question mark from", "removed an emphasis from",
    "reacted {e} to", "reacted with {e} to", "removed {e} from", "removed a {e} from", "{e} to",
    "le gustó", "le encantó", "no le gustó", "se rió de", "enfatizó", "exclamó", "cuestionó", "preguntó por",
    "le gusta", "le encanta", "me gusta", "me encanta", "reaccionó con {e} a", "reaccionó {e} a", "{e} a",
    "eliminó un me gusta de", "eliminó un corazón de", "quitó un me gusta de", "quitó un corazón de", "quitó {e} de",
    "eliminó {e} de",
    "a aimé", "a adoré", "n'a pas aimé", "a ri de", "a ri à", "a mis en évidence", "a souligné", "a insisté sur",
    "a posé une question sur", "s'est interrogé sur", "s'est interrogé(e) sur", "a réagi avec {e} à", "{e} à",
    "a attribué la mention", "a retiré la réaction {e} à", "a retiré la mention", "a retiré un cœur de",
    "a supprimé un cœur de", "a supprimé {e} de",
    "gefällt", "gefällt mir", "gefällt nicht", "liebt", "mag", "mag nicht", "lacht über", "hat gelacht über",
    "hervorgehoben", "hat hervorgehoben", "hinterfragt", "hat hinterfragt", "reagierte mit {e} auf",
    "hat mit {e} reagiert auf", "mit {e} reagiert auf", "{e} auf", "{e} zu", "hat {e} entfernt von",
    "herz entfernt von", "„gefällt mir“ entfernt von",
    "gostou de", "amou", "adorou", "não gostou de", "riu de", "deu risada de", "enfatizou", "destacou", "questionou",
    "reagiu com {e} a", "{e} em", "{e} para", "removeu um coração de", "removeu uma curtida de", "removeu {e} de",
    "curtiu", "descurtiu",
    "polubiono", "polubił", "polubiła", "pokochał", "pokochała", "uwielbia", "lubi", "nie lubi", "nie polubił",
    "nie polubiła", "zaśmiał się z", "zaśmiała się z", "wyróżniono", "podkreślił", "podkreśliła", "zakwestionował",
    "zakwestionowała", "zareagował {e} na", "zareagowała {e} na", "zareagowano {e} na", "{e} do", "{e} na",
    "usunięto serce z", "usunięto {e} z",
    "piace", "ha messo mi piace a", "ha adorato", "adora", "ama", "non piace", "ha riso a", "ha riso di",
    "ha riso per", "ha enfatizzato", "ha evidenziato", "ha messo in dubbio", "ha reagito con {e} a", "ha rimosso {e} da",
    "ha rimosso un cuore da", "ha rimosso un mi piace da",
))  # fmt: skip
"""What stands before the quoted text, in lower case, an emoji as `{e}`."""

THINGS: Final = frozenset((
    "an image", "a photo", "a picture", "a movie", "a video", "an attachment", "an audio message", "a contact",
    "a location", "a sticker", "a link", "a voice message", "a handwritten message",
    "una imagen", "una foto", "un vídeo", "un video", "un archivo adjunto", "un mensaje de audio",
    "une image", "une photo", "une vidéo", "une pièce jointe", "un message audio", "un film",
    "ein bild", "ein foto", "ein video", "einen film", "einen anhang", "eine audionachricht", "einem bild",
    "uma imagem", "uma foto", "um vídeo", "um anexo", "uma mensagem de áudio",
    "obraz", "obrazek", "zdjęcie", "film", "wideo", "załącznik", "wiadomość audio",
    "un'immagine", "un allegato", "un messaggio audio", "un filmato",
))  # fmt: skip
"""What is reacted to when it is no text."""


def is_reaction(text: str) -> bool:
    """True when the whole text is what a phone sends for a reaction."""
    if len(text) > MAX_LENGTH:
        return False
    bare = " ".join(text.translate(_DROPPED).replace("’", "'").split())
    start = next((i for i, c in enumerate(bare) if c in OPEN), -1)
    if start < 0:
        return _names_a_thing(bare)
    before = _pattern(bare[:start])
    if before not in BEFORE_QUOTE or bare[-1] not in CLOSE or len(bare) - start < 3:
        return False
    inner = bare[start + 1 : -1]
    if before.endswith("mention"):
        return inner.count("«") <= 1
    return not _goes_on(bare[start], inner)


def reacted_to(text: str) -> str:
    """The words that a reaction quotes; empty where it quotes none."""
    start = next((i for i, c in enumerate(text) if c in OPEN), len(text))
    return text[start + 1 :].rstrip().rstrip(CLOSE)


def _goes_on(opened: str, inner: str) -> bool:
    """Whether the first quote ends before the last sign: then words of the sender's own stand behind it.

    Quotes that open and close with different signs may hold others within; straight ones cannot be told apart, so that
    any further one counts.
    """
    if opened in "\"'":
        return opened in inner
    depth = 1
    for i, sign in enumerate(inner):
        if sign in "’'" and inner[i - 1 : i].isalnum() and inner[i + 1 : i + 2].isalnum():
            continue  # an apostrophe
        if sign in "“„«‚" and opened in "“„«‚":
            depth += 1
        elif sign in "”»" or (sign == "“" and opened == "„"):
            depth -= 1
        if depth == 0:
            return True
    return False


def _names_a_thing(bare: str) -> bool:
    """`Loved an image`: a known beginning and a thing, nothing more."""
    pattern = _pattern(bare.rstrip("."))
    return any(pattern.endswith(" " + thing) and pattern[: -len(thing) - 1] in BEFORE_QUOTE for thing in THINGS)


def _pattern(text: str) -> str:
    """Lower case, with a run of emoji as `{e}`."""
    words = [_EMOJI if _is_emoji(word) else word for word in text.lower().split()]
    return " ".join(words)


def _is_emoji(word: str) -> bool:
    return len(word) <= 12 and not word.isascii() and not any(c.isalpha() or c in OPEN or c in CLOSE for c in word)
