"""Reports of mail systems as programs write them; invented names. `ID` stands for the number of a mail of ours."""

from __future__ import annotations

from gateway.parsing.bounces import Outcome

ID = "0123456789abcdef0123456789abcdef"
HEAD = "From: MAILER-DAEMON@mx.example.org (Mail Delivery System)\nTo: rivera@relay.example.org\nDate: Fri, 27 Nov 2026 10:00:00 +0000\n"
RETURNED = f"From: Updates <rivera@relay.example.org>\nTo: dana@example.org\nSubject: Update, 1 item\nMessage-ID: <{ID}@relay.example.org>\n"


def report(
    human: str,
    status: str,
    returned: str = RETURNED,
    subject: str = "Undelivered Mail Returned to Sender",
    more: str = "",
) -> bytes:
    """RFC 3462 and RFC 3464: words for people, fields for machines, the mail or its headers."""
    text = (
        f"{HEAD}Subject: {subject}\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n' + more +
        f"\n--b\nContent-Type: text/plain; charset=us-ascii\n\n{human}\n"
        f"--b\nContent-Type: message/delivery-status\n\n{status}\n"
        f"--b\nContent-Type: text/rfc822-headers\n\n{returned}\n--b--\n"
    )  # fmt: skip
    return text.replace("\n", "\r\n").encode()


def words(subject: str, body: str, head: str = HEAD, more: str = "") -> bytes:
    """A report in words alone."""
    return f"{head}Subject: {subject}\n{more}\n{body}".replace("\n", "\r\n").encode()


