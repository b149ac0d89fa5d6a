"""Calendar files: read back line by line, in zones over clock changes; nothing that rings, answers or quotes."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.attachments.calendars import rewritten
from gateway.delivery.calendar import Event, calendar, events, feed
from tests.delivery.sample import CARDS, CLEATS, DENTIST, SOCCER, ZONE, card, item, link

MADE = datetime(2026, 11, 26, 18, 0, tzinfo=UTC)


def read(file: str) -> list[dict[str, str]]:
    """The events of a file, by RFC 5545 sections 3.1 (folding), 3.3.11 (escapes) and 3.6.1."""
    assert file.endswith("\r\n")
    assert not re.search(r"[^\r]\n|\r[^\n]", file)
    assert all(len(line.encode()) <= 75 for line in file.split("\r\n"))
    lines = file.replace("\r\n ", "").split("\r\n")[:-1]
    assert lines[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"]
    assert lines[-1] == "END:VCALENDAR"
    found: list[dict[str, str]] = []
    for line in lines:
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            found.append({})
        elif found:
            unescaped = re.sub(r"\\(.)", lambda m: "\n" if m[1] in "nN" else m[1], value, flags=re.DOTALL)
            found[-1].setdefault(name, unescaped)
    return found


def made(*cards, words="neutral", zone: str = ZONE) -> list[dict[str, str]]:
    found = [event for number, one in enumerate(cards) for event in events(one, link(number), words=words)]
    return read(calendar(found, zone, MADE) or "")


def test_what_has_a_date_is_an_event_in_neutral_words() -> None:
    dentist, pickup = made(card(DENTIST, CLEATS), card(item("party on friday", "Birthday", "Noah", "2026-11-27")))
    assert (dentist["SUMMARY"], dentist["LOCATION"]) == ("Emma: Medical, Dr Lee", "Dr Lee")
    assert dentist["DTSTART"] == "20261201T213000Z"
    assert dentist["DTSTAMP"] == "20261126T180000Z"
    assert pickup["DTSTART;VALUE=DATE"] == "20261127"
    file = calendar([e for n, c in enumerate(CARDS) for e in events(c, link(n), words="neutral")], ZONE, MADE) or ""
    assert not re.search(r"dentist|Mark|soccer|ORGANIZER|ATTENDEE|VALARM|URL|relay", file)


def test_by_when_an_answer_is_wanted_is_an_event_too() -> None:
    (answer,) = made(card(SOCCER))
    assert (answer["SUMMARY"], answer["DTSTART;VALUE=DATE"]) == ("Answer by: Noah: Schedule", "20261127")


@pytest.mark.parametrize(
    ("when", "zone", "start"),
    [
        ("0001-01-01T00:30", "Europe/Berlin", None),  # a moment before the first year in UTC
        ("9999-12-31T23:30", "America/Chicago", None),  # and one after the last
        ("0001-01-01T00:30", "America/Chicago", "00010101T062036Z"),  # the sun's time there, before there were zones
        ("9999-12-31T23:30", "Europe/Berlin", "99991231T223000Z"),
    ],
)
def test_a_time_that_no_calendar_can_hold_is_left_out_and_the_others_stay(
    when: str, zone: str, start: str | None
) -> None:
    odd, good = card(item("the first of all dates", "School", "Emma", when)), card(DENTIST)
    assert [event.get("DTSTART") for event in made(odd, good, zone=zone)][:-1] == ([start] if start else [])
    assert made(odd, good, zone=zone)[-1]["SUMMARY"] == "Emma: Medical, Dr Lee"
    alone = events(odd, link(1), words="neutral")
    assert (calendar(alone, zone, MADE) is None) is (start is None)
    assert ("VTIMEZONE" in feed(alone, zone)) is (start is None)


def test_a_day_has_eight_digits_in_every_year() -> None:
    (early,) = made(card(item("the year of the oldest tree", "School", "Noah", "0033-04-03")))
    assert early["DTSTART;VALUE=DATE"] == "00330403"


def test_words_stand_in_it_only_where_they_were_chosen() -> None:
    assert made(card(DENTIST), words="words")[0]["DESCRIPTION"] == DENTIST.text
    assert events(card(DENTIST), link(1), words="off") == ()
    assert calendar((), ZONE, MADE) is None
    assert calendar(events(card(CLEATS), link(1), words="words"), ZONE, MADE) is None


@pytest.mark.parametrize(
    ("when", "zone", "start"),
    [
        ("2026-03-07T18:00", ZONE, "20260308T000000Z"),
        ("2026-03-08T18:00", ZONE, "20260308T230000Z"),
        ("2026-10-31T18:00", ZONE, "20261031T230000Z"),
        ("2026-11-01T18:00", ZONE, "20261102T000000Z"),
        ("2026-10-25T09:00", "Europe/London", "20261025T090000Z"),
        ("2026-06-01T09:00", "Asia/Kolkata", "20260601T033000Z"),
    ],
)
def test_local_times_over_the_clock_changes(when: str, zone: str, start: str) -> None:
    assert made(card(item("x", when=when)), zone=zone)[0]["DTSTART"] == start


def test_the_same_fact_keeps_its_name() -> None:
    alone = made(card(DENTIST))[0]["UID"]
    assert alone == made(card(DENTIST), card(SOCCER))[0]["UID"]
    several = [e["UID"] for e in made(card(DENTIST, item("y", when="2026-12-02"), SOCCER), card(DENTIST))]
    assert len(set(several)) == len(several) == 4
    assert link(0)[-43:] not in "".join(several)


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_words_come_back_as_they_were(summary: str, words: str) -> None:
    file = calendar([Event("a@b", "2026-12-01", summary, None, words or None)], ZONE, MADE)
    (event,) = read(file or "")

    def kept(said: str) -> str:
        lines = said.replace("\r\n", "\n").replace("\r", "")
        return "".join(c for c in lines if c in "\n\t" or c.isprintable() or ord(c) > 0x9F)

    assert event["SUMMARY"] == kept(summary)
    assert event.get("DESCRIPTION", "") == kept(words)


def test_our_own_reader_of_calendars_takes_it() -> None:
    file = calendar(events(card(DENTIST), link(1), words="words"), ZONE, MADE) or ""
    assert b"DTSTART:20261201T213000Z" in rewritten(file.encode())
