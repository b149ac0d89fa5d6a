"""Answers of a parent's as mail programs, phones and bad luck write them, each with something that must not leave.

`{card}` stands for the Message-ID of the card that is answered. Everybody and everything in them is invented.
"""

from __future__ import annotations

import base64
import quopri
from dataclasses import dataclass

from gateway.demo.sample import PARENT_EMAIL, PARENT_PHONE, RELAY_EMAIL
from tests.attachments.samples import photo

SECRETS = (
    "Kowalski", PARENT_EMAIL, "dana.k.private", PARENT_PHONE[1:], "dana-laptop", "198.51.100.23", "192.168.7.42",
    "Elm Street", "Marigold Dental", "Pixel 9", "iPhone", "iPad", "Thunderbird", "Outlook", "K-9", "41.8790", "9F3A77D2C1",
    "ACDT", "+1030", "lake house", "Update from Mark", "@icloud", "Bearer-of-secrets", "SecretPhone", "LS0gCkRh",
)  # fmt: skip
"""What the other parent must not learn, in whatever form: name, addresses, machine, place, street, number, device, work."""
WORDS = "Six is fine."
CRLF = "\r\n"


@dataclass(frozen=True)
class Probe:
    """`raw`: the mail, or the words of a text. `words`: what must arrive, exactly; None: nothing may go."""

    name: str
    raw: bytes
    words: str | None = WORDS


def mail(
    *headers: str, body: str | bytes = WORDS, kind: str = "text/plain; charset=utf-8", encoding: str = "8bit"
) -> bytes:
    """A mail with these headers beside the usual ones, lines ended as on the wire."""
    head = [
        f"From: Dana Kowalski <{PARENT_EMAIL}>", f"To: {RELAY_EMAIL}", "Subject: Re: Update, 1 item",
        "Date: Fri, 27 Nov 2026 10:04:00 -0600", "Message-ID: <{unique}@dana-laptop.example.org>", "In-Reply-To: {card}",
        *headers, "MIME-Version: 1.0", f"Content-Type: {kind}", f"Content-Transfer-Encoding: {encoding}",
    ]  # fmt: skip
    named = {h.partition(":")[0].lower() for h in headers}
    kept = [h for n, h in enumerate(head) if n >= 6 or h.partition(":")[0].lower() not in named]
    data = body if isinstance(body, bytes) else body.replace("\n", CRLF).encode()
    return (CRLF.join(kept) + CRLF * 2).encode() + data


def parts(*inside: str | bytes, kind: str = "multipart/mixed", headers: tuple[str, ...] = ()) -> bytes:
    """A mail of several parts, each with its own headers."""
    out = b""
    for one in inside:
        out += b"--=edge=\r\n" + (one if isinstance(one, bytes) else one.replace("\n", CRLF).encode()) + b"\r\n"
    return mail(*headers, body=out + b"--=edge=--\r\n", kind=f'{kind}; boundary="=edge="', encoding="7bit")


PLAIN = f"Content-Type: text/plain; charset=utf-8\n\n{WORDS}\n"


def file(head: str, data: bytes = b"\x00\x01Kowalski") -> bytes:
    """A part that is a file."""
    lines = f"{head}\nContent-Transfer-Encoding: base64\n\n".replace("\n", CRLF).encode()
    return lines + base64.encodebytes(data).replace(b"\n", b"\r\n")


def page(html: str, plain: str | None = WORDS) -> bytes:
    """HTML, beside a plain text where one is given."""
    if plain is None:
        return mail(body=html, kind="text/html; charset=utf-8")
    rich = f"Content-Type: text/html; charset=utf-8\n\n{html}\n"
    return parts(f"Content-Type: text/plain; charset=utf-8\n\n{plain}\n", rich, kind="multipart/alternative")


def _header(name: str, value: str) -> Probe:
    return Probe(f"header {name}", mail(f"{name}: {value}"))


