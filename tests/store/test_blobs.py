import subprocess
import sys
from pathlib import Path

import pytest

from gateway.errors import StoreError
from gateway.intake.keep import Arrival, Keeper
from gateway.store import Blobs
from gateway.store.blobs import digest
from gateway.store.fresh import SMALL
from tests.conftest import path_of


def test_what_was_put_comes_back(blobs: Blobs) -> None:
    contents = [b"", b"a", b"\0" * 70_000, "é\r\n".encode("latin-1")]
    hashes = blobs.put_all("rivera", contents)
    assert [blobs.get("rivera", h) for h in hashes] == contents
    assert hashes == [digest(c) for c in contents]


def test_the_same_bytes_lie_there_once(blobs: Blobs) -> None:
    blobs.put("rivera", b"twice")
    blobs.put_all("rivera", [b"twice", b"twice"])
    assert [p.name for p in blobs.folder.root.rglob("*") if p.is_file()] == [digest(b"twice")]


def test_altered_bytes_are_never_handed_out(blobs: Blobs) -> None:
    sha = blobs.put("rivera", b"pickup at 6")
    path_of(blobs, "rivera", sha).write_bytes(b"pickup at 7")
    with pytest.raises(StoreError, match="not what it was"):
        blobs.get("rivera", sha)


def test_missing_bytes_say_so(blobs: Blobs) -> None:
    with pytest.raises(StoreError, match="cannot be read"):
        blobs.get("rivera", "0" * 64)


def test_a_full_disk_keeps_nothing_half(tmp_path: Path) -> None:
    """A limit on the size of files refuses the second half, as a full disk does."""
    code = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from gateway.errors import StoreError; from gateway.store import Blobs\n"
        "blobs = Blobs(Path(sys.argv[1])); signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try: blobs.put('rivera', b'x' * 5000)\n"
        "except StoreError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, timeout=60)
    assert done.stdout == "the blob folder refused: File too large\n", done.stderr
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_a_blob_that_a_power_cut_left_half_is_made_whole(blobs: Blobs) -> None:
    sha = blobs.put("rivera", b"pickup at 6")
    path_of(blobs, "rivera", sha).write_bytes(b"pick")
    assert blobs.put("rivera", b"pickup at 6") == sha
    assert blobs.get("rivera", sha) == b"pickup at 6"


def test_a_blob_is_removed_and_put_back_only_where_it_is_gone(store, tmp_path) -> None:
    blobs = Blobs(tmp_path / "blobs")
    one = blobs.put("rivera", b"one")
    before = path_of(blobs, "rivera", one).stat().st_ino
    blobs.make_sure("rivera", [(one, b"one")])
    assert path_of(blobs, "rivera", one).stat().st_ino == before
    for _ in range(2):
        with store.write() as session:
            blobs.remove(session, "rivera", one)
    with pytest.raises(StoreError):
        blobs.get("rivera", one)
    blobs.make_sure("rivera", [(one, b"one")])
    assert blobs.get("rivera", one) == b"one"
    blobs.close()


def test_bytes_that_vanish_while_a_message_is_kept_are_put_back(store, directory, clock, tmp_path, monkeypatch) -> None:
    """Between the blob and its row the same bytes of a child's message may be removed: the new message keeps its own."""
    blobs = Blobs(tmp_path / "blobs")
    put_all = blobs.folder.put_all

    def and_gone(named):
        put_all(named)
        if len(list(blobs.folder.root.glob("??/*"))) and not gone:
            gone.append(digest(large))
            path_of(blobs, "rivera", gone[0]).unlink()

    large = b"hello" * SMALL
    gone: list[str] = []
    monkeypatch.setattr(blobs.folder, "put_all", and_gone)
    keeper = Keeper(store, blobs)
    arrival = Arrival("rivera", "UTC", "email", large, {"mail_from": "a@b.example"}, clock())
    keeper.submit(arrival).result()
    keeper.close()
    assert len(gone) == 1
    assert blobs.get("rivera", gone[0]) == large
    blobs.close()
