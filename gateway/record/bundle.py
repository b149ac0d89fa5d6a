"""The bundle: a BagIt folder (RFC 8493) with the record, the stored bytes and the proofs; then a .zip, then age.

    transcript ─┐
    natives ────┤
    tables ─────┼─► data/ ─ bag ─ seal over the manifest ─► BUNDLE/ or BUNDLE.zip or BUNDLE.zip.age
    sealed log ─┤
    papers ─────┘

Everything is written into a folder beside the target and moved there when it is whole: a bundle that was broken off is
never taken for one. The seal is a note that the log's key signs over the manifest, so that whoever holds the key's
fingerprint can tell a bundle of this installation from one that was made up.
"""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bagit
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from gateway.errors import RecordError, UserError
from gateway.ledger.leaf import canonical
from gateway.ledger.note import Key, sign
from gateway.record.archive import verifier_archive
from gateway.record.gather import Progress, no_progress
from gateway.record.items import Message, Record, Style
from gateway.record.journal import FOLDER, photo_of
from gateway.record.papers import papers
from gateway.record.rebuilt import FILE, described
from gateway.record.sealed import ORIGINALS, Sealed
from gateway.record.tables import index_csv, load_dat, load_opt
from gateway.record.thumbs import thumbs
from gateway.record.told import SENT
from gateway.record.verifier.bag import EXTRACT, MANIFEST, SEAL, TAGS, WHOLE, seal_text, tag_lines
from gateway.record.verifier.bag import ORIGINALS as ORIGINALS_ONLY
from gateway.record.volumes import BESIDE, Volume, volumes
from gateway.store import Blobs, Store
from gateway.store.blobs import digest
from gateway.store.tables import CardRow, DecisionRow

EPOCH = (1980, 1, 1, 0, 0, 0)
LINE = "Breakwater record"
SignPages = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a bundle is made. `sign_pages`: signs a PDF; `originals_only`: a co-parent's own messages, without anything else."""

    style: Style = Style.PLAIN
    prefix: str = "BW"
    sign_pages: SignPages | None = None
    certificate: bytes = b""
    originals_only: bool = False
    exhibit: tuple[str, ...] = ()


def make_bundle(
    record: Record,
    store: Store,
    blobs: Blobs,
    key: Key,
    private: Ed25519PrivateKey,
    target: Path,
    wanted: Wanted,
    *,
    progress: Progress = no_progress,
) -> str:
    """Write the bundle; the SHA-256 of its manifest. `target`: a folder that is not there yet, or a name ending in .zip.

    Raises:
        RecordError: the pages cannot be made, or the target is there already.
        StoreError: stored bytes are not what they were.
    """
    if target.exists():
        raise RecordError(f"{target} is there already; choose another name")
    if not target.absolute().parent.is_dir():
        raise UserError(f"{target.absolute().parent} is no folder; make it first, or name another place with --out")
    with tempfile.TemporaryDirectory(prefix=".breakwater-", dir=target.parent) as place:
        bag = Path(place) / "bundle"
        bag.mkdir()
        _fill(bag, record, store, blobs, key, wanted, progress)
        manifest = _bagged(bag, record, key, private, originals_only=wanted.originals_only)
        if target.suffix == ".zip":
            packed = Path(place) / "bundle.zip"
            _zip(bag, packed, target.stem)
            packed.replace(target)
        else:
            bag.replace(target)
    return manifest


def encrypt(file: Path, recipients: Iterable[str]) -> Path:
    """A .age file beside a .zip, for age recipients (``age1…``); the .zip is gone then. Raises RecordError."""
    import pyrage

    try:
        keys = [pyrage.x25519.Recipient.from_str(text.strip()) for text in recipients]
        out = file.with_name(file.name + ".age")
        pyrage.encrypt_file(str(file), str(out), keys)
    except (pyrage.RecipientError, pyrage.EncryptError, OSError) as error:
        raise RecordError(f"the bundle could not be encrypted: {error}") from None
    file.unlink()
    return out


def _fill(bag: Path, record: Record, store: Store, blobs: Blobs, key: Key, wanted: Wanted, progress: Progress) -> None:
    sealed = Sealed(store, record.log, key)
    (bag / "native").mkdir()
    for done, message in enumerate(record.messages, 1):
        _native(bag, record.log, message, blobs, files=not wanted.originals_only or message.role != "parent")
        progress(done, len(record.messages))
    (bag / "proofs").mkdir()
    for number, text in sealed.proofs(record, ORIGINALS if wanted.originals_only else None):
        _write(bag / "proofs" / f"{number:06d}.json", text)
    _write(bag / "verify.pyz", verifier_archive())
    made: list[Volume] = []
    if not wanted.originals_only:
        _log(bag / "log", record, sealed, key)
        _decided(bag, record, store)
        _journal(bag, record, blobs)
        made = _pages(bag, record, blobs, wanted)
    else:
        _write(bag / "key.txt", f"{key}\n")
    for name, text in papers(record, key, made, originals_only=wanted.originals_only).items():
        _write(bag / name, text)


def _native(bag: Path, family: str, message: Message, blobs: Blobs, *, files: bool) -> None:
    if message.provenance == SENT:
        _write(bag / message.native, message.text)
        return
    _write(bag / message.native, blobs.get(family, message.raw_sha256))
    for file in message.files if files else ():
        if file.path is not None and file.sha256 is not None:
            _write(bag / file.path, blobs.get(family, file.sha256))