HEADERS = (
    _header("Received", "from dana-laptop (c-198-51-100-23.example.org [198.51.100.23]) by mx.example.org; Fri, 27 Nov 2026 10:04:01 -0600"),
    _header("X-Originating-IP", "[198.51.100.23]"),
    _header("User-Agent", "Mozilla Thunderbird 145.0 (dana-laptop)"),
    _header("X-Mailer", "iPhone Mail (23A341)"),
    _header("References", "<kowalski.1@dana-laptop.example.org> {card}"),
    _header("Thread-Topic", "Dana Kowalski, Marigold Dental"),
    _header("Thread-Index", base64.b64encode(b"\x01\xdcKowalski Elm Street").decode()),
    _header("Reply-To", "Dana Kowalski <dana.k.private@icloud.example.org>"),
    _header("Sender", "dana.k.private@icloud.example.org"),
    _header("Disposition-Notification-To", f"Dana Kowalski <{PARENT_EMAIL}>"),
    _header("Return-Receipt-To", f"<{PARENT_EMAIL}>"),
    _header("X-Confirm-Reading-To", f"<{PARENT_EMAIL}>"),
    _header("DKIM-Signature", "v=1; a=rsa-sha256; d=icloud.example.org; i=dana.k.private@icloud.example.org; s=1; h=from; bh=AA==; b=AA=="),
    _header("ARC-Authentication-Results", "i=1; mx.example.org; spf=pass smtp.mailfrom=dana.k.private@icloud.example.org smtp.client-ip=198.51.100.23"),
    _header("Authentication-Results", "mx.example.org; auth=pass smtp.auth=dana.k.private"),
    _header("List-Unsubscribe", f"<mailto:{PARENT_EMAIL}?subject=Kowalski>"),
    _header("Organization", "Marigold Dental, 12 Elm Street"),
    _header("Face", base64.b64encode(b"Kowalski" * 9).decode()),
    _header("Autocrypt", f"addr={PARENT_EMAIL}; keydata={base64.b64encode(b'Kowalski' * 9).decode()}"),
    _header("OpenPGP", "id=9F3A77D2C1; url=https://dana-laptop.example.org/key.asc"),
    _header("Resent-From", "Dana Kowalski <dana.k.private@icloud.example.org>"),
    _header("Cc", f"Dana Kowalski <{PARENT_EMAIL}>, ruth@example.org"),
    _header("Comments", "written at 12 Elm Street"),
    _header("X-Apple-Mail-Remote-Attachments", "YES; iPhone of Dana Kowalski"),
    Probe("the date's zone", mail("Date: Sat, 28 Nov 2026 02:34:00 +1030 (ACDT)")),
    Probe("the name in From", mail(f"From: =?utf-8?Q?Dana_Kowalski_=28Marigold_Dental=29?= <{PARENT_EMAIL}>")),
    Probe("a subject of the parent's own", mail("Subject: =?utf-8?B?" + base64.b64encode(b"Kowalski, 12 Elm Street").decode() + "?=")),
    Probe("folded and repeated headers", mail("X-Sender:\r\n dana-laptop\r\n 12 Elm Street", "X-Sender: Kowalski")),
)  # fmt: skip

ENCODED = (
    Probe("base64", mail(body=base64.encodebytes(f"{WORDS}\n-- \nDana Kowalski\n".encode()), encoding="base64")),
    Probe("quoted-printable", mail(body=quopri.encodestring(f"{WORDS}\n-- \nDana Kowalski\n".encode()), encoding="quoted-printable")),
    Probe("utf-16", mail(body=base64.encodebytes(f"{WORDS}\n-- \nDana Kowalski\n".encode("utf-16")), kind="text/plain; charset=utf-16", encoding="base64")),
    Probe("utf-7 and a false charset", mail(body=WORDS, kind='text/plain; charset=utf-7; x="Kowalski"')),
    Probe("format=flowed", mail(body="Six is \nfine.\n-- \nDana Kowalski\n", kind="text/plain; charset=utf-8; format=flowed; delsp=no")),
    Probe("a name in the type (RFC 2231)", mail(kind="text/plain; charset=utf-8; name*0*=utf-8''Dana%20Kow; name*1*=alski.txt")),
    Probe("file names (RFC 2047, RFC 2231)", parts(
        PLAIN,
        file("Content-Type: application/octet-stream; name=\"=?utf-8?B?" + base64.b64encode(b"Kowalski 12 Elm Street.bin").decode() + "?=\""),
        file("Content-Type: application/octet-stream\nContent-Disposition: attachment; filename*=utf-8''Kowalski%20Elm%20Street.bin"),
    )),
    Probe("no-break blanks and marks that no reader sees", mail(body="Six is\u200b fine.\u2060\u200d\u200c\n"), "Six is fine."),
    Probe("marks hidden as tags and variation signs", mail(body="Six is fine." + "".join(chr(0xE0000 + ord(c)) for c in "Kowalski") + "\ufe0f\U000e0101\U000e0102")),
    Probe("a preamble and an epilogue", mail(
        body=f"Kowalski, 12 Elm Street\n--=edge=\nContent-Type: text/plain\n\n{WORDS}\n--=edge=--\nsent by dana-laptop\n",
        kind='multipart/mixed; boundary="=edge="',
    )),
    Probe("uuencoded", mail(body=f"{WORDS}\n\nbegin 644 Kowalski.jpg\n%2V]W86P \n`\nend\n")),
)  # fmt: skip

