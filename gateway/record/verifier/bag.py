"""The bag: every file is there, is what the manifest says, and the manifest is signed by the log's key (RFC 8493)."""

from __future__ import annotations

import hashlib
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from gateway.record.verifier.note import Key, opened
from gateway.record.verifier.report import Broken, Report

MANIFEST, TAGS, SEAL, DECLARATION = "manifest-sha256.txt", "tagmanifest-sha256.txt", "seal.txt", "bagit.txt"
INFO = "bag-info.txt"
TOP = (INFO, DECLARATION, MANIFEST, SEAL, TAGS)
"""All that lies beside `data/`, in order of names."""
VERSION = b"BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n"
KNOWN = re.compile(
    r"data/(?:README\.md|LIMITS\.md|SPECIFICATION\.md|cover-sheet\.md|declaration-[a-z-]+\.md|index\.csv|load\.(?:dat|opt)"
    r"|(?:transcript(?:-[0-9]+)?|exhibit|journal)\.(?:pdf|json)|transcript-certificate\.pem|record\.json|dns\.json|verify\.pyz|key\.txt"
    r"|log/(?:key\.txt|leaves\.txt|openings\.jsonl|checkpoints/[0-9]{6}(?:\.[a-z0-9-]+)?\.(?:note|tsr))"
    r"|native/[0-9]{6}(?:-[0-9]+)?\.[a-z0-9]{1,8}|(?:decisions|cards|proofs)/[0-9]{6}\.json|thumbs/[0-9a-f]{64}\.png"
    r"|journal/[0-9]{6}(?:-[0-9]+)?\.[a-z0-9]{1,8})"
)
"""Every name that a bundle may hold."""
WHOLE, EXTRACT, ORIGINALS = "bundle", "extract", "originals"
KINDS = (WHOLE, EXTRACT, ORIGINALS)
BLOCK = 1024 * 1024


def sha256_of(file: Path) -> str:
    """The hash of a file, read in pieces."""
    digest = hashlib.sha256()
    with file.open("rb") as opened_file:
        while block := opened_file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


@dataclass(frozen=True)
class Seal:
    """What the seal says the bundle is: ``bundle`` (whole), ``extract`` or ``originals``, with how many messages of how many."""

    what: str
    messages: int
    total: int


def check_bag(folder: Path, key: Key, report: Report) -> Seal:
    """Every file against the manifest, and the seal over the manifest and the two files beside it. Raises Broken."""
    _only_files(folder)
    payload = _listed(folder / MANIFEST)
    here = {
        str(f.relative_to(folder)).replace("\\", "/") for f in folder.rglob("*") if not f.is_dir() or f.is_symlink()
    }
    bad = 0
    for name, wanted in payload.items():
        file = folder / name
        if not name.startswith("data/") or ".." in name.split("/") or file.is_symlink():
            raise Broken(f"the manifest names {name!r}, which is no place in the bundle")
        if not file.is_file():
            report.failed(f"the file {name} is missing")
            bad += 1
        elif sha256_of(file) != wanted:
            report.failed(f"the file {name} was changed")
            bad += 1
    for name in sorted(here - payload.keys() - set(TOP)):
        report.failed(f"the file {name} was put in later: no manifest names it")
        bad += 1
    for name in _unknown(payload):
        report.failed(f"the file {name} is none that a bundle has")
        bad += 1
    for name in sorted(set(TOP) - here):
        raise Broken(f"the file {name} is missing")
    if (folder / TAGS).read_bytes() != tag_lines(folder).encode("utf8"):
        report.failed(f"{TAGS} was changed, or a file that it names")
        bad += 1
    if (folder / DECLARATION).read_bytes() != VERSION:
        report.failed(f"{DECLARATION} was changed")
        bad += 1
    seal = _sealed(folder, key)
    if not bad:
        report.proved(f"all {len(payload)} files are the ones that the log's key sealed")
    return seal


def _only_files(folder: Path) -> None:
    """No links, pipes or devices: reading them may lead anywhere or never end. Raises Broken."""
    for path in folder.rglob("*"):
        mode = path.lstat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise Broken(f"{path.relative_to(folder)} is neither a file nor a folder")


def _unknown(payload: Iterable[str]) -> list[str]:
    """Files that no bundle has, however they are listed."""
    return [name for name in payload if KNOWN.fullmatch(name) is None]


def tag_lines(folder: Path) -> str:
    """What the list of tag files has to say: a line for each, in order of their names."""
    return "".join(f"{sha256_of(folder / name)}  {name}\n" for name in TOP if name != TAGS)


def seal_text(name: str, what: str, messages: int, total: int, folder: Path) -> str:
    """What is signed: the log's name, what the bundle is, and the hashes of manifest and bag-info."""
    return f"{name}\n{what} {messages} of {total}\n{sha256_of(folder / MANIFEST)}\n{sha256_of(folder / INFO)}\n"


def _sealed(folder: Path, key: Key) -> Seal:
    try:
        text = opened((folder / SEAL).read_bytes().decode("utf8"), key)
        what, messages, _, total = text.split("\n")[1].split(" ")
        seal = Seal(what, int(messages), int(total))
    except (ValueError, IndexError, OSError):
        raise Broken("the seal cannot be read") from None
    if what not in KINDS or text != seal_text(key.name, what, seal.messages, seal.total, folder):
        raise Broken("the seal is over another manifest than the one in the bundle")
    return seal


def _listed(file: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    try:
        lines = file.read_text(encoding="utf8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise Broken(f"{file.name} cannot be read") from None
    for line in lines:
        digest, gap, name = line.partition("  ")
        if not gap or len(digest) != 64 or digest.strip("0123456789abcdef") or not name or name in found:
            raise Broken(f"{file.name} has a line that is none of a manifest")
        found[name.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")] = digest
    return found
