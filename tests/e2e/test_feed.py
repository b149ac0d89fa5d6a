"""The private calendar over real sockets: read by a program's own parser, revoked, renewed, and nobody else's."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import icalendar
import pytest

from gateway import feeds
from gateway.demo.sample import EX_PHONE, Sample, family
from gateway.family import Family
from tests.e2e.world import World, open_world, wait_until
from tests.record.sample import toml

NOON, SIX = datetime(2026, 11, 26, 18, 0, tzinfo=UTC), datetime(2026, 11, 27, 0, 0, tzinfo=UTC)
SAMPLES = (
    Sample(
        "dentist",
        "email",
        "You always make everything so hard. Emma's dentist appointment is on 8 December at 3:30.\n",
        "Dentist",
    ),
    Sample("soccer", "sms", "Noah has soccer at 10 on 12 December", sender=EX_PHONE),
    Sample("insult", "sms", "you are pathetic, see you on 24 December at 5", sender=EX_PHONE),
)


def address(world: World, token: str) -> str:
    return f"{world.settings.server.public_url}/dates/{token}.ics"


def make(world: World) -> str:
    with world.store.write() as session:
        return feeds.new(session, world.settings.families[0], datetime.now(UTC))


def events(link: str) -> list[icalendar.Event]:
    answer = httpx.get(link)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    read = icalendar.Calendar.from_ical(answer.content)
    assert not read.errors
    assert read["VERSION"] == "2.0"
    return sorted(read.walk("VEVENT"), key=lambda event: str(event["SUMMARY"]))


@pytest.mark.parametrize("words", ["neutral", "words"])
def test_what_was_shown_is_listed_and_nothing_else(tmp_path: Path, words: str) -> None:
    now = [NOON]
    one = Family.model_validate(family() | {"deliver": ["18:00"], "calendar": words})
    with open_world(tmp_path, clock=lambda: now[0], families=(one,)) as world:
        link = address(world, make(world))
        assert events(link) == []  # a calendar with nothing in it can be read too
        for sample in SAMPLES:
            world.send(sample)
        wait_until(lambda: len(world.lanes()) == 3, 30)
        assert events(link) == []  # what waits for its hour is not told before
        now[0] = SIX
        world.settle()
        dentist, soccer = events(link)
        said = {str(e["DESCRIPTION"]) for e in (dentist, soccer)}
        assert said == {"Emma's dentist appointment is on 8 December at 3:30.", "Noah has soccer at 10 on 12 December"}
        assert dentist["DTSTART"].dt == datetime(2026, 12, 8, 21, 30, tzinfo=UTC)
        assert dentist["DTSTAMP"].dt == NOON
        neutral = "dentist" not in str(dentist["SUMMARY"])
        assert neutral is (words == "neutral")
        whole = httpx.get(link).text
        assert "pathetic" not in whole
        assert "hard" not in whole
        assert "Mark" not in whole + link
        assert "mark" not in link.rpartition("/")[0]
        names = [str(e["UID"]) for e in (dentist, soccer)]
        assert names == [str(e["UID"]) for e in events(link)]
        (digest,) = world.mails()
        (file,) = digest.iter_attachments()
        attached = icalendar.Calendar.from_ical(file.get_content())
        assert {str(e["UID"]) for e in attached.walk("VEVENT")} == set(names)


def test_wrong_revoked_and_renewed_addresses(tmp_path: Path) -> None:
    with open_world(tmp_path) as world:
        one = world.settings.families[0]
        for token in ("A" * 43, "x", "A" * 44, "../card"):
            assert httpx.get(address(world, token)).status_code == 404
        old = make(world)
        assert httpx.get(address(world, old)).status_code == 200
        fresh = make(world)
        assert httpx.get(address(world, old)).status_code == 404
        assert httpx.get(address(world, fresh)).status_code == 200
        with world.store.write() as session:
            assert feeds.revoke(session, one, datetime.now(UTC))
            assert not feeds.revoke(session, one, datetime.now(UTC))
        gone = httpx.get(address(world, fresh))
        assert (gone.status_code, gone.headers["cache-control"]) == (404, "no-store")
        assert gone.text == httpx.get(address(world, "B" * 43)).text
        kinds = [e.kind for e in world.log() if e.kind.startswith("calendar")]
        assert kinds == [feeds.MADE, feeds.REVOKED, feeds.MADE, feeds.REVOKED]
        assert fresh not in str([e.body for e in world.log()])


def test_no_calendar_where_the_family_wants_none(tmp_path: Path) -> None:
    off = Family.model_validate(family() | {"calendar": "off"})
    with open_world(tmp_path, families=(off,)) as world:
        assert httpx.get(address(world, make(world))).status_code == 404


def test_the_command_makes_and_revokes(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "breakwater.toml").write_text('[server]\npublic_url = "https://relay.example.org"\n\n' + toml(family()))

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        start = "from gateway.cli import main; main()"
        command = [sys.executable, "-c", start, "feed", *arguments, "--dir", str(tmp_path)]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    made = run("new")
    assert made.returncode == 0, made.stderr
    link = made.stdout.splitlines()[0]
    assert link.startswith("https://relay.example.org/dates/")
    assert link.endswith(".ics")
    assert run("revoke").stdout == "Revoked.\n"
    assert run("revoke").stdout == "There was no address to revoke.\n"
    wrong = run("new", "--family", "nobody")
    assert wrong.returncode == 2
    assert "should be one of rivera" in wrong.stderr


def test_times_on_both_sides_of_a_clock_change(tmp_path: Path) -> None:
    now = [datetime(2026, 10, 20, 18, 0, tzinfo=UTC)]
    with open_world(tmp_path, clock=lambda: now[0]) as world:
        link = address(world, make(world))
        world.send(Sample("a", "sms", "Noah has soccer at 10 on 31 October", sender=EX_PHONE))
        world.send(Sample("b", "sms", "Emma has soccer at 10 on 2 November", sender=EX_PHONE))
        world.settle()
        found = {e["DTSTART"].dt for e in events(link)}
        assert found == {datetime(2026, 10, 31, 15, 0, tzinfo=UTC), datetime(2026, 11, 2, 16, 0, tzinfo=UTC)}
        now[0] += timedelta(days=500)
        assert events(link) == []
