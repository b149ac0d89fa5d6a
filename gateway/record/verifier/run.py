"""All checks of a bundle, in order. A check that cannot go on ends in a failure, never in silence."""

from __future__ import annotations

import re
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from gateway.record.verifier.bag import ORIGINALS, WHOLE, check_bag
from gateway.record.verifier.files import check_messages, check_transcript
from gateway.record.verifier.journal import check_journal
from gateway.record.verifier.mail import check_mail
from gateway.record.verifier.note import Key, checkpoint_of, key_of
from gateway.record.verifier.proofs import check_proofs, read_proof
from gateway.record.verifier.report import Broken, Report
from gateway.record.verifier.sealed import Log, check_log, is_beginning
from gateway.record.verifier.stamps import check_stamps

MOST_UNPACKED = 8 * 1024**3


@contextmanager
def unpacked(bundle: Path) -> Iterator[Path]:
    """The folder of a bundle; a .zip is unpacked for the time. Raises Broken."""
    if bundle.is_dir():
        yield bundle
        return
    if not bundle.is_file():
        raise Broken(f"{bundle} is not there")
    with tempfile.TemporaryDirectory(prefix="breakwater-verify-") as place:
        try:
            with zipfile.ZipFile(bundle) as archive:
                _plain_names([info.filename for info in archive.infolist()])
                if sum(info.file_size for info in archive.infolist()) > MOST_UNPACKED:
                    raise Broken("the archive says that it holds more than any bundle does")
                archive.extractall(place)
        except (zipfile.BadZipFile, OSError, RuntimeError, EOFError, ValueError):
            raise Broken("this is neither a folder nor a .zip that can be opened; decrypt an .age file first") from None
        except Broken:
            raise
        except Exception as error:  # noqa: BLE001 (a damaged stream: zlib and its kin have errors of their own)
            raise Broken(f"the .zip is damaged ({type(error).__name__})") from None
        inner = [p for p in Path(place).iterdir() if p.is_dir()]
        yield inner[0] if len(inner) == 1 and not (Path(place) / "bagit.txt").exists() else Path(place)


def _plain_names(names: list[str]) -> None:
    """One folder, or none, with everything in it, and each place once: another program must not unpack another bundle."""
    plain = [name.rstrip("/") for name in names]
    if len({name.lower() for name in plain}) < len(plain):
        raise Broken("the archive holds two files of one name")
    for name in plain:
        if any(part in ("", ".", "..") for part in name.split("/")) or "\\" in name or ":" in name:
            raise Broken(f"the archive holds a name that is no place in a bundle: {name!r}")
    if "bagit.txt" not in plain and len({name.split("/")[0] for name in plain}) != 1:
        raise Broken("the archive holds more than the one folder of the bundle")


def verify_bundle(folder: Path, fingerprint: str | None, roots: Path | None, kept: Sequence[Path] = ()) -> Report:
    """Check a bundle's folder. `fingerprint`: of the log's key, got another way; `roots`: certificates of authorities;
    `kept`: checkpoints that somebody kept, or older bundles.
    """
    report = Report()
    try:
        data = folder / "data"
        alone = not (data / "log").is_dir()
        key = _key(data / "key.txt" if alone else data / "log" / "key.txt", fingerprint, report)
        seal = check_bag(folder, key, report)
        check_proofs(data, key, report)
        if alone != (seal.what == ORIGINALS):
            raise Broken("the seal calls this another kind of bundle than it is")
        if alone:
            report.word("what else the log holds: these are messages with proofs, and nothing beside them")
            return report
        log = check_log(data / "log", key, report, whole=seal.what == WHOLE)
        check_kept(kept, key, log, report)
        rows = check_messages(data, log, seal, report)
        check_transcript(data, rows, report)
        check_journal(data, log, report)
        check_stamps(data / "log", log, roots, report)
        check_mail(data, rows, report)
    except Broken as error:
        report.failed(str(error))
    except Exception as error:  # noqa: BLE001 (a bundle that breaks a check has not passed it)
        report.failed(f"the bundle cannot be read to its end ({type(error).__name__})")
    return report


def check_kept(kept: Sequence[Path], key: Key, log: Log, report: Report) -> None:
    """Checkpoints from another hand and another day: the log of this bundle begins with theirs, or it was written anew."""
    if not kept:
        report.word(
            "that the log was not written anew before this bundle was made: give --checkpoint with one that you kept, or an older bundle"
        )
    for place in kept:
        for name, note in _notes(place):
            try:
                seen = checkpoint_of(note, key)
            except Broken as error:
                report.failed(f"the kept checkpoint {name}: {error}")
                continue
            if is_beginning(log, seen):
                report.proved(
                    f"the log still begins with the {seen.size} entries that the checkpoint of {seen.at:%Y-%m-%d %H:%M} UTC, which you kept, covers"
                )
            else:
                report.failed(
                    f"the log was written anew, or cut: it does not begin with the {seen.size} entries of the checkpoint of {seen.at:%Y-%m-%d %H:%M} UTC that you kept ({name})"
                )


def _notes(place: Path) -> list[tuple[str, str]]:
    """The notes of a file (what stands around one in a mail is left), or the newest of an older bundle."""
    if place.is_dir() or zipfile.is_zipfile(place):
        with unpacked(place) as folder:
            files = sorted((folder / "data" / "log" / "checkpoints").glob("*.note"))[-1:]
            return [(f"{place.name}/{f.name}", f.read_text(encoding="utf8")) for f in files]
    text = place.read_text(encoding="utf8", errors="replace").replace("\r\n", "\n")
    found = re.findall(r"^(\S+/log/\S+\n\d+\n\S+\nat \S+\n\n\u2014 \S+ \S+)$", text, re.M)
    if not found:
        raise Broken(f"{place.name} holds no checkpoint")
    return [(place.name, note + "\n") for note in found]


def verify_proof(file: Path, fingerprint: str | None) -> Report:
    """Check a single proof file."""
    report = Report()
    try:
        shown = read_proof(file.read_text(encoding="utf8"))
        _known(shown.key, fingerprint, report)
        report.proved(f"the log {shown.checkpoint.origin} held entry number {shown.seq} of {shown.checkpoint.size}")
        for name, value in shown.fields.items():
            report.proved(f"its field {name} was {value}")
        report.word(f"the checkpoint was signed at {shown.checkpoint.at:%Y-%m-%d %H:%M:%S} UTC by the gateway's clock")
    except (Broken, OSError, UnicodeDecodeError) as error:
        report.failed(str(error))
    return report


def _key(file: Path, fingerprint: str | None, report: Report) -> Key:
    try:
        key = key_of(file.read_text(encoding="utf8"))
    except (OSError, UnicodeDecodeError):
        raise Broken("the key of the log is missing; is this a bundle?") from None
    return _known(key, fingerprint, report)


def _known(key: Key, fingerprint: str | None, report: Report) -> Key:
    if fingerprint is None:
        report.word(
            f"that this key is the log's: give --key with the fingerprint that you got another way (here {key.fingerprint})"
        )
    elif key.fingerprint != fingerprint.replace(":", "").replace(" ", "").lower():
        raise Broken("the bundle is signed by another key than the one whose fingerprint you gave")
    else:
        report.proved("the bundle is signed by the key whose fingerprint you gave")
    return key
