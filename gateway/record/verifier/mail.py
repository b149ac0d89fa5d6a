"""Signatures of mail (DKIM, RFC 6376) against the key records that were kept beside each message."""

from __future__ import annotations

import json
from pathlib import Path

from gateway.record.verifier.report import Report


def check_mail(folder: Path, rows: list[dict[str, str]], report: Report) -> None:
    """Each mail that was kept as signed."""
    file = folder / "dns.json"
    if not file.is_file():
        return
    try:
        kept = json.loads(file.read_text(encoding="utf8"))
        claims = {int(number): about for number, about in kept.items()}
    except (ValueError, AttributeError):
        report.failed("dns.json cannot be read")
        return
    if not claims:
        return
    import dkim

    by_number = {int(row["number"]): row for row in rows}
    good = 0
    for number, about in claims.items():
        row, records = by_number.get(number), about.get("records", {})
        raw = (folder / row["native"]).read_bytes() if row and (folder / row["native"]).is_file() else b""

        def text(name: bytes | str, timeout: float = 5, records: dict[str, str] = records) -> bytes | None:
            plain = (name.decode("ascii", "replace") if isinstance(name, bytes) else name).rstrip(".").lower()
            found = records.get(plain)
            return found.encode("utf8") if found is not None else None

        if any(_holds(dkim, raw, place, text) for place in range(5)):
            good += 1
        else:
            report.failed(
                f"message {number}: no signature in it holds under the kept key, although it was kept as signed by {about.get('domain')}"
            )
    if good:
        report.proved(
            f"{good} mails carry a signature that holds under the kept key of the domain they name; not a byte under it was changed"
        )
        report.word(
            "that the kept keys were the domain's own on that day; a domain's signature does not say whose hand typed"
        )


def _holds(dkim: object, raw: bytes, place: int, text: object) -> bool:
    try:
        return bool(dkim.DKIM(raw, minkey=1024).verify(idx=place, dnsfunc=text))  # type: ignore[attr-defined]
    except Exception:  # noqa: BLE001 (dkimpy raises many kinds on broken signatures)
        return False