def _log(folder: Path, record: Record, sealed: Sealed, key: Key) -> None:
    (folder / "checkpoints").mkdir(parents=True)
    _write(folder / "key.txt", f"{key}\n")
    _write(folder / "leaves.txt", "".join(f"{h}\n" for h in sealed.hashes))
    with (folder / "openings.jsonl").open("w", encoding="utf8", newline="\n") as out:
        for line in sealed.openings(record):
            out.write(line + "\n")
    for number, signed in enumerate(sealed.checkpoints, 1):
        name = f"{number:06d}"
        _write(folder / "checkpoints" / f"{name}.note", signed.note)
        for stamp in signed.stamps:
            _write(folder / "checkpoints" / f"{name}.{stamp.authority}.tsr", stamp.reply)


def _decided(bag: Path, record: Record, store: Store) -> None:
    """What was decided and shown, as the log has its hashes; key records of signed mail."""
    numbers = {m.id: m.number for m in record.messages}
    signed: dict[str, Any] = {}
    (bag / "decisions").mkdir()
    (bag / "cards").mkdir()
    with store.read() as session:
        for row in session.execute(
            select(DecisionRow.message_id, DecisionRow.detail).where(DecisionRow.family == record.log)
        ).all():
            if (number := numbers.get(row.message_id)) is None:
                continue
            _write(bag / "decisions" / f"{number:06d}.json", canonical(row.detail).encode("utf8", "surrogatepass"))
            proof = row.detail.get("authentication") or {}
            good = [
                f for f in proof.get("findings", ()) if f["method"] == "dkim" and f["result"] in ("pass", "partial")
            ]
            if good:
                signed[str(number)] = {"domain": good[0]["domain"], "records": proof.get("records", {})}
        for card in session.execute(
            select(CardRow.message_id, CardRow.content).where(CardRow.family == record.log).order_by(CardRow.id.desc())
        ).all():  # the first one stays: later ones are of sorted passages
            if (number := numbers.get(card.message_id)) is not None:
                _write(bag / "cards" / f"{number:06d}.json", canonical(card.content).encode("utf8", "surrogatepass"))
    _write(bag / "dns.json", canonical(signed))


def _journal(bag: Path, record: Record, blobs: Blobs) -> None:
    """The parent's own notes with their photos, where they were chosen."""
    for note in record.notes:
        (bag / FOLDER).mkdir(exist_ok=True)
        _write(bag / FOLDER / f"{note.number:06d}.json", note.text)
        for place, photo in enumerate(note.content["photos"], 1):
            _write(bag / photo_of(note, place, photo), blobs.get(record.log, photo["sha256"]))


def _pages(bag: Path, record: Record, blobs: Blobs, wanted: Wanted) -> list[Volume]:
    pictures = thumbs(record, blobs)
    made = volumes(
        record,
        wanted.style,
        pictures,
        prefix=wanted.prefix,
        exhibit=wanted.exhibit,
        finish=wanted.sign_pages or bytes,
    )
    for name, png in pictures.items():
        (bag / "thumbs").mkdir(exist_ok=True)
        _write(bag / "thumbs" / f"{name}.png", png)
    places: dict[int, tuple[str, str]] = {}
    labels: list[tuple[str, str]] = []
    for volume in made:
        _write(bag / volume.name, volume.pdf)
        _write(bag / volume.name.replace(".pdf", ".json"), volume.data)
        places |= volume.places if volume.name not in BESIDE else {}
        labels += [(label, volume.name) for label in volume.labels]
    firsts = frozenset(first for first, _ in places.values())
    _write(bag / FILE, described(record, wanted.style, wanted.prefix, wanted.exhibit))
    _write(bag / "index.csv", index_csv(record))
    _write(bag / "load.dat", "\ufeff" + load_dat(record, places))
    _write(bag / "load.opt", "".join(load_opt([label], name, firsts) for label, name in labels))
    if wanted.certificate:
        _write(bag / "transcript-certificate.pem", wanted.certificate)
    return made


def _bagged(folder: Path, record: Record, key: Key, private: Ed25519PrivateKey, *, originals_only: bool) -> str:
    """Turn the folder into a bag and seal it; the hash of its manifest."""
    day = record.made_at.date().isoformat()
    info = {"Bagging-Date": day, "External-Description": LINE, "Bag-Software-Agent": f"Breakwater {record.version}"}
    bagit.make_bag(str(folder), info, checksums=["sha256"], processes=1)
    what = ORIGINALS_ONLY if originals_only else EXTRACT if record.is_extract else WHOLE
    text = seal_text(key.name, what, len(record.messages), record.total, folder)
    _write(folder / SEAL, sign(text, key.name, private))
    _write(folder / TAGS, tag_lines(folder))
    return digest((folder / MANIFEST).read_bytes())


def _zip(folder: Path, target: Path, name: str) -> None:
    """Names in order and times fixed, so that the same bundle gives the same archive."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for file in sorted(p for p in folder.rglob("*") if p.is_file()):
            info = zipfile.ZipInfo(f"{name}/{file.relative_to(folder).as_posix()}", EPOCH)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            with file.open("rb") as source, archive.open(info, "w", force_zip64=True) as out:
                shutil.copyfileobj(source, out)


def _write(file: Path, content: str | bytes) -> None:
    file.write_bytes(content if isinstance(content, bytes) else content.encode("utf8"))
