"""Any bytes as a mail: no exception, no more than two seconds, no more than 300 MB."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.fuzz.machine import instrumented, main

with instrumented("gateway.parsing"):
    from tests.parsing.test_anything import check

CASES = Path(__file__).parent.parent / "cases"


def seeds() -> Iterator[bytes]:
    """Every case of the parser."""
    return (file.read_bytes() for file in sorted(CASES.glob("*.eml")))


def one(raw: bytes) -> None:
    """What must hold for every message."""
    check(raw)


if __name__ == "__main__":
    main(one, seeds())
