"""The bag: every file is there, is what the manifest says, and the manifest is signed by the log's key (RFC 8493)."""

from __future__ import annotations

import hashlib
from pathlib import Path

from gateway.record.verifier.note import Key, opened
from gateway.record.verifier.report import Broken, Report

MANIFEST, TAGS, SEAL, DECLARATION = "manifest-sha256.txt", "tagmanifest-sha256.txt", "seal.txt", "bagit.txt"
BLOCK = 1024 * 1024


def sha256_of(file: Path) -> str:
    """The hash of a file, read in pieces."""
    digest = hashlib.sha256()
    with file.open("rb") as opened_file:
        while block := opened_file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def check_bag(folder: Path, key: Key, report: Report) -> None:
    """Every file against both manifests, and the seal over the manifest."""
    payload = _listed(folder / MANIFEST)
    tags = _listed(folder / TAGS)
    here = {str(f.relative_to(folder)).replace("\\", "/") for f in folder.rglob("*") if not f.is_dir()}
    bad = 0
    for name, wanted in {**payload, **tags}.items():
        file = folder / name
        if name.startswith("/") or ".." in name.split("/") or file.is_symlink():
            raise Broken(f"the manifest names {name!r}, which is no place in the bundle")
        if not file.is_file():
            report.failed(f"the file {name} is missing")
            bad += 1
        elif sha256_of(file) != wanted:
            report.failed(f"the file {name} was changed")
            bad += 1
    for name in sorted(here - payload.keys() - tags.keys() - {TAGS}):
        report.failed(f"the file {name} was put in later: no manifest names it")
        bad += 1
    for needed in (MANIFEST, SEAL, DECLARATION, "bag-info.txt"):
        if needed not in tags:
            report.failed(f"the list of tag files does not name {needed}")
            bad += 1
    text = opened((folder / SEAL).read_text(encoding="utf8"), key)
    said = text.splitlines()
    if len(said) < 3 or said[1] != "bundle" or said[2] != sha256_of(folder / MANIFEST):
        raise Broken("the seal is over another manifest than the one in the bundle")
    if not bad:
        report.proved(f"all {len(payload)} files are the ones that the log's key sealed")


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
