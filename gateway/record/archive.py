"""`verify.pyz`: the verifier as one file that any Python 3.10 or later runs, the same bytes each time it is packed.

It holds the modules of `gateway.record.verifier`, the two pure modules of the log that they use, and the part of dkimpy that
checks signatures (its licence lies beside it). The packages around them are empty, so that nothing else is pulled in.
"""

from __future__ import annotations

import io
import zipfile
from importlib import import_module, metadata
from pathlib import Path

MODULES = ("gateway.ledger.tree", "gateway.ledger.leaf")
PACKAGES = ("gateway", "gateway.ledger", "gateway.record", "gateway.record.verifier")
DKIM = ("__init__", "asn1", "canonicalization", "crypto", "util")
DNS_STUB = '"""Records come from the bundle; nothing is asked."""\n\n\ndef get_txt(name, timeout=5):\n    return None\n'
MAIN = "import sys\nfrom gateway.record.verifier.__main__ import main\nsys.exit(main())\n"
EPOCH = (1980, 1, 1, 0, 0, 0)


def verifier_archive() -> bytes:
    """The bytes of `verify.pyz`."""
    files: dict[str, bytes] = {"__main__.py": MAIN.encode()}
    for package in PACKAGES:
        files[package.replace(".", "/") + "/__init__.py"] = b""
    home = Path(str(import_module("gateway.record.verifier").__file__)).parent
    for file in sorted(home.glob("*.py")):
        files[f"gateway/record/verifier/{file.name}"] = file.read_bytes()
    for name in MODULES:
        files[name.replace(".", "/") + ".py"] = Path(str(import_module(name).__file__)).read_bytes()
    dkim = Path(str(import_module("dkim").__file__)).parent
    for name in DKIM:
        files[f"dkim/{name}.py"] = (dkim / f"{name}.py").read_bytes()
    files["dkim/dnsplug.py"] = DNS_STUB.encode()
    files["dkim/VERSION"] = f"dkimpy {metadata.version('dkimpy')}, unchanged but for dnsplug.py\n".encode()
    out = io.BytesIO()
    out.write(b"#!/usr/bin/env python3\n")
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(info, files[name], compresslevel=9)
    return out.getvalue()