HTML = (
    Probe("hidden text", page(f'<p>{WORDS}</p><div style="display:none">Dana Kowalski, 12 Elm Street</div><span hidden>dana-laptop</span>')),
    Probe("hidden text alone", page(f'<p>{WORDS}</p><p style="font-size:0;color:#fff">12 Elm Street</p><p style="visibility:hidden">Kowalski</p>', None)),
    Probe("comments, style, script and head", page(
        f"<html><head><title>Kowalski</title><meta name=author content='Dana Kowalski'><style>.kowalski{{content:'12 Elm Street'}}</style>"
        f"<script>var a='dana-laptop'</script></head><body><!-- Kowalski --><p>{WORDS}</p></body></html>", None)),
    Probe("conditional comments and office properties", page(
        f"<!--[if gte mso 9]><xml><o:DocumentProperties><o:Author>Dana Kowalski</o:Author><o:Company>Marigold Dental</o:Company>"
        f"</o:DocumentProperties></xml><![endif]--><p class=MsoNormal>{WORDS}<o:p></o:p></p><![if !mso]><o:p>&nbsp;</o:p><![endif]>", None)),
    Probe("alt, title and labels", page(
        f"<p title='Kowalski' aria-label='12 Elm Street' data-user='{PARENT_EMAIL}' id='kowalski'>{WORDS}</p><img src='cid:k@dana-laptop' alt='Dana Kowalski'>")),
    Probe("alt of the only picture", page(f"<p>{WORDS}</p><img alt='Dana Kowalski, 12 Elm Street' src='https://example.org/k.png'>", None)),
    Probe("a tracking pixel and links", page(
        f"<p>{WORDS}</p><img width=1 height=1 src='https://t.example.org/o?u=dana.k.private'><a href='mailto:{PARENT_EMAIL}'></a>", None)),
    Probe("data: and cid:", page(
        f"<p>{WORDS}</p><img src='data:image/png;base64,{base64.b64encode(b'Kowalski').decode()}'><img src='cid:kowalski'>", None)),
    Probe("a signature that Gmail marks", page(
        f"<div>{WORDS}</div><div class=gmail_signature>Dana Kowalski<br>Marigold Dental<br>12 Elm Street</div>", None)),
    Probe("a signature that Outlook marks", page(
        f"<div>{WORDS}</div><div id=Signature><p>Dana Kowalski</p><p>12 Elm Street</p></div>", None)),
    Probe("a signature that Thunderbird marks", page(f"<p>{WORDS}</p><pre class='moz-signature'>-- \nDana Kowalski\n12 Elm Street</pre>", None)),
    Probe("a signature that Apple Mail marks", page(
        f"<div>{WORDS}</div><div id=AppleMailSignature>Dana Kowalski<br>12 Elm Street</div><blockquote type=cite>Update from Mark</blockquote>", None)),
    Probe("a card that no program marks as quoted", page(f"<div>{WORDS}</div><div class='gmail_quote'>Update from Mark</div>", None), None),
    Probe("templates, forms and frames", page(
        f"<p>{WORDS}</p><template>Kowalski</template><audio>12 Elm Street</audio><input type=hidden value=Kowalski>"
        "<iframe srcdoc='dana-laptop'></iframe><object data='k'>Kowalski</object>", None)),
)  # fmt: skip

