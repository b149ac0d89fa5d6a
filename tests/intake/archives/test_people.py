"""Who is who: numbers as phones show them, dated addresses, names on the command line."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from gateway.family import Role
from gateway.intake.archives.found import ArchiveError, Found
from gateway.intake.archives.people import Cast, check_names

DAY = date(2026, 11, 24)


def found(sender: tuple[str, ...] = (), others: tuple[str, ...] = (), **more) -> Found:
    return Found("sms", b"", (), datetime(2026, 11, 24, tzinfo=UTC), sender, others, 1, 0, **more)


@pytest.mark.parametrize(
    ("written", "role"),
    [
        ("+15005550003", Role.COPARENT), ("(500) 555-0003", Role.COPARENT), ("1-500-555-0003", Role.COPARENT),
        ("0015005550003", Role.COPARENT), ("\u202a+1\u00a0(500)\u00a0555\u20110003\u202c", Role.COPARENT),
        ("5550003", Role.COPARENT), ("500.555.0002", Role.PARENT), ("MARK@example.net", Role.COPARENT),
        ("dana@example.org", Role.PARENT), ("office@okafor-law.example.com", Role.LAWYER),
        ("+25005550003", None), ("550003", None), ("0003", None), ("", None), ("Mark", None), ("x@example.net", None),
        ("+445005550003", None), ("5550003 5550003", None),
    ],
)  # fmt: skip
def test_addresses(make_family: Callable, written: str, role: Role | None) -> None:
    assert Cast(make_family()).role_of(written, DAY) == role


def test_an_address_counts_on_its_days_only(make_family: Callable) -> None:
    phones = [{"address": "+15005550003", "until": "2026-11-20"}]
    cast = Cast(make_family(coparent={"name": "Mark", "phones": phones}))
    assert cast.role_of("500-555-0003", date(2026, 11, 19)) is Role.COPARENT
    assert cast.role_of("500-555-0003", DAY) is None


def test_what_is_said_on_the_command_line(make_family: Callable) -> None:
    cast = Cast(make_family(), coparent=("M 🚲", "old@example.com", "+1 555 010 0199"), parent=("D.",))
    for written, role in (
        ("m 🚲", "co-parent"),
        ("OLD@example.com", "co-parent"),
        ("555-010-0199", "co-parent"),
        ("~ D.", "parent"),
    ):
        assert cast.role_of(written, DAY) == role
    with pytest.raises(ArchiveError, match="two people"):
        Cast(make_family(), coparent=("M",), parent=("m",))


def test_directions(make_family: Callable) -> None:
    cast = Cast(make_family())
    for message, direction, near in (
        (found(("5005550003",)), "from the co-parent", True),
        (found((), ("5005550003",), mine=True), "from the parent", True),
        (found((), ("28777",), mine=True), "from the parent", False),
        (found(("28777",)), "from others", False),
        (found(("28777",), ("+15005550003",)), "from others", True),
        (found(("dana@example.org", "mark@example.net")), "from the co-parent", True),
    ):
        sender = cast.sender(message, DAY)
        assert (sender.direction, sender.near) == (direction, near)


def test_a_contact_name_counts_only_when_it_was_said(make_family: Callable) -> None:
    message = found(("+19998887777",), names=(("+19998887777", "Mark"),))
    assert Cast(make_family()).sender(message, DAY).role is Role.OTHER
    assert Cast(make_family(), coparent=("Mark",)).sender(message, DAY).role is Role.COPARENT


def test_names_of_a_chat_must_all_be_known(make_family: Callable) -> None:
    def cast(*options: tuple[str, ...]) -> Cast:
        return Cast(make_family(), *options, by_name=True)

    check_names(cast(), ("Mark", "Dana"), "c", DAY)
    check_names(cast(), ("Mark",), "c", DAY)
    check_names(cast(("Bear",), ("Me",)), ("Bear", "Me"), "c", DAY)
    check_names(cast((), (), ("Gran",)), ("Mark", "Gran"), "c", DAY)
    for names, options, says in (
        (("Bear", "Dana"), (), r"Names found: 'Bear', 'Dana'\nSay it with --co-parent NAME"),
        (("Mark", "D"), (), r"'D'\nSay it with --parent NAME"),
        (("Bear", "D"), (), "--co-parent NAME and --parent NAME"),
        (("Mark", "Dana", "Gran"), (), "--other NAME"),
        (("Dana",), (), "--co-parent NAME"),
        (("Mark", "Dana"), (("Barry",),), r"nobody in this chat is called 'Barry'. Names found: 'Mark', 'Dana'"),
    ):
        with pytest.raises(ArchiveError, match=says):
            check_names(cast(*options), names, "chat.txt", DAY)
