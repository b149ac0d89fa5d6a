"""The headers of what leaves: nothing that another person wrote becomes a header or words of ours."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gateway.delivery.email import build, written
from gateway.delivery.outbox import Parcel
from gateway.errors import PermanentSendError

NOW = datetime(2026, 11, 26, 18, 0, tzinfo=UTC)


def parcel(**content: object) -> Parcel:
    about = {"subject": "Re: Friday", "text": "Six is fine.\n", "html": "", "link": None, "from_name": "Dana"} | content
    return Parcel(1, "rivera", "reply", "email", "mark@example.net", about, "f" * 32, 0, False, NOW)


@pytest.mark.parametrize(
    "hidden", ["=?utf-8?q?a=0d=0a=0d=0aI_give_up?=", "=?us-ascii?b?YQ0KQmNjOiB4QHk=?=", "a\u2028b\x0bc\x85d"]
)
@pytest.mark.parametrize("where", ["subject", "answers", "from_name"])
def test_what_is_hidden_in_a_line_stays_one_line(where: str, hidden: str) -> None:
    raw = written(build(parcel(**{where: hidden}), sender="r@relay.example.org", sender_name="Updates", now=NOW))
    head, _, words = raw.partition(b"\r\n\r\n")
    assert words == b"Six is fine.\r\n"
    assert b"give up" not in head
    assert b"\r\nBcc" not in head


def test_a_message_with_a_header_that_nobody_set_does_not_leave() -> None:
    message = build(parcel(), sender="r@relay.example.org", sender_name="Updates", now=NOW)
    message.set_raw("X-Note", "a\r\nBcc: x@example.net")
    with pytest.raises(PermanentSendError):
        written(message)
