"""Bytes to text when the declared charset is wrong, unknown, empty or missing.

The order is: what is declared, then UTF-8, then windows-1252, and every choice other than the declared one is
noted. Three refinements come from real mail. Single-byte charsets accept any bytes, so text declared as one of the
Western ones is first tried as UTF-8 when it holds bytes above 127: valid multi-byte UTF-8 is practically never
windows-1252 by chance. Text in UTF-8 with a few broken bytes keeps its good characters; only the broken bytes are
read as windows-1252. And names of charsets are looked up in a closed table, since Python's codec registry also
answers to names such as `idna`, `punycode` or `undefined` that are no charsets of mail.
"""

from __future__ import annotations

import codecs
from typing import Final

from gateway.parsing.work import Work

_SAME: Final = [
    "ascii",
    "utf-8",
    "utf-7",
    "utf-16",
    "utf-16-be",
    "utf-16-le",
    "utf-32",
    "iso8859-2",
    "iso8859-3",
    "iso8859-4",
    "iso8859-5",
    "iso8859-6",
    "iso8859-7",
    "iso8859-8",
    "iso8859-10",
    "iso8859-13",
    "iso8859-14",
    "iso8859-15",
    "iso8859-16",
    "cp1250",
    "cp1251",
    "cp1252",
    "cp1253",
    "cp1254",
    "cp1255",
    "cp1256",
    "cp1257",
    "cp1258",
    "cp437",
    "cp850",
    "cp852",
    "cp855",
    "cp858",
    "cp862",
    "cp865",
    "cp866",
    "cp874",
    "cp949",
    "koi8-r",
    "koi8-u",
    "mac-roman",
    "mac-cyrillic",
    "mac-greek",
    "mac-latin2",
    "mac-turkish",
    "gb18030",
    "big5",
    "big5hkscs",
    "shift-jis",
    "cp932",
    "euc-jp",
    "iso2022-jp",
    "iso2022-jp-2",
    "euc-kr",
    "iso2022-kr",
    "hz",
    "johab",
    "ptcp154",
]
_ALIASES: Final = {
    "latin1": "cp1252",
    "l1": "cp1252",
    "iso88591": "cp1252",
    "iso88591:1987": "cp1252",
    "ansi": "cp1252",
    "ansix341968": "ascii",
    "ansix31101983": "cp1252",
    "usascii": "ascii",
    "646": "ascii",
    "iso646us": "ascii",
    "iso88599": "cp1254",
    "iso885911": "cp874",
    "tis620": "cp874",
    "thai": "cp874",
    "iso88598i": "iso8859-8",
    "iso88598e": "iso8859-8",
    "logical": "iso8859-8",
    "visual": "iso8859-8",
    "latin2": "iso8859-2",
    "latin3": "iso8859-3",
    "latin4": "iso8859-4",
    "latin5": "cp1254",
    "latin9": "iso8859-15",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "gb231280": "gb18030",
    "cp936": "gb18030",
    "hzgb2312": "hz",
    "ksc56011987": "cp949",
    "ksc5601": "cp949",
    "ksc56011989": "cp949",
    "uhc": "cp949",
    "sjis": "cp932",
    "shiftjis": "cp932",
    "mskanji": "cp932",
    "windows31j": "cp932",
    "ujis": "euc-jp",
    "unicode11utf8": "utf-8",
    "unicode11utf7": "utf-7",
    "unicode20utf8": "utf-8",
    "utf8mb4": "utf-8",
    "utf": "utf-8",
    "uft8": "utf-8",
    "uff8": "utf-8",
    "utf08": "utf-8",
    "uf8": "utf-8",
    "tf8": "utf-8",
    "unicode": "utf-16",
    "ucs2": "utf-16",
    "macintosh": "mac-roman",
    "mac": "mac-roman",
    "koi8": "koi8-r",
    "koi8ru": "koi8-u",
    "win1251": "cp1251",
}
_WESTERN: Final = frozenset({"ascii", "cp1252", "iso8859-15", "mac-roman", "cp850", "cp437"})
_REPAIR: Final = "breakwater-windows-1252"


def _squeeze(name: str) -> str:
    return "".join(c for c in name.lower() if c.isalnum() or c == ":")


_CODECS: Final = {_squeeze(name): name for name in _SAME} | _ALIASES


def codec_name(label: str) -> str | None:
    """The Python codec for a charset label as written in mail, or None when the label means nothing."""
    squeezed = _squeeze(label.split("*")[0].strip().strip("\"'")[:60])
    for stem in (squeezed, squeezed.removeprefix("x"), squeezed.removeprefix("cs")):
        if stem in _CODECS:
            return _CODECS[stem]
        for prefix in ("windows", "win", "ibm", "cp", "oem", "ms"):
            rest = stem.removeprefix(prefix).lstrip("cp")
            if rest != stem and "cp" + rest in _CODECS:
                return _CODECS["cp" + rest]
        if stem.startswith("iso8859") and stem[:8].rstrip("ie") in _CODECS:
            return _CODECS[stem[:8].rstrip("ie")]
    return None


def _one_byte_as_1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return "".join(bytes((b,)).decode("cp1252", "replace") for b in bad), error.end


codecs.register_error(_REPAIR, _one_byte_as_1252)


def decode_text(data: bytes, label: str | None, work: Work, what: str = "the text") -> str:
    """`data` as text. `label` is the declared charset or None. Never raises; every repair is noted in `work`."""
    for mark, codec in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            return data[len(mark) :].decode(codec, "replace")
    codec_or_none = codec_name(label) if label else None
    if label and codec_or_none is None:
        work.odd(f"{what} is declared in an unknown charset {label[:40]!r}")
    codec = codec_or_none or "ascii"
    if data.isascii() and codec in _WESTERN:
        return data.decode("ascii")
    if codec in _WESTERN:
        text = _try(data, "utf-8")
        if text is not None:
            work.odd(
                f"{what} was read as UTF-8, declared is {label[:40]!r}"
                if label
                else f"{what} declares no charset; read as UTF-8"
            )
            return text
        if codec == "ascii":
            work.odd(f"{what} was read as windows-1252, declared is {(label or 'nothing')[:40]!r}")
            return _as_1252(data)
    text = _try(data, codec)
    if text is not None:
        return text
    if codec != "utf-8":
        work.odd(f"{what} is not valid {label!r}; read as UTF-8 or windows-1252")
    else:
        work.odd(f"{what} is not valid UTF-8; the broken bytes were read as windows-1252")
    return _as_1252(data) if codec == "cp1252" else data.decode("utf-8", _REPAIR)


def _as_1252(data: bytes) -> str:
    """All 256 bytes have a meaning here: the five that windows-1252 leaves open become control characters."""
    text = data.decode("cp1252", "replace")
    if "\ufffd" not in text:
        return text
    return "".join(c if c != "\ufffd" else chr(b) for c, b in zip(text, data, strict=True))


def _try(data: bytes, codec: str) -> str | None:
    try:
        text = data.decode(codec)
    except (UnicodeError, LookupError, ValueError):
        return None
    return text if text.isascii() else whole_characters(text)


def whole_characters(text: str) -> str:
    """Surrogate pairs joined, and halves without the other (UTF-7 can write them) replaced."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
