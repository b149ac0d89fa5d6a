"""Kinds of files: the words that a card uses, the ending of a safe name, and what a sender's claim amounts to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file. `trait`: what rules call it; `words`: what a card calls it; `claim`: what a sender may call it."""

    trait: str
    words: str
    ending: str
    claim: str


def _kinds(trait: str, claim: str, **listed: str) -> dict[str, FileKind]:
    return {ending: FileKind(trait, words, ending, claim) for ending, words in listed.items()}


_PICTURES: Final = _kinds(
    "picture", "picture", jpg="picture", png="picture", gif="picture", webp="picture", bmp="picture"
)
_OFFICE: Final = _kinds(
    "document", "office", docx="Word document", xlsx="Excel spreadsheet", pptx="PowerPoint slides", odt="text document",
    ods="spreadsheet", odp="slides", rtf="text document", doc="old Word document", xls="old Excel spreadsheet",
    ppt="old PowerPoint slides",
)  # fmt: skip
_OOXML: Final = "application/vnd.openxmlformats-officedocument."
_ODF: Final = "application/vnd.oasis.opendocument."
PDF: Final = FileKind("document", "PDF document", "pdf", "pdf")
CALENDAR: Final = FileKind("document", "calendar file", "ics", "text")
CONTACT: Final = FileKind("document", "contact card", "vcf", "text")
TEXT: Final = FileKind("document", "text file", "txt", "text")
PROGRAM: Final = FileKind("program", "program", "bin", "program")
ARCHIVE: Final = FileKind("archive", "packed folder", "bin", "archive")
PAGE: Final = FileKind("page", "web page", "bin", "page")
RECORDING: Final = FileKind("recording", "recording", "bin", "recording")
ODD_PICTURE: Final = FileKind("unknown", "picture of an unusual kind", "bin", "picture")
UNKNOWN: Final = FileKind("unknown", "file", "bin", "")
LOCKED: Final = FileKind("unknown", "locked document", "bin", "office")
EMPTY: Final = FileKind("damaged", "empty file", "bin", "")

BY_TYPE: Final[dict[str, FileKind]] = {
    "image/jpeg": _PICTURES["jpg"],
    "image/png": _PICTURES["png"],
    "image/gif": _PICTURES["gif"],
    "image/webp": _PICTURES["webp"],
    "image/bmp": _PICTURES["bmp"],
    "application/pdf": PDF,
    _OOXML + "wordprocessingml.document": _OFFICE["docx"],
    _OOXML + "spreadsheetml.sheet": _OFFICE["xlsx"],
    _OOXML + "presentationml.presentation": _OFFICE["pptx"],
    _ODF + "text": _OFFICE["odt"],
    _ODF + "spreadsheet": _OFFICE["ods"],
    _ODF + "presentation": _OFFICE["odp"],
    "application/rtf": _OFFICE["rtf"],
    "text/calendar": CALENDAR,
    "text/vcard": CONTACT,
    "text/plain": TEXT,
    "text/html": PAGE,
    "image/svg+xml": PAGE,
    "application/xml": PAGE,
    "application/x-empty": EMPTY,
    **dict.fromkeys(
        (
            "application/vnd.microsoft.portable-executable", "application/x-elf", "application/x-mach-binary",
            "text/x-script", "application/x-ms-shortcut", "application/java-archive",
            "application/vnd.android.package-archive",
        ),
        PROGRAM,
    ),
    **dict.fromkeys(
        (
            "application/zip", "application/x-7z-compressed", "application/vnd.rar", "application/gzip",
            "application/x-bzip2", "application/x-xz", "application/zstd", "application/x-tar",
            "application/x-iso9660-image", "application/epub+zip",
        ),
        ARCHIVE,
    ),
}  # fmt: skip
"""By sniffed type. What is not listed is told by its main type, or unknown. `application/x-ole-storage`: see office.py."""

OLD_OFFICE: Final = {ending: _OFFICE[ending] for ending in ("doc", "xls", "ppt")}
DOWNLOAD_TYPE: Final = {kind.ending: type_ for type_, kind in BY_TYPE.items() if kind.trait == "document"} | {
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
}
PROGRAM_ENDINGS: Final = frozenset(
    """
    apk app appimage applescript bat class cmd com command cpl crx deb desktop dll dmg dylib elf exe gadget hta inf
    ins ipa iso jar js jse jsp ksh lnk mjs msc msi msix msp mst osx pif pkg pl ps1 psm1 py pyc rb reg rpm run scf scr
    sct service sh shb shs so sys url vb vbe vbs wasm webloc workflow ws wsc wsf wsh xpi
    """.split()
)
MACRO_ENDINGS: Final = frozenset(
    ["docm", "dotm", "xlsm", "xltm", "xlsb", "xlam", "pptm", "potm", "ppsm", "ppam", "xla", "one"]
)
_ENDINGS: Final = {
    "picture": "jpg jpeg jpe png gif webp bmp tif tiff heic heif avif ico",
    "pdf": "pdf",
    "office": "doc docx dot dotx xls xlsx xlt xltx ppt pptx pps ppsx odt ods odp rtf pages numbers",
    "text": "txt csv tsv ics vcs ical vcf log md",
    "archive": "zip rar 7z gz tgz bz2 xz tar zst cab arj lzh",
    "page": "htm html xhtml mht mhtml svg xml shtml",
    "recording": "mp3 m4a wav amr ogg opus aac flac wma mp4 m4v mov avi mkv webm 3gp wmv",
}
CLAIM_BY_ENDING: Final = {ending: claim for claim, endings in _ENDINGS.items() for ending in endings.split()}
_CLAIM_WORDS: Final = (
    ("pdf", "pdf"), ("msword", "office"), ("ms-word", "office"), ("ms-excel", "office"), ("powerpoint", "office"),
    ("officedocument", "office"), ("opendocument", "office"), ("rtf", "office"), ("zip", "archive"),
    ("compressed", "archive"), ("x-tar", "archive"), ("vnd.rar", "archive"), ("x-rar", "archive"), ("html", "page"),
    ("svg", "page"), ("javascript", "program"), ("executable", "program"), ("msdownload", "program"),
    ("java-archive", "program"), ("calendar", "text"), ("vcard", "text"),
)  # fmt: skip
FITTING: Final = frozenset([("archive", "office"), ("office", "text"), ("text", "page")])
"""Claim and finding that differ honestly: Windows calls CSV an Excel file, old servers call .docx a zip."""


def kind_of(sniffed: str) -> FileKind:
    """The kind of a sniffed type."""
    if sniffed in BY_TYPE:
        return BY_TYPE[sniffed]
    main = sniffed.partition("/")[0]
    return {"image": ODD_PICTURE, "audio": RECORDING, "video": RECORDING}.get(main, UNKNOWN)


def ending_of(name: str) -> str:
    """The ending of a name in lower case, without the dots and blanks that Windows drops; "" when it has none."""
    stem, dot, ending = name.rstrip(". \u00a0").rpartition(".")
    return ending.strip().lower() if dot and stem else ""


def claim_of_type(claimed: str) -> str:
    """What the sender's media type amounts to; "" when it says nothing (application/octet-stream)."""
    low = claimed.lower()
    for word, claim in _CLAIM_WORDS:
        if word in low:
            return claim
    main = low.partition("/")[0]
    return {"image": "picture", "audio": "recording", "video": "recording", "text": "text"}.get(main, "")
