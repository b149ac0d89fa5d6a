"""The page of what the demo's family got."""

from gateway.demo.carriers import Carrier, Mailbox
from gateway.demo.mailbox import mailbox_page
from gateway.demo.sample import PARENT_EMAIL, PARENT_PHONE, SAFETY_EMAIL

MAIL = (
    b"Subject: Update, 1 item\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    b'<html><head>\n<title>x</title></head><body><a href="http://127.0.0.1:1/card/x">Open this update</a></body></html>'
)
NOTE = b"Subject: Please read now\r\nContent-Type: text/plain\r\n\r\ntap here: http://127.0.0.1:1/alarm/y\r\n"


def test_links_open_beside_the_mailbox_since_no_page_of_ours_stands_in_a_frame() -> None:
    mailbox, carrier = Mailbox(), Carrier()
    mailbox.received += [("", [PARENT_EMAIL], MAIL), ("", [SAFETY_EMAIL], NOTE)]
    carrier.sent.append({"To": PARENT_PHONE, "Body": "More: http://127.0.0.1:1/card/z <b>"})
    page = mailbox_page(mailbox, carrier)
    assert "&lt;base target=&#34;_blank&#34;&gt;" in page
    assert "allow-popups-to-escape-sandbox" in page
    assert '<a href="http://127.0.0.1:1/card/z" rel="noopener" target="_blank">' in page
    assert "&lt;b&gt;" in page
    assert page.index("What Ruth, the safety contact, gets") < page.index("http://127.0.0.1:1/alarm/y")
