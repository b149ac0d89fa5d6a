"""The main job over real sockets: what comes in, what goes out, and that nothing else does."""

import re
from collections.abc import Iterator

import httpx
import pytest

from gateway.delivery.return_path import untagged
from gateway.demo.run import mail_of
from gateway.demo.sample import (
    EX_EMAIL,
    EX_PHONE,
    PARENT_EMAIL,
    PARENT_PHONE,
    RELAY_EMAIL,
    RELAY_PHONE,
    SAFETY_EMAIL,
    SAMPLES,
    Sample,
)
from gateway.ledger import entries, verify
from gateway.web.app import LONGEST_PART
from tests.e2e.world import World, open_world, wait_until


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """All samples, brought once and settled."""
    with open_world(tmp_path_factory.mktemp("world")) as opened:
        for sample in SAMPLES:
            opened.send(sample)
        opened.settle()
        yield opened


def test_every_message_takes_its_lane(world: World) -> None:
    expected = "facts facts facts withheld withheld danger emergency legal unsorted unsorted withheld facts"
    assert world.lanes() == expected.split()


def test_facts_come_in_the_exact_words(world: World) -> None:
    said = [item["text"] for card in world.cards() for item in card.content["items"]]
    assert "Pickup is at 6 pm on Friday at the library." in said
    assert "Emma's dentist appointment is Tuesday at 3:30." in said
    texts = {sample.text for sample in SAMPLES}
    titles = {sample.subject for sample in SAMPLES}
    for words in said:
        assert any(words in text for text in texts | titles), words


def test_no_hook_gets_through(world: World) -> None:
    everything = outgoing(world).lower()
    for hook in (
        "pathetic",
        "put up with you",
        "miss us",
        "blue mug",
        "so hard",
        "still be a family",
        "kill you",
        "park now",
    ):
        assert hook not in everything


def test_the_quoted_old_mail_is_not_forwarded_again(world: World) -> None:
    assert "instead of 6" not in outgoing(world)


def test_alarm_is_neutral_and_reaches_the_safety_contact(world: World) -> None:
    (alarm,) = world.mails(SAFETY_EMAIL)
    assert alarm["Subject"] == "Please read now"
    words = alarm.get_body(("plain",)).get_content()
    first, second, third = words.strip().splitlines()
    assert first == "Please check on Dana soon. Something came that may need you. You agreed to get this note."
    url = world.settings.server.public_url
    assert second.startswith(f"When you have read this, tap here: {url}/alarm/")
    assert third.startswith(f"or answer OK. This is not an emergency service. Numbers: {url}/numbers/")
    assert any(t["Body"].startswith("Please read now: http") for t in world.carrier.sent)


def test_only_the_other_parent_is_answered_through_the_relay(world: World) -> None:
    """A card of a lawyer or a stranger names no code and no way to answer: the words would go to nobody."""
    texts = [t["Body"] for t in world.carrier.sent if t["To"] == PARENT_PHONE]
    codes = {words.split(":")[0]: "\nAnswer: " in words for words in texts}
    assert codes["Update from Mark"]
    assert codes["Unsorted message from Mark"]
    assert not codes["Legal mail from Ms Okafor"]
    assert not codes["Unsorted message from someone not on your list"]
    said = [mail.get_body(("plain",)).get_content() for mail in world.mails()]
    theirs = {words.splitlines()[0]: "You can answer this mail" in words for words in said}
    assert theirs["Update from Mark"]
    assert not theirs["Legal mail from Ms Okafor"]
    assert not theirs["A message from Mark needs your attention"]


def test_a_page_shows_the_message_first_then_the_button_then_the_box(world: World) -> None:
    for card in world.cards():
        page = httpx.get(f"{world.settings.server.public_url}/card/{card.token}").text
        parts = ['class="item"', "I have read this", "Numbers for help", "Show the whole message", "Your words to Mark"]
        if card.lane in ("danger", "unsorted"):
            parts.remove('class="item"')  # nothing of it is quoted
        found = [page.index(part) for part in parts if part in page]
        assert found == sorted(found), card.lane


def test_every_card_goes_out_once_by_each_channel(world: World) -> None:
    cards = len(world.cards())
    assert len(world.mails()) == cards
    assert len([t for t in world.carrier.sent if t["To"] == PARENT_PHONE]) == cards
    assert len({m["Message-ID"] for m in world.mails()}) == cards


def test_nothing_is_ever_sent_to_the_ex_or_a_stranger(world: World) -> None:
    addresses = {to for _, tos, _ in world.mailbox.received for to in tos} | {t["To"] for t in world.carrier.sent}
    assert addresses == {PARENT_EMAIL, PARENT_PHONE, SAFETY_EMAIL}


def test_headers_are_ours_alone(world: World) -> None:
    allowed = {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress", "X-Loop",
               "MIME-Version", "Content-Type", "Content-Transfer-Encoding"}  # fmt: skip
    for mail in world.mails():
        assert set(mail.keys()) <= allowed
        assert mail["From"] == f"Updates <{RELAY_EMAIL}>"
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail["Subject"] in {"Update, 1 item", "Update, 2 items", "Update, 1 document", "Please read now"}
    paths = [untagged(sender) for sender, _, _ in world.mailbox.received]
    assert {path and path[0] for path in paths} == {RELAY_EMAIL}
    assert len({path and path[1] for path in paths}) == len(paths)


