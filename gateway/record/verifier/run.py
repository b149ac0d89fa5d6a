"""All checks of a bundle, in order. A check that cannot go on ends in a failure, never in silence."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.record.verifier.bag import ORIGINALS, WHOLE, check_bag
from gateway.record.verifier.files import check_messages, check_transcript
from gateway.record.verifier.mail import check_mail
from gateway.record.verifier.note import Key, key_of
from gateway.record.verifier.proofs import check_proofs, read_proof
from gateway.record.verifier.report import Broken, Report
from gateway.record.verifier.sealed import check_log
from gateway.record.verifier.stamps import check_stamps

MOST_UNPACKED = 50 * 1024**3


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
                names = [info.filename.lower() for info in archive.infolist()]
                if len(set(names)) < len(names):
                    raise Broken("the archive holds two files of one name")
                if sum(info.file_size for info in archive.infolist()) > MOST_UNPACKED:
                    raise Broken("the archive says that it holds more than any bundle does")
                archive.extractall(place)
        except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, EOFError, ValueError):
            raise Broken("this is neither a folder nor a .zip that can be opened; decrypt an .age file first") from None
        except Broken:
            raise
        except Exception as error:  # noqa: BLE001 (a damaged stream: zlib and its kin have errors of their own)
            raise Broken(f"the .zip is damaged ({type(error).__name__})") from None
        inner = [p for p in Path(place).iterdir() if p.is_dir()]
        yield inner[0] if len(inner) == 1 and not (Path(place) / "bagit.txt").exists() else Path(place)


def verify_bundle(folder: Path, fingerprint: str | None, roots: Path | None) -> Report:
    """Check a bundle's folder. `fingerprint`: of the log's key, got another way; `roots`: certificates of authorities."""
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
        rows = check_messages(data, log, seal, report)
        check_transcript(data, rows, report)
        check_stamps(data / "log", log, roots, report)
        check_mail(data, rows, report)
    except Broken as error:
        report.failed(str(error))
    except Exception as error:  # noqa: BLE001 (a bundle that breaks a check has not passed it)
        report.failed(f"the bundle cannot be read to its end ({type(error).__name__})")
    return report


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
