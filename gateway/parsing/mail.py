"""A mail as it arrived, read into a `Reading`.

    bytes ─ tree of parts ─ text of each ─ lines ─ segments ─ Reading

The functions below decide which parts are the text, in which order, and what becomes of the others. They never
raise and never run long; what cannot be read is named in `defects`, and in `hold` where words may be missing.
"""

from __future__ import annotations

from gateway.parsing import unread
from gateway.parsing.addresses import read_addresses
from gateway.parsing.body import Body
from gateway.parsing.dates import read_date
from gateway.parsing.direction import turned
from gateway.parsing.headers import Headers, read_headers
from gateway.parsing.kinds import kind_of, thread_of
from gateway.parsing.reading import Reading
from gateway.parsing.tree import split_message
from gateway.parsing.words import decode_words
from gateway.parsing.work import MAX_MESSAGE_BYTES, Work


def parse_email(raw: bytes) -> Reading:
    """Everything that can be read in a raw message. Never raises; see `Reading` for what the fields mean."""
    work = Work()
    try:
        return read_email(raw, work)
    except Exception as error:  # noqa: BLE001  (a reader that fails must not stop the mail; a person looks instead)
        work.hold(unread.FAILED)
        return Reading(defects=(*work.defects, f"the reader failed: {type(error).__name__}"), hold=work.holds)


def read_head(raw: bytes) -> Headers:
    """Only the headers of a raw message, as `parse_email` sees them. Never raises."""
    work = Work()
    source = _tidy(raw, work)
    return read_headers(source, 0, len(source), work)[0]


def read_email(raw: bytes, work: Work, collect: type[Body] = Body) -> Reading:
    """As `parse_email`, without the net below it: for tests, which must see what fails. `collect`: what takes the text."""
    source = _tidy(raw, work)
    root = split_message(source, work)
    headers = root.headers
    body = collect(thread_of(headers), work)
    body.read(root)
    text, segments = body.text()
    subject = _subject(headers, work)
    _once(headers, work)
    turned(f"{subject or ''}\n{text}", work)
    return Reading(
        kind=kind_of(root, body, work),
        from_=_sender(headers, work),
        to=read_addresses(headers.all("to"), work),
        cc=read_addresses(headers.all("cc"), work),
        subject=subject,
        date=read_date(headers.first("date"), work),
        message_id=_one_id(headers.first("message-id")),
        in_reply_to=_one_id(headers.first("in-reply-to")),
        references=tuple(_ids(" ".join(headers.all("references")))[:200]),
        body=text,
        segments=segments,
        attachments=tuple(body.attachments),
        defects=work.defects,
        hold=work.holds,
        authentication_results=headers.all("authentication-results"),
        beside=work.beside,
    )


def _tidy(raw: bytes, work: Work) -> bytes:
    """Blank lines and a byte order mark before the headers, old Mac line ends, and what is over the limit."""
    if len(raw) > MAX_MESSAGE_BYTES:
        work.hold(unread.TOO_LARGE)
        raw = raw[:MAX_MESSAGE_BYTES]
    if raw[:3] == b"\xef\xbb\xbf":
        work.odd("a byte order mark stands before the headers")
        raw = raw[3:]
    if b"\n" not in raw and b"\r" in raw:
        work.odd("the lines end in bare carriage returns")
        raw = raw.replace(b"\r", b"\n")
    start = 0
    while raw[start : start + 1] in (b"\n", b"\r") and start < 1_000:
        start += 1
    if start:
        work.odd("empty lines stand before the headers")
    return raw[start:] if start else raw


def _sender(headers: Headers, work: Work) -> tuple[str, ...]:
    senders = read_addresses(headers.all("from"), work)
    if len(headers.all("from")) > 1:
        work.odd("there is more than one From header")
    if len(senders) != 1:
        work.hold("there is not exactly one sender address" if senders else "there is no sender address")
    return senders


def _subject(headers: Headers, work: Work) -> str | None:
    subjects = headers.all("subject")
    for further in subjects[1:]:
        work.set_beside(decode_words(further, work))
    return decode_words(subjects[0], work) if subjects else None


def _once(headers: Headers, work: Work) -> None:
    """Headers that stand once in a message (RFC 5322 section 3.6): of two, programs show either, and a signature holds
    for one of them.
    """
    for name in ("Subject", "Date", "Content-Type", "Content-Transfer-Encoding"):
        if len(set(headers.all(name.lower()))) > 1:
            work.hold(f"there is more than one {name} header, and they differ")


def _one_id(value: str) -> str | None:
    return next(iter(_ids(value)), None)


def _ids(value: str) -> list[str]:
    """Message identifiers without their angle brackets."""
    found = [piece.split(">")[0].strip() for piece in value.split("<")[1:]] if "<" in value else value.split()
    return [identifier[:998] for identifier in found if identifier]