def test_no_byte_of_the_other_side_but_words_reaches_the_parent(world: World) -> None:
    everything = outgoing(world)
    for theirs in (EX_EMAIL, EX_PHONE, "mark@", "tracker.example.net", "<img", "Received:", "Reply-To", "References:",
                   "In-Reply-To", "okafor-law", "sunny77"):  # fmt: skip
        assert theirs not in everything, theirs
    for mail in world.mails():
        html = mail.get_body(("html",)).get_content()
        links = re.findall(r'(?:href|src|action)\s*=\s*"([^"]*)"', html)
        ours = tuple(f"{world.settings.server.public_url}/{page}/" for page in ("card", "alarm", "numbers"))
        assert all(link.startswith(ours) for link in links)
        assert not re.search(r"<(?:img|script|iframe|link|object|form)", html)


def test_nothing_that_the_ex_can_see_names_the_parent(world: World) -> None:
    """What the ex sees: SMTP answers and HTTP answers."""
    seen = [world.send(sample) for sample in SAMPLES[:2]]
    url = f"{world.settings.server.public_url}/sms/incoming"
    answer = httpx.post(url, content="From=x", headers={"X-Twilio-Signature": "x"})
    seen += [answer.text, str(answer.headers)]
    world.settle()
    for text in seen:
        assert not re.search(r"dana|\+15005550002|example\.org", text, re.IGNORECASE)


def test_the_log_tells_the_story_and_verifies(world: World) -> None:
    with world.store.read() as session:
        assert verify(entries(session))["rivera"] == len(world.log())
    kinds = {entry.kind for entry in world.log()}
    assert {"settings changed", "received", "decided", "card sent", "alarm", "alarm sent"} <= kinds
    words = str([dict(e.body) for e in world.log()])
    for private in ("dentist", "kill", PARENT_EMAIL, EX_EMAIL, EX_PHONE):
        assert private not in words


def test_the_original_is_a_deliberate_step_away_and_the_step_is_logged(world: World) -> None:
    (danger,) = [c for c in world.cards() if c.lane == "danger"]
    page = f"{world.settings.server.public_url}/card/{danger.token}"
    shown = httpx.get(page)
    assert shown.status_code == 200
    assert "kill you" not in shown.text
    assert "no-store" in shown.headers["cache-control"]
    before = len([e for e in world.log() if e.kind == "original opened"])
    opened = httpx.post(page + "/original")
    assert "I know where you park now. Keep this up and I will kill you." in opened.text
    assert len([e for e in world.log() if e.kind == "original opened"]) == before + 1
    assert httpx.get(page + "/original").status_code == 405


@pytest.mark.parametrize("token", ["x", "A" * 43, "../../etc/passwd", "%00", "A" * 5000])
def test_a_guessed_link_leads_nowhere(world: World, token: str) -> None:
    answer = httpx.get(f"{world.settings.server.public_url}/card/{token}")
    assert answer.status_code == 404
    if len(token) > LONGEST_PART:
        assert answer.text == "There is nothing at this address."
    elif "/" not in token:
        assert '<html lang="en">' in answer.text
        assert "This link does not lead anywhere." in answer.text


def test_the_parents_own_mail_is_kept_and_not_sent_on(world: World) -> None:
    before = len(world.mailbox.received)
    world.send(Sample("own", "email", "Please tell him 6 is fine.\n", "Re: Friday", sender=PARENT_EMAIL, name="Dana"))
    world.settle()
    new = world.mailbox.received[before:]
    assert not any(EX_EMAIL in tos for _, tos, _ in new)
    told = [t["Body"] for t in world.carrier.sent if t["To"] == PARENT_PHONE]
    assert any("was kept and not sent on" in words for words in told)


def test_the_same_bytes_twice_make_one_card(world: World) -> None:
    import smtplib

    raw = mail_of(Sample("twice", "email", "Noah's swimming is at 4 on Monday.\n", "Monday")).as_bytes()
    before = len(world.cards())
    host, _, port = world.settings.server.smtp_listen.rpartition(":")
    for _ in range(2):
        with smtplib.SMTP(host, int(port)) as client:
            client.sendmail(EX_EMAIL, [RELAY_EMAIL], raw)
    world.settle()
    assert len(world.cards()) == before + 1
    assert [e.body.get("why") for e in world.log() if e.kind == "decided"][-1] == "the same bytes came before"


def test_a_refusing_mail_host_is_asked_again_and_a_dead_address_told_otherwise(tmp_path) -> None:
    with open_world(tmp_path) as world:
        world.mailbox.answers[:] = ["550 5.1.1 no such user"]
        world.send(SAMPLES[0])
        world.settle()
        assert [e.kind for e in world.log() if e.kind == "delivery failed"] == ["delivery failed"]
        words = "An update could not be delivered the usual way. Open: http"
        wait_until(lambda: any(t["Body"].startswith(words) for t in world.carrier.sent), 20)
        assert all(t["From"] == RELAY_PHONE for t in world.carrier.sent)


def test_a_temporary_refusal_is_delayed_and_logged(tmp_path) -> None:
    with open_world(tmp_path) as world:
        world.mailbox.answers[:] = ["451 4.3.0 later"]
        world.send(SAMPLES[0])
        wait_until(lambda: any(e.kind == "delivery delayed" for e in world.log()), 20)
        (entry,) = [e for e in world.log() if e.kind == "delivery delayed"]
        assert entry.body["why"] == "the smart host asks to wait (451)"
        assert world.mailbox.received == []


def outgoing(world: World) -> str:
    """Every byte that left, decoded bodies and raw."""
    parts = [raw.decode("utf8", "replace") for _, _, raw in world.mailbox.received]
    for _, _, raw in world.mailbox.received:
        from email import message_from_bytes, policy

        mail = message_from_bytes(raw, policy=policy.default)
        parts += [part.get_content() for part in mail.walk() if not part.is_multipart()]
    return "\n".join(parts + [str(t) for t in world.carrier.sent])
