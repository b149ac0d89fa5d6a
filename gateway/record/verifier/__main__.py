"""python3 verify.pyz BUNDLE [--key FINGERPRINT] [--tsa-roots PEM]: 0 nothing failed, 1 something did, 2 usage."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from gateway.record.verifier.report import Broken, printable
from gateway.record.verifier.run import unpacked, verify_bundle, verify_proof


def main() -> int:
    """Check, print, and say by the status whether anything failed."""
    parser = argparse.ArgumentParser(description="Check a Breakwater bundle without Breakwater and without a network.")
    parser.add_argument("bundle", type=Path, help="the folder or .zip, or one proof file")
    parser.add_argument(
        "--key", help="the fingerprint of the log's key, as you got it another way than with the bundle"
    )
    parser.add_argument(
        "--tsa-roots", type=Path, help="certificates (PEM) of the time-stamping authorities that you trust"
    )
    parser.add_argument(
        "--checkpoint", type=Path, action="append", default=[], help="a checkpoint that you kept, or an older bundle"
    )
    arguments = parser.parse_args()
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(
            errors="backslashreplace"
        )  # a terminal that knows few letters must not silence a verdict
    for kept in arguments.checkpoint:
        if not kept.exists():
            parser.error(f"{kept} is not there")
    if arguments.tsa_roots is not None and not arguments.tsa_roots.is_file():
        parser.error(f"{arguments.tsa_roots} is not there")
    try:
        if arguments.bundle.is_file() and arguments.bundle.read_bytes()[:1] == b"{":
            report = verify_proof(arguments.bundle, arguments.key)
            sys.stdout.write(report.text())
            return 1 if report.failures else 0
        with unpacked(arguments.bundle) as folder:
            report = verify_bundle(folder, arguments.key, arguments.tsa_roots, arguments.checkpoint)
    except Broken as error:
        sys.stdout.write(printable(f"FAILED: {error}") + "\n")
        return 1
    sys.stdout.write(report.text())
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
