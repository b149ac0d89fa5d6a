"""Small files are whole or not there, whoever writes at the same time and wherever it is cut off."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway import durable


def test_what_is_there_is_replaced_whole_and_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    durable.replace(file, b"one")
    durable.replace(file, b"two")
    assert file.read_bytes() == b"two"
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_a_disk_that_refuses_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "settings.toml"
    durable.replace(file, b"one")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        durable.replace(file, b"two")
    assert (file.read_bytes(), list(tmp_path.iterdir())) == (b"one", [file])


def test_of_several_makers_one_succeeds_and_all_get_its_bytes(tmp_path: Path) -> None:
    file = tmp_path / "key"
    with ThreadPoolExecutor(16) as pool:
        found = set(pool.map(lambda number: durable.make_once(file, lambda: b"%d" % number), range(64)))
    assert found == {file.read_bytes()}
    assert list(tmp_path.iterdir()) == [file]


CUT = """
import os, signal, sys
from pathlib import Path
from gateway import durable
def dying(*_):
    os.kill(os.getpid(), signal.SIGKILL)
setattr(sys.modules["os"] if sys.argv[2] == "fsync" else Path, sys.argv[2], dying)
durable.make_once(Path(sys.argv[1]), lambda: b"first")
"""


@pytest.mark.parametrize("moment", ["fsync", "hardlink_to"])
def test_a_key_that_a_kill_cut_off_is_made_anew(tmp_path: Path, moment: str) -> None:
    """Not left there empty: an empty key would have to be put back from a backup that nobody has yet."""
    file = tmp_path / "key"
    done = subprocess.run([sys.executable, "-c", CUT, str(file), moment], timeout=60, env=dict(os.environ), check=False)
    assert done.returncode == -signal.SIGKILL
    assert not file.exists()
    assert durable.make_once(file, lambda: b"second") == b"second"
