"""Every command of the page for lawyers, as a paralegal types it, in the order of the page."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.record.sample import World

PAGE = (Path(__file__).parents[2] / "docs" / "for-lawyers.md").read_text("utf8")


def test_the_commands_of_the_page_work(world: World, tmp_path: Path) -> None:
    commands = [
        line
        for block in re.findall(r"<!-- commands -->\n```sh\n(.*?)```", PAGE, re.DOTALL)
        for line in block.strip().split("\n")
    ]
    assert len(commands) == 6
    shutil.copytree(world.folder, tmp_path / "family")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    said = []
    for command in commands:
        done = subprocess.run(
            command,
            shell=True,
            cwd=tmp_path,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stdout} {done.stderr}"
        said.append(done.stdout)
    fingerprint = said[0].split("Fingerprint of the key: ")[1].strip()
    assert f"Fingerprint of the key:  {fingerprint}" in said[1]
    assert (tmp_path / "exhibit" / "data" / "exhibit.pdf").exists()
    assert "Nothing failed." in said[4]
    assert "made again from the log, the stored bytes and the decisions, is the same byte for byte" in said[5]


def test_every_option_and_file_that_the_page_names_exists(world: World, tmp_path: Path) -> None:
    help_text = subprocess.run(
        [str(Path(sys.executable).parent / "breakwater"), "export", "--help"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "200", "TERM": "dumb"},
    ).stdout
    for option in set(re.findall(r"--[a-z-]{4,}", PAGE)) - {"--key", "--tsa-roots", "--checkpoint"}:
        assert option in help_text, option
    for file in set(re.findall(r"`data/([a-z-]+\.[a-z]+)`", PAGE, re.I)):
        assert file == "exhibit.pdf" or file in {
            "transcript.pdf",
            "index.csv",
            "LIMITS.md",
            "SPECIFICATION.md",
        }, file