CARD = (
    "On Fri, Nov 27, 2026 at 10:00 AM Updates <"
    + RELAY_EMAIL
    + "> wrote:\n> Update from Mark\n> Open: https://x/card/Bearer-of-secrets\n"
)
HEAD = f"From: Updates <{RELAY_EMAIL}>\nSent: Friday, November 27, 2026 10:00 AM\nTo: Dana Kowalski <{PARENT_EMAIL}>\nSubject: Update, 1 item\n\nUpdate from Mark\n"

CLOSINGS = (
    Probe("the card quoted below", mail(body=f"{WORDS}\n\n{CARD}")),
    Probe("the card quoted above", mail(body=f"> Update from Mark\n> Open: https://x/card/Bearer-of-secrets\n\n{WORDS}\n")),
    Probe("the card as Outlook quotes it", mail(body=f"{WORDS}\n\n________________________________\n{HEAD}")),
    Probe("the card as an original message", mail(body=f"{WORDS}\n\n-----Original Message-----\n{HEAD}")),
    Probe("the card as a phone quotes it, in German", mail(body=f"{WORDS}\n\nAm 27.11.2026 um 10:00 schrieb Updates <{RELAY_EMAIL}>:\n\n> Update from Mark\n")),
    Probe("a signature under its mark", mail(body=f"{WORDS}\n\n-- \nDana Kowalski\nMarigold Dental\n12 Elm Street\n{PARENT_PHONE}\n")),
    Probe("a signature whose mark lost its blank", mail(body=f"{WORDS}\n--\nDana Kowalski | 12 Elm Street\n")),
    Probe("a signature without a mark", mail(body=f"{WORDS}\n\nDana Kowalski\nMarigold Dental\n12 Elm Street\n"), None),
    Probe("a greeting and a full name", mail(body=f"{WORDS}\n\nBest regards,\nDana Kowalski\nPhone: {PARENT_PHONE}\n"), None),
    *(
        Probe(f"the line of a device: {line}", mail(body=f"{WORDS}\n\n{line}\n"))
        for line in (
            "Sent from my iPhone", "Sent from my Pixel 9", "Get Outlook for iOS", "Envoyé de mon iPhone", "Von meinem iPhone gesendet",
            "Enviado desde mi iPhone", "Enviado do meu iPhone", "Inviato da iPhone", "Wysłane z iPhone'a", "Verstuurd vanaf mijn iPhone",
            "Skickat från min iPhone", "Sendt fra min iPhone", "Lähetetty iPhonesta", "Odesláno z iPhonu", "Отправлено с iPhone",
            "iPhoneから送信", "从我的 iPhone 发送", "나의 iPhone에서 보냄", "أرسلت من الـ iPhone", "נשלח מה-iPhone שלי",
            "Trimis de pe iPhone-ul meu", "iPhone'umdan gönderildi", "Στάλθηκε από το iPhone μου", "Sent from Yahoo Mail on Android",
            "Sent with Thunderbird for Android", "Sent from K-9 Mail", "Sent from Outlook for Android <https://aka.ms/AAb9ysg>",
            "Sent from my phone", "Sent from my Fairphone", "Sent from my OnePlus 12", "Sent from Mailspring (https://link.example.org/a)",
            "Sent from Mailspring", "Envoyé de mon téléphone", "Envoyé depuis mon appareil mobile",
            "Von meinem Fairphone gesendet", "Von meinem Telefon gesendet", "Enviado desde mi teléfono", "Enviado do meu telemóvel",
            "Wysłane z mojego telefonu", "Inviato dal mio cellulare", "Sent with [Canary](https://canary.example.org)",
            "Sent from my Fairphone\nPlease excuse my brevity.",
        )
    ),
    *(
        Probe(f"the line of {line!r}, named in the headers", mail(header, body=f"{WORDS}\n\n{line}\n"))
        for header, line in (
            ("X-Mailer: Evolution 3.50", "Sent with Evolution"), ("User-Agent: Vivaldi Mail/6", "Sent from Vivaldi"),
            ("Message-ID: <{unique}@getcanary.example.org>", "Envoyé avec Canary"), ("X-Nylas-Client: 1", "Wysłane z Nylas"),
        )
    ),
    *(
        Probe(f"words that only look like the line of a device: {line}", mail("X-Original-To: emma@example.org", body=f"{WORDS}\n\n{line}\n"), None)
        for line in (
            "Sent with Emma", "Sent from Chicago", "Sent from the school office", "Von meinem Vater gesendet", "Enviado desde mi casa",
            "Sent via WhatsApp", "Sent from my mother's on Friday", "Wysłane z poczty", "Sent with the forms, as you asked",
        )
    ),
    Probe("a line of a device and nothing else", mail(body="Sent from my Fairphone\n"), None),
)  # fmt: skip

