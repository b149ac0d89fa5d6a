"""A reading as JSON, for `breakwater parse`."""

from __future__ import annotations

from typing import Any

from gateway.parsing.reading import Reading


def as_json(reading: Reading) -> dict[str, Any]:
    """Plain values for JSON. Offsets are code points of `body`; `date` is ISO 8601 with its offset."""
    return {
        "kind": str(reading.kind),
        "from": list(reading.from_),
        "to": list(reading.to),
        "cc": list(reading.cc),
        "subject": reading.subject,
        "date": reading.date.isoformat() if reading.date else None,
        "message_id": reading.message_id,
        "in_reply_to": reading.in_reply_to,
        "references": list(reading.references),
        "new_text": reading.new_text,
        "body": reading.body,
        "segments": [{"start": s.start, "end": s.end, "kind": str(s.kind)} for s in reading.segments],
        "attachments": [
            {
                "name": a.name,
                "type": a.type,
                "claimed_type": a.claimed_type,
                "size": a.size,
                "sha256": a.sha256,
                "inline": a.inline,
            }
            for a in reading.attachments
        ],
        "authentication": list(reading.authentication_results),
        "defects": list(reading.defects),
        "hold": list(reading.hold),
        "beside": list(reading.beside),
    }
