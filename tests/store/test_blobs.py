import subprocess
import sys
from pathlib import Path

import pytest

from gateway.errors import StoreError
from gateway.store import Blobs
from gateway.store.blobs import digest


def test_what_was_put_comes_back(blobs: Blobs) -> None:
    contents = [b"", b"a", b"\0" * 70_000, "é\r\n".encode("latin-1")]
    hashes = blobs.put_all(contents)
    assert [blobs.get(h) for h in hashes] == contents
    assert hashes == [digest(c) for c in contents]


def test_the_same_bytes_lie_there_once(blobs: Blobs) -> None:
    blobs.put(b"twice")
    blobs.put_all([b"twice", b"twice"])
    assert [p.name for p in blobs.folder.rglob("*") if p.is_file()] == [digest(b"twice")]


def test_altered_bytes_are_never_handed_out(blobs: Blobs) -> None:
    sha = blobs.put(b"pickup at 6")
    blobs.path(sha).write_bytes(b"pickup at 7")
    with pytest.raises(StoreError, match="not what it was"):
        blobs.get(sha)


def test_missing_bytes_say_so(blobs: Blobs) -> None:
    with pytest.raises(StoreError, match="cannot be read"):
        blobs.get("0" * 64)


def test_a_full_disk_keeps_nothing_half(tmp_path: Path) -> None:
    """A limit on the size of files refuses the second half, as a full disk does."""
    code = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from gateway.errors import StoreError; from gateway.store import Blobs\n"
        "blobs = Blobs(Path(sys.argv[1])); signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try: blobs.put(b'x' * 5000)\n"
        "except StoreError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, timeout=60)
    assert done.stdout == "the blob folder refused: File too large\n", done.stderr
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_a_blob_that_a_power_cut_left_half_is_made_whole(blobs: Blobs) -> None:
    sha = blobs.put(b"pickup at 6")
    blobs.path(sha).write_bytes(b"pick")
    assert blobs.put(b"pickup at 6") == sha
    assert blobs.get(sha) == b"pickup at 6"
