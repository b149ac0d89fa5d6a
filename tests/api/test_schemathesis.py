"""The running API is asked by Schemathesis what its document says, and what it says not: all checks, the same requests each time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.asking import ROOT, token
from tests.e2e.world import World

HERE = Path(__file__).parent
SECONDS = 240
"""Where the machine has other work; alone it takes half a minute."""


@pytest.mark.timeout(300)
def test_what_the_document_promises_is_kept(filled: World, tmp_path: Path) -> None:
    url = f"{filled.settings.server.public_url}{ROOT}/openapi.json"
    command = [
        str(Path(sys.executable).with_name("st")), "--config-file", str(HERE / "schemathesis.toml"), "run", url, "--checks", "all",
        "--phases", "examples,coverage,fuzzing,stateful", "--header", f"Authorization: Bearer {token(filled)}", "--continue-on-failure",
        "--no-color",
    ]  # fmt: skip
    made = subprocess.run(
        command,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        env={**os.environ, "COLUMNS": "160"},
    )
    assert made.returncode == 0, made.stdout[-8000:] + made.stderr[-2000:]
    assert "not applicable" not in made.stdout, "every phase had something to do"
    assert "16 selected / 16 total" in made.stdout
