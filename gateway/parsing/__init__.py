"""Mail and texts as they really arrive: bytes in, `Reading` out. Pure: no network, clock or database."""

from gateway.parsing.mail import parse_email
from gateway.parsing.reading import Attachment, Kind, Reading, Segment, SegmentKind
from gateway.parsing.texts import parse_sms
from gateway.parsing.voicemail import parse_voicemail

__all__ = ["Attachment", "Kind", "Reading", "Segment", "SegmentKind", "parse_email", "parse_sms", "parse_voicemail"]
