"""Which mails a machine may answer: what a person wrote to the relay address, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.receipt.answerable import answerable

RELAY = "rivera@relay.example.org"
CASES = Path(__file__).parent.parent / "cases"


def raw(**headers: str) -> bytes:
    fields = {"From": "Mark <mark@example.net>", "To": RELAY, "Subject": "Friday"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return "".join(f"{n}: {v}\r\n" for n, v in fields.items() if v).encode() + b"\r\nPickup is at 6.\r\n"


def asked(mail_from: str = "mark@example.net", **headers: str) -> bool:
    return answerable(raw(**headers), mail_from, RELAY, polled=False)


def test_a_persons_mail_may_be_answered() -> None:
    assert asked()
    assert asked(Auto_Submitted="no")
    assert asked(Auto_Submitted="No (a comment); x=y")
    assert asked(To="someone@example.net", Cc=f"Relay <{RELAY.upper()}>")
    assert asked(Precedence="first-class")


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated (rejected)"},
        {"Auto_Submitted": "auto-notified; owner-email=x"},
        {"Auto_Submitted": "something-new"},
        {"Precedence": "bulk"},
        {"Precedence": "JUNK"},
        {"Precedence": "list"},
        {"List_Id": "<parents.example.org>"},
        {"List_Unsubscribe": "<mailto:x@example.org>"},
        {"X_Autoreply": "yes"},
        {"X_Autorespond": "Re: Friday"},
        {"X_Auto_Response_Suppress": "OOF, AutoReply"},
        {"X_Loop": RELAY},
        {"Content_Type": 'multipart/report; report-type="delivery-status"; boundary=x'},
        {"From": "MAILER-DAEMON@example.net"},
        {"From": "Postmaster <postmaster@example.net>"},
        {"From": "noreply@example.net"},
        {"From": "no-reply+17@example.net"},
        {"From": "parents-request@example.net"},
        {"From": "owner-parents@example.net"},
        {"From": "Mark <mark@example.net>, Kim <kim@example.net>"},
        {"From": ""},
        {"To": "undisclosed-recipients:;"},
        {"To": "mark@example.net"},
    ],
)
def test_what_a_machine_sent_or_nobody_addressed_is_not_answered(headers: dict[str, str]) -> None:
    assert not asked(**headers)


@pytest.mark.parametrize("sender", ["", "<>", "MAILER-DAEMON@example.net", "bounces+12=x@example.net", "odd"])
def test_the_null_sender_and_machines_get_no_answer(sender: str) -> None:
    assert not asked(sender)


def test_a_polled_mailbox_is_asked_for_the_return_path() -> None:
    assert answerable(raw(Return_Path="<mark@example.net>"), "", RELAY, polled=True)
    assert not answerable(raw(Return_Path="<>"), "", RELAY, polled=True)
    assert not answerable(raw(), "", RELAY, polled=True)


@pytest.mark.parametrize(
    "name", ["kind-bounce", "kind-auto-reply", "kind-list", "kind-receipt", "kind-bounce-old-style"]
)
def test_real_mail_of_machines_is_not_answered(name: str) -> None:
    source = (CASES / f"{name}.eml").read_bytes()
    addressed = b"To: " + RELAY.encode() + b"\n" + source
    assert not answerable(addressed, "x@example.net", RELAY, polled=False)
