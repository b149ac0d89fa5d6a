"""Our reader beside libraries that cut quoted replies, on the generated mailbox and on the cases of replies.

    .venv/bin/python -m tests.parsing.compare [COUNT]

Prints a table: `right` has exactly the new words, `lost` lacks some of them, `leaked` shows old ones as new. Only the
libraries that are installed take part (mail-parser-reply, email_reply_parser, quotequail, talon); none is needed by
the gateway. They are given the text that our reader decoded, since none of them opens a message.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from email import message_from_bytes
from pathlib import Path
from typing import Any

from gateway.parsing import parse_email
from tests.parsing.mailbox import letters

CASES = Path(__file__).parent.parent / "cases"
GROUPS = ("reply-", "posting-", "quote-", "near-miss-", "forward-", "footer-", "signature-", "disclaimer-")
Reader = Callable[[bytes, str], str]


def _ours(raw: bytes, _: str) -> str:
    return parse_email(raw).new_text


def _mail_parser_reply(module: Any) -> Reader:
    parser = module.EmailReplyParser(languages=["en", "de", "fr", "es", "it", "pl", "pt"])
    return lambda _, text: parser.parse_reply(text=text) or ""


def _email_reply_parser(module: Any) -> Reader:
    return lambda _, text: module.EmailReplyParser.parse_reply(text)


def _quotequail(module: Any) -> Reader:
    return lambda _, text: "\n".join(part for shown, part in module.quote(text) if shown)


def _talon(module: Any) -> Reader:
    return lambda _, text: module.extract_from(text, "text/plain")


LIBRARIES = {
    "mail-parser-reply": ("mailparser_reply", _mail_parser_reply),
    "email_reply_parser": ("email_reply_parser", _email_reply_parser),
    "quotequail": ("quotequail", _quotequail),
    "talon": ("talon.quotations", _talon),
}


def readers() -> Iterator[tuple[str, Reader]]:
    """Our own reader and each installed library."""
    yield "breakwater", _ours
    for name, (module, build) in LIBRARIES.items():
        try:
            yield name, build(importlib.import_module(module))
        except ImportError:
            sys.stdout.write(f"{name}: not installed\n")


def _flat(text: str) -> str:
    return " ".join(text.split())


def _plain(raw: bytes) -> str:
    """The decoded plain text, or what our reader makes of the HTML."""
    for part in message_from_bytes(raw).walk():
        if part.get_content_type() == "text/plain":
            return bytes(part.get_payload(decode=True)).decode("utf-8", "replace").replace("\r\n", "\n")  # type: ignore[arg-type]
    return parse_email(raw).body


def mailbox(count: int) -> list[tuple[bytes, list[str], list[str]]]:
    """Generated letters: raw, new sentences, old sentences."""
    return [(letter.raw, list(letter.new), list(letter.old)) for letter in letters(count)]


def cases() -> list[tuple[bytes, list[str], list[str]]]:
    """The cases about replies: raw, lines of the new text, lines of the quoted and forwarded text."""
    out = []
    for path in sorted(CASES.glob("*.eml")):
        expected = json.loads(path.with_suffix(".expected").read_text(encoding="utf-8"))
        if (
            path.stem.startswith(GROUPS)
            and "new_text" in expected
            and "multipart" not in path.read_text("utf-8", "replace")
        ):
            old = expected.get("quoted", "") + "\n" + expected.get("forwarded", "")
            new = [_flat(line) for line in expected["new_text"].split("\n") if line.strip()]
            out.append(
                (path.read_bytes(), new, [_flat(x.strip("> ")) for x in old.split("\n") if len(x.strip("> ")) > 9])
            )
    return out


def score(reader: Reader, sample: list[tuple[bytes, list[str], list[str]]]) -> str:
    """Per cent right, lost, leaked, failed, and messages a second."""
    right = lost = leaked = failed = 0
    start = time.process_time()
    for raw, new, old in sample:
        try:
            text = _flat(reader(raw, _plain(raw)))
        except Exception:
            failed += 1
            continue
        gone, shown = any(s not in text for s in new), any(s in text and s not in " ".join(new) for s in old)
        lost, leaked = lost + gone, leaked + shown
        right += text == " ".join(new)
    rate = len(sample) / (time.process_time() - start)
    figures = "  ".join(f"{100 * n / len(sample):6.2f} %" for n in (right, lost, leaked, failed))
    return f"{figures}  {rate:6.0f}/s"


def main() -> int:
    """Print both tables."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    for title, sample in ((f"{count} generated replies", mailbox(count)), ("cases of replies", cases())):
        sys.stdout.write(f"\n{title} ({len(sample)})        right      lost    leaked    failed\n")
        for name, reader in readers():
            sys.stdout.write(f"{name:22}{score(reader, sample)}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
