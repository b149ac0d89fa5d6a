"""The bill of materials of the lock file, as CycloneDX 1.6 JSON: `make sbom`. The same lock gives the same bytes.

python -m supply.sbom build/sbom.json
"""

from __future__ import annotations

import hashlib
import os
import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from gateway import __version__
from supply.licences import LOCK, packages


def bill(lock: Path = LOCK) -> str:
    """The document. Its time is SOURCE_DATE_EPOCH (seconds since 1970), the first day of 2026 where that is not set."""
    made = LicenseFactory()
    bom = Bom(serial_number=uuid.uuid5(uuid.NAMESPACE_URL, hashlib.sha256(lock.read_bytes()).hexdigest()))
    bom.metadata.timestamp = datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "1767225600")), UTC)
    ours = Component(name="breakwater", version=__version__, type=ComponentType.APPLICATION, bom_ref="breakwater")
    ours.licenses.add(made.make_from_string("Apache-2.0"))
    bom.metadata.component = ours
    parts = []
    for package in packages(lock):
        place = PackageURL("pypi", name=package.name.lower(), version=package.version)
        part = Component(
            name=package.name, version=package.version, purl=place, bom_ref=str(place), type=ComponentType.LIBRARY
        )
        part.licenses.add(made.make_from_string(package.licence))
        bom.components.add(part)
        parts.append(part)
    bom.register_dependency(ours, parts)
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).parent.mkdir(parents=True, exist_ok=True)
    Path(sys.argv[1]).write_text(bill(), "utf8")
    sys.stdout.write(f"{sys.argv[1]}: {len(packages())} packages\n")
