"""Office files, old and new: macros, locks, what they carry and what they would fetch. Pure; errors of bad files are kinds.

New ones are zip files (ECMA-376, ODF 1.3), old ones compound files (MS-CFB), RTF is text. Nothing is unpacked but the
small lists of what belongs together, each up to `LARGEST_LIST`.
"""

from __future__ import annotations

import re
import struct
import zipfile
from io import BytesIO
from typing import Final
from xml.etree import ElementTree

from gateway.attachments import kinds
from gateway.attachments.kinds import FileKind

MOST_FILES: Final = 5_000
LARGEST_LIST: Final = 1_000_000
LARGEST_UNPACKED: Final = 300_000_000
LARGEST_RATIO: Final = 200
SMALL: Final = 20_000_000
_MAIN: Final = {"docx": "word/", "xlsx": "xl/", "pptx": "ppt/"}
_MACROS: Final = ("vbaproject.bin", "vbadata.xml")
_MACRO_FOLDERS: Final = ("macrosheets/", "basic/", "scripts/", "dialogs/")
_CARRIES: Final = (
    "activex/",
    "oleobject",
    "object 1/",
    ".exe",
    ".dll",
    ".js",
    ".vbs",
    ".class",
    ".jar",
    ".ps1",
    ".lnk",
)
_RTF_ACTS: Final = re.compile(rb"(?i)\\(?:objdata|objocx|objupdate|objautlink|objlink|objemb)\b|\\\*\\template\b")
_OLE_SCRIPTS: Final = frozenset({"_VBA_PROJECT", "VBA", "Macros", "_VBA_PROJECT_CUR"})
_OLE_CARRIES: Final = frozenset({"\x01Ole10Native", "ObjectPool", "Package"})
_OLE_LOCKS: Final = frozenset({"EncryptedPackage", "EncryptionInfo"})


def of_zip(data: bytes, kind: FileKind) -> tuple[FileKind, frozenset[str]]:
    """A zip file that looks like an office document."""
    if data.count(b"PK\x01\x02") > MOST_FILES:
        return kind, frozenset(["bomb"])
    try:
        with zipfile.ZipFile(BytesIO(data)) as packed:
            return _of_packed(packed, len(data), kind)
    except (zipfile.BadZipFile, ElementTree.ParseError, EOFError, struct.error, RuntimeError):
        return kind, frozenset(["damaged"])


def _of_packed(packed: zipfile.ZipFile, size: int, kind: FileKind) -> tuple[FileKind, frozenset[str]]:
    files = packed.infolist()
    names = [f.filename.replace("\\", "/").lower() for f in files]
    if not _belongs(names, kind):
        return kinds.ARCHIVE, frozenset(["archive"])
    unpacked = sum(f.file_size for f in files)
    if unpacked > LARGEST_UNPACKED or (unpacked > SMALL and unpacked > LARGEST_RATIO * size):
        return kind, frozenset(["bomb"])
    if any(f.flag_bits & 1 for f in files) or b"encryption-data" in _list(packed, "META-INF/manifest.xml"):
        return kind, frozenset(["encrypted"])
    traits = {"document"}
    if any(n.endswith(_MACROS) or any(f"/{m}" in f"/{n}" for m in _MACRO_FOLDERS) for n in names):
        traits.add("macros")
    if b"macroenabled" in _list(packed, "[Content_Types].xml").lower():
        traits.add("macros")
    if any(mark in n for n in names for mark in _CARRIES) or _fetches(packed):
        traits.add("active")
    return kind, frozenset(traits)


def _belongs(names: list[str], kind: FileKind) -> bool:
    """Whether the parts are there that make it this kind of document."""
    main = _MAIN.get(kind.ending)
    if main is None:
        return "mimetype" in names and "content.xml" in names
    return "[content_types].xml" in names and any(n.startswith(main) for n in names)


def _list(packed: zipfile.ZipFile, name: str) -> bytes:
    """A part of the package; b"" when it is not there. Raises BadZipFile when it is larger than any real one."""
    try:
        with packed.open(name) as part:
            content = part.read(LARGEST_LIST + 1)
    except KeyError:
        return b""
    if len(content) > LARGEST_LIST:
        raise zipfile.BadZipFile("a list is too large")
    return content


def _fetches(packed: zipfile.ZipFile) -> bool:
    """Whether opening it would load something from elsewhere (ECMA-376 part 2, 9.3); plain links do not."""
    for name in packed.namelist():
        if not name.lower().endswith(".rels"):
            continue
        content = _list(packed, name)
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
            return True
        for each in ElementTree.fromstring(content):  # noqa: S314 (small, and no declarations: see above)
            is_outside = each.get("TargetMode", "").lower() == "external"
            if is_outside and not each.get("Type", "").lower().endswith("/hyperlink"):
                return True
    return False


def of_ole(data: bytes) -> tuple[FileKind, frozenset[str]]:
    """An old office file, told by the names in its folder (MS-CFB 2.6.1: entries of 128 bytes, names in UTF-16)."""
    names = _ole_names(data)
    kind = kinds.UNKNOWN
    for name, ending in (("PowerPoint Document", "ppt"), ("Workbook", "xls"), ("Book", "xls"), ("WordDocument", "doc")):
        if name in names:
            kind = kinds.OLD_OFFICE[ending]
    if names & _OLE_LOCKS or (kind.ending == "doc" and _word_is_locked(data)):
        return kinds.LOCKED, frozenset(["encrypted"])
    if kind is kinds.UNKNOWN:
        return kind, frozenset(["unknown"])
    traits = {"document"}
    if names & _OLE_SCRIPTS or kind.ending == "xls":  # sheets can hold macros without any folder of that name
        traits.add("macros")
    if names & _OLE_CARRIES:
        traits.add("active")
    return kind, frozenset(traits)


def _ole_names(data: bytes) -> set[str]:
    names = set()
    for at in range(512, len(data) - 127, 128):
        (length,) = struct.unpack_from("<H", data, at + 64)
        if 4 <= length <= 64 and length % 2 == 0 and data[at + 66] in (1, 2, 5):
            names.add(data[at : at + length - 2].decode("utf-16-le", "replace"))
    return names


def _word_is_locked(data: bytes) -> bool:
    """The flag fEncrypted in the head of the document (MS-DOC 2.5.2), which begins a sector."""
    heads = (at for at in range(512, len(data) - 12, 512) if data[at : at + 2] == b"\xec\xa5")
    return any(struct.unpack_from("<H", data, at + 10)[0] & 0x0100 for at in heads)


def of_rtf(data: bytes) -> frozenset[str]:
    """RTF: objects and templates (RTF 1.9.1, Objects)."""
    return frozenset(["document", "active"] if _RTF_ACTS.search(data) else ["document"])
