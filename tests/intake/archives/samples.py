"""Invented archives of the sample family: Mark writes to Dana."""

from __future__ import annotations

from pathlib import Path

from gateway.demo.sample import EX_EMAIL, PARENT_EMAIL

LRM = "\u200e"
NNBSP = "\u202f"
THREAT = "I know where you park now. Keep this up and I will kill you."
FACT = "Emma's dentist appointment is Tuesday at 3:30."

IPHONE = f"""\ufeff[11/24/26, 7:40:05{NNBSP}PM] Mark: {LRM}Messages and calls are end-to-end encrypted.
[11/24/26, 7:40:05{NNBSP}PM] Mark: {FACT}
Bring her card.

And the blue folder: it is on my shelf
[11/24/26, 7:41:00{NNBSP}PM] Dana: ok
[11/24/26, 7:41:00{NNBSP}PM] Dana: ok
{LRM}[11/24/26, 7:42:10{NNBSP}PM] Mark: {LRM}<attached: 00000012-PHOTO-2026-11-24-19-42-10.jpg>
[11/25/26, 12:05:00{NNBSP}AM] Mark: {THREAT}
[11/25/26, 12:06:00{NNBSP}AM] Mark: {LRM}Missed voice call
"""
ANDROID = f"""24/11/2026, 19:40 - Messages and calls are end-to-end encrypted. Tap to learn more.
24/11/2026, 19:40 - Mark: {FACT}
Bring her card.

And the blue folder: it is on my shelf
24/11/2026, 19:41 - Dana: ok
24/11/2026, 19:41 - Dana: ok
24/11/2026, 19:42 - Mark: <Media omitted>
25/11/2026, 00:05 - Mark: {THREAT}
25/11/2026, 00:06 - Mark changed their phone number. Tap to message or add the new number.
"""
SMS_BACKUP = f"""<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>
<!--File Created By SMS Backup & Restore <sms address="1" date="1" type="1" body="not one"/> v10-->
<smses count="5" backup_date="1795600000000">
  <sms protocol="0" address="(500) 555-0003" date="1795549205000" type="1" body="{FACT.replace("'", "&apos;")} &#55357;&#56832;&#10;Bring her card &gt; now" read="1" contact_name="Mark" />
  <sms protocol="0" address="+15005550003" date="1795549260000" type="2" body="ok &lt;3 &#x1F44D;" contact_name="Mark" />
  <sms protocol="0" address="+15005550003" date="1795549300000" type="3" body="a draft that was never sent" contact_name="Mark" />
  <sms protocol="0" address="28777" date="1795549310000" type="1" body="Your code is 4711" contact_name="(Unknown)" />
  <mms date="1795549320000" msg_box="1" address="+15005550003" m_id="a1" sub="null" contact_name="Mark">
    <parts>
      <part seq="-1" ct="application/smil" text="&lt;smil/&gt;" />
      <part seq="0" ct="image/jpeg" name="null" cl="photo.jpg" data="/9j/4AAQ" />
      <part seq="0" ct="text/plain" name="null" text="look at her" />
    </parts>
    <addrs>
      <addr address="+15005550003" type="137" charset="106" />
      <addr address="insert-address-token" type="151" charset="106" />
    </addrs>
  </mms>
  <sms protocol="0" address="+15005550003" date="1795564800000" type="1" body="{THREAT}" contact_name="Mark" />
</smses>
"""
IMAZING = f"""Chat Session,Message Date,Delivered Date,Service,Type,Sender ID,Sender Name,Status,Subject,Text,Attachment
Mark Rivera,2026-11-24 19:40:05,,iMessage,Incoming,+15005550003,Mark Rivera,Read,,"{FACT}
Bring ""her"" card, please",
Mark Rivera,2026-11-24 19:41:00,,iMessage,Outgoing,,,Read,,ok,
Mark Rivera,2026-11-24 19:41:00,,iMessage,Outgoing,,,Read,,ok,
Mark Rivera,2026-11-24 19:42:10,,iMessage,Incoming,+15005550003,Mark Rivera,Read,,,IMG_0012.HEIC
Mark Rivera,2026-11-25 00:05:00,,iMessage,Incoming,+15005550003,Mark Rivera,Read,,{THREAT},
Bank,2026-11-25 09:00:00,,SMS,Incoming,28777,,Read,,Your code is 4711,
"""


def letter(number: int, text: str, *, sender: str = EX_EMAIL, to: str = PARENT_EMAIL, extra: str = "") -> str:
    """One mail."""
    return (
        f"From: Someone <{sender}>\nTo: {to}\nSubject: number {number}\n{extra}"
        f"Date: Tue, 24 Nov 2026 19:{number % 60:02}:00 -0600\nMessage-ID: <{number}@example.net>\n\n{text}\n"
    )


MBOX = (
    "From mark@example.net Wed Nov 25 01:40:05 2026\n"
    + letter(1, f"{FACT}\n\n>From now on she goes alone.\nFrom here it is not far", extra="Status: RO\n")
    + "\nFrom dana@example.org Wed Nov 25 01:41:05 2026\n"
    + letter(2, "ok", sender=PARENT_EMAIL, to=EX_EMAIL)
    + "\nFrom someone@example.com Wed Nov 25 01:42:05 2026\n"
    + letter(3, "Your parcel is on its way", sender="shop@example.com")
    + "\nFrom mark@example.net Wed Nov 25 01:43:05 2026\n"
    + letter(4, f"{THREAT}\n\nFrom the bottom of my heart, at last")
    + "\n"
)


def long_chat(count: int) -> str:
    """An Android chat of `count` messages, some of them alike, some over two lines."""
    lines = []
    for number in range(count):
        who = "Dana" if number % 4 == 3 else "Mark"
        text = "ok" if number % 10 == 3 else f"Pickup number {number} is at 5"
        lines.append(f"{13 + number // 200}/11/2026, {number // 20 % 24:02}:{number // 2 % 60:02} - {who}: {text}")
        lines += [f"and then line two of {number}"] if number % 7 == 0 else []
    return "\n".join(lines) + "\n"


def write(folder: Path, name: str, text: str) -> Path:
    """A file of the archive."""
    file = folder / name
    file.write_bytes(text.encode("utf8"))
    return file
