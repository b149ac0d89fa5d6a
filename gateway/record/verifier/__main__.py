"""python3 verify.pyz BUNDLE [--key FINGERPRINT] [--tsa-roots PEM]: 0 nothing failed, 1 something did, 2 usage."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from gateway.record.verifier.report import Broken
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
    arguments = parser.parse_args()
    if arguments.tsa_roots is not None and not arguments.tsa_roots.is_file():
        parser.error(f"{arguments.tsa_roots} is not there")
    try:
        if arguments.bundle.is_file() and arguments.bundle.read_bytes()[:1] == b"{":
            report = verify_proof(arguments.bundle, arguments.key)
            sys.stdout.write(report.text())
            return 1 if report.failures else 0
        with unpacked(arguments.bundle) as folder:
            report = verify_bundle(folder, arguments.key, arguments.tsa_roots)
    except Broken as error:
        sys.stdout.write(f"FAILED: {error}\n")
        return 1
    sys.stdout.write(report.text())
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
