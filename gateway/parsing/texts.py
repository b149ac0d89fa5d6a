"""A text (SMS or MMS) as Twilio hands it over: the fields of its webhook form.

What is stored for a text is the body of that request, `application/x-www-form-urlencoded`. Files that came with it
are listed by address and claimed type; fetching them is not done here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import parse_qsl

from gateway.parsing.charsets import whole_characters
from gateway.parsing.direction import turned
from gateway.parsing.reactions import is_reaction
from gateway.parsing.reading import Kind, Reading, Segment, SegmentKind
from gateway.parsing.work import Work

MAX_MEDIA: Final = 10
MAX_FIELDS: Final = 500


def parse_sms(form: Mapping[str, Sequence[str]] | bytes) -> Reading:
    """Everything that can be read in a text; the form, or its stored bytes. Never raises."""
    work = Work()
    fields = fields_of(form, work)
    body = fields.get("Body", "")
    media = _media(fields, work)
    if not fields.get("From"):
        work.hold("there is no sender number")
    if any(name.startswith("OtherRecipients") for name in fields):
        work.hold("the text went to a group, and others read it too")
    turned(body, work)
    return Reading(
        kind=Kind.REACTION if is_reaction(body) else Kind.MESSAGE,
        from_=_number(fields.get("From", "")),
        to=_number(fields.get("To", "")),
        cc=tuple(v.strip().lower() for k, v in sorted(fields.items()) if k.startswith("OtherRecipients")),
        message_id=fields.get("MessageSid") or fields.get("SmsMessageSid") or fields.get("SmsSid") or None,
        date=_date(fields.get("DateSent", "")),
        body=body,
        segments=(Segment(0, len(body), SegmentKind.NEW),) if body else (),
        defects=work.defects,
        hold=work.holds,
        media=media,
        opt_out=fields.get("OptOutType", "").strip().upper() or None,
    )


def fields_of(form: Mapping[str, Sequence[str]] | bytes, work: Work) -> dict[str, str]:
    """The fields of a webhook's form, each once; what is odd goes to `work`."""
    if isinstance(form, Mapping):
        pairs = [(k, v if isinstance(v, str) else (v[0] if v else "")) for k, v in form.items()]
    else:
        try:
            text = form.decode("utf-8", "replace")
            pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="replace")
        except ValueError:
            work.hold("the form cannot be read")
            return {}
    fields: dict[str, str] = {}
    for name, value in pairs:
        if name in fields:
            work.odd(f"the field {name[:40]!r} is there twice; the first was read")
        fields.setdefault(name, whole_characters(value.replace("\x00", "")))
    return fields


def _date(value: str) -> datetime | None:
    """When the carrier says that it was sent (RFC 5322 date): only in texts taken from its list, not in webhooks."""
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _number(value: str) -> tuple[str, ...]:
    return (value.strip().lower(),) if value.strip() else ()


def _media(fields: Mapping[str, str], work: Work) -> tuple[tuple[str, str], ...]:
    said = fields.get("NumMedia", "0")
    count = int(said) if said.isascii() and said.isdigit() and len(said) < 4 else 0
    found = [
        (fields[f"MediaUrl{i}"], fields.get(f"MediaContentType{i}", "application/octet-stream"))
        for i in range(MAX_MEDIA)
        if fields.get(f"MediaUrl{i}")
    ]
    if count != len(found):
        work.odd("the number of files is not the number announced")
    return tuple(found)
