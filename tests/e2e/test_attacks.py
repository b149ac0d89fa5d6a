"""What a hostile sender tried, and what must come of it."""

import smtplib
from collections.abc import Iterator

import httpx
import pytest

import gateway.concluded
import gateway.worker
from gateway.demo.sample import EX_EMAIL, EX_PHONE, PARENT_EMAIL, RELAY_EMAIL, Sample
from gateway.errors import StoreError
from gateway.policy import Case, decide, load_rules
from gateway.tagging.spans import Span, Tagging
from tests.e2e.world import World, open_world

RULES = load_rules()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with open_world(tmp_path_factory.mktemp("attacks")) as opened:
        yield opened


def mail(world: World, text: str, subject: str = "", sender: str = EX_EMAIL, **headers: str) -> str:
    """Send, settle, and say which lane it took."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    world.send(Sample("attack", "email", text, subject, sender=sender, headers=names))
    world.settle()
    return world.lanes()[-1]


def shown(world: World) -> str:
    return str(world.cards()[-1].content["items"])


@pytest.mark.parametrize(
    "headers",
    [{"Auto_Submitted": "auto-replied"}, {"List_Id": "<x.example.net>", "List_Unsubscribe": "<mailto:x@example.net>"}],
)
def test_headers_of_a_machine_do_not_hide_a_fact(world: World, headers: dict[str, str]) -> None:
    before = len(world.cards())
    assert mail(world, "Emma's insulin dose changed to 6 units from Friday.\n", **headers) == "unsorted"
    assert len(world.cards()) == before + 1


def test_a_threat_in_a_false_quotation_waits_for_a_look(world: World) -> None:
    text = "ok\n\nOn Mon, Nov 23, 2026 at 9:00 AM Dana <dana@example.org> wrote:\n> I will kill you tonight\n"
    assert mail(world, text) in ("unsorted", "danger")


def test_a_fact_in_a_false_quotation_waits_for_a_look(world: World) -> None:
    mail(world, "Can you take Noah on Sunday?\n", sender=PARENT_EMAIL)
    text = (
        "ok\n\nOn Mon, Nov 23, 2026 at 9:00 AM Dana <dana@example.org> wrote:\n> Emma's new inhaler is 2 puffs at 8pm\n"
    )
    mail(world, text)
    assert "One step shows" in str(world.cards()[-1].content["notes"])
    assert "inhaler" not in shown(world)


def test_a_true_quotation_of_the_co_parents_own_words_is_not_doubted(world: World) -> None:
    assert mail(world, "Emma's dentist appointment is Tuesday at 3:30 on Main Street.\n") == "facts"
    text = "And bring her insurance card on Tuesday.\n\nOn Mon, Nov 23, 2026 at 9:00 AM Mark wrote:\n"
    assert mail(world, text + "> Emma's dentist appointment is Tuesday at 3:30 on Main Street.\n") == "facts"


def text(world: World, words: str) -> str:
    world.send(Sample("attack", "sms", words, sender=EX_PHONE))
    world.settle()
    return world.lanes()[-1]


def test_a_reaction_to_words_that_were_never_sent_waits_for_a_look(world: World) -> None:
    mail(world, "Did you get the form for the nursery?\n", sender=PARENT_EMAIL)
    assert text(world, "Emma has swimming at 4 on Thursday") == "facts"
    before = len(world.cards())
    text(world, "Loved “Emma has swimming at 4 on Thursday”")
    assert len(world.cards()) == before
    assert text(world, "Loved “Noah's epipen is in the blue bag, use it if he swells up”") == "unsorted"
    assert len(world.cards()) == before + 1


def test_a_fact_in_the_subject_alone_makes_a_card(world: World) -> None:
    assert mail(world, "You are pathetic.\n", "Emma's dentist appointment is Tuesday at 3:30") != "withheld"
    assert "pathetic" not in shown(world)


def test_a_forged_parent_cannot_mute_a_threat(world: World) -> None:
    assert mail(world, "I will kill you tonight.\n", sender=PARENT_EMAIL) == "danger"


def test_a_name_called_is_cut_out_of_a_fact() -> None:
    for tail in (" you whore.", ", dumbass", " you w\u200bh\u200bo\u200br\u200be."):
        text = "Emma's dentist is Tuesday at 3:30" + tail
        made = decide(Case(text, Tagging((Span(0, len(text), "F:medical", 0.99, fact=0.99),))), RULES)
        out = [text[c.span.start : c.span.end] for c in made.choices if c.action == "forward"]
        assert "".join(out).startswith("Emma's dentist is Tuesday at 3:30")
        assert len("".join(out)) <= len("Emma's dentist is Tuesday at 3:30") + 1


def test_a_link_stays_out_of_the_card() -> None:
    text = "Emma's form is at www.tracker.example/f and due Friday"
    made = decide(Case(text, Tagging((Span(0, len(text), "F:documents", 0.99, fact=0.99),))), RULES)
    assert [(text[c.span.start : c.span.end], str(c.action)) for c in made.choices][1] == (
        "www.tracker.example/f",
        "hold",
    )


def test_a_very_long_message_waits_for_a_look_and_stops_nobody(world: World) -> None:
    text = "You always make it hard! Emma has soccer at 5 on Friday.\n" * 3500 + "I will kill you.\n"
    assert mail(world, text) == "danger"
    assert mail(world, "Noah's recital is at 2 on Sunday.\n") == "facts"


def test_a_line_of_five_megabytes_is_kept(world: World) -> None:
    host, _, port = world.settings.server.smtp_listen.rpartition(":")
    with smtplib.SMTP(host, int(port), timeout=30) as client:
        client.ehlo()
        client.mail(EX_EMAIL)
        client.rcpt(RELAY_EMAIL)
        code, _ = client.data(b"Subject: x\r\n\r\n" + b"y" * 5_000_000 + b"\r\n")
    assert code == 250
    world.settle()


def test_the_original_shows_the_subject_too(world: World) -> None:
    assert mail(world, "see above\n", "I will kill you") == "danger"
    page = httpx.post(f"{world.settings.server.public_url}/card/{world.cards()[-1].token}/original")
    assert "I will kill you" in page.text


def test_a_fault_in_composing_sets_one_message_aside_and_the_next_comes(world: World, monkeypatch) -> None:
    whole = gateway.concluded.letter
    calls = []

    def broken(*arguments, **options):
        calls.append(1)
        if len(calls) == 1:
            raise ZeroDivisionError
        return whole(*arguments, **options)

    monkeypatch.setattr(gateway.concluded, "letter", broken)
    assert mail(world, "Emma has piano at 4 on Friday.\n") == "unsorted"
    assert mail(world, "Emma has drums at 4 on Friday.\n") == "facts"


def test_a_message_that_breaks_the_parser_is_announced_and_a_threat_in_it_alarms(world: World, monkeypatch) -> None:
    def broken(channel: str, raw: bytes) -> None:
        raise RecursionError

    monkeypatch.setattr(gateway.worker, "parse_kept", broken)
    assert mail(world, "I will kill you.\n") == "danger"
    assert mail(world, "Pickup at 6.\n") == "unsorted"
    page = httpx.post(f"{world.settings.server.public_url}/card/{world.cards()[-1].token}/original")
    assert "Pickup at 6." in page.text


def test_a_busy_database_does_not_count_against_a_message(world: World, monkeypatch) -> None:
    whole = gateway.worker.write
    calls = []

    def busy(*arguments, **options):
        calls.append(1)
        if len(calls) <= 7:
            raise StoreError("busy")
        return whole(*arguments, **options)

    monkeypatch.setattr(gateway.worker, "write", busy)
    world.send(Sample("busy", "sms", "Noah's swim bag is at school, pickup 3:15 Monday", sender=EX_PHONE))
    world.settle(40)
    assert world.lanes()[-1] == "facts"