FILES = (
    Probe("a contact card", parts(PLAIN, "Content-Type: text/vcard; charset=utf-8; name=Kowalski.vcf\n\nBEGIN:VCARD\nFN:Dana Kowalski\nADR:12 Elm Street\nEND:VCARD\n")),
    Probe("a contact card inline, without a name", parts(PLAIN, "Content-Type: text/x-vcard\nContent-Disposition: inline\n\nBEGIN:VCARD\nFN:Dana Kowalski\nEND:VCARD\n")),
    Probe("a text file inline", parts(PLAIN, "Content-Type: text/plain; name=notes.txt\nContent-Disposition: inline; filename=notes.txt\n\n12 Elm Street, Kowalski\n")),
    Probe("a picture with its place", parts(PLAIN, file('Content-Type: image/jpeg; name="Pixel 9 Elm Street.jpg"\nContent-Disposition: inline', photo()))),
    Probe("a picture named by the phone", parts(PLAIN, file('Content-Type: image/heic; name="iPhone Kowalski.HEIC"', b"\x00\x00\x00\x18ftypheicKowalski"))),
    Probe("a drawing with a text in it", parts(PLAIN, file('Content-Type: image/png; name="12 Elm Street.png"', b"\x89PNG\r\n\x1a\ntEXtAuthor\x00Dana Kowalski"))),
    Probe("a document with its author", parts(PLAIN, file('Content-Type: application/pdf; name="k.pdf"', b"%PDF-1.4\n1 0 obj<</Author(Dana Kowalski)>>endobj"))),
    Probe("winmail.dat", parts(PLAIN, file('Content-Type: application/ms-tnef; name="winmail.dat"', b"\x78\x9f\x3e\x22Kowalski dana-laptop"))),
    Probe("an OpenPGP signature", parts(
        PLAIN, 'Content-Type: application/pgp-signature; name="Kowalski.asc"\n\n-----BEGIN PGP SIGNATURE-----\nComment: dana-laptop 9F3A77D2C1\n\nAAAA\n-----END PGP SIGNATURE-----\n',
        kind='multipart/signed; micalg=pgp-sha256; protocol="application/pgp-signature"')),
    Probe("an S/MIME signature", parts(
        PLAIN, file('Content-Type: application/pkcs7-signature; name="smime.p7s"\nContent-Disposition: attachment; filename="smime.p7s"', b"0\x82Dana Kowalski dana.k.private@icloud.example.org"),
        kind='multipart/signed; micalg=sha-256; protocol="application/pkcs7-signature"')),
    Probe("armour inline", mail(body=(
        f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{WORDS}\n-----BEGIN PGP SIGNATURE-----\nVersion: dana-laptop 9F3A77D2C1\n\nAAAA\n-----END PGP SIGNATURE-----\n"))),
    Probe("the parent's public key", parts(PLAIN, "Content-Type: application/pgp-keys; name=9F3A77D2C1.asc\n\n-----BEGIN PGP PUBLIC KEY BLOCK-----\nKowalski\n")),
    Probe("another mail attached", parts(PLAIN, f"Content-Type: message/rfc822\n\nFrom: Dana Kowalski <{PARENT_EMAIL}>\nSubject: 12 Elm Street\n\nlake house\n")),
    Probe("an event beside the words", parts(PLAIN, f"Content-Type: text/calendar; charset=utf-8; method=PUBLISH\n\nBEGIN:VCALENDAR\nMETHOD:PUBLISH\nBEGIN:VEVENT\nSUMMARY:Kowalski\nLOCATION:12 Elm Street\nORGANIZER:mailto:{PARENT_EMAIL}\nEND:VEVENT\nEND:VCALENDAR\n")),
    Probe("an event as a file", parts(PLAIN, "Content-Type: text/calendar; name=Kowalski.ics\nContent-Disposition: attachment; filename=Kowalski.ics\n\nBEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:lake house\nEND:VEVENT\nEND:VCALENDAR\n")),
    Probe("the form for small screens", parts(PLAIN, f"Content-Type: text/x-amp-html\n\n<html amp4email><p>{WORDS} Dana Kowalski</p></html>\n", kind="multipart/alternative")),
    Probe("rich text", parts(PLAIN, "Content-Type: application/rtf; name=Kowalski.rtf\n\n{\\rtf1{\\info{\\author Dana Kowalski}}12 Elm Street}\n")),
)  # fmt: skip

REPORT = "multipart/report; report-type="
MACHINES = (
    Probe("out of office", mail("Auto-Submitted: auto-replied", body="I am at the lake house until Monday."), None),
    Probe("out of office, marked by its subject alone", mail("Subject: Automatic reply: Update, 1 item", body="I am at the lake house until Monday."), None),
    Probe("out of office in German", mail("Subject: Abwesenheitsnotiz: Update, 1 item", body="Bin bis Montag am lake house."), None),
    Probe("vacation with precedence bulk", mail("Precedence: bulk", "Subject: Out of office: Update", body="I am at the lake house."), None),
    Probe("a bounce", parts(
        "Content-Type: text/plain\n\nYour message could not be delivered to dana.k.private@icloud.example.org\n",
        f"Content-Type: message/delivery-status\n\nReporting-MTA: dns; dana-laptop\n\nFinal-Recipient: rfc822; {PARENT_EMAIL}\nAction: failed\nStatus: 5.1.1\n",
        kind=f"{REPORT}delivery-status"), None),
    Probe("a read receipt", parts(
        "Content-Type: text/plain\n\nYour message was read on Friday.\n",
        f"Content-Type: message/disposition-notification\n\nReporting-UA: dana-laptop; iPhone\nFinal-Recipient: rfc822;{PARENT_EMAIL}\nDisposition: manual-action/MDN-sent-manually; displayed\n",
        kind=f"{REPORT}disposition-notification"), None),
    Probe("an old read receipt of Outlook's", mail("Subject: Read: Update, 1 item", body=f"Your message\n\n   To: {PARENT_EMAIL}\n   Subject: Update\n\nwas read on 27.11.2026 10:04.\n"), None),
    Probe("an answer of a calendar", parts(
        PLAIN, f"Content-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nATTENDEE;CN=Dana Kowalski;PARTSTAT=ACCEPTED:mailto:{PARENT_EMAIL}\nSUMMARY:Accepted: pickup\nEND:VEVENT\nEND:VCALENDAR\n",
        kind="multipart/alternative"), None),
    Probe("a reaction", parts(PLAIN, 'Content-Type: text/vnd.google.email-reaction+json\n\n{"version": 1, "emoji": "\U0001f44d"}\n', "Content-Type: text/html\n\n<p>Dana Kowalski reacted via Gmail</p>\n", kind="multipart/alternative"), None),
    Probe("something sealed", mail(body=base64.encodebytes(b"0\x82Kowalski"), kind='application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"', encoding="base64"), None),
)  # fmt: skip

MAILS = (*HEADERS, *ENCODED, *HTML, *CLOSINGS, *FILES, *MACHINES)
TEXTS = (
    Probe("words alone", b"Six is fine."),
    Probe("the line of a device", b"Six is fine.\nSent from my iPhone"),
    Probe("the line of a device of any make", b"Six is fine.\nSent from my Fairphone 5"),
    Probe("words that only look like one", b"Six is fine.\nSent with Emma", None),
    Probe("a signature under its mark", b"Six is fine.\n-- \nDana Kowalski\n12 Elm Street"),
    Probe("marks that no reader sees", "Six is\u200b fine.\u2060".encode()),
    Probe("the text of a card quoted", b"Six is fine.\n> Update from Mark: pickup at 6"),
    Probe("a number of the parent's own", f"Six is fine. Call {PARENT_PHONE}".encode(), None),
    Probe("a picture along", b"Six is fine."),
)
"""Answers by text; the code of the card is put before the words."""
