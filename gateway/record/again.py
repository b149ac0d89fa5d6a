"""What only an installation can check of a bundle: make all that is printed again from what is proved, and compare.

Pages, index, load files and papers are made anew from the log, the stored bytes and the decisions in the bundle, with the names
of `record.json`. What comes out the same byte for byte is proved, up to these names. A signature is one revision behind the
pages that touches nothing that is drawn (`revisions.py`). Another version may draw otherwise: then it is the operator's word.
"""

from __future__ import annotations

from pathlib import Path

from gateway import __version__
from gateway.errors import BreakwaterError
from gateway.ledger.note import Key
from gateway.record.archive import verifier_archive
from gateway.record.items import Record
from gateway.record.papers import papers
from gateway.record.rebuilt import rebuilt
from gateway.record.revisions import only_signed
from gateway.record.tables import index_csv, load_dat, load_opt
from gateway.record.thumbs import thumbs_of
from gateway.record.verifier.report import Report
from gateway.record.volumes import BESIDE, Volume, volumes

NAMES = (
    "names, roles and addresses of people, the files' descriptions and the times not running, as record.json has them"
)


def check_again(data: Path, report: Report) -> None:
    """Add what follows to a report without failures. A bundle of originals has nothing that is printed."""
    if not (data / "log").is_dir():
        return
    try:
        key = Key.read((data / "log" / "key.txt").read_text(encoding="utf8"))
        record, (style, prefix, exhibit) = rebuilt(data, key.fingerprint)
        pictures = thumbs_of(record, lambda m, f: (data / str(f.path)).read_bytes())
        made = volumes(record, style, pictures, prefix=prefix, exhibit=exhibit)
    except (BreakwaterError, OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        report.failed(f"what is printed cannot be made again from the bundle ({type(error).__name__})")
        return
    same = record.version == __version__
    _pages(data, made, report, same=same)
    _tables(data, record, key, made, report, same=same)
    report.word(f"that these are right: {NAMES}")


def _differs(report: Report, sentence: str, *, same: bool) -> None:
    """Of one version it is a failure, of another the versions may draw otherwise."""
    if same:
        report.failed(sentence)
    else:
        report.word(f"{sentence}; the bundle was made by another version than this")


def _pages(data: Path, made: list[Volume], report: Report, *, same: bool) -> None:
    names = {v.name for v in made}
    for file in sorted(data.glob("*.pdf")):
        if file.name not in names:
            report.failed(f"{file.name} is no part of this record")
    for volume in made:
        pdf, values = data / volume.name, data / volume.name.replace(".pdf", ".json")
        if not pdf.is_file() or not values.is_file():
            report.failed(f"{volume.name} or its values are missing")
        elif values.read_text(encoding="utf8") != volume.data:
            _differs(report, f"{volume.name} says something else than log, bytes and decisions", same=same)
        elif not pdf.read_bytes().startswith(volume.pdf):
            _differs(report, f"{volume.name} is drawn otherwise than its words are", same=same)
        elif not only_signed(volume.pdf, pdf.read_bytes()):
            report.failed(f"{volume.name} was changed after it was made: more than a signature stands behind its pages")
        else:
            report.proved(
                f"{volume.name}, made again from the log, the stored bytes and the decisions, is the same byte for byte up to its signature"
            )


def _tables(data: Path, record: Record, key: Key, made: list[Volume], report: Report, *, same: bool) -> None:
    places = {number: place for v in made if v.name not in BESIDE for number, place in v.places.items()}
    labels = [(label, v.name) for v in made for label in v.labels]
    firsts = frozenset(first for first, _ in places.values())
    wanted = {
        "index.csv": index_csv(record).encode("utf8"),
        "load.dat": ("\ufeff" + load_dat(record, places)).encode("utf8"),
        "load.opt": "".join(load_opt([label], name, firsts) for label, name in labels).encode("utf8"),
        "verify.pyz": verifier_archive(),
    }
    wanted |= {name: text.encode("utf8") for name, text in papers(record, key, made, originals_only=False).items()}
    good = [
        name for name, content in wanted.items() if (data / name).is_file() and (data / name).read_bytes() == content
    ]
    for name in sorted(wanted.keys() - set(good)):
        _differs(report, f"{name} is not what this record has", same=same)
    if len(good) == len(wanted):
        report.proved("index, load files, papers and verify.pyz are what this version makes of the same record")