MTA = "Reporting-MTA: dns; mx.example.org\nArrival-Date: Fri, 27 Nov 2026 09:59:58 +0000\n\nFinal-Recipient: rfc822; dana@example.org\n"
REPORTS: dict[str, tuple[bytes, Outcome, str | None]] = {
    "Postfix, no such user": (
        report(
            "This is the mail system at host mx.example.org.\n\nI'm sorry to have to inform you that your message could not\nbe delivered.",
            f"{MTA}Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 <dana@example.org>: Recipient address rejected: User unknown",
        ),
        Outcome.FAILED,
        "5.1.1",
    ),
    "Postfix, late": (
        report(
            "This is the mail system. YOU DO NOT NEED TO RESEND YOUR MESSAGE.",
            f"{MTA}Action: delayed\nStatus: 4.4.1\nDiagnostic-Code: X-Postfix; connect to mx.example.org[192.0.2.1]:25: timed out\nWill-Retry-Until: Wed, 2 Dec 2026 09:59:58 +0000",
            subject="Delayed Mail (still being retried)",
        ),
        Outcome.DELAYED,
        "4.4.1",
    ),
    "a success that nobody asked for": (
        report(
            "Your message was delivered.",
            f"{MTA}Action: delivered\nStatus: 2.0.0",
            subject="Successful Mail Delivery Report",
        ),
        Outcome.DELIVERED,
        "2.0.0",
    ),
    "Gmail, mailbox full, the code in the diagnostics alone": (
        report(
            "** Message not delivered **",
            f"{MTA}Action: failed\nDiagnostic-Code: smtp; 552-5.2.2 The recipient's inbox is out of storage space.",
            more="X-Failed-Recipients: dana@example.org\n",
            subject="Delivery Status Notification (Failure)",
        ),
        Outcome.FAILED,
        "5.2.2",
    ),
    "no action, a status": (report("x", f"{MTA}Status: 5.7.1"), Outcome.FAILED, "5.7.1"),
    "given up after days": (report("x", f"{MTA}Action: failed\nStatus: 4.4.7"), Outcome.FAILED, "4.4.7"),
    "two recipients, one of them failed": (
        report(
            "x",
            f"{MTA}Action: relayed\nStatus: 2.0.0\n\nFinal-Recipient: rfc822; other@example.org\nAction: failed\nStatus: 5.2.1",
        ),
        Outcome.FAILED,
        "5.2.1",
    ),
    "Exchange": (
        report(
            "Delivery has failed to these recipients or groups:\n\ndana@example.org\nThe email address you entered couldn't be found.",
            "Reporting-MTA: dns;AM0PR01.prod.example.org\nFinal-Recipient: rfc822;dana@example.org\nAction: failed\nStatus: 5.1.10\nDiagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound",
            subject="Undeliverable: Update, 1 item",
        ),
        Outcome.FAILED,
        "5.1.10",
    ),
    "qmail": (
        words(
            "failure notice",
            "Hi. This is the qmail-send program at mx.example.org.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n"
            "This is a permanent error; I've given up. Sorry it didn't work out.\n\n<dana@example.org>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
            f"--- Below this line is a copy of the message.\n\nReturn-Path: <rivera@relay.example.org>\n{RETURNED}\nPickup is at 6.\n",
            head="From: MAILER-DAEMON@mx.example.org\nTo: rivera@relay.example.org\n",
        ),
        Outcome.FAILED,
        "5.1.1",
    ),
    "Exim": (
        words(
            "Mail delivery failed: returning message to sender",
            "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\n"
            f"recipients. This is a permanent error. The following address(es) failed:\n\n  dana@example.org\n    all relevant MX records point to non-existent hosts\n\n------ This is a copy of the message, including all the headers. ------\n\n{RETURNED}",
            head="From: Mail Delivery System <Mailer-Daemon@mx.example.org>\nTo: rivera@relay.example.org\n",
            more="X-Failed-Recipients: dana@example.org\nAuto-Submitted: auto-replied\n",
        ),
        Outcome.FAILED,
        None,
    ),
    "Exim, late": (
        words(
            "Warning: message 1abcde-0001Ab-CD delayed 24 hours",
            f"This message was created automatically by mail delivery software.\nA message that you sent has not yet been delivered to one or more of its recipients.\n\nNo action is required on your part.\n\n{RETURNED}",
            head="From: Mail Delivery System <Mailer-Daemon@mx.example.org>\n",
        ),
        Outcome.DELAYED,
        None,
    ),
    "Exchange of old, words alone": (
        words(
            "Undeliverable: Update, 1 item",
            "Your message did not reach some or all of the intended recipients.\n\n      Subject:  Update, 1 item\n      Sent:     11/27/2026 10:00 AM\n\n"
            "The following recipient(s) cannot be reached:\n\n      dana@example.org on 11/27/2026 10:00 AM\n            The e-mail account does not exist at the organization this message was sent to.\n            <mx.example.org #5.1.1>\n",
            head="From: System Administrator <postmaster@example.org>\n",
        ),
        Outcome.FAILED,
        "5.1.1",
    ),
    "words alone, in German": (
        words(
            "Unzustellbar: Update, 1 item",
            f"Ihre Nachricht konnte nicht zugestellt werden.\n\n{RETURNED}",
            head="From: Postmaster <postmaster@example.org>\n",
        ),
        Outcome.FAILED,
        None,
    ),
    "words alone, for now": (
        words(
            "Returned mail: see transcript",
            f"421 4.3.2 system not accepting network messages; could not be delivered\n\n{RETURNED}",
        ),
        Outcome.DELAYED,
        "4.3.2",
    ),
}
"""What came, what it says, the code."""

HUMAN = "From: Dana <dana@example.org>\nTo: rivera@relay.example.org\n"
NONE: dict[str, bytes] = {
    "an answer": words("Re: Update, 1 item", f"My mail to the school could not be delivered (550 5.1.1).\n\nOn Friday Updates <{ID}@relay.example.org> wrote:\n> x\n", HUMAN),
    "out of office": words("Automatic reply: Update, 1 item", "I cannot be reached. Mail to my old address is undeliverable.", HUMAN, "Auto-Submitted: auto-replied\n"),
    "out of office, from a machine's name": words("Out of office: Update", "Your mail has been delayed; I am away.", "From: postmaster@example.org\n"),
    "a read receipt": (
        f'{HUMAN}Subject: Read: Update\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n'
        f"--b\nContent-Type: text/plain\n\nread\n--b\nContent-Type: message/disposition-notification\n\nOriginal-Message-ID: <{ID}@relay.example.org>\nDisposition: manual-action/MDN-sent-manually; displayed\n--b--\n"
    ).encode(),
    "a forged report of a person": words("Undelivered Mail Returned to Sender", f"It could not be delivered. 5.1.1\n\n{RETURNED}", "From: Mark <mark@example.net>\n"),
    "the ex, about a delay": words("Friday", "Pickup has been delayed to 7.", "From: Mark <mark@example.net>\n"),
    "nothing": b"",
    "noise": bytes(range(256)) * 40,
}  # fmt: skip
