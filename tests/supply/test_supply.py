"""What the program is made of is known, allowed and named; packing it twice gives the same bytes."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

from supply.audit import judged
from supply.licences import BY_HAND, ROOT, TABLE, locked, not_allowed, packages, table
from supply.sbom import bill


def normal(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def test_every_package_has_a_licence_that_we_take() -> None:
    assert {
        one.name: not_allowed(one.licence) or one.licence
        for one in packages()
        if not one.licence or not_allowed(one.licence)
    } == {}


def test_a_licence_that_we_do_not_take_is_found() -> None:
    assert not_allowed("GPL-3.0-only") == {"GPL-3.0-only"}
    assert not_allowed("MIT AND AGPL-3.0-only") == {"AGPL-3.0-only"}
    assert not_allowed("GPL-2.0-only OR MIT") == set()
    assert not_allowed("") == {""}


def test_the_page_of_licences_is_of_now() -> None:
    """`make licences` writes it."""
    assert TABLE.read_text("utf8") == table()
    assert set(BY_HAND) <= {name for name, _ in locked()}


def test_what_is_locked_is_what_is_tested() -> None:
    assert {name: version(name) for name, _ in locked()} == dict(locked())


def test_what_the_program_asks_for_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))["project"]
    asked = [
        *project["dependencies"],
        *project["optional-dependencies"]["postgres"],
        *project["optional-dependencies"]["dev"],
    ]
    names = {normal(one.split(">")[0].split("=")[0].split("[")[0]) for one in asked}
    assert names - {normal(name) for name, _ in locked()} == set()


def test_the_bill_of_materials_names_every_package_once_and_is_always_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    made = bill()
    assert made == bill()
    read = json.loads(made)
    assert (read["bomFormat"], read["specVersion"]) == ("CycloneDX", "1.6")
    assert sorted((one["name"], one["version"]) for one in read["components"]) == sorted(locked())
    assert all(one["licenses"] and one["purl"].startswith("pkg:pypi/") for one in read["components"])
    needs = next(one["dependsOn"] for one in read["dependencies"] if one["ref"] == "breakwater")
    assert len(needs) == len(locked())


def test_a_wheel_made_twice_is_the_same_to_the_byte(tmp_path: Path) -> None:
    """From two folders, with other times and rights of the files."""
    hashes = []
    for number, mask in enumerate(("022", "077")):
        source, out = tmp_path / f"source{number}", tmp_path / f"out{number}"
        subprocess.run(
            [
                "sh",
                "-c",
                f"umask {mask}; git -C '{ROOT}' ls-files -z gateway rules templates LICENSE README.md pyproject.toml .gitignore | (cd '{ROOT}'; xargs -0 cp --parents -t '{_made(source)}')",
            ],
            check=True,
        )
        for file in source.rglob("*"):
            os.utime(file, (1_700_000_000 + number * 999, 1_700_000_000 + number * 999))
        environment = os.environ | {"SOURCE_DATE_EPOCH": "1767225600", "PYTHONDONTWRITEBYTECODE": "1"}
        subprocess.run(
            [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)],
            cwd=source,
            env=environment,
            check=True,
            capture_output=True,
        )
        (wheel,) = out.glob("*.whl")
        hashes.append(hashlib.sha256(wheel.read_bytes()).hexdigest())
    assert hashes[0] == hashes[1]
    names = zipfile.ZipFile(wheel).namelist()
    assert {
        "gateway/cli.py",
        "gateway/data/rules/20-danger.toml",
        "gateway/data/templates/style.css",
        "gateway/tagging/model/model.bin",
    } <= set(names)
    assert [name for name in names if name.startswith(("tests", "training", "supply", "build"))] == []
    shutil.rmtree(tmp_path / "source0")


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


@pytest.mark.parametrize(
    ("out", "status", "said"),
    [
        ('{"dependencies": [{"name": "a", "version": "1", "vulns": []}]}', 0, "1 of 1 packages looked up, 0 with"),
        (
            '{"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "X-1", "fix_versions": ["2"]}]}]}',
            1,
            "a 1: X-1, mended in 2",
        ),
        ('{"dependencies": [{"name": "a", "skip_reason": "not found"}]}', 3, "1 could not be looked up"),
        ('{"dependencies": []}', 3, "0 of 0 packages"),
        ("", 3, "could not be reached (no route). Nothing was audited"),
    ],
)
def test_an_audit_never_calls_good_what_it_could_not_look_up(out: str, status: int, said: str) -> None:
    found, lines = judged(0, out, "a long trace\nno route")
    assert found == status
    assert said in "\n".join(lines)
