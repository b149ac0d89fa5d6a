"""What a stranger may hand to `verify`: changes of a true bundle, sealed anew or not, a .zip of any bytes, a proof file of any JSON.

The first byte says which. What must hold: a report or one plain refusal, never a fault; whatever was changed and not sealed by the true key
is found; nothing is left outside of the folder for it.
"""

from __future__ import annotations

import io
import random
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from tests.fuzz.machine import instrumented, main, scramble

with instrumented("gateway.record.verifier"):
    from gateway.record.verifier.report import FAILED, Broken, Report
    from gateway.record.verifier.run import unpacked, verify_bundle, verify_proof
from gateway.record.make import Order, make
from tests.record.attack import NOW, reseal, target

PIECES = [
    b"\n", b"\r", b"\0", b"\xff", b"  ", b"..", b"/", b"\\", b"0" * 64, b"{", b"}", b"[" * 2000, b'"', b"-1", b"9" * 5000, b"1e400", b"NaN",
    b"null", b"\xe2\x80\x94 ", b"index ", b"PK\x01\x02", b"PK\x05\x06", b"\\ud800", b"\\u0000", b",", b"%0A", b"\xe2\x80\xa8", b"true",
]  # fmt: skip
SEALED, LOOSE, ZIPPED, PROOF = range(4)


class Bundle:
    """One small bundle of messages with proofs, and one whole one; each in memory as names and bytes."""

    def __init__(self) -> None:
        self.place = Path(tempfile.mkdtemp(prefix="fuzz-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
        world, self.aim = target(self.place / "made")
        make(world.folder, self.place / "made" / "originals", Order(originals=True), NOW)
        world.close()
        folders = (self.aim.folder, self.place / "made" / "originals")
        self.files = [
            {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}
            for folder in folders
        ]
        self.names = [[name for name in files if len(files[name]) < 60_000] for files in self.files]


BUNDLE: list[Bundle] = []


def bundle() -> Bundle:
    """Made at the first use."""
    if not BUNDLE:
        BUNDLE.append(Bundle())
    return BUNDLE[0]


def one(raw: bytes) -> None:
    """What must hold for everything that is handed in."""
    if len(raw) < 8:
        return
    made, kind = bundle(), raw[0] % 4
    work = made.place / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    if kind == PROOF:
        (work / "proof.json").write_bytes(raw[1:])
        _told(verify_proof(work / "proof.json", None))
    elif kind == ZIPPED:
        (work / "bundle.zip").write_bytes(raw[1:])
        before = set(made.place.iterdir())
        try:
            with unpacked(work / "bundle.zip") as folder:
                report = verify_bundle(folder, made.aim.fingerprint, None)
                assert _failed(report)
                _told(report)
        except Broken as error:
            str(error).encode("utf8", "backslashreplace")
        assert set(made.place.iterdir()) == before
    else:
        _changed(made, raw, work / "bundle", again=kind == SEALED)


def _changed(made: Bundle, raw: bytes, folder: Path, *, again: bool) -> None:
    """Bytes of one file of a true bundle replaced: which bundle, which file, where, how many, by what."""
    files = made.files[raw[1] % 2]
    name = made.names[raw[1] % 2][int.from_bytes(raw[2:4], "big") % len(made.names[raw[1] % 2])]
    content = files[name]
    at, gone = int.from_bytes(raw[4:6], "big") % (len(content) + 1), raw[6]
    other = content[:at] + raw[7:] + content[at + gone :]
    for path, kept in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(other if path == name else kept)
    if again:
        try:
            reseal(folder, made.aim)
        except (
            UnicodeDecodeError,
            ValueError,
            IndexError,
            OSError,
        ):  # the seal itself was changed: nothing to seal anew
            return
    report = verify_bundle(folder, made.aim.fingerprint, None)
    if other != content and not again:
        assert _failed(report), name
    _told(report)


def _failed(report: Report) -> bool:
    return any(verdict == FAILED for verdict, _ in report.findings)


def _told(report: Report) -> None:
    said = report.text()
    said.encode("utf8")
    assert "(RecursionError)" not in said
    assert not any(sign in said for sign in "\x1b\0\u202e\u2028")


def change(raw: bytes, dice: random.Random) -> bytes:
    """Another change: of another file, at another place, by another piece; of the others the fuzzer's own."""
    kind = raw[0] % 4 if raw else 0
    if kind in (ZIPPED, PROOF) and len(raw) > 8:
        return raw[:1] + scramble(raw[1:], dice, PIECES)
    head: list[Any] = [
        dice.choice((SEALED, LOOSE)),
        dice.randrange(2),
        dice.randrange(256),
        dice.randrange(256),
        dice.randrange(256),
        dice.randrange(256),
        dice.choice([0, 1, 2, 8, 70]),
    ]
    keep = raw[1:6] if len(raw) > 8 and dice.random() < 0.6 else bytes(head[1:6])
    return bytes(head[:1]) + keep + bytes(head[6:]) + scramble(raw[7:40], dice, PIECES)


def _packed(files: dict[str, bytes], **other: bytes) -> bytes:
    place = io.BytesIO()
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in (
            {name: content for name, content in files.items() if len(content) < 2000} | other
        ).items():
            packed.writestr(zipfile.ZipInfo(name), content)
    return place.getvalue()


def seeds() -> list[bytes]:
    """A change of each file, some archives, the proof files."""
    made, dice = bundle(), random.Random(1)
    loose = [
        bytes([kind, which, 0, number, 0, 9, 1]) + b"x"
        for kind in (SEALED, LOOSE)
        for which in (0, 1)
        for number in range(len(made.names[which]))
    ]
    proofs = [content for name, content in made.files[1].items() if "/proofs/" in name][:3]
    zips = [
        _packed(made.files[1]),
        _packed({}, **{"../x": b"x"}),
        _packed({}, **{"/etc/x": b"x"}),
        _packed({}, **{"a/bagit.txt": b"x"}),
    ]
    return [
        *loose,
        *(bytes([PROOF]) + proof for proof in proofs),
        *(bytes([ZIPPED]) + one for one in zips),
        *(change(b"", dice) for _ in range(20)),
    ]


if __name__ == "__main__":
    main(one, seeds(), change)
